// How a table's metadata change.
#include <algorithm>

#include "lake/table_metadata.h"

namespace flare::lake {
namespace {

Json& ArrayOf(Json* doc, const char* key) {
  Json& list = (*doc)[key];
  if (!list.is_array()) list = Json::array();
  return list;
}

Json SnapshotToJson(const Snapshot& snapshot) {
  Json json = {{"sequence-number", snapshot.sequence_number}, {"snapshot-id", snapshot.id}};
  if (snapshot.parent_id) json["parent-snapshot-id"] = *snapshot.parent_id;
  json["timestamp-ms"] = snapshot.timestamp_ms;
  Json summary = Json::object();
  if (auto operation = snapshot.summary.find("operation"); operation != snapshot.summary.end()) {
    summary["operation"] = operation->second;
  }
  for (const auto& [key, value] : snapshot.summary) summary[key] = value;
  json["summary"] = std::move(summary);
  json["manifest-list"] = snapshot.manifest_list;
  if (snapshot.schema_id) json["schema-id"] = *snapshot.schema_id;
  return json;
}

/// Timestamps in the logs may not go back by more than a minute, or Java refuses the table.
int64_t AtLeastLast(const Json& log, int64_t timestamp_ms) {
  if (log.empty()) return timestamp_ms;
  auto last = GetLong(log.back(), "timestamp-ms");
  return last ? std::max(*last, timestamp_ms) : timestamp_ms;
}

}  // namespace

void TableMetadata::AddSnapshot(const Snapshot& snapshot, const std::string& branch) {
  Json& list = ArrayOf(&doc_, "snapshots");
  snapshot_index_[snapshot.id] = list.size();
  list.push_back(SnapshotToJson(snapshot));
  Json& refs = doc_["refs"];
  if (!refs.is_object()) refs = Json::object();
  Json& ref = refs[branch];
  if (!ref.is_object()) ref = Json::object();
  ref["snapshot-id"] = snapshot.id;
  ref["type"] = "branch";
  if (branch == kMainBranch) {
    doc_["current-snapshot-id"] = snapshot.id;
    Json& log = ArrayOf(&doc_, "snapshot-log");
    log.push_back({{"timestamp-ms", AtLeastLast(log, snapshot.timestamp_ms)}, {"snapshot-id", snapshot.id}});
  }
  last_sequence_number_ = std::max(last_sequence_number_, snapshot.sequence_number);
  doc_["last-sequence-number"] = last_sequence_number_;
}

void TableMetadata::SetProperties(const Properties& updates) {
  Json& json = doc_["properties"];
  if (!json.is_object()) json = Json::object();
  for (const auto& [key, value] : updates) {
    json[key] = value;
    properties_[key] = value;
  }
}

void TableMetadata::StoreSchema(const Schema& schema, Json json) {
  last_column_id_ = std::max(last_column_id_, schema.HighestId());
  doc_["last-column-id"] = last_column_id_;
  doc_["current-schema-id"] = schema.schema_id;
  ArrayOf(&doc_, "schemas").push_back(json);
  current_schema_ = schemas_.size();
  schemas_.push_back({schema, std::move(json)});
}

Status TableMetadata::SetSchema(const Schema& changed) {
  Schema schema = changed;
  int newest = 0;
  for (const auto& stored : schemas_) newest = std::max(newest, stored.schema.schema_id);
  schema.schema_id = newest + 1;
  Json json = schema.ToJson();
  // What the old JSON says beyond our fields (defaults, identifier fields, later keys) stays.
  const Json old = schema_json();
  for (const auto& [key, value] : old.items()) {
    if (!json.contains(key)) json[key] = value;
  }
  for (Json& field : json["fields"]) {
    for (const Json& before : old["fields"]) {
      if (before["id"] != field["id"]) continue;
      for (const auto& [key, value] : before.items()) {
        if (!field.contains(key)) field[key] = value;
      }
    }
  }
  StoreSchema(schema, std::move(json));
  return Ok();
}

Status TableMetadata::AddColumns(const std::vector<Field>& columns) {
  Schema schema = this->schema();
  int last = last_column_id_;
  for (const Field& column : columns) {
    if (schema.FindColumn(column.name) != nullptr) {
      return AlreadyExists("the table has a column '{}' already", column.name);
    }
    schema.fields.push_back(WithFreshIds(column, &last));
  }
  return SetSchema(schema);
}

Status TableMetadata::SetSpec(PartitionSpec spec) {
  int newest = 0;
  for (size_t i = 0; i < specs_.size(); ++i) {
    newest = std::max(newest, specs_[i].spec_id);
    if (!specs_[i].SameFields(spec)) continue;
    default_spec_ = i;
    doc_["default-spec-id"] = specs_[i].spec_id;
    return Ok();
  }
  spec.spec_id = newest + 1;
  for (PartitionField& field : spec.fields) {
    // A field that an older spec had keeps its id.
    for (const auto& older : specs_) {
      for (const auto& had : older.fields) {
        if (had.source_id == field.source_id && had.transform == field.transform) field.field_id = had.field_id;
      }
    }
    last_partition_id_ = std::max(last_partition_id_, field.field_id);
  }
  doc_["last-partition-id"] = last_partition_id_;
  doc_["default-spec-id"] = spec.spec_id;
  ArrayOf(&doc_, "partition-specs").push_back(spec.ToJson());
  default_spec_ = specs_.size();
  specs_.push_back(std::move(spec));
  return Ok();
}

std::vector<std::string> TableMetadata::Touch(const std::string& previous_file, int64_t now_ms,
                                              int previous_versions_max) {
  Json& log = ArrayOf(&doc_, "metadata-log");
  log.push_back({{"timestamp-ms", AtLeastLast(log, last_updated_ms_)}, {"metadata-file", previous_file}});
  std::vector<std::string> dropped;
  auto limit = static_cast<size_t>(std::max(1, previous_versions_max));
  while (log.size() > limit) {
    if (auto file = GetString(log.front(), "metadata-file")) dropped.push_back(*file);
    log.erase(log.begin());
  }
  int64_t floor = AtLeastLast(log, last_updated_ms_);
  if (const Json* snapshots = FindMember(doc_, "snapshot-log"); snapshots != nullptr && snapshots->is_array()) {
    floor = AtLeastLast(*snapshots, floor);
  }
  last_updated_ms_ = std::max(floor, now_ms);
  doc_["last-updated-ms"] = last_updated_ms_;
  return dropped;
}

}  // namespace flare::lake
