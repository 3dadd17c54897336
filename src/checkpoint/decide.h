#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/log_format.h"

namespace flare::checkpoint {

/// How many batches both logs keep (spark.sql.streaming.minBatchesToRetain).
inline constexpr int64_t kBatchesToRetain = 100;

/// What was seen in the directory; the decisions are pure functions of it.
struct Observed {
  bool has_metadata = false;
  bool has_state = false;                 ///< state/ holds a file
  std::vector<int64_t> offsets, commits;  ///< ids, ascending

  std::optional<int64_t> last_offsets() const { return Last(offsets); }
  std::optional<int64_t> last_commit() const { return Last(commits); }

 private:
  static std::optional<int64_t> Last(const std::vector<int64_t>& ids) {
    return ids.empty() ? std::nullopt : std::optional<int64_t>(ids.back());
  }
};

/// Refuses a directory that no crash of ours or Spark's can have left. Stricter than Spark where Spark
/// loses data. Errors (Corruption or Unsupported): each says what happened and what to do.
Status CheckObserved(const Observed& observed, const std::string& directory);

/// The log files that a decision needs, read after CheckObserved.
struct StartFacts {
  Observed observed;
  std::optional<OffsetEntry> last;      ///< offsets/<L>
  std::optional<OffsetEntry> previous;  ///< offsets/<L-1>
  std::optional<CommitEntry> committed; ///< commits/<C>
};

/// Where a run begins.
struct StartPoint {
  int64_t next_batch = 0;
  bool replay = false;  ///< next_batch is logged but not committed: run it over `logged` unchanged
  std::optional<OffsetEntry> logged;    ///< offsets/<next_batch>, when replay
  std::optional<OffsetEntry> previous;  ///< offsets/<next_batch - 1>: where the batch starts
  int64_t watermark_ms = 0;
  std::map<std::string, std::string> conf;  ///< to be recorded with the next batch
  std::optional<int64_t> last_committed;

  /// The newest logged batch: what the next entry takes its version and carried keys from.
  const OffsetEntry* newest() const { return logged ? &*logged : previous ? &*previous : nullptr; }
};

/// Decides where a query with that many sources begins (Spark's restart algorithm).
/// Errors: InvalidArgument (source count), Unsupported (named sources).
Result<StartPoint> DecideStart(StartFacts facts, size_t source_count, const std::string& directory);

/// The entry that follows: version, conf and carried keys of `start`, nothing else filled in.
OffsetEntry NextEntry(const StartPoint& start);

}  // namespace flare::checkpoint
