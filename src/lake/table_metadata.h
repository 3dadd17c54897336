#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "lake/json.h"
#include "lake/partition.h"
#include "lake/schema.h"

namespace flare::lake {

using Properties = std::map<std::string, std::string>;

/// One state of a table.
struct Snapshot {
  int64_t id = 0;
  std::optional<int64_t> parent_id;
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string manifest_list;  ///< full URI
  Properties summary;         ///< with "operation"
  std::optional<int> schema_id;
};

inline constexpr const char* kMainBranch = "main";

/// A name for a snapshot, with what the table says about how long it and its history are kept.
struct SnapshotRef {
  std::string name;
  int64_t snapshot_id = 0;
  bool is_tag = false;
  std::optional<int> min_snapshots_to_keep;     ///< branches only, as the next
  std::optional<int64_t> max_snapshot_age_ms;
  std::optional<int64_t> max_ref_age_ms;
};

/// A table's metadata file: the JSON document, with unknown keys kept, and typed views of what we use.
/// Format versions 1 and 2 are read; changes are made to version 2 only. Threads: one at a time.
class TableMetadata {
 public:
  struct Creation {
    std::string location;  ///< base URI without a trailing slash
    Schema schema;
    int last_column_id = 0;
    PartitionSpec spec;
    int last_partition_id = 999;
    Properties properties;
    int64_t now_ms = 0;
  };
  /// A new, empty v2 table with a fresh UUID.
  static TableMetadata Create(const Creation& creation);
  /// Errors: Corruption (naming `what`), Unsupported (format version 3 and later, unknown types or transforms).
  static Result<TableMetadata> Parse(std::string_view text, std::string_view what);
  std::string ToText() const { return DumpJson(doc_); }

  int format_version() const { return format_version_; }
  const std::string& uuid() const { return uuid_; }
  const std::string& location() const { return location_; }
  const Properties& properties() const { return properties_; }
  int64_t last_sequence_number() const { return last_sequence_number_; }
  int64_t last_updated_ms() const { return last_updated_ms_; }
  int last_column_id() const { return last_column_id_; }
  int last_partition_id() const { return last_partition_id_; }

  const Schema& schema() const { return schemas_[current_schema_].schema; }
  const Json& schema_json() const { return schemas_[current_schema_].json; }
  const PartitionSpec& spec() const { return specs_[default_spec_]; }
  const std::vector<PartitionSpec>& specs() const { return specs_; }
  const PartitionSpec* FindSpec(int spec_id) const;
  /// Any schema that had this field, newest first; null when none had. For specs over dropped columns.
  const Schema* FindSchemaWithField(int field_id) const;

  /// The snapshot a branch points at; nullopt for a branch or table without one.
  std::optional<int64_t> Head(const std::string& branch = kMainBranch) const;
  bool HasBranch(const std::string& branch) const;
  size_t snapshot_count() const { return snapshot_index_.size(); }
  bool HasSnapshot(int64_t id) const { return snapshot_index_.contains(id); }
  Result<Snapshot> FindSnapshot(int64_t id) const;  ///< Errors: NotFound (never was, or expired)
  Result<std::vector<Snapshot>> Snapshots() const;  ///< oldest first, as listed
  Result<std::vector<SnapshotRef>> Refs() const;    ///< main among them once it has a snapshot
  /// Files of statistics and partition statistics, each with the snapshot that it describes.
  Result<std::vector<std::pair<int64_t, std::string>>> StatisticsFiles() const;
  /// The metadata files that the log still names, oldest first.
  std::vector<std::string> PreviousFiles() const;

  /// Whether the metadata file of that name came before this one, as far as the log and the snapshots tell.
  bool Follows(const std::string& metadata_file_name, std::optional<int64_t> its_head) const;

  /// Adds a snapshot and points the branch at it (retention settings of the branch stay).
  void AddSnapshot(const Snapshot& snapshot, const std::string& branch);
  /// Removes snapshots with their statistics, and what the history log said up to the last of them.
  /// None may be the head of a branch or a tag.
  void RemoveSnapshots(const std::set<int64_t>& ids);
  /// Removes a branch or a tag, which is not main.
  void RemoveRef(const std::string& name);
  void SetProperties(const Properties& updates);
  /// Appends columns to the current schema as a new one (or finds an equal one) and makes it current.
  Status AddColumns(const std::vector<Field>& columns);
  /// Replaces the current schema's fields, keeping what the JSON said about those that stay.
  Status SetSchema(const Schema& schema);
  /// Makes this spec the default, adding it when no spec cuts rows that way.
  Status SetSpec(PartitionSpec spec);
  /// To be called last before saving: sets last-updated-ms (never back) and logs the file this replaces.
  /// Returns the metadata files that fell off the log.
  std::vector<std::string> Touch(const std::string& previous_file, int64_t now_ms, int previous_versions_max);

 private:
  struct StoredSchema {
    Schema schema;
    Json json;
  };
  Status ReadTop();
  Status ReadSchemas();
  Status ReadSpecs();
  Status ReadSnapshots();
  void StoreSchema(const Schema& schema, Json json);
  Result<Snapshot> ReadSnapshot(const Json& json) const;

  Json doc_;
  int format_version_ = 2;
  std::string uuid_, location_;
  Properties properties_;
  int64_t last_sequence_number_ = 0, last_updated_ms_ = 0;
  int last_column_id_ = 0, last_partition_id_ = 999;
  std::vector<StoredSchema> schemas_;
  size_t current_schema_ = 0;
  std::vector<PartitionSpec> specs_;
  size_t default_spec_ = 0;
  std::unordered_map<int64_t, size_t> snapshot_index_;  ///< id -> position in doc_["snapshots"]
};

}  // namespace flare::lake
