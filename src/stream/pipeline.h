#pragma once
#include <memory>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connector/source.h"
#include "engine/database.h"
#include "plan/job_plan.h"
#include "stream/outage.h"
#include "stream/run_job.h"

namespace flare::stream {

/// What a plan becomes while it runs: a database with the sources bound and the steps as views, and the sinks.
/// Several outputs share one reading of the source: the batch is put into a table of an attached in-memory
/// database first (which may spill), since a temporary table would be invisible to other connections.
/// Threads: the one that conducts the job.
class Pipeline {
 public:
  /// Makes the database, the sources and the views. Sinks follow by OpenSinks, when the checkpoint is known
  /// to be this job's.
  static Result<std::unique_ptr<Pipeline>> Open(const plan::JobPlan& plan, const RunOptions& options,
                                                Outage& outage);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  Status OpenSinks(Outage& outage);

  const std::vector<std::unique_ptr<connector::Source>>& sources() const { return sources_; }
  const std::vector<std::unique_ptr<connector::Sink>>& sinks() const { return sinks_; }
  engine::Database& database() { return *database_; }
  engine::Connection& connection() { return *connection_; }

  /// What current_timestamp means until the next call.
  Status SetBatchTimestamp(int64_t timestamp_ms);
  /// Sets the ranges that the next statement reads.
  Status BeginBatch(const std::vector<connector::OffsetRange>& ranges, std::stop_token stop);
  /// Reads and stages for each output whose place in `wanted` is true; the others stay null.
  /// On an error everything staged so far is taken back.
  Result<std::vector<std::unique_ptr<connector::StagedBatch>>> Stage(
      const std::vector<connector::BatchInfo>& batches, const std::vector<bool>& wanted);
  /// The first `lines` rows of the current range behind one step as text, and one more when there is one.
  Result<engine::TextResult> Preview(size_t view, int lines);
  /// Whether Preview reads what Stage has put into memory, so that it must come after; otherwise it reads
  /// from the sources, between a BeginBatch and an EndBatch of its own.
  bool previews_from_memory() const { return sharing_ == Sharing::kSources; }
  /// Frees what several outputs shared; after Stage and the previews.
  Status DropMaterialised();
  /// What each source read; to be called after every BeginBatch, also when reading failed.
  Result<std::vector<connector::ReadStats>> EndBatch();

 private:
  /// How several outputs share one reading.
  enum class Sharing { kNone, kRows, kSources };

  Pipeline(const plan::JobPlan& plan, const RunOptions& options);
  Status OpenDatabase();
  Status OpenSources(Outage& outage);
  Status BindSource(size_t index);
  Status CreateViews();
  Status Materialise();

  const plan::JobPlan& plan_;
  const RunOptions& options_;
  connector::Environment environment_;
  Sharing sharing_ = Sharing::kNone;
  // Destroyed from the last to the first: sinks, then sources, then the connection, then the database.
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::Connection> connection_;
  std::vector<std::unique_ptr<connector::Source>> sources_;
  std::vector<std::unique_ptr<connector::Sink>> sinks_;
};

/// Takes back what was staged, as well as that works: what stays is removed by the sink's next clean-up.
void AbortAll(std::vector<std::unique_ptr<connector::StagedBatch>>& staged);

}  // namespace flare::stream
