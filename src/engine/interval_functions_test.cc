#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;

class IntervalFunctionsTest : public SparkFunctionTest {
 protected:
  static std::string Add(const std::string& start, const std::string& function, const std::string& amount, const std::string& zone) {
    return One("CAST(spark_timestamp_add_" + function + "(TIMESTAMPTZ '" + start + "+00', " + amount + ", '" + zone + "') AS VARCHAR)");
  }
};

TEST_F(IntervalFunctionsTest, PrintsWithTheFieldsOfTheType) {
  EXPECT_EQ(One("spark_interval_to_string(CAST(14 AS INTEGER), 0, 1)"), "INTERVAL '1-2' YEAR TO MONTH");
  EXPECT_EQ(One("spark_interval_to_string(CAST(-1500000 AS BIGINT), 5, 5)"), "INTERVAL '-01.5' SECOND");
  EXPECT_EQ(One("spark_interval_to_string(spark_make_interval(1, 2, 3, 4, 5, 6, 7500000))"),
            "1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds");
  EXPECT_EQ(One("spark_interval_to_string(CAST(NULL AS BIGINT), 2, 5)"), "NULL");
}

TEST_F(IntervalFunctionsTest, ReadsOrSaysWhatDoesNotFit) {
  EXPECT_EQ(One("spark_string_to_year_month('1-2', 0, 1)"), "14");
  EXPECT_THAT(One("spark_string_to_day_time('bad', 2, 5)"), HasSubstr("INVALID_INTERVAL_FORMAT"));
  EXPECT_EQ(One("spark_string_to_interval('bad')"), "NULL");
  EXPECT_EQ(One("spark_make_interval(178956971, 0, 0, 0, 0, 0, 0)"), "NULL");
}

TEST_F(IntervalFunctionsTest, DaysMoveTheClockAndMicrosecondsTheInstant) {
  // the night of 31 March 2024 has 23 hours in Berlin
  EXPECT_EQ(Add("2024-03-30 11:00:00", "day_time", "CAST(86400000000 AS BIGINT)", "Europe/Berlin"), "2024-03-31 10:00:00+00");
  EXPECT_EQ(Add("2024-03-30 11:00:00", "day_time", "CAST(82800000000 AS BIGINT)", "Europe/Berlin"), "2024-03-31 10:00:00+00");
  EXPECT_EQ(Add("2024-01-31 10:00:00", "year_month", "CAST(1 AS INTEGER)", "UTC"), "2024-02-29 10:00:00+00");
  EXPECT_EQ(Add("2024-01-31 10:00:00", "interval", "INTERVAL '1 month 1 day 2 hours'", "UTC"), "2024-03-01 12:00:00+00");
}

TEST_F(IntervalFunctionsTest, ScalesPartByPart) {
  auto text = [](const std::string& sql) { return One("spark_interval_to_string(" + sql + ")"); };
  EXPECT_EQ(text("spark_interval_divide(INTERVAL '15 months', 2.0)"), "7 months");
  EXPECT_EQ(text("spark_interval_multiply(INTERVAL '1 day', 1.5)"), "1 days 12 hours");
  EXPECT_EQ(One("spark_interval_divide(INTERVAL '1 day', 0.0)"), "NULL");
  EXPECT_THAT(One("spark_interval_divide_ansi(INTERVAL '1 day', 0.0)"), HasSubstr("INTERVAL_DIVIDED_BY_ZERO"));
}

TEST_F(IntervalFunctionsTest, AddsToDates) {
  EXPECT_EQ(One("spark_date_add_interval(DATE '2024-01-31', INTERVAL '1 month 1 day')"), "2024-03-01");
  EXPECT_THAT(One("spark_date_add_interval_ansi(DATE '2024-01-31', INTERVAL '1 hour')"), HasSubstr("MICROSECONDS_ADDITION"));
  EXPECT_EQ(One("spark_months_difference(TIMESTAMPTZ '2024-01-31 00:00:00+00', TIMESTAMPTZ '2024-02-29 00:00:00+00', 'UTC')"), "0");
}

}  // namespace
}  // namespace flare::engine
