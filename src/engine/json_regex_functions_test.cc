#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;

class JsonFunctionsTest : public SparkFunctionTest {
 protected:
  static std::string Get(const std::string& json, const std::string& path) {
    return One("spark_get_json_object(" + QuoteLiteral(json) + ", " + QuoteLiteral(path) + ")");
  }
};

TEST_F(JsonFunctionsTest, GetJsonObject) {
  EXPECT_EQ(Get(R"({"a":"b"})", "$.a"), "b");
  EXPECT_EQ(Get(R"({"a":{"b":1}})", "$.a.b"), "1");
  EXPECT_EQ(Get(R"({"a b":1})", "$['a b']"), "1");
  EXPECT_EQ(Get("[1,2]", "$[1]"), "2");
  EXPECT_EQ(Get("[1,2]", "$[2]"), "NULL");
  EXPECT_EQ(Get(R"({"a":[{"b":1},{"b":2}]})", "$.a[*].b"), "[1,2]");
  EXPECT_EQ(Get(R"({"a":[{"b":"x"}]})", "$.a[*].b"), "\"x\"");
  EXPECT_EQ(Get(R"({"a":"x"})", "a"), "NULL");
  EXPECT_EQ(Get(R"({"a":1.0})", "$.a"), "1.0");
  EXPECT_EQ(Get(R"({"a":1e3})", "$.a"), "1000.0");
  EXPECT_EQ(Get(R"({"a":true})", "$"), R"({"a":true})");
  EXPECT_EQ(Get(R"({"A":1})", "$.a"), "NULL");
  EXPECT_EQ(Get(R"({"a":null})", "$.a"), "NULL");
  EXPECT_EQ(Get(R"({"a" : { "x" : [ 1 , "\u00e9\/\n" ] } })", "$.a"), R"({"x":[1,"é/\n"]})");
  EXPECT_EQ(Get(R"({"a":{"x":1,"y":2}})", "$.a.*"), "NULL");
  EXPECT_EQ(Get(R"({"a":1.10,"b":NaN})", "$.a"), "NULL");
  EXPECT_EQ(Get(R"({"a":1.10})", "$. a"), "1.1");
  EXPECT_EQ(Get(R"({"tags":["a","b"]})", "$.tags[*]"), R"(["a","b"])");
  EXPECT_EQ(Get(R"({"tags":[]})", "$.tags[*]"), "NULL");
  EXPECT_EQ(Get("not json", "$.a"), "NULL");
  EXPECT_EQ(Get(R"({"a":1, "b":)", "$.a"), "NULL");
  EXPECT_EQ(Get(std::string(3000, '['), "$[0]"), "NULL");
}

class RegexFunctionsTest : public SparkFunctionTest {};

TEST_F(RegexFunctionsTest, Rlike) {
  EXPECT_EQ(One("spark_rlike('abc', '^a.c$')"), "true");
  EXPECT_EQ(One("spark_rlike('xabcx', 'abc')"), "true");
  EXPECT_EQ(One("spark_rlike('abc', 'B')"), "false");
  EXPECT_EQ(One("spark_rlike('abc', '(?i)B')"), "true");
  EXPECT_EQ(One("spark_rlike('a' || chr(10) || 'c', 'a.c')"), "false");
  EXPECT_EQ(One("spark_rlike('naïve', '^\\p{L}{5}$')"), "true");
  EXPECT_EQ(One("spark_rlike('ab1', '^\\p{Alpha}+[\\p{Digit}]$')"), "true");
  EXPECT_EQ(One("spark_rlike('é', '\\u00e9')"), "true");
  EXPECT_THAT(One("spark_rlike('x', '%Drive%\\Users.*')"), HasSubstr("[INVALID_PARAMETER_VALUE.PATTERN]"));
  EXPECT_EQ(One("spark_rlike('x', '[a-z&&[^b]]')"), "true");
  EXPECT_EQ(One("spark_rlike('b', '[a-z&&[^b]]')"), "false");
  EXPECT_THAT(One("spark_rlike(repeat('a', 40), '(a*)*(a|b)*(a+)+c(?!x)$|(a+a+)+y')"),
              ::testing::AnyOf("false", HasSubstr("gives up")));
}

TEST_F(RegexFunctionsTest, ExtractAndReplace) {
  EXPECT_EQ(One("spark_regexp_extract('100-200', '(\\d+)-(\\d+)', 1)"), "100");
  EXPECT_EQ(One("spark_regexp_extract('x', '(\\d+)', 1)"), "");
  EXPECT_EQ(One("spark_regexp_extract('a long value with number 1234567890123', '[0-9]{13}', 0)"), "1234567890123");
  EXPECT_THAT(One("spark_regexp_extract('abc', 'b', 2)"),
              HasSubstr("Expects group index between 0 and 0, but got 2."));
  EXPECT_EQ(One("spark_regexp_replace('a1b2', '[0-9]', '#')"), "a#b#");
  EXPECT_EQ(One("spark_regexp_replace('John Smith', '(\\w+) (\\w+)', '$2 $1')"), "Smith John");
  EXPECT_EQ(One("spark_regexp_replace('path/a', '(?<=/)a', 'B')"), "path/B");
  EXPECT_EQ(One("spark_regexp_replace('aé', '', '-')"), "-a-é-");
  EXPECT_EQ(One("spark_regexp_replace('5', '(?<n>5)', '\\$${n}$10')"), "$550");
  EXPECT_THAT(One("spark_regexp_replace('5', '5', '$1')"), HasSubstr("no group 1"));
}

TEST_F(RegexFunctionsTest, SplitAndLike) {
  EXPECT_EQ(One("spark_split('oneAtwoBthreeC', '[ABC]', -1)"), "[one, two, three, '']");
  EXPECT_EQ(One("spark_split('oneAtwoBthreeC', '[ABC]', 2)"), "[one, twoBthreeC]");
  EXPECT_EQ(One("spark_split('abé', '', -1)"), "[a, b, é]");
  EXPECT_EQ(One("spark_split('abé', '', 2)"), "[a, bé]");
  EXPECT_EQ(One("spark_split('', ',', -1)"), "['']");
  EXPECT_EQ(One("spark_split(NULL, ',', -1)"), "NULL");
  EXPECT_EQ(One("(SELECT sum(len(spark_split(repeat('x,', 100), ',', -1))) FROM range(5000))"), "505000");
  EXPECT_EQ(One("spark_like('abc', 'a%', '\\')"), "true");
  EXPECT_EQ(One("spark_like('a' || chr(10) || 'é', 'a__', '\\')"), "true");
  EXPECT_EQ(One("spark_like('100%', '%100\\%%', '\\')"), "true");
  EXPECT_EQ(One("spark_like('1000', '%100\\%%', '\\')"), "false");
  EXPECT_EQ(One("spark_like('aXbXc', '%X%X%c', '\\')"), "true");
  EXPECT_EQ(One("spark_like('', '%', '\\')"), "true");
  EXPECT_EQ(One("spark_like('', '_', '\\')"), "false");
  EXPECT_THAT(One("spark_like('a', '\\a', '\\')"), HasSubstr("[INVALID_FORMAT.ESC_IN_THE_MIDDLE]"));
  EXPECT_THAT(One("spark_like('a', 'a\\', '\\')"), HasSubstr("[INVALID_FORMAT.ESC_AT_THE_END]"));
}

}  // namespace
}  // namespace flare::engine
