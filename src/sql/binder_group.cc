#include <fmt/format.h>

#include <charconv>

#include "sql/binder_frame.h"
#include "sql/names.h"

namespace flare::sql {

bool ToOrdinal(const Expr& expr, size_t* index) {
  if (expr.kind != ExprKind::kLiteral || !expr.type.is(TypeId::kInt)) return false;
  auto [end, error] = std::from_chars(expr.text.data(), expr.text.data() + expr.text.size(), *index);
  return error == std::errc() && end == expr.text.data() + expr.text.size();
}

/// The item of the SELECT list that a GROUP BY name means: an alias that no column of the input has.
const SelectItem* Binder::FindAliased(const Select& select, const Expr& expr) {
  if (expr.kind != ExprKind::kName || expr.parts.size() != 1) return nullptr;
  size_t used = 0;
  if (!FindColumns(*frames_.back(), expr.parts, &used).empty()) return nullptr;
  for (const SelectItem& item : select.items) {
    if (!item.aliases.empty() && NameEquals(item.aliases[0], expr.parts[0])) return &item;
  }
  return nullptr;
}

namespace {

std::string GroupingSetsSql(const std::vector<std::vector<size_t>>& sets, const std::vector<std::vector<std::string>>& places) {
  std::string sql;
  for (const auto& set : sets) {
    std::string keys;
    for (size_t place : set) {
      for (const std::string& key : places[place]) keys += (keys.empty() ? "" : ", ") + key;
    }
    sql += fmt::format("{}({})", sql.empty() ? "GROUPING SETS (" : ", ", keys);
  }
  return sql + ")";
}

}  // namespace

const std::vector<std::string>* Binder::grouping_keys() const {
  return frames_.empty() || !frames_.back()->grouping_keys ? nullptr : &*frames_.back()->grouping_keys;
}

/// Binds GROUP BY's expressions: a position, an alias of the SELECT list, or an expression over the input.
void Binder::BindGroupBy(const Select& select, Frame* frame, std::vector<std::string>* keys) {
  frame->no_aggregates = true;
  std::vector<std::vector<std::string>> places;  // the keys of each of GROUP BY's expressions
  auto add = [&](const Bound& key) {
    if (key.bad) return;
    places.back().push_back(key.sql);
    if (!IsOrderable(key.type)) {
      Report("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE",
             fmt::format("{} of type {} cannot be grouped by", key.pretty, UpperAscii(key.type.ToSimpleString())), key.begin);
    }
    if (frame->group.insert(key.sql).second) keys->push_back(key.sql);
  };
  for (const ExprPtr& expr : select.group_by) {
    places.emplace_back();
    size_t position = 0;
    if (ToOrdinal(*expr, &position)) {
      if (position == 0 || position > select.items.size()) {
        Report("GROUP_BY_POS_OUT_OF_RANGE",
               fmt::format("GROUP BY position {} is not in the select list of {} items", position, select.items.size()),
               expr->begin);
        continue;
      }
      for (const Bound& column : BindItem(select.items[position - 1])) add(column);
      continue;
    }
    const SelectItem* aliased = FindAliased(select, *expr);
    add(BindExpr(aliased != nullptr ? *aliased->expr : *expr));
  }
  frame->no_aggregates = false;
  if (select.grouping_sets.empty()) return;
  frame->grouping_keys = *keys;
  *keys = {GroupingSetsSql(select.grouping_sets, places)};
}

void Binder::CheckGrouping(const Frame& frame, const Output& output) {
  if (!frame.grouped) return;
  for (const Bound& column : output.columns) {
    if (column.bad || column.loose_column == kNoOffset) continue;
    Report(frame.group.empty() ? "MISSING_GROUP_BY" : "MISSING_AGGREGATION",
           fmt::format("the column {} is neither in GROUP BY nor inside an aggregate function", column.loose_name),
           column.loose_column, "add it to GROUP BY, or take any_value() of it");
  }
}

}  // namespace flare::sql
