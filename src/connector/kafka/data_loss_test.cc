#include "connector/kafka/data_loss.h"

#include "base/test_matchers.h"

namespace flare::connector::kafka {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TopicPartition P(int32_t partition) {
  return {"t", partition};
}

std::vector<std::string> Texts(const RangePlan& plan) {
  std::vector<std::string> texts;
  for (const auto& each : plan.ranges)
    texts.push_back(fmt::format("{} {}-{}", ToText(each.partition), each.begin, each.end));
  return texts;
}

TEST(PlanRangesTest, DropsEmptyRangesAndPutsLargeOnesFirst) {
  RangePlan plan =
      PlanRanges({{P(0), 5}, {P(1), 3}, {P(2), 0}}, {{P(0), 6}, {P(1), 3}, {P(2), 9}}, {});
  EXPECT_THAT(Texts(plan), ElementsAre("t-2 0-9", "t-0 5-6"));
  EXPECT_THAT(plan.lost, IsEmpty());
}

TEST(PlanRangesTest, NewPartitionsBeginAtTheirEarliest) {
  RangePlan plan =
      PlanRanges({{P(0), 5}}, {{P(0), 5}, {P(1), 4}, {P(2), 9}}, {{P(1), 0}, {P(2), 7}});
  EXPECT_THAT(Texts(plan), ElementsAre("t-1 0-4", "t-2 7-9"));
  EXPECT_THAT(plan.lost,
              ElementsAre(HasSubstr("new partition t-2 begins at offset 7 instead of 0")));
}

TEST(PlanRangesTest, TellsWhatIsLost) {
  RangePlan plan = PlanRanges({{P(0), 2}, {P(1), 5}}, {{P(0), 1}, {P(2), 3}}, {});
  EXPECT_THAT(plan.ranges, IsEmpty());
  EXPECT_THAT(plan.lost, ElementsAre(HasSubstr("partition t-1 is gone"),
                                     HasSubstr("t-0 was changed from 2 to 1"),
                                     HasSubstr("new partition t-2 vanished")));
}

TEST(PlanRangesTest, TellsACutLogFromATopicThatMayBeAnother) {
  EXPECT_THAT(PlanRanges({{P(0), 2}}, {{P(0), 1}}, {}).lost,
              ElementsAre(HasSubstr("was its topic deleted and made anew?")));
  EXPECT_THAT(PlanRanges({{P(0), 2}}, {{P(0), 1}}, {}, {"t"}).lost,
              ElementsAre(HasSubstr("the topic is the same, so its log was cut")));
}

TEST(DataLossTest, TellsHowFarATopicWasReadThatIsNoMore) {
  EXPECT_EQ(LostWithTopic("t", {{"t", "a"}}, {{"t", "b"}}, {{P(0), 7}, {P(1), 9}, {{"u", 0}, 3}}),
            "topic t was deleted and made anew: its id was a and is b now; the old one was read up "
            "to (partition: offset) 0: 7, 1: 9, and what it held beyond is gone");
}

TEST(DataLossTest, NamesTheOptionToSet) {
  Error error = DataLoss(AgedOut(P(3), 10, 50, 40));
  EXPECT_EQ(error.blame(), Blame::kExternal);
  EXPECT_EQ(error.retry(), Retry::kNever);
  EXPECT_THAT(
      error.message(),
      AllOf(HasSubstr("partition t-3: expected offset 10 (reading up to 50), but the earliest "
                      "available is 40"),
            HasSubstr("`failOnDataLoss: false`")));
}

TEST(CheckFrozenTest, C100_FailsOnlyWhenTheEndIsOutOfReach) {
  Offsets frozen = {{P(0), 5}};
  EXPECT_THAT(CheckFrozen(frozen, {{P(0), 5}, {P(1), 1}}), IsOk());
  EXPECT_THAT(CheckFrozen(frozen, {{P(0), 9}}), IsOk());
  EXPECT_THAT(CheckFrozen(frozen, {{P(0), 4}}), HasMessage(HasSubstr("ends at 4 now")));
  EXPECT_THAT(CheckFrozen(frozen, {{P(1), 5}}), HasMessage(HasSubstr("t-0 was there")));
  EXPECT_THAT(CheckFrozenTopics({{"t", "a"}}, {{"t", "a"}}, {"t"}), IsOk());
  EXPECT_THAT(CheckFrozenTopics({{"t", "a"}}, {{"t", "b"}}, {"t"}),
              HasMessage(HasSubstr("made anew: its id was a and is b now, after this AvailableNow "
                                   "run started; start the run again")));
}

}  // namespace
}  // namespace flare::connector::kafka
