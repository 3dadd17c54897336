#include "connector/kafka/connector.h"

#include <algorithm>

#include "connector/kafka/client_config.h"
#include "connector/kafka/options.h"
#include "connector/kafka/record_writer.h"
#include "connector/kafka/source.h"

namespace flare::connector::kafka {
namespace {

/// Everything that an input says, checked.
struct Settings {
  SourceOptions options;
  ClientConfig config;
};

Settings ReadSettings(const manifest::Input& input, const manifest::Address& address,
                      Diagnostics* diagnostics) {
  Settings settings;
  if (input.format.value == "kafkaavro") {
    diagnostics->push_back(
        {Severity::kError, input.format.where, "unsupported-format",
         "format kafkaavro cannot be read yet: records are not decoded by a schema registry",
         input.format.value, "kafkajson, which gives key and value as bytes",
         "read with `format: kafkajson` and decode the value in a step"});
  }
  if (!input.schema_string->empty()) {
    diagnostics->push_back({Severity::kError, input.schema_string.where, "bad-option",
                            "a Kafka input has a fixed schema; it cannot be given one", "", "",
                            "remove it, and parse the value in a step with from_json"});
  }
  settings.options = ReadSourceOptions(input, address, diagnostics);
  settings.config = ReadClientConfig(input.options, address.depot, input.where, diagnostics);
  return settings;
}

sql::Schema SourceSchema(const manifest::Input& input, const manifest::Address& address,
                         Diagnostics* diagnostics) {
  return RecordSchema(ReadSettings(input, address, diagnostics).options.include_headers);
}

Result<std::unique_ptr<Source>> MakeSource(const manifest::Input& input,
                                           const manifest::Address& address,
                                           const Environment& environment) {
  Diagnostics diagnostics;
  Settings settings = ReadSettings(input, address, &diagnostics);
  for (const auto& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::kError) return InvalidArgument("{}", ToText(diagnostic));
  }
  settings.config.stop = environment.stop;
  ASSIGN_OR_RETURN(auto source, KafkaSource::Make(std::move(settings.options), settings.config,
                                                  environment.clock,
                                                  environment.prefetch_budget_bytes, ReadPolicy()));
  return std::unique_ptr<Source>(std::move(source));
}

void CheckOutput(const manifest::Output& output, const manifest::Address&,
                 Diagnostics* diagnostics) {
  diagnostics->push_back({Severity::kError, output.dataset.where, "unsupported-output",
                          "writing to Kafka is not there yet", output.dataset.value,
                          "an output of another system, such as an Iceberg table", ""});
}

Result<std::unique_ptr<Sink>> MakeSink(const manifest::Output& output, const manifest::Address&,
                                       const Environment&) {
  return Unsupported("output `{}`: writing to Kafka is not there yet", output.name.value);
}

}  // namespace

Connector MakeKafkaConnector() {
  Connector connector;
  connector.name = "kafka";
  connector.depot_types = {"KAFKA"};
  connector.formats = {"kafkajson", "kafkaavro"};
  connector.summary =
      "Apache Kafka topics: reads key, value, topic, partition, offset and timestamp";
  connector.source_schema = SourceSchema;
  connector.make_source = MakeSource;
  connector.check_output = CheckOutput;
  connector.make_sink = MakeSink;
  return connector;
}

}  // namespace flare::connector::kafka
