// Strings, URLs, digests, arithmetic and Iceberg's transforms.
#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;

class ValueFunctionsTest : public SparkFunctionTest {};

TEST_F(ValueFunctionsTest, Substring) {
  EXPECT_EQ(One("spark_substring('Spark SQL', 5, 1)"), "k");
  EXPECT_EQ(One("spark_substring('Spark SQL', 5, 2147483647)"), "k SQL");
  EXPECT_EQ(One("spark_substring('Spark SQL', -3, 2147483647)"), "SQL");
  EXPECT_EQ(One("spark_substring('Spark SQL', 0, 5)"), "Spark");
  EXPECT_EQ(One("spark_substring('abc', -5, 3)"), "a");
  EXPECT_EQ(One("spark_substring('abc', 2, 0)"), "");
  EXPECT_EQ(One("spark_substring('abc', 2, -1)"), "");
  EXPECT_EQ(One("spark_substring('abc', 9, 1)"), "");
  EXPECT_EQ(One("spark_substring('naïve €uro', 3, 5)"), "ïve €");
  EXPECT_EQ(One("spark_substring('naïve €uro', -4, 2)"), "€u");
  EXPECT_EQ(One("spark_substring_binary('\\x00\\x01\\x02'::BLOB, 2, 9)"), "\\x01\\x02");
  EXPECT_EQ(One("spark_substring_binary('\\x00\\x01\\x02'::BLOB, -2, 1)"), "\\x01");
}

TEST_F(ValueFunctionsTest, Words) {
  EXPECT_EQ(One("spark_initcap('hello wORLD foo-bar élan')"), "Hello World Foo-bar Élan");
  EXPECT_EQ(One("spark_initcap('ßa ﬁn ǆ ΟΔΟΣ İİ σ')"), "Ssa Fin ǅ Οδος İi\u0307 Σ");
  EXPECT_EQ(One("spark_soundex('Miller')"), "M460");
  EXPECT_EQ(One("spark_soundex('Ashcraft')"), "A261");
  EXPECT_EQ(One("spark_soundex('9')"), "9");
  EXPECT_EQ(One("spark_levenshtein('kitten', 'sitting')"), "3");
  EXPECT_EQ(One("spark_levenshtein('é', '')"), "1");
  EXPECT_EQ(One("spark_conv('100', 2, 10)"), "4");
  EXPECT_EQ(One("spark_conv('-10', 16, -10)"), "-16");
  EXPECT_EQ(One("spark_conv('-10', 10, 16)"), "FFFFFFFFFFFFFFF6");
  EXPECT_EQ(One("spark_conv('ff', 16, 10)"), "255");
  EXPECT_EQ(One("spark_conv('x', 10, 16)"), "0");
  EXPECT_EQ(One("spark_conv('1', 1, 16)"), "NULL");
  EXPECT_EQ(One("spark_unbase64('U3Bhcms=')"), "Spark");
  EXPECT_EQ(One("spark_unbase64('')"), "");
  EXPECT_THAT(One("spark_unbase64('A')"), HasSubstr("malformed"));
  EXPECT_EQ(One("spark_base32_encode('foob'::BLOB)"), "MZXW6YQ=");
  EXPECT_EQ(One("spark_base32_decode('MZXW6YQ=')"), "foob");
}

TEST_F(ValueFunctionsTest, Formats) {
  EXPECT_EQ(One("spark_format_string('%s has %d and %5.2f%%', ['Ann', '7', '3.14159'])"),
            "Ann has 7 and  3.14%");
  EXPECT_EQ(One("spark_format_string('%2$s %1$s %x %05d|%-4s|', ['a', 'b'])"),
            "error: 'a' is no integer for %x");
  EXPECT_EQ(One("spark_format_string('%s|%-4s|%04d|%,d|%x', [NULL, 'ab', '-7', '1234567', '255'])"),
            "null|ab  |-007|1,234,567|ff");
  EXPECT_EQ(One("spark_format_number('12332.123456', 4)"), "12,332.1235");
  EXPECT_EQ(One("spark_format_number('-1234.5', 0)"), "-1,234");
  EXPECT_EQ(One("spark_format_number('0.5', 2)"), "0.50");
  EXPECT_EQ(One("spark_format_number('1', -1)"), "NULL");
}

TEST_F(ValueFunctionsTest, Urls) {
  EXPECT_EQ(One("spark_url_encode('a b&c=ü')"), "a+b%26c%3D%C3%BC");
  EXPECT_EQ(One("spark_url_decode('a+b%26c')"), "a b&c");
  EXPECT_THAT(One("spark_url_decode('%2')"), HasSubstr("[CANNOT_DECODE_URL]"));
  const std::string url = "'http://u:p@h.com:80/p/a.html?k=1&z=2#f'";
  auto part = [&](const std::string& name) { return One("spark_parse_url(" + url + ", '" + name + "')"); };
  EXPECT_EQ(part("HOST"), "h.com");
  EXPECT_EQ(part("PATH"), "/p/a.html");
  EXPECT_EQ(part("QUERY"), "k=1&z=2");
  EXPECT_EQ(part("REF"), "f");
  EXPECT_EQ(part("PROTOCOL"), "http");
  EXPECT_EQ(part("FILE"), "/p/a.html?k=1&z=2");
  EXPECT_EQ(part("AUTHORITY"), "u:p@h.com:80");
  EXPECT_EQ(part("USERINFO"), "u:p");
  EXPECT_EQ(One("spark_parse_url(" + url + ", 'QUERY', 'z')"), "2");
  EXPECT_EQ(One("spark_parse_url('not a url', 'HOST')"), "NULL");
  EXPECT_THAT(One("spark_parse_url_ansi('not a url', 'HOST')"), HasSubstr("[INVALID_URL]"));
}

TEST_F(ValueFunctionsTest, Digests) {
  EXPECT_EQ(One("spark_sha2('Spark'::BLOB, 256)"),
            "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b");
  EXPECT_EQ(One("spark_sha2('Spark'::BLOB, 0) = spark_sha2('Spark'::BLOB, 256)"), "true");
  EXPECT_EQ(One("length(spark_sha2('Spark'::BLOB, 512))"), "128");
  EXPECT_EQ(One("spark_sha2('Spark'::BLOB, 1)"), "NULL");
  EXPECT_EQ(One("spark_crc32('Spark'::BLOB)"), "1557323817");
  EXPECT_EQ(One("spark_hash_digest('MD5', ''::BLOB)"), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_F(ValueFunctionsTest, RoundsAndWraps) {
  EXPECT_EQ(One("spark_round_double(2.5, 0)"), "3.0");
  EXPECT_EQ(One("spark_round_double(-2.5, 0)"), "-3.0");
  EXPECT_EQ(One("spark_round_double(1.005, 2)"), "1.01");
  EXPECT_EQ(One("spark_round_double(1250.0, -2)"), "1300.0");
  EXPECT_EQ(One("spark_bround_double(2.5, 0)"), "2.0");
  EXPECT_EQ(One("spark_bround_double(25.0, -1)"), "20.0");
  EXPECT_EQ(One("spark_round_double(5.0, -3)"), "0.0");
  EXPECT_EQ(One("spark_round_double('nan'::DOUBLE, 1)"), "nan");
  EXPECT_EQ(One("spark_round_double(1e300, 2)"), "1e+300");
  EXPECT_EQ(One("spark_add_bigint(9223372036854775807, 1)"), "-9223372036854775808");
  EXPECT_EQ(One("spark_multiply_bigint(9223372036854775807, 2)"), "-2");
}

TEST_F(ValueFunctionsTest, DecimalsAreExact) {
  EXPECT_EQ(One("spark_decimal_divide('1.00', '3.0', 8)"), "0.33333333");
  EXPECT_EQ(One("spark_decimal_divide('2', '3', 6)"), "0.666667");
  EXPECT_EQ(One("spark_decimal_divide('-1', '8', 2)"), "-0.13");
  EXPECT_EQ(One("spark_decimal_divide('1', '0.0', 2)"), "NULL");
  EXPECT_EQ(One("spark_decimal_divide('99999999999999999999999999999999999999', '0.00000000000000000001', 2)"),
            "9999999999999999999999999999999999999900000000000000000000.00");
  EXPECT_EQ(One("spark_decimal_multiply('12345678901234567890.123456789', '-98765432109876543210.5', 5)"),
            "-1219326311370217952255829903674363664056.18808");
  EXPECT_EQ(One("spark_decimal_add('0.995', '0.01', 2)"), "1.01");
  EXPECT_EQ(One("spark_decimal_subtract('1', '1.5', 1)"), "-0.5");
  EXPECT_EQ(One("spark_decimal_remainder('-7.00', '2.0', 2)"), "-1.00");
  EXPECT_EQ(One("spark_decimal_remainder('7', '0', 2)"), "NULL");
}

TEST_F(ValueFunctionsTest, IcebergTransforms) {
  // The hashes of the format's appendix, made non-negative, over 1000 buckets.
  auto bucket = [](int64_t hash) { return std::to_string((hash & 0x7fffffff) % 1000); };
  EXPECT_EQ(One("iceberg_bucket(34::BIGINT, 1000)"), bucket(2017239379));
  EXPECT_EQ(One("iceberg_bucket('iceberg'::VARCHAR, 1000)"), bucket(1210000089));
  EXPECT_EQ(One("iceberg_bucket('\\x00\\x01\\x02\\x03'::BLOB, 1000)"), bucket(-188683207));
  EXPECT_EQ(One("iceberg_bucket('\\x05\\x8C'::BLOB, 1000)"), bucket(-500754589));
  EXPECT_EQ(One("iceberg_bucket(17486::BIGINT, 1000)"), bucket(-653330422));
  EXPECT_EQ(One("iceberg_bucket(''::VARCHAR, 1000)"), "0");
  EXPECT_EQ(One("iceberg_bucket(NULL::BIGINT, 16)"), "NULL");
  EXPECT_THAT(One("iceberg_bucket(1::BIGINT, 0)"), HasSubstr("at least 1"));
  EXPECT_EQ(One("iceberg_truncate('iceberg', 3)"), "ice");
  EXPECT_EQ(One("iceberg_truncate('éèêë', 2)"), "éè");
  EXPECT_EQ(One("iceberg_truncate('\\x00\\x01'::BLOB, 1)"), "\\x00");
  EXPECT_EQ(One("iceberg_truncate(-1::BIGINT, 10)"), "-10");
}

TEST_F(ValueFunctionsTest, CasesAreUnicodesFullMappings) {
  EXPECT_EQ(One("spark_upper('az AZ 09@[`{')"), "AZ AZ 09@[`{");
  EXPECT_EQ(One("spark_lower('az AZ 09@[`{')"), "az az 09@[`{");
  EXPECT_EQ(One("spark_upper('')"), "");
  EXPECT_EQ(One("spark_upper('straße ﬁ ŉ élan ÿ ı ǆ ᾳ 𐐨 中')"), "STRASSE FI ʼN ÉLAN Ÿ I Ǆ ΑΙ 𐐀 中");
  EXPECT_EQ(One("spark_lower('ÀÉ İ ẞ 𐐀')"), "àé i\u0307 ß 𐐨");
  EXPECT_EQ(One("spark_lower('ΟΔΟΣ ΟΔΟΣ. Σ ΣΑ Α''Σ ΑΣΑ ΑΣ''Α')"), "οδος οδος. σ σα α'ς ασα ασ'α");
  EXPECT_EQ(One("spark_upper(NULL::VARCHAR)"), "NULL");
}

}  // namespace
}  // namespace flare::engine
