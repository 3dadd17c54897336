#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace flare::observe {

struct SourceProgress {
  std::string description;
  std::optional<std::string> start_offset, end_offset, latest_offset;  ///< JSON text
  int64_t input_rows = 0;
  int64_t input_bytes = 0;
  std::map<std::string, std::string> metrics;  ///< Spark's names, sorted
};

/// One batch as it went. ToJson gives Spark's StreamingQueryProgress, field for field.
struct BatchProgress {
  std::string query_id, run_id, name;
  WallTime trigger_start{};
  int64_t batch_id = 0;
  Millis batch_duration{0};
  std::map<std::string, int64_t> duration_ms;  ///< latestOffset, walCommit, getBatch, queryPlanning, addBatch, commitOffsets, triggerExecution
  std::vector<SourceProgress> sources;
  std::string sink_description;
  int64_t output_rows = 0;
  int64_t output_bytes = 0;
  int64_t output_files = 0;
  int64_t lag_records = 0;
  std::optional<Millis> lag_time;
  int64_t replaced_text = 0;
  double input_rows_per_second = 0;
  double processed_rows_per_second = 0;
  bool replayed = false;

  int64_t input_rows() const;
  std::string ToJson() const;
};

/// What happens while a job runs; the command line, logs and (later) the web page listen.
/// Threads: one call at a time. OnReading may come from another thread, while the one that conducts the job
/// and makes all other calls waits for the batch to be read.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void OnStart(const std::string& query_id, const std::string& run_id, const std::string& what) = 0;
  /// Bounded triggers only: how many records there are in all, before the first batch.
  virtual void OnPlanned(int64_t records) = 0;
  /// While a batch is read: records so far in this batch. At most ten times a second.
  virtual void OnReading(int64_t batch_id, int64_t records) = 0;
  virtual void OnBatch(const BatchProgress& progress) = 0;
  /// Nothing new to read; at most once in ten seconds.
  virtual void OnIdle() = 0;
  /// A state change a person should see: retrying, replaying, new partition, lost range, ...
  virtual void OnMessage(int severity, const std::string& text) = 0;  ///< 0 debug, 1 info, 2 warning, 3 error
  /// showPreviewLines: the first rows of one step's view in this batch, as text.
  virtual void OnPreview(const std::string& step, const std::vector<std::string>& names,
                         const std::vector<std::vector<std::optional<std::string>>>& rows, bool more) = 0;
  virtual void OnEnd(const std::string& reason) = 0;
};

}  // namespace flare::observe
