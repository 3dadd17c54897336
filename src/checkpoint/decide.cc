#include "checkpoint/decide.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flare::checkpoint {
namespace {

/// Ids missing between the newest and the oldest that retention keeps. What is older may have holes: an
/// interrupted purge deletes in no certain order.
std::vector<int64_t> Missing(const std::vector<int64_t>& ids) {
  std::vector<int64_t> missing;
  if (ids.empty()) return missing;
  int64_t oldest_kept = ids.back() - kBatchesToRetain;
  for (size_t i = 1; i < ids.size() && missing.size() < 20; ++i) {
    int64_t from = std::max(ids[i - 1] + 1, oldest_kept);
    for (int64_t id = from; id < ids[i] && missing.size() < 20; ++id) missing.push_back(id);
  }
  return missing;
}

constexpr const char* kWhatToDo =
    "restore the checkpoint from a backup, or begin with a new checkpointLocation (the job then starts at its "
    "startingOffsets)";

Status CheckGaps(const Observed& observed, const std::string& directory) {
  auto check = [&](const std::vector<int64_t>& ids, std::string_view log) -> Status {
    auto missing = Missing(ids);
    if (missing.empty()) return Ok();
    return Corruption(
        "checkpoint {}: {}/ holds batches up to {} but not {}: files were deleted, or Spark wrote it with "
        "asyncProgressTracking (then let Spark run two batches with interval 0 first); {}",
        directory, log, ids.back(), fmt::join(missing, ", "), kWhatToDo);
  };
  RETURN_IF_ERROR(check(observed.offsets, "offsets"));
  return check(observed.commits, "commits");
}

Status CheckOrder(const Observed& observed, const std::string& directory) {
  auto last = observed.last_offsets();
  auto committed = observed.last_commit();
  if (committed && (!last || *committed > *last)) {
    return Corruption(
        "checkpoint {}: commits/ is ahead of offsets/: batch {} is committed but {}; files of offsets/ were lost; {}",
        directory, *committed, last ? fmt::format("the last logged batch is {}", *last) : "no batch was ever logged",
        kWhatToDo);
  }
  if (!last) return Ok();
  if (*last > 0 && !std::binary_search(observed.offsets.begin(), observed.offsets.end(), *last - 1)) {
    return Corruption(
        "checkpoint {}: batch {} doesn't exist: offsets/{} is there but offsets/{}, where that batch starts, is not; {}",
        directory, *last - 1, *last, *last - 1, kWhatToDo);
  }
  int64_t done = committed.value_or(-1);
  if (done < *last - 1) {
    return Corruption(
        "checkpoint {}: offsets/ reaches batch {} but {}; at most one batch can be unfinished, so files of commits/ "
        "were lost; {}",
        directory, *last,
        committed ? fmt::format("commits/ ends at batch {}", done) : "commits/ holds nothing", kWhatToDo);
  }
  return Ok();
}

Status CheckSources(OffsetEntry& entry, size_t source_count, const std::string& directory) {
  if (entry.offsets.size() != source_count) {
    return InvalidArgument(
        "checkpoint {} belongs to another job: there are [{}] sources in the checkpoint offsets and now there are "
        "[{}] sources requested by the query. Cannot continue. Give each job a checkpointLocation of its own",
        directory, entry.offsets.size(), source_count);
  }
  if (entry.version < 2) return Ok();
  std::vector<std::optional<std::string>> ordered(source_count);
  for (size_t i = 0; i < source_count; ++i) {
    auto at = std::find(entry.source_ids.begin(), entry.source_ids.end(), std::to_string(i));
    if (at == entry.source_ids.end()) {
      return Unsupported(
          "checkpoint {} names its sources ({}); flare knows sources by their position only. Go on with Spark, or "
          "begin with a new checkpointLocation",
          directory, fmt::join(entry.source_ids, ", "));
    }
    ordered[i] = entry.offsets[static_cast<size_t>(at - entry.source_ids.begin())];
  }
  entry.offsets = std::move(ordered);
  for (size_t i = 0; i < source_count; ++i) entry.source_ids[i] = std::to_string(i);
  return Ok();
}

}  // namespace

Status CheckObserved(const Observed& observed, const std::string& directory) {
  if (observed.has_state) {
    return Unsupported(
        "checkpoint {} holds the state of a stateful Spark query (state/ is not empty), which only Spark can read; "
        "go on with Spark, or begin with a new checkpointLocation",
        directory);
  }
  if (!observed.has_metadata && !(observed.offsets.empty() && observed.commits.empty())) {
    return Corruption(
        "checkpoint {}: the file metadata is missing although batches were logged (Spark's "
        "STREAMING_CHECKPOINT_MISSING_METADATA_FILE); without the query id in it the last batch could be written "
        "twice; put it back from a backup, with the id that the table's snapshots carry as "
        "spark.sql.streaming.queryId, or begin with a new checkpointLocation",
        directory);
  }
  auto negative = [](const std::vector<int64_t>& ids) { return !ids.empty() && ids.front() < 0; };
  if (negative(observed.offsets) || negative(observed.commits)) {
    return Corruption("checkpoint {}: a log holds a file with a negative batch id; remove the stray file", directory);
  }
  RETURN_IF_ERROR(CheckOrder(observed, directory));
  return CheckGaps(observed, directory);
}

Result<StartPoint> DecideStart(StartFacts facts, size_t source_count, const std::string& directory) {
  StartPoint start;
  start.last_committed = facts.observed.last_commit();
  if (!facts.last) {
    start.conf = FreshConf();
    return start;
  }
  RETURN_IF_ERROR(CheckSources(*facts.last, source_count, directory));
  if (facts.previous) RETURN_IF_ERROR(CheckSources(*facts.previous, source_count, directory));
  int64_t last = *facts.observed.last_offsets();
  start.conf = facts.last->conf;
  start.watermark_ms = facts.last->watermark_ms;
  if (start.last_committed == last) {
    start.next_batch = last + 1;
    if (facts.committed) start.watermark_ms = std::max(start.watermark_ms, facts.committed->next_watermark_ms);
    start.previous = std::move(facts.last);
    return start;
  }
  start.next_batch = last;
  start.replay = true;
  start.logged = std::move(facts.last);
  start.previous = std::move(facts.previous);
  return start;
}

OffsetEntry NextEntry(const StartPoint& start) {
  OffsetEntry entry;
  entry.watermark_ms = start.watermark_ms;
  entry.conf = start.conf;
  const OffsetEntry* newest = start.newest();
  if (newest == nullptr) return entry;
  entry.version = newest->version;
  entry.source_ids = newest->source_ids;
  // controlBatchInfo tells of one batch alone; what is said of the sources goes on.
  auto extra = nlohmann::ordered_json::parse(newest->extra_metadata, nullptr, false);
  if (extra.is_object()) {
    extra.erase("controlBatchInfo");
    entry.extra_metadata = extra.dump();
  }
  return entry;
}

}  // namespace flare::checkpoint
