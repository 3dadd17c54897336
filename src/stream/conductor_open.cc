// How a run begins: the checkpoint, the sources at their positions, the sinks.
#include <unistd.h>

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
  phase_ = Phase::kSources;
  ASSIGN_OR_RETURN(pipeline_, Pipeline::Open(plan_, options_, outage_));
  RETURN_IF_ERROR(TakeUp(std::move(start)));
  for (size_t i = 0; i < pipeline_->sources().size(); ++i) {
    Status placed = PlaceSource(i);
    if (!placed) {
      return std::move(placed).error().With(fmt::format("while opening input {}", plan_.sources[i].input.name.value));
    }
  }
  phase_ = Phase::kSinks;
  return pipeline_->OpenSinks();
}

Status Conductor::TakeUp(checkpoint::StartPoint start) {
  JobIdentity identity;
  for (const auto& source : pipeline_->sources()) identity.sources.push_back(source->description());
  for (const auto& output : plan_.outputs) identity.outputs.push_back(DatasetName(output.address));
  if (checkpoint_) RETURN_IF_ERROR(CheckSameJob(identity, start.conf, plan_.checkpoint_directory));

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
  return Ok();
}

Status Conductor::PlaceSource(size_t index) {
  connector::Source& source = *pipeline_->sources()[index];
  std::optional<std::string> stored;
  if (checkpoint_) {
    ASSIGN_OR_RETURN(stored, checkpoint_->ReadSourceInitial(index));
  }
  bool needed = !position_[index].has_value();
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
    if (checkpoint_) RETURN_IF_ERROR(checkpoint_->WriteSourceInitial(index, source.FormatInitial(offset)));
    initial_[index] = std::move(offset);
  }
  if (trigger_.kind != Trigger::kAvailableNow) return Ok();
  return outage_.Persist<void>([&] { return source.FreezeEnd(); });
}

}  // namespace flare::stream
