#include "stream/run_job.h"

#include <filesystem>
#include <fstream>
#include <random>

#include "base/fail_point_names.h"
#include "checkpoint/checkpoint.h"
#include "stream/batch.h"
#include "stream/stream_story.h"

namespace flare::stream {
namespace {

using manifest::TriggerMode;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(RunJob, C014_OnceReadsAllAndBothLogsEndAlike) {
  Story story;
  story.Add(10).Limit(3).Trigger(TriggerMode::kOnce);
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->batches, 1);
  EXPECT_EQ(summary->input_rows, 10);
  EXPECT_EQ(summary->output_rows, 10);
  EXPECT_EQ(summary->last_batch, 0);
  story.ExpectAllOnce();
  EXPECT_THAT(story.Log("offsets"), ElementsAre("0"));
  EXPECT_THAT(story.Log("commits"), ElementsAre("0"));
  EXPECT_EQ(story.ReadLog("sources/0/0"), "v1\n0");
  EXPECT_THAT(story.topic.acknowledged, ElementsAre("10"));
}

TEST(RunJob, C015_C016_OnceReplaysAnUnfinishedBatchAndEnds) {
  Story story;
  story.Add(4).Trigger(TriggerMode::kOnce);
  EXPECT_FALSE(story.Run("checkpoint.before_commits=fail").has_value());
  story.Add(3);
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(story.table().rows.size(), 4u);  // what was new is left for the next run
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
  EXPECT_EQ(story.heard.batches.size(), 1u);
  EXPECT_EQ(story.heard.batches[0].input_rows(), 3);
}

TEST(RunJob, C008_C018_AvailableNowHonoursLimitsAndEnds) {
  Story story;
  story.Add(15).Limit(5);
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->batches, 3);
  EXPECT_FALSE(summary->stopped);
  EXPECT_THAT(story.heard.planned, ElementsAre(15));
  EXPECT_THAT(story.heard.ends, ElementsAre("finished"));
  story.ExpectAllOnce();
}

TEST(RunJob, C012_AvailableNowEndsWhereTheTopicEndedAtTheStart) {
  Story story;
  story.Add(6).Limit(2);
  story.topic.on_read = [&] { story.Add(100); };
  EXPECT_EQ(story.Run()->input_rows, 6);
}

TEST(RunJob, ATableThatLostACommittedBatchIsRefused) {
  Story story;
  story.Add(5);
  ASSERT_THAT(story.Run(), IsOk());
  auto kept = story.table();
  story.table() = FakeTable();
  for (int more : {0, 5}) {
    auto summary = story.Add(more).Run();
    EXPECT_THAT(summary, IsError(Code::kConflict));
    EXPECT_THAT(summary, HasMessage(HasSubstr("says that batch 0 was committed to")));
    EXPECT_EQ(story.table().stages, 0);
  }
  story.table() = kept;
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(RunJob, ATableAheadByTheUnfinishedBatchIsAsItShouldBe) {
  Story story;
  story.Add(5);
  ASSERT_THAT(story.Run(), IsOk());
  story.table().refuses_older = true;
  story.Add(5);
  EXPECT_FALSE(story.Run("checkpoint.before_commits=fail").has_value());
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(RunJob, ARunThatCannotOpenItsOutputDoesNotFixWhereTheJobBegins) {
  Story story;
  story.Add(5);
  story.table().fail_open = "the table has another schema";
  EXPECT_FALSE(story.Run().has_value());
  EXPECT_THAT(story.Log("sources"), IsEmpty());
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(RunJob, C011_C013_ARestartWithNothingNewWritesNothing) {
  Story story;
  story.Add(5);
  ASSERT_THAT(story.Run(), IsOk());
  for (auto mode : {TriggerMode::kAvailableNow, TriggerMode::kOnce}) {
    auto summary = story.Trigger(mode).Run();
    ASSERT_THAT(summary, IsOk());
    EXPECT_EQ(summary->batches, 0);
    EXPECT_EQ(story.heard.idles, 1);
  }
  EXPECT_THAT(story.Log("offsets"), ElementsAre("0"));
  EXPECT_EQ(story.table().stages, 1);
  EXPECT_EQ(story.Add(2).Run()->input_rows, 2);
  story.ExpectAllOnce();
}

TEST(RunJob, TheSamePositionInOtherWordsIsNoNewData) {
  Story story;
  story.Add(5);
  ASSERT_THAT(story.Run(), IsOk());
  story.topic.respells = true;
  EXPECT_EQ(story.Run()->batches, 0);
}

TEST(RunJob, AFreshQueryFromLatestRunsTheEmptyBatch0) {
  Story story;
  story.Add(7);
  story.topic.starts_at = 7;
  EXPECT_EQ(story.Run()->batches, 1);
  EXPECT_EQ(story.heard.batches[0].input_rows(), 0);
  EXPECT_EQ(story.ReadLog("sources/0/0"), "v1\n7");
  story.topic.starts_at = 9;  // startingOffsets no longer matter
  EXPECT_EQ(story.Add(3).Run()->input_rows, 3);
  story.ExpectAllOnce(7);
}

TEST(RunJob, C042_TheIdStaysAndTheRunIdDoesNot) {
  Story story;
  ASSERT_THAT(story.Add(1).Run(), IsOk());
  auto first = story.heard;
  ASSERT_THAT(story.Add(1).Run(), IsOk());
  EXPECT_EQ(story.heard.queries, first.queries);
  EXPECT_NE(story.heard.runs, first.runs);
}

TEST(RunJob, C055_ProgressTellsOffsets) {
  Story story;
  ASSERT_THAT(story.Add(4).Limit(2).Run(), IsOk());
  ASSERT_EQ(story.heard.batches.size(), 2u);
  const auto& first = story.heard.batches[0].sources[0];
  EXPECT_EQ(first.start_offset, std::nullopt);
  EXPECT_EQ(first.end_offset, "2");
  EXPECT_EQ(first.latest_offset, "4");
  EXPECT_EQ(story.heard.batches[0].lag_records, 2);
  EXPECT_EQ(story.heard.batches[1].sources[0].start_offset, "2");
  for (const char* part : {"latestOffset", "walCommit", "getBatch", "queryPlanning", "addBatch", "commitOffsets",
                           "triggerExecution"}) {
    EXPECT_TRUE(story.heard.batches[0].duration_ms.contains(part)) << part;
  }
}

TEST(RunJob, C054_RatesAreSparks) {
  observe::BatchProgress progress;
  progress.sources.emplace_back();
  progress.sources[0].input_rows = 2;
  SetRates(progress, Millis(1000), Millis(500));
  EXPECT_EQ(progress.input_rows_per_second, 2.0);
  EXPECT_EQ(progress.processed_rows_per_second, 4.0);
  SetRates(progress, std::nullopt, Millis(0));
  EXPECT_EQ(progress.processed_rows_per_second, 2000.0);
}

TEST(RunJob, C061_AReplayHasTheClockOfItsBatch) {
  Story story;
  story.Add(2);
  EXPECT_FALSE(story.Run("checkpoint.after_offsets=fail").has_value());
  story.clock.Advance(Millis(3'600'000));
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(story.table().clocks, ElementsAre("1760000000123"));
}

TEST(RunJob, C057_AFailureTellsTheBatchAndItsRange) {
  Story story;
  story.Add(2).table().fail_stage = "cannot write part-0: No space left on device";
  auto summary = story.Run();
  EXPECT_THAT(summary, IsError(Code::kResourceExhausted));
  EXPECT_THAT(summary, HasMessage(AllOf(HasSubstr("No space left"), HasSubstr("in batch 0, [null] to [2]"),
                                        HasSubstr("the next start runs it again"), HasSubstr("output0"))));
  EXPECT_THAT(story.heard.ends, ElementsAre("failed"));
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

/// Dies at each fail point of the checkpoint, restarts, and counts the rows.
class RunJobFailPoint : public ::testing::TestWithParam<std::string> {};

TEST_P(RunJobFailPoint, IsSurvivedOnce) {
  for (int visit = 1; visit <= 2; ++visit) {
    Story story(2);
    story.Add(10).Limit(6);
    std::ignore = story.Run(fmt::format("{}=fail@{}", GetParam(), visit));
    ASSERT_THAT(story.Add(5).Run(), IsOk());
    story.ExpectAllOnce();
    EXPECT_EQ(story.Log("offsets"), story.Log("commits"));
    EXPECT_THAT(story.Run(), IsOk());
    story.ExpectAllOnce();
  }
}

std::vector<std::string> CheckpointFailPoints() {
  std::vector<std::string> names;
  for (std::string_view name : kFailPointNames) {
    if (name.starts_with("checkpoint.")) names.emplace_back(name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, RunJobFailPoint, ::testing::ValuesIn(CheckpointFailPoints()), [](const auto& point) {
  std::string name = point.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

/// Any history of additions, deaths and restarts: at the end every record is in every table once.
TEST(RunJob, PropertyOfRandomHistories) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    std::mt19937_64 random(seed);
    auto points = CheckpointFailPoints();
    Story story(1 + seed % 2);
    story.Limit(4);
    for (int step = 0; step < 8; ++step) {
      story.Add(static_cast<int64_t>(random() % 10));
      story.Trigger(random() % 2 == 0 ? TriggerMode::kOnce : TriggerMode::kAvailableNow);
      FakeTable& table = *story.tables[random() % story.tables.size()];
      switch (random() % 5) {
        case 0: table.lose_reply = true; break;
        case 1: table.fail_stage = "No space left on device"; break;
        case 2: story.topic.unreachable_plans = 1; break;
        default: break;
      }
      std::ignore = story.Run(fmt::format("{}=fail@{}", points[random() % points.size()], 1 + random() % 3));
      story.topic.unreachable_plans = 0;
      for (auto& each : story.tables) {
        each->lose_reply = false;
        each->fail_stage.clear();
      }
    }
    ASSERT_THAT(story.Trigger(TriggerMode::kAvailableNow).Run(), IsOk()) << "seed " << seed;
    story.ExpectAllOnce();
    EXPECT_EQ(story.Log("offsets"), story.Log("commits")) << "seed " << seed;
  }
}

TEST(RunJob, ABatchThatTheTableHasIsNotReadAgain) {
  Story story;
  story.Add(5);
  EXPECT_FALSE(story.Run("checkpoint.before_commits=fail").has_value());
  int reads = story.topic.reads;
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(story.topic.reads, reads);
  EXPECT_TRUE(story.heard.Heard("has batch 0 already"));
  EXPECT_TRUE(story.heard.batches[0].replayed);
  EXPECT_EQ(story.table().clean_ups, 1);
  story.ExpectAllOnce();
}

TEST(RunJob, FailedAttemptsAreClearedAwayBeforeTheBatchIsRecorded) {
  Story story;
  story.Add(5).table().fail_stage = "No space left on device";
  EXPECT_FALSE(story.Run().has_value());
  std::vector<std::string> commits = {"not asked"};
  story.table().on_clean_up = [&] { commits = story.Log("commits"); };
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(commits, IsEmpty());
  EXPECT_EQ(story.table().clean_ups, 1);
}

TEST(RunJob, AnUnknownOutcomeStopsTheJobAndIsLookedUp) {
  Story story;
  story.Add(5).table().lose_reply = true;
  auto summary = story.Run();
  EXPECT_THAT(summary, IsError(Code::kUnavailable));
  EXPECT_THAT(summary, HasMessage(HasSubstr("could not be found out whether FakeTable took batch 0")));
  EXPECT_THAT(story.Log("commits"), IsEmpty());
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(RunJob, ARejectedCommitIsAnErrorAndReplays) {
  Story story;
  story.Add(5).table().reject = true;
  EXPECT_THAT(story.Run(), HasMessage(HasSubstr("refused batch 0")));
  story.table().reject = false;
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(RunJob, SeveralOutputsShareOneReading) {
  Story story(3);
  story.Add(9);
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(story.topic.reads, 1);
  story.ExpectAllOnce();
}

TEST(RunJob, OutputsOfDifferentStepsShareOneReading) {
  Story story(2);
  story.plan.views.push_back({"doubled", "flare_view_1", "SELECT c0 + 100 AS c0 FROM flare_view_0",
                              story.plan.views[0].schema, {}});
  story.plan.outputs[1].relation = "flare_view_1";
  ASSERT_THAT(story.Add(4).Limit(3).Run(), IsOk());
  EXPECT_EQ(story.topic.reads, 2);  // one a batch
  EXPECT_EQ(story.tables[0]->rows.size(), 4u);
  EXPECT_THAT(story.tables[1]->rows, ElementsAre(100, 101, 102, 103));
}

TEST(RunJob, OfSeveralOutputsOnlyTheMissingOnesAreWrittenAgain) {
  Story story(2);
  story.Add(5);
  story.tables[1]->reject = true;
  EXPECT_FALSE(story.Run().has_value());
  story.tables[1]->reject = false;
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
  EXPECT_EQ(story.tables[0]->stages, 1);
}

TEST(RunJob, C056_AnEndlessJobEndsAfterTheBatchWhenAsked) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kUnspecified);
  story.topic.on_read = [&] { story.finish.request_stop(); };
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->stopped);
  EXPECT_EQ(summary->batches, 1);
  EXPECT_THAT(story.heard.ends, ElementsAre("stopped"));
  EXPECT_THAT(story.Log("commits"), ElementsAre("0"));
  story.ExpectAllOnce();
}

TEST(RunJob, StopNowAbandonsTheBatchAndLosesNothing) {
  Story story;
  story.Add(5);
  story.topic.blocks = true;
  story.topic.on_read = [&] { story.stop.request_stop(); };
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->stopped);
  EXPECT_EQ(summary->batches, 0);
  EXPECT_TRUE(story.heard.Heard("batch 0 was abandoned"));
  story.topic.blocks = false;
  story.topic.on_read = [] {};
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(RunJob, ProcessingTimeRunsOnTheClock) {
  Story story;
  story.Trigger(TriggerMode::kProcessingTime, Millis(1000));
  int plans = 0;
  std::vector<int64_t> times;
  story.topic.on_plan = [&] {
    times.push_back(story.clock.Now().time_since_epoch().count());
    story.Add(1);
    if (++plans == 3) story.finish.request_stop();
  };
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(times, ElementsAre(1760000000123, 1760000001000, 1760000002000));
  story.ExpectAllOnce();
}

TEST(RunJob, AnIdleEndlessJobWaitsLongerAndLonger) {
  Story story;
  story.Trigger(TriggerMode::kUnspecified);
  int64_t begin = story.clock.Now().time_since_epoch().count();
  int plans = 0;
  story.topic.on_plan = [&] {
    if (++plans == 300) story.finish.request_stop();
  };
  ASSERT_THAT(story.Run(), IsOk());
  int64_t took = story.clock.Now().time_since_epoch().count() - begin;
  EXPECT_GT(took, 290 * 45);               // near the longest pause
  EXPECT_EQ(story.heard.idles, 2);         // every ten seconds
  EXPECT_EQ(story.heard.batches.size(), 1u);  // the empty batch 0
}

TEST(RunJob, AnEndlessJobOutlivesAnOutageAndSaysSoOnce) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kUnspecified);
  story.topic.unreachable_plans = 6;
  story.topic.unreachable_reads = 2;
  int plans = 0;
  story.topic.on_plan = [&] {
    if (++plans == 9) story.finish.request_stop();
  };
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(story.table().clean_ups, 1);  // of the reads that failed half way
  int outages = 0;
  for (const auto& [severity, text] : story.heard.messages) outages += severity == 2;
  EXPECT_EQ(outages, 1);
  EXPECT_TRUE(story.heard.Heard("no broker answers"));
  EXPECT_TRUE(story.heard.Heard("within reach again"));
  story.ExpectAllOnce();
  EXPECT_THAT(story.Log("offsets"), ElementsAre("0"));
}

TEST(RunJob, AnOutageIsNoSlowBatch) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kProcessingTime, Millis(1000));
  story.topic.unreachable_plans = 6;  // pauses of 250 ms and more, each twice as long as the last
  int plans = 0;
  story.topic.on_plan = [&] {
    if (++plans == 8) story.finish.request_stop();
  };
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_TRUE(story.heard.Heard("within reach again"));
  EXPECT_FALSE(story.heard.Heard("longer than"));
  story.ExpectAllOnce();
}

TEST(RunJob, ASlowBatchIsTold) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kProcessingTime, Millis(1000));
  story.topic.on_read = [&] {
    story.clock.Advance(Millis(90'000));
    story.finish.request_stop();
  };
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_TRUE(story.heard.Heard("the batch took 1 min 30 s, longer than the trigger's interval of 1 second"));
}

TEST(RunJob, ABoundedJobReturnsTheOutage) {
  Story story;
  story.Add(5);
  story.topic.unreachable_plans = 1;
  EXPECT_THAT(story.Run(), AllOf(IsError(Code::kUnavailable), HasMessage(HasSubstr("no broker answers"))));
  EXPECT_THAT(story.Log("offsets"), IsEmpty());
}

TEST(RunJob, AnOutageEndsWhenTheJobIsStopped) {
  Story story;
  story.Trigger(TriggerMode::kUnspecified);
  story.topic.unreachable_plans = 1000;
  int plans = 0;
  story.topic.on_plan = [&] {
    if (++plans == 5) story.finish.request_stop();
  };
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->stopped);
}

TEST(RunJob, ABoundedJobThatIsStoppedDuringAnOutageEndsWell) {
  Story story;
  story.Add(5).topic.unreachable_plans = 1;
  story.topic.on_plan = [&] { story.finish.request_stop(); };
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->stopped);
  EXPECT_THAT(story.heard.ends, ElementsAre("stopped"));
  EXPECT_THAT(story.Log("offsets"), IsEmpty());
}

TEST(RunJob, AJobThatIsStoppedBeforeItsSourceWasReachedSaysSo) {
  Story story;
  story.topic.unreachable_opens = 1;
  story.topic.on_open = [&] { story.finish.request_stop(); };
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->stopped);
  EXPECT_TRUE(story.heard.Heard("stopped before anything was read"));
}

TEST(RunJob, SourcesHearThatTheRunIsToEnd) {
  for (bool at_once : {false, true}) {
    Story story;
    story.Add(5);
    bool heard = false;
    story.topic.on_plan = [&] {
      (at_once ? story.stop : story.finish).request_stop();
      heard = story.topic.environment_stop.stop_requested();
    };
    std::ignore = story.Run();
    EXPECT_TRUE(heard);
  }
}

TEST(RunJob, ABoundedReadGoesOnWhereTheLastEnded) {
  Story story;
  story.plan.sources[0].streaming = false;
  story.Add(5).Limit(2).Trigger(TriggerMode::kUnspecified);
  EXPECT_EQ(story.Run()->batches, 1);
  EXPECT_EQ(story.Add(3).Run()->input_rows, 3);
  story.ExpectAllOnce();
}

TEST(RunJob, ARealErrorIsNotHiddenByAStop) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kUnspecified).table().fail_stage = "No space left on device";
  story.topic.on_read = [&] { story.finish.request_stop(); };
  EXPECT_THAT(story.Run(), IsError(Code::kResourceExhausted));
}

TEST(RunJob, C043_OnlyOneRunAtATimeHoldsTheCheckpoint) {
  Story story;
  auto held = checkpoint::Checkpoint::Open(io::LocalFileSystem(), story.directory(), "another run");
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(story.Add(1).Run(), AllOf(IsError(Code::kConflict), HasMessage(HasSubstr("another run"))));
}

TEST(RunJob, ABoundedReadNeedsNoCheckpoint) {
  Story story;
  story.plan.sources[0].streaming = false;
  std::string directory = std::exchange(story.plan.checkpoint_directory, "");
  EXPECT_EQ(story.Add(5).Run()->input_rows, 5);
  story.ExpectAllOnce();
  story.plan.checkpoint_directory = directory;
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(RunJob, RefusesTheCheckpointOfAnotherJob) {
  Story story;
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  story.plan.outputs[0].address.dataset = "elsewhere";
  auto summary = story.Run();
  EXPECT_THAT(summary, IsError(Code::kInvalidArgument));
  EXPECT_THAT(summary, HasMessage(AllOf(HasSubstr("belongs to another job"), HasSubstr("table0"),
                                        HasSubstr("elsewhere"), HasSubstr(story.directory()))));
}

TEST(RunJob, AChangedJobIsRefusedUntilItIsAccepted) {
  Story story;
  story.plan.steps = {{"a", "SELECT 1"}, {"b", "SELECT 2"}};
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  story.plan.steps = {{"a", "SELECT 1"}, {"b", "SELECT 3"}, {"c", "SELECT 4"}};
  EXPECT_THAT(story.Add(5).Run(), HasMessage(AllOf(HasSubstr("step 'b' changed, step 'c' is new"),
                                                   HasSubstr("run once with --accept-changes"))));
  story.plan.steps.pop_back();
  EXPECT_THAT(story.Run(), HasMessage(HasSubstr("the job changed: step 'b' changed.")));
  story.overrides.accept_changes = true;
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_TRUE(story.heard.Heard("going on though the job changed under the checkpoint: step 'b' changed"));
  story.overrides.accept_changes = false;
  ASSERT_THAT(story.Add(2).Run(), IsOk());  // it is this job's now
  story.ExpectAllOnce();
}

TEST(RunJob, AnUnfinishedBatchIsNotFinishedByAJobWithOtherSources) {
  Story story;
  EXPECT_FALSE(story.Add(5).Run("checkpoint.after_offsets=fail").has_value());
  std::string path = story.directory() + "/offsets/0", text = story.ReadLog("offsets/0");
  auto at = text.find("Fake");
  ASSERT_NE(at, std::string::npos) << text;
  std::ofstream(path, std::ios::binary) << text.replace(at, 4, "Else");
  story.overrides.accept_changes = true;
  EXPECT_THAT(story.Run(), HasMessage(HasSubstr("Its batch 0 is unfinished and can only be finished by the job that")));
}

TEST(RunJob, AWordIsTakenOnlyOfTheBatchInDoubt) {
  Story story;
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  story.overrides.word.replay = 4;
  EXPECT_THAT(story.Add(5).Run(), HasMessage(AllOf(HasSubstr("--replay 4: checkpoint"),
                                                   HasSubstr("the last committed one is 0, the next 1"))));
  story.overrides.word = {7, std::nullopt};
  EXPECT_FALSE(story.Run("").has_value());
  story.overrides.word = {};
  EXPECT_FALSE(story.Run("checkpoint.before_commits=fail").has_value());
  story.overrides.word = {0, std::nullopt};
  ASSERT_THAT(story.Run(), IsOk());  // the last committed one may be named
  story.ExpectAllOnce();
}

TEST(RunJob, ATableThatLostABatchIsTakenAsItIsWhenAPersonSaysSo) {
  Story story;
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  story.table() = FakeTable();
  EXPECT_THAT(story.Add(5).Run(), HasMessage(HasSubstr("run once with --assume-committed 0")));
  story.overrides.word.assume_committed = 0;
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_TRUE(story.heard.Heard("batch 0 counts as written everywhere, as --assume-committed says"));
  EXPECT_EQ(story.table().rows.size(), 5u);
}

TEST(RunJob, WhatTheSourceSaysOfItsDataIsKeptWithEachBatch) {
  Story story;
  story.topic.incarnation = "first";
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  EXPECT_THAT(story.ReadLog("offsets/0"), HasSubstr("\"flare.incarnations\":\"[\\\"first\\\"]\""));
  story.topic.incarnation = "second";
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  EXPECT_THAT(story.topic.restored, ElementsAre("first"));
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  EXPECT_THAT(story.topic.restored, ElementsAre("first", "second"));
}

TEST(RunJob, ABatchThatAnotherEngineBeganIsAskedForAsSuch) {
  Story story;
  EXPECT_FALSE(story.Add(5).Run("checkpoint.after_offsets=fail").has_value());
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(story.table().asked_as_foreign, IsEmpty());
  EXPECT_FALSE(story.Add(5).Run("checkpoint.after_offsets=fail").has_value());
  std::ofstream(story.directory() + "/offsets/1", std::ios::binary) << "v1\n{\"conf\":{}}\n10";
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(story.table().asked_as_foreign, AllOf(Not(IsEmpty()), Each(1)));
}

TEST(RunJob, TakesUpASparkCheckpointAndKeepsItsConf) {
  Story story;
  auto put = [&](const std::string& name, const std::string& text) {
    std::filesystem::path path = std::filesystem::path(story.directory()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  };
  put("metadata", "{\"id\":\"spark\"}");
  put("offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{\"spark.sql.shuffle.partitions\":\"7\"}}\n4");
  put("commits/0", "v1\n{\"nextBatchWatermarkMs\":9}");
  ASSERT_THAT(story.Add(6).Run(), IsOk());
  story.ExpectAllOnce(4);
  EXPECT_THAT(story.ReadLog("offsets/1"),
              AllOf(HasSubstr("{\"batchWatermarkMs\":9,\"batchTimestampMs\":1760000000123,"),
                    HasSubstr("\"spark.sql.shuffle.partitions\":\"7\""), HasSubstr("flare.sources")));
  EXPECT_EQ(story.ReadLog("commits/1"), "v1\n{\"nextBatchWatermarkMs\":9}");
}

TEST(RunJob, RefusesAReplayOfBatch0WithoutItsInitialOffset) {
  Story story;
  story.Add(5);
  EXPECT_FALSE(story.Run("checkpoint.after_offsets=fail").has_value());
  std::filesystem::remove(story.directory() + "/sources/0/0");
  EXPECT_THAT(story.Run(), AllOf(IsError(Code::kCorruption), HasMessage(HasSubstr("sources/0/0 is missing"))));
}

TEST(RunJob, ATableAheadOfARestoredCheckpointIsNoticedBeforeAnythingIsLogged) {
  Story story;
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  std::filesystem::remove(story.directory() + "/offsets/1");
  std::filesystem::remove(story.directory() + "/commits/1");
  EXPECT_THAT(story.Add(5).Run(), IsError(Code::kConflict));
  EXPECT_THAT(story.Log("offsets"), ElementsAre("0"));
}

TEST(RunJob, PreviewsShowTheFirstRowsOfEachStep) {
  Story story;
  story.plan.job.show_preview_lines = 2;
  story.plan.views.push_back({"few", "flare_view_1", "SELECT c0 FROM flare_view_0 WHERE c0 >= 4",
                              story.plan.views[0].schema, {}, "SELECT concat('#', c0) FROM flare_view_1"});
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  EXPECT_THAT(story.heard.previews, ElementsAre("step:id|0;|1;|...", "few:id|#4;"));
  story.ExpectAllOnce();
}

TEST(RunJob, PreviewsOfSharedBatchesReadNothingTwice) {
  Story story(2);
  story.plan.job.show_preview_lines = 2;
  story.plan.views.push_back({"few", "flare_view_1", "SELECT c0 FROM flare_view_0 WHERE c0 >= 4",
                              story.plan.views[0].schema, {}, "SELECT concat('#', c0) FROM flare_view_1"});
  story.plan.outputs[1].relation = "flare_view_1";
  ASSERT_THAT(story.Add(5).Run(), IsOk());
  EXPECT_THAT(story.heard.previews, ElementsAre("step:id|0;|1;|...", "few:id|#4;"));
  EXPECT_EQ(story.topic.reads, 1);
}

TEST(RunJob, RefusesWhatItCannotRun) {
  Story story;
  story.Trigger(TriggerMode::kContinuous);
  EXPECT_THAT(story.Run(), IsError(Code::kUnsupported));
  story.Trigger(TriggerMode::kOnce).plan.checkpoint_directory.clear();
  EXPECT_THAT(story.Run(), HasMessage(HasSubstr("checkpointLocation")));
}

}  // namespace
}  // namespace flare::stream
