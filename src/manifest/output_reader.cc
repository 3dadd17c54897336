#include <fmt/format.h>

#include <algorithm>

#include "manifest/job_draft.h"
#include "manifest/letter_case.h"
#include "manifest/values.h"

namespace flare::manifest {
namespace {

void ReadSaveMode(const Node& node, const std::string& path, Reporter* reporter, Output* output) {
  auto text = AsText(node, path, reporter);
  if (!text || node.unresolved) return;
  output->save_mode_text = *text;
  std::string lower = Lower(text->value);
  if (lower == "append") {
    output->save_mode = SaveMode::kAppend;
  } else if (lower == "overwrite") {
    output->save_mode = SaveMode::kOverwrite;
  } else {
    std::string near = NearestName(lower, {"append", "overwrite"});
    reporter->Error(node.where, "bad-save-mode", fmt::format("`{}` is not a save mode", path),
                    node.Describe(), "append or overwrite",
                    near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

void ReadProperties(const Node& node, const std::string& path, Reporter* reporter, Output* output) {
  for (auto& [key, value] : AsPairs(node, path, reporter)) {
    std::string lower = Lower(value.value);
    if (key.value == "write.metadatacompression-codec") {
      reporter->Warn(key.where, "unknown-property",
                     fmt::format("`{}.{}` is no Iceberg property; it is ignored", path, key.value),
                     "", "", "did you mean `write.metadata.compression-codec`?");
      continue;
    }
    if (key.value == "write.metadata.compression-codec" && lower == "snappy") {
      reporter->Warn(
          value.where, "bad-codec",
          fmt::format("`{}.{}`: Iceberg metadata cannot be snappy; gzip is used", path, key.value),
          "", "gzip or none");
      value.value = "gzip";
    }
    output->iceberg_properties[key.value] = value;
  }
}

void ReadPartitionField(const Node& node, const std::string& path, Reporter* reporter,
                        Output* output) {
  MapReader reader(&node, path, reporter);
  PartitionField field;
  field.where = node.where;
  field.type = reader.NeedText("type", "identity, year, month, day, hour, bucket or truncate");
  field.type.value = Lower(field.type.value);
  field.column = reader.NeedText("column", "the column to partition by");
  field.name = reader.TakeText("name");
  if (Text as_column = reader.TakeText("asColumn"); field.name->empty()) field.name = as_column;
  auto buckets = reader.TakeInt("numBuckets", 1, INT32_MAX);
  auto width = reader.TakeInt("width", 1, INT32_MAX);
  const std::vector<std::string> known = {"identity", "year",   "month",    "day",
                                          "hour",     "bucket", "truncate", "void"};
  if (!field.type->empty() && std::find(known.begin(), known.end(), *field.type) == known.end()) {
    // Plurals are what Spark's SQL calls them.
    std::string singular =
        field.type->back() == 's' ? field.type->substr(0, field.type->size() - 1) : "";
    if (std::find(known.begin(), known.end(), singular) != known.end()) {
      field.type.value = singular;
    } else {
      std::string near = NearestName(*field.type, known);
      reporter->Error(field.type.where, "bad-partition",
                      fmt::format("`{}` is not a partition type", reader.Path("type")), *field.type,
                      fmt::format("{}", fmt::join(known, ", ")),
                      near.empty() ? "" : fmt::format("did you mean {}?", near));
    }
  }
  if (*field.type == "bucket")
    field.parameter = buckets ? std::optional(static_cast<int>(*buckets)) : std::nullopt;
  if (*field.type == "truncate")
    field.parameter = width ? std::optional(static_cast<int>(*width)) : std::nullopt;
  bool needs = *field.type == "bucket" || *field.type == "truncate";
  const char* key = *field.type == "truncate" ? "width" : "numBuckets";
  if (needs && !field.parameter && !reader.Has(key)) {
    reporter->Error(node.where, "missing-key", fmt::format("`{}` is missing", reader.Path(key)), "",
                    fmt::format("{}: a whole number above 0", key));
  }
  reader.Finish();
  output->partition_spec.push_back(std::move(field));
}

void ReadPartitionSpec(const Node& node, const std::string& path, Reporter* reporter,
                       Output* output) {
  if (!node.is_list())
    return reporter->WrongShape(node, path, "a list of maps (`- type: day` / `column: at`)");
  for (size_t i = 0; i < node.items.size(); ++i) {
    ReadPartitionField(*node.items[i], fmt::format("{}[{}]", path, i), reporter, output);
  }
}

/// The clause starts at `MATCHED THEN`: the leading WHEN is ours to add.
std::string WithWhen(std::string clause) {
  size_t first = clause.find_first_not_of(" \n\t");
  if (first == std::string::npos || Lower(clause.substr(first, 5)) == "when ") return clause;
  return "WHEN " + clause.substr(first);
}

void ReadMerge(const Node& node, const std::string& path, Reporter* reporter, Output* output) {
  MapReader reader(&node, path, reporter);
  output->merge_on_clause = reader.NeedText("onClause", "old.id = new.id").value;
  output->merge_when_clause = WithWhen(
      reader.NeedText("whenClause", "MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
          .value);
  reader.Finish();
}

void ReadSort(const Node& node, const std::string& path, Reporter* reporter, Output* output) {
  MapReader reader(&node, path, reporter);
  Text mode = reader.TakeText("mode");
  std::string lower = Lower(mode.value);
  output->sort_global = lower == "global";
  if (!lower.empty() && lower != "global" && lower != "partition") {
    reporter->Error(mode.where, "bad-sort",
                    fmt::format("`{}` is not a sort mode", reader.Path("mode")), mode.value,
                    "partition or global");
  }
  auto columns = reader.TakeMaps("columns");
  for (size_t i = 0; i < columns.size(); ++i) {
    MapReader column(columns[i], fmt::format("{}[{}]", reader.Path("columns"), i), reporter);
    SortField field;
    field.column = column.NeedText("name", "the column to sort by");
    Text order = column.TakeText("order");
    std::string word = Lower(order.value);
    field.descending = word.compare(0, 4, "desc") == 0;
    if (word.ends_with("_nulls_first")) field.nulls_first = true;
    if (word.ends_with("_nulls_last")) field.nulls_first = false;
    static const std::vector<std::string> kOrders = {"",
                                                     "asc",
                                                     "desc",
                                                     "asc_nulls_first",
                                                     "asc_nulls_last",
                                                     "desc_nulls_first",
                                                     "desc_nulls_last"};
    if (std::find(kOrders.begin(), kOrders.end(), word) == kOrders.end()) {
      reporter->Error(order.where, "bad-sort",
                      fmt::format("`{}` is not an order", column.Path("order")), order.value,
                      "ASC or DESC, with _NULLS_FIRST or _NULLS_LAST");
    }
    column.Finish();
    output->sort.push_back(std::move(field));
  }
  reader.Finish();
}

void ReadIceberg(const Node& node, const std::string& path, Reporter* reporter, Output* output) {
  MapReader reader(&node, path, reporter);
  if (const Node* properties = reader.Take("properties")) {
    ReadProperties(*properties, reader.Path("properties"), reporter, output);
  }
  if (const Node* spec = reader.Take("partitionSpec")) {
    ReadPartitionSpec(*spec, reader.Path("partitionSpec"), reporter, output);
  }
  if (const Node* merge = reader.Take("merge"))
    ReadMerge(*merge, reader.Path("merge"), reporter, output);
  reader.Finish();
}

/// Blocks that belong one level deeper, under `iceberg`; they are read all the same.
void ReadMisplaced(MapReader* reader, Reporter* reporter, Output* output) {
  auto take = [&](std::string_view key) -> const Node* {
    const Node* node = reader->Take(key);
    if (node != nullptr) {
      reporter->Warn(reader->KeyPlace(key), "misplaced",
                     fmt::format("`{}` belongs under `{}`; it is read as if it stood there",
                                 reader->Path(key), reader->Path("iceberg")));
    }
    return node;
  };
  if (const Node* node = take("properties"))
    ReadProperties(*node, reader->Path("properties"), reporter, output);
  if (const Node* node = take("partitionSpec")) {
    ReadPartitionSpec(*node, reader->Path("partitionSpec"), reporter, output);
  }
  if (const Node* node = take("merge")) ReadMerge(*node, reader->Path("merge"), reporter, output);
}

void ReadExtraOptions(const Node& node, const std::string& path, const ReadContext& context,
                      Output* output, JobDraft* draft) {
  for (auto& [key, value] : AsPairs(node, path, context.reporter)) {
    if (key.value == "triggerDuration") {
      WrittenDuration written{value, fmt::format("{}.{}", path, key.value), std::nullopt};
      if (auto parsed = ParseDuration(value.value)) written.value = *parsed;
      draft->output_durations.push_back(std::move(written));
    } else {
      output->extra_options.emplace(key.value, value);
    }
  }
}

/// `outputType: file` with a `file:` block: a target named in the manifest itself.
void ReadInline(const std::string& kind, MapReader* reader, const ReadContext& context,
                Output* output, JobDraft* draft) {
  const Node* block = reader->Take(kind);
  if (block == nullptr) return;
  context.reporter->Warn(reader->KeyPlace(kind), "deprecated",
                         fmt::format("`{}` names a target inline", reader->Path(kind)), "",
                         "dataset: an address in a depot, or a path with a format");
  if (!block->is_map())
    return context.reporter->WrongShape(*block, reader->Path(kind), "a map (`key: value` lines)");
  MapReader inner(block, reader->Path(kind), context.reporter);
  if (Text format = inner.TakeText("format"); !format->empty()) output->format = format;
  if (kind == "file" && Lower(output->format.value) == "file") output->format = {};
  if (const Node* options = inner.Take("options")) {
    ReadOutputOptions(*options, inner.Path("options"), context, output, draft);
  }
  for (auto key : {"path", "topic", "eventhubName", "table", "dbTable", "index"}) {
    if (Text place = inner.TakeText(key); !place->empty() && output->dataset->empty())
      output->dataset = place;
  }
  Text warehouse = inner.TakeText("warehousePath");
  Text schema = inner.TakeText("schemaName");
  Text table = inner.TakeText("tableName");
  if (!warehouse->empty() && output->dataset->empty()) {
    output->dataset = {
        fmt::format("{}/{}/{}", *warehouse, schema->empty() ? "default" : *schema, *table),
        warehouse.where};
    if (output->format->empty()) output->format = {"iceberg", warehouse.where};
  }
  for (const auto& entry : block->entries) {
    bool taken = entry.key == "format" || entry.key == "options" || entry.key == "path";
    std::string name = entry.key == "brokers" ? "kafka.bootstrap.servers" : entry.key;
    if (!taken)
      AddOption(name, *entry.value, inner.Path(entry.key), context.reporter, &output->options);
  }
}

}  // namespace

void ReadOutputOptions(const Node& node, const std::string& path, const ReadContext& context,
                       Output* output, JobDraft* draft) {
  Reporter* reporter = context.reporter;
  MapReader reader(&node, path, reporter);
  if (const Node* mode = reader.Take("saveMode"))
    ReadSaveMode(*mode, reader.Path("saveMode"), reporter, output);
  if (Text checkpoint = reader.TakeText("checkpointLocation"); !checkpoint->empty()) {
    draft->checkpoints.push_back({checkpoint, reader.Path("checkpointLocation")});
  }
  if (const Node* extra = reader.Take("extraOptions")) {
    ReadExtraOptions(*extra, reader.Path("extraOptions"), context, output, draft);
  }
  if (const Node* sort = reader.Take("sort"))
    ReadSort(*sort, reader.Path("sort"), reporter, output);
  output->partition_by = reader.TakeTexts("partitionBy");
  if (const Node* iceberg = reader.Take("iceberg"))
    ReadIceberg(*iceberg, reader.Path("iceberg"), reporter, output);
  ReadMisplaced(&reader, reporter, output);
  if (Text title = reader.TakeText("title"); output->title.empty()) output->title = title.value;
  reader.Accept({"compressionType", "bigquery", "connectionProps", "file"});
  if (!node.is_map()) return;
  static const std::vector<std::string> kRead = {
      "saveMode", "checkpointLocation", "extraOptions",  "sort",  "partitionBy",
      "iceberg",  "properties",         "partitionSpec", "merge", "title"};
  for (const auto& entry : node.entries) {
    if (std::find(kRead.begin(), kRead.end(), entry.key) != kRead.end()) continue;
    AddOption(entry.key, *entry.value, reader.Path(entry.key), reporter, &output->options);
  }
}

void ReadOutput(const Node& node, const std::string& path, const ReadContext& context,
                JobDraft* draft) {
  Reporter* reporter = context.reporter;
  MapReader reader(&node, path, reporter);
  Output output;
  OutputDraft notes;
  notes.path = path;
  output.where = node.where;
  const Node* name = reader.Take("name");
  notes.name_unresolved = name != nullptr && name->unresolved;
  output.name = reader.NeedText("name", "the step to write, or without steps the input");
  const Node* dataset = reader.TakeAny({"dataset", "depot"});
  notes.dataset_unresolved = dataset != nullptr && dataset->unresolved;
  output.dataset = reader.TakeText(reader.Has("dataset") ? "dataset"
                                   : reader.Has("depot") ? "depot"
                                                         : "dataset");
  output.format = reader.TakeText("format");
  Text type = reader.TakeText("outputType");
  if (output.format->empty()) output.format = type;
  output.title = reader.TakeText("title").value;
  output.description = reader.TakeText("description").value;
  output.tags = reader.TakeStrings("tags");
  if (const Node* options = reader.Take("options")) {
    ReadOutputOptions(*options, reader.Path("options"), context, &output, draft);
  }
  if (!type->empty()) ReadInline(type.value, &reader, context, &output, draft);
  if (Text driver = reader.TakeText("driver"); !driver->empty())
    output.options.emplace("driver", driver);
  if (Text checkpoint = reader.TakeText("checkpointLocation"); !checkpoint->empty()) {
    draft->checkpoints.push_back({checkpoint, reader.Path("checkpointLocation")});
  }
  if (reader.Take("assertions") != nullptr) {
    reporter->Warn(reader.KeyPlace("assertions"), "not-run",
                   fmt::format("`{}` is known but not run: the job goes on without it",
                               reader.Path("assertions")));
  }
  reader.Accept({"isStream", "columnTags"});
  output.format.value = Lower(output.format.value);
  if (output.dataset->empty() && (dataset == nullptr || dataset->is_scalar())) {
    reporter->Error(reader.KeyPlace("dataset"), "missing-key",
                    fmt::format("`{}` is missing", reader.Path("dataset")), "",
                    "dataos://depot:collection/dataset?acl=rw, or a path");
  }
  reader.Finish();
  draft->job.outputs.push_back(std::move(output));
  draft->outputs.push_back(std::move(notes));
}

}  // namespace flare::manifest
