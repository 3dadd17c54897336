#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/literal.h"
#include "lake/metrics.h"
#include "lake/partition.h"
#include "lake/schema.h"

namespace flare::lake {

enum class FileContent { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };

/// One file of a table as a manifest describes it.
struct DataFile {
  FileContent content = FileContent::kData;
  std::string path;  ///< full URI, in the table's spelling
  std::string format = "PARQUET";
  std::vector<Literal> partition;  ///< one value a field of the spec
  int64_t record_count = 0;
  int64_t size_bytes = 0;
  ColumnMetrics metrics;
  std::optional<std::string> key_metadata;
  std::vector<int64_t> split_offsets;  ///< empty = unknown
  std::vector<int> equality_ids;
  std::optional<int> sort_order_id;
  std::optional<std::string> referenced_data_file;
};

enum class EntryStatus { kExisting = 0, kAdded = 1, kDeleted = 2 };

/// A row of a manifest. After ReadManifest the inherited numbers are filled in.
struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  std::optional<int64_t> snapshot_id, sequence_number, file_sequence_number;
  DataFile file;
};

enum class ManifestContent { kData = 0, kDeletes = 1 };

/// Bounds of one partition field over a manifest's files.
struct PartitionSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower_bound, upper_bound;  ///< single-value form
};

/// A row of a manifest list.
struct ManifestFile {
  std::string path;
  int64_t length = 0;
  int spec_id = 0;
  ManifestContent content = ManifestContent::kData;
  int64_t sequence_number = 0;
  int64_t min_sequence_number = 0;
  int64_t added_snapshot_id = 0;
  int added_files = 0, existing_files = 0, deleted_files = 0;
  int64_t added_rows = 0, existing_rows = 0, deleted_rows = 0;
  std::vector<PartitionSummary> partitions;
  std::optional<std::string> key_metadata;
};

/// What a manifest's header says beside its rows.
struct ManifestHeader {
  Schema schema;      ///< the table's
  Json schema_json;   ///< the same as it stands in the table's metadata
  PartitionSpec spec;
  ManifestContent content = ManifestContent::kData;
};

/// The bytes of a manifest and its row for the list, with path, length and sequence numbers to be set by
/// the caller. Entries that were added now keep null numbers, so that a retry need not rewrite it.
struct EncodedManifest {
  std::string bytes;
  ManifestFile row;
};
Result<EncodedManifest> EncodeManifest(const ManifestHeader& header, const std::vector<ManifestEntry>& entries,
                                       AvroCodec codec);

/// Reads a manifest by field id, whoever wrote it; `row` is its row in the list, from which new entries
/// inherit. `schema` types the partition values. Errors: Corruption, Unsupported (codec).
Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes, const ManifestFile& row,
                                                  const PartitionSpec& spec, const Schema& schema);

/// Header facts of a manifest list.
struct ManifestListHeader {
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  int64_t sequence_number = 0;
};
Result<std::string> EncodeManifestList(const ManifestListHeader& header, const std::vector<ManifestFile>& manifests,
                                       AvroCodec codec);
Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes, std::string_view path);

}  // namespace flare::lake
