#pragma once
// A small language for tests: add data, run, crash at a fail point, run again, expect rows. Tests only.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/test_matchers.h"
#include "stream/run_job.h"

namespace flare::stream {

/// The world outside the job: one log of numbered records, and how it misbehaves.
struct FakeTopic {
  int64_t end = 0;
  int64_t starts_at = 0;              ///< what a fresh checkpoint gets as its initial offset
  int unreachable_opens = 0;          ///< so many times the source cannot be made
  int unreachable_plans = 0;          ///< so many LatestOffset calls fail as an outage does
  int unreachable_reads = 0;          ///< so many reads fail so, half way
  bool blocks = false;                ///< reads hang until they are stopped
  bool respells = false;              ///< LatestOffset writes the same position with another text
  std::stop_token environment_stop;   ///< as the source was given it
  std::function<void()> on_open = [] {};  ///< each time the source is made
  std::function<void()> on_plan = [] {};  ///< at each LatestOffset
  std::function<void()> on_read = [] {};  ///< when a read begins
  int reads = 0;                      ///< how many scans began
  std::string incarnation;            ///< what the source says of its data
  std::vector<std::string> acknowledged, restored;
};

/// A target table that holds tokens beside its rows.
struct FakeTable {
  std::map<std::string, std::pair<std::string, std::string>> tokens;  ///< "query/output/N" -> offsets
  std::vector<int64_t> rows;
  std::vector<std::string> clocks;  ///< current_timestamp of each batch
  int unreachable_opens = 0, unreachable_finds = 0, unreachable_commits = 0;  ///< so many calls find it locked
  std::string fail_open;            ///< why the target cannot be opened, once
  std::string fail_stage;           ///< disk full and the like, once
  bool refuses_older = false;       ///< asked for a batch before its newest: "ahead of the checkpoint"
  bool lose_reply = false;          ///< commits, then answers kUnknown
  bool reject = false;
  std::function<void()> on_clean_up = [] {};
  int stages = 0, clean_ups = 0, aborts = 0;
  std::vector<int64_t> asked_as_foreign;  ///< batches begun by another engine that were looked for
};

/// Hears all that a run says.
class RecordingObserver final : public observe::RunObserver {
 public:
  void OnStart(const std::string& query, const std::string& run, const std::string& what) override;
  void OnPlanned(int64_t records) override { planned.push_back(records); }
  void OnReading(int64_t, int64_t) override {}
  void OnBatch(const observe::BatchProgress& progress) override { batches.push_back(progress); }
  void OnIdle() override { ++idles; }
  void OnMessage(int severity, const std::string& text) override { messages.emplace_back(severity, text); }
  void OnPreview(const std::string& step, const std::vector<std::string>& names,
                 const std::vector<std::vector<std::optional<std::string>>>& rows, bool more) override;
  void OnEnd(const std::string& reason) override { ends.push_back(reason); }

  bool Heard(const std::string& fragment) const;
  std::vector<std::string> queries, runs, ends;
  std::vector<int64_t> planned;
  std::vector<observe::BatchProgress> batches;
  std::vector<std::pair<int, std::string>> messages;
  std::vector<std::string> previews;
  int idles = 0;
};

/// One job over a topic and a table (or several), its checkpoint in a folder of its own.
class Story {
 public:
  explicit Story(size_t outputs = 1);
  ~Story();

  Story& Add(int64_t records);
  Story& Limit(int64_t records_a_batch);
  Story& Trigger(manifest::TriggerMode mode, Millis interval = Millis(0));
  /// Runs the job; a name of base/fail_point_names.h (with "=fail" behind it) makes it die there.
  Result<RunSummary> Run(const std::string& fail_points = "");
  /// Everything that was added is in every table, once and in any order.
  void ExpectAllOnce(int64_t from = 0) const;
  std::vector<std::string> Log(const std::string& log) const;  ///< names in offsets/ or commits/, sorted
  std::string ReadLog(const std::string& name) const;
  std::string directory() const { return plan.checkpoint_directory; }

  FakeTopic topic;
  std::vector<std::unique_ptr<FakeTable>> tables;
  FakeTable& table() { return *tables.front(); }
  plan::JobPlan plan;
  RecordingObserver heard;  ///< of the last run
  Overrides overrides;
  ManualClock clock{WallTime(Millis(1760000000123))};
  std::stop_source finish, stop;

 private:
  connector::Connector connector_;
};

}  // namespace flare::stream
