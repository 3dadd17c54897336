#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {

/// [IGNORE NULLS | RESPECT NULLS], inside the brackets of a call or behind them.
bool Parser::ParseNullTreatment(Expr* call) {
  if (!(IsWord("ignore") || IsWord("respect")) || !IsWord("nulls", 1)) return true;
  call->quantifier = IsWord("ignore") ? "ignore nulls" : "";
  Take();
  Take();
  return true;
}

/// OVER w, OVER (...)
bool Parser::ParseOver(Expr* call) {
  Take();
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return false;
  call->over = std::make_unique<Window>();
  if (!ParseWindow(call->over.get())) return false;
  const Window& window = *call->over;
  auto deepen = [call](const ExprPtr& expr) { call->depth = std::max(call->depth, expr->depth + 1); };
  for (const ExprPtr& expr : window.partition) deepen(expr);
  for (const SortItem& item : window.order) deepen(item.expr);
  for (const FrameBound* bound : {&window.lower, &window.upper}) {
    if (bound->offset) deepen(bound->offset);
  }
  return true;
}

/// WINDOW w AS (...), v AS w
bool Parser::ParseWindowClause(std::vector<NamedWindow>* windows) {
  Take();
  do {
    NamedWindow& named = windows->emplace_back();
    size_t begin = Peek().begin;
    if (!ExpectName(&named.name, "a name for the window") || !ExpectWord("as")) return false;
    for (size_t i = 0; i + 1 < windows->size(); ++i) {
      if ((*windows)[i].name != named.name) continue;
      Fail("INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION",
           fmt::format("two windows are named {}", QuoteNameParts({named.name})), begin);
      return false;
    }
    if (!ParseWindow(&named.window)) return false;
  } while (AcceptSymbol(","));
  for (const NamedWindow& named : *windows) {
    if (named.window.name.empty() || CheckReference(named, *windows)) continue;
    return false;
  }
  return true;
}

/// A window that stands for another: that one must be written out.
bool Parser::CheckReference(const NamedWindow& named, const std::vector<NamedWindow>& windows) {
  for (const NamedWindow& other : windows) {
    if (other.name == named.window.name && other.window.name.empty()) return true;
  }
  Fail("INVALID_SQL_SYNTAX.INVALID_WINDOW_REFERENCE",
       fmt::format("the window {} stands for {}, which is not defined in this WINDOW clause", QuoteNameParts({named.name}),
                   QuoteNameParts({named.window.name})),
       named.window.begin);
  return false;
}

/// A window's name, or its definition in brackets.
bool Parser::ParseWindow(Window* window) {
  window->begin = Peek().begin;
  if (IsName()) return ExpectName(&window->name, "a window");
  if (!ExpectSymbol("(")) return false;
  if (IsName() && IsSymbol(")", 1)) {
    window->name = Take().text;
    return ExpectSymbol(")");
  }
  bool both = IsWord("cluster") && IsWord("by", 1);
  if (both || ((IsWord("partition") || IsWord("distribute")) && IsWord("by", 1))) {
    Take();
    Take();
    do {
      window->partition.push_back(ParseExpression());
      if (!window->partition.back()) return false;
    } while (AcceptSymbol(","));
  }
  if (!both && (IsWord("order") || IsWord("sort")) && IsWord("by", 1)) {
    Take();
    Take();
    if (!ParseOrder(&window->order)) return false;
  }
  if (IsWord("groups")) return Fail("PARSE_SYNTAX_ERROR", "a frame counts ROWS or a RANGE, not GROUPS", Peek().begin), false;
  if ((IsWord("rows") || IsWord("range")) && !ParseFrame(window)) return false;
  return ExpectSymbol(")");
}

/// ROWS n PRECEDING, RANGE BETWEEN a AND b
bool Parser::ParseFrame(Window* window) {
  window->unit = EqualIgnoreCase(Take().text, "rows") ? Window::Unit::kRows : Window::Unit::kRange;
  if (!AcceptWord("between")) return ParseFrameBound(&window->lower);
  return ParseFrameBound(&window->lower) && ExpectWord("and") && ParseFrameBound(&window->upper);
}

bool Parser::ParseFrameBound(FrameBound* bound) {
  bool unbounded = IsWord("unbounded") && (IsWord("preceding", 1) || IsWord("following", 1));
  if (IsWord("current") && IsWord("row", 1)) {
    Take();
    Take();
    bound->kind = FrameBound::Kind::kCurrentRow;
    return true;
  }
  if (unbounded) {
    Take();
  } else {
    bound->offset = ParseExpression();
    if (!bound->offset) return false;
  }
  if (!IsWord("preceding") && !IsWord("following")) return FailHere("PRECEDING or FOLLOWING"), false;
  bool preceding = EqualIgnoreCase(Take().text, "preceding");
  using Kind = FrameBound::Kind;
  bound->kind = preceding ? (unbounded ? Kind::kUnboundedPreceding : Kind::kPreceding)
                          : (unbounded ? Kind::kUnboundedFollowing : Kind::kFollowing);
  return true;
}

}  // namespace flare::sql
