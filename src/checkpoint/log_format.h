#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::checkpoint {

/// One file of offsets/: what batch N reads, and under which watermark and clock.
struct OffsetEntry {
  int version = 1;  ///< 1, or 2 when the checkpoint was begun so (Spark 4.2)
  int64_t watermark_ms = 0;
  int64_t timestamp_ms = 0;
  std::map<std::string, std::string> conf;          ///< Spark's recorded settings, carried forward
  std::vector<std::optional<std::string>> offsets;  ///< one a source, in order; nullopt = `-`
  std::vector<std::string> source_ids;              ///< version 2 only
  std::string extra_metadata;  ///< version 2: a JSON object of the keys we only carry through ("" = none)
};

/// One file of commits/.
struct CommitEntry {
  int64_t next_watermark_ms = 0;
};

/// Text of a log file, byte for byte as Spark writes it, and back.
/// Errors: Corruption (empty, malformed; names `path`), Unsupported (a version that we do not know).
/// Source: Spark's OffsetSeqLog and CommitLog.
std::string FormatOffsets(const OffsetEntry& entry);
Result<OffsetEntry> ParseOffsets(std::string_view text, const std::string& path);
std::string FormatCommit(const CommitEntry& entry);
Result<CommitEntry> ParseCommit(std::string_view text, const std::string& path);

/// The file `metadata`: the query's id. Unknown fields are ignored.
std::string FormatMetadata(const std::string& query_id);
Result<std::string> ParseMetadata(std::string_view text, const std::string& path);

/// The conf of a fresh Spark 4.0 query (11 keys).
std::map<std::string, std::string> FreshConf();

}  // namespace flare::checkpoint
