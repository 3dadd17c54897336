#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/let.h"
#include "sql/names.h"

// Functions that take lambdas. DuckDB's lambdas compute them; its list_reduce needs one type for elements and
// result, so that elements and accumulator share a struct there.
namespace flare::sql {
namespace {

/// DuckDB counts elements from 1.
LambdaVariable IndexVariable(const std::string& name) {
  return {"", Type(TypeId::kInt), false, fmt::format("CAST(({} - 1) AS INTEGER)", name)};
}

LambdaVariable ElementVariable(const Type& array, std::string sql) {
  return {"", array.element(), array.contains_null(), std::move(sql)};
}

bool HasVariables(const Call& call, size_t index, size_t count) {
  if (index >= call.expr.args.size()) return false;
  const Expr& lambda = *call.expr.args[index];
  return lambda.kind == ExprKind::kLambda && lambda.names.size() == count;
}

Bound Finished(const Call& call, Type type, std::string sql) {
  Bound out = ResultOf(call, std::move(type), std::move(sql));
  out.pretty = PrettyCall(call, call.name);
  return out;
}

/// A body that is a condition, cast from NULL; reports any other type.
bool IsCondition(Call& call, size_t index, Bound* body) {
  if (body->bad) return false;
  if (body->type.is(TypeId::kVoid)) *body = call.binder.Cast(std::move(*body), Type(TypeId::kBoolean));
  if (body->type.is(TypeId::kBoolean)) return true;
  call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     fmt::format("the lambda of {}() must yield a BOOLEAN, but {} is {}", call.name, body->pretty,
                                 UpperAscii(body->type.ToSimpleString())),
                     call.args[index].begin);
  return false;
}

/// Binds a lambda (element) or (element, index) of array argument 0; `variables` gets DuckDB's list of them.
Bound BindElementLambda(Call& call, bool with_index, std::string* variables) {
  const Type& array = call.args[0].type;
  std::string element = call.binder.VariableName(0);
  std::string index = call.binder.VariableName(1);
  std::vector<LambdaVariable> known = {ElementVariable(array, element)};
  if (with_index) known.push_back(IndexVariable(index));
  *variables = with_index && HasVariables(call, 1, 2) ? element + ", " + index : element;
  return call.binder.BindLambda(call, 1, std::move(known), 1);
}

Bound BindTransform(Call& call) {
  std::string variables;
  Bound body = BindElementLambda(call, true, &variables);
  if (body.bad) return body;
  Type type = Type::Array(body.type, body.nullable);
  return Finished(call, type, fmt::format("list_transform({}, lambda {}: {})", call.args[0].sql, variables, body.sql));
}

Bound BindFilter(Call& call) {
  std::string variables;
  Bound body = BindElementLambda(call, true, &variables);
  if (!IsCondition(call, 1, &body)) return call.binder.Bad(call.expr);
  return Finished(call, call.args[0].type, fmt::format("list_filter({}, lambda {}: {})", call.args[0].sql, variables, body.sql));
}

/// exists and forall: NULL where an unknown element could decide.
Bound BindQuantifier(Call& call) {
  std::string variables;
  Bound body = BindElementLambda(call, false, &variables);
  if (!IsCondition(call, 1, &body)) return call.binder.Bad(call.expr);
  bool exists = call.name != "forall";
  Let let(call.binder);
  std::string answers = let.Name(fmt::format("list_transform({}, lambda {}: {})", call.args[0].sql, variables, body.sql));
  return Finished(call, Type(TypeId::kBoolean),
                  let.In(fmt::format("(CASE WHEN {0} IS NULL THEN NULL WHEN list_position({0}, {1}) IS NOT NULL THEN {1} WHEN "
                                     "list_position({0}, CAST(NULL AS BOOLEAN)) IS NOT NULL THEN NULL ELSE {2} END)",
                                     answers, exists ? "true" : "false", exists ? "false" : "true")));
}

/// aggregate(array, start, merge [, finish]).
Bound BindAggregate(Call& call) {
  const Type array = call.args[0].type;
  const Bound start = call.args[1];
  bool one_type = array.element().ToDuckDb() == start.type.ToDuckDb();
  std::string sum = call.binder.VariableName(0);
  std::string element = call.binder.VariableName(1);
  LambdaVariable accumulator{"", start.type, true, one_type ? sum : fmt::format("{}.a", sum)};
  Bound body = call.binder.BindLambda(call, 2, {accumulator, ElementVariable(array, one_type ? element : fmt::format("{}.e", element))}, 2);
  if (body.bad) return body;
  if (body.type.is(TypeId::kVoid)) body = call.binder.Cast(std::move(body), start.type);
  if (body.type.ToDuckDb() != start.type.ToDuckDb()) {
    call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                       fmt::format("the lambda of {}() must yield {} as the start value is, but {} is {}", call.name,
                                   UpperAscii(start.type.ToSimpleString()), body.pretty, UpperAscii(body.type.ToSimpleString())),
                       call.args[2].begin, "cast the start value, or the lambda's result");
    return call.binder.Bad(call.expr);
  }
  std::string type = start.type.ToDuckDb();
  std::string reduced;
  Let let(call.binder);
  std::string list = call.args.size() == 4 ? let.Name(call.args[0].sql) : call.args[0].sql;
  if (one_type) {
    reduced = fmt::format("list_reduce({}, lambda {}, {}: CAST({} AS {}), CAST({} AS {}))", list, sum, element, body.sql, type, start.sql, type);
  } else {
    std::string nothing = fmt::format("CAST(NULL AS {})", array.element().ToDuckDb());
    reduced = fmt::format("(list_reduce(list_transform({0}, lambda {1}: struct_pack(a := CAST(NULL AS {2}), e := {1})), lambda {3}, {1}: "
                          "struct_pack(a := CAST({4} AS {2}), e := {5}), struct_pack(a := CAST({6} AS {2}), e := {5}))).a",
                          list, element, type, sum, body.sql, nothing, start.sql);
  }
  if (call.args.size() == 3) return Finished(call, start.type, reduced);
  std::string result = call.binder.VariableName(0);
  Bound finish = call.binder.BindLambda(call, 3, {{"", start.type, true, result}}, 1);
  if (finish.bad) return finish;
  return Finished(call, finish.type,
                  let.In(fmt::format("(CASE WHEN {} IS NULL THEN NULL ELSE (list_transform([{}], lambda {}: {}))[1] END)", list, reduced,
                                     result, finish.sql)));
}

/// zip_with(a, b, (x, y) -> ...): the shorter one is filled up with NULLs.
Bound BindZipWith(Call& call) {
  Let let(call.binder);
  std::string left = let.Name(call.args[0].sql);
  std::string right = let.Name(call.args[1].sql);
  std::string at = call.binder.VariableName(0);
  LambdaVariable x{"", call.args[0].type.element(), true, fmt::format("list_extract({}, {})", left, at)};
  LambdaVariable y{"", call.args[1].type.element(), true, fmt::format("list_extract({}, {})", right, at)};
  Bound body = call.binder.BindLambda(call, 2, {x, y}, 2);
  if (body.bad) return body;
  return Finished(call, Type::Array(body.type, body.nullable),
                  let.In(fmt::format("(CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL ELSE list_transform(range(1, greatest(len({0}), "
                                     "len({1})) + 1), lambda {2}: {3}) END)", left, right, at, body.sql)));
}

constexpr std::string_view kDefaultComparator =
    "lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, "
    "(IF((namedlambdavariable() IS NULL), 1, (IF((namedlambdavariable() IS NULL), -1, "
    "(IF((namedlambdavariable() < namedlambdavariable()), -1, (IF((namedlambdavariable() > namedlambdavariable()), 1, "
    "0)))))))))), namedlambdavariable(), namedlambdavariable())";

/// array_sort(array): NULLs last.
Bound BindArraySort(Call& call) {
  const Type& type = call.args[0].type;
  if (!IsOrderable(type)) return WrongArgument(call, 0, "an array of values that have an order");
  Bound out = ResultOf(call, type, SortedListSql(call.args[0].sql, type.element(), true, false));
  out.pretty = fmt::format("array_sort({}, {})", call.args[0].pretty, kDefaultComparator);
  return out;
}

/// array_sort(array, (left, right) -> number): each element's place is the number of those that go before it.
Bound BindArraySortBy(Call& call) {
  std::string left = call.binder.VariableName(0);
  std::string right = call.binder.VariableName(1);
  std::string left_at = call.binder.VariableName(2);
  std::string right_at = call.binder.VariableName(3);
  const Type array = call.args[0].type;
  Bound body = call.binder.BindLambda(call, 1, {ElementVariable(array, left), ElementVariable(array, right)}, 2);
  if (body.bad) return body;
  if (body.type.is(TypeId::kVoid)) body = call.binder.Cast(std::move(body), Type(TypeId::kInt));
  if (!body.type.is(TypeId::kInt)) {
    call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                       fmt::format("the lambda of array_sort() must yield an INT, but {} is {}", body.pretty,
                                   UpperAscii(body.type.ToSimpleString())),
                       call.args[1].begin);
    return call.binder.Bad(call.expr);
  }
  Let let(call.binder);
  std::string list = let.Name(call.args[0].sql);
  std::string goes_before =
      fmt::format("CASE WHEN {0} = {1} THEN false ELSE coalesce({2}, CAST(error('[COMPARATOR_RETURNS_NULL] The comparator has returned "
                  "a NULL for a comparison.') AS INTEGER)) < CASE WHEN {0} < {1} THEN 1 ELSE 0 END END",
                  left_at, right_at, body.sql);
  return Finished(call, array,
                  let.In(fmt::format("list_transform(list_sort(list_transform({0}, lambda {1}, {2}: struct_pack(r := len(list_filter({0}, "
                                     "lambda {3}, {4}: {5})), e := {1})), 'ASC', 'NULLS FIRST'), lambda {1}: {1}.e)",
                                     list, right, right_at, left, left_at, goes_before)));
}

/// Binds a lambda (key, value) over the entries of map argument 0, which DuckDB calls `entry`.
Bound BindEntryLambda(Call& call, std::string* entry) {
  const Type& map = call.args[0].type;
  *entry = call.binder.VariableName(0);
  LambdaVariable key{"", map.key(), false, *entry + ".key"};
  LambdaVariable value{"", map.value(), map.contains_null(), *entry + ".value"};
  return call.binder.BindLambda(call, 1, {key, value}, 2);
}

Bound BindMapFilter(Call& call) {
  std::string entry;
  Bound body = BindEntryLambda(call, &entry);
  if (!IsCondition(call, 1, &body)) return call.binder.Bad(call.expr);
  return Finished(call, call.args[0].type,
                  fmt::format("map_from_entries(list_filter(map_entries({}), lambda {}: {}))", call.args[0].sql, entry, body.sql));
}

Bound BindTransformEntries(Call& call) {
  std::string entry;
  Bound body = BindEntryLambda(call, &entry);
  if (body.bad) return body;
  const Type& map = call.args[0].type;
  bool keys = call.name == "transform_keys";
  if (keys && body.type.is(TypeId::kMap)) {
    call.binder.Report("DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE", "a map cannot be the key of a map", call.args[1].begin);
    return call.binder.Bad(call.expr);
  }
  Type type = keys ? Type::Map(body.type, map.value(), map.contains_null()) : Type::Map(map.key(), body.type, body.nullable);
  return Finished(call, type,
                  fmt::format("map_from_entries(list_transform(map_entries({}), lambda {}: struct_pack(key := {}, value := {})))",
                              call.args[0].sql, entry, keys ? body.sql : entry + ".key", keys ? entry + ".value" : body.sql));
}

/// map_zip_with(a, b, (key, x, y) -> ...): the keys of both; a missing value is NULL.
Bound BindMapZipWith(Call& call) {
  auto key = TightestCommonType(call.args[0].type.key(), call.args[1].type.key());
  if (!key) return WrongArgument(call, 1, "a map with keys of the first one's type " + UpperAscii(call.args[0].type.key().ToSimpleString()));
  for (size_t i = 0; i < 2; ++i) call.args[i] = call.binder.Cast(call.args[i], Type::Map(*key, call.args[i].type.value()));
  Let let(call.binder);
  std::string left = let.Name(call.args[0].sql);
  std::string right = let.Name(call.args[1].sql);
  std::string at = call.binder.VariableName(0);
  LambdaVariable k{"", *key, false, at};
  LambdaVariable x{"", call.args[0].type.value(), true, fmt::format("({})[{}]", left, at)};
  LambdaVariable y{"", call.args[1].type.value(), true, fmt::format("({})[{}]", right, at)};
  Bound body = call.binder.BindLambda(call, 2, {k, x, y}, 3);
  if (body.bad) return body;
  return Finished(call, Type::Map(*key, body.type, body.nullable),
                  let.In(fmt::format("(CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL ELSE map_from_entries(list_transform(list_concat("
                                     "map_keys({0}), list_filter(map_keys({1}), lambda {2}: NOT list_contains(map_keys({0}), {2}))), "
                                     "lambda {2}: struct_pack(key := {2}, value := {3}))) END)", left, right, at, body.sql)));
}

const FunctionSpec kLambdaFunctions[] = {
    {"transform", "A F", "", "", "what a lambda (x) or (x, index) makes of each element", BindTransform},
    {"filter", "A F", "", "", "the elements for which a lambda (x) or (x, index) is true", BindFilter},
    {"exists", "A F", "", "", "whether a lambda is true for one element", BindQuantifier},
    {"forall", "A F", "", "", "whether a lambda is true for all elements", BindQuantifier},
    {"aggregate reduce", "A a F", "", "", "the elements merged into a start value by a lambda (sum, x)", BindAggregate},
    {"aggregate reduce", "A a F F", "", "", "the same, and the result passed through a second lambda", BindAggregate},
    {"zip_with", "A A F", "", "", "what a lambda makes of the elements of two arrays side by side", BindZipWith},
    {"array_sort", "A", "", "", "sorted, NULLs last", BindArraySort},
    {"array_sort", "A F", "", "", "sorted by a lambda (left, right) that yields -1, 0 or 1", BindArraySortBy},
    {"map_filter", "M F", "", "", "the entries for which a lambda (key, value) is true", BindMapFilter},
    {"transform_keys transform_values", "M F", "", "", "a map with keys or values that a lambda (key, value) makes", BindTransformEntries},
    {"map_zip_with", "M M F", "", "", "what a lambda makes of the values that two maps have for each key", BindMapZipWith},
};

}  // namespace

std::span<const FunctionSpec> LambdaFunctions() { return kLambdaFunctions; }

}  // namespace flare::sql
