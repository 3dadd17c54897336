#include "sql/show.h"

#include <gtest/gtest.h>

namespace flare::sql {
namespace {

TEST(CompileShow, MakesTextOfEveryColumnUnderItsName) {
  Relation step{"step", "flare_view_0",
                *ParseSchemaDdl("id INT, id STRUCT<a: INT>, `t.x` TIMESTAMP, raw BINARY")};
  Diagnostics diagnostics;
  auto query = CompileShow(step, TextStyle::kShow, {}, &diagnostics);
  ASSERT_TRUE(query) << ToText(diagnostics.at(0));
  ASSERT_EQ(query->schema.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(query->schema[i].name, step.schema[i].name);
    EXPECT_EQ(query->schema[i].type, Type(TypeId::kString));
  }
  EXPECT_NE(query->duckdb_sql.find("flare_view_0"), std::string::npos) << query->duckdb_sql;
}

}  // namespace
}  // namespace flare::sql
