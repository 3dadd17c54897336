#include "connector/kafka/rate_limit.h"

#include "base/test_matchers.h"

namespace flare::connector::kafka {
namespace {

TopicPartition P(int32_t partition) {
  return {"t", partition};
}

TEST(LimitRateTest, C090_SharesInProportionAndStarvesNobody) {
  Offsets from = {{P(0), 0}, {P(1), 0}, {P(2), 0}};
  Offsets latest = {{P(0), 101}, {P(1), 11}, {P(2), 1}};
  Offsets first = LimitRate(10, from, latest);
  EXPECT_EQ(first, (Offsets{{P(0), 8}, {P(1), 1}, {P(2), 1}}));
  Offsets second = LimitRate(10, first, latest);
  EXPECT_EQ(second, (Offsets{{P(0), 8 + 9}, {P(1), 1 + 1}, {P(2), 1}}));
}

TEST(LimitRateTest, C093_NeverOverflows) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(LimitRate(kMax, {{P(0), 1}, {P(1), 0}}, {{P(0), 101}, {P(1), 11}}),
            (Offsets{{P(0), 101}, {P(1), 11}}));
  EXPECT_EQ(LimitRate(kMax, {{P(0), kMax - 2}}, {{P(0), kMax}}), (Offsets{{P(0), kMax}}));
}

TEST(LimitRateTest, LeavesPartitionsWithNothingNewAlone) {
  EXPECT_EQ(LimitRate(5, {{P(0), 7}, {P(1), 3}}, {{P(0), 7}, {P(1), 3}}),
            (Offsets{{P(0), 7}, {P(1), 3}}));
  EXPECT_EQ(LimitRate(5, {{P(0), 9}, {P(1), 0}}, {{P(0), 7}, {P(1), 10}}),
            (Offsets{{P(0), 7}, {P(1), 5}}));
}

class BatchGateTest : public ::testing::Test {
 protected:
  bool Open(int64_t have, int64_t at_ms) {
    return gate_.Open(15, Millis(5000), {{P(0), 100}}, {{P(0), 100 + have}},
                      start_ + Millis(at_ms));
  }
  WallTime start_{Millis(1'700'000'000'000)};
  BatchGate gate_;
};

TEST_F(BatchGateTest, C091_FirstQuestionPassesThenItWaitsForRecordsOrTime) {
  EXPECT_TRUE(Open(1, 0));
  EXPECT_FALSE(Open(6, 1000));
  EXPECT_TRUE(Open(18, 2000));
  EXPECT_FALSE(Open(6, 6999));
  EXPECT_TRUE(Open(6, 7000));
}

TEST_F(BatchGateTest, APassWithoutRecordsCountsToo) {
  EXPECT_TRUE(Open(0, 0));
  EXPECT_FALSE(Open(0, 4999));
  EXPECT_TRUE(Open(0, 5000));
  EXPECT_FALSE(Open(14, 9999));
}

TEST(CountBetweenTest, NeverCountsBackwards) {
  EXPECT_EQ(CountBetween({{P(0), 5}, {P(1), 1}}, {{P(0), 2}, {P(1), 4}, {P(2), 9}}), 3);
}

}  // namespace
}  // namespace flare::connector::kafka
