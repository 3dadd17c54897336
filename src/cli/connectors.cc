#include "cli/connectors.h"

#include "connector/iceberg/connector.h"
#include "connector/kafka/connector.h"

namespace flare::cli {

connector::Registry Connectors() {
  connector::Registry registry;
  registry.Add(connector::kafka::MakeKafkaConnector());
  registry.Add(connector::iceberg::MakeIcebergConnector());
  return registry;
}

}  // namespace flare::cli
