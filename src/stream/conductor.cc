#include "stream/conductor.h"

#include "connector/offset_list.h"
#include "manifest/values.h"
#include "observe/units.h"
#include "stream/previews.h"
#include "stream/reading_monitor.h"

namespace flare::stream {
namespace {

constexpr Millis kIdleNotice{10'000};    ///< Spark's noDataProgressEventInterval
constexpr Millis kLongPoll{1'000};       ///< one wait of a source that can tell when data arrives
constexpr Millis kLongestPollPause{50};  ///< between two questions to a source that cannot

}  // namespace

Result<RunSummary> Conductor::Run() {
  Status opened = Open();
  if (!opened) {
    // Stopped while it waited for a source that is out of reach: nothing was begun.
    if (!ending() || !Outage::MayPass(opened.error())) return std::move(opened).error();
    summary_.stopped = true;
    observer_.OnMessage(1, fmt::format("stopped before anything was read: {}", opened.error().message()));
    return summary_;
  }
  std::string what = plan_.job.name.value + ":";
  for (const auto& source : pipeline_->sources()) what += " " + source->description();
  what += " ->";
  for (const auto& sink : pipeline_->sinks()) what += " " + sink->description();
  observer_.OnStart(query_id_, run_id_, fmt::format("{}, {}", what, bounded_read_ ? "once" : trigger_.ToText()));
  if (batch_) {
    observer_.OnMessage(1, fmt::format("batch {} was begun by an earlier run and is finished first", batch_->id));
  }

  TriggerCalls calls;
  calls.on_trigger = [this] { return OnTrigger(); };
  calls.on_falling_behind = [this](Millis took) {
    observer_.OnMessage(2, fmt::format("{} took {}, longer than the trigger's interval of {}; the next one starts at once",
                                       told_idle_ ? "looking for new data" : "the batch", observe::FormatDuration(took),
                                       manifest::DurationText(trigger_.interval)));
  };
  Status ran = RunTriggers(trigger_, clock_, ending_, calls);
  summary_.stopped = ending();
  if (!ran) {
    if (!options_.stop_now.stop_requested()) {
      observer_.OnEnd("failed");
      return std::move(ran).error();
    }
    if (batch_) {
      observer_.OnMessage(
          2, fmt::format("batch {} was abandoned; the next start runs it again, nothing is lost", batch_->id));
    }
  }
  if (summary_.batches == 0 && !summary_.stopped) observer_.OnIdle();
  observer_.OnEnd(summary_.stopped ? "stopped" : "finished");
  return summary_;
}

Result<TriggerAnswer> Conductor::OnTrigger() {
  trigger_start_ = clock_.Now();
  watch_.Reset();
  Millis begin = clock_.Monotonic();
  auto run = [&]() -> Result<bool> {
    if (!batch_) {
      ASSIGN_OR_RETURN(bool constructed, Construct());
      if (!constructed) return false;
    }
    RETURN_IF_ERROR(Execute(begin));
    return true;
  };
  auto executed = run();
  last_trigger_start_ = trigger_start_;
  if (!executed) {
    bool waits = trigger_.endless() || ending();
    bool out_of_reach = waits && phase_ != Phase::kLogs && Outage::MayPass(executed.error());
    if (!out_of_reach) return std::move(executed).error();
    // No more tries only when the job is to end: what is logged is run by the next start.
    return outage_.TryAgain(executed.error()) ? TriggerAnswer::kAgain : TriggerAnswer::kEnd;
  }
  outage_.Recovered();
  if (*executed) {
    poll_pause_ = Millis(1);
    told_idle_.reset();
    return TriggerAnswer::kContinue;
  }
  if (trigger_.kind != Trigger::kProcessingTime) return TriggerAnswer::kEnd;
  TellIdle();
  if (trigger_.interval <= Millis(0)) AwaitData();
  return TriggerAnswer::kContinue;
}

connector::ReadLimit Conductor::LimitOf(size_t source) const {
  if (bounded_read_ || trigger_.kind == Trigger::kOnce) return {};
  return plan_.sources[source].limit;
}

Result<bool> Conductor::Construct() {
  phase_ = Phase::kSources;
  Batch batch;
  batch.id = next_batch_;
  batch.start = batch.end = position_;
  bool changed = false;
  for (size_t i = 0; i < position_.size(); ++i) {
    connector::Source& source = *pipeline_->sources()[i];
    ASSIGN_OR_RETURN(auto latest, watch_.Time("latestOffset", [&] {
                       return source.LatestOffset(position_[i], LimitOf(i));
                     }));
    if (!latest) continue;
    if (position_[i]) {
      // By meaning, not by text: another key order is no new data. The text then stays as it was logged.
      ASSIGN_OR_RETURN(bool same, source.SameOffset(*position_[i], *latest));
      if (same) continue;
    }
    batch.end[i] = std::move(latest);
    changed = true;
  }
  AnnounceTotal();
  if (!changed) return false;
  batch.watermark_ms = next_entry_.watermark_ms;
  batch.timestamp_ms = trigger_start_.time_since_epoch().count();
  batch_ = std::move(batch);
  return true;
}

void Conductor::AnnounceTotal() {
  if (announced_ || trigger_.endless()) return;
  announced_ = true;
  int64_t records = 0;
  for (size_t i = 0; i < position_.size(); ++i) {
    const auto& from = position_[i] ? position_[i] : initial_[i];
    if (from) records += pipeline_->sources()[i]->LagBehind(*from).records;
  }
  observer_.OnPlanned(records);
}

std::vector<connector::BatchInfo> Conductor::InfosOf(const Batch& batch) const {
  std::vector<connector::BatchInfo> infos;
  for (const auto& output : plan_.outputs) {
    connector::BatchInfo info;
    info.token = {query_id_, output.output.name.value, batch.id};
    info.start_offsets = connector::JoinOffsets(batch.start);
    info.end_offsets = connector::JoinOffsets(batch.end);
    info.batch_timestamp_ms = batch.timestamp_ms;
    info.may_be_unmarked = batch.foreign;
    info.word = options_.overrides.word;
    infos.push_back(std::move(info));
  }
  return infos;
}

Status Conductor::Execute(Millis trigger_begin) {
  auto run = [&]() -> Result<BatchResult> {
    RETURN_IF_ERROR(AskSinks());
    if (!batch_->logged) RETURN_IF_ERROR(watch_.Time("walCommit", [&] { return Log(); }));
    BatchResult result;
    bool any = std::find(batch_->wanted.begin(), batch_->wanted.end(), true) != batch_->wanted.end();
    if (any) {
      ASSIGN_OR_RETURN(result, ReadAndWrite());
    }
    phase_ = Phase::kLogs;
    RETURN_IF_ERROR(watch_.Time("commitOffsets", [&] { return Settle(); }));
    return result;
  };
  auto result = run();
  if (result) {
    Report(*result, clock_.Monotonic() - trigger_begin);
    return Ok();
  }
  clean_up_due_ = true;
  Error error = std::move(result).error().With(fmt::format("in batch {}, {}", batch_->id, DescribeRange(*batch_)));
  if (!batch_->logged || !checkpoint_) {
    batch_.reset();  // nothing of it is on record: it is planned anew
    return error;
  }
  return std::move(error).With("the batch is logged: the next start runs it again over the same range, once");
}

Status Conductor::AskSinks() {
  if (batch_->asked) return Ok();
  phase_ = Phase::kSinks;
  batch_->wanted.assign(plan_.outputs.size(), true);
  if (batch_->replay || verify_first_) {
    auto infos = InfosOf(*batch_);
    for (size_t i = 0; i < infos.size(); ++i) {
      connector::Sink& sink = *pipeline_->sinks()[i];
      ASSIGN_OR_RETURN(bool found, sink.Find(infos[i]));
      batch_->wanted[i] = !found;
      if (found) {
        observer_.OnMessage(1, fmt::format("{} has batch {} already; it is not written again", sink.description(),
                                           batch_->id));
      }
    }
  }
  batch_->asked = true;
  verify_first_ = false;
  return Ok();
}

Status Conductor::Log() {
  if (!checkpoint_) return Ok();
  phase_ = Phase::kLogs;
  checkpoint::OffsetEntry entry = next_entry_;
  entry.watermark_ms = batch_->watermark_ms;
  entry.timestamp_ms = batch_->timestamp_ms;
  entry.offsets = batch_->end;
  std::vector<std::string> incarnations;
  for (const auto& source : pipeline_->sources()) incarnations.push_back(source->Incarnation());
  RecordIncarnations(incarnations, entry.conf);
  RETURN_IF_ERROR(checkpoint_->WriteOffsets(batch_->id, entry));
  batch_->logged = true;
  return checkpoint_->Purge(batch_->id);
}

Result<BatchResult> Conductor::ReadAndWrite() {
  phase_ = Phase::kSources;
  if (options_.stop_now.stop_requested()) return Cancelled("stopped before the batch was read");
  BatchResult result;
  RETURN_IF_ERROR(watch_.Time("queryPlanning", [&] { return pipeline_->SetBatchTimestamp(batch_->timestamp_ms); }));
  Previews previews(plan_, *pipeline_, observer_, options_.stop_now);
  if (!pipeline_->previews_from_memory()) previews.FromStream(RangesOf(*batch_));
  uint64_t replaced_before = pipeline_->database().replaced_utf8_values();
  Status begun = watch_.Time("getBatch", [&] { return pipeline_->BeginBatch(RangesOf(*batch_), options_.stop_now); });
  auto staged = watch_.Time("addBatch", [&]() -> Result<std::vector<std::unique_ptr<connector::StagedBatch>>> {
    RETURN_IF_ERROR(begun);
    std::stop_callback interrupt(options_.stop_now, [this] { pipeline_->connection().Interrupt(); });
    ReadingMonitor monitor(observer_, batch_->id, pipeline_->sources());
    return pipeline_->Stage(InfosOf(*batch_), batch_->wanted);
  });
  auto read = pipeline_->EndBatch();
  if (!staged) return std::move(staged).error();
  if (pipeline_->previews_from_memory()) previews.FromMemory();
  Status dropped = pipeline_->DropMaterialised();
  if (!read || !dropped || options_.stop_now.stop_requested()) {
    AbortAll(*staged);
    if (!read) return std::move(read).error();
    RETURN_IF_ERROR(dropped);
    return Cancelled("stopped before the batch was committed");
  }
  result.read = *std::move(read);
  result.replaced_text = static_cast<int64_t>(pipeline_->database().replaced_utf8_values() - replaced_before);
  for (const auto& stats : result.read) result.replaced_text += stats.replaced_text;
  for (const auto& output : *staged) {
    if (output == nullptr) continue;
    result.written.rows += output->stats().rows;
    result.written.bytes += output->stats().bytes;
    result.written.files += output->stats().files;
  }
  phase_ = Phase::kSinks;
  RETURN_IF_ERROR(watch_.Time("addBatch", [&] { return CommitAll(*staged); }));
  return result;
}

Status Conductor::CommitAll(std::vector<std::unique_ptr<connector::StagedBatch>>& staged) {
  for (size_t i = 0; i < staged.size(); ++i) {
    if (staged[i] == nullptr) continue;
    const std::string target = pipeline_->sinks()[i]->description();
    auto outcome = staged[i]->Commit();
    if (!outcome) return std::move(outcome).error().With(fmt::format("while committing to {}", target));
    switch (*outcome) {
      case connector::CommitOutcome::kCommitted: break;
      case connector::CommitOutcome::kAlready:
        observer_.OnMessage(1, fmt::format("{} had batch {} already", target, batch_->id));
        break;
      case connector::CommitOutcome::kRejected:
        return Error(Code::kConflict, Blame::kExternal, Retry::kNever,
                     fmt::format("{} refused batch {}; nothing of it was written there", target, batch_->id));
      case connector::CommitOutcome::kUnknown:
        return Error(Code::kUnavailable, Blame::kExternal, Retry::kNever,
                     fmt::format("it could not be found out whether {} took batch {}; {}", target, batch_->id,
                                 checkpoint_ ? "start the job again: it asks the target first and writes the batch "
                                               "only if it is not there"
                                             : "without a checkpointLocation a second run would not know either, so "
                                               "look at the target before you start the job again"));
    }
    batch_->wanted[i] = false;
  }
  return Ok();
}

Status Conductor::Settle() {
  // Before commits/N, so that a death here is made good by the replay: files of an attempt that failed are
  // known by their batch, and the next run would look at later ones only.
  if (clean_up_due_) CleanUp();
  if (checkpoint_) RETURN_IF_ERROR(checkpoint_->WriteCommit(batch_->id, {next_entry_.watermark_ms}));
  position_ = batch_->end;
  next_batch_ = batch_->id + 1;
  for (size_t i = 0; i < position_.size(); ++i) {
    if (!position_[i]) continue;
    Status told = pipeline_->sources()[i]->Acknowledge(*position_[i]);
    // The batch is done; what a source forgets later costs nothing.
    if (!told) observer_.OnMessage(2, told.error().ToText());
  }
  return Ok();
}

void Conductor::CleanUp() {
  clean_up_due_ = false;
  auto infos = InfosOf(*batch_);
  for (size_t i = 0; i < infos.size(); ++i) {
    Status cleaned = pipeline_->sinks()[i]->CleanUp(infos[i].token);
    if (cleaned) continue;
    clean_up_due_ = true;  // the next batch tries again
    observer_.OnMessage(2, fmt::format("files of an interrupted attempt could not be removed: {}",
                                       cleaned.error().ToText()));
  }
}

void Conductor::Report(const BatchResult& result, Millis took) {
  ++summary_.batches;
  summary_.last_batch = batch_->id;
  summary_.output_rows += result.written.rows;
  for (const auto& read : result.read) {
    summary_.input_rows += read.records;
    for (const auto& sentence : read.lost) observer_.OnMessage(2, sentence);
  }
  observe::BatchProgress progress = DescribeBatch(*batch_, result, pipeline_->sources());
  progress.query_id = query_id_;
  progress.run_id = run_id_;
  progress.name = plan_.job.name.value;
  progress.trigger_start = trigger_start_;
  for (const auto& sink : pipeline_->sinks()) {
    if (!progress.sink_description.empty()) progress.sink_description += ", ";
    progress.sink_description += sink->description();
  }
  progress.batch_duration = took;
  progress.duration_ms = watch_.parts();
  progress.duration_ms["triggerExecution"] = took.count();
  std::optional<Millis> since;
  if (last_trigger_start_) since = trigger_start_ - *last_trigger_start_;
  SetRates(progress, since, took);
  observer_.OnBatch(progress);
  batch_.reset();
}

void Conductor::TellIdle() {
  WallTime now = clock_.Now();
  if (told_idle_ && now - *told_idle_ < kIdleNotice) return;
  told_idle_ = now;
  observer_.OnIdle();
}

void Conductor::AwaitData() {
  // A lone source that can tell when data arrives is simply waited for.
  if (pipeline_->sources().size() == 1 && pipeline_->sources()[0]->WaitForData(kLongPoll, ending_)) return;
  std::ignore = clock_.WaitUntil(clock_.Now() + poll_pause_, ending_);  // the loop looks at the stop itself
  poll_pause_ = std::min(poll_pause_ * 2, kLongestPollPause);
}

}  // namespace flare::stream
