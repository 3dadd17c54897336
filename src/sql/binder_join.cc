#include <fmt/format.h>

#include <algorithm>

#include "sql/binder_frame.h"
#include "sql/names.h"
#include "sql/streaming_rules.h"

namespace flare::sql {
namespace {

bool KeepsLeft(JoinKind kind) { return kind == JoinKind::kLeft || kind == JoinKind::kFull; }
bool KeepsRight(JoinKind kind) { return kind == JoinKind::kRight || kind == JoinKind::kFull; }
bool OnlyLeft(JoinKind kind) { return kind == JoinKind::kLeftSemi || kind == JoinKind::kLeftAnti; }

std::string_view DuckDbJoin(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner:
    case JoinKind::kCross: return "JOIN";
    case JoinKind::kLeft: return "LEFT JOIN";
    case JoinKind::kRight: return "RIGHT JOIN";
    case JoinKind::kFull: return "FULL JOIN";
    case JoinKind::kLeftSemi: return "SEMI JOIN";
    case JoinKind::kLeftAnti: return "ANTI JOIN";
  }
  return "JOIN";
}

bool HasSubquery(const Expr& expr) {
  return expr.kind == ExprKind::kSubquery ||
         std::any_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return HasSubquery(*arg); });
}

void SplitAnd(const Expr& expr, std::vector<const Expr*>* parts) {
  if (expr.kind != ExprKind::kBinary || expr.text != "AND") return parts->push_back(&expr);
  for (const ExprPtr& arg : expr.args) SplitAnd(*arg, parts);
}

/// Whether one of the columns is among those of the numbers.
bool Names(const BoundRelation& relation, const std::vector<int>& ids) {
  return std::any_of(relation.columns.begin(), relation.columns.end(), [&](const ScopeColumn& column) {
    return std::find(ids.begin(), ids.end(), column.id) != ids.end();
  });
}

BoundRelation BothSides(const BoundRelation& left, const BoundRelation& right) {
  BoundRelation both;
  both.columns = left.columns;
  both.columns.insert(both.columns.end(), right.columns.begin(), right.columns.end());
  both.streaming = left.streaming || right.streaming;
  return both;
}

std::vector<ScopeColumn> MaybeNull(std::vector<ScopeColumn> columns, bool null) {
  for (ScopeColumn& column : columns) column.nullable = column.nullable || null;
  return columns;
}

}  // namespace

/// The condition of a join that is not inner, with subqueries, which DuckDB has for inner joins only: each part that
/// names one side becomes a column of that side.
std::optional<std::string> Binder::BindOuterCondition(const Expr& on, BoundRelation* left, BoundRelation* right) {
  std::vector<const Expr*> parts;
  SplitAnd(on, &parts);
  std::string text;
  auto add = [&](const std::string& condition) { text += (text.empty() ? "(" : " AND ") + condition; };
  for (const Expr* part : parts) {
    if (!HasSubquery(*part)) continue;
    std::vector<int> touched;
    std::string condition;
    {
      Restored<std::vector<int>*> collect(&touched_, &touched);
      condition = BindJoinCondition(*part, BothSides(*left, *right));
    }
    bool of_right = Names(*right, touched);
    if (of_right && Names(*left, touched)) {
      Report("UNSUPPORTED_FEATURE.OUTER_JOIN_SUBQUERY",
             "a subquery in ON of a join that is not an inner one can name columns of one side only", part->begin,
             "put the subquery's answer into a column of one side first");
      return std::nullopt;
    }
    BoundRelation* side = of_right ? right : left;
    Generated computed;
    computed.lists.push_back(fmt::format("[{}]", condition));
    computed.columns.push_back({"", Type(TypeId::kBoolean), true, 0, -1});
    *side = Wrap(*side, computed, "");
    add(side->columns.back().sql);
    side->columns.pop_back();
  }
  BoundRelation both = BothSides(*left, *right);
  for (const Expr* part : parts) {
    if (!HasSubquery(*part)) add(BindJoinCondition(*part, both));
  }
  return text + ")";
}

/// Which joins are right batch by batch: one stream, whose rows decide which rows there are.
bool Binder::CheckStreamingJoin(const FromItem& item, const BoundRelation& left, const BoundRelation& right) {
  if (!left.streaming && !right.streaming) return true;
  bool both = left.streaming && right.streaming;
  bool keeps_static = left.streaming ? KeepsRight(item.join) : KeepsLeft(item.join) || OnlyLeft(item.join);
  if (!both && !keeps_static) return true;
  Refuse(JoinWithStream(item.join, left.streaming, right.streaming), item.begin);
  return false;
}

std::string Binder::BindJoinCondition(const Expr& on, const BoundRelation& both) {
  Frame frame;
  frame.from = both;
  FrameScope scope(this, &frame);
  frame.no_aggregates = true;
  return BindCondition(on, "JOIN ... ON").sql;
}

/// USING and NATURAL: the pairs of columns become one column each, the right or left halves are hidden.
bool Binder::JoinByColumns(const FromItem& item, const BoundRelation& left, const BoundRelation& right,
                           BoundRelation* joined, std::string* on) {
  auto find = [&](const BoundRelation& side, const std::string& name) -> const ScopeColumn* {
    for (const ScopeColumn& column : side.columns) {
      if (!column.hidden && NameEquals(column.name, name)) return &column;
    }
    return nullptr;
  };
  std::vector<std::string> names = item.using_columns;
  for (size_t i = 0; item.natural && i < left.columns.size(); ++i) {
    const ScopeColumn& column = left.columns[i];
    if (!column.hidden && find(right, column.name) != nullptr) names.push_back(column.name);
  }
  std::vector<ScopeColumn> keys;
  std::vector<ScopeColumn> hidden;
  std::vector<int> used;
  for (const std::string& name : names) {
    const ScopeColumn* l = find(left, name);
    const ScopeColumn* r = find(right, name);
    if (l == nullptr || r == nullptr) {
      std::string expected;
      for (const ScopeColumn& column : (l == nullptr ? left : right).columns) expected += (expected.empty() ? "" : ", ") + column.name;
      Report("UNRESOLVED_USING_COLUMN_FOR_JOIN",
             fmt::format("the {} side of the join has no column {}", l == nullptr ? "left" : "right", QuoteNameParts({name})),
             item.begin, "", expected);
      return false;
    }
    used.push_back(l->id);
    used.push_back(r->id);
    Expr place;
    place.begin = item.begin;
    std::vector<Bound> pair;
    for (const ScopeColumn* column : {l, r}) {
      Bound& bound = pair.emplace_back();
      bound.type = column->type;
      bound.sql = column->sql;
      bound.pretty = column->name;
      bound.begin = item.begin;
    }
    Bound equal = Compare(pair[0], pair[1], "=", place);
    if (equal.bad) return false;
    *on += (on->empty() ? "" : " AND ") + equal.sql;
    if (item.join == JoinKind::kFull) {
      auto type = Unify(&pair, place, "JOIN ... USING", true);
      if (!type) return false;
      keys.push_back({l->name, *type, true, fmt::format("coalesce({}, {})", pair[0].sql, pair[1].sql), {}, next_id_++});
      hidden.push_back(*l);
      hidden.push_back(*r);
      continue;
    }
    keys.push_back(item.join == JoinKind::kRight ? *r : *l);
    if (!OnlyLeft(item.join)) hidden.push_back(item.join == JoinKind::kRight ? *l : *r);
  }
  bool left_null = KeepsRight(item.join);
  bool right_null = KeepsLeft(item.join);
  joined->columns = std::move(keys);
  auto rest = [&](const BoundRelation& side, bool null) {
    for (ScopeColumn& column : MaybeNull(side.columns, null)) {
      bool key = std::find(used.begin(), used.end(), column.id) != used.end();
      if (!key) joined->columns.push_back(std::move(column));
    }
  };
  rest(left, left_null);
  if (!OnlyLeft(item.join)) rest(right, right_null);
  for (ScopeColumn& column : MaybeNull(std::move(hidden), left_null || right_null)) {
    column.hidden = true;
    joined->columns.push_back(std::move(column));
  }
  return true;
}

std::optional<BoundRelation> Binder::BindJoin(const FromItem& item, BoundRelation left) {
  const FromItem& right_item = *item.right;
  if (right_item.lateral && right_item.kind == FromItem::Kind::kFunction && IsTableGenerator(*right_item.call)) {
    return BindLateralJoin(item, std::move(left));
  }
  std::optional<BoundRelation> right;
  {
    Restored<const BoundRelation*> lateral(&lateral_, &left);
    right = BindFrom(right_item);
  }
  if (!right || !CheckStreamingJoin(item, left, *right)) return std::nullopt;
  BoundRelation joined;
  joined.streaming = left.streaming || right->streaming;
  joined.is_join = true;
  std::string on;
  if (item.natural || !item.using_columns.empty()) {
    if (!JoinByColumns(item, left, *right, &joined, &on)) return std::nullopt;
  } else {
    bool inner = item.join == JoinKind::kInner || item.join == JoinKind::kCross;
    if (item.on && !inner && HasSubquery(*item.on)) {
      auto condition = BindOuterCondition(*item.on, &left, &*right);
      if (!condition) return std::nullopt;
      on = std::move(*condition);
    } else if (item.on) {
      on = BindJoinCondition(*item.on, BothSides(left, *right));
    }
    joined.columns = MaybeNull(left.columns, KeepsRight(item.join));
    if (!OnlyLeft(item.join)) {
      for (ScopeColumn& column : MaybeNull(right->columns, KeepsLeft(item.join))) joined.columns.push_back(std::move(column));
    }
  }
  bool cross = on.empty() && (item.join == JoinKind::kInner || item.join == JoinKind::kCross);
  std::string left_sql = left.sql.empty() ? "(SELECT 1)" : left.sql;
  std::string right_sql = right->is_join ? fmt::format("({})", right->sql) : right->sql;
  joined.sql = fmt::format("{} {} {}{}", left_sql, cross ? "CROSS JOIN" : DuckDbJoin(item.join), right_sql,
                           cross ? "" : fmt::format(" ON {}", on.empty() ? "true" : on));
  return joined;
}

/// relation JOIN LATERAL explode(...): rows are unnested where they stand. A left join keeps no row without elements,
/// as in Spark, which takes a generator's rows for the join's.
std::optional<BoundRelation> Binder::BindLateralJoin(const FromItem& item, BoundRelation left) {
  bool keeps_left = item.join == JoinKind::kLeft;
  bool inner = item.join == JoinKind::kInner || item.join == JoinKind::kCross;
  if (item.natural || !item.using_columns.empty() || !(inner || keeps_left) || (keeps_left && item.on)) {
    Report("UNSUPPORTED_FEATURE.LATERAL_JOIN_USING",
           "a lateral generator joins by an inner join, with ON or without, or by a left join without ON", item.begin,
           "use explode_outer() and its kin to keep rows without elements");
    return std::nullopt;
  }
  auto joined = BindLateralFunction(*item.right, std::move(left), false);
  if (!joined || !item.on) return joined;
  return Wrap(*joined, Generated(), " WHERE " + BindJoinCondition(*item.on, *joined));
}

/// A generator over the rows of `left`: LATERAL VIEW, LATERAL explode(...), or a table-valued function alone.
std::optional<BoundRelation> Binder::BindLateralFunction(const FromItem& item, BoundRelation left, bool outer) {
  if (!IsTableGenerator(*item.call)) {
    Report("UNSUPPORTED_GENERATOR.NOT_GENERATOR", fmt::format("{}() is no generator such as explode()", item.call->text), item.begin);
    return std::nullopt;
  }
  std::optional<Generated> generated;
  {
    Frame frame;
    frame.from = left;
    FrameScope scope(this, &frame);
    frame.no_aggregates = true;
    generated = BindGenerator(*item.call, outer);
  }
  if (!generated) return std::nullopt;
  std::vector<Generated::Column>& columns = generated->columns;
  if (!item.column_aliases.empty() && item.column_aliases.size() != columns.size()) {
    Report("UDTF_ALIAS_NUMBER_MISMATCH", fmt::format("{}() yields {} columns, but {} aliases are given", item.call->text,
           columns.size(), item.column_aliases.size()), item.begin);
    return std::nullopt;
  }
  for (size_t i = 0; i < item.column_aliases.size(); ++i) columns[i].name = item.column_aliases[i];
  BoundRelation wrapped = Wrap(left, *generated, "");
  for (size_t i = wrapped.columns.size() - columns.size(); i < wrapped.columns.size(); ++i) {
    wrapped.columns[i].hidden = false;
    if (!item.alias.empty()) wrapped.columns[i].qualifier = {item.alias};
  }
  return wrapped;
}

}  // namespace flare::sql
