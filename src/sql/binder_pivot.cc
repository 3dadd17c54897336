#include <fmt/format.h>

#include <algorithm>

#include "sql/binder_frame.h"
#include "sql/names.h"
#include "sql/streaming_rules.h"

namespace flare::sql {
namespace {

/// Types of which Spark first groups by the pivot column too, so that a group without rows has NULL, count() included.
bool HasNullForNoRows(const Type& type) { return type.is_numeric() || type.is(TypeId::kBoolean); }

}  // namespace

/// The condition under which a row belongs to a column of the pivot.
std::optional<std::string> Binder::BindPivotValue(const std::vector<Bound>& columns, const SelectItem& value,
                                                  std::string* name) {
  Frame nothing;  // no column is in sight
  FrameScope scope(this, &nothing);
  nothing.outer = nullptr;
  const Expr& expr = *value.expr;
  bool row = columns.size() > 1 && expr.kind == ExprKind::kCall && EqualIgnoreCase(expr.text, "struct");
  size_t width = row ? expr.args.size() : 1;
  if (width != columns.size()) {
    Report("PIVOT_VALUE_DATA_TYPE_MISMATCH",
           fmt::format("PIVOT is by {} columns, but a value of {} is given", columns.size(), width), expr.begin);
    return std::nullopt;
  }
  std::string condition;
  for (size_t i = 0; i < width; ++i) {
    Bound bound = BindExpr(row ? *expr.args[i] : expr);
    if (bound.bad) return std::nullopt;
    const Expr& written = row ? *expr.args[i] : expr;
    if (value.aliases.empty() && written.kind != ExprKind::kLiteral) {
      Report("UNSUPPORTED_FEATURE.PIVOT_VALUE_WITHOUT_NAME", "a value of PIVOT that is no literal needs an alias", expr.begin);
      return std::nullopt;
    }
    if (!CanCast(bound.type, columns[i].type, ansi())) {
      Report("PIVOT_VALUE_DATA_TYPE_MISMATCH",
             fmt::format("the value {} of PIVOT is {}, but the column is {}", bound.pretty,
                         UpperAscii(bound.type.ToSimpleString()), UpperAscii(columns[i].type.ToSimpleString())),
             expr.begin);
      return std::nullopt;
    }
    *name += (i > 0 ? ", " : "") + (bound.type.is(TypeId::kVoid) ? "null" : written.text);
    bound = Cast(std::move(bound), columns[i].type);
    condition += fmt::format("{}({} IS NOT DISTINCT FROM {})", i > 0 ? " AND " : "", columns[i].sql, bound.sql);
  }
  if (row) *name = "{" + *name + "}";
  if (value.aliases.size() == 1) *name = value.aliases[0];
  return condition;
}

/// Groups by every column that neither the aggregates nor the pivot columns name; a column for each value and aggregate.
std::optional<BoundRelation> Binder::BindPivot(const FromItem& item, BoundRelation input) {
  const Pivot& pivot = item.pivot;
  if (input.streaming) {
    Refuse(AggregationOnStream(), item.begin);
    return std::nullopt;
  }
  Frame frame;
  frame.from = std::move(input);
  FrameScope scope(this, &frame);
  std::vector<int> touched;
  Restored<std::vector<int>*> collect(&touched_, &touched);
  std::vector<Bound> columns;
  for (const ExprPtr& column : pivot.columns) {
    columns.push_back(BindExpr(*column));
    if (columns.back().bad) return std::nullopt;
  }
  Output output;
  std::vector<Bound> made;
  for (const SelectItem& value : pivot.values) {
    std::string name;
    auto condition = BindPivotValue(columns, value, &name);
    if (!condition) return std::nullopt;
    Restored<std::string> filter(&pivot_filter_, *condition);
    bool nulls = true;
    size_t first = made.size();
    for (const SelectItem& aggregate : pivot.aggregates) {
      Bound bound = BindExpr(*aggregate.expr);
      if (bound.bad) return std::nullopt;
      if (!bound.has_aggregate || bound.loose_column != kNoOffset) {
        Report("UNSUPPORTED_FEATURE.PIVOT_AGGREGATE", fmt::format("PIVOT needs aggregate functions, found {}", bound.pretty),
               aggregate.expr->begin);
        return std::nullopt;
      }
      nulls = nulls && HasNullForNoRows(bound.type);
      std::string suffix = aggregate.aliases.empty() ? bound.pretty : aggregate.aliases[0];
      bound.name = pivot.aggregates.size() == 1 ? name : fmt::format("{}_{}", name, suffix);
      bound.nullable = true;
      bound.column_id = -1;
      made.push_back(std::move(bound));
    }
    for (size_t i = first; nulls && i < made.size(); ++i) {
      made[i].sql = fmt::format("(CASE WHEN count(*) FILTER (WHERE {}) > 0 THEN {} END)", *condition, made[i].sql);
    }
  }
  std::string keys;
  for (const ScopeColumn& column : frame.from.columns) {
    bool named = std::find(touched.begin(), touched.end(), column.id) != touched.end();
    if (column.hidden || named) continue;
    keys += (keys.empty() ? " GROUP BY " : ", ") + column.sql;
    output.columns.push_back(ColumnOf(column, column.name, item.begin));
    output.names.push_back(column.name);
  }
  for (Bound& column : made) {
    output.names.push_back(column.name);
    output.columns.push_back(std::move(column));
  }
  QueryText text = Render(output, frame, "SELECT ");
  text.sql += keys;
  return AsRelation(std::move(text));
}

/// One row for each set of columns: the other columns, the set's name, its values.
std::optional<BoundRelation> Binder::BindUnpivot(const FromItem& item, BoundRelation input) {
  const Unpivot& unpivot = item.unpivot;
  Generated generated;
  std::string names;
  std::vector<int> touched;
  std::vector<std::vector<Bound>> values(unpivot.values.size());
  {
    Frame frame;
    frame.from = input;
    FrameScope scope(this, &frame);
    Restored<std::vector<int>*> collect(&touched_, &touched);
    for (const Unpivot::Set& set : unpivot.sets) {
      if (set.columns.size() != values.size()) {
        Report("UNPIVOT_VALUE_SIZE_MISMATCH", fmt::format("UNPIVOT needs sets of {} columns, found one of {}", values.size(),
               set.columns.size()), item.begin);
        return std::nullopt;
      }
      std::string name;
      for (size_t i = 0; i < values.size(); ++i) {
        values[i].push_back(BindExpr(*set.columns[i]));
        if (values[i].back().bad) return std::nullopt;
        name += (i > 0 ? "_" : "") + values[i].back().name;
      }
      names += (names.empty() ? "" : ", ") + QuoteDuckDbString(set.alias.empty() ? name : set.alias);
    }
  }
  generated.lists.push_back(fmt::format("[{}]", names));
  generated.columns.push_back({unpivot.name, Type(TypeId::kString), false, 0, -1});
  for (size_t i = 0; i < values.size(); ++i) {
    std::optional<Type> type = values[i][0].type;
    bool nullable = false;
    for (const Bound& value : values[i]) {
      type = type ? WiderType(*type, value.type, false) : type;
      nullable = nullable || value.nullable;
    }
    if (!type) {
      Report("UNPIVOT_VALUE_DATA_TYPE_MISMATCH", fmt::format("the columns that UNPIVOT puts into {} have types that do not go together",
             QuoteNameParts({unpivot.values[i]})), item.begin);
      return std::nullopt;
    }
    std::string list;
    for (Bound& value : values[i]) list += (list.empty() ? "" : ", ") + Cast(std::move(value), *type).sql;
    generated.lists.push_back(fmt::format("CAST([{}] AS {}[])", list, type->ToDuckDb()));
    generated.columns.push_back({unpivot.values[i], *type, nullable, i + 1, -1});
  }
  BoundRelation out = Wrap(input, generated, "");
  std::string filter;
  for (size_t i = 0; i < values.size(); ++i) {
    filter += fmt::format("{}{} IS NOT NULL", i > 0 ? " OR " : "", out.columns[input.columns.size() + 1 + i].sql);
  }
  for (size_t i = input.columns.size(); i < out.columns.size(); ++i) out.columns[i].hidden = false;
  std::erase_if(out.columns, [&](const ScopeColumn& column) {
    return column.hidden || std::find(touched.begin(), touched.end(), column.id) != touched.end();
  });
  if (!unpivot.include_nulls) out = Wrap(out, Generated(), " WHERE " + filter);
  FromItem alias;
  alias.alias = item.alias;
  ApplyAlias(alias, &out);
  return out;
}

}  // namespace flare::sql
