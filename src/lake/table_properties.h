#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/avro.h"
#include "lake/table_metadata.h"

namespace flare::lake {

/// The table properties a writer honours, typed, with Iceberg's defaults where none is given.
struct WriterProperties {
  bool gzip_metadata = false;            ///< write.metadata.compression-codec
  int previous_versions_max = 100;       ///< write.metadata.previous-versions-max
  bool delete_after_commit = false;      ///< write.metadata.delete-after-commit.enabled
  AvroCodec manifest_codec = AvroCodec::kDeflate;
  bool merge_manifests = true;           ///< commit.manifest-merge.enabled
  int merge_min_count = 100;             ///< commit.manifest.min-count-to-merge
  int64_t merge_target_bytes = int64_t{8} << 20;  ///< commit.manifest.target-size-bytes
  /// commit.retry.*: more retries than Iceberg's 4, since a stream has nothing better to do.
  int retries = 50;
  int64_t retry_min_wait_ms = 100, retry_max_wait_ms = 60'000, retry_total_ms = 1'800'000;
  std::string parquet_codec = "zstd";    ///< as DuckDB names it
  std::optional<int> parquet_level;
  std::optional<int64_t> row_group_bytes;  ///< only when asked for
  int64_t target_file_bytes = int64_t{512} << 20;
  std::string data_path;                 ///< "" = <location>/data
};

/// Errors: InvalidArgument (not a number, unknown codec), Unsupported (a file format other than parquet).
Result<WriterProperties> ParseWriterProperties(const Properties& properties);

/// How long a table asks for its history to be kept, with Iceberg's defaults where it does not.
struct RetentionProperties {
  int64_t max_snapshot_age_ms = int64_t{5} * 24 * 3'600'000;  ///< history.expire.max-snapshot-age-ms
  int min_snapshots_to_keep = 1;                              ///< history.expire.min-snapshots-to-keep
  std::optional<int64_t> max_ref_age_ms;                      ///< history.expire.max-ref-age-ms; none = for ever
  bool gc_enabled = true;                                     ///< gc.enabled: whether files may be deleted at all
};

/// Errors: InvalidArgument (not a number, not true or false).
Result<RetentionProperties> ParseRetentionProperties(const Properties& properties);

/// Property names that are Iceberg's own facts and never stored.
bool IsReservedProperty(std::string_view name);

}  // namespace flare::lake
