#include "engine/typed_json.h"

#include <gtest/gtest.h>

#include "engine/database.h"

namespace flare::engine {
namespace {

std::string Typed(const std::string& ddl, const std::string& sql, const std::string& zone = "UTC") {
  auto database = Database::Open({}).value();
  auto connection = database->Connect().value();
  sql::Type type = sql::ParseTypeDdl(ddl).value();
  std::string text;
  Status done = connection->Stream("SELECT CAST(" + sql + " AS " + type.ToDuckDb() + ")",
                                   [&](duckdb_data_chunk chunk) {
                                     AppendTypedJson(type, duckdb_data_chunk_get_vector(chunk, 0),
                                                     0, *TimeZone::Find(zone).value(), &text);
                                     return Ok();
                                   });
  return done ? text : done.error().ToText();
}

TEST(TypedJson, ScalarsKeepTheirTypesApart) {
  EXPECT_EQ(Typed("bigint", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(Typed("tinyint", "-5"), "-5");
  EXPECT_EQ(Typed("boolean", "true"), "true");
  EXPECT_EQ(Typed("double", "1e10"), "1.0E10");
  EXPECT_EQ(Typed("double", "'NaN'"), "\"NaN\"");
  EXPECT_EQ(Typed("float", "'-inf'"), "\"-Infinity\"");
  EXPECT_EQ(Typed("decimal(10,3)", "-0.05"), "\"-0.050\"");
  EXPECT_EQ(Typed("decimal(38,2)", "'-123456789012345678901234567890.12'"),
            "\"-123456789012345678901234567890.12\"");
  EXPECT_EQ(Typed("string", "'a\"b' || chr(10)"), "\"a\\\"b\\n\"");
  EXPECT_EQ(Typed("binary", "'\\xFF\\x00a'::BLOB"), "\"FF0061\"");
  EXPECT_EQ(Typed("date", "'2024-01-05'"), "\"2024-01-05\"");
  EXPECT_EQ(Typed("timestamp", "'2024-01-05 10:00:00.5+00'", "Asia/Kolkata"),
            "\"2024-01-05 15:30:00.5\"");
  EXPECT_EQ(Typed("timestamp_ntz", "'2024-01-05 10:00:00'", "Asia/Kolkata"),
            "\"2024-01-05 10:00:00\"");
  EXPECT_EQ(Typed("int", "NULL"), "null");
}

TEST(TypedJson, NestedValues) {
  EXPECT_EQ(Typed("array<int>", "[1, NULL]"), "[1, null]");
  EXPECT_EQ(Typed("map<string,array<int>>", "MAP {'a': [1], 'b': NULL}"),
            "{\"map\": [[\"a\", [1]], [\"b\", null]]}");
  EXPECT_EQ(Typed("struct<a:int,`b c`:struct<d:string>>", "{'f0': 1, 'f1': {'f0': 'x'}}"),
            "{\"a\": 1, \"b c\": {\"d\": \"x\"}}");
  EXPECT_EQ(Typed("struct<a:int,a:int>", "{'f0': 1, 'f1': 2}"), "{\"struct\": [1, 2]}");
}

}  // namespace
}  // namespace flare::engine
