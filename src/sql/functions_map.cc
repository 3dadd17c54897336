#include <fmt/format.h>

#include <algorithm>

#include "sql/functions.h"
#include "sql/let.h"
#include "sql/names.h"

// Maps. DuckDB refuses a key twice and NULL keys itself, as Spark does with its default policy EXCEPTION.
namespace flare::sql {
namespace {

bool IsKey(Call& call, const Type& key) {
  if (!key.is(TypeId::kMap)) return true;
  call.binder.Report("DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE", fmt::format("a map cannot be the key of a map, as {}() would make it", call.name),
                     call.expr.begin);
  return false;
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
  if (!key || !value || !IsKey(call, *key)) return call.binder.Bad(call.expr);
  bool nulls = std::any_of(values.begin(), values.end(), [](const Bound& entry) { return entry.nullable; });
  Type type = Type::Map(*key, *value, nulls);
  auto list = [](const std::vector<Bound>& entries) {
    std::string sql;
    for (const Bound& entry : entries) sql += (sql.empty() ? "" : ", ") + entry.sql;
    return sql;
  };
  std::string sql = keys.empty() ? "MAP {}" : fmt::format("map([{}], [{}])", list(keys), list(values));
  Bound out = ResultOf(call, type, fmt::format("CAST({} AS {})", sql, type.ToDuckDb()));
  out.nullable = false;
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
  const Bound& key = call.args[1];
  auto type = key.type.is(TypeId::kVoid) ? std::nullopt : WiderType(call.args[0].type.key(), key.type, false);
  if (!type) return WrongArgument(call, 1, "of the map's key type " + UpperAscii(call.args[0].type.key().ToSimpleString()));
  call.args[0] = call.binder.Cast(std::move(call.args[0]), Type::Map(*type, call.args[0].type.value()));
  call.args[1] = call.binder.Cast(std::move(call.args[1]), *type);
  return ResultOf(call, Type(TypeId::kBoolean), ExpandTemplate("list_contains(map_keys($1), $2)", call));
}

Bound BindMapFromArrays(Call& call) {
  const Type& values = call.args[1].type;
  if (!IsKey(call, call.args[0].type.element())) return call.binder.Bad(call.expr);
  Type type = Type::Map(call.args[0].type.element(), values.element(), values.contains_null());
  return ResultOf(call, type, ExpandOnce("(CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE map($1, $2) END)", call));
}

Bound BindMapFromEntries(Call& call) {
  const Type& array = call.args[0].type;
  bool pairs = array.element().is(TypeId::kStruct) && array.element().fields().size() == 2;
  if (!pairs) return WrongArgument(call, 0, "an array of structs with two fields");
  const std::vector<StructField>& fields = array.element().fields();
  if (!IsKey(call, fields[0].type)) return call.binder.Bad(call.expr);
  Type type = Type::Map(fields[0].type, fields[1].type, fields[1].nullable);
  if (!array.contains_null()) return ResultOf(call, type, ExpandTemplate("map_from_entries($1)", call));
  return ResultOf(call, type,
                  ExpandOnce("(CASE WHEN len(list_filter($1, lambda e: e IS NULL)) > 0 THEN NULL ELSE map_from_entries($1) END)", call));
}

Bound BindMapConcat(Call& call) {
  if (call.args.empty()) {
    Type text(TypeId::kString);
    return ResultOf(call, Type::Map(text, text, false), "CAST(MAP {} AS MAP(VARCHAR, VARCHAR))");
  }
  auto type = call.binder.Unify(&call.args, call.expr, "map_concat()", true);
  if (!type) return call.binder.Bad(call.expr);
  Let let(call.binder);
  std::string lists;
  std::string absent;
  for (const Bound& arg : call.args) {
    std::string map = let.Name(arg.sql);
    lists += fmt::format("{}map_entries({})", lists.empty() ? "" : ", ", map);
    absent += fmt::format("{}{} IS NULL", absent.empty() ? "" : " OR ", map);
  }
  std::string all = call.args.size() == 1 ? lists : fmt::format("list_concat({})", lists);
  return ResultOf(call, *type, let.In(fmt::format("(CASE WHEN {} THEN NULL ELSE map_from_entries({}) END)", absent, all)));
}

Bound BindStrToMap(Call& call) {
  Type text(TypeId::kString);
  return ResultOf(call, Type::Map(text, text),
                  ExpandTemplate("map_from_entries(list_transform(spark_split($1, $2, -1), lambda e: struct_pack(key := spark_split(e, $3, 2)[1], "
                                 "value := spark_split(e, $3, 2)[2])))", call));
}

const FunctionSpec kMapFunctions[] = {
    {"map", "a*", "", "", "a map of keys and values in turn", BindMap},
    {"map_keys map_values map_entries", "M", "", "", "the keys, values or entries of a map", BindMapParts},
    {"map_contains_key", "M a", "", "", "whether a map holds a key", BindMapContains},
    {"map_from_arrays", "A A", "", "", "a map of an array of keys and one of values", BindMapFromArrays},
    {"map_from_entries", "A", "", "", "a map of an array of structs of key and value", BindMapFromEntries},
    {"map_concat", "M*", "", "", "several maps as one", BindMapConcat},
    {"str_to_map", "s s=',' s=':'", "", "", "a map of a text of pairs", BindStrToMap},
};

}  // namespace

std::span<const FunctionSpec> MapFunctions() { return kMapFunctions; }

}  // namespace flare::sql
