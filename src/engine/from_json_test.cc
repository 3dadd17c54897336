#include "engine/from_json.h"

#include "engine/spark_function_fixture.h"
#include "engine/spark_functions.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;

class FromJsonTest : public SparkFunctionTest {
 protected:
  /// from_json of one text, rendered by DuckDB.
  static std::string Parse(const std::string& json, const std::string& ddl,
                           std::map<std::string, std::string> options = {}) {
    auto fields = sql::ParseSchemaDdl(ddl);
    auto type = ddl.find('<') < ddl.find(' ') ? sql::ParseTypeDdl(ddl) : Result<sql::Type>(NotFound("x"));
    if (!type.has_value()) {
      EXPECT_THAT(fields, IsOk());
      type = sql::Type::Struct(*fields);
    }
    static int next = 0;
    sql::RuntimeFunction function{fmt::format("from_json_{}", next++), "from_json", *type,
                                  std::move(options)};
    Status registered = RegisterRuntimeFunction(connection(), function);
    if (!registered.has_value()) return "error: " + registered.error().ToText();
    last_ = function.duckdb_name;
    return One(function.duckdb_name + "(" + QuoteLiteral(json) + ")");
  }
  static inline std::string last_;
};

TEST_F(FromJsonTest, ReadsRecords) {
  EXPECT_EQ(Parse(R"({"a":1, "b":0.8})", "a INT, b DOUBLE"), "{'f0': 1, 'f1': 0.8}");
  EXPECT_EQ(Parse(R"({"teacher": "Alice", "student": [{"name": "Bob", "rank": 1}, {"rank": 2}]})",
                  "teacher STRING, student ARRAY<STRUCT<name: STRING, rank: INT>>"),
            "{'f0': Alice, 'f1': [{'f0': Bob, 'f1': 1}, {'f0': NULL, 'f1': 2}]}");
  EXPECT_EQ(Parse(R"({"a":1,"b":2})", "MAP<STRING, INT>"), "{a=1, b=2}");
  EXPECT_EQ(Parse("[1,2,3]", "ARRAY<INT>"), "[1, 2, 3]");
  EXPECT_EQ(Parse(R"([{"a":1},{"a":2}])", "ARRAY<STRUCT<a: INT>>"), "[{'f0': 1}, {'f0': 2}]");
  EXPECT_EQ(Parse(R"({"a":1})", "ARRAY<STRUCT<a: INT>>"), "[{'f0': 1}]");
}

TEST_F(FromJsonTest, IsPermissive) {
  EXPECT_EQ(Parse("not json", "a INT, b STRING"), "{'f0': NULL, 'f1': NULL}");
  EXPECT_EQ(Parse("", "a INT"), "NULL");
  EXPECT_EQ(Parse("  ", "a INT"), "NULL");
  EXPECT_EQ(Parse(R"({"a":"1"})", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse(R"({"a":1.7, "b":"x"})", "a INT, b STRING"), "{'f0': NULL, 'f1': x}");
  EXPECT_EQ(Parse(R"({"a":01})", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse(R"([{"a":1}])", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse(R"({"a":1} trailing)", "a INT"), "{'f0': 1}");
  EXPECT_EQ(Parse(R"({"a":1, "b":)", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse(R"({"b":[1,"x"]})", "b ARRAY<INT>"), "{'f0': NULL}");
  EXPECT_EQ(Parse(R"({"b":[{"x":"y"},{"x":2}]})", "b ARRAY<STRUCT<x: INT>>"),
            "{'f0': [{'f0': NULL}, {'f0': 2}]}");
  EXPECT_EQ(Parse(R"({"a":12345678901234567890})", "a BIGINT"), "{'f0': NULL}");
  EXPECT_EQ(Parse("null", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse("x", "ARRAY<INT>"), "NULL");
  EXPECT_EQ(Parse(std::string(5000, '['), "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse("{\"a\":" + std::string(5000, '['), "a STRING"), "{'f0': NULL}");
}

TEST_F(FromJsonTest, NamesAreExactAndTheLastDuplicateWins) {
  EXPECT_EQ(Parse(R"({"A":1})", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse(R"({"a":1, "a":2})", "a INT"), "{'f0': 2}");
  EXPECT_EQ(Parse(R"({"\u0061":1})", "a INT"), "{'f0': 1}");
  EXPECT_EQ(Parse(R"({"k":1,"k":2})", "MAP<STRING, INT>"), "{k=1, k=2}");
  EXPECT_EQ(Parse(R"({"a":1, "a":"x"})", "a INT"), "{'f0': 1}");
}

TEST_F(FromJsonTest, OtherTokensBecomeTextAsJacksonPrintsThem) {
  EXPECT_EQ(Parse(R"({"a":{"x": 1}, "b":1.10, "c":true, "d":[1, 2]})",
                  "a STRING, b STRING, c STRING, d STRING"),
            "{'f0': '{\"x\":1}', 'f1': 1.1, 'f2': true, 'f3': '[1,2]'}");
  EXPECT_EQ(Parse(R"({"a":"tab\tquote\"é\u00e9 \ud83d\ude00 \ud83d"})", "a STRING"),
            "{'f0': 'tab\tquote\"éé 😀 ?'}");
}

TEST_F(FromJsonTest, ReadsMoments) {
  EXPECT_EQ(Parse(R"({"t":"15/01/2024 10:30"})", "t TIMESTAMP", {{"timestampformat", "dd/MM/yyyy HH:mm"}}),
            "{'f0': '2024-01-15 10:30:00+00'}");
  EXPECT_EQ(Parse(R"({"d":"2024-01-15","t":"2024-01-15T10:30:00.000+02:00"})", "d DATE, t TIMESTAMP"),
            "{'f0': 2024-01-15, 'f1': '2024-01-15 08:30:00+00'}");
  EXPECT_EQ(Parse(R"({"t":1705314600})", "t TIMESTAMP"), "{'f0': '2024-01-15 10:30:00+00'}");
  EXPECT_EQ(Parse(R"({"t":"2024-01-15 10:00:00"})", "t TIMESTAMP", {{"timezone", "Asia/Tokyo"}}),
            "{'f0': '2024-01-15 01:00:00+00'}");
  EXPECT_EQ(Parse(R"({"t":"2024-01-15 10:00:00"})", "t TIMESTAMP_NTZ"), "{'f0': '2024-01-15 10:00:00'}");
  EXPECT_EQ(Parse(R"({"d":"15.01.2024"})", "d DATE", {{"dateformat", "dd.MM.yyyy"}}), "{'f0': 2024-01-15}");
}

TEST_F(FromJsonTest, ReadsNumbers) {
  EXPECT_EQ(Parse(R"({"a":"NaN","b":NaN,"c":-Infinity,"d":1e2})", "a DOUBLE, b DOUBLE, c FLOAT, d DOUBLE"),
            "{'f0': nan, 'f1': nan, 'f2': -inf, 'f3': 100.0}");
  EXPECT_EQ(Parse(R"({"a":1.005,"b":"2.5","c":12345.6,"d":1e3,"e":123456789012345678901234.5})",
                  "a DECIMAL(4,2), b DECIMAL(9,1), c DECIMAL(4,1), d DECIMAL(18,0), e DECIMAL(38,2)"),
            "{'f0': 1.01, 'f1': 2.5, 'f2': NULL, 'f3': 1000, 'f4': 123456789012345678901234.50}");
  EXPECT_EQ(Parse(R"({"a":200,"b":256,"c":-32768,"d":"AQI="})", "a TINYINT, b TINYINT, c SMALLINT, d BINARY"),
            "{'f0': -56, 'f1': NULL, 'f2': -32768, 'f3': \\x01\\x02}");
  EXPECT_EQ(Parse(R"({"a":"1,234.5","b":" 1","c":INF})", "a DECIMAL(6,1), b DECIMAL(6,1)"), "{'f0': NULL, 'f1': NULL}");
  EXPECT_EQ(Parse(R"({"a":"1,234.5","b":" 1"})", "a DECIMAL(6,1), b DECIMAL(6,1)"), "{'f0': 1234.5, 'f1': NULL}");
}

TEST_F(FromJsonTest, KeepsWhatStoodBeforeABrokenToken) {
  EXPECT_EQ(Parse(R"({"a":1,"b":{"x":tru},"c":3})", "a INT, b STRUCT<x: BOOLEAN>, c INT"), "{'f0': 1, 'f1': NULL, 'f2': NULL}");
  EXPECT_EQ(Parse(R"({"a":1,"b":tru,"c":3})", "a INT, b BOOLEAN, c INT"), "{'f0': NULL, 'f1': NULL, 'f2': NULL}");
  EXPECT_EQ(Parse(R"({"a":1,"b":[1,tru],"c":3})", "a INT, b ARRAY<INT>, c INT"), "{'f0': 1, 'f1': NULL, 'f2': 3}");
  EXPECT_EQ(Parse(R"({"a":1,"b":{"y":{"x":tru}},"c":3})", "a INT, b STRUCT<y: STRUCT<x: BOOLEAN>>, c INT"),
            "{'f0': 1, 'f1': {'f0': NULL}, 'f2': NULL}");
  EXPECT_EQ(Parse(R"({"a":1,"b":{"x":1 "y":2},"c":3})", "a INT, b STRUCT<x: INT>, c INT"), "{'f0': NULL, 'f1': NULL, 'f2': NULL}");
}

TEST_F(FromJsonTest, OptionsAreHonoured) {
  EXPECT_EQ(Parse("{'a':1}", "a INT"), "{'f0': 1}");
  EXPECT_EQ(Parse("{'a':1}", "a INT", {{"allowsinglequotes", "false"}}), "{'f0': NULL}");
  EXPECT_EQ(Parse("{a:1}", "a INT"), "{'f0': NULL}");
  EXPECT_EQ(Parse("{a:1}", "a INT", {{"allowunquotedfieldnames", "true"}}), "{'f0': 1}");
  EXPECT_THAT(Parse("not json", "a INT", {{"mode", "failfast"}}), HasSubstr("[MALFORMED_RECORD_IN_PARSING"));
  EXPECT_THAT(Parse("{}", "a INT", {{"mode", "DROPMALFORMED"}}), HasSubstr("PARSE_MODE_UNSUPPORTED"));
  std::map<std::string, std::string> corrupt = {{"columnnameofcorruptrecord", "_c"}};
  EXPECT_EQ(Parse(R"({"a":1.5})", "a DOUBLE, _c STRING", corrupt), "{'f0': 1.5, 'f1': NULL}");
  EXPECT_EQ(Parse(R"({"a":"7"})", "a DOUBLE, _c STRING", corrupt), R"({'f0': NULL, 'f1': '{"a":"7"}'})");
  EXPECT_EQ(Parse("not json", "a DOUBLE, _c STRING", corrupt), "{'f0': NULL, 'f1': not json}");
}

TEST_F(FromJsonTest, ManyRecordsWithGrowingLists) {
  Parse("{}", "n BIGINT, tags ARRAY<STRING>, items ARRAY<STRUCT<q: INT, w: ARRAY<INT>>>, m MAP<STRING, BIGINT>");
  std::string sql = fmt::format(
      "(SELECT [count(*), sum(j.f0), sum(len(j.f1)), sum(len(j.f2)), sum(len(j.f2[1].f1)), "
      "sum(j.f3['k' || n]), count(*) FILTER (j.f1[2] = 'a rather long tag ' || n)] FROM (SELECT n, "
      "{}(record) AS j FROM (SELECT i AS n, '{{\"n\":' || i || ',\"tags\":[\"x\",\"a rather long tag ' || i || "
      "'\",null],\"items\":[{{\"q\":' || i || ',\"w\":[1,2,3,4,5]}},{{\"q\":1}}],\"m\":{{\"k' || i || '\":' || i || "
      "',\"z\":0}}}}' AS record FROM range(20000) t(i))))",
      last_);
  EXPECT_EQ(One(sql), "[20000, 199990000, 60000, 40000, 100000, 199990000, 20000]");
}

TEST_F(FromJsonTest, RefusesWhatItCannotMake) {
  EXPECT_THAT(Parse("{}", "MAP<INT, INT>"), HasSubstr("string keys"));
}

}  // namespace
}  // namespace flare::engine
