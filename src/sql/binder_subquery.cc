#include <fmt/format.h>

#include "sql/binder_frame.h"
#include "sql/names.h"
#include "sql/streaming_rules.h"

namespace flare::sql {

/// (SELECT ...), EXISTS (SELECT ...), value IN (SELECT ...): the query may name columns of the one around it.
Bound Binder::BindSubquery(const Expr& expr) {
  std::vector<Bound> values;
  if (expr.text == "in") {
    const Expr& value = *expr.args[0];
    bool row = value.kind == ExprKind::kCall && EqualIgnoreCase(value.text, "struct");
    if (row) {
      for (const ExprPtr& arg : value.args) values.push_back(BindExpr(*arg));
    } else {
      values.push_back(BindExpr(value));
    }
  }
  Frame* around = frames_.empty() ? nullptr : frames_.back();
  Bound before;
  if (around != nullptr) std::swap(before, around->taken);
  std::optional<QueryText> query;
  {
    Restored<Frame*> correlated(&outer_, around);
    Restored<std::string> no_pivot(&pivot_filter_, "");
    query = BindQuery(*expr.query);
  }
  Bound out;
  if (around != nullptr) {
    Inherit(around->taken, &out);
    out.pretty = around->taken.pretty;
    around->taken = std::move(before);
  }
  if (!query) return Bad(expr);
  if (query->streaming) {
    Refuse(SubqueryOverStream(), expr.begin);
    return Bad(expr);
  }
  out.type = Type(TypeId::kBoolean);
  out.begin = expr.begin;
  if (expr.text == "exists") {
    out.nullable = false;
    out.sql = fmt::format("(EXISTS ({}))", query->sql);
    out.pretty = fmt::format("exists({})", out.pretty);
    return out;
  }
  if (expr.text == "in") return BindInSubquery(expr, std::move(values), std::move(*query), std::move(out));
  if (query->columns.size() != 1) {
    Report("INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
           fmt::format("a subquery that stands for a value must have one column, found {}", query->columns.size()), expr.begin);
    return Bad(expr);
  }
  out.type = query->columns[0].type;
  out.sql = fmt::format("({})", query->sql);
  bool correlated = !out.pretty.empty();
  out.pretty = fmt::format("scalarsubquery({})", out.pretty);
  if (correlated && around != nullptr && !around->in_aggregate && out.loose_column == kNoOffset) {
    // even one over grouped columns must be a key itself, or stand inside an aggregate function
    out.loose_column = expr.begin;
    out.loose_name = "of the correlated subquery";
  }
  return out;
}

/// Values are compared in the common type of both sides. Several at a time are NULL-aware column by column.
Bound Binder::BindInSubquery(const Expr& expr, std::vector<Bound> values, QueryText query, Bound out) {
  std::string left;
  for (size_t i = 0; i < values.size(); ++i) {
    const Bound& value = values[i];
    Inherit(value, &out);
    out.nullable = value.nullable || out.nullable;
    left += (i > 0 ? ", " : "") + (values.size() == 1 ? value.pretty : fmt::format("'{0}', {0}", value.pretty));
  }
  if (out.bad) return Bad(expr);
  if (values.size() != query.columns.size()) {
    Report("DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
           fmt::format("IN compares {} values with a subquery of {} columns", values.size(), query.columns.size()), expr.begin);
    return Bad(expr);
  }
  std::string listquery = fmt::format("listquery({})", out.pretty);
  out.pretty = fmt::format("({} IN ({}))", values.size() == 1 ? left : fmt::format("named_struct({})", left), listquery);
  BoundRelation relation = AsRelation(std::move(query));
  std::string compared;
  std::string column;
  for (size_t i = 0; i < values.size(); ++i) {
    const ScopeColumn& right = relation.columns[i];
    auto type = ComparisonType(values[i].type, right.type, ansi());
    if (!type || type->is(TypeId::kMap)) {
      Report("DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
             fmt::format("IN cannot compare {} with {}", UpperAscii(values[i].type.ToSimpleString()), UpperAscii(right.type.ToSimpleString())),
             expr.begin);
      return Bad(expr);
    }
    if (type->is(TypeId::kVoid)) type = Type(TypeId::kInt);
    Bound other;
    other.type = right.type;
    other.sql = right.sql;
    column = Cast(std::move(other), *type).sql;
    values[i] = Cast(std::move(values[i]), *type);
    compared += fmt::format("{}({} = {})", i > 0 ? " AND " : "", values[i].sql, column);
  }
  if (values.size() == 1) {
    out.sql = fmt::format("({} IN (SELECT {} FROM {}))", values[0].sql, column, relation.sql);
  } else {
    // a row with a NULL in it is unknown only while its other values are equal
    out.sql = fmt::format("(SELECT CASE WHEN coalesce(bool_or({0}), false) THEN true WHEN coalesce(bool_or(({0}) IS NULL), false) "
                          "THEN NULL ELSE false END FROM {1})", compared, relation.sql);
  }
  // where the answer is not a filter by itself, Spark has no NULL: what is unknown is neither IN nor NOT IN
  bool filter = filters_.contains(&expr);
  if (!filter) out.sql = fmt::format("coalesce({}, {})", out.sql, expr.negated ? "true" : "false");
  if (!expr.negated) return out;
  out.sql = fmt::format("(NOT {})", out.sql);
  out.pretty = fmt::format("(NOT {})", out.pretty);
  return out;
}

/// Remembers the IN subqueries that are a condition, or a part of it that AND joins to the rest.
void Binder::NoteFilters(const Expr& condition) {
  if (condition.kind == ExprKind::kSubquery) filters_.insert(&condition);
  if (condition.kind != ExprKind::kBinary || condition.text != "AND") return;
  for (const ExprPtr& arg : condition.args) NoteFilters(*arg);
}

}  // namespace flare::sql
