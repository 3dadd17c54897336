#include "observe/console_observer.h"

#include <gtest/gtest.h>

#include "observe/json_progress_writer.h"
#include "observe/tee_observer.h"

namespace flare::observe {
namespace {

constexpr WallTime kStart{Millis(1770113700000)};  // 2026-02-03 10:15:00

BatchProgress Batch(int64_t id, int64_t rows) {
  BatchProgress batch;
  batch.batch_id = id;
  batch.sources.resize(1);
  batch.sources[0].input_rows = rows;
  batch.sources[0].input_bytes = rows * 185;
  batch.output_rows = rows;
  batch.output_bytes = rows * 40;
  batch.output_files = 1;
  batch.batch_duration = Millis(812);
  batch.lag_time = Millis(1234);
  batch.processed_rows_per_second = static_cast<double>(rows) / 0.812;
  return batch;
}

class Console : public ::testing::Test {
 protected:
  void Use(bool terminal, Level level = Level::kInfo, bool bar = true) {
    screen_ = std::make_unique<Screen>([this](std::string_view text) { text_ += text; },
                                       Screen::Options{terminal, 80});
    logger_ = std::make_unique<Logger>(*screen_, clock_, level);
    observer_ = std::make_unique<ConsoleObserver>(*logger_, clock_, ConsoleObserver::Options{bar});
  }
  std::string Take() { return std::exchange(text_, ""); }

  std::string text_;
  ManualClock clock_{kStart};
  std::unique_ptr<Screen> screen_;
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<ConsoleObserver> observer_;
};

TEST(FormatBatch, SaysWhatWentInAndOut) {
  EXPECT_EQ(FormatBatch(Batch(41, 1'200'000)),
            "batch 41 | in 1,200,000 rows, 212 MiB | out 1,200,000 rows, 45.8 MiB | lag 0 records, "
            "1.2 s | "
            "812 ms | 1.48 M rows/s");
  BatchProgress batch = Batch(3, 1);
  batch.replayed = true;
  batch.output_files = 3;
  batch.lag_time.reset();
  batch.lag_records = 1;
  batch.replaced_text = 2;
  EXPECT_EQ(
      FormatBatch(batch),
      "batch 3 (replayed) | in 1 row, 185 B | out 1 row, 40 B in 3 files | lag 1 record | 812 ms | "
      "1.23 rows/s | 2 texts with invalid UTF-8 repaired");
}

TEST(FormatBatch, OldRecordsHaveADateAndNoLagOfYears) {
  auto lag = [](Millis time) {
    BatchProgress batch = Batch(0, 1);
    batch.trigger_start = kStart;
    batch.lag_time = time;
    std::string text = FormatBatch(batch);
    size_t begin = text.find("lag ");
    return text.substr(begin, text.find(" | ", begin) - begin);
  };
  EXPECT_EQ(lag(Millis(90'000)), "lag 0 records, 1 min 30 s");
  EXPECT_EQ(lag(std::chrono::hours(76)), "lag 0 records, 3 d 4 h");
  EXPECT_EQ(lag(std::chrono::days(364)), "lag 0 records, 364 d");
  EXPECT_EQ(lag(std::chrono::days(731)), "lag 0 records, newest record of 2024-02-03");
  EXPECT_EQ(lag(kStart.time_since_epoch() - Millis(1)), "lag 0 records, newest record of 1970-01-01");
}

TEST(FormatBar, ShowsPartRateAndRest) {
  EXPECT_EQ(FormatBar(2'500'000, 5'000'000, Millis(2000), 100),
            "[###############---------------]  50% 2,500,000 of 5,000,000 records, 1.25 M "
            "records/s, 2.0 s left");
  EXPECT_EQ(FormatBar(0, 10, Millis(0), 60),
            "[------------------------------]   0% 0 of 10 records");
  EXPECT_EQ(FormatBar(12, 10, Millis(1), 40), FormatBar(10, 10, Millis(1), 40))
      << "never past the end";
  EXPECT_EQ(FormatBar(5, 10, Millis(0), 10), " 50% 5 of 10 records") << "no room for a bar";
}

TEST_F(Console, WritesPlainLinesWhereNobodyWatches) {
  Use(/*terminal=*/false);
  observer_->OnStart("q", "r", "job-a");
  observer_->OnPlanned(2'000);
  observer_->OnReading(0, 500);
  clock_.Advance(Millis(812));
  observer_->OnBatch(Batch(0, 2'000));
  observer_->OnEnd("finished");
  EXPECT_EQ(
      Take(),
      "2026-02-03T10:15:00.000Z INFO  started job-a\n"
      "2026-02-03T10:15:00.000Z INFO  2,000 records to read\n"
      "2026-02-03T10:15:00.812Z INFO  batch 0 | in 2,000 rows, 361 KiB | out 2,000 rows, 78.1 KiB "
      "| "
      "lag 0 records, 1.2 s | 812 ms | 2.46 k rows/s\n"
      "2026-02-03T10:15:00.812Z INFO  finished: 1 batch, in 2,000 rows, out 2,000 rows, 812 ms\n");
}

TEST_F(Console, TheBarStandsBelowTheLinesAndGoesAtTheEnd) {
  Use(/*terminal=*/true);
  observer_->OnStart("q", "r", "job-a");
  observer_->OnPlanned(10);
  EXPECT_EQ(Take(),
            "10:15:00 started job-a\n10:15:00 10 records to read\n"
            "\r\x1b[K[------------------------------]   0% 0 of 10 records");
  clock_.Advance(Millis(1000));
  observer_->OnReading(0, 5);
  EXPECT_EQ(
      Take(),
      "\r\x1b[K[###############---------------]  50% 5 of 10 records, 5 records/s, 1.0 s left");
  observer_->OnMessage(2, "a partition appeared");
  EXPECT_EQ(Take(),
            "\r\x1b[K10:15:01 warning: a partition appeared\n"
            "[###############---------------]  50% 5 of 10 records, 5 records/s, 1.0 s left");
  observer_->OnEnd("finished");
  EXPECT_EQ(Take(), "\r\x1b[K10:15:01 finished: 0 batches, in 0 rows, out 0 rows, 1.0 s\n");
}

TEST_F(Console, NoBarForEndlessRunsNorWhenToldNotTo) {
  Use(/*terminal=*/true);
  observer_->OnReading(0, 5);
  EXPECT_EQ(Take(), "");
  Use(/*terminal=*/true, Level::kInfo, /*bar=*/false);
  observer_->OnPlanned(10);
  observer_->OnReading(0, 5);
  EXPECT_EQ(Take(), "10:15:00 10 records to read\n");
}

TEST_F(Console, TheLevelIsHonoured) {
  Use(/*terminal=*/false, Level::kWarn);
  observer_->OnStart("q", "r", "job-a");
  observer_->OnBatch(Batch(0, 1));
  observer_->OnMessage(1, "information");
  observer_->OnMessage(2, "careful");
  observer_->OnMessage(3, "broken\nbadly");
  observer_->OnMessage(99, "odd");
  EXPECT_EQ(Take(),
            "2026-02-03T10:15:00.000Z WARN  careful\n"
            "2026-02-03T10:15:00.000Z ERROR broken\n    badly\n"
            "2026-02-03T10:15:00.000Z ERROR odd\n");
  Use(/*terminal=*/false, Level::kDebug);
  observer_->OnBatch(Batch(0, 1));
  EXPECT_NE(Take().find("DEBUG {\"id\":"), std::string::npos);
}

TEST_F(Console, AQuietTopicIsToldOnce) {
  Use(/*terminal=*/false);
  observer_->OnIdle();
  observer_->OnIdle();
  EXPECT_EQ(Take(), "2026-02-03T10:15:00.000Z INFO  no new data, waiting\n");
  observer_->OnBatch(Batch(0, 1));
  Take();
  observer_->OnIdle();
  EXPECT_EQ(Take(), "2026-02-03T10:15:00.000Z INFO  no new data, waiting\n");
}

TEST_F(Console, ABoundedRunWithoutNewDataWaitsForNothing) {
  Use(/*terminal=*/false);
  observer_->OnStart("q", "r", "job-a");
  Take();
  observer_->OnPlanned(0);
  observer_->OnIdle();
  observer_->OnEnd("finished");
  EXPECT_EQ(Take(),
            "2026-02-03T10:15:00.000Z INFO  nothing new to read\n"
            "2026-02-03T10:15:00.000Z INFO  finished: 0 batches, in 0 rows, out 0 rows, 0 ms\n");
}

TEST_F(Console, PreviewsAreTables) {
  Use(/*terminal=*/false);
  observer_->OnPreview("finalDf", {"id"}, {{"1"}, {std::nullopt}}, /*more=*/true);
  EXPECT_EQ(Take(),
            "finalDf:\n+----+\n|  id|\n+----+\n|   1|\n|NULL|\n+----+\nonly showing top 2 rows\n");
}

TEST_F(Console, SecretsNeverShow) {
  Use(/*terminal=*/false);
  screen_->Hide("hunter2");
  screen_->Hide("hunter2-and-more");
  screen_->Hide("abc");
  observer_->OnMessage(3, "login hunter2-and-more or hunter2hunter2 failed for abc");
  EXPECT_EQ(Take(), "2026-02-03T10:15:00.000Z ERROR login *** or ****** failed for abc\n");
}

TEST(Observers, JsonIsOneLineABatchAndTeeTellsAll) {
  std::string first;
  std::string second;
  JsonProgressWriter a([&](std::string_view text) { first += text; });
  JsonProgressWriter b([&](std::string_view text) { second += text; });
  TeeObserver tee({&a, &b});
  tee.OnStart("q", "r", "x");
  tee.OnBatch(Batch(0, 1));
  tee.OnBatch(Batch(1, 1));
  tee.OnEnd("finished");
  EXPECT_EQ(first, Batch(0, 1).ToJson() + "\n" + Batch(1, 1).ToJson() + "\n");
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace flare::observe
