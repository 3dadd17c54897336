#include "lake/table_metadata.h"

#include "base/check.h"
#include "base/random.h"

namespace flare::lake {
namespace {

constexpr int kNewestVersion = 2;

Json PropertiesToJson(const Properties& properties) {
  Json json = Json::object();
  for (const auto& [key, value] : properties) json[key] = value;
  return json;
}

Result<Properties> ReadTexts(const Json* json, const char* what) {
  Properties texts;
  if (json == nullptr) return texts;
  if (!json->is_object()) return Corruption("'{}' in the table's metadata must be an object", what);
  for (const auto& [key, value] : json->items()) {
    if (!value.is_string()) return Corruption("'{}' in '{}' must be a string, found {}", key, what, value.type_name());
    texts[key] = value.get<std::string>();
  }
  return texts;
}

}  // namespace

TableMetadata TableMetadata::Create(const Creation& creation) {
  Json doc = {{"format-version", 2},
              {"table-uuid", NewUuid()},
              {"location", creation.location},
              {"last-sequence-number", 0},
              {"last-updated-ms", creation.now_ms},
              {"last-column-id", creation.last_column_id},
              {"current-schema-id", 0},
              {"schemas", Json::array({creation.schema.ToJson()})},
              {"default-spec-id", creation.spec.spec_id},
              {"partition-specs", Json::array({creation.spec.ToJson()})},
              {"last-partition-id", creation.last_partition_id},
              {"default-sort-order-id", 0},
              {"sort-orders", Json::array({{{"order-id", 0}, {"fields", Json::array()}}})},
              {"properties", PropertiesToJson(creation.properties)},
              {"current-snapshot-id", -1},
              {"refs", Json::object()},
              {"snapshots", Json::array()},
              {"statistics", Json::array()},
              {"partition-statistics", Json::array()},
              {"snapshot-log", Json::array()},
              {"metadata-log", Json::array()}};
  auto parsed = Parse(DumpJson(doc), "a new table's metadata");
  CHECK(parsed.has_value(), "{}", parsed.error().ToText());
  return std::move(*parsed);
}

Result<TableMetadata> TableMetadata::Parse(std::string_view text, std::string_view what) {
  TableMetadata table;
  auto read = [&]() -> Status {
    ASSIGN_OR_RETURN(table.doc_, ParseJson(text, what));
    RETURN_IF_ERROR(table.ReadTop());
    RETURN_IF_ERROR(table.ReadSchemas());
    RETURN_IF_ERROR(table.ReadSpecs());
    return table.ReadSnapshots();
  };
  if (Status status = read(); !status) {
    return std::move(status).error().With(fmt::format("while reading the table metadata {}", what));
  }
  return table;
}

Status TableMetadata::ReadTop() {
  ASSIGN_OR_RETURN(format_version_, GetInt(doc_, "format-version"));
  if (format_version_ < 1 || format_version_ > kNewestVersion) {
    return Unsupported("the table has format version {}; versions 1 and {} are supported", format_version_,
                       kNewestVersion);
  }
  ASSIGN_OR_RETURN(location_, GetString(doc_, "location"));
  while (location_.size() > 1 && location_.back() == '/') location_.pop_back();
  ASSIGN_OR_RETURN(last_updated_ms_, GetLong(doc_, "last-updated-ms"));
  ASSIGN_OR_RETURN(last_column_id_, GetInt(doc_, "last-column-id"));
  if (format_version_ >= 2) {
    ASSIGN_OR_RETURN(uuid_, GetString(doc_, "table-uuid"));
    ASSIGN_OR_RETURN(last_sequence_number_, GetLong(doc_, "last-sequence-number"));
    ASSIGN_OR_RETURN(last_partition_id_, GetInt(doc_, "last-partition-id"));
  } else if (FindMember(doc_, "table-uuid") != nullptr) {
    ASSIGN_OR_RETURN(uuid_, GetString(doc_, "table-uuid"));
  }
  ASSIGN_OR_RETURN(properties_, ReadTexts(FindMember(doc_, "properties"), "properties"));
  return Ok();
}

Status TableMetadata::ReadSchemas() {
  const Json* list = FindMember(doc_, "schemas");
  if (list == nullptr && format_version_ == 1) {
    const Json* only = FindMember(doc_, "schema");
    if (only == nullptr) return Corruption("the metadata have no schema");
    ASSIGN_OR_RETURN(Schema schema, ParseSchema(*only));
    schemas_.push_back({std::move(schema), *only});
    return Ok();
  }
  ASSIGN_OR_RETURN(list, GetArray(doc_, "schemas"));
  ASSIGN_OR_RETURN(int current, GetInt(doc_, "current-schema-id"));
  bool found = false;
  for (const Json& item : *list) {
    ASSIGN_OR_RETURN(Schema schema, ParseSchema(item));
    if (schema.schema_id == current) {
      current_schema_ = schemas_.size();
      found = true;
    }
    schemas_.push_back({std::move(schema), item});
  }
  if (!found) return Corruption("current-schema-id {} is not among the schemas", current);
  return Ok();
}

Status TableMetadata::ReadSpecs() {
  const Json* list = FindMember(doc_, "partition-specs");
  if (list == nullptr && format_version_ == 1) {
    ASSIGN_OR_RETURN(const Json* fields, GetArray(doc_, "partition-spec"));
    ASSIGN_OR_RETURN(PartitionSpec spec, ParsePartitionSpec({{"spec-id", 0}, {"fields", *fields}}));
    specs_.push_back(std::move(spec));
    return Ok();
  }
  ASSIGN_OR_RETURN(list, GetArray(doc_, "partition-specs"));
  ASSIGN_OR_RETURN(int current, GetInt(doc_, "default-spec-id"));
  bool found = false;
  for (const Json& item : *list) {
    ASSIGN_OR_RETURN(PartitionSpec spec, ParsePartitionSpec(item));
    if (spec.spec_id == current) {
      default_spec_ = specs_.size();
      found = true;
    }
    specs_.push_back(std::move(spec));
  }
  if (!found) return Corruption("default-spec-id {} is not among the partition specs", current);
  return Ok();
}

Status TableMetadata::ReadSnapshots() {
  if (FindMember(doc_, "snapshots") != nullptr) {
    ASSIGN_OR_RETURN(const Json* list, GetArray(doc_, "snapshots"));
    for (size_t i = 0; i < list->size(); ++i) {
      ASSIGN_OR_RETURN(int64_t id, GetLong((*list)[i], "snapshot-id"));
      snapshot_index_[id] = i;
    }
  }
  if (auto head = Head(); head && !HasSnapshot(*head)) {
    return Corruption("the current snapshot {} is not among the snapshots", *head);
  }
  return Ok();
}

const PartitionSpec* TableMetadata::FindSpec(int spec_id) const {
  for (const auto& spec : specs_) {
    if (spec.spec_id == spec_id) return &spec;
  }
  return nullptr;
}

const Schema* TableMetadata::FindSchemaWithField(int field_id) const {
  if (schema().FindById(field_id) != nullptr) return &schema();
  for (size_t i = schemas_.size(); i > 0; --i) {
    if (schemas_[i - 1].schema.FindById(field_id) != nullptr) return &schemas_[i - 1].schema;
  }
  return nullptr;
}

bool TableMetadata::HasBranch(const std::string& branch) const {
  const Json* refs = FindMember(doc_, "refs");
  return branch == kMainBranch || (refs != nullptr && FindMember(*refs, branch.c_str()) != nullptr);
}

std::optional<int64_t> TableMetadata::Head(const std::string& branch) const {
  if (branch == kMainBranch) {
    const Json* current = FindMember(doc_, "current-snapshot-id");
    if (current == nullptr || !current->is_number_integer()) return std::nullopt;
    auto id = current->get<int64_t>();
    return id == -1 ? std::nullopt : std::optional<int64_t>(id);
  }
  const Json* refs = FindMember(doc_, "refs");
  const Json* ref = refs == nullptr ? nullptr : FindMember(*refs, branch.c_str());
  if (ref == nullptr) return std::nullopt;
  auto id = GetLong(*ref, "snapshot-id");
  return id ? std::optional<int64_t>(*id) : std::nullopt;
}

bool TableMetadata::Follows(const std::string& metadata_file_name, std::optional<int64_t> its_head) const {
  if (const Json* log = FindMember(doc_, "metadata-log"); log != nullptr && log->is_array()) {
    for (const Json& item : *log) {
      auto file = GetString(item, "metadata-file");
      if (file && file->ends_with("/" + metadata_file_name)) return true;
    }
  }
  return its_head && HasSnapshot(*its_head);
}

Result<Snapshot> TableMetadata::ReadSnapshot(const Json& json) const {
  Snapshot snapshot;
  ASSIGN_OR_RETURN(snapshot.id, GetLong(json, "snapshot-id"));
  if (FindMember(json, "parent-snapshot-id") != nullptr) {
    ASSIGN_OR_RETURN(snapshot.parent_id, GetLong(json, "parent-snapshot-id"));
  }
  if (FindMember(json, "sequence-number") != nullptr) {
    ASSIGN_OR_RETURN(snapshot.sequence_number, GetLong(json, "sequence-number"));
  }
  ASSIGN_OR_RETURN(snapshot.timestamp_ms, GetLong(json, "timestamp-ms"));
  if (FindMember(json, "manifest-list") == nullptr) {
    return Unsupported("snapshot {} lists its manifests inside the metadata (format version 1 of long ago)", snapshot.id);
  }
  ASSIGN_OR_RETURN(snapshot.manifest_list, GetString(json, "manifest-list"));
  ASSIGN_OR_RETURN(snapshot.summary, ReadTexts(FindMember(json, "summary"), "summary"));
  if (FindMember(json, "schema-id") != nullptr) {
    ASSIGN_OR_RETURN(snapshot.schema_id, GetInt(json, "schema-id"));
  }
  return snapshot;
}

Result<Snapshot> TableMetadata::FindSnapshot(int64_t id) const {
  auto found = snapshot_index_.find(id);
  if (found == snapshot_index_.end()) return NotFound("the table has no snapshot {} (it may have been expired)", id);
  return ReadSnapshot(doc_["snapshots"][found->second]);
}

Result<std::vector<Snapshot>> TableMetadata::Snapshots() const {
  std::vector<Snapshot> all;
  if (snapshot_index_.empty()) return all;
  for (const Json& item : doc_["snapshots"]) {
    ASSIGN_OR_RETURN(Snapshot snapshot, ReadSnapshot(item));
    all.push_back(std::move(snapshot));
  }
  return all;
}

}  // namespace flare::lake
