#pragma once
#include "connector/registry.h"

namespace flare::connector::kafka {

/// Kafka as a source: depot type KAFKA, formats kafkajson (keys and values as bytes) and kafkaavro.
Connector MakeKafkaConnector();

}  // namespace flare::connector::kafka
