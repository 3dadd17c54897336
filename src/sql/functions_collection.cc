#include <fmt/format.h>

#include <algorithm>

#include "sql/functions.h"
#include "sql/let.h"
#include "sql/names.h"

// Arrays and structs.
namespace flare::sql {
namespace {

std::string ListSql(const std::vector<Bound>& values) {
  std::string sql;
  for (const Bound& value : values) sql += (sql.empty() ? "[" : ", ") + value.sql;
  return sql + "]";
}

std::string ErrorSql(std::string_view text, const Type& type) {
  return fmt::format("CAST(error({}) AS {})", QuoteDuckDbString(text), type.ToDuckDb());
}

Bound BindArray(Call& call) {
  auto type = call.binder.Unify(&call.args, call.expr, "array()", true);
  if (!type) return call.binder.Bad(call.expr);
  bool nulls = std::any_of(call.args.begin(), call.args.end(), [](const Bound& arg) { return arg.nullable; });
  Type array = Type::Array(*type, nulls);
  std::string sql = call.args.empty() ? "[]" : ListSql(call.args);
  Bound out = ResultOf(call, array, fmt::format("CAST({} AS {})", sql, array.ToDuckDb()));
  out.nullable = false;
  return out;
}

Bound StructOf(Call& call, std::vector<StructField> fields, const std::vector<Bound>& values) {
  std::string sql = fields.empty() ? "struct_pack(f0 := CAST(NULL AS INTEGER)" : "struct_pack(";
  for (size_t i = 0; i < values.size(); ++i) {
    const Bound& value = values[i];
    std::string text = value.type.is(TypeId::kVoid) ? "CAST(NULL AS INTEGER)" : value.sql;
    sql += fmt::format("{}f{} := {}", i > 0 ? ", " : "", i, text);
  }
  Bound out = ResultOf(call, Type::Struct(std::move(fields)), sql + ")");
  out.nullable = false;
  return out;
}

/// struct(...), and (a, b), which Spark spells as a named_struct.
Bound BindStruct(Call& call) {
  bool row = call.expr.quantifier == "row";
  std::vector<StructField> fields;
  std::string pretty;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Bound& arg = call.args[i];
    std::string alias = i < call.expr.arg_names.size() ? call.expr.arg_names[i] : "";
    std::string name = !alias.empty() ? alias : !arg.name.empty() ? arg.name : fmt::format("col{}", i + 1);
    if (i > 0) pretty += ", ";
    pretty += row ? fmt::format("{}, {}", name, arg.pretty) : arg.pretty + (alias.empty() ? "" : " AS " + alias);
    fields.push_back({std::move(name), arg.type, arg.nullable, ""});
  }
  Bound out = StructOf(call, std::move(fields), call.args);
  out.pretty = fmt::format("{}({})", row ? "named_struct" : "struct", pretty);
  return out;
}

Bound BindNamedStruct(Call& call) {
  if (call.args.size() % 2 != 0) {
    call.binder.Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "named_struct() takes pairs of name and value", call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  std::vector<StructField> fields;
  std::vector<Bound> values;
  for (size_t i = 0; i < call.args.size(); i += 2) {
    auto name = LiteralArgument(call, i, "a field name");
    if (!name) return call.binder.Bad(call.expr);
    if (!call.args[i].type.is(TypeId::kString)) return WrongArgument(call, i, "a text");
    fields.push_back({*name, call.args[i + 1].type, call.args[i + 1].nullable, ""});
    values.push_back(call.args[i + 1]);
  }
  return StructOf(call, std::move(fields), values);
}

Bound BindSize(Call& call) {
  const Bound& arg = call.args[0];
  if (arg.type.is(TypeId::kVoid)) return ResultOf(call, Type(TypeId::kInt), call.binder.ansi() ? "CAST(NULL AS INTEGER)" : "(-1)");
  if (!arg.type.is(TypeId::kArray) && !arg.type.is(TypeId::kMap)) return WrongArgument(call, 0, "an array or a map");
  const char* function = arg.type.is(TypeId::kMap) ? "cardinality" : "len";
  std::string sql = fmt::format("CAST({}({}) AS INTEGER)", function, arg.sql);
  // with ANSI off the size of NULL is -1, a relic of Hive
  if (!call.binder.ansi() && arg.nullable) sql = fmt::format("coalesce({}, -1)", sql);
  Bound out = ResultOf(call, Type(TypeId::kInt), sql);
  out.nullable = call.binder.ansi() && arg.nullable;
  return out;
}

Bound BindElementAt(Call& call) {
  Bound& base = call.args[0];
  Bound& key = call.args[1];
  bool is_try = call.name == "try_element_at";
  if (base.type.is(TypeId::kMap)) {
    auto type = key.type.is(TypeId::kVoid) ? std::nullopt : WiderType(base.type.key(), key.type, false);
    if (!type) return WrongArgument(call, 1, "of the map's key type " + UpperAscii(base.type.key().ToSimpleString()));
    base = call.binder.Cast(std::move(base), Type::Map(*type, base.type.value()));
    key = call.binder.Cast(std::move(key), *type);
    return ResultOf(call, base.type.value(), fmt::format("({})[{}]", base.sql, key.sql));
  }
  if (!base.type.is(TypeId::kArray)) return WrongArgument(call, 0, "an array or a map");
  if (!key.type.is_integral() || key.type.is(TypeId::kLong)) return WrongArgument(call, 1, "an INT");
  key = call.binder.Cast(std::move(key), Type(TypeId::kInt));
  std::string out_of_bounds;
  if (call.binder.ansi() && !is_try) {
    out_of_bounds =
        "WHEN abs($2) > len($1) THEN CAST(error('[INVALID_ARRAY_INDEX_IN_ELEMENT_AT] The index ' || $2 || ' is out of bounds. The array has ' || "
        "len($1) || ' elements. Use `try_element_at` to tolerate accessing element at invalid index and return NULL instead.') AS " +
        base.type.element().ToDuckDb() + ") ";
  }
  return ResultOf(call, base.type.element(),
                  ExpandOnce(fmt::format("(CASE WHEN $1 IS NULL THEN NULL WHEN $2 = 0 THEN {} {}ELSE list_extract($1, $2) END)",
                                         ErrorSql("[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > 0 (the "
                                                  "first element has index 1).", base.type.element()),
                                         out_of_bounds), call));
}

/// get(array, index): counted from 0; NULL when out of bounds.
Bound BindGet(Call& call) {
  return ResultOf(call, call.args[0].type.element(),
                  ExpandOnce("list_extract($1, CASE WHEN $2 >= 0 THEN CAST($2 AS BIGINT) + 1 END)", call));
}

/// Widens the array and the value to one element type, without making texts of anything.
bool MatchElement(Call& call, size_t array, size_t value, bool refuse_null) {
  const Bound& list = call.args[array];
  const Bound& element = call.args[value];
  bool absent = refuse_null && (list.type.element().is(TypeId::kVoid) || element.type.is(TypeId::kVoid)) && element.type.is(TypeId::kVoid);
  auto type = absent ? std::nullopt : WiderType(list.type.element(), element.type, false);
  if (!type) {
    WrongArgument(call, value, "of the array's element type " + UpperAscii(list.type.element().ToSimpleString()));
    return false;
  }
  bool nulls = list.type.contains_null() || element.nullable;
  call.args[array] = call.binder.Cast(std::move(call.args[array]), Type::Array(*type, nulls));
  call.args[value] = call.binder.Cast(std::move(call.args[value]), *type);
  return true;
}

Bound BindArrayContains(Call& call) {
  if (!MatchElement(call, 0, 1, true)) return call.binder.Bad(call.expr);
  if (!IsOrderable(call.args[1].type)) return WrongArgument(call, 1, "a value that can be compared");
  // not found beside a NULL is unknown
  std::string unknown = call.args[0].type.contains_null()
                            ? fmt::format("WHEN list_position($1, CAST(NULL AS {})) IS NOT NULL THEN NULL ", call.args[1].type.ToDuckDb())
                            : "";
  return ResultOf(call, Type(TypeId::kBoolean),
                  ExpandOnce("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_contains($1, $2) THEN true " + unknown + "ELSE false END)", call));
}

Bound BindArrayPosition(Call& call) {
  if (!MatchElement(call, 0, 1, true)) return call.binder.Bad(call.expr);
  return ResultOf(call, Type(TypeId::kLong),
                  ExpandOnce("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END)", call));
}

Bound BindArrayEdit(Call& call) {
  if (!MatchElement(call, 0, 1, false)) return call.binder.Bad(call.expr);
  const char* sql = call.name == "array_append"    ? "(CASE WHEN $1 IS NOT NULL THEN list_append($1, $2) END)"
                    : call.name == "array_prepend" ? "(CASE WHEN $1 IS NOT NULL THEN list_prepend($2, $1) END)"
                                                   : "(CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda e: e IS DISTINCT FROM $2) END)";
  return ResultOf(call, call.args[0].type, ExpandOnce(sql, call));
}

/// array_insert(array, position, value): positions from 1, or from the end: -1 is behind the last element.
Bound BindArrayInsert(Call& call) {
  if (!MatchElement(call, 0, 2, false)) return call.binder.Bad(call.expr);
  const Type& type = call.args[0].type;
  std::string none = fmt::format("CAST([] AS {})", type.ToDuckDb());
  std::string zero = ErrorSql("[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).", type);
  std::string sql = fmt::format(
      "(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 = 0 THEN {} "
      "WHEN $2 > len($1) THEN list_append(list_resize($1, $2 - 1), $3) "
      "WHEN $2 > 0 THEN list_concat(list_append(list_slice($1, 1, $2 - 1), $3), list_slice($1, $2, len($1))) "
      "WHEN -CAST($2 AS BIGINT) > len($1) THEN list_concat(list_append({}, $3), list_resize({}, -CAST($2 AS BIGINT) - len($1) - 1), $1) "
      "ELSE list_concat(list_append(list_slice($1, 1, len($1) + $2 + 1), $3), list_slice($1, len($1) + $2 + 2, len($1))) END)",
      zero, none, none);
  return ResultOf(call, Type::Array(type.element()), ExpandOnce(sql, call));
}

Bound BindArrayJoin(Call& call) {
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), Type::Array(Type(TypeId::kString)), call.name, 0);
  if (call.args[0].bad) return call.binder.Bad(call.expr);
  const char* sql = call.args.size() == 2
                        ? "array_to_string(list_filter($1, lambda e: e IS NOT NULL), $2)"
                        : "(CASE WHEN $3 IS NULL THEN NULL ELSE array_to_string(list_transform($1, lambda e: coalesce(e, $3)), $2) END)";
  return ResultOf(call, Type(TypeId::kString), ExpandOnce(sql, call));
}

Bound BindSlice(Call& call) {
  const Type& type = call.args[0].type;
  std::string start = ErrorSql("[INVALID_PARAMETER_VALUE.START] The value of parameter(s) `start` in `slice` is invalid: Expects a positive or a "
                               "negative value for `start`, but got 0.", type);
  std::string length = ErrorSql("[INVALID_PARAMETER_VALUE.LENGTH] The value of parameter(s) `length` in `slice` is invalid: Expects `length` "
                                "greater than or equal to 0.", type);
  std::string none = fmt::format("CAST([] AS {})", type.ToDuckDb());
  return ResultOf(call, type,
                  ExpandOnce(fmt::format("(CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $2 = 0 THEN {} WHEN $3 < 0 THEN {} "
                                         "WHEN $3 = 0 OR len($1) + $2 < 0 OR $2 > len($1) THEN {} "
                                         "WHEN $2 < 0 THEN list_slice($1, len($1) + $2 + 1, len($1) + $2 + CAST($3 AS BIGINT)) "
                                         "ELSE list_slice($1, $2, $2 + CAST($3 AS BIGINT) - 1) END)", start, length, none), call));
}

Bound BindSort(Call& call) {
  const Type& type = call.args[0].type;
  bool ascending = true;
  if (call.args.size() == 2) {
    auto text = LiteralArgument(call, 1, "the direction");
    if (!text) return call.binder.Bad(call.expr);
    ascending = *text == "true";
  }
  if (!IsOrderable(type)) return WrongArgument(call, 0, "an array of values that have an order");
  Bound out = ResultOf(call, type, SortedListSql(call.args[0].sql, type.element(), ascending, ascending));
  out.pretty = fmt::format("sort_array({}, {})", call.args[0].pretty, ascending ? "true" : "false");
  return out;
}

/// The largest or smallest element; NULLs do not count.
Bound BindArrayExtreme(Call& call) {
  const Type& type = call.args[0].type;
  bool largest = call.name == "array_max";
  if (!IsOrderable(type)) return WrongArgument(call, 0, "an array of values that have an order");
  if (!type.element().is_nested()) {
    return ResultOf(call, type.element(), fmt::format("{}({})", largest ? "list_max" : "list_min", call.args[0].sql));
  }
  std::string known = fmt::format("list_filter({}, lambda e: e IS NOT NULL)", call.args[0].sql);
  return ResultOf(call, type.element(), fmt::format("({})[1]", SortedListSql(known, type.element(), !largest, true)));
}

Bound BindArrayDistinct(Call& call) {
  if (!IsOrderable(call.args[0].type)) return WrongArgument(call, 0, "an array of values that can be compared");
  return ResultOf(call, call.args[0].type, ExpandOnce("list_filter($1, lambda e, i: list_position($1, e) = i)", call));
}

/// array_union, array_intersect, array_except: each value once, in the order in which it comes first.
Bound BindArraySet(Call& call) {
  auto type = WiderType(call.args[0].type, call.args[1].type, false);
  if (!type || !IsOrderable(*type)) return WrongArgument(call, 1, "an array like the first, " + UpperAscii(call.args[0].type.ToSimpleString()));
  for (Bound& arg : call.args) arg = call.binder.Cast(std::move(arg), *type);
  std::string sql;
  if (call.name == "array_union") {
    Let let(call.binder);
    std::string all = let.Name(ExpandOnce("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_concat($1, $2) END)", call));
    sql = let.In(fmt::format("list_filter({0}, lambda e, i: list_position({0}, e) = i)", all));
  } else {
    std::string keep = fmt::format("list_position($2, e) IS {}NULL", call.name == "array_intersect" ? "NOT " : "");
    sql = ExpandOnce(fmt::format("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_filter($1, lambda e, i: {} AND list_position($1, e) = i) END)",
                                 keep), call);
  }
  return ResultOf(call, *type, sql);
}

/// arrays_overlap: unknown when only a NULL could be common.
Bound BindArraysOverlap(Call& call) {
  auto type = WiderType(call.args[0].type, call.args[1].type, false);
  if (!type || !IsOrderable(*type)) return WrongArgument(call, 1, "an array like the first, " + UpperAscii(call.args[0].type.ToSimpleString()));
  for (Bound& arg : call.args) arg = call.binder.Cast(std::move(arg), *type);
  std::string null = fmt::format("CAST(NULL AS {})", type->element().ToDuckDb());
  return ResultOf(call, Type(TypeId::kBoolean),
                  ExpandOnce(fmt::format("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN len(list_filter($1, lambda e: e IS NOT NULL AND "
                                         "list_contains($2, e))) > 0 THEN true WHEN len($1) > 0 AND len($2) > 0 AND (list_position($1, {0}) IS NOT NULL "
                                         "OR list_position($2, {0}) IS NOT NULL) THEN NULL ELSE false END)", null), call));
}

Bound BindArraysZip(Call& call) {
  Let let(call.binder);
  std::vector<StructField> fields;
  std::string values;
  std::string longest;
  std::string absent;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Bound& arg = call.args[i];
    std::string list = let.Name(arg.sql);
    fields.push_back({arg.name.empty() ? fmt::format("{}", i) : arg.name, arg.type.element(), true, ""});
    values += fmt::format("{}f{} := list_extract({}, i)", i > 0 ? ", " : "", i, list);
    longest += fmt::format("{}len({})", i > 0 ? ", " : "", list);
    absent += fmt::format("{}{} IS NULL", i > 0 ? " OR " : "", list);
  }
  Type type = Type::Array(Type::Struct(std::move(fields)), false);
  if (call.args.empty()) return ResultOf(call, type, fmt::format("CAST([] AS {})", type.ToDuckDb()));
  return ResultOf(call, type,
                  let.In(fmt::format("(CASE WHEN {} THEN NULL ELSE list_transform(range(1, greatest({}) + 1), lambda i: struct_pack({})) END)", absent,
                                     longest, values)));
}

Bound BindArrayRepeat(Call& call) {
  Type type = Type::Array(call.args[0].type, call.args[0].nullable);
  return ResultOf(call, type,
                  ExpandOnce(fmt::format("(CASE WHEN $2 IS NULL THEN NULL ELSE list_resize(CAST([] AS {}), greatest($2, 0), CAST($1 AS {})) END)",
                                         type.ToDuckDb(), type.element().ToDuckDb()), call));
}

Bound BindFlatten(Call& call) {
  const Type& type = call.args[0].type;
  if (!type.element().is(TypeId::kArray)) return WrongArgument(call, 0, "an array of arrays");
  Type flat = Type::Array(type.element().element(), type.element().contains_null());
  if (!type.contains_null()) return ResultOf(call, flat, ExpandTemplate("flatten($1)", call));
  return ResultOf(call, flat,
                  ExpandOnce("(CASE WHEN len(list_filter($1, lambda e: e IS NULL)) > 0 THEN NULL ELSE flatten($1) END)", call));
}

const FunctionSpec kCollectionFunctions[] = {
    {"array", "a*", "", "", "an array of values", BindArray},
    {"struct", "a*", "", "", "a struct of values", BindStruct},
    {"named_struct", "a*", "", "", "a struct of names and values in turn", BindNamedStruct},
    {"size cardinality", "a", "", "", "how many elements", BindSize},
    {"array_size", "A", "int", "CAST(len($1) AS INTEGER)", "how many elements of an array, NULL for NULL"},
    {"element_at try_element_at", "a a", "", "", "the n-th element, or a key's value", BindElementAt},
    {"get", "A i", "", "", "the element at an index from 0; NULL out of bounds", BindGet},
    {"array_contains", "A a", "", "", "whether an array holds a value", BindArrayContains},
    {"array_position", "A a", "", "", "position of a value in an array, 0 if absent", BindArrayPosition},
    {"array_append array_prepend array_remove", "A a", "", "", "an array with a value more, or without it", BindArrayEdit},
    {"array_insert", "A i a", "", "", "an array with a value put in at a position", BindArrayInsert},
    {"array_join", "a s", "", "", "the elements as one text", BindArrayJoin},
    {"array_join", "a s s", "", "", "the elements as one text, NULLs as a text", BindArrayJoin},
    {"array_max array_min", "A", "", "", "the largest or smallest element", BindArrayExtreme},
    {"array_compact", "A", "=1", "list_filter($1, lambda e: e IS NOT NULL)", "the elements that are not NULL"},
    {"array_distinct", "A", "", "", "the elements once each, in order", BindArrayDistinct},
    {"array_union array_intersect array_except", "A A", "", "", "the values of both arrays, of both at once, or of the first alone", BindArraySet},
    {"arrays_overlap", "A A", "", "", "whether two arrays have a value in common", BindArraysOverlap},
    {"arrays_zip", "A*", "", "", "an array of structs of the elements side by side", BindArraysZip},
    {"array_repeat", "a i", "", "", "a value several times", BindArrayRepeat},
    {"sort_array", "A", "", "", "sorted, NULLs first", BindSort},
    {"sort_array", "A b", "", "", "sorted up or down", BindSort},
    {"slice", "A i i", "", "", "some elements from a position", BindSlice},
    {"flatten", "A", "", "", "an array of arrays as one array", BindFlatten},
};

}  // namespace

std::string OrderKeySql(const std::string& sql, const Type& type) {
  return type.is_nested() ? fmt::format("spark_order_key({})", sql) : sql;
}

std::string SortedListSql(const std::string& list, const Type& element, bool ascending, bool nulls_first) {
  std::string how = fmt::format("'{}', 'NULLS {}'", ascending ? "ASC" : "DESC", nulls_first ? "FIRST" : "LAST");
  if (!element.is_nested()) return fmt::format("list_sort({}, {})", list, how);
  return fmt::format("list_transform(list_sort(list_transform({}, lambda e: struct_pack(n := {}, k := spark_order_key(e), e := e)), '{}', "
                     "'NULLS FIRST'), lambda e: e.e)", list, ascending == nulls_first ? "e IS NOT NULL" : "e IS NULL", ascending ? "ASC" : "DESC");
}

std::span<const FunctionSpec> CollectionFunctions() { return kCollectionFunctions; }

}  // namespace flare::sql
