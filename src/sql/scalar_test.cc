// Names and types of scalar functions, operators and literals.
#include <gmock/gmock.h>

#include "sql/compile_fixture.h"

namespace flare::sql {
namespace {

using ::testing::ElementsAre;

TEST(ScalarTest, NamesCallsAsSparkDoes) {
  EXPECT_EQ(Names(Translate("SELECT mask('a'), regexp_instr('a', 'b'), hash(1, 'a'), aes_encrypt('a', 'b')")),
            "mask(a, X, x, n, NULL) string, regexp_instr(a, b, 0) int, hash(1, a) int, aes_encrypt(a, b, GCM, DEFAULT, , ) binary");
  EXPECT_EQ(Names(Translate("SELECT lpad(X'AA', 3), lpad('a', 3), assert_true(1 > 0), acosh(1), to_varchar(5, '9')")),
            "lpad(X'AA', 3, X'00') binary, lpad(a, 3,  ) string, assert_true((1 > 0), '(1 > 0)' is not true!) void, ACOSH(1) double, "
            "to_char(5, 9) string");
  EXPECT_EQ(Names(Translate("SELECT 'a' LIKE ANY ('b', 'c'), like('a', 'b'), (1, 2)")),
            "likeany(a) boolean, a LIKE b boolean, named_struct(col1, 1, col2, 2) struct<col1:int,col2:int>");
}

TEST(ScalarTest, ANumberFormatGivesTheType) {
  EXPECT_EQ(Names(Translate("SELECT to_number('1', '999.99') AS a, try_to_number('1', '$0,000') AS b")), "a decimal(5,2), b decimal(4,0)");
  EXPECT_THAT(Translate("SELECT to_number('1', 'S')").Codes(), ElementsAre("INVALID_FORMAT.WRONG_NUM_DIGIT"));
}

TEST(ScalarTest, AStringMeetsANumberByTheMode) {
  std::string sql = "SELECT coalesce(1, '2') AS a, array(1, '2') AS b, 1 + 1.5F AS c";
  EXPECT_EQ(Names(Translate(sql)), "a string, b array<string>, c float");
  EXPECT_EQ(Names(Translate(sql, true)), "a bigint, b array<bigint>, c double");
}

TEST(ScalarTest, ReadsNumbersToTheEndsOfTheirRange) {
  EXPECT_EQ(Names(Translate("SELECT 1.7976931348623157E308, 2.2250738585072014E-308, 0.1F, 1e-400")),
            "1.7976931348623157E308 double, 2.2250738585072014E-308 double, 0.1 float, 0.0 double");
  EXPECT_THAT(Translate("SELECT 1e400").Codes(), ElementsAre("INVALID_NUMERIC_LITERAL_RANGE"));
  EXPECT_THAT(Translate("SELECT 1e40F").Codes(), ElementsAre("INVALID_NUMERIC_LITERAL_RANGE"));
}

TEST(ScalarTest, RefusesWhatNoRowSays) {
  EXPECT_THAT(Translate("SELECT id FROM orders WHERE rand() < 0.5").Codes(), ElementsAre("INVALID_NON_DETERMINISTIC_EXPRESSIONS"));
  EXPECT_THAT(Translate("SELECT input_file_name()").Codes(), ElementsAre("UNSUPPORTED_FEATURE.INPUT_FILE"));
  EXPECT_THAT(Translate("SELECT hash(attrs) FROM orders").Codes(), ElementsAre("DATATYPE_MISMATCH.HASH_MAP_TYPE"));
  EXPECT_THAT(Translate("SELECT mask('a', 'XX')").Codes(), ElementsAre("DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE"));
}

}  // namespace
}  // namespace flare::sql
