#include <fmt/format.h>

#include <algorithm>

#include "sql/binder_frame.h"
#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {

bool Binder::IsGenerator(const Expr& expr) const {
  static constexpr std::string_view kGenerators[] = {"explode", "explode_outer", "posexplode", "posexplode_outer",
                                                     "inline",  "inline_outer",  "stack",      "json_tuple"};
  if (expr.kind != ExprKind::kCall) return false;
  std::string name = LowerAscii(expr.text);
  return std::find(std::begin(kGenerators), std::end(kGenerators), name) != std::end(kGenerators);
}

bool Binder::IsTableGenerator(const Expr& expr) const {
  return IsGenerator(expr) || EqualIgnoreCase(expr.text, "variant_explode") || EqualIgnoreCase(expr.text, "variant_explode_outer");
}

bool Binder::HasAggregate(const Expr& expr) const {
  if (expr.kind == ExprKind::kSubquery) return false;
  if (expr.kind == ExprKind::kCall) {
    const auto* specs = FindFunction(LowerAscii(expr.text));
    if (specs != nullptr && !expr.over && IsAggregateFunction(*specs->front())) return true;
  }
  return std::any_of(expr.args.begin(), expr.args.end(), [this](const ExprPtr& arg) { return HasAggregate(*arg); });
}

/// The rows that a generator makes of one row; `outer` keeps a row of NULLs where there would be none.
std::optional<Generated> Binder::BindGenerator(const Expr& expr, bool outer) {
  std::string name = LowerAscii(expr.text);
  outer = outer || name.ends_with("_outer");
  std::vector<Bound> args;
  for (const ExprPtr& arg : expr.args) {
    args.push_back(BindExpr(*arg));
    if (args.back().bad) return std::nullopt;
  }
  bool variadic = name == "stack" || name == "json_tuple";
  if (variadic ? args.size() < 2 : args.size() != 1) {
    Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
           fmt::format("{}() takes {}, found {}", name, variadic ? "2 arguments or more" : "1 argument", args.size()), expr.begin);
    return std::nullopt;
  }
  std::optional<Generated> out = name == "stack"        ? GenerateStack(expr, std::move(args))
                                 : name == "json_tuple" ? GenerateTuple(expr, std::move(args))
                                 : name.starts_with("variant_explode") ? GenerateVariant(expr, std::move(args[0]))
                                                        : GenerateElements(expr, std::move(args[0]));
  if (!out || !outer) return out;
  for (std::string& list : out->lists) list = fmt::format("(CASE WHEN {0} IS NULL OR len({0}) = 0 THEN [NULL] ELSE {0} END)", list);
  for (Generated::Column& column : out->columns) column.nullable = true;
  return out;
}

/// explode, posexplode, inline: the elements of a collection.
std::optional<Generated> Binder::GenerateElements(const Expr& expr, Bound base) {
  std::string name = LowerAscii(expr.text);
  bool fields = name.starts_with("inline");
  bool map = base.type.is(TypeId::kMap);
  bool array = base.type.is(TypeId::kArray);
  if (!(fields ? array && base.type.element().is(TypeId::kStruct) : map || array)) {
    Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
           fmt::format("{}() needs {}, but {} is {}", name, fields ? "an array of structs" : "an array or a map", base.pretty,
                       UpperAscii(base.type.ToSimpleString())),
           expr.begin);
    return std::nullopt;
  }
  Generated out;
  if (name.starts_with("pos")) {
    std::string length = map ? fmt::format("cardinality({})", base.sql) : fmt::format("len({})", base.sql);
    out.lists.push_back(fmt::format("CAST(range(CAST({} AS BIGINT)) AS INTEGER[])", length));
    out.columns.push_back({"pos", Type(TypeId::kInt), false, 0, -1});
  }
  size_t list = out.lists.size();
  if (map) {
    out.lists.push_back(fmt::format("map_keys({})", base.sql));
    out.lists.push_back(fmt::format("map_values({})", base.sql));
    out.columns.push_back({"key", base.type.key(), false, list, -1});
    out.columns.push_back({"value", base.type.value(), base.type.contains_null(), list + 1, -1});
    return out;
  }
  out.lists.push_back(base.sql);
  if (!fields) {
    out.columns.push_back({"col", base.type.element(), base.type.contains_null(), list, -1});
    return out;
  }
  int index = 0;
  for (const StructField& field : base.type.element().fields()) {
    out.columns.push_back({field.name, field.type, field.nullable || base.type.contains_null(), list, index++});
  }
  return out;
}

/// stack(n, a, b, c, ...): the values, n rows of them.
std::optional<Generated> Binder::GenerateStack(const Expr& expr, std::vector<Bound> args) {
  size_t rows = 0;
  if (!ToOrdinal(*expr.args[0], &rows) || rows == 0 || rows > 100'000) {
    Report("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", "the first argument of stack() must be a whole number above 0", expr.begin);
    return std::nullopt;
  }
  size_t values = args.size() - 1;
  size_t width = (values + rows - 1) / rows;
  Generated out;
  for (size_t column = 0; column < width; ++column) {
    Type type;
    bool nullable = rows * width > values && column >= values - (rows - 1) * width;
    std::string list;
    for (size_t i = column + 1; i < args.size(); i += width) {
      nullable = nullable || args[i].nullable;
      if (args[i].type.is(TypeId::kVoid)) continue;
      if (type.is(TypeId::kVoid)) type = args[i].type;
      if (args[i].type == type) continue;
      Report("DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES",
             fmt::format("stack() needs values of one type in column {}, found {} and {}", column, UpperAscii(type.ToSimpleString()),
                         UpperAscii(args[i].type.ToSimpleString())),
             args[i].begin);
      return std::nullopt;
    }
    for (size_t row = 0; row < rows; ++row) {
      size_t i = 1 + row * width + column;
      std::string value = i < args.size() ? args[i].sql : "NULL";
      list += (row > 0 ? ", " : "") + (row == 0 ? fmt::format("CAST({} AS {})", value, type.ToDuckDb()) : value);
    }
    out.lists.push_back(fmt::format("[{}]", list));
    out.columns.push_back({fmt::format("col{}", column), type, nullable, column, -1});
  }
  return out;
}

/// json_tuple(json, key, ...): one row with the text of each key.
std::optional<Generated> Binder::GenerateTuple(const Expr& expr, std::vector<Bound> args) {
  Generated out;
  std::string names;
  for (Bound& arg : args) {
    if (!arg.type.is(TypeId::kString) && !arg.type.is(TypeId::kVoid)) {
      Report("DATATYPE_MISMATCH.NON_STRING_TYPE",
             fmt::format("json_tuple() needs texts, but {} is {}", arg.pretty, UpperAscii(arg.type.ToSimpleString())),
             expr.begin);
      return std::nullopt;
    }
    arg = Cast(std::move(arg), Type(TypeId::kString));
    if (&arg != &args[0]) names += (names.empty() ? "" : ", ") + arg.sql;
  }
  for (size_t i = 1; i < args.size(); ++i) {
    // one call for all: DuckDB computes equal texts once
    out.lists.push_back(fmt::format("[spark_json_tuple({}, [{}])[{}]]", args[0].sql, names, i));
    out.columns.push_back({fmt::format("c{}", i - 1), Type(TypeId::kString), true, i - 1, -1});
  }
  return out;
}

/// variant_explode(variant): the elements of its array or the members of its object, with their places.
std::optional<Generated> Binder::GenerateVariant(const Expr& expr, Bound base) {
  if (base.type.is(TypeId::kVoid)) base = Cast(std::move(base), Type(TypeId::kVariant));
  if (!base.type.is(TypeId::kVariant)) {
    Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
           fmt::format("variant_explode() needs a VARIANT, but {} is {}", base.pretty, UpperAscii(base.type.ToSimpleString())),
           expr.begin);
    return std::nullopt;
  }
  Generated out;
  out.lists.push_back(fmt::format("spark_variant_entries({})", base.sql));
  out.columns.push_back({"pos", Type(TypeId::kInt), false, 0, 0});
  out.columns.push_back({"key", Type(TypeId::kString), true, 0, 1});
  out.columns.push_back({"value", Type(TypeId::kVariant), false, 0, 2});
  return out;
}

/// The relation with the generator's columns behind its own, hidden; `tail` is a WHERE, a LIMIT or a sample of it.
BoundRelation Binder::Wrap(const BoundRelation& relation, const Generated& generated, const std::string& tail) {
  BoundRelation out;
  out.streaming = relation.streaming;
  out.columns = relation.columns;
  std::string source = NewSource();
  std::string select;
  for (size_t i = 0; i < out.columns.size(); ++i) {
    std::string name = DuckDbColumnName(i);
    select += fmt::format("{}{} AS {}", i > 0 ? ", " : "", out.columns[i].sql, name);
    out.columns[i].sql = fmt::format("{}.{}", source, name);
  }
  for (size_t i = 0; i < generated.lists.size(); ++i) {
    select += fmt::format("{}unnest({}) AS g{}", select.empty() ? "" : ", ", generated.lists[i], i);
  }
  for (const Generated::Column& column : generated.columns) {
    std::string element = fmt::format("{}.g{}", source, column.list);
    if (column.field >= 0) element = fmt::format("({}).f{}", element, column.field);
    out.columns.push_back({column.name, column.type, column.nullable, element, {}, next_id_++, true});
  }
  if (select.empty()) select = "1";
  std::string from = relation.sql.empty() ? "" : " FROM " + relation.sql;
  out.sql = fmt::format("(SELECT {}{}{}) AS {}", select, from, tail, source);
  return out;
}

/// Generators in a SELECT list, one after the other: each multiplies the rows that the ones before it left. One over
/// aggregates is left to InlineGenerator, because it sees the groups.
bool Binder::BindGenerators(const Select& select, std::string* where, Frame* frame) {
  if (select.has_group_by) return true;
  for (const SelectItem& item : select.items) {
    if (HasAggregate(*item.expr)) return true;
  }
  for (const SelectItem& item : select.items) {
    if (!IsGenerator(*item.expr)) continue;
    auto generated = BindGenerator(*item.expr, false);
    if (!generated) return false;
    frame->from = Wrap(frame->from, *generated, *where);
    where->clear();
    std::vector<size_t>& columns = frame->generated.emplace_back();
    size_t end = frame->from.columns.size();
    for (size_t i = end - generated->columns.size(); i < end; ++i) columns.push_back(i);
  }
  return true;
}

/// The columns of a generator in a SELECT list.
std::vector<Bound> Binder::InlineGenerator(const Expr& expr) {
  Frame* frame = frames_.back();
  std::vector<Bound> columns;
  if (frame->next_generated < frame->generated.size()) {
    for (size_t index : frame->generated[frame->next_generated++]) {
      const ScopeColumn& column = frame->from.columns[index];
      columns.push_back(ColumnOf(column, column.name, expr.begin));
    }
    return columns;
  }
  auto generated = BindGenerator(expr, false);
  if (!generated) return {};
  for (const Generated::Column& column : generated->columns) {
    Bound& out = columns.emplace_back();
    out.type = column.type;
    out.nullable = column.nullable;
    out.sql = fmt::format("unnest({})", generated->lists[column.list]);
    if (column.field >= 0) out.sql = fmt::format("({}).f{}", out.sql, column.field);
    out.name = column.name;
    out.pretty = column.name;
    out.begin = expr.begin;
    out.has_aggregate = HasAggregate(expr);
  }
  return columns;
}

}  // namespace flare::sql
