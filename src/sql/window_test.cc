#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/compile_fixture.h"

// OVER and the WINDOW clause. What the values are, tests/sql holds against Spark.
namespace flare::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string NameOf(std::string_view expression) {
  Outcome outcome = Translate(fmt::format("SELECT {} FROM orders", expression));
  return outcome.query ? outcome.query->schema[0].name : outcome.Said();
}

TEST(Window, ColumnsAreNamedWithTheFrameThatSparkResolves) {
  EXPECT_EQ(NameOf("row_number() OVER (PARTITION BY status ORDER BY id)"),
            "row_number() OVER (PARTITION BY status ORDER BY id ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)");
  EXPECT_EQ(NameOf("sum(qty) OVER ()"), "sum(qty) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)");
  EXPECT_EQ(NameOf("sum(qty) OVER (ORDER BY id DESC)"),
            "sum(qty) OVER (ORDER BY id DESC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)");
  EXPECT_EQ(NameOf("lag(qty, 2) OVER (ORDER BY id)"),
            "lag(qty, 2, NULL) OVER (ORDER BY id ASC NULLS FIRST ROWS BETWEEN -2 FOLLOWING AND -2 FOLLOWING)");
  EXPECT_EQ(NameOf("sum(qty) OVER (ORDER BY id ROWS 2 PRECEDING)"),
            "sum(qty) OVER (ORDER BY id ASC NULLS FIRST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)");
}

TEST(Window, NamedWindowsStandForTheirDefinition) {
  Outcome outcome = Translate("SELECT sum(qty) OVER w AS a, rank() OVER v AS b FROM orders WINDOW w AS (ORDER BY id), v AS (w)");
  EXPECT_EQ(Names(outcome), "a bigint, b int");
  EXPECT_THAT(Translate("SELECT sum(qty) OVER x FROM orders WINDOW w AS (ORDER BY id)").Codes(),
              ElementsAre("MISSING_WINDOW_SPECIFICATION"));
  EXPECT_THAT(Translate("SELECT 1 FROM orders WINDOW w AS (ORDER BY id), w AS (ORDER BY qty)").Codes(),
              ElementsAre("INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION"));
  EXPECT_THAT(Translate("SELECT 1 FROM orders WINDOW w AS (v), v AS w").Codes(),
              ElementsAre("INVALID_SQL_SYNTAX.INVALID_WINDOW_REFERENCE"));
}

TEST(Window, IsRefusedWhereItCannotStand) {
  struct Case {
    const char* sql;
    const char* code;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"SELECT id FROM orders WHERE rank() OVER (ORDER BY id) = 1", "_LEGACY_ERROR_TEMP_1034"},
           {"SELECT status FROM orders GROUP BY status HAVING rank() OVER (ORDER BY status) = 1", "_LEGACY_ERROR_TEMP_1034"},
           {"SELECT id FROM orders ORDER BY rank() OVER (ORDER BY id)", "_LEGACY_ERROR_TEMP_1034"},
           {"SELECT sum(rank() OVER (ORDER BY id)) FROM orders", "_LEGACY_ERROR_TEMP_1031"},
           {"SELECT rank() OVER () FROM orders", "_LEGACY_ERROR_TEMP_1037"},
           {"SELECT rank() FROM orders", "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE"},
           {"SELECT upper(status) OVER (ORDER BY id) FROM orders", "UNSUPPORTED_EXPR_FOR_WINDOW"},
           {"SELECT count(DISTINCT qty) OVER () FROM orders", "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED"},
           {"SELECT rank() OVER (ORDER BY id ROWS 1 PRECEDING) FROM orders", "_LEGACY_ERROR_TEMP_1036"},
           {"SELECT sum(qty) OVER (RANGE 1 PRECEDING) FROM orders", "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER"},
           {"SELECT sum(qty) OVER (ORDER BY id, qty RANGE 1 PRECEDING) FROM orders", "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER"},
           {"SELECT sum(qty) OVER (ORDER BY status RANGE 1 PRECEDING) FROM orders", "DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE"},
           {"SELECT sum(qty) OVER (PARTITION BY attrs) FROM orders", "EXPRESSION_TYPE_IS_NOT_ORDERABLE"},
           {"SELECT sum(qty) OVER (ORDER BY id GROUPS 1 PRECEDING) FROM orders", "PARSE_SYNTAX_ERROR"},
           {"SELECT status, sum(qty) OVER (ORDER BY id) FROM orders GROUP BY status", "MISSING_AGGREGATION"},
           {"VALUES (sum(1) OVER ())", "_LEGACY_ERROR_TEMP_1034"}}) {
    EXPECT_THAT(Translate(one.sql).Codes(), ::testing::Contains(one.code)) << one.sql;
  }
}

TEST(Window, OnAStreamIsRefused) {
  Scope scope = KafkaScope();
  scope.streaming = true;
  Diagnostics diagnostics;
  EXPECT_FALSE(Compile("SELECT row_number() OVER (ORDER BY offset) FROM kafka", TextPlace({"job.yaml", 1, 1}), scope, &diagnostics));
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].code, "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING");
}

TEST(Window, AggregatesOfAGroupMayBeWindowed) {
  EXPECT_EQ(Names(Translate("SELECT status, sum(sum(qty)) OVER (ORDER BY status) AS s FROM orders GROUP BY status")),
            "status string, s bigint");
}

TEST(Window, ARangeOfWholeNumbersCannotOverflow) {
  Outcome outcome = Translate("SELECT sum(qty) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders");
  ASSERT_TRUE(outcome.query) << outcome.Said();
  EXPECT_THAT(outcome.query->duckdb_sql, HasSubstr("AS HUGEINT) ASC NULLS FIRST RANGE BETWEEN"));
}

}  // namespace
}  // namespace flare::sql
