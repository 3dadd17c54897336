#include "sql/interval.h"

#include <gtest/gtest.h>

namespace flare::sql {
namespace {

using enum IntervalField;

std::string Calendar(std::string_view text) {
  auto interval = ParseCalendarInterval(text);
  return interval ? CalendarIntervalText(*interval) : "none";
}

std::string Cast(std::string_view text, IntervalField first, IntervalField last) {
  Type type = Type::Interval(first, last);
  auto value = CastToInterval(text, type);
  return value ? IntervalText(*value, type) : "none";
}

TEST(Interval, ReadsUnitLists) {
  EXPECT_EQ(Calendar("1 year -2 days 3.5 seconds"), "1 years -2 days 3.5 seconds");
  EXPECT_EQ(Calendar("interval 2 weeks"), "14 days");
  EXPECT_EQ(Calendar(" INTERVAL\t1 Month "), "1 months");
  EXPECT_EQ(Calendar("- 1 hour + 61 minutes"), "1 minutes");
  EXPECT_EQ(Calendar(".5 second"), "0.5 seconds");
  EXPECT_EQ(Calendar("-0.000001 seconds"), "-0.000001 seconds");
  EXPECT_EQ(Calendar("0 days"), "0 seconds");
}

TEST(Interval, RefusesWhatIsNoUnitList) {
  for (std::string_view text : {"", "interval", "day", "1", "1day", "1.5 days", "1 quarter", "1 day 2", "interval1 day", "1 dayss",
                                "99999999999 days", "1.1234567891 seconds", "99999999999999999999 microseconds", "ten minutes"}) {
    EXPECT_EQ(Calendar(text), "none") << text;
  }
}

TEST(Interval, PrintsTheFieldsOfItsType) {
  EXPECT_EQ(IntervalText(14, Type::Interval(kYear, kMonth)), "INTERVAL '1-2' YEAR TO MONTH");
  EXPECT_EQ(IntervalText(-11, Type::Interval(kYear, kMonth)), "INTERVAL '-0-11' YEAR TO MONTH");
  EXPECT_EQ(IntervalText(-24, Type::Interval(kYear, kYear)), "INTERVAL '-2' YEAR");
  EXPECT_EQ(IntervalText(-1'500'000, Type::Interval(kSecond, kSecond)), "INTERVAL '-01.5' SECOND");
  EXPECT_EQ(IntervalText(5'400'000'000, Type::Interval(kDay, kSecond)), "INTERVAL '0 01:30:00' DAY TO SECOND");
  EXPECT_EQ(IntervalText(std::numeric_limits<int64_t>::min(), Type::Interval(kDay, kSecond)),
            "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND");
}

TEST(Interval, CastsTextWithJustItsFields) {
  EXPECT_EQ(Cast("1-2", kYear, kMonth), "INTERVAL '1-2' YEAR TO MONTH");
  EXPECT_EQ(Cast("-1 02:03:04.5", kDay, kSecond), "INTERVAL '-1 02:03:04.5' DAY TO SECOND");
  EXPECT_EQ(Cast("interval -'02:03' hour to minute", kHour, kMinute), "INTERVAL '-02:03' HOUR TO MINUTE");
  EXPECT_EQ(Cast("100", kDay, kDay), "INTERVAL '100' DAY");
  for (std::string_view text : {"1-12", "1", "x", "1-2-3", "INTERVAL '1-2' YEAR", "1-", "2147483647-1"}) {
    EXPECT_EQ(Cast(text, kYear, kMonth), "none") << text;
  }
  EXPECT_EQ(Cast("1 24:00:00", kDay, kSecond), "none");
  EXPECT_EQ(Cast("1 02:60:00", kDay, kSecond), "none");
}

}  // namespace
}  // namespace flare::sql
