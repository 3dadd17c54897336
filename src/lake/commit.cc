#include "lake/commit.h"

#include "base/random.h"
#include "lake/snapshot_builder.h"

namespace flare::lake {
namespace {

using Outcome = CommitResult::Outcome;
using Publish = PublishResult::Outcome;

int64_t NowMs(const Clock& clock) { return clock.Now().time_since_epoch().count(); }

/// Waits between tries: doubling, with jitter so that writers do not march in step.
class Backoff {
 public:
  Backoff(const WriterProperties& properties, Clock* clock)
      : clock_(clock), left_(properties.retries), wait_ms_(properties.retry_min_wait_ms),
        max_wait_ms_(properties.retry_max_wait_ms),
        deadline_(clock->Monotonic() + Millis(properties.retry_total_ms)) {}

  /// False when no retry is left.
  bool Wait() {
    if (left_-- <= 0 || clock_->Monotonic() > deadline_) return false;
    int64_t half = wait_ms_ / 2;
    int64_t jitter = half > 0 ? static_cast<int64_t>(RandomBits() % static_cast<uint64_t>(half + 1)) : 0;
    clock_->WaitUntil(clock_->Now() + Millis(half + jitter), {});
    wait_ms_ = std::min(max_wait_ms_, wait_ms_ * 2);
    return true;
  }

 private:
  Clock* clock_;
  int left_;
  int64_t wait_ms_, max_wait_ms_;
  Millis deadline_;
};

CommitResult End(Outcome outcome, CommitResult result, Error reason) {
  result.outcome = outcome;
  result.reason = std::move(reason);
  return result;
}

Status CheckWritable(const TableMetadata& metadata) {
  if (metadata.format_version() == 2) return Ok();
  return Unsupported("the table has format version {}; only version 2 can be written (upgrade it with the table property "
                     "format-version=2)", metadata.format_version());
}

bool MovedOn(const Table& table, const TableVersion& base) {
  auto newest = table.Load();
  return newest && newest->file != base.file;
}

/// One try on one base. Sets result->outcome; returns true when another try may help.
bool Try(const Table& table, const CommitRequest& request, SnapshotBuilder* builder, Clock* clock,
         CommitResult* result) {
  const TableVersion& base = *result->table;
  auto reject = [&](Error reason) {
    *result = End(Outcome::kRejected, std::move(*result), std::move(reason));
    return false;
  };
  if (Status writable = CheckWritable(base.metadata); !writable) return reject(std::move(writable).error());
  if (request.check) {
    Result<bool> go_on = request.check(base.metadata);
    if (!go_on) return reject(std::move(go_on).error());
    if (!*go_on) {
      result->outcome = Outcome::kAlready;
      return false;
    }
  }
  Result<Snapshot> snapshot = builder->Build(base.metadata, NowMs(*clock));
  if (!snapshot) {
    // Another writer may have committed, and an expiry then have deleted what only this base needed.
    bool expired = snapshot.error().code() == Code::kNotFound && MovedOn(table, base);
    reject(std::move(snapshot).error());
    return expired;
  }
  TableMetadata next = base.metadata;
  next.AddSnapshot(*snapshot, request.branch);
  if (request.properties) next.SetProperties(request.properties(snapshot->id));
  PublishResult published = table.Publish(base, std::move(next), NowMs(*clock));
  switch (published.outcome) {
    case Publish::kPublished:
      result->outcome = Outcome::kCommitted;
      result->snapshot_id = snapshot->id;
      result->table = std::move(published.table);
      return false;
    case Publish::kUnknown:
      *result = End(Outcome::kUnknown, std::move(*result), std::move(*published.reason));
      return false;
    case Publish::kRejected: return reject(std::move(*published.reason));
    case Publish::kConflict: break;
  }
  *result = End(Outcome::kRejected, std::move(*result), std::move(*published.reason));
  return true;
}

}  // namespace

CommitResult Commit(const Table& table, std::optional<TableVersion> known, const CommitRequest& request,
                    io::FileSystem* files, Clock* clock) {
  CommitResult result;
  SnapshotBuilder builder(request, files);
  std::optional<Backoff> backoff;
  for (;;) {
    Result<TableVersion> base = known ? table.Refresh(std::move(*known)) : table.Load();
    known.reset();
    if (!base) {
      result = End(Outcome::kRejected, std::move(result), std::move(base).error());
      break;
    }
    result.table = std::move(*base);
    ++result.tries;
    if (!Try(table, request, &builder, clock, &result)) break;
    if (!backoff) {
      auto properties = ParseWriterProperties(result.table->metadata.properties());
      backoff.emplace(properties ? *properties : WriterProperties(), clock);
    }
    if (!backoff->Wait()) {
      result.reason = std::move(*result.reason).With(fmt::format("after {} tries (commit.retry.*)", result.tries));
      break;
    }
  }
  if (result.outcome == Outcome::kRejected || result.outcome == Outcome::kAlready) builder.CleanUp();
  return result;
}

Result<TableVersion> ChangeMetadata(const Table& table, TableVersion base,
                                    const std::function<Result<bool>(TableMetadata*)>& change, Clock* clock) {
  std::optional<Backoff> backoff;
  for (;;) {
    TableMetadata next = base.metadata;
    ASSIGN_OR_RETURN(bool changed, change(&next));
    if (!changed) return base;
    RETURN_IF_ERROR(CheckWritable(base.metadata));
    PublishResult published = table.Publish(base, std::move(next), NowMs(*clock));
    if (published.outcome == Publish::kPublished) return std::move(*published.table);
    if (published.outcome != Publish::kConflict) return std::move(*published.reason);
    if (!backoff) {
      ASSIGN_OR_RETURN(WriterProperties properties, ParseWriterProperties(base.metadata.properties()));
      backoff.emplace(properties, clock);
    }
    if (!backoff->Wait()) return std::move(*published.reason);
    ASSIGN_OR_RETURN(base, table.Load());
  }
}

}  // namespace flare::lake
