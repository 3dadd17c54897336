#include "sql/rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flare::sql {
namespace {

using ::testing::HasSubstr;

Relation Input() {
  return {"events", "v_events", *ParseSchemaDdl("id BIGINT, `User Name` STRING, email STRING, n INT, ts TIMESTAMP, s STRUCT<a: INT, b: STRING>, tags ARRAY<STRING>")};
}

RewriteArgument One(std::string name, std::string value) { return {std::move(name), std::move(value), {}, {}, {}}; }
RewriteArgument Many(std::string name, std::vector<std::string> list) { return {std::move(name), "", std::move(list), {}, {}}; }
RewriteArgument Pairs(std::string name, std::vector<std::pair<std::string, std::string>> map) { return {std::move(name), "", {}, std::move(map), {}}; }

struct Applied {
  std::optional<CompiledQuery> query;
  std::string text;
};

Applied Apply(std::string function, std::vector<RewriteArgument> arguments) {
  Rewrite rewrite{std::move(function), std::move(arguments), {"job.yaml", 7, 3}};
  Diagnostics diagnostics;
  Applied applied;
  applied.query = ApplyRewrite(rewrite, Input(), Scope(), &diagnostics);
  if (applied.query) {
    for (const StructField& field : applied.query->schema) applied.text += (applied.text.empty() ? "" : ", ") + field.name + " " + field.type.ToSimpleString();
  }
  for (const Diagnostic& diagnostic : diagnostics) applied.text += ToText(diagnostic) + "\n";
  return applied;
}

TEST(Rewrite, ChoosesAndNamesColumns) {
  EXPECT_EQ(Apply("drop", {Many("columns", {"s", "TAGS", "ts"})}).text, "id bigint, User Name string, email string, n int");
  EXPECT_EQ(Apply("select", {Many("columns", {"n", "id"})}).text, "n int, id bigint");
  EXPECT_THAT(Apply("rename", {One("column", "id"), One("asColumn", "key")}).text, HasSubstr("key bigint"));
  EXPECT_THAT(Apply("rename_all", {Pairs("columns", {{"id", "a"}, {"n", "b"}})}).text, HasSubstr("a bigint"));
  EXPECT_THAT(Apply("cleanse_column_names", {}).text, HasSubstr("user_name string"));
  EXPECT_THAT(Apply("change_column_case", {One("case", "upper")}).text, HasSubstr("USER NAME string"));
  EXPECT_THAT(Apply("columns_replace", {One("sedExpression", "s/^e(.*)/x_\\1/g")}).text, HasSubstr("x_mail string"));
  EXPECT_THAT(Apply("swap", {One("columnA", "id"), One("columnB", "email")}).text, ::testing::StartsWith("email bigint, User Name string, id string"));
  EXPECT_THAT(Apply("unfurl", {One("expression", "s.*")}).text, ::testing::EndsWith("a int, b string"));
  EXPECT_THAT(Apply("unfurl", {One("expression", "explode(tags) as tag")}).text, ::testing::EndsWith("tag string"));
}

TEST(Rewrite, ComputesValues) {
  EXPECT_THAT(Apply("set_type", {Pairs("columns", {{"n", "long"}, {"id", "string"}})}).text, HasSubstr("n bigint"));
  EXPECT_THAT(Apply("add_column", {One("column", "v"), One("value", "7"), One("type", "int")}).text, HasSubstr("v int"));
  EXPECT_THAT(Apply("parse_as_json", {One("column", "email"), One("asColumn", "j"), One("sparkSchema", R"({"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]})")}).text,
              HasSubstr("j struct<a:bigint>"));
  EXPECT_THAT(Apply("set_variable", {One("column", "m"), One("expression", "n * 2 -- twice")}).text, HasSubstr("m int"));
  EXPECT_THAT(Apply("split_email", {One("column", "email")}).text, HasSubstr("email_account string, email_domain string"));
  EXPECT_THAT(Apply("split_url", {One("column", "email")}).text, HasSubstr("email_port int"));
  EXPECT_THAT(Apply("mask_number", {One("column", "id"), One("pattern", "##xx#")}).text, HasSubstr("id string"));
  EXPECT_THAT(Apply("any_date", {One("column", "email"), One("asColumn", "d")}).text, HasSubstr("d date"));
  EXPECT_THAT(Apply("find_and_replace", {One("column", "email"), One("sedExpression", "s/a/b/g")}).query->duckdb_sql, HasSubstr("spark_regexp_replace"));
  EXPECT_THAT(Apply("hash", {One("column", "email"), One("algo", "SHA-256")}).query->duckdb_sql, HasSubstr("256"));
}

TEST(Rewrite, MistakesSayWhereAndWhat) {
  EXPECT_EQ(Apply("drop", {Many("columns", {"emai"})}).text,
            "job.yaml:7:3: error: [UNRESOLVED_COLUMN.WITH_SUGGESTION] function drop: the column `emai` cannot be found\n"
            "    expected: id, User Name, email, n, ts, s, tags\n    hint:     did you mean email?\n");
  EXPECT_THAT(Apply("rename", {One("column", "id"), One("as_column", "x")}).text, HasSubstr("there is no argument as_column"));
  EXPECT_THAT(Apply("rename", {One("column", "id")}).text, HasSubstr("argument asColumn is missing"));
  EXPECT_THAT(Apply("renam", {}).text, HasSubstr("did you mean rename?"));
  EXPECT_THAT(Apply("drop_duplicates", {Many("columns", {"id"})}).text, HasSubstr("needs state across batches"));
  EXPECT_THAT(Apply("add_column", {One("column", "v"), One("value", "7"), One("type", "money")}).text, HasSubstr("Invalid datatype found"));
  EXPECT_THAT(Apply("set_variable", {One("column", "m"), One("expression", "nope + 1")}).text, HasSubstr("job.yaml:7:3"));
}

TEST(Rewrite, EveryNameIsDoneOrRefusedWithAReason) {
  EXPECT_GE(RewriteNames().size(), 40u);
  for (const std::string& name : RewriteNames()) {
    Applied applied = Apply(name, {});
    EXPECT_TRUE(applied.query.has_value() || !applied.text.empty()) << name;
  }
}

}  // namespace
}  // namespace flare::sql
