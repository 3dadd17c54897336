#include <fmt/format.h>

#include <algorithm>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

bool Binder::IsGenerator(const Expr& expr) const {
  static constexpr std::string_view kGenerators[] = {"explode",          "explode_outer", "posexplode",
                                                     "posexplode_outer", "inline",        "inline_outer"};
  if (expr.kind != ExprKind::kCall) return false;
  std::string name = LowerAscii(expr.text);
  return std::find(std::begin(kGenerators), std::end(kGenerators), name) != std::end(kGenerators);
}

/// explode(array) and its kin in a SELECT list: one row an element. DuckDB's unnest yields the same rows,
/// and several of equal length side by side.
std::vector<Bound> Binder::BindGenerator(const Expr& expr) {
  std::string name = LowerAscii(expr.text);
  bool outer = name.ends_with("_outer");
  bool position = name.starts_with("pos");
  bool fields = name.starts_with("inline");
  if (expr.args.size() != 1) {
    Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", fmt::format("{}() takes 1 argument, found {}", name, expr.args.size()), expr.begin);
    return {};
  }
  if (generators_++ > 0) {
    Report("UNSUPPORTED_GENERATOR.MULTI_GENERATOR", "a SELECT list may have one generator such as explode()", expr.begin);
    return {};
  }
  Bound base = BindExpr(*expr.args[0]);
  if (base.bad) return {};
  bool map = base.type.is(TypeId::kMap);
  bool fits = fields ? base.type.is(TypeId::kArray) && base.type.element().is(TypeId::kStruct) : map || base.type.is(TypeId::kArray);
  if (!fits) {
    Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
           fmt::format("{}() needs {}, but {} is {}", name, fields ? "an array of structs" : "an array or a map", base.pretty,
                       UpperAscii(base.type.ToSimpleString())),
           expr.begin);
    return {};
  }
  // an outer generator keeps the row of an empty or absent collection, with NULLs
  auto unnest = [&](const std::string& list) {
    return outer ? fmt::format("unnest(CASE WHEN {0} IS NULL OR len({0}) = 0 THEN [NULL] ELSE {0} END)", list)
                 : fmt::format("unnest({})", list);
  };
  std::string list = map ? fmt::format("map_keys({})", base.sql) : base.sql;
  std::vector<Bound> columns;
  auto add = [&](std::string column, Type type, bool nullable, std::string sql) {
    Bound out = base;
    out.type = std::move(type);
    out.nullable = nullable || outer;
    out.sql = std::move(sql);
    out.name = column;
    out.pretty = std::move(column);
    out.is_literal = false;
    columns.push_back(std::move(out));
  };
  if (position) {
    std::string numbers = fmt::format("CAST(range(len({})) AS INTEGER[])", list);
    add("pos", Type(TypeId::kInt), false, unnest(numbers));
  }
  if (map) {
    add("key", base.type.key(), false, unnest(list));
    add("value", base.type.value(), base.type.contains_null(), unnest(fmt::format("map_values({})", base.sql)));
  } else if (fields) {
    const std::vector<StructField>& inner = base.type.element().fields();
    for (size_t i = 0; i < inner.size(); ++i) add(inner[i].name, inner[i].type, true, fmt::format("({}).f{}", unnest(list), i));
  } else {
    add("col", base.type.element(), base.type.contains_null(), unnest(list));
  }
  return columns;
}

}  // namespace flare::sql
