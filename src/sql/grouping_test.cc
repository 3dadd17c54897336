// GROUPING SETS, ROLLUP and CUBE: how they multiply out, and what is refused.
#include <gmock/gmock.h>

#include "sql/compile_fixture.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

using Sets = std::vector<std::vector<size_t>>;

Sets SetsOf(const std::string& group_by) {
  std::string text = "SELECT 1 FROM t GROUP BY " + group_by;
  Parser parser(text);
  QueryPtr query = parser.ParseStatement();
  EXPECT_TRUE(query) << parser.error().message;
  return query ? query->select.grouping_sets : Sets{};
}

std::string CodeOf(const std::string& group_by) {
  std::string text = "SELECT 1 FROM t GROUP BY " + group_by;
  Parser parser(text);
  return parser.ParseStatement() ? "" : parser.error().code;
}

TEST(GroupingSets, MultiplyOut) {
  EXPECT_EQ(SetsOf("a, b"), Sets{});
  EXPECT_EQ(SetsOf("ROLLUP(a, b)"), (Sets{{0, 1}, {0}, {}}));
  EXPECT_EQ(SetsOf("a, b WITH ROLLUP"), (Sets{{0, 1}, {0}, {}}));
  EXPECT_EQ(SetsOf("CUBE(a, b)"), (Sets{{0, 1}, {0}, {1}, {}}));
  EXPECT_EQ(SetsOf("ROLLUP((a, b), c)"), (Sets{{0, 1, 2}, {0, 1}, {}}));
  EXPECT_EQ(SetsOf("GROUPING SETS ((a, b), a, ())"), (Sets{{0, 1}, {0}, {}}));
  EXPECT_EQ(SetsOf("a, b GROUPING SETS ((b), (a, b))"), (Sets{{1}, {0, 1}}));
  EXPECT_EQ(SetsOf("a, ROLLUP(b)"), (Sets{{0, 1}, {0}}));
  EXPECT_EQ(SetsOf("GROUPING SETS (ROLLUP(a), CUBE(b))"), (Sets{{0}, {}, {1}, {}}));
  EXPECT_EQ(SetsOf("(a + b) * 2, CUBE((a + b) * 2)"), (Sets{{0}, {0}}));
}

TEST(GroupingSets, AreBounded) {
  EXPECT_EQ(CodeOf("CUBE(a, b, c, d, e, f, g, h, i, j, k, l, m)"), "GROUPING_SIZE_LIMIT_EXCEEDED");
  EXPECT_EQ(CodeOf("CUBE(a, b, c, d, e, f, g), CUBE(h, i, j, k, l, m)"), "GROUPING_SIZE_LIMIT_EXCEEDED");
  EXPECT_EQ(CodeOf("ROLLUP(a"), "PARSE_SYNTAX_ERROR");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "GROUPING SETS (";
  EXPECT_NE(CodeOf(deep), "");
}

TEST(GroupingSets, TheirFunctionsNeedThem) {
  EXPECT_EQ(Translate("SELECT id, grouping(id) FROM orders GROUP BY id").Codes(),
            std::vector<std::string>{"UNSUPPORTED_GROUPING_EXPRESSION"});
  EXPECT_EQ(Translate("SELECT grouping(qty) FROM orders GROUP BY CUBE(id)").Codes(),
            std::vector<std::string>{"GROUPING_COLUMN_MISMATCH"});
  EXPECT_EQ(Translate("SELECT grouping_id(qty) FROM orders GROUP BY CUBE(id)").Codes(),
            std::vector<std::string>{"GROUPING_ID_COLUMN_MISMATCH"});
  EXPECT_EQ(Translate("SELECT qty FROM orders GROUP BY ROLLUP(id)").Codes(), std::vector<std::string>{"MISSING_AGGREGATION"});
}

}  // namespace
}  // namespace flare::sql
