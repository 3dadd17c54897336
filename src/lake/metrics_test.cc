#include "lake/metrics.h"

#include "base/test_matchers.h"

namespace flare::lake {
namespace {

const Type kText(TypeId::kString);
const Type kBinary(TypeId::kBinary);

TEST(BoundsTest, TextsAreCutByCodePointsAndRoundedOutwards) {
  EXPECT_EQ(TruncateLower(kText, "0123456789abcdefg", 16), "0123456789abcdef");
  EXPECT_EQ(TruncateUpper(kText, "0123456789abcdef", 16), "0123456789abcdef");
  EXPECT_EQ(TruncateUpper(kText, "0123456789abcdefg", 16), "0123456789abcdeg");
  EXPECT_EQ(TruncateUpper(kText, "aé😀x", 2), "aê");
  EXPECT_EQ(TruncateUpper(kText, "a\xed\x9f\xbfz", 2), "a\xee\x80\x80");          // U+D7FF skips the surrogates
  EXPECT_EQ(TruncateUpper(kText, "a\xf4\x8f\xbf\xbfz", 2), "b");                  // U+10FFFF carries
  EXPECT_EQ(TruncateUpper(kText, "\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbfz", 2), std::nullopt);
}

TEST(BoundsTest, BytesCarryAndRunOut) {
  EXPECT_EQ(TruncateUpper(kBinary, std::string("\x01\xff\xff\x05"), 3), "\x02");
  EXPECT_EQ(TruncateUpper(kBinary, "\xff\xff\xff", 2), std::nullopt);
  EXPECT_EQ(TruncateUpper(kBinary, "\xff\xff", 2), "\xff\xff");
}

TEST(SingleValueTest, WorkedExamples) {
  EXPECT_EQ(ToSingleValue(Type(TypeId::kDate), Literal(int64_t{19797})), std::string("\x55\x4d\0\0", 4));
  EXPECT_EQ(ToSingleValue(Type(TypeId::kTimestampTz), Literal(int64_t{1710506096789000})),
            std::string("\x08\x06\x49\x3c\xb2\x13\x06\0", 8));
  EXPECT_EQ(ToSingleValue(Type::Decimal(9, 2), Literal(Int128{1234})), "\x04\xd2");
  EXPECT_EQ(ToSingleValue(Type::Decimal(9, 2), Literal(Int128{-100})), "\x9c");
  EXPECT_EQ(ToSingleValue(Type::Decimal(9, 2), Literal(Int128{128})), std::string("\0\x80", 2));
  EXPECT_EQ(ToSingleValue(Type(TypeId::kBoolean), Literal(true)), "\x01");
  for (Int128 v : {Int128{0}, Int128{127}, Int128{-128}, Int128{-129}, Int128{1} << 100, -(Int128{1} << 100)}) {
    EXPECT_TRUE(DecimalFromBytes(DecimalToBytes(v)) == v);
  }
}

TEST(DuckDbTextTest, ReadsWhatDuckDbPrintsAndNothingElse) {
  auto micros = [](std::string_view text, TypeId id = TypeId::kTimestamp) {
    auto value = FromDuckDbText(Type(id), text);
    return value ? std::optional(std::get<int64_t>(value->data)) : std::nullopt;
  };
  EXPECT_EQ(micros("1969-12-31 23:59:59.999999"), -1);
  EXPECT_EQ(micros("2024-01-01 00:00:00.5+00", TypeId::kTimestampTz), 1704067200500000);
  EXPECT_EQ(micros("2024-01-01 00:00:00+05:30", TypeId::kTimestampTz), std::nullopt);
  EXPECT_EQ(micros("infinity"), std::nullopt);
  EXPECT_EQ(micros("0044-03-15 (BC)", TypeId::kDate), DaysFromCivil(-43, 3, 15));
  EXPECT_TRUE(FromDuckDbText(Type::Decimal(9, 2), "-0.01") == Literal(Int128{-1}));
  EXPECT_TRUE(FromDuckDbText(kBinary, "AA00ff") == Literal(std::string("\xaa\0\xff", 3)));
  EXPECT_FALSE(FromDuckDbText(kBinary, "ABC").has_value());
  EXPECT_FALSE(FromDuckDbText(Type(TypeId::kLong), "1x").has_value());
}

Schema Mixed() {
  Schema schema;
  schema.fields = {{1, "id", false, Type(TypeId::kLong), ""},
                   {2, "f", false, Type(TypeId::kDouble), ""},
                   {3, "name", false, kText, ""},
                   {4, "tags", false, Type::List({5, "element", false, kText, ""}), ""},
                   {6, "who", false, Type::Struct({{7, "x", false, Type(TypeId::kInt), ""}}), ""}};
  return schema;
}

TEST(TypeMetricsTest, ZerosAreWidenedNanLeavesOutAndListsHaveSizesOnly) {
  Schema schema = Mixed();
  std::map<std::string, ColumnStatistics> stats = {
      {"\"id\"", {10, 3, 1, "1", "9", false}},
      {"\"f\"", {11, 3, 0, "0.0", "0.0", false}},
      {"\"tags\".\"element\"", {12, 4, 1, "a", "b", false}},
      {"\"who\".\"x\"", {13, 3, 2, "5", "5", false}}};
  ColumnMetrics metrics = TypeMetrics(schema, MetricsModes(schema, {}), stats);
  EXPECT_EQ(metrics.value_counts.at(1), 3);
  EXPECT_EQ(metrics.null_value_counts.at(7), 2);
  EXPECT_EQ(metrics.lower_bounds.at(2), std::string("\0\0\0\0\0\0\0\x80", 8));
  EXPECT_EQ(metrics.upper_bounds.at(2), std::string(8, '\0'));
  EXPECT_EQ(metrics.nan_value_counts.at(2), 0);
  EXPECT_EQ(metrics.column_sizes.at(5), 12);
  EXPECT_FALSE(metrics.value_counts.contains(5));
  EXPECT_FALSE(metrics.lower_bounds.contains(5));
  stats["\"f\""].has_nan = true;
  metrics = TypeMetrics(schema, MetricsModes(schema, {}), stats);
  EXPECT_FALSE(metrics.nan_value_counts.contains(2));
  EXPECT_FALSE(metrics.lower_bounds.contains(2));
}

TEST(TypeMetricsTest, ModesGateWhatIsKept) {
  Schema schema = Mixed();
  Json counts;
  std::map<std::string, ColumnStatistics> stats = {{"\"id\"", {10, 3, 1, "1", "9", false}},
                                                   {"\"name\"", {10, 3, 1, "abcdef", "abcdef", false}}};
  auto modes = MetricsModes(schema, {{"write.metadata.metrics.default", "Counts"},
                                     {"write.metadata.metrics.column.name", "truncate(2)"}});
  ColumnMetrics metrics = TypeMetrics(schema, modes, stats);
  EXPECT_FALSE(metrics.lower_bounds.contains(1));
  EXPECT_EQ(metrics.value_counts.at(1), 3);
  EXPECT_EQ(metrics.lower_bounds.at(3), "ab");
  EXPECT_EQ(metrics.upper_bounds.at(3), "ac");
  metrics = TypeMetrics(schema, MetricsModes(schema, {{"write.metadata.metrics.default", "none"}}), stats);
  EXPECT_TRUE(metrics.column_sizes.empty());
}

}  // namespace
}  // namespace flare::lake
