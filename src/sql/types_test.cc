#include "sql/types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/test_matchers.h"

namespace flare::sql {
namespace {

using ::testing::HasSubstr;

TEST(Types, ReadsColumnListAndPrintsItBack) {
  auto schema = ParseSchemaDdl("id BIGINT NOT NULL, tags array<string>, `odd name` decimal(12, 2) COMMENT 'it\\'s', s struct<a: int, b: map<string,double>>");
  ASSERT_THAT(schema, IsOk());
  ASSERT_EQ(schema->size(), 4u);
  EXPECT_FALSE((*schema)[0].nullable);
  EXPECT_EQ((*schema)[1].type.ToSimpleString(), "array<string>");
  EXPECT_EQ((*schema)[2].name, "odd name");
  EXPECT_EQ((*schema)[2].comment, "it's");
  EXPECT_EQ((*schema)[3].type.ToSimpleString(), "struct<a:int,b:map<string,double>>");
  Type all = Type::Struct(*schema);
  auto again = ParseTypeDdl(all.ToDdl());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, all);
}

TEST(Types, JsonRoundTrip) {
  auto schema = ParseSchemaDdl("a INT NOT NULL, b ARRAY<STRUCT<x: TIMESTAMP, y: DECIMAL(5,2)>>, c MAP<STRING, BINARY>, d TIMESTAMP_NTZ");
  ASSERT_THAT(schema, IsOk());
  Type type = Type::Struct(*schema);
  auto again = ParseSchemaJson(type.ToJson());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(Type::Struct(*again), type);
  EXPECT_FALSE((*again)[0].nullable);
  EXPECT_EQ(type.ToJson().substr(0, 26), R"({"type":"struct","fields":)");
}

TEST(Types, DuckDbTextHidesSparksNames) {
  auto type = ParseTypeDdl("array<struct<a: int, A: array<map<string, decimal(38,10)>>>>");
  ASSERT_THAT(type, IsOk());
  EXPECT_EQ(type->ToDuckDb(), "STRUCT(f0 INTEGER, f1 MAP(VARCHAR, DECIMAL(38,10))[])[]");
}

TEST(Types, EqualityIgnoresNullabilityButNotNames) {
  EXPECT_EQ(Type::Array(Type(TypeId::kInt), true), Type::Array(Type(TypeId::kInt), false));
  EXPECT_NE(Type::Struct({{"a", Type(TypeId::kInt), true, ""}}), Type::Struct({{"b", Type(TypeId::kInt), true, ""}}));
}

TEST(Types, ErrorsNameThePlaceAndTheNearest) {
  EXPECT_THAT(ParseSchemaDdl("a INTT"), HasMessage(AllOf(HasSubstr("INTT"), HasSubstr("character 3"), HasSubstr("did you mean int"))));
  EXPECT_THAT(ParseTypeDdl("decimal(39,1)"), HasMessage(HasSubstr("precision is 1 to 38")));
  EXPECT_THAT(ParseTypeDdl("array<int"), IsError(Code::kInvalidArgument));
  EXPECT_THAT(ParseSchemaJson("{"), HasMessage(HasSubstr("not valid JSON")));
  EXPECT_THAT(ParseSchemaJson(R"({"type":"struct","fields":[{"name":"a"}]})"), HasMessage(HasSubstr("\"type\"")));
}

TEST(Types, HostileNestingIsRefused) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "array<";
  EXPECT_THAT(ParseTypeDdl(deep), HasMessage(HasSubstr("nested deeper")));
  EXPECT_THAT(ParseSchemaJson(std::string(100000, '[')), HasMessage(HasSubstr("nested too deeply")));
}

}  // namespace
}  // namespace flare::sql
