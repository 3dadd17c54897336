#include "sql/script.h"

#include <gmock/gmock.h>

namespace flare::sql {
namespace {

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts;
  for (auto [begin, end] : SplitScript(text)) parts.push_back(text.substr(begin, end - begin));
  return parts;
}

std::optional<Statement> Read(std::string_view text, Diagnostics* diagnostics) {
  return ReadStatement(text, TextPlace(SourcePosition{"f.sql", 1, 1}), diagnostics);
}

TEST(Script, IsSplitAtSemicolonsOutsideOfTextAndComments) {
  EXPECT_THAT(Split("SELECT 1;\n-- a;b\nSELECT ';' /* ; */;;  ; SELECT `a;b`"),
              ::testing::ElementsAre("SELECT 1", "\n-- a;b\nSELECT ';' /* ; */", " SELECT `a;b`"));
  EXPECT_TRUE(Split(" -- nothing\n ; ").empty());
}

TEST(Script, GoesOnBehindAPartThatCannotBeRead) {
  EXPECT_THAT(Split("SELECT 'open; SELECT 2"), ::testing::ElementsAre("SELECT 'open", " SELECT 2"));
  EXPECT_THAT(Split("SELECT 1.5x; SELECT 2"), ::testing::ElementsAre("SELECT 1.5x", " SELECT 2"));
}

TEST(Script, EndsWithTheSemicolonOfItsLastStatement) {
  for (auto whole : {"SELECT 1;", "SELECT 1; -- why\n", "SELECT 1; SELECT 2 ;\n", ";", "SELECT 1.5x;\n", "SELECT \x01;"})
    EXPECT_TRUE(EndsStatement(whole)) << whole;
  for (auto open : {"", "SELECT 1", "SELECT 1; SELECT", "SELECT ';", "SELECT `;", "SELECT /* ;", "SELECT 1 -- ;\n", "SELECT 1.5x"})
    EXPECT_FALSE(EndsStatement(open)) << open;
}

TEST(Statements, AreToldApart) {
  Diagnostics none;
  EXPECT_EQ(Read("  WITH a AS (SELECT 1) SELECT * FROM a", &none)->query, 2u);
  auto view = Read("create or replace temp view v (a, `b c`) as select 1, 2", &none);
  EXPECT_EQ(view->kind, Statement::Kind::kCreateView);
  EXPECT_EQ(view->name, "v");
  EXPECT_TRUE(view->may_replace);
  EXPECT_THAT(view->columns, ::testing::ElementsAre("a", "b c"));
  EXPECT_EQ(view->query, 44u);
  auto set = Read("SET spark.sql.ansi.enabled = true;", &none);
  EXPECT_EQ(set->kind, Statement::Kind::kSet);
  EXPECT_EQ(set->name, "spark.sql.ansi.enabled");
  EXPECT_EQ(set->value, "true");
  EXPECT_EQ(Read("set x", &none)->value, std::nullopt);
  EXPECT_EQ(Read("SET TIME ZONE 'Asia/Kolkata'", &none)->value, "Asia/Kolkata");
  EXPECT_EQ(Read("DROP VIEW IF EXISTS v", &none)->kind, Statement::Kind::kDropView);
  EXPECT_TRUE(none.empty());
}

TEST(Statements, SayWhatIsMissing) {
  Diagnostics found;
  EXPECT_FALSE(Read("CREATE TABLE t (a INT)", &found));
  EXPECT_FALSE(Read("CREATE TEMP VIEW v SELECT 1", &found));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].code, "UNSUPPORTED_FEATURE");
  EXPECT_EQ(found[1].message, "AS is missing before the view's query");
  EXPECT_EQ(found[1].where.column, 20);
}

}  // namespace
}  // namespace flare::sql
