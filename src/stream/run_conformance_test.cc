// What a whole run does in Spark's place: logs that old versions of Spark left, the times and the events of a batch.
// A test's number is the item's in docs/conformance.
#include <filesystem>
#include <fstream>

#include "stream/run_job.h"
#include "stream/stream_story.h"

namespace flare::stream {
namespace {

using manifest::TriggerMode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Files as another program left them in the story's checkpoint.
void Put(const Story& story, const std::string& name, const std::string& text) {
  std::filesystem::path path = std::filesystem::path(story.directory()) / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

TEST(RunConformance, C032_ASpark23CheckpointResumesWithTheWatermarkOfItsOffsetLog) {
  for (const char* commit : {"v1", "v1\n", "v1\n{}"}) {
    Story story;
    Put(story, "metadata", R"({"id":"dddc5e7f-1e71-454c-8362-de184444fb5a"})");
    Put(story, "offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1531292029003}\n2");
    Put(story, "offsets/1", "v1\n{\"batchWatermarkMs\":5000,\"batchTimestampMs\":1531292030005}\n4");
    Put(story, "commits/0", commit);
    Put(story, "commits/1", commit);
    ASSERT_THAT(story.Add(7).Run(), IsOk());
    story.ExpectAllOnce(4);
    EXPECT_THAT(story.ReadLog("offsets/2"), HasSubstr("{\"batchWatermarkMs\":5000,"));
    EXPECT_EQ(story.ReadLog("commits/2"), "v1\n{\"nextBatchWatermarkMs\":5000}");
  }
}

/// Spark 2.1 kept no log of commits and no settings, so its newest batch is always unfinished.
void PutSpark21Batch0(const Story& story) {
  Put(story, "metadata", R"({"id":"5ab65d4c-2c1f-4a30-8e3a-c4a6e1c5b0a7"})");
  Put(story, "sources/0/0", "v1\n0");
  Put(story, "offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1480981499528}\n3");
}

TEST(RunConformance, C041_ASpark21CheckpointReplaysItsBatchAndGoesOn) {
  Story story;
  PutSpark21Batch0(story);
  story.Add(8).table().rows = {};
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
  EXPECT_THAT(story.table().clocks, ElementsAre("1480981499528", "1760000000123"));
  EXPECT_THAT(story.Log("commits"), ElementsAre("0", "1"));
}

TEST(RunConformance, C041_ALongerSpark21HistoryIsRefusedBecauseItLooksLikeLostCommits) {
  Story story;
  PutSpark21Batch0(story);
  Put(story, "offsets/1", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1480981499999}\n5");
  EXPECT_THAT(story.Add(8).Run(), AllOf(IsError(Code::kCorruption), HasMessage(HasSubstr("commits/ holds nothing"))));
  EXPECT_THAT(story.table().rows, IsEmpty());
}

TEST(RunConformance, C028_EachVersionOfTheOffsetLogGoesOn) {
  Story one;
  ASSERT_THAT(one.Add(3).Run(), IsOk());
  ASSERT_THAT(one.Add(3).Run(), IsOk());
  EXPECT_THAT(one.ReadLog("offsets/1"), StartsWith("v1\n"));

  Story two;
  Put(two, "metadata", R"({"id":"q"})");
  Put(two, "offsets/0",
      "v2\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1760000000000,\"conf\":{},\"sourceMetadataInfo\":{\"0\":"
      "{\"sourceId\":\"0\"}}}\n0:3");
  Put(two, "commits/0", "v1\n{\"nextBatchWatermarkMs\":0}");
  ASSERT_THAT(two.Add(5).Run(), IsOk());
  two.ExpectAllOnce(3);
  EXPECT_THAT(two.ReadLog("offsets/1"),
              AllOf(StartsWith("v2\n"), HasSubstr("\"sourceMetadataInfo\":{\"0\":{\"sourceId\":\"0\"}}"),
                    ::testing::EndsWith("\n0:5")));
  EXPECT_THAT(two.ReadLog("commits/1"), StartsWith("v1\n"));
}

TEST(RunConformance, C029_StateSettingsOfASpark35CheckpointAreHandedOnAsFound) {
  const std::string conf =
      R"("conf":{"spark.sql.streaming.stateStore.providerClass":)"
      R"("org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",)"
      R"("spark.sql.streaming.join.stateFormatVersion":"2","spark.sql.streaming.stateStore.compression.codec":"zstd",)"
      R"("spark.sql.streaming.stateStore.rocksdb.formatVersion":"5",)"
      R"("spark.sql.streaming.statefulOperator.useStrictDistribution":"true",)"
      R"("spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion":"2",)"
      R"("spark.sql.streaming.multipleWatermarkPolicy":"max","spark.sql.streaming.aggregation.stateFormatVersion":"2",)"
      R"("spark.sql.shuffle.partitions":"5"}})";
  Story story;
  Put(story, "metadata", R"({"id":"q"})");
  Put(story, "offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1711000000000," + conf + "\n2");
  Put(story, "commits/0", "v1\n{\"nextBatchWatermarkMs\":0}");
  ASSERT_THAT(story.Add(4).Run(), IsOk());
  EXPECT_THAT(story.ReadLog("offsets/1"),
              AllOf(HasSubstr(R"("spark.sql.streaming.stateStore.compression.codec":"zstd")"),
                    HasSubstr(R"("spark.sql.streaming.multipleWatermarkPolicy":"max")"),
                    HasSubstr(R"("spark.sql.shuffle.partitions":"5")"), Not(HasSubstr("encodingFormat")),
                    Not(HasSubstr("hecksum"))));
}

TEST(RunConformance, C054_PartsOfABatchAddUpToItsTrigger) {
  Story story;
  story.Add(2).Trigger(TriggerMode::kProcessingTime, Millis(1000));
  story.clock.Advance(Millis(877));  // on a boundary: 1760000001000
  int plans = 0;
  story.topic.on_plan = [&] {
    story.clock.Advance(Millis(50));
    if (++plans == 2) {
      story.Add(2);
      story.finish.request_stop();
    }
  };
  story.topic.on_read = [&] { story.clock.Advance(Millis(450)); };
  ASSERT_THAT(story.Run(), IsOk());
  ASSERT_EQ(story.heard.batches.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    auto& batch = story.heard.batches[i];
    EXPECT_EQ(batch.duration_ms["latestOffset"], 50);
    EXPECT_EQ(batch.duration_ms["addBatch"], 450);
    EXPECT_EQ(batch.duration_ms["triggerExecution"], 500);
    EXPECT_EQ(batch.batch_duration, Millis(500));
    EXPECT_EQ(batch.trigger_start, WallTime(Millis(1760000001000 + 1000 * static_cast<int64_t>(i))));
    EXPECT_EQ(batch.processed_rows_per_second, 4.0);
    EXPECT_EQ(batch.input_rows_per_second, i == 0 ? 0.0 : 2.0);
  }
}

TEST(RunConformance, C055_AReplayIsNeitherPlannedNorLoggedAgain) {
  Story story;
  EXPECT_FALSE(story.Add(2).Run("checkpoint.after_offsets=fail").has_value());
  int plans = 0;
  story.topic.on_plan = [&] { ++plans; };
  ASSERT_THAT(story.Trigger(TriggerMode::kOnce).Run(), IsOk());
  EXPECT_EQ(plans, 0);
  const auto& parts = story.heard.batches.at(0).duration_ms;
  EXPECT_FALSE(parts.contains("latestOffset"));
  EXPECT_FALSE(parts.contains("walCommit"));
  EXPECT_EQ(story.heard.batches[0].sources[0].start_offset, std::nullopt);
  EXPECT_EQ(story.heard.batches[0].sources[0].end_offset, "2");
}

TEST(RunConformance, C058_ARunWithoutATriggerHasNoProgress) {
  Story story;
  story.Add(3).topic.unreachable_plans = 1;
  EXPECT_FALSE(story.Run().has_value());
  EXPECT_THAT(story.heard.batches, IsEmpty());
}

TEST(RunConformance, C059_StartAndEndAreToldOnceAndInOrder) {
  for (const char* why : {"", "No space left on device"}) {
    Story story;
    story.Add(2).table().fail_stage = why;
    size_t started = 0, ended = 1;
    story.topic.on_plan = [&] {
      started = story.heard.queries.size();
      ended = story.heard.ends.size();
    };
    auto summary = story.Run();
    EXPECT_EQ(started, 1u);
    EXPECT_EQ(ended, 0u);
    EXPECT_EQ(story.heard.queries.size(), 1u);
    if (*why == '\0') {
      EXPECT_THAT(story.heard.ends, ElementsAre("finished"));
      continue;
    }
    EXPECT_THAT(story.heard.ends, ElementsAre("failed"));
    EXPECT_THAT(summary, HasMessage(HasSubstr(why)));
  }
}

}  // namespace
}  // namespace flare::stream
