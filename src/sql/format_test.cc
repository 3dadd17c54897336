#include "sql/format.h"

#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/recorded_fixture.h"

namespace flare::sql {
namespace {

/// Reads, writes, reads again: "" when both trees are the same.
std::string RoundTrip(const std::string& sql) {
  Parser first(sql);
  QueryPtr tree = first.ParseStatement();
  if (!tree) return {};  // nothing to write
  std::string text = Format(*tree);
  Parser second(text);
  QueryPtr again = second.ParseStatement();
  if (!again) return second.error().message + "\n  " + text;
  return SameTree(*tree, *again) ? "" : "another tree: " + text + "\n  then " + Format(*again);
}

TEST(Format, WhatIsWrittenReadsAsTheSameTree) {
  for (const char* sql : {
           "SELECT 1, -1, - 1, -(1), 1.50, 1e3, 2.5D, 1Y, 2S, 3L, 4F, 12345678901234567890, 'it''s \\n', X'0a', NULL, true",
           "SELECT a.b.c, `select`, t.*, * EXCEPT (x, y.z) FROM t",
           "SELECT NOT a AND b OR c AND d OR e, a + b * -c % d, a || b, ~a & b | c ^ d, a << 1, a <=> b, a == b, !a",
           "SELECT a BETWEEN 1 AND 2, a NOT IN (1, 2), a IN (SELECT 1), (a, b) IN (SELECT 1, 2), EXISTS (SELECT 1)",
           "SELECT a LIKE 'x' ESCAPE '!', a NOT LIKE ANY ('a', 'b'), a ILIKE ALL ('c'), a RLIKE 'd', a IS NOT NULL, a IS DISTINCT FROM b",
           "SELECT CASE a WHEN 1 THEN 2 END, CASE WHEN a THEN b WHEN c THEN d ELSE e END",
           "SELECT CAST(a AS DECIMAL(10,2)), TRY_CAST(a AS ARRAY<STRUCT<x: INT, y: MAP<STRING, DATE>>>), a::int",
           "SELECT extract(DAY FROM d), trim(BOTH 'x' FROM s), trim(LEADING FROM s), substring(s FROM 2 FOR 3), position('a' IN s)",
           "SELECT a[0], m['k'].f, struct(1 AS x, 2), (1, 2), transform(a, x -> x + 1), aggregate(a, 0, (x, y) -> x + y)",
           "SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP_NTZ '2024-01-01', INTERVAL '1' DAY, INTERVAL 3 DAYS 2 HOURS",
           "SELECT count(DISTINCT a), sum(b) FILTER (WHERE c), lag(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c DESC), rank() OVER w "
           "FROM t WINDOW w AS (ORDER BY a ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING), v AS w",
           "SELECT current_date, current_timestamp(), DISTINCT.a FROM t",
           "WITH a AS (SELECT 1), b(x, y) AS (SELECT 1, 2) SELECT * FROM a, b CROSS JOIN c LEFT SEMI JOIN d USING (x) NATURAL JOIN e",
           "SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3 EXCEPT (SELECT 4 UNION SELECT 5) ORDER BY 1 DESC LIMIT 3 OFFSET 1",
           "SELECT * FROM (SELECT 1) AS t(a), LATERAL (SELECT t.a) u, VALUES (1, 2), (3, 4) AS v(x, y), range(3) r",
           "SELECT * FROM t LATERAL VIEW OUTER explode(a) e AS x, y WHERE b GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL",
           "SELECT * FROM t PIVOT (sum(a) AS s FOR b IN (1 AS x, 2)) UNPIVOT INCLUDE NULLS ((c, d) FOR n IN ((e, f) AS z, (g, h)))",
           "SELECT * FROM t TABLESAMPLE (10 PERCENT) REPEATABLE (3) AS s JOIN u TABLESAMPLE (5 ROWS) ON s.a = u.a",
           "FROM t |> WHERE a > 1 |> EXTEND a + 1 AS b |> AGGREGATE sum(b) AS s GROUP BY c AS k, d |> ORDER BY s LIMIT 2 |> AS z |> DROP k",
           "FROM t |> SET a = 1, b = 2 |> JOIN u USING (a) |> SELECT DISTINCT a |> UNION ALL SELECT 2",
           "TABLE t ORDER BY a SORT BY b",
           "SELECT a FROM t SORT BY a NULLS LAST",
           "((SELECT 1) UNION (SELECT 2))",
       }) {
    EXPECT_EQ(RoundTrip(sql), "") << sql;
  }
}

TEST(Format, EveryStatementThatSparkAnsweredReadsAsTheSameTree) {
  std::vector<std::string> statements = RecordedStatements();
  for (const std::string& sql : statements) EXPECT_EQ(RoundTrip(sql), "") << sql;
  EXPECT_GT(statements.size(), 500U);
}

}  // namespace
}  // namespace flare::sql
