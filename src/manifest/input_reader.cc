#include <fmt/format.h>

#include <algorithm>

#include "manifest/job_draft.h"
#include "manifest/letter_case.h"

namespace flare::manifest {
namespace {

void ReadWatermark(const Node& node, const std::string& path, Reporter* reporter, Input* input) {
  MapReader reader(&node, path, reporter);
  Watermark watermark;
  watermark.column = reader.NeedText("column", "the column that holds the event's time");
  auto delay = reader.TakeDuration("delay");
  if (!reader.Has("delay")) {
    reporter->Error(node.where, "missing-key", fmt::format("`{}` is missing", reader.Path("delay")),
                    "", "how late rows may be, such as 10 minutes");
  }
  watermark.delay = delay.value_or(Millis{0});
  input->watermark = std::move(watermark);
  reader.Finish();
}

void ReadSchema(MapReader* reader, Input* input) {
  InputSchema& schema = input->schema;
  schema.type = Lower(reader->TakeText("schemaType").value);
  schema.path = reader->TakeText("schemaPath");
  schema.text = reader->TakeText("schemaString");
  Text inline_schema = reader->TakeText("schema");
  if (schema.text->empty() && !inline_schema->empty()) {
    schema.text = inline_schema;
    if (schema.type.empty()) schema.type = "spark";
  }
  schema.subject = reader->TakeText("schemaSubject");
  if (auto id = reader->TakeInt("schemaId", 0, INT32_MAX)) schema.id = static_cast<int>(*id);
  schema.registry_url = reader->TakeText("schemaRegistryUrl");
  input->schema_string = schema.text;
}

void ReadOptions(MapReader* reader, Reporter* reporter, Input* input) {
  const Node* options = reader->Take("options");
  if (options == nullptr) return;
  if (!options->is_map())
    return reporter->WrongShape(*options, reader->Path("options"), "a map (`key: value` lines)");
  for (const auto& entry : options->entries) {
    std::string path = fmt::format("{}.{}", reader->Path("options"), entry.key);
    if (entry.key == "watermark" && !entry.value->is_null()) {
      ReadWatermark(*entry.value, path, reporter, input);
    } else {
      AddOption(entry.key, *entry.value, path, reporter, &input->options);
    }
  }
}

/// `inputType: kafka` with a `kafka:` block: a source named in the manifest itself.
void ReadInline(const Text& type, MapReader* reader, Reporter* reporter, Input* input,
                InputDraft* draft) {
  std::string kind = Lower(type.value);
  reporter->Warn(type.where, "deprecated",
                 fmt::format("`{}` names a source inline", reader->Path("inputType")), "",
                 "dataset: an address in a depot, or a path with a format");
  const Node* block = reader->Take(type.value);
  if (block == nullptr) {
    reporter->Error(type.where, "missing-key",
                    fmt::format("`{}` is missing", reader->Path(type.value)), "",
                    fmt::format("a map that says where the {} data is", type.value));
    draft->needs_dataset = false;
    return;
  }
  MapReader inline_reader(block, reader->Path(type.value), reporter);
  auto stream = inline_reader.TakeBool("isStream");
  auto batch = inline_reader.TakeBool("isBatch");
  if (!draft->is_stream)
    draft->is_stream = stream ? stream : batch ? std::optional(!*batch) : std::nullopt;
  if (input->format->empty()) input->format = inline_reader.TakeText("format");
  if (!block->is_map()) return;
  for (const auto& entry : block->entries) {
    if (entry.key == "options" && entry.value->is_map()) {
      for (const auto& option : entry.value->entries) {
        AddOption(option.key, *option.value, inline_reader.Path(option.key), reporter,
                  &input->options);
      }
    } else if (entry.key == "brokers") {
      AddOption("kafka.bootstrap.servers", *entry.value, inline_reader.Path("brokers"), reporter,
                &input->options);
    } else if (entry.key != "isStream" && entry.key != "isBatch" && entry.key != "format") {
      AddOption(entry.key, *entry.value, inline_reader.Path(entry.key), reporter, &input->options);
    }
  }
  auto option = [&](std::string_view key) -> const Text* {
    auto found = input->options.find(std::string(key));
    return found == input->options.end() ? nullptr : &found->second;
  };
  for (auto key : {"path", "topic", "eventhubName", "table", "dbTable", "index"}) {
    if (const Text* place = option(key); place != nullptr && input->dataset->empty())
      input->dataset = *place;
  }
  if (const Text* warehouse = option("warehousePath");
      warehouse != nullptr && input->dataset->empty()) {
    const Text* schema = option("schemaName");
    const Text* table = option("tableName");
    input->dataset = {
        fmt::format("{}/{}/{}", warehouse->value, schema != nullptr ? schema->value : "default",
                    table != nullptr ? table->value : ""),
        warehouse->where};
    if (input->format->empty()) input->format = {"iceberg", warehouse->where};
  }
  if (input->format->empty() && kind != "file") {
    std::string format = kind == "kafka"
                             ? (option("schemaRegistryUrl") != nullptr ? "kafkaavro" : "kafkajson")
                             : kind;
    input->format = {std::move(format), type.where};
  }
}

}  // namespace

void ReadInput(const Node& node, const std::string& path, const ReadContext& context,
               JobDraft* draft) {
  Reporter* reporter = context.reporter;
  MapReader reader(&node, path, reporter);
  Input input;
  InputDraft notes;
  notes.path = path;
  input.where = node.where;
  input.name = reader.NeedText("name", "the name that steps read this input by");
  const Node* dataset = reader.Take("dataset");
  notes.dataset_unresolved = dataset != nullptr && dataset->unresolved;
  input.dataset = reader.TakeText("dataset");
  input.format = reader.TakeText("format");
  const Node* stream = reader.Take("isStream");
  notes.is_stream = reader.TakeBool("isStream");
  input.is_stream_given = stream != nullptr;
  ReadSchema(&reader, &input);
  ReadOptions(&reader, reporter, &input);
  if (Text type = reader.TakeText("inputType"); !type->empty())
    ReadInline(type, &reader, reporter, &input, &notes);
  if (reader.Take("query") != nullptr) {
    notes.needs_dataset = false;
    reporter->Error(reader.KeyPlace("query"), "not-supported",
                    fmt::format("`{}` needs a Minerva cluster, which is not part of flare",
                                reader.Path("query")),
                    "", "dataset: the table itself, and the SQL in a step");
  }
  if (reader.Take("incremental") != nullptr) {
    reporter->Error(reader.KeyPlace("incremental"), "not-supported",
                    fmt::format("`{}` is not supported", reader.Path("incremental")), "",
                    "a stream with a checkpoint, which reads what is new since its last run");
  }
  reader.Accept({"connectionProps", "driver", "logLevel", "title", "description", "tags"});
  input.format.value = Lower(input.format.value);
  if (input.dataset->empty() && notes.needs_dataset &&
      (dataset == nullptr || dataset->is_scalar())) {
    reporter->Error(reader.KeyPlace("dataset"), "missing-key",
                    fmt::format("`{}` is missing", reader.Path("dataset")), "",
                    "dataos://depot:collection/dataset, or a path");
  }
  reader.Finish();
  draft->job.inputs.push_back(std::move(input));
  draft->inputs.push_back(std::move(notes));
}

}  // namespace flare::manifest
