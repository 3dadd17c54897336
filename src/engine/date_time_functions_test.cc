#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;

class DateTimeFunctionsTest : public SparkFunctionTest {
 protected:
  static std::string Instant(const std::string& text) { return "TIMESTAMPTZ '" + text + "+00'"; }
  static std::string Format(const std::string& text, const std::string& pattern,
                            const std::string& zone = "UTC") {
    return One("spark_date_format(" + Instant(text) + ", " + QuoteLiteral(pattern) + ", '" + zone + "')");
  }
  static std::string Parse(const std::string& text, const std::string& pattern,
                           const std::string& zone = "UTC") {
    return One("spark_timestamp_to_string(spark_parse_timestamp(" + QuoteLiteral(text) + ", " +
               QuoteLiteral(pattern) + ", '" + zone + "'), 'UTC')");
  }
};

TEST_F(DateTimeFunctionsTest, FormatsAsJava) {
  EXPECT_EQ(Format("2024-01-15 00:00:00", "E EEE MMMM MMM M L G VV z O"),
            "Mon Mon January Jan 1 1 AD UTC UTC GMT");
  EXPECT_EQ(Format("2024-07-05 09:08:07.123456", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "Europe/Berlin"),
            "2024-07-05T11:08:07.123+02:00");
  EXPECT_EQ(Format("2024-07-05 21:08:07", "y yy d D h a K k QQQ 'o''clock' EEEE"),
            "2024 24 5 187 9 PM 9 21 Q3 o'clock Friday");
  EXPECT_EQ(Format("2024-01-15 10:00:00", "z Z xx X", "America/New_York"), "EST -0500 -0500 -05");
  EXPECT_EQ(Format("2024-01-15 10:00:00", "HH:mm XXX VV", "+05:30"), "15:30 +05:30 +05:30");
  EXPECT_EQ(Format("12024-01-15 10:00:00", "yyyy"), "+12024");
  EXPECT_THAT(Format("2024-01-15 10:00:00", "YYYY-ww"),
              HasSubstr("[INCONSISTENT_BEHAVIOR_CROSS_VERSION"));
  EXPECT_THAT(Format("2024-01-15 10:00:00", "yyyy-bb"), HasSubstr("yyyy-bb"));
  EXPECT_THAT(Format("2024-01-15 10:00:00", "yyyy'x"), HasSubstr("never closed"));
  EXPECT_EQ(One("spark_date_format_ntz(TIMESTAMP '2024-01-15 10:30:00', 'HH:mm')"), "10:30");
}

TEST_F(DateTimeFunctionsTest, ParsesAsJava) {
  EXPECT_EQ(Parse("15/01/2024 10:30", "dd/MM/yyyy HH:mm"), "2024-01-15 10:30:00");
  EXPECT_EQ(Parse("2024-01-15T10:30:00.123Z", "yyyy-MM-dd'T'HH:mm:ss.SSSX"), "2024-01-15 10:30:00.123");
  EXPECT_EQ(Parse("20240115", "yyyyMMdd"), "2024-01-15 00:00:00");
  EXPECT_EQ(Parse("20240115103059", "yyyyMMddHHmmss"), "2024-01-15 10:30:59");
  EXPECT_EQ(Parse("Jan 5, 2024", "MMM d, yyyy"), "2024-01-05 00:00:00");
  EXPECT_EQ(Parse("15-Jan-24 01:02 PM", "dd-MMM-yy hh:mm a"), "2024-01-15 13:02:00");
  EXPECT_EQ(Parse("2024-01-15", "yyyy-MM-dd[ HH:mm]"), "2024-01-15 00:00:00");
  EXPECT_EQ(Parse("2024-01-15 10:30", "yyyy-MM-dd[ HH:mm]", "Asia/Tokyo"), "2024-01-15 01:30:00");
  EXPECT_EQ(Parse("2024-01-15 10:30 +0530", "yyyy-MM-dd HH:mm Z"), "2024-01-15 05:00:00");
  EXPECT_EQ(Parse("2024-01-15 10:30 Asia/Tokyo", "yyyy-MM-dd HH:mm VV"), "2024-01-15 01:30:00");
  EXPECT_EQ(Parse("10:30", "HH:mm"), "1970-01-01 10:30:00");
  EXPECT_EQ(Parse("2024 060", "yyyy DDD"), "2024-02-29 00:00:00");
  EXPECT_EQ(Parse("2024-1-5", "yyyy-MM-dd"), "NULL");
  EXPECT_EQ(Parse("2024-01-15x", "yyyy-MM-dd"), "NULL");
  EXPECT_EQ(Parse("2024-02-30", "yyyy-MM-dd"), "NULL");
  EXPECT_EQ(Parse("12024-01-01", "yyyy-MM-dd"), "NULL");
  EXPECT_EQ(Parse("Tue 2024-01-15", "EEE yyyy-MM-dd"), "NULL");
  EXPECT_EQ(One("spark_parse_date('2016-12-31', 'yyyy-MM-dd')"), "2016-12-31");
  EXPECT_EQ(One("spark_parse_timestamp_ntz('2016-12-31 01', 'yyyy-MM-dd HH')"), "2016-12-31 01:00:00");
  EXPECT_THAT(One("spark_parse_date_ansi('2024-1-5', 'yyyy-MM-dd')"),
              HasSubstr("[CANNOT_PARSE_TIMESTAMP] Text '2024-1-5' could not be parsed at index 5."));
}

TEST_F(DateTimeFunctionsTest, ZonesFollowTheirRules) {
  auto local = [](const std::string& utc, const std::string& zone) {
    return One("spark_to_local(" + Instant(utc) + ", '" + zone + "')");
  };
  auto utc = [](const std::string& wall, const std::string& zone) {
    return One("spark_timestamp_to_string(spark_from_local(TIMESTAMP '" + wall + "', '" + zone + "'), 'UTC')");
  };
  EXPECT_EQ(local("2024-07-15 10:00:00", "Europe/Berlin"), "2024-07-15 12:00:00");
  EXPECT_EQ(local("2024-03-31 00:59:59", "Europe/Berlin"), "2024-03-31 01:59:59");
  EXPECT_EQ(local("2024-03-31 01:00:00", "Europe/Berlin"), "2024-03-31 03:00:00");
  EXPECT_EQ(local("2095-07-15 10:00:00", "America/New_York"), "2095-07-15 06:00:00");
  EXPECT_EQ(local("2095-01-15 10:00:00", "Australia/Sydney"), "2095-01-15 21:00:00");
  EXPECT_EQ(local("2024-01-15 10:00:00", "Asia/Kolkata"), "2024-01-15 15:30:00");
  EXPECT_EQ(local("2024-01-15 10:00:00", "PST"), "2024-01-15 02:00:00");
  EXPECT_EQ(local("2024-01-15 10:00:00", "GMT-3"), "2024-01-15 07:00:00");
  // In the gap the clock moves forward by its length; in the overlap the earlier offset holds.
  EXPECT_EQ(utc("2024-03-31 02:30:00", "Europe/Berlin"), "2024-03-31 01:30:00");
  EXPECT_EQ(utc("2024-10-27 02:30:00", "Europe/Berlin"), "2024-10-27 00:30:00");
  EXPECT_EQ(utc("2024-10-27 03:00:00", "Europe/Berlin"), "2024-10-27 02:00:00");
  EXPECT_EQ(utc("2024-03-10 02:30:00", "America/New_York"), "2024-03-10 07:30:00");
  EXPECT_THAT(local("2024-01-15 10:00:00", "../etc/passwd"), HasSubstr("is not known"));
}

TEST_F(DateTimeFunctionsTest, PrintsAndCutsTimestamps) {
  EXPECT_EQ(One("spark_timestamp_to_string(" + Instant("2024-01-15 10:30:00.5") + ", 'Asia/Tokyo')"),
            "2024-01-15 19:30:00.5");
  EXPECT_EQ(One("spark_timestamp_ntz_to_string(TIMESTAMP '1969-12-31 23:59:59.999999')"),
            "1969-12-31 23:59:59.999999");
  auto trunc = [](const std::string& unit, const std::string& zone = "UTC") {
    return One("spark_timestamp_to_string(spark_date_trunc('" + unit + "', " +
               Instant("2015-03-05 09:32:05.359") + ", '" + zone + "'), 'UTC')");
  };
  EXPECT_EQ(trunc("YEAR"), "2015-01-01 00:00:00");
  EXPECT_EQ(trunc("MM"), "2015-03-01 00:00:00");
  EXPECT_EQ(trunc("DD"), "2015-03-05 00:00:00");
  EXPECT_EQ(trunc("DD", "Asia/Kolkata"), "2015-03-04 18:30:00");
  EXPECT_EQ(trunc("WEEK"), "2015-03-02 00:00:00");
  EXPECT_EQ(trunc("HOUR"), "2015-03-05 09:00:00");
  EXPECT_EQ(trunc("MILLISECOND"), "2015-03-05 09:32:05.359");
  EXPECT_EQ(trunc("nonsense"), "NULL");
  EXPECT_EQ(One("spark_trunc_date(DATE '2019-08-04', 'week')"), "2019-07-29");
  EXPECT_EQ(One("spark_trunc_date(DATE '2019-08-04', 'quarter')"), "2019-07-01");
  EXPECT_EQ(One("spark_trunc_date(DATE '2024-01-15', 'day')"), "NULL");
}

TEST_F(DateTimeFunctionsTest, FieldsAndArithmetic) {
  auto field = [](const std::string& name) {
    return One("spark_field(" + Instant("2023-12-31 23:30:00") + ", '" + name + "', 'Asia/Tokyo')");
  };
  EXPECT_EQ(field("year"), "2024");
  EXPECT_EQ(field("quarter"), "1");
  EXPECT_EQ(field("hour"), "8");
  EXPECT_EQ(field("week"), "1");
  EXPECT_EQ(field("dayofweek"), "2");
  EXPECT_EQ(field("weekday"), "0");
  EXPECT_EQ(field("dayofyear"), "1");
  EXPECT_EQ(One("spark_next_day(DATE '2015-01-14', 'TU')"), "2015-01-20");
  EXPECT_EQ(One("spark_next_day(DATE '2015-01-14', 'Wednesday')"), "2015-01-21");
  EXPECT_EQ(One("spark_next_day(DATE '2015-01-14', 'xx')"), "NULL");
  EXPECT_THAT(One("spark_next_day_ansi(DATE '2015-01-14', 'xx')"), HasSubstr("[ILLEGAL_DAY_OF_WEEK]"));
  EXPECT_EQ(One("spark_months_between(" + Instant("1997-02-28 10:30:00") + ", " +
                Instant("1996-10-30 00:00:00") + ", true, 'UTC')"),
            "3.94959677");
  EXPECT_EQ(One("spark_to_date_from_timestamp(" + Instant("2024-01-15 23:30:00") + ", 'Asia/Tokyo')"),
            "2024-01-16");
  EXPECT_EQ(One("spark_timestamp_to_string(spark_timestamp_from_date(DATE '2024-01-15', 'Asia/Tokyo'), 'UTC')"),
            "2024-01-14 15:00:00");
}

}  // namespace
}  // namespace flare::engine
