// A target that is out of reach for a while, as a catalog that another program locks.
#include "stream/stream_story.h"

namespace flare::stream {
namespace {

using manifest::TriggerMode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

int Warnings(const Story& story) {
  int warnings = 0;
  for (const auto& [severity, text] : story.heard.messages) warnings += severity == 2;
  return warnings;
}

/// Stops the job at its n-th look for new data.
void StopAtPlan(Story& story, int n) {
  story.topic.on_plan = [&story, n, plans = std::make_shared<int>(0)] {
    if (++*plans == n) story.finish.request_stop();
  };
}

TEST(SinkOutage, AnEndlessJobWaitsForACommitAndSaysSoOnce) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kUnspecified);
  story.table().unreachable_commits = 4;
  StopAtPlan(story, 2);
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(Warnings(story), 1);
  EXPECT_TRUE(story.heard.Heard("the table is locked"));
  EXPECT_TRUE(story.heard.Heard("trying again until it works or the job is stopped"));
  EXPECT_TRUE(story.heard.Heard("within reach again"));
  EXPECT_EQ(story.table().clean_ups, 1);
  story.ExpectAllOnce();
  EXPECT_THAT(story.Log("commits"), ElementsAre("0"));
}

TEST(SinkOutage, OnlyTheTargetThatLacksTheBatchIsTriedAgain) {
  Story story(2);
  story.Add(5).Trigger(TriggerMode::kUnspecified);
  story.tables[1]->unreachable_commits = 3;
  StopAtPlan(story, 2);
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(story.tables[0]->stages, 1);
  EXPECT_EQ(story.tables[1]->stages, 4);
  EXPECT_EQ(story.tables[0]->rows.size(), 5u);
  EXPECT_EQ(story.tables[1]->rows.size(), 5u);
}

TEST(SinkOutage, AnEndlessJobWaitsForATargetToBeOpenedAndAsked) {
  Story story;
  story.Add(5);
  ASSERT_THAT(story.Run(), IsOk());
  story.Add(5).Trigger(TriggerMode::kUnspecified);
  story.table().unreachable_opens = 2;
  story.table().unreachable_finds = 3;
  StopAtPlan(story, 3);
  ASSERT_THAT(story.Run(), IsOk());
  EXPECT_EQ(Warnings(story), 2);  // within reach in between
  story.ExpectAllOnce();
}

TEST(SinkOutage, AStopEndsTheWaiting) {
  Story story;
  story.Add(5).Trigger(TriggerMode::kUnspecified);
  story.table().unreachable_commits = 1'000'000;
  story.topic.on_read = [&, reads = 0]() mutable {
    if (++reads == 3) story.finish.request_stop();
  };
  auto summary = story.Run();
  ASSERT_THAT(summary, IsOk());
  EXPECT_TRUE(summary->stopped);
  EXPECT_THAT(story.Log("offsets"), ElementsAre("0"));
  EXPECT_THAT(story.Log("commits"), IsEmpty());
  story.table().unreachable_commits = 0;
  story.topic.on_read = [] {};
  story.finish = {};
  ASSERT_THAT(story.Trigger(TriggerMode::kAvailableNow).Run(), IsOk());
  story.ExpectAllOnce();
}

TEST(SinkOutage, ABoundedJobReturnsIt) {
  Story story;
  story.Add(5).table().unreachable_commits = 1;
  EXPECT_THAT(story.Run(), AllOf(IsError(Code::kUnavailable), HasMessage(HasSubstr("the table is locked"))));
  EXPECT_THAT(story.Log("commits"), IsEmpty());
  ASSERT_THAT(story.Run(), IsOk());
  story.ExpectAllOnce();
}

}  // namespace
}  // namespace flare::stream
