#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/compile_fixture.h"

namespace flare::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Cases = std::vector<std::pair<const char*, const char*>>;

void ExpectNames(const Cases& cases) {
  for (const auto& [sql, names] : cases) EXPECT_EQ(Names(Translate(sql)), names) << sql;
}

void ExpectCode(const Cases& cases) {
  for (const auto& [sql, code] : cases) {
    Outcome outcome = Translate(sql);
    EXPECT_FALSE(outcome.query.has_value()) << sql;
    EXPECT_THAT(outcome.Codes(), ::testing::Contains(code)) << sql << "\n" << outcome.Said();
  }
}

std::string Nullable(std::string_view sql) {
  Outcome outcome = Translate(sql);
  if (!outcome.query) return outcome.Said();
  std::string text;
  for (const StructField& field : outcome.query->schema) text += field.nullable ? "?" : "!";
  return text;
}

TEST(Joins, YieldTheColumnsOfBothSides) {
  ExpectNames({
      {"SELECT * FROM (SELECT 1 a, 2 b) x JOIN (SELECT 1 a, 'c' c) y ON x.a = y.a", "a int, b int, a int, c string"},
      {"SELECT * FROM (SELECT 1 a, 2 b) x JOIN (SELECT 1 a, 'c' c) y USING (a)", "a int, b int, c string"},
      {"SELECT * FROM (SELECT 1 a, 2 b) x NATURAL JOIN (SELECT 'c' c, 1L a) y", "a int, b int, c string"},
      {"SELECT * FROM (SELECT 1 b, 2 a) x RIGHT JOIN (SELECT 'c' c, 1L a) y USING (a)", "a bigint, b int, c string"},
      {"SELECT * FROM (SELECT 1 a) x FULL JOIN (SELECT 1L a) y USING (a)", "a bigint"},
      {"SELECT * FROM (SELECT 1 a) x LEFT SEMI JOIN (SELECT 1 a, 2 b) y USING (a)", "a int"},
      {"SELECT * FROM (SELECT 1 a) x ANTI JOIN (SELECT 1 a, 2 b) y ON x.a = y.a", "a int"},
      {"SELECT * FROM (SELECT 1 a), (SELECT 2 b) CROSS JOIN (SELECT 3 c)", "a int, b int, c int"},
      {"SELECT t.* FROM ((SELECT 1 a) x JOIN (SELECT 2 b) y) t", "a int, b int"},
  });
}

TEST(Joins, HideTheOtherHalfOfAUsingColumn) {
  const std::string join = " FROM (SELECT 1 k, 2 a) x LEFT JOIN (SELECT 'z' b, 1 k) y USING (k)";
  ExpectNames({
      {("SELECT *" + join).c_str(), "k int, a int, b string"},
      {("SELECT k, x.k, y.k" + join).c_str(), "k int, k int, k int"},
      {("SELECT y.*" + join).c_str(), "k int, b string"},
      {("SELECT x.*" + join).c_str(), "k int, a int"},
  });
  EXPECT_EQ(Nullable("SELECT k, y.k, a, b" + join), "!?!?");
}

TEST(Joins, SayWhichSideMayBeNull) {
  const std::string sides = "(SELECT 1 a) x {} JOIN (SELECT 2 b) y ON x.a = y.b";
  const std::pair<const char*, const char*> cases[] = {{"INNER", "!!"}, {"LEFT", "!?"}, {"RIGHT OUTER", "?!"}, {"FULL", "??"}};
  for (const auto& [kind, nullable] : cases) {
    std::string sql = "SELECT * FROM " + sides;
    EXPECT_EQ(Nullable(sql.replace(sql.find("{}"), 2, kind)), nullable) << kind;
  }
}

TEST(Joins, TakeSubqueriesInTheirConditions) {
  ExpectNames({
      {"SELECT o.id FROM orders o LEFT JOIN kafka k ON o.id = k.offset AND EXISTS (SELECT 1 WHERE o.qty > 1)", "id bigint"},
      {"SELECT o.id FROM orders o JOIN kafka k ON o.id = (SELECT k.offset)", "id bigint"},
      {"SELECT o.id FROM orders o FULL JOIN kafka k ON k.offset IN (SELECT 1) AND o.id = k.offset", "id bigint"},
  });
}

TEST(Joins, RefuseWhatIsAmbiguousOrUnknown) {
  ExpectCode({
      {"SELECT a FROM (SELECT 1 a) x JOIN (SELECT 1 a) y", "AMBIGUOUS_REFERENCE"},
      {"SELECT 1 FROM (SELECT 1 a) x JOIN (SELECT 1 b) y USING (a)", "UNRESOLVED_USING_COLUMN_FOR_JOIN"},
      {"SELECT x.a FROM ((SELECT 1 a) x) t", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
      {"SELECT 1 FROM (SELECT 1 a) x JOIN (SELECT 2 b) y ON a", "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"},
      {"SELECT 1 FROM orders NATURAL JOIN kafka ON true", "PARSE_SYNTAX_ERROR"},
      {"SELECT 1 FROM orders JOIN", "PARSE_SYNTAX_ERROR"},
      {"SELECT 1 FROM orders LEFT JOIN kafka ON id = (SELECT offset)", "UNSUPPORTED_FEATURE.OUTER_JOIN_SUBQUERY"},
  });
  EXPECT_THAT(Translate("SELECT a FROM (SELECT 1 a) x JOIN (SELECT 1 a) y").Said(), HasSubstr("`x`.`a`, `y`.`a`"));
  // twice the same column is no ambiguity
  EXPECT_EQ(Names(Translate("SELECT qty FROM (SELECT qty, qty FROM orders)")), "qty int");
}

TEST(SetOperations, WidenTheirColumns) {
  ExpectNames({
      {"SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2.5, NULL UNION ALL SELECT 3L, 'z'", "a decimal(21,1), b string"},
      {"SELECT 1 a UNION SELECT 'x'", "a string"},
      {"SELECT DATE'2024-01-01' a EXCEPT SELECT TIMESTAMP'2024-01-01 00:00:00'", "a timestamp"},
      {"SELECT array(1) a INTERSECT ALL SELECT array(2.5)", "a array<decimal(11,1)>"},
      {"(SELECT 1 a ORDER BY a LIMIT 1) MINUS SELECT 2 b ORDER BY a", "a int"},
  });
  EXPECT_EQ(Names(Translate("SELECT 1 a UNION SELECT 'x'", true)), "a bigint");
  EXPECT_EQ(Nullable("SELECT 1 a, 1 b UNION ALL SELECT NULL, 2"), "?!");
  EXPECT_EQ(Nullable("SELECT 1 a, NULL b EXCEPT SELECT NULL, 2"), "!?");
}

TEST(SetOperations, IntersectBindsTighter) {
  std::string sql = Translate("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3").query->duckdb_sql;
  EXPECT_LT(sql.find("UNION"), sql.find("INTERSECT"));
  EXPECT_THAT(Translate("(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3").query->duckdb_sql, HasSubstr(") INTERSECT (SELECT 3"));
  ExpectCode({
      {"SELECT 1, 2 UNION SELECT 1", "NUM_COLUMNS_MISMATCH"},
      {"SELECT array(1) UNION SELECT 1", "INCOMPATIBLE_COLUMN_TYPE"},
      {"SELECT map(1, 2) UNION SELECT map(1, 2)", "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE"},
      {"SELECT id FROM orders UNION ALL SELECT 1 ORDER BY qty", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
  });
}

TEST(Subqueries, StandForValuesAndConditions) {
  ExpectNames({
      {"SELECT (SELECT max(qty) FROM orders), EXISTS (SELECT 1), 1 IN (SELECT 2)",
       "scalarsubquery() int, exists() boolean, (1 IN (listquery())) boolean"},
      {"SELECT (SELECT sum(qty) FROM orders i WHERE i.id = o.id) FROM orders o", "scalarsubquery(id) bigint"},
      {"SELECT id FROM orders WHERE (id, status) IN (SELECT 1, 'x') AND NOT EXISTS (SELECT 1 WHERE false)", "id bigint"},
      {"SELECT id FROM orders o WHERE qty = (SELECT max(i.qty) FROM (SELECT * FROM orders x WHERE x.id = o.id) i)", "id bigint"},
  });
  ExpectCode({
      {"SELECT (SELECT 1, 2)", "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN"},
      {"SELECT 1 IN (SELECT 1, 2)", "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH"},
      {"SELECT array(1) IN (SELECT 1)", "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH"},
      {"SELECT status, (SELECT o.qty) FROM orders o GROUP BY status", "MISSING_AGGREGATION"},
      {"SELECT id, (SELECT o.id) FROM orders o GROUP BY id", "MISSING_AGGREGATION"},
      {"SELECT x.id FROM (SELECT id FROM kafka) x", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
      {"SELECT 1 FROM orders o, (SELECT o.id) x", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"},
  });
  EXPECT_EQ(Names(Translate("SELECT x.* FROM orders o, LATERAL (SELECT o.id + 1 AS n) x")), "n bigint");
}

TEST(Subqueries, AreNeverNullWhereTheyAreNoFilter) {
  EXPECT_THAT(Translate("SELECT qty IN (SELECT 1) FROM orders").query->duckdb_sql, HasSubstr("coalesce((t0.c2 IN ("));
  EXPECT_THAT(Translate("SELECT NOT qty IN (SELECT 1) FROM orders").query->duckdb_sql, HasSubstr(", true))"));
  for (const char* condition : {"qty IN (SELECT 1)", "qty NOT IN (SELECT 1) AND id > 1"}) {
    Outcome outcome = Translate(std::string("SELECT id FROM orders WHERE ") + condition);
    EXPECT_THAT(outcome.query->duckdb_sql, Not(HasSubstr("coalesce"))) << condition;
  }
  EXPECT_EQ(Names(Translate("SELECT (id, 1) IN (SELECT 1, 2) FROM orders")), "(named_struct('id', id, '1', 1) IN (listquery())) boolean");
}

TEST(CommonTables, AreWrittenOnceAndShadow) {
  Outcome twice = Translate("WITH a AS (SELECT 1 x) SELECT l.x, r.x FROM a l JOIN a r");
  EXPECT_THAT(twice.query->duckdb_sql, ::testing::StartsWith("WITH q0 AS ("));
  ExpectNames({
      {"WITH a AS (SELECT 1 x), b(y) AS (SELECT x FROM a) SELECT * FROM b, (WITH a AS (SELECT 'z' x) SELECT * FROM a) c", "y int, x string"},
      {"WITH orders AS (SELECT id FROM orders) SELECT * FROM orders", "id bigint"},
      {"SELECT * FROM orders o WHERE EXISTS (WITH i AS (SELECT o.id AS k) SELECT * FROM i) AND false LIMIT 0",
       "id bigint, amount decimal(10,2), qty int, status string, ts timestamp, d date, tags array<string>, attrs map<string,string>, "
       "item struct<sku:string,box:struct<w:double>>, items array<struct<sku:string>>"},
  });
  ExpectCode({{"WITH a AS (SELECT 1), A AS (SELECT 2) SELECT 1", "DUPLICATED_CTE_NAMES"},
              {"WITH a(x, y) AS (SELECT 1) SELECT 1 FROM a", "ASSIGNMENT_ARITY_MISMATCH"}});
}

TEST(InlineTables, HaveTheirRowsCommonTypes) {
  ExpectNames({
      {"VALUES (1, 'a'), (2.5, NULL)", "col1 decimal(11,1), col2 string"},
      {"SELECT * FROM VALUES 1, 2L AS t(x)", "x bigint"},
      {"SELECT t.x FROM (VALUES (1)) t(x)", "x int"},
      {"FROM (SELECT 1 AS a)", "a int"},
      {"TABLE kafka LIMIT 1", "key binary, value binary, topic string, partition int, offset bigint, timestamp timestamp, timestampType int"},
  });
  ExpectCode({{"VALUES (1, 2), (3)", "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH"},
              {"VALUES (1), ('a')", "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE"},
              {"VALUES (x)", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"}});
}

TEST(Generators, YieldRowsInSelectAndFrom) {
  ExpectNames({
      {"SELECT id, posexplode(tags), explode(attrs) FROM orders", "id bigint, pos int, col string, key string, value string"},
      {"SELECT id, t.c, v FROM orders LATERAL VIEW OUTER explode(tags) t AS c LATERAL VIEW explode(attrs) m AS k, v", "id bigint, c string, v string"},
      {"SELECT i.* FROM orders, LATERAL inline(items) AS i", "sku string"},
      {"SELECT * FROM stack(2, 1, 'a', 2, NULL) AS s(n, t)", "n int, t string"},
      {"SELECT json_tuple(status, 'a', 'b') AS (x, y) FROM orders", "x string, y string"},
      {"SELECT *, id * 2 AS d FROM range(1, 10, 2)", "id bigint, d bigint"},
      {"SELECT * FROM range(3) AS r(n)", "n bigint"},
      {"SELECT status, explode(collect_list(qty)) AS q FROM orders GROUP BY status", "status string, q int"},
  });
  EXPECT_EQ(Nullable("SELECT posexplode(array(1)), explode_outer(array(1))"), "!!?");
  ExpectCode({
      {"SELECT explode(tags) || 'x' FROM orders", "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS"},
      {"SELECT explode(attrs) AS k FROM orders", "UDTF_ALIAS_NUMBER_MISMATCH"},
      {"SELECT explode(qty) FROM orders", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
      {"SELECT 1 FROM orders LATERAL VIEW upper(status) t", "UNSUPPORTED_GENERATOR.NOT_GENERATOR"},
      {"SELECT 1 FROM upper('a')", "UNRESOLVABLE_TABLE_VALUED_FUNCTION"},
      {"SELECT stack(2, 1, 'a', 'b')", "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES"},
      {"SELECT * FROM range(1, 2, 0)", "UNEXPECTED_INPUT_TYPE"},
  });
}

TEST(Generators, TakeTheirArgumentByName) {
  EXPECT_EQ(Names(Translate("SELECT explode(collection => tags) FROM orders")), "col string");
  ExpectCode({{"SELECT explode(nope => tags) FROM orders", "UNRECOGNIZED_PARAMETER_NAME"},
              {"SELECT upper(text => status) FROM orders", "NAMED_PARAMETERS_NOT_SUPPORTED"}});
}

TEST(Stars, LeaveOutColumnsAndFields) {
  EXPECT_EQ(Names(Translate("SELECT * EXCEPT (x.w) FROM (SELECT named_struct('v', 1, 'w', 2L) AS x)")), "x struct<v:int>");
  ExpectCode({{"SELECT * EXCEPT (item.nope) FROM orders", "FIELD_NOT_FOUND"},
              {"SELECT * EXCEPT (qty.x) FROM orders", "INVALID_EXTRACT_BASE_FIELD_TYPE"},
              {"SELECT * EXCEPT (nope) FROM orders", "UNRESOLVED_COLUMN.WITH_SUGGESTION"}});
}

TEST(Pivots, MakeColumnsOfValuesAndBack) {
  ExpectNames({
      {"SELECT * FROM (SELECT id, status, qty FROM orders) PIVOT (sum(qty) FOR status IN ('NEW', 'OLD' AS o))", "id bigint, NEW bigint, o bigint"},
      {"SELECT * FROM (SELECT status, qty FROM orders) PIVOT (sum(qty) AS s, max(qty) FOR status IN ('a'))", "a_s bigint, a_max(qty) int"},
      {"SELECT * FROM (SELECT d, qty FROM orders) PIVOT (sum(qty) FOR d IN (DATE'2024-01-15', NULL))", "2024-01-15 bigint, null bigint"},
      {"SELECT * FROM (SELECT 1 id, 2 a, 3L b) UNPIVOT (v FOR k IN (a, b AS bee)) AS u", "id int, k string, v bigint"},
      {"SELECT * FROM (SELECT 1 a, 'x' b, 2 c, 'y' d) UNPIVOT INCLUDE NULLS ((n, s) FOR k IN ((a, b), (c, d)))", "k string, n int, s string"},
  });
  ExpectCode({
      {"SELECT * FROM (SELECT 1 a, 'x' b) UNPIVOT (v FOR k IN (a, b))", "UNPIVOT_VALUE_DATA_TYPE_MISMATCH"},
      {"SELECT * FROM orders PIVOT (qty FOR status IN ('a'))", "UNSUPPORTED_FEATURE.PIVOT_AGGREGATE"},
      {"SELECT * FROM orders PIVOT (sum(qty) FOR (status, id) IN ('a'))", "PIVOT_VALUE_DATA_TYPE_MISMATCH"},
  });
}

TEST(Pipes, AreOperatorsOnWhatStandsBefore) {
  ExpectNames({
      {"FROM orders o |> WHERE o.qty > 1 |> SELECT o.id, qty |> EXTEND qty * 2 AS d |> SET qty = 'x' |> DROP d |> LIMIT 3", "id bigint, qty string"},
      {"FROM orders |> AGGREGATE count(*) AS n, sum(qty) GROUP BY status AS s", "s string, n bigint, sum(qty) bigint"},
      {"FROM orders |> AGGREGATE max(qty) AS m GROUP BY 4, 1", "status string, id bigint, m int"},
      {"FROM orders |> SELECT id |> UNION ALL SELECT 1 |> ORDER BY id", "id bigint"},
      {"VALUES (1, 2) AS t(a, b) |> AS x |> JOIN (SELECT 1 a, 3 c) y USING (a) |> SELECT x.a, y.a AS z, c", "a int, z int, c int"},
      {"FROM orders |> SELECT status, qty |> PIVOT (sum(qty) FOR status IN ('a'))", "a bigint"},
  });
  ExpectCode({
      {"FROM orders |> SELECT sum(qty)", "PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION"},
      {"FROM orders |> AGGREGATE qty", "PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION"},
      {"FROM orders |> DROP nope", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
      {"FROM orders |> SET nope = 1", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
      {"FROM orders |> FROM kafka", "PARSE_SYNTAX_ERROR"},
  });
}

TEST(Tails, SortAndCutTheRows) {
  EXPECT_THAT(Translate("SELECT id, qty FROM orders ORDER BY ALL DESC").query->duckdb_sql,
              HasSubstr("ORDER BY c0 DESC NULLS LAST, c1 DESC NULLS LAST"));
  EXPECT_THAT(Translate("SELECT id FROM orders ORDER BY id, 1 DESC NULLS FIRST LIMIT 1 + 1 OFFSET 2").query->duckdb_sql,
              HasSubstr("ORDER BY c0 ASC NULLS FIRST, c0 DESC NULLS FIRST LIMIT CAST("));
  EXPECT_THAT(Translate("SELECT id FROM orders LIMIT ALL").query->duckdb_sql, Not(HasSubstr("LIMIT")));
  EXPECT_THAT(Translate("SELECT id FROM orders DISTRIBUTE BY id SORT BY qty").query->duckdb_sql, HasSubstr("ORDER BY t0.c2 ASC"));
  EXPECT_THAT(Translate("SELECT * FROM orders TABLESAMPLE (3 ROWS) o").query->duckdb_sql, HasSubstr("LIMIT 3)"));
  ExpectCode({
      {"SELECT id FROM orders LIMIT -1", "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"},
      {"SELECT DISTINCT status FROM orders ORDER BY qty", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
      {"SELECT id FROM orders LIMIT '1'", "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE"},
      {"SELECT id FROM orders LIMIT id", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"},
      {"SELECT id FROM orders TABLESAMPLE (101 PERCENT)", "INVALID_SQL_SYNTAX.INVALID_TABLE_SAMPLE"},
  });
}

TEST(Streams, MeetStaticRelationsOnly) {
  Scope scope = KafkaScope();
  scope.streaming = true;
  scope.relations[1].is_static = true;
  Relation other = scope.relations[0];
  other.name = "other";
  scope.relations.push_back(other);
  auto codes = [&](const char* sql) {
    Diagnostics diagnostics;
    Compile(sql, TextPlace(), scope, &diagnostics);
    return diagnostics.empty() ? std::string() : diagnostics[0].code;
  };
  for (const char* sql : {
           "SELECT * FROM kafka k JOIN orders o ON k.offset = o.id",
           "SELECT * FROM orders o JOIN kafka k ON k.offset = o.id",
           "SELECT * FROM kafka k LEFT JOIN orders o ON k.offset = o.id",
           "SELECT * FROM orders o RIGHT JOIN kafka k ON k.offset = o.id",
           "SELECT * FROM kafka k LEFT SEMI JOIN orders o ON k.offset = o.id",
           "SELECT * FROM kafka k LEFT ANTI JOIN (SELECT max(id) AS m FROM orders) o ON k.offset = o.m",
           "SELECT offset FROM kafka WHERE offset IN (SELECT id FROM orders ORDER BY id LIMIT 3)",
           "SELECT offset FROM kafka UNION ALL SELECT offset FROM other",
           "SELECT topic, explode(split(topic, ',')) FROM kafka",
       }) {
    EXPECT_EQ(codes(sql), "") << sql;
  }
  const Cases refused = {
      {"SELECT 1 FROM kafka k JOIN other o ON k.offset = o.offset", "UNSUPPORTED_FEATURE.STREAMING_JOIN"},
      {"SELECT 1 FROM kafka k RIGHT JOIN orders o ON k.offset = o.id", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT 1 FROM orders o LEFT JOIN kafka k ON k.offset = o.id", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT 1 FROM kafka k FULL JOIN orders o ON k.offset = o.id", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT 1 FROM orders o LEFT ANTI JOIN kafka k ON k.offset = o.id", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT 1 FROM orders WHERE id IN (SELECT offset FROM kafka)", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT offset FROM kafka UNION SELECT offset FROM other", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
      {"SELECT offset FROM kafka UNION ALL SELECT id FROM orders", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT 1 FROM kafka k FULL JOIN other o ON k.offset = o.offset", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT offset FROM kafka INTERSECT SELECT id FROM orders", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT id FROM orders EXCEPT SELECT offset FROM kafka", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT offset FROM kafka EXCEPT SELECT id FROM orders", "UNSUPPORTED_FEATURE.STREAMING_SET_OPERATION"},
      {"SELECT topic FROM kafka LIMIT 3 OFFSET 2", "UNSUPPORTED_FEATURE.STREAMING_LIMIT"},
      {"SELECT topic FROM kafka OFFSET 2", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT * FROM kafka TABLESAMPLE (50 PERCENT)", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT count(*) FROM kafka k JOIN orders o ON k.offset = o.id", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
      {"WITH a AS (SELECT offset FROM kafka) SELECT * FROM a LIMIT 3", "UNSUPPORTED_FEATURE.STREAMING_LIMIT"},
      {"SELECT * FROM (SELECT topic, offset FROM kafka) PIVOT (max(offset) FOR topic IN ('a'))", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
  };
  for (const auto& [sql, code] : refused) EXPECT_EQ(codes(sql), code) << sql;
}

TEST(Relations, DeepNestingIsRefusedNotSurvivedByLuck) {
  for (std::string open : {"SELECT * FROM (", "SELECT (", "SELECT 1 IN (", "WITH a AS (", "SELECT 1 WHERE EXISTS ("}) {
    std::string deep;
    for (int i = 0; i < 20000; ++i) deep += open;
    EXPECT_FALSE(Translate(deep).query.has_value()) << open;
  }
  for (std::string link : {" UNION ALL SELECT 1", " |> EXTEND 1", " INTERSECT SELECT 1"}) {
    std::string chain = "SELECT 1";
    for (int i = 0; i < 5000; ++i) chain += link;
    EXPECT_THAT(Translate(chain).Codes(), ElementsAre("FAILED_TO_PARSE_TOO_COMPLEX")) << link;
  }
  std::string joins = "SELECT 1 FROM kafka";
  for (int i = 0; i < 5000; ++i) joins += " JOIN kafka";
  EXPECT_THAT(Translate(joins).Codes(), ElementsAre("FAILED_TO_PARSE_TOO_COMPLEX"));
}

TEST(Relations, EveryCutOfAStatementIsAnAnswerOrADiagnostic) {
  for (std::string sql : {
           "FROM orders AS o |> WHERE qty > 1 |> AGGREGATE count(*) AS n GROUP BY status |> PIVOT (sum(n) FOR status IN ('a' AS b)) |> LIMIT 1",
           "SELECT * FROM (a NATURAL FULL OUTER JOIN b USING (c)) x, LATERAL (VALUES (1), (2)) AS t(a) LATERAL VIEW OUTER explode(tags) v AS e "
           "WHERE (a, b) NOT IN (SELECT 1, 2 UNION ALL TABLE c) AND EXISTS (SELECT 1) SORT BY 1 LIMIT 2 OFFSET 3",
           "SELECT * EXCEPT (a.b) FROM t TABLESAMPLE (BUCKET 1 OUT OF 2) REPEATABLE (3) UNPIVOT EXCLUDE NULLS ((a, b) FOR c IN ((d, e) AS f)) g",
       }) {
    for (size_t cut = 0; cut <= sql.size(); ++cut) {
      for (const std::string& part : {sql.substr(0, cut), sql.substr(cut)}) {
        Outcome outcome = Translate(part);
        EXPECT_EQ(outcome.query.has_value(), !HasErrors(outcome.diagnostics)) << part;
      }
    }
  }
}

}  // namespace
}  // namespace flare::sql
