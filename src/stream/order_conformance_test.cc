// The order of a batch's durable steps, seen at the moments between them. docs/invariants.md names these tests.
#include "stream/run_job.h"
#include "stream/stream_story.h"

namespace flare::stream {
namespace {

using manifest::TriggerMode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(BatchOrder, WhereTheJobBeginsIsOnDiskBeforeTheFirstBatchIsPlanned) {
  Story story;
  story.topic.starts_at = 2;
  std::string initial, id;
  story.topic.on_plan = [&] {
    initial = story.ReadLog("sources/0/0");
    id = story.ReadLog("metadata");
  };
  ASSERT_THAT(story.Add(5).Run("checkpoint.before_offsets=fail"), IsError(Code::kInternal));
  EXPECT_EQ(initial, "v1\n2");
  story.topic.starts_at = 4;
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce(2);
  EXPECT_EQ(story.ReadLog("metadata"), id);
}

TEST(BatchOrder, ABatchIsLoggedBeforeARecordOfItIsRead) {
  Story story;
  story.Add(9).Limit(3);
  std::vector<std::vector<std::string>> logged, committed;
  story.topic.on_read = [&] {
    logged.push_back(story.Log("offsets"));
    committed.push_back(story.Log("commits"));
  };
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(logged, ElementsAre(ElementsAre("0"), ElementsAre("0", "1"), ElementsAre("0", "1", "2")));
  EXPECT_THAT(committed, ElementsAre(IsEmpty(), ElementsAre("0"), ElementsAre("0", "1")));
}

TEST(BatchOrder, ARunThatDiesBeforeTheLogReadNothingAndPlansAnew) {
  Story story;
  EXPECT_FALSE(story.Add(3).Run("checkpoint.before_offsets=fail").has_value());
  EXPECT_EQ(story.topic.reads, 0);
  EXPECT_THAT(story.Log("offsets"), IsEmpty());
  auto summary = story.Add(4).Trigger(TriggerMode::kOnce).Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->input_rows, 7);  // nothing was promised, so the batch takes all there is now
}

TEST(BatchOrder, EveryTableHasTheBatchBeforeItsCommitEntryIsWritten) {
  Story story(2);
  EXPECT_FALSE(story.Add(3).Run("checkpoint.before_commits=fail").has_value());
  for (const auto& table : story.tables) EXPECT_THAT(table->tokens, SizeIs(1));
  EXPECT_THAT(story.Log("commits"), IsEmpty());

  Story second(2);
  second.tables[1]->reject = true;
  EXPECT_FALSE(second.Add(3).Run().has_value());
  EXPECT_THAT(second.tables[0]->tokens, SizeIs(1));
  EXPECT_THAT(second.Log("commits"), IsEmpty());
}

TEST(BatchOrder, ASourceMayForgetOnlyWhatTheCommitEntryCovers) {
  Story story;
  EXPECT_FALSE(story.Add(3).Run("checkpoint.before_commits=fail").has_value());
  EXPECT_THAT(story.topic.acknowledged, IsEmpty());
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_THAT(story.topic.acknowledged, ElementsAre("3"));
}

TEST(BatchOrder, AReplayAsksTheTableBeforeItReads) {
  Story story(2);
  story.tables[1]->fail_stage = "No space left on device";
  EXPECT_FALSE(story.Add(3).Run().has_value());
  // Meanwhile somebody wrote this very batch over another range into the second table: nothing may be read for it.
  auto token = story.ReadLog("metadata");
  std::string id = token.substr(7, token.size() - 9);
  story.tables[1]->tokens[id + "/output1/0"] = {"[null]", "[99]"};
  int reads = story.topic.reads;
  EXPECT_THAT(story.Run(), IsError(Code::kConflict));
  EXPECT_EQ(story.topic.reads, reads);
  EXPECT_THAT(story.tables[0]->rows, IsEmpty());
}

TEST(BatchOrder, AReplayKeepsItsRangeWhateverCameSinceAndWhateverTheLimit) {
  for (auto mode : {TriggerMode::kAvailableNow, TriggerMode::kOnce}) {
    Story story;
    EXPECT_FALSE(story.Add(6).Limit(5).Run("checkpoint.after_offsets=fail").has_value());
    ASSERT_THAT(story.Add(20).Limit(2).Trigger(mode).Run(), IsOk());
    EXPECT_EQ(story.heard.batches.at(0).input_rows(), 5);
    EXPECT_TRUE(story.heard.batches[0].replayed);
  }
}

}  // namespace
}  // namespace flare::stream
