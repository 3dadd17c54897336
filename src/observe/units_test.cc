#include "observe/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace flare::observe {
namespace {

TEST(Units, CountsHaveThousandsSeparators) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(5000000), "5,000,000");
  EXPECT_EQ(FormatCount(-123456), "-123,456");
  EXPECT_EQ(FormatCount(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Units, BytesUsePowersOf1024) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1.00 KiB");
  EXPECT_EQ(FormatBytes(12'902'000), "12.3 MiB");
  EXPECT_EQ(FormatBytes(int64_t{925'000'000}), "882 MiB");
  EXPECT_EQ(FormatBytes((int64_t{1} << 20) - 1), "1.00 MiB");
  EXPECT_EQ(FormatBytes(std::numeric_limits<int64_t>::max()), "8.00 EiB");
}

TEST(Units, RatesUsePowersOf1000) {
  EXPECT_EQ(FormatRate(0), "0 rows/s");
  EXPECT_EQ(FormatRate(0.5), "0.50 rows/s");
  EXPECT_EQ(FormatRate(950.4), "950 rows/s");
  EXPECT_EQ(FormatRate(1477.8), "1.48 k rows/s");
  EXPECT_EQ(FormatRate(1'200'000), "1.20 M rows/s");
  EXPECT_EQ(FormatRate(999'999), "1.00 M rows/s");
  EXPECT_EQ(FormatRate(std::numeric_limits<double>::infinity()), "- rows/s");
  EXPECT_EQ(FormatRate(20, "records"), "20 records/s");
}

TEST(Units, DurationsUseTwoUnits) {
  EXPECT_EQ(FormatDuration(Millis(0)), "0 ms");
  EXPECT_EQ(FormatDuration(Millis(812)), "812 ms");
  EXPECT_EQ(FormatDuration(Millis(3400)), "3.4 s");
  EXPECT_EQ(FormatDuration(Millis(9951)), "10 s");
  EXPECT_EQ(FormatDuration(Millis(59'600)), "1 min");
  EXPECT_EQ(FormatDuration(Millis(125'000)), "2 min 5 s");
  EXPECT_EQ(FormatDuration(Millis(11'520'000)), "3 h 12 min");
  EXPECT_EQ(FormatDuration(Millis(int64_t{86'400'000} * 2 + 4 * 3'600'000)), "2 d 4 h");
  EXPECT_EQ(FormatDuration(Millis(-5)), "-5 ms");
}

TEST(Units, TimestampsAreSparks) {
  EXPECT_EQ(FormatTimestamp(WallTime(Millis(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTimestamp(WallTime(Millis(1770113700007))), "2026-02-03T10:15:00.007Z");
  EXPECT_EQ(FormatTimestamp(WallTime(Millis(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Units, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("größe"), 5);
  EXPECT_EQ(DisplayWidth("注文"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2);
  EXPECT_EQ(CutToWidth("注文表", 5), "注文");
  EXPECT_EQ(CutToWidth("abc", 3), "abc");
  EXPECT_EQ(CutToWidth("abc", 0), "");
}

}  // namespace
}  // namespace flare::observe
