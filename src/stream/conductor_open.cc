// How a run begins: the checkpoint, the sources at their positions, the sinks.
#include <unistd.h>

#include "base/fingerprint.h"
#include "base/random.h"
#include "stream/conductor.h"
#include "stream/identity.h"

namespace flare::stream {
namespace {

/// Written into the lock for whoever finds the checkpoint in use.
std::string LockOwner(const std::string& job) {
  char host[256] = {};
  if (::gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  return fmt::format("flare job {}, process {} on {}", job, ::getpid(), host);
}

}  // namespace

Conductor::Conductor(const plan::JobPlan& plan, const RunOptions& options, observe::RunObserver& observer,
                     Trigger trigger, bool bounded_read, std::stop_token ending)
    : plan_(plan),
      options_(options),
      observer_(observer),
      trigger_(trigger),
      bounded_read_(bounded_read),
      ending_(ending),
      run_id_(NewUuid()),
      clock_(*options.clock),
      outage_(trigger.endless(), *options.clock, observer, ending),
      watch_(*options.clock) {}

Status Conductor::Open() {
  checkpoint::StartPoint start;
  phase_ = Phase::kLogs;
  if (plan_.checkpoint_directory.empty()) {
    query_id_ = NewUuid();
  } else {
    auto opened = checkpoint::Checkpoint::Open(*options_.files, plan_.checkpoint_directory,
                                               LockOwner(plan_.job.name.value));
    if (!opened) return std::move(opened).error().With("while opening checkpointLocation " + plan_.checkpoint_directory);
    checkpoint_ = *std::move(opened);
    query_id_ = checkpoint_->query_id();
    ASSIGN_OR_RETURN(start, checkpoint_->Start(plan_.sources.size()));
  }
  const std::optional<int64_t> last_committed = start.last_committed;
  phase_ = Phase::kSources;
  ASSIGN_OR_RETURN(pipeline_, Pipeline::Open(plan_, options_, outage_));
  RETURN_IF_ERROR(TakeUp(std::move(start)));
  RETURN_IF_ERROR(CheckWord(last_committed));
  std::vector<size_t> fresh;
  for (size_t i = 0; i < pipeline_->sources().size(); ++i) {
    auto placed = PlaceSource(i);
    if (!placed) {
      return std::move(placed).error().With(fmt::format("while opening input {}", plan_.sources[i].input.name.value));
    }
    if (*placed) fresh.push_back(i);
  }
  phase_ = Phase::kSinks;
  RETURN_IF_ERROR(pipeline_->OpenSinks(outage_));
  if (last_committed) RETURN_IF_ERROR(outage_.Persist<void>([&] { return CheckLastCommit(*last_committed); }));
  phase_ = Phase::kLogs;
  // Only now: a run that could not open its outputs must not fix where the job begins for ever.
  for (size_t i : fresh) {
    RETURN_IF_ERROR(
        checkpoint_->WriteSourceInitial(i, pipeline_->sources()[i]->FormatInitial(*initial_[i])));
  }
  return Ok();
}

Status Conductor::RestoreIncarnations(const std::map<std::string, std::string>& conf) {
  auto recorded = RecordedIncarnations(conf, pipeline_->sources().size());
  for (size_t i = 0; recorded && i < recorded->size(); ++i) {
    if (!(*recorded)[i].empty()) RETURN_IF_ERROR(pipeline_->sources()[i]->RestoreIncarnation((*recorded)[i]));
  }
  return Ok();
}

Result<Changes> Conductor::CheckSameJob(const JobIdentity& identity, const checkpoint::StartPoint& start) const {
  Changes changes = ChangesOf(identity, start.conf);
  if (changes.sentences.empty()) return changes;
  std::string what = fmt::format("{}", fmt::join(changes.sentences, "; "));
  if (changes.sources && start.replay) {
    return InvalidArgument(
        "checkpoint {} belongs to another job: {}. Its batch {} is unfinished and can only be finished by the job that "
        "began it: run that one first, or give this job a checkpointLocation of its own",
        plan_.checkpoint_directory, what, start.next_batch);
  }
  if (options_.overrides.accept_changes) {
    observer_.OnMessage(2, fmt::format("going on though the job changed under the checkpoint: {}", what));
    return changes;
  }
  return InvalidArgument(
      "checkpoint {} belongs to another job, or the job changed: {}. If that is meant, run once with --accept-changes "
      "({}); else change it back, or give this job a checkpointLocation of its own",
      plan_.checkpoint_directory, what,
      changes.sources ? "what is new is read from its beginning" : "what was written stays as it is");
}

Status Conductor::CheckLastCommit(int64_t last) {
  if (options_.overrides.word.assume_committed == last) {
    observer_.OnMessage(2, fmt::format("batch {} counts as written everywhere, as --assume-committed says", last));
    return Ok();
  }
  ASSIGN_OR_RETURN(auto entry, checkpoint_->ReadOffsets(last));
  if (!WrittenByFlare(entry.conf)) return Ok();  // Spark's foreachBatch leaves no mark in its tables
  Batch done;
  done.id = last;
  done.end = entry.offsets;
  done.start = Positions(done.end.size());
  if (last > 0) {
    auto before = checkpoint_->ReadOffsets(last - 1);
    if (!before && before.error().code() == Code::kNotFound) return Ok();  // purged: nothing to compare with
    if (!before) return std::move(before).error();
    done.start = before->offsets;
  }
  auto infos = InfosOf(done);
  auto replayed = batch_ ? InfosOf(*batch_) : std::vector<connector::BatchInfo>();
  for (size_t i = 0; i < infos.size(); ++i) {
    connector::Sink& sink = *pipeline_->sinks()[i];
    if (sink.guarantee() != connector::Guarantee::kExactlyOnce) continue;
    bool there = false;
    if (batch_) {  // a table that has the unfinished batch already is ahead of this one, as it should be
      ASSIGN_OR_RETURN(there, sink.Find(replayed[i]));
    }
    if (!there) {
      ASSIGN_OR_RETURN(there, sink.Find(infos[i]));
    }
    if (there) continue;
    return Conflict(
        "checkpoint {} says that batch {} was committed to {}, but the table does not hold it: it was dropped and made "
        "anew, rolled back, or its newest metadata was lost. Put the table back; or, to go on behind batch {} and leave "
        "the gap, run once with --assume-committed {}; or, to write everything again into the table as it is, give the "
        "job a new checkpointLocation",
        plan_.checkpoint_directory, last, sink.description(), last, last);
  }
  return Ok();
}

Status Conductor::CheckWord(std::optional<int64_t> last_committed) const {
  const connector::PersonsWord& word = options_.overrides.word;
  if (!word.assume_committed && !word.replay) return Ok();
  if (!checkpoint_) return InvalidArgument("--assume-committed and --replay need a job with a checkpointLocation");
  std::string standing = batch_ ? fmt::format("its unfinished batch is {}", batch_->id)
                                : fmt::format("it has no unfinished batch; {}", last_committed ? fmt::format(
                                                  "the last committed one is {}, the next {}", *last_committed, next_batch_)
                                                                                               : "none was committed yet");
  bool unfinished = batch_ && word.assume_committed == batch_->id;
  if (word.assume_committed && !unfinished && word.assume_committed != last_committed) {
    return InvalidArgument("--assume-committed {}: checkpoint {} is not in doubt about that batch: {}",
                           *word.assume_committed, plan_.checkpoint_directory, standing);
  }
  if (word.replay && *word.replay != next_batch_) {
    return InvalidArgument("--replay {}: checkpoint {} is not in doubt about that batch: {}", *word.replay,
                           plan_.checkpoint_directory, standing);
  }
  return Ok();
}

Status Conductor::TakeUp(checkpoint::StartPoint start) {
  JobIdentity identity;
  for (const auto& source : pipeline_->sources()) identity.sources.push_back(source->description());
  for (const auto& output : plan_.outputs) identity.outputs.push_back(DatasetName(output.address));
  for (const auto& step : plan_.steps) identity.steps.emplace_back(step.name, Fingerprint(step.text));
  if (checkpoint_) {
    ASSIGN_OR_RETURN(Changes changes, CheckSameJob(identity, start));
    if (!changes.sources) RETURN_IF_ERROR(RestoreIncarnations(start.conf));
  }

  size_t count = pipeline_->sources().size();
  next_entry_ = checkpoint::NextEntry(start);
  identity.Record(next_entry_.conf);
  next_batch_ = start.next_batch;
  position_ = start.previous ? start.previous->offsets : Positions(count);
  initial_ = Positions(count);
  verify_first_ = clean_up_due_ = checkpoint_ != nullptr && !checkpoint_->is_new();
  if (!start.replay) return Ok();

  batch_ = Batch{};
  batch_->id = start.next_batch;
  batch_->start = position_;
  batch_->end = start.logged->offsets;
  batch_->watermark_ms = start.logged->watermark_ms;
  batch_->timestamp_ms = start.logged->timestamp_ms;
  batch_->logged = batch_->replay = true;
  batch_->foreign = !WrittenByFlare(start.logged->conf);
  return Ok();
}

/// True when the position was resolved anew and still has to be written down.
Result<bool> Conductor::PlaceSource(size_t index) {
  connector::Source& source = *pipeline_->sources()[index];
  std::optional<std::string> stored;
  if (checkpoint_) {
    ASSIGN_OR_RETURN(stored, checkpoint_->ReadSourceInitial(index));
  }
  bool needed = !position_[index].has_value(), fresh = false;
  if (stored) {
    auto parsed = source.ParseInitial(*stored);
    if (parsed) {
      initial_[index] = *parsed;
      RETURN_IF_ERROR(source.SetInitial(*parsed));
    } else if (needed) {
      return std::move(parsed).error().With(fmt::format("in {}/sources/{}/0", plan_.checkpoint_directory, index));
    }
  } else if (needed && batch_ && batch_->end[index]) {
    return Corruption(
        "checkpoint {}: sources/{}/0 is missing, though batch {} starts where it says; restore it from a backup, or "
        "begin with a new checkpointLocation",
        plan_.checkpoint_directory, index, batch_->id);
  } else if (needed) {
    ASSIGN_OR_RETURN(auto offset,
                     outage_.Persist<connector::OffsetText>([&] { return source.InitialOffset(); }));
    initial_[index] = std::move(offset);
    fresh = checkpoint_ != nullptr;
  }
  if (trigger_.kind == Trigger::kAvailableNow) {
    RETURN_IF_ERROR(outage_.Persist<void>([&] { return source.FreezeEnd(); }));
  }
  return fresh;
}

}  // namespace flare::stream
