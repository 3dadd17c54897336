#include <fmt/format.h>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {

bool Parser::ParseGroupBy(Select* select) {
  select->has_group_by = true;
  if (IsWord("all") && !IsSymbol(",", 1) && !IsSymbol(".", 1)) {
    Take();
    select->group_by_all = true;
    return true;
  }
  for (std::string_view word : {"rollup", "cube", "grouping"}) {
    if (IsWord(word) && (IsSymbol("(", 1) || IsWord("sets", 1))) {
      return Unsupported("GROUPING_SETS", fmt::format("GROUP BY {}", UpperAscii(word)), Peek().begin), false;
    }
  }
  do {
    ExprPtr expr = ParseExpression();
    if (!expr) return false;
    select->group_by.push_back(std::move(expr));
  } while (AcceptSymbol(","));
  if (IsWord("with") && (IsWord("rollup", 1) || IsWord("cube", 1))) {
    return Unsupported("GROUPING_SETS", fmt::format("WITH {}", UpperAscii(Peek(1).text)), Peek().begin), false;
  }
  if (IsWord("grouping")) return Unsupported("GROUPING_SETS", "GROUPING SETS", Peek().begin), false;
  return true;
}

}  // namespace flare::sql
