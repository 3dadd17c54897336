#include "observe/console_observer.h"

#include <fmt/format.h>

#include <algorithm>

#include "observe/grid.h"
#include "observe/units.h"

namespace flare::observe {
namespace {

constexpr int kNarrowestBar = 4;
constexpr int kWidestBar = 30;
constexpr Millis kOldData = std::chrono::days(365);
constexpr size_t kDateLength = 10;  ///< of 2026-02-03T10:15:00.000Z

std::string Rows(int64_t rows) {
  return fmt::format("{} {}", FormatCount(rows), rows == 1 ? "row" : "rows");
}

std::string Lag(const BatchProgress& batch) {
  std::string text = fmt::format("lag {} {}", FormatCount(batch.lag_records),
                                 batch.lag_records == 1 ? "record" : "records");
  if (!batch.lag_time) return text;
  if (*batch.lag_time < kOldData) return text + ", " + FormatDuration(*batch.lag_time);
  // Old data that is read for the first time, or clocks that were never set: no time to catch up.
  WallTime newest = batch.trigger_start + batch.batch_duration - *batch.lag_time;
  return text + ", newest record of " + FormatTimestamp(newest).substr(0, kDateLength);
}

}  // namespace

std::string FormatBatch(const BatchProgress& batch) {
  int64_t bytes = 0;
  for (const auto& source : batch.sources) bytes += source.input_bytes;
  std::string text =
      fmt::format("batch {}{} | in {}, {} | out {}, {}", batch.batch_id,
                  batch.replayed ? " (replayed)" : "", Rows(batch.input_rows()), FormatBytes(bytes),
                  Rows(batch.output_rows), FormatBytes(batch.output_bytes));
  if (batch.output_files > 1) text += fmt::format(" in {} files", FormatCount(batch.output_files));
  text += fmt::format(" | {} | {} | {}", Lag(batch), FormatDuration(batch.batch_duration),
                      FormatRate(batch.processed_rows_per_second));
  if (batch.replaced_text > 0) {
    text += fmt::format(" | {} {} with invalid UTF-8 repaired", FormatCount(batch.replaced_text),
                        batch.replaced_text == 1 ? "text" : "texts");
  }
  return text;
}

std::string FormatBar(int64_t done, int64_t total, Millis elapsed, int width) {
  done = std::clamp<int64_t>(done, 0, total);
  double part = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  std::string text = fmt::format("{:3}% {} of {} records", static_cast<int>(part * 100),
                                 FormatCount(done), FormatCount(total));
  if (done > 0 && elapsed > Millis(0)) {
    double seconds = static_cast<double>(elapsed.count()) / 1000;
    double rate = static_cast<double>(done) / seconds;
    auto left = Millis(static_cast<int64_t>(static_cast<double>(total - done) / rate * 1000));
    text += fmt::format(", {}, {} left", FormatRate(rate, "records"), FormatDuration(left));
  }
  int room = std::min(width - DisplayWidth(text) - 3, kWidestBar);
  if (room < kNarrowestBar) return text;
  int full = static_cast<int>(part * room);
  return fmt::format("[{}{}] {}", std::string(static_cast<size_t>(full), '#'),
                     std::string(static_cast<size_t>(room - full), '-'), text);
}

void ConsoleObserver::OnStart(const std::string& query_id, const std::string& run_id,
                              const std::string& what) {
  started_ = reading_since_ = clock_.Monotonic();
  logger_.Info(fmt::format("started {}", what));
  logger_.Debug(fmt::format("query {}, run {}", query_id, run_id));
}

void ConsoleObserver::OnPlanned(int64_t records) {
  bounded_ = true;
  planned_ = records;
  reading_since_ = clock_.Monotonic();
  logger_.Info(records == 0 ? std::string("nothing new to read")
                            : fmt::format("{} {} to read", FormatCount(records),
                                          records == 1 ? "record" : "records"));
  ShowBar(0);
}

void ConsoleObserver::OnReading(int64_t, int64_t records) {
  ShowBar(done_ + records);
}

void ConsoleObserver::OnBatch(const BatchProgress& progress) {
  ++batches_;
  done_ += progress.input_rows();
  output_rows_ += progress.output_rows;
  idle_said_ = false;
  ShowBar(done_);
  logger_.Info(FormatBatch(progress));
  if (logger_.Shows(Level::kDebug)) logger_.Debug(progress.ToJson());
}

void ConsoleObserver::OnIdle() {
  if (bounded_) return;  // OnPlanned and OnEnd say it; nothing is waited for
  // A quiet topic must not fill the log: only the change is told.
  logger_.Log(idle_said_ ? Level::kDebug : Level::kInfo, "no new data, waiting");
  idle_said_ = true;
}

void ConsoleObserver::OnMessage(int severity, const std::string& text) {
  logger_.Log(static_cast<Level>(std::clamp(severity, 0, 3)), text);
}

void ConsoleObserver::OnPreview(const std::string& step, const std::vector<std::string>& names,
                                const std::vector<std::vector<std::optional<std::string>>>& rows,
                                bool more) {
  std::string text = fmt::format("{}:\n{}", step, FormatGrid(names, rows));
  if (more) text += GridFooter(rows.size()) + "\n";
  logger_.screen().Print(text);
}

void ConsoleObserver::OnEnd(const std::string& reason) {
  logger_.screen().ClearStatus();
  planned_ = 0;
  logger_.Info(fmt::format("{}: {} {}, in {}, out {}, {}", reason, FormatCount(batches_),
                           batches_ == 1 ? "batch" : "batches", Rows(done_), Rows(output_rows_),
                           FormatDuration(clock_.Monotonic() - started_)));
}

void ConsoleObserver::ShowBar(int64_t done) {
  if (!options_.bar || planned_ == 0 || !logger_.Shows(Level::kInfo)) return;
  Screen& screen = logger_.screen();
  screen.SetStatus(
      FormatBar(done, planned_, clock_.Monotonic() - reading_since_, screen.width() - 1));
}

}  // namespace flare::observe
