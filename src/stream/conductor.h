#pragma once
#include <memory>
#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "stream/batch.h"
#include "stream/identity.h"
#include "stream/outage.h"
#include "stream/pipeline.h"
#include "stream/run_job.h"
#include "stream/stopwatch.h"
#include "stream/trigger.h"

namespace flare::stream {

/// Runs the batches of one job, in Spark's order (see README.md). Made once a run.
/// Threads: the one that conducts the job.
class Conductor {
 public:
  /// `bounded_read`: every input is read once up to its end, whatever the trigger says.
  Conductor(const plan::JobPlan& plan, const RunOptions& options, observe::RunObserver& observer, Trigger trigger,
            bool bounded_read, std::stop_token ending);
  /// Shuts down in the order written in README.md.
  ~Conductor() = default;

  Result<RunSummary> Run();

 private:
  /// What an error concerns: sources and sinks that are out of reach are waited for, a checkpoint is not.
  enum class Phase { kSources, kLogs, kSinks };

  Status Open();
  Status TakeUp(checkpoint::StartPoint start);
  Result<bool> PlaceSource(size_t index);
  Status CheckLastCommit(int64_t last);
  Result<Changes> CheckSameJob(const JobIdentity& identity, const checkpoint::StartPoint& start) const;
  Status RestoreIncarnations(const std::map<std::string, std::string>& conf);
  Status CheckWord(std::optional<int64_t> last_committed) const;

  Result<TriggerAnswer> OnTrigger();
  Result<bool> Construct();
  void AnnounceTotal();
  Status Execute(Millis trigger_begin);
  Status AskSinks();
  Status Log();
  Result<BatchResult> ReadAndWrite();
  Status CommitAll(std::vector<std::unique_ptr<connector::StagedBatch>>& staged);
  Status Settle();
  void CleanUp();
  void Report(const BatchResult& result, Millis took);

  void TellIdle();
  void AwaitData();
  connector::ReadLimit LimitOf(size_t source) const;
  std::vector<connector::BatchInfo> InfosOf(const Batch& batch) const;
  bool ending() const { return ending_.stop_requested(); }

  // Constant after construction.
  const plan::JobPlan& plan_;
  const RunOptions& options_;
  observe::RunObserver& observer_;
  const Trigger trigger_;
  const bool bounded_read_;
  const std::stop_token ending_;
  const std::string run_id_;
  Clock& clock_;

  Outage outage_;
  // The checkpoint goes last, so that its lock covers all that the run does.
  std::unique_ptr<checkpoint::Checkpoint> checkpoint_;  ///< null = a bounded read without one
  std::unique_ptr<Pipeline> pipeline_;

  std::string query_id_;
  checkpoint::OffsetEntry next_entry_;  ///< version and conf of the entries to come
  int64_t next_batch_ = 0;
  Positions position_, initial_;
  std::optional<Batch> batch_;  ///< constructed and not committed
  bool verify_first_ = false;   ///< the checkpoint has history: ask the sinks before the first batch
  bool clean_up_due_ = false;   ///< an earlier attempt at the batch may have left files

  Phase phase_ = Phase::kSources;
  Stopwatch watch_;
  WallTime trigger_start_{};
  std::optional<WallTime> last_trigger_start_;
  std::optional<WallTime> told_idle_;
  Millis poll_pause_{1};
  bool announced_ = false;
  RunSummary summary_;
};

}  // namespace flare::stream
