#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

/// Words that are no alias without AS, whatever follows them.
constexpr std::string_view kNeverAnAlias[] = {
    "from",  "where", "union", "except", "intersect", "minus", "lateral", "on",  "using",   "join",
    "inner", "left",  "right", "full",   "cross",     "natural", "semi",  "anti", "and",    "or",
    "not",   "in",    "is",    "like",   "ilike",     "rlike", "regexp",  "between", "div", "as"};

/// Words that begin a clause, or end an expression, and are names like any other where that cannot be.
constexpr std::string_view kSeldomAnAlias[] = {
    "group",  "having", "order",   "limit",       "offset",  "sort", "cluster", "distribute", "window",
    "pivot",  "unpivot", "tablesample", "qualify", "when",   "then", "else",    "end",        "asc",
    "desc",   "nulls",  "escape",  "for",         "into",    "set"};

/// Words that may come right after an alias.
constexpr std::string_view kAfterAlias[] = {
    "from",  "where", "group", "having", "order", "sort",  "cluster", "distribute", "limit",  "offset",
    "union", "except", "intersect", "minus", "window", "lateral", "join", "inner", "left", "right",
    "full",  "cross", "natural", "semi", "anti"};

template <size_t N>
bool IsOneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [word](std::string_view other) { return EqualIgnoreCase(word, other); });
}

struct Clause {
  std::string_view word;
  std::string_view condition;
  std::string_view what;
};

constexpr Clause kClauses[] = {
    {"union", "SET_OPERATION", "UNION"},
    {"except", "SET_OPERATION", "EXCEPT"},
    {"minus", "SET_OPERATION", "MINUS"},
    {"intersect", "SET_OPERATION", "INTERSECT"},
    {"join", "JOIN", "JOIN"},
    {"inner", "JOIN", "JOIN"},
    {"left", "JOIN", "LEFT JOIN"},
    {"right", "JOIN", "RIGHT JOIN"},
    {"full", "JOIN", "FULL JOIN"},
    {"cross", "JOIN", "CROSS JOIN"},
    {"natural", "JOIN", "NATURAL JOIN"},
    {"semi", "JOIN", "SEMI JOIN"},
    {"anti", "JOIN", "ANTI JOIN"},
    {"lateral", "LATERAL_VIEW", "LATERAL"},
    {"pivot", "PIVOT", "PIVOT"},
    {"unpivot", "UNPIVOT", "UNPIVOT"},
    {"tablesample", "TABLESAMPLE", "TABLESAMPLE"},
    {"window", "WINDOW_FUNCTION", "a WINDOW clause"},
    {"qualify", "QUALIFY", "QUALIFY"},
};

constexpr std::string_view kOtherStatements[] = {"insert", "create", "drop", "update", "delete", "merge", "alter", "show",
                                                 "describe", "explain", "cache", "uncache", "refresh", "set", "use",
                                                 "truncate", "values", "table", "from"};

}  // namespace

bool Parser::IsAlias() const {
  const Token& token = Peek();
  if (token.kind == TokenKind::kQuotedName) return true;
  if (token.kind != TokenKind::kWord || IsOneOf(token.text, kNeverAnAlias)) return false;
  return !IsOneOf(token.text, kSeldomAnAlias) || EndsAlias(1);
}

bool Parser::EndsAlias(size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind == TokenKind::kEnd) return true;
  if (token.kind == TokenKind::kWord) return IsOneOf(token.text, kAfterAlias);
  return IsSymbol(",", ahead) || IsSymbol(")", ahead) || IsSymbol(";", ahead);
}

/// Says which clause stands at this place, when it is one that is not read yet.
bool Parser::RefuseClause() {
  if (IsSymbol("|>")) return Unsupported("PIPE_OPERATOR", "the pipe operator |>", Peek().begin), true;
  for (const Clause& clause : kClauses) {
    if (IsWord(clause.word)) return Unsupported(clause.condition, clause.what, Peek().begin), true;
  }
  return false;
}

QueryPtr Parser::ParseQuery() {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  auto query = std::make_unique<Query>();
  query->begin = Peek().begin;
  if (IsWord("with") && !ParseWith(query.get())) return nullptr;
  if (IsSymbol("(")) {
    // (SELECT ...) is the query itself
    Take();
    QueryPtr inner = ParseQuery();
    if (!inner || !ExpectSymbol(")")) return nullptr;
    if (query->with.empty() && inner->order_by.empty() && !inner->limit) {
      if (RefuseClause() || !ParseTail(inner.get())) return nullptr;
      return inner;
    }
    Unsupported("PARENTHESIZED_QUERY", "a query in parentheses with clauses on both sides", query->begin);
    return nullptr;
  }
  if (!IsWord("select")) {
    for (std::string_view word : kOtherStatements) {
      if (IsWord(word) && (word == "values" || !IsSymbol("(", 1))) {
        Unsupported("STATEMENT", fmt::format("{} (only SELECT is)", UpperAscii(word)), Peek().begin);
        return nullptr;
      }
    }
    FailHere("SELECT");
    return nullptr;
  }
  if (!ParseSelect(&query->select)) return nullptr;
  if (RefuseClause() || !ParseTail(query.get())) return nullptr;
  query->end = LastEnd();
  return query;
}

bool Parser::ParseWith(Query* query) {
  Take();
  if (IsWord("recursive")) return Unsupported("RECURSIVE_CTE", "WITH RECURSIVE", Peek().begin), false;
  do {
    CommonTable table;
    table.begin = Peek().begin;
    if (!ExpectName(&table.name, "a name for the common table expression")) return false;
    if (AcceptSymbol("(")) {
      do {
        if (!ExpectName(&table.column_aliases.emplace_back(), "a column name")) return false;
      } while (AcceptSymbol(","));
      if (!ExpectSymbol(")")) return false;
    }
    AcceptWord("as");
    if (!ExpectSymbol("(")) return false;
    table.query = ParseQuery();
    if (!table.query || !ExpectSymbol(")")) return false;
    query->with.push_back(std::move(table));
  } while (AcceptSymbol(","));
  return true;
}

void Parser::NoteHint(const Token& hint) {
  notes_.push_back({"HINT_IGNORED", fmt::format("the hint /*+{}*/ has no effect here", hint.text), hint.begin, ""});
}

bool Parser::ParseSelect(Select* select) {
  Take();
  while (Peek().kind == TokenKind::kHint) NoteHint(Take());
  if (AcceptWord("distinct")) {
    select->distinct = true;
  } else if (IsWord("all") && !IsSymbol(",", 1)) {
    Take();
  }
  if (!ParseSelectItems(select)) return false;
  if (AcceptWord("from") && !ParseFrom(select)) return false;
  if (AcceptWord("where")) {
    select->where = ParseExpression();
    if (!select->where) return false;
  }
  if (IsWord("group")) {
    Take();
    if (!ExpectWord("by") || !ParseGroupBy(select)) return false;
  }
  if (AcceptWord("having")) {
    select->having = ParseExpression();
    if (!select->having) return false;
  }
  return true;
}

bool Parser::ParseSelectItems(Select* select) {
  do {
    SelectItem item;
    if (!ParseSelectItem(&item)) return false;
    select->items.push_back(std::move(item));
  } while (AcceptSymbol(","));
  return true;
}

bool Parser::ParseSelectItem(SelectItem* item) {
  item->expr = ParseExpression();
  if (!item->expr) return false;
  bool as = AcceptWord("as");
  if (IsSymbol("(") && as) {
    Take();
    do {
      if (!ExpectName(&item->aliases.emplace_back(), "a column name")) return false;
    } while (AcceptSymbol(","));
    return ExpectSymbol(")");
  }
  if (as || IsAlias()) return ExpectName(&item->aliases.emplace_back(), "a column name");
  return true;
}

bool Parser::ParseFrom(Select* select) {
  do {
    if (IsWord("lateral")) return RefuseClause(), false;
    FromItem item;
    if (!ParseFromItem(&item)) return false;
    select->from.push_back(std::move(item));
    if (select->from.size() > 1) {
      return Unsupported("JOIN", "reading more than one relation in FROM", select->from.back().begin), false;
    }
  } while (AcceptSymbol(","));
  return !RefuseClause();
}

bool Parser::ParseFromItem(FromItem* item) {
  item->begin = Peek().begin;
  if (AcceptSymbol("(")) {
    item->kind = FromItem::Kind::kSubquery;
    if (!IsWord("select") && !IsWord("with") && !IsSymbol("(")) {
      if (IsWord("values")) return Unsupported("VALUES", "VALUES", Peek().begin), false;
      if (IsName()) return Unsupported("JOIN", "a relation in parentheses", Peek().begin), false;
      return FailHere("SELECT"), false;
    }
    item->query = ParseQuery();
    if (!item->query || !ExpectSymbol(")")) return false;
  } else {
    if (IsWord("values")) return Unsupported("VALUES", "VALUES", Peek().begin), false;
    do {
      if (!ExpectName(&item->name.emplace_back(), "a relation's name")) return false;
    } while (AcceptSymbol("."));
    if (IsSymbol("(")) {
      return Unsupported("TABLE_VALUED_FUNCTION", fmt::format("the table-valued function {}()", item->name.back()),
                         item->begin),
             false;
    }
  }
  item->end = LastEnd();
  return ParseTableAlias(item);
}

bool Parser::ParseTableAlias(FromItem* item) {
  bool as = AcceptWord("as");
  if (!as && !IsAlias()) return true;
  if (!ExpectName(&item->alias, "an alias")) return false;
  if (!AcceptSymbol("(")) return true;
  do {
    if (!ExpectName(&item->column_aliases.emplace_back(), "a column name")) return false;
  } while (AcceptSymbol(","));
  return ExpectSymbol(")");
}

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

bool Parser::ParseOrder(std::vector<SortItem>* items) {
  do {
    SortItem item;
    item.expr = ParseExpression();
    if (!item.expr) return false;
    if (AcceptWord("desc")) {
      item.descending = true;
    } else {
      AcceptWord("asc");
    }
    item.nulls_first = !item.descending;
    if (AcceptWord("nulls")) {
      if (!IsWord("first") && !IsWord("last")) return FailHere("FIRST or LAST"), false;
      item.nulls_first = EqualIgnoreCase(Take().text, "first");
    }
    items->push_back(std::move(item));
  } while (AcceptSymbol(","));
  return true;
}

bool Parser::SkipExpressionList() {
  std::vector<SortItem> dropped;
  return ParseOrder(&dropped);
}

bool Parser::ParseTail(Query* query) {
  while (true) {
    if (IsWord("order") && IsWord("by", 1)) {
      Take();
      Take();
      if (!ParseOrder(&query->order_by)) return false;
    } else if ((IsWord("sort") || IsWord("cluster") || IsWord("distribute")) && IsWord("by", 1)) {
      // where a row is worked on, and in which order within, is the engine's affair here
      query->has_sort = true;
      notes_.push_back({"CLAUSE_IGNORED", fmt::format("{} BY has no effect here", UpperAscii(Peek().text)), Peek().begin, ""});
      Take();
      Take();
      if (!SkipExpressionList()) return false;
    } else if (AcceptWord("limit")) {
      if (AcceptWord("all")) continue;
      query->limit = ParseExpression();
      if (!query->limit) return false;
    } else if (IsWord("offset") && Peek(1).kind == TokenKind::kNumber) {
      Take();
      query->offset = ParseExpression();
      if (!query->offset) return false;
    } else {
      return true;
    }
  }
}

}  // namespace flare::sql
