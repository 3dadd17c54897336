#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

std::string ListSql(const std::vector<Bound>& values) {
  std::string sql;
  for (const Bound& value : values) sql += (sql.empty() ? "[" : ", ") + value.sql;
  return sql + "]";
}

Bound BindArray(Call& call) {
  auto type = call.binder.Unify(&call.args, call.expr, "array()", true);
  if (!type) return call.binder.Bad(call.expr);
  bool nulls = false;
  for (const Bound& arg : call.args) nulls = nulls || arg.nullable;
  Type array = Type::Array(*type, nulls);
  std::string sql = call.args.empty() ? "[]" : ListSql(call.args);
  Bound out = ResultOf(call, array, fmt::format("CAST({} AS {})", sql, array.ToDuckDb()));
  out.nullable = false;
  return out;
}

Bound BindMap(Call& call) {
  if (call.args.size() % 2 != 0) {
    call.binder.Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "map() takes pairs of key and value", call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  std::vector<Bound> keys;
  std::vector<Bound> values;
  for (size_t i = 0; i < call.args.size(); i += 2) {
    keys.push_back(call.args[i]);
    values.push_back(call.args[i + 1]);
  }
  auto key = call.binder.Unify(&keys, call.expr, "the keys of map()", true);
  auto value = call.binder.Unify(&values, call.expr, "the values of map()", true);
  if (!key || !value) return call.binder.Bad(call.expr);
  Type type = Type::Map(*key, *value);
  std::string sql = keys.empty() ? "MAP {}" : fmt::format("map({}, {})", ListSql(keys), ListSql(values));
  Bound out = ResultOf(call, type, fmt::format("CAST({} AS {})", sql, type.ToDuckDb()));
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

Bound BindStruct(Call& call) {
  std::vector<StructField> fields;
  std::string pretty;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Bound& arg = call.args[i];
    std::string alias = i < call.expr.arg_names.size() ? call.expr.arg_names[i] : "";
    std::string name = !alias.empty() ? alias : !arg.name.empty() ? arg.name : fmt::format("col{}", i + 1);
    fields.push_back({name, arg.type, arg.nullable, ""});
    pretty += (i > 0 ? ", " : "") + arg.pretty + (alias.empty() ? "" : " AS " + alias);
  }
  Bound out = StructOf(call, std::move(fields), call.args);
  out.pretty = fmt::format("struct({})", pretty);
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
    key = call.binder.Implicit(std::move(key), base.type.key(), call.name, 1);
    if (key.bad) return key;
    return ResultOf(call, base.type.value(), fmt::format("({})[{}]", base.sql, key.sql));
  }
  if (!base.type.is(TypeId::kArray)) return WrongArgument(call, 0, "an array or a map");
  key = call.binder.Implicit(std::move(key), Type(TypeId::kInt), call.name, 1);
  if (key.bad) return key;
  std::string out_of_bounds;
  if (call.binder.ansi() && !is_try) {
    out_of_bounds = fmt::format("WHEN abs({}) > len({}) THEN error('[INVALID_ARRAY_INDEX_IN_ELEMENT_AT] The index is out of bounds.') ",
                                key.sql, base.sql);
  }
  return ResultOf(call, base.type.element(),
                  fmt::format("(CASE WHEN {0} = 0 THEN error('[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > 0.') "
                              "{1}ELSE list_extract({2}, {0}) END)", key.sql, out_of_bounds, base.sql));
}

/// Casts the second argument to the element type of the array (and the array to the wider one).
bool MatchElement(Call& call, size_t array, size_t value) {
  if (!call.args[array].type.is(TypeId::kArray)) {
    WrongArgument(call, array, "an array");
    return false;
  }
  auto type = WiderType(call.args[array].type.element(), call.args[value].type, true);
  if (!type) {
    WrongArgument(call, value, "of the array's element type " + UpperAscii(call.args[array].type.element().ToSimpleString()));
    return false;
  }
  call.args[array] = call.binder.Cast(std::move(call.args[array]), Type::Array(*type));
  call.args[value] = call.binder.Cast(std::move(call.args[value]), *type);
  return true;
}

Bound BindArrayContains(Call& call) {
  if (!MatchElement(call, 0, 1)) return call.binder.Bad(call.expr);
  // not found beside a NULL is unknown
  return ResultOf(call, Type(TypeId::kBoolean),
                  ExpandTemplate("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_contains($1, $2) THEN true WHEN "
                                 "len(list_filter($1, lambda e: e IS NULL)) > 0 THEN NULL ELSE false END)", call));
}

Bound BindArrayPosition(Call& call) {
  if (!MatchElement(call, 0, 1)) return call.binder.Bad(call.expr);
  return ResultOf(call, Type(TypeId::kLong),
                  ExpandTemplate("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END)", call));
}

Bound BindArrayEdit(Call& call) {
  if (!MatchElement(call, 0, 1)) return call.binder.Bad(call.expr);
  const char* sql = call.name == "array_append"    ? "(CASE WHEN $1 IS NOT NULL THEN list_append($1, $2) END)"
                    : call.name == "array_prepend" ? "(CASE WHEN $1 IS NOT NULL THEN list_prepend($2, $1) END)"
                                                   : "(CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda e: e IS DISTINCT FROM $2) END)";
  return ResultOf(call, call.args[0].type, ExpandTemplate(sql, call));
}

Bound BindArrayJoin(Call& call) {
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), Type::Array(Type(TypeId::kString)), call.name, 0);
  for (size_t i = 1; i < call.args.size(); ++i) call.args[i] = call.binder.Implicit(std::move(call.args[i]), Type(TypeId::kString), call.name, i);
  for (const Bound& arg : call.args) {
    if (arg.bad) return call.binder.Bad(call.expr);
  }
  const char* sql = call.args.size() == 2
                        ? "array_to_string(list_filter($1, lambda e: e IS NOT NULL), $2)"
                        : "array_to_string(list_transform($1, lambda e: coalesce(e, $3)), $2)";
  return ResultOf(call, Type(TypeId::kString), ExpandTemplate(sql, call));
}

Bound BindSlice(Call& call) {
  call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kInt), call.name, 1);
  call.args[2] = call.binder.Implicit(std::move(call.args[2]), Type(TypeId::kInt), call.name, 2);
  if (!call.args[0].type.is(TypeId::kArray)) return WrongArgument(call, 0, "an array");
  if (call.args[1].bad || call.args[2].bad) return call.binder.Bad(call.expr);
  return ResultOf(call, call.args[0].type,
                  ExpandTemplate("(CASE WHEN $2 = 0 THEN error('[INVALID_PARAMETER_VALUE.START] The start of slice() must not be 0.') "
                                 "WHEN $3 < 0 THEN error('[INVALID_PARAMETER_VALUE.LENGTH] The length of slice() must not be negative.') "
                                 "WHEN $2 < 0 AND len($1) + $2 < 0 THEN [] "
                                 "WHEN $2 < 0 THEN list_slice($1, len($1) + $2 + 1, len($1) + $2 + $3) "
                                 "ELSE list_slice($1, $2, $2 + $3 - 1) END)", call));
}

Bound BindSort(Call& call) {
  bool ascending = true;
  if (call.args.size() == 2) {
    auto text = LiteralArgument(call, 1, "the direction");
    if (!text) return call.binder.Bad(call.expr);
    ascending = *text == "true";
  }
  if (!call.args[0].type.is(TypeId::kArray)) return WrongArgument(call, 0, "an array");
  std::string sql = ascending ? "list_sort($1, 'ASC', 'NULLS FIRST')" : "list_sort($1, 'DESC', 'NULLS LAST')";
  Bound out = ResultOf(call, call.args[0].type, ExpandTemplate(sql, call));
  out.pretty = fmt::format("sort_array({}, {})", call.args[0].pretty, ascending ? "true" : "false");
  return out;
}

Bound BindMapParts(Call& call) {
  const Type& map = call.args[0].type;
  if (call.name == "map_keys") return ResultOf(call, Type::Array(map.key(), false), ExpandTemplate("map_keys($1)", call));
  if (call.name == "map_values") return ResultOf(call, Type::Array(map.value(), map.contains_null()), ExpandTemplate("map_values($1)", call));
  Type entry = Type::Struct({{"key", map.key(), false, ""}, {"value", map.value(), map.contains_null(), ""}});
  return ResultOf(call, Type::Array(entry, false),
                  ExpandTemplate("list_transform(map_entries($1), lambda e: struct_pack(f0 := e.key, f1 := e.value))", call));
}

Bound BindMapContains(Call& call) {
  if (!call.args[0].type.is(TypeId::kMap)) return WrongArgument(call, 0, "a map");
  call.args[1] = call.binder.Implicit(std::move(call.args[1]), call.args[0].type.key(), call.name, 1);
  if (call.args[1].bad) return call.args[1];
  return ResultOf(call, Type(TypeId::kBoolean), ExpandTemplate("list_contains(map_keys($1), $2)", call));
}

Bound BindMapFromArrays(Call& call) {
  Type type = Type::Map(call.args[0].type.element(), call.args[1].type.element());
  return ResultOf(call, type, ExpandTemplate("map($1, $2)", call));
}

Bound BindMapConcat(Call& call) {
  auto type = call.binder.Unify(&call.args, call.expr, "map_concat()", true);
  if (!type || !type->is(TypeId::kMap)) return type ? WrongArgument(call, 0, "a map") : call.binder.Bad(call.expr);
  std::string lists;
  for (const Bound& arg : call.args) lists += (lists.empty() ? "" : ", ") + fmt::format("map_entries({})", arg.sql);
  return ResultOf(call, *type, fmt::format("map_from_entries(list_concat({}))", lists));
}

Bound BindFlatten(Call& call) {
  if (!call.args[0].type.is(TypeId::kArray) || !call.args[0].type.element().is(TypeId::kArray)) return WrongArgument(call, 0, "an array of arrays");
  return ResultOf(call, call.args[0].type.element(),
                  ExpandTemplate("(CASE WHEN len(list_filter($1, lambda e: e IS NULL)) > 0 THEN NULL ELSE flatten($1) END)", call));
}

Bound BindStrToMap(Call& call) {
  Type text(TypeId::kString);
  return ResultOf(call, Type::Map(text, text),
                  ExpandTemplate("map_from_entries(list_transform(spark_split($1, $2, -1), lambda e: struct_pack(key := spark_split(e, $3, 2)[1], "
                                 "value := spark_split(e, $3, 2)[2])))", call));
}

const FunctionSpec kCollectionFunctions[] = {
    {"array", "a*", "", "", "an array of values", BindArray},
    {"map", "a*", "", "", "a map of keys and values in turn", BindMap},
    {"struct", "a*", "", "", "a struct of values", BindStruct},
    {"named_struct", "a*", "", "", "a struct of names and values in turn", BindNamedStruct},
    {"size cardinality", "a", "", "", "how many elements", BindSize},
    {"array_size", "A", "int", "CAST(len($1) AS INTEGER)", "how many elements of an array, NULL for NULL"},
    {"element_at try_element_at", "a a", "", "", "the n-th element, or a key's value", BindElementAt},
    {"array_contains", "a a", "", "", "whether an array holds a value", BindArrayContains},
    {"array_position", "a a", "", "", "position of a value in an array, 0 if absent", BindArrayPosition},
    {"array_append array_prepend array_remove", "a a", "", "", "an array with a value more, or without it", BindArrayEdit},
    {"array_join", "a a", "", "", "the elements as one text", BindArrayJoin},
    {"array_join", "a a a", "", "", "the elements as one text, NULLs as a text", BindArrayJoin},
    {"array_max", "A", "=e1", "list_max($1)", "the largest element"},
    {"array_min", "A", "=e1", "list_min($1)", "the smallest element"},
    {"array_compact", "A", "=1", "list_filter($1, lambda e: e IS NOT NULL)", "the elements that are not NULL"},
    {"array_distinct", "A", "=1",
     "list_filter($1, lambda e, i: len(list_filter(list_slice($1, 1, i - 1), lambda p: p IS NOT DISTINCT FROM e)) = 0)",
     "the elements once each, in order"},
    {"sort_array", "a", "", "", "sorted, NULLs first", BindSort},
    {"sort_array", "a b", "", "", "sorted up or down", BindSort},
    {"slice", "a a a", "", "", "some elements from a position", BindSlice},
    {"flatten", "a", "", "", "an array of arrays as one array", BindFlatten},
    {"map_keys map_values map_entries", "M", "", "", "the keys, values or entries of a map", BindMapParts},
    {"map_contains_key", "a a", "", "", "whether a map holds a key", BindMapContains},
    {"map_from_arrays", "A A", "", "", "a map of an array of keys and one of values", BindMapFromArrays},
    {"map_concat", "a a*", "", "", "several maps as one", BindMapConcat},
    {"str_to_map", "s s=',' s=':'", "", "", "a map of a text of pairs", BindStrToMap},
};

}  // namespace

std::span<const FunctionSpec> CollectionFunctions() { return kCollectionFunctions; }

}  // namespace flare::sql
