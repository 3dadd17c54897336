// CSV, variants and the smaller JSON functions, against what Spark answers.
#include "engine/constant.h"
#include "engine/spark_function_fixture.h"
#include "engine/spark_functions.h"

namespace flare::engine {
namespace {

using ::testing::HasSubstr;
using Options = std::map<std::string, std::string>;

class StructuredTextTest : public SparkFunctionTest {
 protected:
  /// Registers a function and yields its call on `arguments`.
  static std::string Call(const std::string& kind, const std::string& ddl, const std::string& arguments, Options options = {}) {
    static int next = 0;
    auto type = sql::ParseTypeDdl(ddl);
    EXPECT_THAT(type, IsOk());
    sql::RuntimeFunction function{fmt::format("structured_{}", next++), kind, *type, std::move(options)};
    Status registered = RegisterRuntimeFunction(connection(), function);
    if (!registered.has_value()) return "error('" + registered.error().ToText() + "')";
    return function.duckdb_name + "(" + arguments + ")";
  }
  static std::string FromCsv(const std::string& line, const std::string& ddl, Options options = {}) {
    return One(Call("from_csv", "STRUCT<" + ddl + ">", QuoteLiteral(line), std::move(options)));
  }
  static std::string Schema(const std::string& kind, const std::string& text, Options options = {}) {
    return One(Call(kind, "STRING", QuoteLiteral(text), std::move(options)));
  }
  static std::string VariantText(const std::string& json) {
    return One("spark_variant_to_string(spark_parse_json(" + QuoteLiteral(json) + "), 'UTC')");
  }
  static std::string VariantAs(const std::string& json, const std::string& path, const std::string& ddl, bool is_try = false) {
    return One(Call("variant_get", ddl, "spark_parse_json(" + QuoteLiteral(json) + "), " + QuoteLiteral(path),
                    {{"try", is_try ? "true" : "false"}}));
  }
};

TEST_F(StructuredTextTest, ReadsLinesOfCsv) {
  EXPECT_EQ(FromCsv("1,abc", "a: INT, b: STRING"), "{'f0': 1, 'f1': abc}");
  EXPECT_EQ(FromCsv("x,2", "a: INT, b: INT"), "{'f0': NULL, 'f1': 2}");
  EXPECT_EQ(FromCsv("1", "a: INT, b: INT"), "{'f0': 1, 'f1': NULL}");
  EXPECT_EQ(FromCsv("x", "a: INT, b: INT"), "{'f0': NULL, 'f1': NULL}");
  EXPECT_EQ(FromCsv("1,2,3", "a: INT, b: INT, _corrupt_record: STRING"), "{'f0': 1, 'f1': 2, 'f2': '1,2,3'}");
  EXPECT_EQ(FromCsv("", "a: INT"), "{'f0': NULL}");
  EXPECT_EQ(FromCsv("\"a,b\",c", "a: STRING, b: STRING"), "{'f0': 'a,b', 'f1': c}");
  EXPECT_EQ(FromCsv("\"a\"\"b\",c", "a: STRING, b: STRING"), "{'f0': '\"a\"\"b\"', 'f1': c}");
  EXPECT_EQ(FromCsv("\"a\\\"b\",c", "a: STRING, b: STRING"), "{'f0': 'a\"b', 'f1': c}");
  EXPECT_EQ(FromCsv("a||b", "a: STRING, b: STRING", {{"sep", "||"}}), "{'f0': a, 'f1': b}");
  EXPECT_EQ(FromCsv("#x,1", "a: STRING, b: INT", {{"comment", "#"}}), "{'f0': NULL, 'f1': NULL}");
  EXPECT_EQ(FromCsv("NA,2", "a: INT, b: STRING", {{"nullvalue", "NA"}}), "{'f0': NULL, 'f1': 2}");
  EXPECT_EQ(FromCsv("\"\",b", "a: STRING, b: STRING", {{"emptyvalue", "E"}}), "{'f0': E, 'f1': b}");
  EXPECT_THAT(FromCsv("x,2", "a: INT, b: INT", {{"mode", "FAILFAST"}}), HasSubstr("MALFORMED_RECORD_IN_PARSING"));
}

TEST_F(StructuredTextTest, PrintsLinesOfCsv) {
  auto print = [](const std::string& a, const std::string& b, Options options = {}) {
    return One(Call("to_csv", "STRUCT<a: STRING, b: STRING>", "{'f0': " + a + ", 'f1': " + b + "}", std::move(options)));
  };
  EXPECT_EQ(print("'x,y'", "NULL"), "\"x,y\",");
  EXPECT_EQ(print("'q\"r'", "''"), "\"q\\\"r\",\"\"");
  EXPECT_EQ(print("' s '", "'x'", {{"sep", "|"}}), "s|x");
  EXPECT_EQ(print("'x'", "NULL", {{"quoteall", "true"}, {"nullvalue", "NA"}}), "\"x\",NA");
}

TEST_F(StructuredTextTest, InfersSchemas) {
  EXPECT_EQ(Schema("schema_of_json", R"({"a":1,"b":"x","c":null,"d":[],"e":{},"g":[1,2.5],"h":[{"x":1},{"y":"z"}]})"),
            "STRUCT<a: BIGINT, b: STRING, c: STRING, d: ARRAY<STRING>, g: ARRAY<DOUBLE>, h: ARRAY<STRUCT<x: BIGINT, y: STRING>>>");
  EXPECT_EQ(Schema("schema_of_json", "12345678901234567890"), "DECIMAL(20,0)");
  EXPECT_EQ(Schema("schema_of_json", R"({"a":1.5})", {{"prefersdecimal", "true"}}), "STRUCT<a: DECIMAL(2,1)>");
  EXPECT_THAT(Schema("schema_of_json", "{bad"), HasSubstr("error"));
  EXPECT_EQ(Schema("schema_of_csv", "1.5,true,2020-01-01,2020-01-01 10:00:00,12345678901,,x"),
            "STRUCT<_c0: DOUBLE, _c1: BOOLEAN, _c2: DATE, _c3: TIMESTAMP, _c4: BIGINT, _c5: STRING, _c6: STRING>");
}

TEST_F(StructuredTextTest, SmallJsonFunctions) {
  EXPECT_EQ(One("spark_json_array_length('[1,[2,3],{\"a\":1}] x')"), "3");
  EXPECT_EQ(One("spark_json_array_length('[1,2')"), "NULL");
  EXPECT_EQ(One("spark_json_object_keys('{\"a\":1,\"b\":{\"c\":2},\"a\":3}')"), "[a, b, a]");
  EXPECT_EQ(One("spark_json_object_keys('[1]')"), "NULL");
  EXPECT_EQ(One("spark_json_tuple('{\"a\":1.50,\"b\":\"x\",\"c\":null}', ['a', 'b', 'c', 'a'])"), "[1.5, x, NULL, 1.5]");
  EXPECT_EQ(One("spark_json_tuple('not', ['a'])"), "[NULL]");
}

TEST_F(StructuredTextTest, VariantsKeepWhatTheyAre) {
  EXPECT_EQ(VariantText(R"({"b":1,"a":[1.50,"x",null,1e3,100.0,-0.0,12345678901234567890]})"),
            R"({"a":[1.5,"x",null,1000.0,100,0,12345678901234567890],"b":1})");
  EXPECT_EQ(VariantText(R"("x")"), "x");
  EXPECT_EQ(VariantText("null"), "NULL");
  EXPECT_THAT(VariantText(R"({"a":1,"a":2})"), HasSubstr("VARIANT_DUPLICATE_KEY"));
  EXPECT_THAT(VariantText("{bad"), HasSubstr("MALFORMED_RECORD_IN_PARSING"));
  EXPECT_EQ(One("spark_try_parse_json('NaN')"), "NULL");
  EXPECT_EQ(VariantAs(R"({"a b":[1,2]})", "$['a b'][1]", "INT"), "2");
  EXPECT_EQ(VariantAs(R"({"a":1,"b":"x"})", "$", "STRUCT<b: STRING, a: INT, c: INT>"), "{'f0': x, 'f1': 1, 'f2': NULL}");
  EXPECT_EQ(VariantAs("1.55", "$", "DECIMAL(5,1)"), "1.6");
  EXPECT_THAT(VariantAs("\"x\"", "$", "INT"), HasSubstr("[INVALID_VARIANT_CAST]"));
  EXPECT_THAT(VariantAs("1", "a", "INT"), HasSubstr("[INVALID_VARIANT_GET_PATH]"));
  EXPECT_EQ(VariantAs("[1,\"x\"]", "$", "ARRAY<INT>", true), "[1, NULL]");
  EXPECT_EQ(One("spark_schema_of_variant(spark_parse_json('{\"a\":1,\"d\":[1,\"x\"],\"e\":[],\"h\":[1,2.5]}'))"),
            "OBJECT<a: BIGINT, d: ARRAY<VARIANT>, e: ARRAY<VOID>, h: ARRAY<DECIMAL(21,1)>>");
}

TEST_F(StructuredTextTest, HostileVariantBytesAreNull) {
  for (const char* bytes : {"''", "'\\x0D'", "'\\x0D\\xFF\\xFF\\xFF\\xFF'", "'\\x0C\\x01\\x00\\x00\\x00\\xFF\\x00\\x00\\x00'", "'\\xFF'"}) {
    EXPECT_THAT(One(fmt::format("coalesce(spark_variant_to_json({}::BLOB, 'UTC'), 'none')", bytes)),
                ::testing::AnyOf("null", "{}", "[null]", "[]"));
  }
}

TEST_F(StructuredTextTest, ComputesConstants) {
  auto text = ComputeConstant("'a ' || 'INT'", {});
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(text->value_or("NULL"), "a INT");
  EXPECT_FALSE(ComputeConstant("no_such_column", {}).has_value());
}

}  // namespace
}  // namespace flare::engine
