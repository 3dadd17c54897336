#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;

class CastFunctionsTest : public SparkFunctionTest {};

TEST_F(CastFunctionsTest, DecodesUtf8AndCountsReplacements) {
  EXPECT_EQ(One("spark_decode_utf8('plain'::BLOB)"), "plain");
  EXPECT_EQ(One("spark_decode_utf8(encode('a longer text: naïve €uro 😀'))"),
            "a longer text: naïve €uro 😀");
  EXPECT_EQ(One("spark_decode_utf8(NULL)"), "NULL");
  EXPECT_EQ(One("spark_decode_utf8(''::BLOB)"), "");
  EXPECT_EQ(database().replaced_utf8_values(), 0u);
  EXPECT_EQ(One("spark_decode_utf8('a\\xFFb\\xE2\\x82c\\xC0\\x80'::BLOB)"), "a\uFFFDb\uFFFDc\uFFFD\uFFFD");
  EXPECT_EQ(One("spark_decode_utf8('\\xED\\xA0\\x80\\xF4\\x90'::BLOB)"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_GE(database().replaced_utf8_values(), 2u);
  EXPECT_EQ(One("(SELECT count(*) FROM (SELECT spark_decode_utf8(encode(repeat('é', CAST(i % 50 AS INTEGER)) || i)) AS s, i "
                "FROM range(10000) t(i)) WHERE s = repeat('é', CAST(i % 50 AS INTEGER)) || i)"),
            "10000");
}

TEST_F(CastFunctionsTest, TextToIntegers) {
  EXPECT_EQ(One("spark_string_to_int(' 42 ')"), "42");
  EXPECT_EQ(One("spark_string_to_int('42.7')"), "42");
  EXPECT_EQ(One("spark_string_to_int('+7')"), "7");
  EXPECT_EQ(One("spark_string_to_int('-2147483648')"), "-2147483648");
  EXPECT_EQ(One("spark_string_to_int('2147483648')"), "NULL");
  EXPECT_EQ(One("spark_string_to_int('1e3')"), "NULL");
  EXPECT_EQ(One("spark_string_to_int('')"), "NULL");
  EXPECT_EQ(One("spark_string_to_int('-')"), "NULL");
  EXPECT_EQ(One("spark_string_to_tinyint('128')"), "NULL");
  EXPECT_EQ(One("spark_string_to_smallint('-32768')"), "-32768");
  EXPECT_EQ(One("spark_string_to_bigint('9223372036854775807')"), "9223372036854775807");
  EXPECT_EQ(One("spark_string_to_bigint('-9223372036854775808')"), "-9223372036854775808");
  EXPECT_EQ(One("spark_string_to_bigint('9223372036854775808')"), "NULL");
  EXPECT_EQ(One("spark_string_to_int_ansi('42')"), "42");
  EXPECT_THAT(One("spark_string_to_int_ansi('42.7')"),
              HasSubstr("[CAST_INVALID_INPUT] The value '42.7' of the type \"STRING\" cannot be cast "
                        "to \"INT\" because it is malformed."));
}

TEST_F(CastFunctionsTest, TextToBooleanAndFloats) {
  EXPECT_EQ(One("spark_string_to_boolean(' TRUE ')"), "true");
  EXPECT_EQ(One("spark_string_to_boolean('n')"), "false");
  EXPECT_EQ(One("spark_string_to_boolean('maybe')"), "NULL");
  EXPECT_THAT(One("spark_string_to_boolean_ansi('maybe')"), HasSubstr("\"BOOLEAN\""));
  EXPECT_EQ(One("spark_string_to_double('1e3')"), "1000.0");
  EXPECT_EQ(One("spark_string_to_double(' 3.5 ')"), "3.5");
  EXPECT_EQ(One("spark_string_to_double('1d')"), "1.0");
  EXPECT_EQ(One("spark_string_to_double('.5')"), "0.5");
  EXPECT_EQ(One("spark_string_to_double('abc')"), "NULL");
  EXPECT_EQ(One("spark_string_to_double('-inf')"), "-inf");
  EXPECT_EQ(One("spark_string_to_double('1e400')"), "inf");
  EXPECT_EQ(One("spark_string_to_double('NaN')"), "nan");
  EXPECT_EQ(One("spark_string_to_double('')"), "NULL");
  EXPECT_EQ(One("spark_string_to_double('1e')"), "NULL");
  EXPECT_EQ(One("spark_string_to_double('d')"), "NULL");
  EXPECT_EQ(One("spark_string_to_float('0.1')"), "0.1");
}

TEST_F(CastFunctionsTest, TextToDecimalText) {
  EXPECT_EQ(One("spark_string_to_decimal(' -1.5e2 ')"), "-150");
  EXPECT_EQ(One("spark_string_to_decimal('1e-3')"), "0.001");
  EXPECT_EQ(One("spark_string_to_decimal('00012.340')"), "12.340");
  EXPECT_EQ(One("spark_string_to_decimal('.5')"), "0.5");
  EXPECT_EQ(One("spark_string_to_decimal('1e39')"), "NULL");
  EXPECT_EQ(One("spark_string_to_decimal('12x')"), "NULL");
  EXPECT_EQ(One("spark_string_to_decimal('')"), "NULL");
  EXPECT_EQ(One("TRY_CAST(spark_string_to_decimal('1.235') AS DECIMAL(10,2))"), "1.24");
  EXPECT_THAT(One("spark_string_to_decimal_ansi('x')"), HasSubstr("[CAST_INVALID_INPUT]"));
}

TEST_F(CastFunctionsTest, TextToDate) {
  EXPECT_EQ(One("spark_string_to_date('2024')"), "2024-01-01");
  EXPECT_EQ(One("spark_string_to_date('2024-02')"), "2024-02-01");
  EXPECT_EQ(One("spark_string_to_date(' 2024-1-5 ')"), "2024-01-05");
  EXPECT_EQ(One("spark_string_to_date('2024-01-15T10:00:00')"), "2024-01-15");
  EXPECT_EQ(One("spark_string_to_date('2024-01-15 junk')"), "2024-01-15");
  EXPECT_EQ(One("spark_string_to_date('2024-02-30')"), "NULL");
  EXPECT_EQ(One("spark_string_to_date('24-01-01')"), "NULL");
  EXPECT_EQ(One("spark_string_to_date('2024-01 x')"), "NULL");
  EXPECT_THAT(One("spark_string_to_date_ansi('x')"), HasSubstr("\"DATE\""));
}

TEST_F(CastFunctionsTest, TextToTimestamp) {
  auto cast = [&](const std::string& text, const std::string& zone = "UTC") {
    return One("spark_timestamp_to_string(spark_string_to_timestamp('" + text + "', '" + zone + "'), 'UTC')");
  };
  EXPECT_EQ(cast("2024"), "2024-01-01 00:00:00");
  EXPECT_EQ(cast("2024-1-5"), "2024-01-05 00:00:00");
  EXPECT_EQ(cast(" 2024-01-15 10:30:00.5 "), "2024-01-15 10:30:00.5");
  EXPECT_EQ(cast("2024-01-15T10:30"), "2024-01-15 10:30:00");
  EXPECT_EQ(cast("2024-01-15T10:30:00Z", "Asia/Tokyo"), "2024-01-15 10:30:00");
  EXPECT_EQ(cast("2024-01-15 10:30:00+05:30"), "2024-01-15 05:00:00");
  EXPECT_EQ(cast("2024-01-15 10:30:00.123456789 Europe/Berlin"), "2024-01-15 09:30:00.123456");
  EXPECT_EQ(cast("2024-01-15 10:30:00", "Asia/Tokyo"), "2024-01-15 01:30:00");
  EXPECT_EQ(cast("2024-01-15 10:30:00 UTC+1"), "2024-01-15 09:30:00");
  EXPECT_EQ(cast("2024-01-15 10:30:00+1:00"), "2024-01-15 09:30:00");
  for (const char* bad : {"", "x", "2024-13-01", "2024-01-15 25:00:00", "15/01/2024", "2024-01-15 10",
                          "2024-01-15 10:30:00 Nowhere", "epoch", "2024-01-15 10:30:00.1.2"}) {
    if (std::string(bad) == "2024-01-15 10") continue;
    EXPECT_EQ(cast(bad), "NULL") << bad;
  }
  EXPECT_EQ(One("spark_string_to_timestamp_ntz('2024-01-15 10:30:00+05:30')"), "2024-01-15 10:30:00");
  EXPECT_THAT(One("spark_string_to_timestamp_ansi('x', 'UTC')"), HasSubstr("\"TIMESTAMP\""));
  EXPECT_THAT(One("spark_string_to_timestamp('x', 'Mars/Base')"), HasSubstr("Mars/Base"));
}

TEST_F(CastFunctionsTest, NumbersToTextAsJava) {
  EXPECT_EQ(One("spark_double_to_string(1.0)"), "1.0");
  EXPECT_EQ(One("spark_double_to_string(1e7)"), "1.0E7");
  EXPECT_EQ(One("spark_double_to_string(1234567.125)"), "1234567.125");
  EXPECT_EQ(One("spark_double_to_string(1e-4)"), "1.0E-4");
  EXPECT_EQ(One("spark_double_to_string(0.001)"), "0.001");
  EXPECT_EQ(One("spark_double_to_string(1705314600.5)"), "1.7053146005E9");
  EXPECT_EQ(One("spark_double_to_string(0.1 + 0.2::DOUBLE)"), "0.30000000000000004");
  EXPECT_EQ(One("spark_double_to_string('-0'::DOUBLE)"), "-0.0");
  EXPECT_EQ(One("spark_double_to_string('inf'::DOUBLE)"), "Infinity");
  EXPECT_EQ(One("spark_double_to_string('nan'::DOUBLE)"), "NaN");
  EXPECT_EQ(One("spark_float_to_string(0.1::FLOAT)"), "0.1");
  EXPECT_EQ(One("spark_double_to_int(1e20)"), "2147483647");
  EXPECT_EQ(One("spark_double_to_int(-3.99)"), "-3");
  EXPECT_EQ(One("spark_double_to_int('nan'::DOUBLE)"), "0");
  EXPECT_EQ(One("spark_double_to_bigint(1e20)"), "9223372036854775807");
  EXPECT_EQ(One("spark_double_to_bigint(-1e20)"), "-9223372036854775808");
}

TEST_F(CastFunctionsTest, DecimalsAndDatesToTextAsJava) {
  auto text = [this](const std::string& value, bool scientific) {
    return One("spark_decimal_to_string(CAST(" + value + " AS VARCHAR), " + (scientific ? "true)" : "false)"));
  };
  EXPECT_EQ(text("0.5::DECIMAL(1,1)", true), "0.5");
  EXPECT_EQ(text("-0.05::DECIMAL(2,2)", true), "-0.05");
  EXPECT_EQ(text("-12.50::DECIMAL(9,2)", true), "-12.50");
  EXPECT_EQ(text("12::DECIMAL(9,0)", true), "12");
  EXPECT_EQ(text("0::DECIMAL(9,0)", true), "0");
  EXPECT_EQ(text("0.000001::DECIMAL(7,6)", true), "0.000001");
  EXPECT_EQ(text("0::DECIMAL(6,6)", true), "0.000000");
  EXPECT_EQ(text("0::DECIMAL(18,18)", true), "0E-18");
  EXPECT_EQ(text("0.0000001::DECIMAL(8,7)", true), "1E-7");
  EXPECT_EQ(text("0.00000010::DECIMAL(8,8)", true), "1.0E-7");
  EXPECT_EQ(text("-0.000000123::DECIMAL(9,9)", true), "-1.23E-7");
  EXPECT_EQ(text("1.000000123::DECIMAL(18,9)", true), "1.000000123");
  EXPECT_EQ(text("-0.000000123::DECIMAL(9,9)", false), "-0.000000123");
  EXPECT_EQ(text("1e-38::DECIMAL(38,38)", false), "0." + std::string(37, '0') + "1");
  EXPECT_EQ(One("spark_date_to_string(DATE '2024-01-05')"), "2024-01-05");
  EXPECT_EQ(One("spark_date_to_string(DATE '10000-01-01')"), "+10000-01-01");
  EXPECT_EQ(One("spark_date_to_string(CAST(DATE '0001-01-01' - 366 AS DATE))"), "0000-01-01");
  EXPECT_EQ(One("spark_date_to_string(CAST(DATE '0001-01-01' - 367 AS DATE))"), "-0001-12-31");
}

}  // namespace
}  // namespace flare::engine
