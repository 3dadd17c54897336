#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

class TextFunctionsTest : public SparkFunctionTest {};

TEST_F(TextFunctionsTest, MaskExchangesCharactersByTheirKind) {
  EXPECT_EQ(One("spark_mask('abcd-EFGH-8765', 'X', 'x', 'n', '')"), "xxxx-XXXX-nnnn");
  EXPECT_EQ(One("spark_mask('AbCD123-@$#', 'Q', 'q', 'd', 'o')"), "QqQQdddoooo");
  EXPECT_EQ(One("spark_mask('Éß٣', 'X', 'x', 'n', '')"), "Xxn");
  EXPECT_EQ(One("spark_mask('a😀', '', '', '', '*')"), "a**");
}

TEST_F(TextFunctionsTest, LuhnCheck) {
  EXPECT_EQ(One("spark_luhn_check('79927398713')"), "true");
  EXPECT_EQ(One("spark_luhn_check('79927398714')"), "false");
  EXPECT_EQ(One("spark_luhn_check('')"), "false");
  EXPECT_EQ(One("spark_luhn_check('12a')"), "false");
}

TEST_F(TextFunctionsTest, PadsBinaries) {
  EXPECT_EQ(One("hex(spark_pad_binary(unhex('AABB'), 5, unhex('00'), true))"), "000000AABB");
  EXPECT_EQ(One("hex(spark_pad_binary(unhex('AABB'), 5, unhex('1122'), false))"), "AABB112211");
  EXPECT_EQ(One("hex(spark_pad_binary(unhex('AABB'), 1, unhex('00'), true))"), "AA");
  EXPECT_EQ(One("hex(spark_pad_binary(unhex('AABB'), -1, unhex(''), true))"), "");
}

TEST_F(TextFunctionsTest, ChecksUtf8) {
  EXPECT_EQ(One("spark_is_valid_utf8(unhex('61C262'))"), "false");
  EXPECT_EQ(One("spark_is_valid_utf8(encode('é'))"), "true");
  EXPECT_THAT(One("spark_validate_utf8(unhex('80'))"), ::testing::HasSubstr("INVALID_UTF8_STRING"));
}

TEST_F(TextFunctionsTest, FindsTheWordsOfSentences) {
  auto words = [](const std::string& text) {
    return One("array_to_string(list_transform(spark_sentences('" + text + "'), lambda s: replace(s, chr(31), ' ')), '|')");
  };
  EXPECT_EQ(words("Hi there! Good morning."), "Hi there|Good morning");
  EXPECT_EQ(words("It costs 3.50, or 1,000. don''t"), "It costs 3.50 or 1,000 don't");
  EXPECT_EQ(words(""), "");
  EXPECT_EQ(words("..."), "");
}

TEST_F(TextFunctionsTest, CodesCharacterSets) {
  EXPECT_EQ(One("hex(spark_encode('abc', 'UTF-16BE'))"), "006100620063");
  EXPECT_EQ(One("hex(spark_encode('a', 'utf-16'))"), "FEFF0061");
  EXPECT_EQ(One("hex(spark_encode('😀', 'utf-16le'))"), "3DD800DE");
  EXPECT_EQ(One("hex(spark_encode('a', 'UTF-32'))"), "00000061");
  EXPECT_EQ(One("spark_decode(unhex('E9'), 'ISO-8859-1')"), "é");
  EXPECT_EQ(One("spark_decode(unhex('FFFE6100'), 'UTF-16')"), "a");
  EXPECT_THAT(One("spark_encode('é', 'US-ASCII')"), ::testing::HasSubstr("MALFORMED_CHARACTER_CODING"));
  EXPECT_THAT(One("spark_decode(unhex('D800'), 'UTF-16BE')"), ::testing::HasSubstr("MALFORMED_CHARACTER_CODING"));
  EXPECT_THAT(One("spark_decode(unhex('61'), 'latin1')"), ::testing::HasSubstr("INVALID_PARAMETER_VALUE.CHARSET"));
}

TEST_F(TextFunctionsTest, FormatsByPatterns) {
  EXPECT_EQ(One("spark_format_pattern('12332.123456', '##################.###')"), "12332.123");
  EXPECT_EQ(One("spark_format_pattern('1234567.5', '#,##0.00')"), "1,234,567.50");
  EXPECT_EQ(One("spark_format_pattern('0.256', '0.0%')"), "25.6%");
  EXPECT_EQ(One("spark_format_pattern('-5', '0;(0)')"), "(5)");
  EXPECT_EQ(One("spark_format_pattern('2.5', '')"), "2");
  EXPECT_EQ(One("spark_format_pattern('0.25', '#.##')"), "0.25");
  EXPECT_EQ(One("spark_format_pattern('0.25', '#.00')"), ".25");
  EXPECT_EQ(One("spark_format_pattern('7', '''No'' 000')"), "No 007");
  EXPECT_THAT(One("spark_format_pattern('7', '0#')"), ::testing::HasSubstr("error"));
}

TEST_F(TextFunctionsTest, EncryptsWithAes) {
  EXPECT_EQ(One("hex(spark_aes_encrypt('Spark', '0000111122223333', 'ECB', 'DEFAULT', '', ''))"),
            "348FF37EBDE05B7880BA339068FBDA5E");
  EXPECT_EQ(One("base64(spark_aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'GCM', 'DEFAULT', "
                "unhex('000000000000000000000000'), 'This is an AAD mixed into the input'))"),
            "AAAAAAAAAAAAAAAAQiYi+sTLm7KD9UcZ2nlRdYDe/PX4");
  EXPECT_EQ(One("base64(spark_aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'cbc', 'pkcs', "
                "unhex('00000000000000000000000000000000'), ''))"),
            "AAAAAAAAAAAAAAAAAAAAAPSd4mWyMZ5mhvjiAPQJnfg=");
}

TEST_F(TextFunctionsTest, DerivesTheVectorFromTheData) {
  std::string once = "spark_aes_encrypt('a', '0000111122223333', 'GCM', 'DEFAULT', '', '')";
  EXPECT_EQ(One(once + " = " + once), "true");
  EXPECT_EQ(One(once + "[1:12] = spark_aes_encrypt('b', '0000111122223333', 'GCM', 'DEFAULT', '', '')[1:12]"), "false");
  EXPECT_EQ(One("decode(spark_aes_decrypt(" + once + ", '0000111122223333', 'GCM', 'DEFAULT', ''))"), "a");
}

TEST_F(TextFunctionsTest, RefusesWhatWasNotEncryptedSo) {
  EXPECT_THAT(One("spark_aes_encrypt('a', 'short', 'GCM', 'DEFAULT', '', '')"), ::testing::HasSubstr("AES_KEY_LENGTH"));
  EXPECT_THAT(One("spark_aes_encrypt('a', '0000111122223333', 'CTR', 'DEFAULT', '', '')"), ::testing::HasSubstr("AES_MODE"));
  EXPECT_THAT(One("spark_aes_encrypt('a', '0000111122223333', 'CBC', 'DEFAULT', 'x', '')"), ::testing::HasSubstr("AES_IV_LENGTH"));
  EXPECT_THAT(One("spark_aes_decrypt('a', '0000111122223333', 'GCM', 'DEFAULT', '')"), ::testing::HasSubstr("AES_CRYPTO_ERROR"));
  EXPECT_EQ(One("spark_try_aes_decrypt(unhex('00'), '0000111122223333', 'ECB', 'DEFAULT', '')"), "NULL");
}

TEST_F(TextFunctionsTest, CountsAndPlacesMatches) {
  EXPECT_EQ(One("spark_regexp_count('Steven and Stephen', 'Ste(v|ph)en')"), "2");
  EXPECT_EQ(One("spark_regexp_count('abc', '')"), "4");
  EXPECT_EQ(One("spark_regexp_instr('😀x', 'x')"), "3");
  EXPECT_EQ(One("spark_regexp_instr('abc', 'x')"), "0");
  EXPECT_EQ(One("spark_regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 2)"), "[200, 400]");
  EXPECT_THAT(One("spark_regexp_extract_all('a', 'a', 1)"), ::testing::HasSubstr("REGEX_GROUP_INDEX"));
}

TEST_F(TextFunctionsTest, WidthBucket) {
  EXPECT_EQ(One("spark_width_bucket(5.3, 0.2, 10.6, 5)"), "3");
  EXPECT_EQ(One("spark_width_bucket(-2.1, 1.3, 3.4, 3)"), "0");
  EXPECT_EQ(One("spark_width_bucket(-0.9, 5.2, 0.5, 2)"), "3");
  EXPECT_EQ(One("spark_width_bucket(1, 2, 2, 2)"), "NULL");
}

TEST_F(TextFunctionsTest, StrictBase64RefusesWhatTheDecoderSkips) {
  EXPECT_EQ(One("decode(spark_unbase64_strict('QUJD'))"), "ABC");
  EXPECT_THAT(One("spark_unbase64_strict('QU!JD')"), ::testing::HasSubstr("CONVERSION_INVALID_INPUT"));
  EXPECT_THAT(One("spark_unbase64_strict('Q')"), ::testing::HasSubstr("CONVERSION_INVALID_INPUT"));
}

}  // namespace
}  // namespace flare::engine
