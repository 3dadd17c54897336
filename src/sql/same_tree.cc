#include <algorithm>

#include "sql/format.h"

namespace flare::sql {
namespace {

bool Same(const FromItem& a, const FromItem& b);
bool Same(const Expr& a, const Expr& b);
bool Same(const Query& a, const Query& b);
bool Same(const Window& a, const Window& b);
bool Same(const NamedWindow& a, const NamedWindow& b);
bool Same(const Unpivot::Set& a, const Unpivot::Set& b);
bool Same(const CommonTable& a, const CommonTable& b);

template <typename T>
bool Same(const std::unique_ptr<T>& a, const std::unique_ptr<T>& b) {
  return a && b ? Same(*a, *b) : !a && !b;
}

bool Same(const SelectItem& a, const SelectItem& b) { return a.aliases == b.aliases && Same(a.expr, b.expr); }
bool Same(const SortItem& a, const SortItem& b) {
  return a.descending == b.descending && a.nulls_first == b.nulls_first && Same(a.expr, b.expr);
}

template <typename T>
bool Same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) { return Same(x, y); });
}

bool Same(const FrameBound& a, const FrameBound& b) { return a.kind == b.kind && Same(a.offset, b.offset); }

bool Same(const Window& a, const Window& b) {
  return a.name == b.name && a.unit == b.unit && Same(a.partition, b.partition) && Same(a.order, b.order) && Same(a.lower, b.lower) &&
         Same(a.upper, b.upper);
}

bool Same(const NamedWindow& a, const NamedWindow& b) { return a.name == b.name && Same(a.window, b.window); }

/// A missing list of names is one of empty names.
bool SameNames(std::vector<std::string> a, std::vector<std::string> b) {
  size_t size = std::max(a.size(), b.size());
  a.resize(size);
  b.resize(size);
  return a == b;
}

bool Same(const Expr& a, const Expr& b) {
  return a.kind == b.kind && a.text == b.text && a.parts == b.parts && a.names == b.names && SameNames(a.arg_names, b.arg_names) &&
         a.type == b.type && a.quantifier == b.quantifier && a.escape == b.escape && a.negated == b.negated &&
         a.distinct == b.distinct && a.has_operand == b.has_operand && a.has_else == b.has_else && Same(a.args, b.args) &&
         Same(a.filter, b.filter) && Same(a.within_group, b.within_group) && Same(a.over, b.over) && Same(a.query, b.query);
}

bool Same(const Unpivot::Set& a, const Unpivot::Set& b) { return a.alias == b.alias && Same(a.columns, b.columns); }

bool Same(const FromItem& a, const FromItem& b) {
  return a.kind == b.kind && a.name == b.name && a.join == b.join && a.natural == b.natural && a.lateral == b.lateral &&
         a.outer == b.outer && a.using_columns == b.using_columns && a.alias == b.alias && a.column_aliases == b.column_aliases &&
         a.sample.percent == b.sample.percent && a.sample.seed == b.sample.seed && a.unpivot.include_nulls == b.unpivot.include_nulls &&
         a.unpivot.values == b.unpivot.values && a.unpivot.name == b.unpivot.name && Same(a.unpivot.sets, b.unpivot.sets) &&
         Same(a.sample.rows, b.sample.rows) && Same(a.pivot.aggregates, b.pivot.aggregates) && Same(a.pivot.columns, b.pivot.columns) &&
         Same(a.pivot.values, b.pivot.values) && Same(a.query, b.query) && Same(a.rows, b.rows) && Same(a.call, b.call) &&
         Same(a.left, b.left) && Same(a.right, b.right) && Same(a.on, b.on);
}

bool Same(const Select& a, const Select& b) {
  return a.distinct == b.distinct && a.has_group_by == b.has_group_by && a.group_by_all == b.group_by_all && Same(a.items, b.items) &&
         Same(a.from, b.from) && Same(a.where, b.where) && Same(a.group_by, b.group_by) &&
         a.grouping_sets == b.grouping_sets && Same(a.having, b.having) &&
         Same(a.windows, b.windows);
}

bool Same(const CommonTable& a, const CommonTable& b) {
  return a.name == b.name && a.column_aliases == b.column_aliases && Same(a.query, b.query);
}

bool Same(const Query& a, const Query& b) {
  return a.kind == b.kind && a.operation == b.operation && a.all == b.all && a.pipe == b.pipe && a.alias == b.alias &&
         a.order_by_all == b.order_by_all && a.has_sort == b.has_sort && a.local_sort == b.local_sort && Same(a.with, b.with) &&
         Same(a.select, b.select) && Same(a.from, b.from) && Same(a.left, b.left) && Same(a.right, b.right) &&
         Same(a.order_by, b.order_by) && Same(a.limit, b.limit) && Same(a.offset, b.offset);
}

}  // namespace

bool SameTree(const Query& a, const Query& b) { return Same(a, b); }
bool SameTree(const Expr& a, const Expr& b) { return Same(a, b); }

}  // namespace flare::sql
