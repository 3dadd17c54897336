// What `flare query` prints of each kind of value: the same text as Spark's show().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "cli/app.h"

namespace flare::cli {
namespace {

std::string Printed(const std::string& sql, const std::string& format = "table") {
  ManualClock clock{WallTime(Millis(1770113700000))};
  std::string text;
  Host host;
  host.out = host.err = [&](std::string_view more) { text += more; };
  host.clock = &clock;
  host.environment = {{"HOME", "/nonexistent"}};
  EXPECT_EQ(RunApp({"query", "--format", format, sql}, host), 0) << text;
  return text;
}

TEST(Query, PrintsValuesAsSparkShowsThem) {
  EXPECT_EQ(Printed("SELECT named_struct('id', 1, 'name', 'a') AS s, array(1, 2) AS l, "
                    "map('k', 1.50) AS m, CAST('12' AS BINARY) AS b, CAST(NULL AS BINARY) AS n, "
                    "timestamp'2026-11-23 07:56:49.241' AS t, true AS yes, 1.0D AS d"),
            "+------+------+-----------+-------+----+-----------------------+----+---+\n"
            "|     s|     l|          m|      b|   n|                      t| yes|  d|\n"
            "+------+------+-----------+-------+----+-----------------------+----+---+\n"
            "|{1, a}|[1, 2]|{k -> 1.50}|[31 32]|NULL|2026-11-23 07:56:49.241|true|1.0|\n"
            "+------+------+-----------+-------+----+-----------------------+----+---+\n"
            "1 row\n");
}

TEST(Query, NamesMayRepeat) {
  EXPECT_EQ(Printed("SELECT 1 AS `a b`, 2 AS `a b`, CAST('' AS BINARY) AS c", "csv"),
            "a b,a b,c\n1,2,[]\n");
}

/// What a script prints; `code` is what flare must exit with.
std::string Answers(const std::string& script, const std::string& format, int code, std::vector<std::string> more = {}) {
  auto file = std::filesystem::temp_directory_path() / ("flare-query-" + NewUuid() + ".sql");
  std::ofstream(file) << script;
  ManualClock clock{WallTime(Millis(1770113700000))};
  std::string text;
  Host host;
  host.out = host.err = [&](std::string_view part) { text += part; };
  host.clock = &clock;
  host.environment = {{"HOME", "/nonexistent"}};
  std::vector<std::string> words = {"query", "--file", file.string(), "--format", format};
  words.insert(words.end(), more.begin(), more.end());
  EXPECT_EQ(RunApp(words, host), code) << text;
  std::filesystem::remove(file);
  size_t at;
  while ((at = text.find(file.string())) != std::string::npos) text.replace(at, file.string().size(), "FILE");
  return text;
}

TEST(QueryFile, PrintsOneObjectAStatementAndGoesOnBehindErrors) {
  EXPECT_EQ(Answers("SELECT 1 AS a, array(1.5, NULL) AS b;\nSELECT missing;\nSELECT\n'x;y' AS c, CAST('AB' AS BINARY)", "jsonl", 1),
            R"({"line": 1, "sql": "SELECT 1 AS a, array(1.5, NULL) AS b", "names": ["a", "b"], )"
            R"("types": ["int", "array<decimal(2,1)>"], "rows": [["1", "[1.5, null]"]], "typed": [[1, ["1.5", null]]]})"
            "\n"
            R"({"line": 2, "sql": "SELECT missing", "error_class": "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "sqlstate": "42703", "phase": "analysis", )"
            R"("message": "the column `missing` cannot be found"})"
            "\n"
            R"x({"line": 3, "sql": "SELECT\n'x;y' AS c, CAST('AB' AS BINARY)", "names": ["c", "CAST(AB AS BINARY)"], )x"
            R"("types": ["string", "binary"], "rows": [["x;y", "4142"]], "typed": [["x;y", "4142"]]})"
            "\n");
}

TEST(QueryFile, KeepsViewsAndSettingsFromStatementToStatement) {
  EXPECT_EQ(Answers("CREATE TEMP VIEW v (n, t) AS SELECT 2, 'x';\n"
                    "SELECT n + 1 AS m, t FROM v;\n"
                    "SET spark.sql.session.timeZone = Asia/Kolkata;\n"
                    "SELECT CAST(timestamp_seconds(0) AS STRING) AS t;\n"
                    "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 'new' AS a;\n"
                    "SELECT * FROM v; DROP VIEW v;", "csv", 0),
            "m,t\n3,x\nkey,value\nspark.sql.session.timeZone,Asia/Kolkata\nt\n1970-01-01 05:30:00\na\nnew\n");
}

TEST(QueryFile, ReportsMistakesWithTheirPlaceInTheFile) {
  std::string text = Answers("SELECT 1 AS a;\n\n  SELECT * FROM nowhere;\nDROP VIEW v;\nCREATE TEMP VIEW w SELECT 1;\nSELECT 2 AS b", "csv", 1);
  EXPECT_THAT(text, ::testing::HasSubstr("FILE:3:17: error: [TABLE_OR_VIEW_NOT_FOUND]"));
  EXPECT_THAT(text, ::testing::HasSubstr("FILE:4:1: error: [TABLE_OR_VIEW_NOT_FOUND] there is no temporary view v"));
  EXPECT_THAT(text, ::testing::HasSubstr("FILE:5:20: error: [PARSE_SYNTAX_ERROR] AS is missing before the view's query"));
  EXPECT_THAT(text, ::testing::EndsWith("b\n2\n"));
}

TEST(QueryFile, AnErrorWhileRunningCarriesSparksCondition) {
  std::string text = Answers("SELECT 1 / 0 AS a", "jsonl", 1, {"--conf", "spark.sql.ansi.enabled=true"});
  EXPECT_THAT(text, ::testing::HasSubstr(R"("error_class": "DIVIDE_BY_ZERO", "sqlstate": "22012", "phase": "execution")"));
}

}  // namespace
}  // namespace flare::cli
