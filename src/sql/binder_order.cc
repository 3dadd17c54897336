#include <fmt/format.h>

#include "sql/binder_frame.h"
#include "sql/names.h"

namespace flare::sql {

/// DuckDB text of one sort key; "" when it sorts nothing or was refused.
std::string Binder::BindSortKey(const SortItem& item, Frame* frame, Output* output, bool distinct) {
  size_t position = 0;
  if (ToOrdinal(*item.expr, &position)) {
    if (position > 0 && position <= output->columns.size()) return DuckDbColumnName(position - 1);
    Report("ORDER_BY_POS_OUT_OF_RANGE",
           fmt::format("ORDER BY position {} is not in the select list of {} columns", position, output->columns.size()),
           item.expr->begin);
    return {};
  }
  Bound bound = BindExpr(*item.expr);
  if (bound.bad || bound.is_literal) return {};  // a constant sorts nothing
  if (!IsOrderable(bound.type)) {
    Report("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
           fmt::format("{} of type {} cannot be sorted", bound.pretty, UpperAscii(bound.type.ToSimpleString())),
           item.expr->begin);
    return {};
  }
  if (frame->grouped && bound.loose_column != kNoOffset) {
    Report("MISSING_AGGREGATION",
           fmt::format("ORDER BY names {}, which is neither in GROUP BY nor inside an aggregate function", bound.loose_name),
           bound.loose_column);
  }
  for (size_t i = 0; i < output->columns.size(); ++i) {
    if (output->columns[i].sql == bound.sql) return DuckDbColumnName(i);
  }
  if (distinct) {
    std::string expected;
    for (const std::string& name : output->names) expected += (expected.empty() ? "" : ", ") + QuoteNameIfNeeded(name);
    Report("UNRESOLVED_COLUMN.WITH_SUGGESTION",
           fmt::format("{} cannot be found: ORDER BY of a SELECT DISTINCT can only name its columns", bound.pretty),
           item.expr->begin, "", expected);
  }
  return bound.sql;
}

std::string Binder::BindOrderBy(const Query& query, Frame* frame, Output* output, bool distinct) {
  if (query.local_sort && frame->from.streaming) return {};
  std::string sql;
  auto add = [&](const SortItem& item, const std::string& key) {
    if (key.empty()) return;
    sql += fmt::format("{}{}{} NULLS {}", sql.empty() ? " ORDER BY " : ", ", key, item.descending ? " DESC" : " ASC",
                       item.nulls_first ? "FIRST" : "LAST");
  };
  bool all = query.order_by_all;
  for (const std::string& name : output->names) all = all && !NameEquals(name, "all");
  if (all) {
    for (size_t i = 0; i < output->columns.size(); ++i) add(query.order_by[0], DuckDbColumnName(i));
    return sql;
  }
  frame->aliases_first = true;
  frame->no_windows = true;
  for (const SortItem& item : query.order_by) add(item, BindSortKey(item, frame, output, distinct));
  frame->aliases_first = false;
  frame->no_windows = false;
  return sql;
}

/// A number of rows: a constant INT that is not negative. "" when it was refused.
std::string Binder::BindCount(const Expr& expr, std::string_view clause) {
  Frame nothing;  // no column is in sight
  FrameScope scope(this, &nothing);
  nothing.outer = nullptr;
  nothing.no_aggregates = true;
  Bound count = BindExpr(expr);
  if (count.bad) return {};
  std::string_view problem;
  if (!count.type.is(TypeId::kInt)) problem = "DATA_TYPE";
  if (count.is_literal && !count.literal.empty() && count.literal[0] == '-') problem = "IS_NEGATIVE";
  if (count.type.is(TypeId::kVoid)) problem = "IS_NULL";
  if (problem.empty()) return count.is_literal ? count.literal : fmt::format("CAST({} AS BIGINT)", count.sql);
  Report(fmt::format("INVALID_LIMIT_LIKE_EXPRESSION.{}", problem),
         fmt::format("{} needs a whole number (INT) that is not negative", clause), expr.begin);
  return {};
}

std::string Binder::BindLimit(const Query& query) {
  std::string sql;
  if (query.limit) sql += " LIMIT " + BindCount(*query.limit, "LIMIT");
  if (query.offset) sql += " OFFSET " + BindCount(*query.offset, "OFFSET");
  return sql;
}

}  // namespace flare::sql
