#pragma once
#include "base/clock.h"
#include "observe/logger.h"
#include "observe/progress.h"

namespace flare::observe {

/// The line of one batch, as people read it.
std::string FormatBatch(const BatchProgress& progress);
/// A bar with what is left, at most `width` columns wide:
/// `[########--------]  50% 2,500,000 of 5,000,000 records, 1.60 M records/s, 2 s left`.
std::string FormatBar(int64_t done, int64_t total, Millis elapsed, int width);

/// Tells a person how a job goes: a line a batch, a bar on terminals while a bounded run reads,
/// previews as tables, state changes as messages. At DEBUG the batch's JSON follows its line.
class ConsoleObserver final : public RunObserver {
 public:
  struct Options {
    bool bar = true;  ///< false where several jobs share the terminal
  };
  ConsoleObserver(Logger& logger, const Clock& clock, Options options)
      : logger_(logger), clock_(clock), options_(options) {}

  void OnStart(const std::string& query_id, const std::string& run_id,
               const std::string& what) override;
  void OnPlanned(int64_t records) override;
  void OnReading(int64_t batch_id, int64_t records) override;
  void OnBatch(const BatchProgress& progress) override;
  void OnIdle() override;
  void OnMessage(int severity, const std::string& text) override;
  void OnPreview(const std::string& step, const std::vector<std::string>& names,
                 const std::vector<std::vector<std::optional<std::string>>>& rows,
                 bool more) override;
  void OnEnd(const std::string& reason) override;

 private:
  void ShowBar(int64_t done);

  Logger& logger_;
  const Clock& clock_;
  const Options options_;
  Millis started_{0};
  Millis reading_since_{0};
  bool bounded_ = false;  ///< the run ends by itself
  int64_t planned_ = 0;  ///< records of the whole run; 0 = unknown: no bar
  int64_t done_ = 0;     ///< records of the batches that ended
  int64_t batches_ = 0;
  int64_t output_rows_ = 0;
  bool idle_said_ = false;
};

}  // namespace flare::observe
