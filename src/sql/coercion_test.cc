#include "sql/coercion.h"

#include <gtest/gtest.h>

namespace flare::sql {
namespace {

TEST(DecimalRules, ArithmeticHasSparksPrecision) {
  Type a = Type::Decimal(10, 2);
  EXPECT_EQ(DecimalResult('+', a, Type::Decimal(1, 0)), Type::Decimal(11, 2));
  EXPECT_EQ(DecimalResult('*', a, Type::Decimal(2, 1)), Type::Decimal(13, 3));
  EXPECT_EQ(DecimalResult('/', a, Type::Decimal(5, 1)), Type::Decimal(17, 8));
  EXPECT_EQ(DecimalResult('%', Type::Decimal(5, 2), Type::Decimal(3, 1)), Type::Decimal(4, 2));
  EXPECT_EQ(DecimalResult('*', Type::Decimal(38, 18), Type::Decimal(38, 18)), Type::Decimal(38, 6));
  EXPECT_EQ(DecimalResult('/', Type::Decimal(38, 10), Type::Decimal(38, 10)), Type::Decimal(38, 6));
}

TEST(Coercion, WithAnsiStringsBecomeWhatTheyMeet) {
  Type text(TypeId::kString);
  EXPECT_EQ(*AnsiWiderType(text, Type(TypeId::kInt)), Type(TypeId::kLong));
  EXPECT_EQ(*AnsiWiderType(Type::Decimal(10, 2), text), Type(TypeId::kDouble));
  EXPECT_EQ(*AnsiWiderType(text, Type(TypeId::kDate)), Type(TypeId::kDate));
  EXPECT_EQ(*AnsiWiderType(Type(TypeId::kFloat), Type(TypeId::kLong)), Type(TypeId::kDouble));
  EXPECT_EQ(*AnsiWiderType(Type(TypeId::kFloat), Type(TypeId::kFloat)), Type(TypeId::kFloat));
  EXPECT_EQ(*AnsiWiderType(Type::Array(text), Type::Array(Type(TypeId::kInt))), Type::Array(Type(TypeId::kLong)));
  EXPECT_EQ(*AnsiWiderType(Type(), Type::Array(text)), Type::Array(text));
  EXPECT_FALSE(AnsiWiderType(Type(TypeId::kInt), Type(TypeId::kBoolean)).has_value());
}

TEST(Coercion, CommonTypes) {
  Type text(TypeId::kString);
  Type number(TypeId::kInt);
  EXPECT_EQ(*WiderType(Type::Decimal(10, 2), number, true), Type::Decimal(12, 2));
  EXPECT_EQ(*WiderType(text, number, true), text);
  EXPECT_FALSE(WiderType(text, number, false).has_value());
  EXPECT_FALSE(WiderType(text, Type(TypeId::kBoolean), true).has_value());
  EXPECT_EQ(*WiderType(Type(TypeId::kDate), Type(TypeId::kTimestamp), true), Type(TypeId::kTimestamp));
  EXPECT_EQ(*WiderType(Type::Array(number), Type::Array(Type(TypeId::kDouble)), true), Type::Array(Type(TypeId::kDouble)));
}

TEST(Coercion, ComparisonOfTextFollowsTheOtherSide) {
  Type text(TypeId::kString);
  EXPECT_EQ(*ComparisonType(text, Type(TypeId::kInt), false), Type(TypeId::kInt));
  EXPECT_EQ(*ComparisonType(text, Type(TypeId::kInt), true), Type(TypeId::kLong));
  EXPECT_EQ(*ComparisonType(Type::Decimal(5, 2), text, false), Type(TypeId::kDouble));
  EXPECT_EQ(*ComparisonType(text, Type(TypeId::kTimestamp), false), Type(TypeId::kTimestamp));
}

TEST(Coercion, CastsThatDoNotExist) {
  EXPECT_FALSE(CanCast(Type(TypeId::kInt), Type(TypeId::kDate), false));
  EXPECT_FALSE(CanCast(Type(TypeId::kDate), Type(TypeId::kInt), true));
  EXPECT_TRUE(CanCast(Type(TypeId::kDate), Type(TypeId::kInt), false));
  EXPECT_FALSE(CanCast(Type::Array(Type(TypeId::kInt)), Type(TypeId::kInt), false));
}

TEST(Coercion, CastTextNamesTheRuntimeFunction) {
  Type text(TypeId::kString);
  EXPECT_EQ(CastSql("x", Type(TypeId::kBinary), text, CastMode::kLegacy, "UTC"), "spark_decode_utf8(x)");
  EXPECT_EQ(CastSql("x", text, Type(TypeId::kTimestamp), CastMode::kAnsi, "Asia/Kolkata"), "spark_string_to_timestamp_ansi(x, 'Asia/Kolkata')");
  EXPECT_EQ(CastSql("x", Type(TypeId::kInt), Type(TypeId::kLong), CastMode::kLegacy, "UTC"), "CAST(x AS BIGINT)");
  EXPECT_EQ(CastSql("x", Type::Struct({{"a", text, true, ""}}), Type::Struct({{"b", text, true, ""}}), CastMode::kLegacy, "UTC"), "x");
}

}  // namespace
}  // namespace flare::sql
