#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {

FromPtr Parser::NewFrom(FromItem::Kind kind, FromPtr left, FromPtr right) {
  auto item = std::make_unique<FromItem>();
  item->kind = kind;
  item->begin = left ? left->begin : Peek().begin;
  item->depth = 1 + std::max(left ? left->depth : 0, right ? right->depth : 0);
  if (item->depth > kMaxDepth) {
    Fail("FAILED_TO_PARSE_TOO_COMPLEX", fmt::format("FROM is nested deeper than {} levels", kMaxDepth), item->begin);
    return nullptr;
  }
  item->left = std::move(left);
  item->right = std::move(right);
  return item;
}

/// relation (, relation)* LATERAL VIEW* PIVOT? UNPIVOT?
FromPtr Parser::ParseFromList() {
  FromPtr from = ParseRelation();
  while (from && AcceptSymbol(",")) {
    FromPtr right = ParseRelation();
    if (!right) return nullptr;
    from = NewFrom(FromItem::Kind::kJoin, std::move(from), std::move(right));
  }
  while (from && IsWord("lateral") && IsWord("view", 1)) from = ParseLateralView(std::move(from));
  while (from && IsPivot()) from = ParsePivots(std::move(from));
  return from;
}

FromPtr Parser::ParseRelation() {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  bool lateral = IsWord("lateral") && !IsWord("view", 1) && AcceptWord("lateral");
  FromPtr from = ParseFromPrimary();
  if (!from) return nullptr;
  from->lateral = lateral;
  while (from) {
    if (IsPivot()) {
      from = ParsePivots(std::move(from));
    } else if (IsJoin()) {
      from = ParseJoin(std::move(from));
    } else {
      return from;
    }
  }
  return nullptr;
}

bool Parser::IsJoin() const {
  for (std::string_view word : {"join", "inner", "cross", "left", "right", "full", "natural", "semi", "anti"}) {
    if (IsWord(word)) return true;
  }
  return false;
}

FromPtr Parser::ParseJoin(FromPtr left) {
  bool natural = AcceptWord("natural");
  JoinKind kind = JoinKind::kInner;
  if (AcceptWord("inner")) {
    kind = JoinKind::kInner;
  } else if (AcceptWord("cross")) {
    kind = JoinKind::kCross;
  } else if (AcceptWord("right")) {
    kind = JoinKind::kRight;
    AcceptWord("outer");
  } else if (AcceptWord("full")) {
    kind = JoinKind::kFull;
    AcceptWord("outer");
  } else {
    bool is_left = AcceptWord("left");
    if (AcceptWord("semi")) {
      kind = JoinKind::kLeftSemi;
    } else if (AcceptWord("anti")) {
      kind = JoinKind::kLeftAnti;
    } else if (is_left) {
      kind = JoinKind::kLeft;
      AcceptWord("outer");
    }
  }
  if (!ExpectWord("join")) return nullptr;
  bool lateral = IsWord("lateral") && AcceptWord("lateral");
  FromPtr right = ParseFromPrimary();
  if (!right) return nullptr;
  right->lateral = lateral;
  FromPtr join = NewFrom(FromItem::Kind::kJoin, std::move(left), std::move(right));
  if (!join) return nullptr;
  join->join = kind;
  join->natural = natural;
  if (natural && (IsWord("on") || (IsWord("using") && IsSymbol("(", 1)))) {
    FailHere("no join condition behind NATURAL JOIN");
    return nullptr;
  }
  if (AcceptWord("on")) {
    join->on = ParseExpression();
    if (!join->on) return nullptr;
  } else if (IsWord("using") && IsSymbol("(", 1)) {
    Take();
    if (!ParseNameList(&join->using_columns)) return nullptr;
  }
  join->end = LastEnd();
  return join;
}

/// LATERAL VIEW [OUTER] generator(...) name [AS column, ...]
FromPtr Parser::ParseLateralView(FromPtr input) {
  size_t begin = Peek().begin;
  Take();
  Take();
  FromPtr view = NewFrom(FromItem::Kind::kLateralView, std::move(input));
  if (!view) return nullptr;
  view->begin = begin;
  view->outer = AcceptWord("outer");
  size_t call = Peek().begin;
  std::string name;
  if (!ExpectName(&name, "a generator function such as explode")) return nullptr;
  if (!IsSymbol("(")) return FailHere("'('"), nullptr;
  view->call = ParseCall(name, call);
  if (!view->call || !ExpectName(&view->alias, "a name for the lateral view")) return nullptr;
  bool as = AcceptWord("as");
  if (as || IsAlias()) {
    do {
      if (!ExpectName(&view->column_aliases.emplace_back(), "a column name")) return nullptr;
    } while (AcceptSymbol(","));
  }
  view->end = LastEnd();
  return view;
}

/// A relation by itself: a name, a function, VALUES, or something in brackets; with sample and alias.
FromPtr Parser::ParseFromPrimary() {
  if (IsSymbol("(")) return ParseFromBrackets();
  FromPtr item = NewFrom(FromItem::Kind::kTable);
  if (!item) return nullptr;
  if (IsWord("values") && IsQuery(0)) {
    Take();
    item->kind = FromItem::Kind::kValues;
    do {
      item->rows.push_back(ParseExpression());
      if (!item->rows.back()) return nullptr;
    } while (AcceptSymbol(","));
    if (!ParseTableAlias(item.get())) return nullptr;
    item->end = LastEnd();
    return item;
  }
  size_t begin = Peek().begin;
  do {
    if (!ExpectName(&item->name.emplace_back(), "a relation's name")) return nullptr;
  } while (AcceptSymbol("."));
  if (IsSymbol("(")) {
    item->kind = FromItem::Kind::kFunction;
    item->call = ParseCall(item->name.back(), begin);
    if (!item->call || !ParseTableAlias(item.get())) return nullptr;
    item->end = LastEnd();
    return item;
  }
  bool travel = (IsWord("version") || IsWord("timestamp") || IsWord("system_version") || IsWord("system_time")) && IsWord("as", 1);
  if (travel || (IsWord("for") && IsWord("as", 2))) {
    Unsupported("TIME_TRAVEL", "reading an earlier version of a table", Peek().begin);
    return nullptr;
  }
  item->end = LastEnd();
  return ParseSampleAndAlias(std::move(item));
}

FromPtr Parser::ParseSampleAndAlias(FromPtr item) {
  if (!IsWord("tablesample") || !IsSymbol("(", 1)) return ParseTableAlias(item.get()) ? std::move(item) : nullptr;
  FromPtr sample = ParseSample(std::move(item));
  return sample && ParseTableAlias(sample->left.get()) ? std::move(sample) : nullptr;
}

/// (query) or (relation): which of them is known behind the inner brackets only.
FromPtr Parser::ParseFromBrackets() {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  size_t begin = Peek().begin;
  Take();
  FromPtr item;
  if (IsQuery(0)) {
    item = NewFrom(FromItem::Kind::kSubquery);
    item->query = ParseQuery();
    if (!item->query) return nullptr;
  } else {
    FromPtr inner = ParseRelation();
    if (!inner) return nullptr;
    bool query = inner->kind == FromItem::Kind::kSubquery && inner->alias.empty() && !inner->lateral;
    if (query && IsQueryTail()) {
      inner->query = ParseQueryRest(NewQuery(Query::Kind::kNested, std::move(inner->query)));
      if (!inner->query) return nullptr;
    }
    item = query ? std::move(inner) : NewFrom(FromItem::Kind::kNested, std::move(inner));
  }
  if (!item || !ExpectSymbol(")")) return nullptr;
  item->begin = begin;
  item->end = LastEnd();
  return ParseSampleAndAlias(std::move(item));
}

bool Parser::ParseTableAlias(FromItem* item) {
  bool as = AcceptWord("as");
  if (!as && !IsAlias()) return true;
  if (!ExpectName(&item->alias, "an alias")) return false;
  return !IsSymbol("(") || ParseNameList(&item->column_aliases);
}

}  // namespace flare::sql
