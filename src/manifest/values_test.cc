#include "manifest/values.h"

#include "base/test_matchers.h"

namespace flare::manifest {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseBool, TakesTrueAndFalseInAnyCaseOnly) {
  EXPECT_TRUE(*ParseBool("true"));
  EXPECT_TRUE(*ParseBool("True"));
  EXPECT_FALSE(*ParseBool("FALSE"));
  for (auto text : {"", "yes", "1", "t", "truee", "on"})
    EXPECT_THAT(ParseBool(text), IsError(Code::kInvalidArgument));
}

TEST(ParseInt, TakesWholeNumbers) {
  EXPECT_EQ(*ParseInt("10"), 10);
  EXPECT_EQ(*ParseInt(" -7 "), -7);
  EXPECT_EQ(*ParseInt("+3"), 3);
  for (auto text : {"", "1.0", "0x10", "1e3", "9223372036854775808", "-", "1 2"})
    EXPECT_FALSE(ParseInt(text)) << text;
}

TEST(ParseDuration, TakesEveryUnitWithAndWithoutBlank) {
  EXPECT_EQ(*ParseDuration("10 seconds"), seconds(10));
  EXPECT_EQ(*ParseDuration("1 seconds"), seconds(1));
  EXPECT_EQ(*ParseDuration("10s"), seconds(10));
  EXPECT_EQ(*ParseDuration("1 Second"), seconds(1));
  EXPECT_EQ(*ParseDuration("3 sec"), seconds(3));
  EXPECT_EQ(*ParseDuration("250ms"), Millis(250));
  EXPECT_EQ(*ParseDuration("5 minutes"), minutes(5));
  EXPECT_EQ(*ParseDuration("5m"), minutes(5));
  EXPECT_EQ(*ParseDuration("2min"), minutes(2));
  EXPECT_EQ(*ParseDuration("1 hour"), hours(1));
  EXPECT_EQ(*ParseDuration("12h"), hours(12));
  EXPECT_EQ(*ParseDuration("0"), Millis(0));
  EXPECT_EQ(*ParseDuration("0 seconds"), Millis(0));
}

TEST(ParseDuration, RefusesTheRestAndSaysWhy) {
  EXPECT_THAT(ParseDuration("10"), HasMessage(testing::HasSubstr("it has no unit")));
  EXPECT_THAT(ParseDuration("-1 s"), HasMessage(testing::HasSubstr("it is negative")));
  EXPECT_THAT(ParseDuration("1 month"), HasMessage(testing::HasSubstr("\"month\" is not a unit")));
  EXPECT_THAT(ParseDuration("soon"),
              HasMessage(testing::HasSubstr("does not start with a whole number")));
  EXPECT_THAT(ParseDuration("9223372036854775807 h"), HasMessage(testing::HasSubstr("too long")));
  EXPECT_FALSE(ParseDuration(""));
  EXPECT_FALSE(ParseDuration("1.5s"));
}

TEST(DurationText, IsExactAndReadsBack) {
  const std::pair<Millis, const char*> cases[] = {
      {Millis(0), "0 ms"},        {Millis(1500), "1500 ms"},   {seconds(1), "1 second"},
      {seconds(90), "90 seconds"}, {minutes(10), "10 minutes"}, {hours(24), "24 hours"}};
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(DurationText(duration), text);
    EXPECT_EQ(*ParseDuration(text), duration);
  }
}

TEST(ParseMemory, CountsInPowersOf1024) {
  constexpr int64_t kMi = 1024 * 1024;
  EXPECT_EQ(*ParseMemory("1000m"), 1000 * kMi);
  EXPECT_EQ(*ParseMemory("2048"), 2048 * kMi);
  EXPECT_EQ(*ParseMemory("1Gi"), 1024 * kMi);
  EXPECT_EQ(*ParseMemory("2g"), 2048 * kMi);
  EXPECT_EQ(*ParseMemory("512 KB"), 512 * 1024);
  EXPECT_EQ(*ParseMemory("7b"), 7);
  for (auto text : {"", "lots", "-1g", "0", "1.5g", "1x", "9999999999999t"})
    EXPECT_FALSE(ParseMemory(text)) << text;
}

TEST(ParseCpu, CountsThousandths) {
  EXPECT_EQ(*ParseCpu("500m"), 500);
  EXPECT_EQ(*ParseCpu("2"), 2000);
  EXPECT_EQ(*ParseCpu("0.5"), 500);
  for (auto text : {"", "0", "-1", "2 cores", "m", "nan", "inf"})
    EXPECT_FALSE(ParseCpu(text)) << text;
}

TEST(ParseTimestamp, ReadsRfc3339) {
  WallTime expected{std::chrono::sys_days(std::chrono::year(2031) / 3 / 2) + hours(1) +
                    minutes(30)};
  EXPECT_EQ(*ParseTimestamp("2031-03-02T01:30:00Z"), expected);
  EXPECT_EQ(*ParseTimestamp("2031-03-02t02:30:00+01:00"), expected);
  EXPECT_EQ(*ParseTimestamp("2031-03-01T20:00:00.250-05:30"), expected + Millis(250));
  for (auto text :
       {"", "2031-03-02", "2031-03-02T01:30:00", "2031-02-30T00:00:00Z", "2031-03-02T24:30:00Z",
        "2031-03-02T01:30:00+1", "2031/03/02T01:30:00Z", "now"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(CheckCron, TakesWhatCronTakes) {
  for (auto text :
       {"* * * * *", "*/2 * * * *", "30 1 * * *", "0 9-17 * * MON-FRI", "0,15,30,45 * 1 jan 0",
        "5/10 * * * *", "0 0 L * ?", "0 30 1 * * *", "0 30 1 * * ? 2031"}) {
    EXPECT_THAT(CheckCron(text), IsOk()) << text;
  }
  for (auto text : {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
                    "* * * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1,,2 * * * *",
                    "1-2-3 * * * *", "* * * * * * * *"}) {
    EXPECT_THAT(CheckCron(text), IsError(Code::kInvalidArgument)) << text;
  }
}

TEST(DecodeBase64, DecodesAndRefusesWithoutShowingTheText) {
  EXPECT_EQ(*DecodeBase64("aHVudGVyMg=="), "hunter2");
  EXPECT_EQ(*DecodeBase64("aHVudGVyMg"), "hunter2");
  EXPECT_EQ(*DecodeBase64(""), "");
  auto broken = DecodeBase64("hunter2!");
  EXPECT_THAT(broken, IsError(Code::kInvalidArgument));
  EXPECT_THAT(broken, HasMessage(testing::Not(testing::HasSubstr("hunter"))));
  EXPECT_FALSE(DecodeBase64("aGk=aGk="));
  EXPECT_FALSE(DecodeBase64("abcde"));
}

}  // namespace
}  // namespace flare::manifest
