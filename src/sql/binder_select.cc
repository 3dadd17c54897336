#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/binder_frame.h"
#include "sql/names.h"
#include "sql/streaming_rules.h"

namespace flare::sql {
namespace {

/// The name of an output column that was given none.
std::string NameOf(const Bound& column) { return column.name.empty() ? column.pretty : column.name; }

}  // namespace

Bound Binder::BindCondition(const Expr& expr, std::string_view clause) {
  NoteFilters(expr);
  Bound condition = BindExpr(expr);
  if (condition.bad || condition.type.is(TypeId::kBoolean)) return condition;
  if (condition.type.is(TypeId::kVoid)) return Cast(std::move(condition), Type(TypeId::kBoolean));
  Report("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
         fmt::format("{} needs a BOOLEAN condition, but {} is {}", clause, condition.pretty,
                     UpperAscii(condition.type.ToSimpleString())),
         expr.begin);
  return Bad(expr);
}

void Binder::BindSelectList(const Select& select, Frame* frame, Output* output) {
  frame->aliases = output;
  frame->next_generated = 0;
  for (const SelectItem& item : select.items) {
    std::vector<Bound> columns = BindItem(item);
    for (Bound& column : columns) {
      bool aliased = !item.aliases.empty();
      bool several = columns.size() > 1;
      bool plain = item.expr->kind == ExprKind::kName || item.expr->kind == ExprKind::kStar;
      if (!plain || aliased) column.column_id = -1;
      output->names.push_back(aliased && !several ? item.aliases[0] : NameOf(column));
      output->aliased.push_back(aliased);
      output->columns.push_back(std::move(column));
    }
  }
}

void Binder::Refuse(const StreamRefusal& refusal, size_t offset) {
  Report(refusal.condition, refusal.message, offset, refusal.hint);
}

/// What sees only one batch's rows here, where Spark means those of the whole stream.
void Binder::RefuseOnStream(const Select& select, const Query& query, const Frame& frame) {
  if (!frame.from.streaming) return;
  if (frame.grouped) {
    size_t place = query.begin;
    auto item = std::find_if(select.items.begin(), select.items.end(),
                             [&](const SelectItem& i) { return i.expr && HasAggregate(*i.expr); });
    if (item != select.items.end()) place = item->expr->begin;
    if (!select.group_by.empty()) place = select.group_by.front()->begin;
    Refuse(AggregationOnStream(), place);
  }
  if (select.distinct) Refuse(AggregationOnStream(), query.begin);
  if (!query.order_by.empty() && !query.local_sort) Refuse(SortOnStream(), query.order_by.front().expr->begin);
  if (query.limit) Refuse(LimitOnStream(/*offset=*/false), query.limit->begin);
  if (query.offset) Refuse(LimitOnStream(/*offset=*/true), query.offset->begin);
}

/// The SELECT list and FROM of a query; plain columns keep their number and qualifier.
Binder::QueryText Binder::Render(const Output& output, const Frame& frame, std::string_view select) {
  QueryText text;
  text.sql = select;
  text.streaming = frame.from.streaming;
  for (size_t i = 0; i < output.columns.size(); ++i) {
    const Bound& column = output.columns[i];
    text.sql += fmt::format("{}{} AS {}", i > 0 ? ", " : "", column.sql, DuckDbColumnName(i));
    ScopeColumn& out = text.columns.emplace_back();
    out.name = output.names[i];
    out.type = column.type;
    out.nullable = column.nullable;
    out.id = column.column_id >= 0 ? column.column_id : next_id_++;
    if (column.column_id >= 0) out.qualifier = column.qualifier;
  }
  if (!frame.from.sql.empty()) text.sql += " FROM " + frame.from.sql;
  return text;
}

std::optional<Binder::QueryText> Binder::BindSelect(const Select& select, const Query& tail, BoundRelation from) {
  Frame frame;
  frame.from = std::move(from);
  frame.ordinals = std::exchange(ordinals_, false);
  FrameScope scope(this, &frame);
  Output output;
  frame.windows = &select.windows;
  std::string where;
  if (select.where) {
    frame.no_aggregates = true;
    where = " WHERE " + BindCondition(*select.where, "WHERE").sql;
    frame.no_aggregates = false;
  }
  if (!BindGenerators(select, &where, &frame)) return std::nullopt;
  if (!BindTimeWindow(select, &where, &frame)) return std::nullopt;
  std::vector<std::string> keys;
  if (select.has_group_by && !select.group_by_all) BindGroupBy(select, &frame, &keys);
  BindSelectList(select, &frame, &output);
  bool aggregates = std::any_of(output.columns.begin(), output.columns.end(),
                                [](const Bound& column) { return column.has_aggregate; });
  frame.grouped = select.has_group_by || aggregates;
  if (select.group_by_all) {
    for (Bound& column : output.columns) {
      if (column.has_aggregate || column.bad || column.is_literal) continue;
      if (frame.group.insert(column.sql).second) keys.push_back(column.sql);
      column.loose_column = kNoOffset;
    }
  }
  if (frame.grouping_keys) {
    // A set that leaves a key out has NULL for it.
    for (Bound& column : output.columns) column.nullable = column.nullable || !column.has_aggregate;
  }
  std::string having;
  if (select.having) {
    frame.grouped = true;
    frame.aliases_first = true;
    frame.no_windows = true;
    having = " HAVING " + BindCondition(*select.having, "HAVING").sql;
    frame.aliases_first = false;
    frame.no_windows = false;
  }
  RefuseOnStream(select, tail, frame);
  CheckGrouping(frame, output);
  std::string order = BindOrderBy(tail, &frame, &output, select.distinct);
  std::string limit = BindLimit(tail);
  QueryText text = Render(output, frame, select.distinct ? "SELECT DISTINCT " : "SELECT ");
  text.sql += where;
  for (size_t i = 0; i < keys.size(); ++i) text.sql += (i > 0 ? ", " : " GROUP BY ") + keys[i];
  text.sql += having + order + limit;
  return text;
}

}  // namespace flare::sql
