#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

constexpr std::string_view kOtherStatements[] = {"insert", "create", "drop", "update", "delete", "merge", "alter", "show",
                                                 "describe", "explain", "cache", "uncache", "refresh", "set", "use",
                                                 "truncate"};

}  // namespace

/// Whether a query begins `ahead` of here.
bool Parser::IsQuery(size_t ahead) const {
  if (IsWord("select", ahead)) return !IsSymbol(".", ahead + 1) && !IsSymbol(")", ahead + 1);
  if (IsWord("with", ahead)) return IsName(ahead + 1);
  if (IsWord("values", ahead)) return !IsSymbol(")", ahead + 1) && !IsSymbol(".", ahead + 1) && !IsSymbol(",", ahead + 1);
  if (IsWord("from", ahead)) return IsName(ahead + 1) || IsSymbol("(", ahead + 1);
  return IsWord("table", ahead) && IsName(ahead + 1);
}

/// Whether what stands here goes on a query whose first part is read: UNION, ORDER BY, |> and their kin.
bool Parser::IsQueryTail() const {
  for (std::string_view word : {"union", "except", "minus", "setminus", "intersect", "limit", "offset"}) {
    if (IsWord(word)) return true;
  }
  bool by = (IsWord("order") || IsWord("sort") || IsWord("cluster") || IsWord("distribute")) && IsWord("by", 1);
  return by || IsSymbol("|>");
}

/// A query around others: its place and its depth.
QueryPtr Parser::NewQuery(Query::Kind kind, QueryPtr left, QueryPtr right) {
  auto query = std::make_unique<Query>();
  query->kind = kind;
  query->begin = left ? left->begin : Peek().begin;
  query->depth = 1 + std::max(left ? left->depth : 0, right ? right->depth : 0);
  if (query->depth > kMaxDepth) {
    Fail("FAILED_TO_PARSE_TOO_COMPLEX", fmt::format("the query is nested deeper than {} levels", kMaxDepth), query->begin);
    return nullptr;
  }
  query->left = std::move(left);
  query->right = std::move(right);
  return query;
}

QueryPtr Parser::ParseQuery() {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  std::vector<CommonTable> with;
  size_t begin = Peek().begin;
  if (IsWord("with") && !ParseWith(&with)) return nullptr;
  QueryPtr query = ParseQueryPrimary();
  if (query) query = ParseQueryRest(std::move(query));
  if (!query) return nullptr;
  if (!with.empty()) {
    if (!query->with.empty()) query = NewQuery(Query::Kind::kNested, std::move(query));
    if (!query) return nullptr;
    query->with = std::move(with);
  }
  query->begin = begin;
  query->end = LastEnd();
  return query;
}

/// Set operations, pipes and the final clauses behind a query's first part.
QueryPtr Parser::ParseQueryRest(QueryPtr query) {
  query = ParseSetOperations(std::move(query), false);
  while (query) {
    if (IsSymbol("|>")) {
      query = ParsePipe(std::move(query));
      continue;
    }
    if (!IsQueryTail()) break;
    bool open = query->order_by.empty() && !query->limit && !query->offset && !query->has_sort &&
                query->kind != Query::Kind::kPipe;
    if (!open) query = NewQuery(Query::Kind::kNested, std::move(query));
    if (!query || !ParseTail(query.get())) return nullptr;
    if (!IsSymbol("|>")) break;
  }
  return query;
}

/// Left to right; INTERSECT binds tighter than UNION, EXCEPT and MINUS.
QueryPtr Parser::ParseSetOperations(QueryPtr left, bool intersect_only) {
  while (left) {
    bool intersect = IsWord("intersect");
    bool except = IsWord("except") || IsWord("minus") || IsWord("setminus");
    if (!intersect && (intersect_only || !(except || IsWord("union")))) return left;
    Take();
    bool all = AcceptWord("all");
    if (!all) AcceptWord("distinct");
    QueryPtr right = ParseQueryPrimary();
    if (right && !intersect) right = ParseSetOperations(std::move(right), true);
    if (!right) return nullptr;
    left = NewQuery(Query::Kind::kSet, std::move(left), std::move(right));
    if (!left) return nullptr;
    left->operation = intersect ? SetOperation::kIntersect : except ? SetOperation::kExcept : SetOperation::kUnion;
    left->all = all;
    left->end = LastEnd();
  }
  return nullptr;
}

/// SELECT, FROM ... SELECT, TABLE t, VALUES, or a query in brackets.
QueryPtr Parser::ParseQueryPrimary() {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  if (AcceptSymbol("(")) {
    QueryPtr inner = ParseQuery();
    if (!inner || !ExpectSymbol(")")) return nullptr;
    return NewQuery(Query::Kind::kNested, std::move(inner));
  }
  QueryPtr query = NewQuery(Query::Kind::kSelect);
  if (IsWord("select")) {
    if (!ParseSelect(&query->select)) return nullptr;
  } else if (IsWord("from") && IsQuery(0)) {
    Take();
    query->from = ParseFromList();
    if (!query->from) return nullptr;
    if (IsWord("select")) {
      query->select.from = std::move(query->from);
      if (!ParseSelect(&query->select)) return nullptr;
    } else {
      query->kind = Query::Kind::kRelation;
    }
  } else if (IsQuery(0)) {
    query->kind = Query::Kind::kRelation;
    AcceptWord("table");
    query->from = ParseFromPrimary();
    if (!query->from) return nullptr;
  } else {
    for (std::string_view word : kOtherStatements) {
      if (!IsWord(word) || IsSymbol("(", 1)) continue;
      Unsupported("STATEMENT", fmt::format("{} (only SELECT is)", UpperAscii(word)), Peek().begin);
      return nullptr;
    }
    FailHere("SELECT");
    return nullptr;
  }
  query->end = LastEnd();
  return query;
}

bool Parser::ParseWith(std::vector<CommonTable>* with) {
  Take();
  if (IsWord("recursive") && IsName(1) && !IsWord("as", 1)) {
    return Unsupported("RECURSIVE_CTE", "WITH RECURSIVE", Peek().begin), false;
  }
  do {
    CommonTable table;
    table.begin = Peek().begin;
    if (!ExpectName(&table.name, "a name for the common table expression")) return false;
    for (const CommonTable& other : *with) {
      if (!EqualIgnoreCase(other.name, table.name)) continue;
      Fail("DUPLICATED_CTE_NAMES", fmt::format("two common table expressions are named {}", QuoteNameParts({table.name})),
           table.begin);
      return false;
    }
    if (IsSymbol("(") && !ParseNameList(&table.column_aliases)) return false;
    AcceptWord("as");
    if (!ExpectSymbol("(")) return false;
    table.query = ParseQuery();
    if (!table.query || !ExpectSymbol(")")) return false;
    with->push_back(std::move(table));
  } while (AcceptSymbol(","));
  return true;
}

/// (a, b, c)
bool Parser::ParseNameList(std::vector<std::string>* names) {
  if (!ExpectSymbol("(")) return false;
  do {
    if (!ExpectName(&names->emplace_back(), "a column name")) return false;
  } while (AcceptSymbol(","));
  return ExpectSymbol(")");
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
  if (!ParseSelectItems(&select->items)) return false;
  if (IsWord("using") && Peek(1).kind == TokenKind::kString) {
    return Unsupported("TRANSFORM", "SELECT TRANSFORM (...) USING a program", Peek().begin), false;
  }
  if (!select->from && AcceptWord("from")) {
    select->from = ParseFromList();
    if (!select->from) return false;
  }
  while (IsWord("lateral") && IsWord("view", 1)) {
    select->from = ParseLateralView(std::move(select->from));
    if (!select->from) return false;
  }
  if (AcceptWord("where")) {
    select->where = ParseExpression();
    if (!select->where) return false;
  }
  if (IsWord("group") && IsWord("by", 1)) {
    Take();
    Take();
    if (!ParseGroupBy(select)) return false;
  }
  if (AcceptWord("having")) {
    select->having = ParseExpression();
    if (!select->having) return false;
  }
  if (IsWord("window") && IsName(1) && IsWord("as", 2)) return ParseWindowClause(&select->windows);
  return true;
}

bool Parser::ParseSelectItems(std::vector<SelectItem>* items) {
  do {
    if (!ParseSelectItem(&items->emplace_back())) return false;
  } while (AcceptSymbol(","));
  return true;
}

bool Parser::ParseSelectItem(SelectItem* item) {
  item->expr = ParseExpression();
  if (!item->expr) return false;
  bool as = AcceptWord("as");
  if (as && IsSymbol("(")) return ParseNameList(&item->aliases);
  if (as || IsAlias()) return ExpectName(&item->aliases.emplace_back(), "a column name");
  return true;
}

bool Parser::ParseOrder(std::vector<SortItem>* items) {
  do {
    SortItem item;
    item.expr = ParseExpression();
    if (!item.expr) return false;
    if (!ParseDirection(&item)) return false;
    items->push_back(std::move(item));
  } while (AcceptSymbol(","));
  return true;
}

/// [ASC | DESC] [NULLS FIRST | NULLS LAST]
bool Parser::ParseDirection(SortItem* item) {
  if (AcceptWord("desc")) {
    item->descending = true;
  } else {
    AcceptWord("asc");
  }
  item->nulls_first = !item->descending;
  if (!AcceptWord("nulls")) return true;
  if (!IsWord("first") && !IsWord("last")) return FailHere("FIRST or LAST"), false;
  item->nulls_first = EqualIgnoreCase(Take().text, "first");
  return true;
}

/// ORDER BY and its kin: which of them it is decides what becomes of the expressions.
bool Parser::ParseSort(Query* query) {
  std::string word = LowerAscii(Take().text);
  Take();
  if (word != "order") {
    query->has_sort = true;
    notes_.push_back({"CLAUSE_IGNORED", fmt::format("{} BY spreads no rows here: there is one process", UpperAscii(word)),
                      Peek().begin, ""});
  }
  if (word == "order" && IsWord("all") && !IsSymbol(".", 1) && !IsSymbol("(", 1)) {
    SortItem all;
    all.expr = ParseExpression();
    query->order_by_all = all.expr != nullptr && all.expr->kind == ExprKind::kName;
    if (!all.expr || !ParseDirection(&all)) return false;
    query->order_by.push_back(std::move(all));
    if (!IsSymbol(",")) return true;
    query->order_by_all = false;  // a column of that name among others
    Take();
    return ParseOrder(&query->order_by);
  }
  if (word == "distribute") {
    std::vector<SortItem> dropped;
    return ParseOrder(&dropped);
  }
  if (!query->order_by.empty()) {
    return Fail("UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES",
                "ORDER BY, SORT BY and CLUSTER BY exclude each other", Peek().begin),
           false;
  }
  query->local_sort = word != "order";
  return ParseOrder(&query->order_by);
}

bool Parser::ParseTail(Query* query) {
  // Each clause once, in this order: what stands elsewhere is left to be refused.
  constexpr std::string_view kSorts[] = {"order", "cluster", "distribute", "sort"};
  size_t next = 0;
  while (true) {
    size_t sort = next;
    while (sort < std::size(kSorts) && !(IsWord(kSorts[sort]) && IsWord("by", 1))) ++sort;
    if (sort < std::size(kSorts)) {
      next = sort + 1;
      if (!ParseSort(query)) return false;
    } else if (next <= std::size(kSorts) && AcceptWord("limit")) {
      next = std::size(kSorts) + 1;
      if (IsWord("all") && !IsSymbol(".", 1)) {
        Take();
        continue;
      }
      query->limit = ParseExpression();
      if (!query->limit) return false;
    } else if (next <= std::size(kSorts) + 1 && AcceptWord("offset")) {
      next = std::size(kSorts) + 2;
      query->offset = ParseExpression();
      if (!query->offset) return false;
    } else {
      query->end = LastEnd();
      return true;
    }
  }
}

}  // namespace flare::sql
