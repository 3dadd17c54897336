#include "sql/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/compile_fixture.h"
#include "sql/functions.h"

namespace flare::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Compile, SelectsStarAndACast) {
  Outcome outcome = Translate("SELECT *, CAST(key AS STRING) AS k FROM kafka");
  ASSERT_TRUE(outcome.query.has_value()) << outcome.Said();
  EXPECT_EQ(outcome.query->duckdb_sql,
            "SELECT t0.c0 AS c0, t0.c1 AS c1, t0.c2 AS c2, t0.c3 AS c3, t0.c4 AS c4, t0.c5 AS c5, t0.c6 AS c6, "
            "spark_decode_utf8(t0.c0) AS c7 FROM scan_kafka() AS t0");
  EXPECT_EQ(outcome.query->schema[7].name, "k");
  EXPECT_FALSE(outcome.query->schema[2].nullable);
  EXPECT_THAT(outcome.query->reads, ElementsAre("kafka"));
}

TEST(Compile, OutputNamesAreSparks) {
  EXPECT_EQ(Names(Translate("SELECT CAST(key AS STRING), partition + 1, offset o, `topic`, upper(topic), kafka.TOPIC FROM kafka")),
            "key string, (partition + 1) int, o bigint, topic string, upper(topic) string, TOPIC string");
  EXPECT_EQ(Names(Translate("SELECT item.box.w, items.sku, attrs['os'], tags[0], item.* FROM orders")),
            "w double, sku array<string>, attrs[os] string, tags[0] string, sku string, box struct<w:double>");
  EXPECT_EQ(Names(Translate("SELECT * EXCEPT (amount, qty, items, attrs, tags, item) FROM orders o")), "id bigint, status string, ts timestamp, d date");
  EXPECT_EQ(Names(Translate("SELECT amount * 1.5 a, amount / qty b, qty / 2 c, amount + 1 d, qty % 3 e, 1L + qty f FROM orders")),
            "a decimal(13,3), b decimal(21,13), c double, d decimal(11,2), e int, f bigint");
}

TEST(Compile, CtesSubqueriesAliasesAndOrder) {
  EXPECT_EQ(Names(Translate("WITH a AS (SELECT id x FROM orders), b(y) AS (SELECT x + 1 FROM a) SELECT y FROM (SELECT * FROM b) t WHERE t.y > 0 ORDER BY y DESC LIMIT 3;")),
            "y bigint");
  EXPECT_EQ(Names(Translate("SELECT status s, count(*), sum(amount), avg(qty) a FROM orders GROUP BY s HAVING count(*) > 1 ORDER BY a, 2")),
            "s string, count(1) bigint, sum(amount) decimal(20,2), a double");
  EXPECT_EQ(Names(Translate("SELECT DISTINCT status FROM orders ORDER BY status")), "status string");
  EXPECT_EQ(Names(Translate("SELECT qty + 1 AS a, a * 2 AS b FROM orders")), "a int, b int");
}

TEST(Compile, PlacesAreLinesAndColumnsOfTheManifest) {
  Outcome outcome = Translate("SELECT topic,\n  valu,\n  offset\nFROM kafka");
  ASSERT_EQ(outcome.diagnostics.size(), 1u);
  EXPECT_EQ(outcome.diagnostics[0].code, "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(outcome.diagnostics[0].where.file, "job.yaml");
  EXPECT_EQ(outcome.diagnostics[0].where.line, 11);
  EXPECT_EQ(outcome.diagnostics[0].where.column, 3);
  EXPECT_EQ(outcome.diagnostics[0].hint, "did you mean value?");
  TextPlace folded({}, {{0, {"job.yaml", 20, 9}}, {3, {"job.yaml", 22, 13}}});
  EXPECT_EQ(folded.At("ab\ncd", 4).line, 22);
  EXPECT_EQ(folded.At("ab\ncd", 4).column, 14);
  EXPECT_EQ(TextPlace({"f", 1, 1}).At("'äöü' x", 9).column, 7) << "characters, not bytes";
}

TEST(Compile, ReportsEveryMistakeOfOnePass) {
  Outcome outcome = Translate("SELECT nope, upperr(topic), length(topic, 1), NOT topic, date_add(topic, 1L) FROM kafka WHERE offset ORDER BY 9");
  EXPECT_FALSE(outcome.query.has_value());
  EXPECT_THAT(outcome.Codes(), ::testing::UnorderedElementsAre(
      "UNRESOLVED_COLUMN.WITH_SUGGESTION", "UNRESOLVED_ROUTINE", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
      "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
      "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "ORDER_BY_POS_OUT_OF_RANGE")) << outcome.Said();
  EXPECT_THAT(outcome.Said(), HasSubstr("did you mean upper?"));
}

TEST(Compile, NamesWhatIsNotReadYet) {
  const std::pair<const char*, const char*> cases[] = {
      {"WITH RECURSIVE r(n) AS (SELECT 1) SELECT * FROM r", "UNSUPPORTED_FEATURE.RECURSIVE_CTE"},
      {"SELECT id FROM orders VERSION AS OF 3", "UNSUPPORTED_FEATURE.TIME_TRAVEL"},
      {"SELECT * FROM orders TABLESAMPLE (BUCKET 1 OUT OF 2 ON id)", "UNSUPPORTED_FEATURE.TABLESAMPLE_BUCKET_ON"},
      {"INSERT INTO t SELECT 1", "UNSUPPORTED_FEATURE.STATEMENT"},
  };
  for (const auto& [sql, code] : cases) {
    Outcome outcome = Translate(sql);
    EXPECT_FALSE(outcome.query.has_value()) << sql;
    EXPECT_THAT(outcome.Codes(), ::testing::Contains(code)) << sql << "\n" << outcome.Said();
  }
}

TEST(Compile, PinnedMessages) {
  EXPECT_EQ(Translate("SELEC 1").Said(), "job.yaml:10:5: error: [PARSE_SYNTAX_ERROR] syntax error at or near 'SELEC': expected SELECT\n");
  EXPECT_EQ(Translate("SELECT a FROM").Said(),
            "job.yaml:10:18: error: [PARSE_SYNTAX_ERROR] syntax error at or near the end of the statement: expected a relation's name\n");
  EXPECT_EQ(Translate("SELECT 1 FROM kafk").Said(),
            "job.yaml:10:19: error: [TABLE_OR_VIEW_NOT_FOUND] the table or view `kafk` cannot be found\n"
            "    found:    kafk\n    expected: kafka, orders\n    hint:     did you mean kafka?\n");
  EXPECT_EQ(Translate("SELECT qty, count(*) FROM orders").Codes(), std::vector<std::string>{"MISSING_GROUP_BY"});
  EXPECT_EQ(Translate("SELECT qty, status FROM orders GROUP BY qty").Codes(), std::vector<std::string>{"MISSING_AGGREGATION"});
  EXPECT_EQ(Translate("SELECT CAST(true AS DATE)").Codes(), std::vector<std::string>{"DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION"});
  EXPECT_EQ(Translate("SELECT a FROM (SELECT 1 AS a, 2 AS A) t").Codes(), std::vector<std::string>{"AMBIGUOUS_REFERENCE"});
  EXPECT_EQ(Translate("").Codes(), std::vector<std::string>{"PARSE_EMPTY_STATEMENT"});
}

TEST(Compile, OnAStreamNothingMaySeeOneBatchOnly) {
  Scope scope = KafkaScope();
  scope.streaming = true;
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT count(*) FROM kafka", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
      {"SELECT topic FROM kafka GROUP BY topic", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
      {"SELECT DISTINCT topic FROM kafka", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
      {"SELECT topic FROM kafka ORDER BY topic", "_LEGACY_ERROR_TEMP_3102"},
      {"SELECT * FROM (SELECT topic FROM kafka LIMIT 3)", "UNSUPPORTED_FEATURE.STREAMING_LIMIT"},
  };
  for (const auto& [sql, code] : cases) {
    Diagnostics diagnostics;
    EXPECT_FALSE(Compile(sql, TextPlace(), scope, &diagnostics).has_value()) << sql;
    ASSERT_EQ(diagnostics.size(), 1u) << sql;
    EXPECT_EQ(diagnostics[0].code, code);
  }
  Diagnostics diagnostics;
  EXPECT_TRUE(Compile("SELECT upper(topic) FROM kafka WHERE offset > 1", TextPlace(), scope, &diagnostics).has_value());
}

TEST(Compile, FromJsonIsARuntimeFunctionOfItsSchema) {
  Outcome a = Translate("SELECT from_json(CAST(value AS STRING), 'id BIGINT, u STRUCT<n: STRING>') AS j FROM kafka");
  Outcome b = Translate("SELECT from_json(CAST(key AS STRING), 'struct<id: bigint, u: struct<n: string>>').u.n FROM kafka");
  Outcome c = Translate("SELECT from_json(topic, 'id INT', map('mode', 'FAILFAST')) FROM kafka");
  ASSERT_TRUE(a.query && b.query && c.query) << a.Said() << b.Said() << c.Said();
  ASSERT_EQ(a.query->functions.size(), 1u);
  EXPECT_EQ(a.query->functions[0].kind, "from_json");
  EXPECT_EQ(a.query->functions[0].duckdb_name, b.query->functions[0].duckdb_name);
  EXPECT_NE(a.query->functions[0].duckdb_name, c.query->functions[0].duckdb_name);
  EXPECT_EQ(c.query->functions[0].options.at("mode"), "FAILFAST");
  EXPECT_EQ(Names(a), "j struct<id:bigint,u:struct<n:string>>");
  EXPECT_EQ(Names(b), "from_json(CAST(key AS STRING)).u.n string");
  EXPECT_EQ(Translate("SELECT from_json(topic, 'id INTT') FROM kafka").Codes(), std::vector<std::string>{"INVALID_SCHEMA.PARSE_ERROR"});
}

TEST(Compile, AnsiRaisesWhereOffYieldsNull) {
  EXPECT_THAT(Translate("SELECT qty / 0 FROM orders", true).query->duckdb_sql, HasSubstr("[DIVIDE_BY_ZERO]"));
  EXPECT_THAT(Translate("SELECT qty / 0 FROM orders").query->duckdb_sql, HasSubstr("nullif"));
  EXPECT_THAT(Translate("SELECT CAST(status AS INT) FROM orders", true).query->duckdb_sql, HasSubstr("spark_string_to_int_ansi"));
}

TEST(Compile, ClauseWordsAreNamesWhereNoClauseCanBe) {
  EXPECT_EQ(Names(Translate("SELECT CAST(offset AS STRING) offset FROM kafka")), "offset string");
  EXPECT_EQ(Names(Translate("SELECT 1 limit, 2 order, 3 end, 4 window, 5 desc, 6 asc, 7 escape, 8 cluster, 9 sort, 10 for, 11 group")),
            "limit int, order int, end int, window int, desc int, asc int, escape int, cluster int, sort int, for int, group int");
  EXPECT_EQ(Names(Translate("SELECT order, limit + 1 AS l, end e, t.offset FROM (SELECT 1 AS order, 2 limit, 3 end, 4 AS offset) t "
                            "WHERE order < limit AND end IS NOT NULL GROUP BY ALL ORDER BY order LIMIT 3 OFFSET 1")),
            "order int, l int, e int, offset int");
  EXPECT_EQ(Names(Translate("SELECT CASE WHEN qty > 1 THEN 2 ELSE 3 END end, status LIKE 'a' escape, id FROM orders order ORDER BY id DESC LIMIT 1 OFFSET 2")),
            "end int, escape boolean, id bigint");
  EXPECT_EQ(Names(Translate("SELECT window.id FROM orders window WHERE id > 1 OFFSET 2")), "id bigint");
  for (const char* sql : {"SELECT 1 ORDER BY", "SELECT id FROM orders WHERE ORDER BY id", "SELECT id FROM orders WHERE LIMIT 5",
                          "SELECT id, FROM orders", "SELECT id LIMIT x y FROM orders"}) {
    EXPECT_THAT(Translate(sql).Codes(), ElementsAre("PARSE_SYNTAX_ERROR")) << sql;
  }
}

TEST(Compile, DecimalsBecomeTextWithAZeroBeforeThePoint) {
  EXPECT_THAT(Translate("SELECT CAST(0.05 AS STRING)").query->duckdb_sql, HasSubstr("AS DECIMAL(3,2)) AS VARCHAR"));
  EXPECT_THAT(Translate("SELECT CAST(amount AS STRING) FROM orders").query->duckdb_sql, HasSubstr("CAST(t0.c1 AS VARCHAR)"));
  std::string small = "SELECT CAST(array(CAST(qty AS DECIMAL(10,7))) AS STRING) FROM orders";
  EXPECT_THAT(Translate(small).query->duckdb_sql, HasSubstr("spark_decimal_to_string(CAST(e0 AS VARCHAR), true)"));
  EXPECT_THAT(Translate(small, true).query->duckdb_sql, ::testing::Not(HasSubstr("spark_decimal")));
  EXPECT_THAT(Translate("SELECT CAST(CAST(0 AS DECIMAL(38,38)) AS STRING)", true).query->duckdb_sql, HasSubstr("VARCHAR), false)"));
}

TEST(Compile, HostileInputIsRefusedNotSurvivedByLuck) {
  for (std::string open : {"(", "NOT ", "- - ", "array(", "CASE WHEN ", "a[", "CAST("}) {
    std::string deep = "SELECT ";
    for (int i = 0; i < 20000; ++i) deep += open;
    EXPECT_FALSE(Translate(deep).query.has_value()) << open;
  }
  std::string chain = "SELECT 1";
  for (int i = 0; i < 20000; ++i) chain += " + 1";
  EXPECT_THAT(Translate(chain).Codes(), ElementsAre("FAILED_TO_PARSE_TOO_COMPLEX"));
  std::string conditions = "SELECT id FROM orders WHERE qty = 0";
  for (int i = 0; i < 5000; ++i) conditions += " OR qty = " + std::to_string(i);
  EXPECT_TRUE(Translate(conditions).query.has_value());
  std::string doubling = "SELECT qty % 2 AS a0";
  for (int i = 1; i < 60; ++i) doubling += ", nullif(a" + std::to_string(i - 1) + ", a" + std::to_string(i - 1) + ") AS a" + std::to_string(i);
  EXPECT_THAT(Translate(doubling + " FROM orders").Codes(), ::testing::Contains("FAILED_TO_PARSE_TOO_COMPLEX"));
}

TEST(Compile, EveryCutOfAStatementIsAnAnswerOrADiagnostic) {
  std::string sql =
      "WITH x AS (SELECT *, CAST(value AS STRING) v FROM kafka) SELECT /*+ H(x) */ a.v || 'b\\'c', CASE WHEN v LIKE '%x' THEN 1.5BD ELSE 2 END, "
      "TIMESTAMP '2024-01-01' + INTERVAL 2 DAYS, `topic` FROM x AS a WHERE v IS NOT NULL AND offset BETWEEN 1 AND 2L GROUP BY ALL ORDER BY 1 DESC NULLS LAST";
  for (size_t cut = 0; cut <= sql.size(); ++cut) {
    Outcome outcome = Translate(sql.substr(0, cut));
    EXPECT_EQ(outcome.query.has_value(), !HasErrors(outcome.diagnostics)) << sql.substr(0, cut);
    outcome = Translate(sql.substr(cut));
    EXPECT_EQ(outcome.query.has_value(), !HasErrors(outcome.diagnostics)) << sql.substr(cut);
  }
}

TEST(Functions, TheRegistryIsLargeAndDescribed) {
  EXPECT_GE(FunctionNames().size(), 250u);
  for (const std::string& name : FunctionNames()) {
    for (const FunctionSpec* spec : *FindFunction(name)) EXPECT_FALSE(spec->doc.empty()) << name;
  }
}

}  // namespace
}  // namespace flare::sql
