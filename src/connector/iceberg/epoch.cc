#include "connector/iceberg/epoch.h"

#include <charconv>

#include "base/fingerprint.h"

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

/// Enough to tell two offset ranges of one batch apart, and short.
std::string RangeOf(const BatchInfo& batch) { return Fingerprint(batch.start_offsets + "|" + batch.end_offsets); }

/// The newest batch of a query in a branch's history.
struct Mark {
  std::optional<Snapshot> snapshot;
  int64_t epoch = -1;
  bool cut = false;  ///< an ancestor was expired before any was found
  /// The newest snapshot above it that added rows under no query's name: no streaming writer's own.
  std::optional<Snapshot> unmarked;
};

bool MayHoldABatch(const Snapshot& snapshot) {
  std::string operation = ValueOf(snapshot.summary, "operation");
  return !snapshot.summary.contains(kQueryIdKey) && (operation == "append" || operation == "overwrite");
}

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
    if (!mark.unmarked && MayHoldABatch(snapshot)) mark.unmarked = snapshot;
    auto epoch = EpochOf(snapshot, query_id);
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

/// What the table says of a batch.
struct Finding {
  enum { kThere, kNotThere, kDoubt, kRefused } answer = kNotThere;
  std::optional<Error> why;  ///< of a doubt or a refusal
  std::string proof;         ///< of the other two, for a person whose word it contradicts
};

Finding There(int64_t snapshot_id) {
  return {Finding::kThere, std::nullopt, fmt::format("snapshot {} is that batch over the same offsets", snapshot_id)};
}
Finding NotThere(std::string proof) { return {Finding::kNotThere, std::nullopt, std::move(proof)}; }
Finding Doubt(Error why) { return {Finding::kDoubt, std::move(why), ""}; }
Finding Refused(Error why) { return {Finding::kRefused, std::move(why), ""}; }

Finding OtherOffsets(const BatchInfo& batch, const std::string& table, const std::string& there) {
  return Doubt(Conflict(
      "batch {0} of query {1} is in the table {2} already, but over other offsets: the table has {3}, the checkpoint has {4} "
      "to {5}. The checkpoint was restored from a backup or changed by another engine. Put back the checkpoint that wrote "
      "the table; or let `flare checkpoint reset MANIFEST --keep-position` begin anew where the table ends; or say what "
      "shall hold: --assume-committed {0} goes on behind the checkpoint's range, --replay {0} writes it as well",
      batch.token.batch_id, batch.token.query_id, table, there, batch.start_offsets, batch.end_offsets));
}

Finding AheadOfCheckpoint(const BatchInfo& batch, const std::string& table, int64_t epoch) {
  return Refused(Conflict(
      "the table {} holds batch {} of query {}, but the checkpoint is only at batch {}. Another run of this query is ahead, "
      "or the checkpoint was restored from an older backup. Stop the other run, put back the newer checkpoint, or let "
      "`flare checkpoint reset MANIFEST --keep-position` begin anew where the table ends",
      table, epoch, batch.token.query_id, batch.token.batch_id));
}

Finding RolledBack(const BatchInfo& batch, const std::string& table, int64_t seen, const std::string& found) {
  if (batch.word.assume_committed == seen && seen < batch.token.batch_id) return NotThere("");
  return Doubt(Conflict(
      "the table {} says that batch {} of query {} was committed, but its history {}: the table was rolled back or "
      "rewritten. Roll the table forward again; or, to go on and leave the gap, run once with --assume-committed {}; or, to "
      "write everything again, give the job a new checkpointLocation",
      table, seen, batch.token.query_id, found, seen));
}

Finding Expired(const BatchInfo& batch, const std::string& table) {
  return Doubt(Conflict(
      "whether batch {0} of query {1} is in the table {2} cannot be told: the table's older snapshots were expired, and what "
      "is left has no mark of the batches before it. Look at the table's rows (`flare checkpoint verify` helps), then run once with --replay "
      "{0} when the batch is not in the table (its first run, or a new output of a running job), or with "
      "--assume-committed {0} when it is",
      batch.token.batch_id, batch.token.query_id, table));
}

std::string Describe(const Snapshot& snapshot) {
  std::string app = ValueOf(snapshot.summary, "spark.app.id");
  return app.empty() ? fmt::format("snapshot {}", snapshot.id) : fmt::format("snapshot {} (of {})", snapshot.id, app);
}

/// A batch that was begun by an engine which may leave no mark. Proven absent only where the batch before it left
/// one and nothing without a mark came since.
std::optional<Finding> Unmarked(const Mark& mark, const BatchInfo& batch, const std::string& table) {
  bool behind_the_last = mark.epoch == batch.token.batch_id - 1;
  if (!batch.may_be_unmarked || (behind_the_last && !mark.unmarked)) return std::nullopt;
  std::string sign = mark.unmarked ? fmt::format("{} was added without a query id, as Spark's foreachBatch does",
                                                 Describe(*mark.unmarked))
                                   : std::string("the batch before it left no mark either");
  return Doubt(Conflict(
      "whether batch {0} of query {1} is in the table {2} cannot be told: another engine began it, from {3} to {4}, and {5}. "
      "Look whether the table holds those records (`flare checkpoint verify` helps), then run once with "
      "--assume-committed {0} when it does, or with --replay {0} when it does not",
      batch.token.batch_id, batch.token.query_id, table, batch.start_offsets, batch.end_offsets, sign));
}

Finding Compare(const Mark& mark, const BatchInfo& batch, const std::string& table) {
  int64_t n = batch.token.batch_id;
  if (mark.epoch > n) return AheadOfCheckpoint(batch, table, mark.epoch);
  if (mark.epoch < n) {
    if (auto doubt = Unmarked(mark, batch, table)) return std::move(*doubt);
    return NotThere(fmt::format("its newest batch of this query is {}", mark.epoch));
  }
  const auto& summary = mark.snapshot->summary;
  std::string output = ValueOf(summary, kOutputKey);
  if (!output.empty() && output != batch.token.output) {
    return Refused(Conflict(
        "batch {} of query {} was committed to the table {} by the output '{}', not by '{}'. Two outputs of a job cannot "
        "write to one table; if the output was only renamed, give it back its old name until this batch is done",
        n, batch.token.query_id, table, output, batch.token.output));
  }
  std::string start = ValueOf(summary, kStartOffsetsKey), end = ValueOf(summary, kEndOffsetsKey);
  bool stored = summary.contains(kEndOffsetsKey);  // Spark stores none
  if (stored && (start != batch.start_offsets || end != batch.end_offsets)) {
    return OtherOffsets(batch, table, start + " to " + end);
  }
  return There(mark.snapshot->id);
}

/// Without a snapshot of the query in the history: what else can tell.
Finding WithoutMark(const Mark& mark, const std::optional<Watermark>& seen, const BatchInfo& batch,
                    const std::string& table) {
  int64_t n = batch.token.batch_id;
  if (seen && !mark.cut) return RolledBack(batch, table, seen->epoch, "does not have it");
  if (seen) {
    if (seen->epoch > n) return AheadOfCheckpoint(batch, table, seen->epoch);
    // Only our commits move the property: behind another engine's batches it tells nothing.
    if (seen->epoch < n - 1 || (seen->epoch < n && batch.may_be_unmarked)) return Expired(batch, table);
    if (seen->epoch < n) return NotThere(fmt::format("its newest batch of this query was {}", seen->epoch));
    if (seen->fingerprint != RangeOf(batch)) return OtherOffsets(batch, table, "a range that was expired since");
    return {Finding::kThere, std::nullopt, "its properties name that batch over the same offsets"};
  }
  if (mark.cut && (n > 0 || batch.may_be_unmarked)) return Expired(batch, table);
  if (auto doubt = Unmarked(mark, batch, table)) return std::move(*doubt);
  return NotThere("its whole history is there and has no batch of this query");
}

Finding Look(const TableMetadata& metadata, const std::string& branch, const BatchInfo& batch, const Mark& mark,
             const std::string& table) {
  std::optional<Watermark> seen = ReadWatermark(metadata, batch.token.query_id, branch);
  if (!mark.snapshot) return WithoutMark(mark, seen, batch, table);
  if (mark.epoch < batch.token.batch_id && seen && seen->epoch > mark.epoch) {
    Finding back = RolledBack(batch, table, seen->epoch, fmt::format("ends at batch {}", mark.epoch));
    if (back.answer == Finding::kDoubt) return back;
  }
  return Compare(mark, batch, table);
}

Error WrongWord(const BatchInfo& batch, const char* option, const std::string& table, const std::string& proof) {
  return Conflict("{0} {1} contradicts the table {2}: {3}. Nothing was written; run without {0}", option,
                  batch.token.batch_id, table, proof);
}

}  // namespace

std::optional<int64_t> EpochOf(const Snapshot& snapshot, const std::string& query_id) {
  auto found = snapshot.summary.find(kQueryIdKey);
  if (found == snapshot.summary.end() || found->second != query_id) return std::nullopt;
  return ToLong(ValueOf(snapshot.summary, kEpochIdKey));
}

std::string WatermarkKey(const std::string& query_id, const std::string& branch) {
  return fmt::format("flare.watermark.{}.{}", query_id, branch);
}

std::string WatermarkValue(const BatchInfo& batch, int64_t snapshot_id) {
  return fmt::format("{}@{}@{}", batch.token.batch_id, snapshot_id, RangeOf(batch));
}

Result<bool> IsCommitted(const TableMetadata& metadata, const std::string& branch, const BatchInfo& batch,
                         const std::string& table) {
  ASSIGN_OR_RETURN(Mark mark, Walk(metadata, branch, batch.token.query_id));
  Finding finding = Look(metadata, branch, batch, mark, table);
  bool assumed = batch.word.assume_committed == batch.token.batch_id, replayed = batch.word.replay == batch.token.batch_id;
  switch (finding.answer) {
    case Finding::kThere:
      if (replayed) return WrongWord(batch, "--replay", table, finding.proof);
      return true;
    case Finding::kNotThere:
      if (assumed) return WrongWord(batch, "--assume-committed", table, finding.proof);
      return false;
    case Finding::kDoubt:
      if (assumed || replayed) return assumed;
      return std::move(*finding.why);
    case Finding::kRefused: break;
  }
  return std::move(*finding.why);
}

}  // namespace flare::connector::iceberg
