#include "connector/iceberg/epoch.h"

#include <charconv>

namespace flare::connector::iceberg {
namespace {

using lake::Snapshot;
using lake::TableMetadata;

std::string ValueOf(const lake::Properties& map, const std::string& key) {
  auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

std::optional<int64_t> ToLong(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// FNV-1a: enough to tell two offset ranges of one batch apart, and short.
std::string Fingerprint(const BatchInfo& batch) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : batch.start_offsets + "|" + batch.end_offsets) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

/// The newest batch of a query in a branch's history.
struct Mark {
  std::optional<Snapshot> snapshot;
  int64_t epoch = -1;
  bool cut = false;  ///< an ancestor was expired before any was found
};

Result<Mark> Walk(const TableMetadata& metadata, const std::string& branch, const std::string& query_id) {
  Mark mark;
  std::optional<int64_t> at = metadata.Head(branch);
  if (!at && !metadata.HasBranch(branch)) at = metadata.Head();
  while (at) {
    if (!metadata.HasSnapshot(*at)) {
      mark.cut = true;
      break;
    }
    ASSIGN_OR_RETURN(Snapshot snapshot, metadata.FindSnapshot(*at));
    at = snapshot.parent_id;
    if (ValueOf(snapshot.summary, kQueryIdKey) != query_id) continue;
    auto epoch = ToLong(ValueOf(snapshot.summary, kEpochIdKey));
    if (!epoch) continue;
    mark.epoch = *epoch;
    mark.snapshot = std::move(snapshot);
    break;
  }
  return mark;
}

struct Watermark {
  int64_t epoch = -1;
  std::string fingerprint;
};

std::optional<Watermark> ReadWatermark(const TableMetadata& metadata, const std::string& query_id,
                                       const std::string& branch) {
  std::string text = ValueOf(metadata.properties(), WatermarkKey(query_id, branch));
  auto first = text.find('@'), last = text.rfind('@');
  if (first == std::string::npos || first == last) return std::nullopt;
  auto epoch = ToLong(std::string_view(text).substr(0, first));
  if (!epoch) return std::nullopt;
  return Watermark{*epoch, text.substr(last + 1)};
}

Error OtherOffsets(const BatchInfo& batch, const std::string& table, const std::string& there) {
  return Conflict("batch {} of query {} is in the table {} already, but over other offsets: the table has {}, the "
                  "checkpoint has {} to {}. The checkpoint was restored from a backup or changed by another engine. Put "
                  "back the checkpoint that wrote the table, or give the job a new checkpointLocation",
                  batch.token.batch_id, batch.token.query_id, table, there, batch.start_offsets, batch.end_offsets);
}

Error AheadOfCheckpoint(const BatchInfo& batch, const std::string& table, int64_t epoch) {
  return Conflict("the table {} holds batch {} of query {}, but the checkpoint is only at batch {}. Another run of this "
                  "query is ahead, or the checkpoint was restored from an older backup. Stop the other run, put back the "
                  "newer checkpoint, or give the job a new checkpointLocation",
                  table, epoch, batch.token.query_id, batch.token.batch_id);
}

Error RolledBack(const BatchInfo& batch, const std::string& table, int64_t seen, const std::string& found) {
  return Conflict("the table {} says that batch {} of query {} was committed, but its history {}: the table was rolled "
                  "back or rewritten. Roll the table forward again, or, to go on from batch {} and leave the gap, set "
                  "replayBatch: \"{}\" under the output's extraOptions",
                  table, seen, batch.token.query_id, found, batch.token.batch_id, batch.token.batch_id);
}

Result<bool> Compare(const Mark& mark, const BatchInfo& batch, const std::string& table) {
  if (mark.epoch > batch.token.batch_id) return AheadOfCheckpoint(batch, table, mark.epoch);
  if (mark.epoch < batch.token.batch_id) return false;
  const auto& summary = mark.snapshot->summary;
  std::string output = ValueOf(summary, kOutputKey);
  if (!output.empty() && output != batch.token.output) {
    return Conflict("batch {} of query {} was committed to the table {} by the output '{}', not by '{}'. Two outputs of a "
                    "job cannot write to one table; if the output was only renamed, give it back its old name until "
                    "this batch is done", batch.token.batch_id, batch.token.query_id, table, output, batch.token.output);
  }
  std::string start = ValueOf(summary, kStartOffsetsKey), end = ValueOf(summary, kEndOffsetsKey);
  bool stored = summary.contains(kEndOffsetsKey);  // Spark stores none
  if (stored && (start != batch.start_offsets || end != batch.end_offsets)) {
    return OtherOffsets(batch, table, start + " to " + end);
  }
  return true;
}

}  // namespace

std::string WatermarkKey(const std::string& query_id, const std::string& branch) {
  return fmt::format("flare.watermark.{}.{}", query_id, branch);
}

std::string WatermarkValue(const BatchInfo& batch, int64_t snapshot_id) {
  return fmt::format("{}@{}@{}", batch.token.batch_id, snapshot_id, Fingerprint(batch));
}

Result<bool> IsCommitted(const TableMetadata& metadata, const std::string& branch, const BatchInfo& batch,
                         const DoubtRule& doubt, const std::string& table) {
  int64_t n = batch.token.batch_id;
  ASSIGN_OR_RETURN(Mark mark, Walk(metadata, branch, batch.token.query_id));
  std::optional<Watermark> seen = ReadWatermark(metadata, batch.token.query_id, branch);
  bool told = doubt.replay_batch == n;
  if (mark.snapshot) {
    if (mark.epoch < n && seen && seen->epoch > mark.epoch && !told) {
      return RolledBack(batch, table, seen->epoch, fmt::format("ends at batch {}", mark.epoch));
    }
    return Compare(mark, batch, table);
  }
  if (seen && !mark.cut && !told) return RolledBack(batch, table, seen->epoch, "does not have it");
  if (seen && mark.cut) {
    if (seen->epoch > n) return AheadOfCheckpoint(batch, table, seen->epoch);
    if (seen->epoch < n) return false;
    if (seen->fingerprint != Fingerprint(batch)) return OtherOffsets(batch, table, "a range that was expired since");
    return true;
  }
  if (mark.cut && n > 0 && !told) {
    return Conflict("whether batch {} of query {} is in the table {} cannot be told: the table's older snapshots were "
                    "expired, and it has no mark of this query. If the batch is not in the table (its first run, or a new "
                    "output of a running job), set replayBatch: \"{}\" under the output's extraOptions",
                    n, batch.token.query_id, table, n);
  }
  return false;
}

std::optional<std::string> AttemptOf(const TableMetadata& metadata, const std::string& branch,
                                     const std::string& query_id, int64_t batch_id) {
  auto mark = Walk(metadata, branch, query_id);
  if (!mark || !mark->snapshot || mark->epoch != batch_id) return std::nullopt;
  std::string attempt = ValueOf(mark->snapshot->summary, kAttemptKey);
  return attempt.empty() ? std::nullopt : std::optional(attempt);
}

}  // namespace flare::connector::iceberg
