#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

Bound BindIf(Call& call) {
  Bound& condition = call.args[0];
  if (condition.type.is(TypeId::kVoid)) condition = call.binder.Cast(std::move(condition), Type(TypeId::kBoolean));
  if (!condition.type.is(TypeId::kBoolean)) return WrongArgument(call, 0, "BOOLEAN");
  std::vector<Bound> results = {call.args[1], call.args[2]};
  auto type = call.binder.Unify(&results, call.expr, "if()", true);
  if (!type) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, *type, fmt::format("(CASE WHEN {} THEN {} ELSE {} END)", condition.sql, results[0].sql, results[1].sql));
  out.nullable = results[0].nullable || results[1].nullable;
  out.pretty = fmt::format("(IF({}, {}, {}))", condition.pretty, call.args[1].pretty, call.args[2].pretty);
  return out;
}

Bound BindCoalesce(Call& call) {
  auto type = call.binder.Unify(&call.args, call.expr, call.name + "()", true);
  if (!type) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, *type, ExpandTemplate("coalesce($*)", call));
  out.nullable = true;
  for (const Bound& arg : call.args) out.nullable = out.nullable && arg.nullable;
  return out;
}

Bound BindNvl2(Call& call) {
  std::vector<Bound> results = {call.args[1], call.args[2]};
  auto type = call.binder.Unify(&results, call.expr, "nvl2()", true);
  if (!type) return call.binder.Bad(call.expr);
  return ResultOf(call, *type, fmt::format("(CASE WHEN {} IS NOT NULL THEN {} ELSE {} END)", call.args[0].sql, results[0].sql, results[1].sql));
}

Bound BindNullIf(Call& call) {
  Bound same = call.binder.Compare(call.args[0], call.args[1], "=", call.expr);
  if (same.bad) return same;
  Bound& value = call.args[0];
  return ResultOf(call, value.type, fmt::format("(CASE WHEN {} THEN NULL ELSE {} END)", same.sql, value.sql));
}

Bound BindZero(Call& call) {
  Bound& value = call.args[0];
  if (call.name == "nullifzero") return ResultOf(call, value.type, fmt::format("nullif({}, 0)", value.sql));
  Bound zero;
  zero.type = Type(TypeId::kInt);
  zero.sql = "0";
  std::vector<Bound> values = {value, zero};
  auto type = call.binder.Unify(&values, call.expr, "zeroifnull()", true);
  if (!type) return call.binder.Bad(call.expr);
  return ResultOf(call, *type, fmt::format("coalesce({}, {})", values[0].sql, values[1].sql));
}

Bound BindGreatest(Call& call) {
  auto type = call.binder.Unify(&call.args, call.expr, call.name + "()", false);
  if (!type) return call.binder.Bad(call.expr);
  if (!IsOrderable(*type)) return WrongArgument(call, 0, "of a type that can be sorted");
  return ResultOf(call, *type, ExpandTemplate(call.name + "($*)", call));
}

Bound BindEqualNull(Call& call) {
  Bound out = call.binder.Compare(call.args[0], call.args[1], "IS NOT DISTINCT FROM", call.expr);
  out.pretty.clear();
  return out;
}

Bound BindIsNull(Call& call) {
  bool negated = call.name == "isnotnull";
  Bound out = ResultOf(call, Type(TypeId::kBoolean), fmt::format("({} IS {}NULL)", call.args[0].sql, negated ? "NOT " : ""));
  out.nullable = false;
  out.pretty = fmt::format("({} IS {}NULL)", call.args[0].pretty, negated ? "NOT " : "");
  return out;
}

Bound BindTypeOf(Call& call) {
  Bound out = ResultOf(call, Type(TypeId::kString), QuoteDuckDbString(call.args[0].type.ToSimpleString()));
  out.nullable = false;
  out.loose_column = kNoOffset;
  return out;
}

Bound BindRaise(Call& call) {
  return ResultOf(call, Type(), ExpandTemplate("error('[USER_RAISED_EXCEPTION] ' || $1)", call));
}

Bound BindAssert(Call& call) {
  std::string message = call.args.size() > 1 ? call.args[1].sql : QuoteDuckDbString("'" + call.args[0].pretty + "' is not true!");
  std::string shown = call.args.size() > 1 ? call.args[1].pretty : "'" + call.args[0].pretty + "' is not true!";
  Bound out = ResultOf(call, Type(), fmt::format("(CASE WHEN {} THEN NULL ELSE error('[USER_RAISED_EXCEPTION] ' || {}) END)", call.args[0].sql, message));
  out.pretty = fmt::format("assert_true({}, {})", call.args[0].pretty, shown);
  return out;
}

/// What names the session: the one catalog, database and user there are.
Bound BindSession(Call& call) {
  bool catalog = call.name == "current_catalog";
  bool user = call.name == "user" || call.name == "current_user" || call.name == "session_user";
  std::string value = catalog ? "spark_catalog" : user ? "flare" : call.name == "version" ? "4.0.0 flare" : "default";
  Bound out = ResultOf(call, Type(TypeId::kString), QuoteDuckDbString(value));
  out.nullable = false;
  if (call.name == "current_database") out.pretty = "current_schema()";
  if (call.name == "user") out.pretty = "current_user()";
  return out;
}

const FunctionSpec kConditionalFunctions[] = {
    {"if iff", "a a a", "", "", "the second if the first is true, else the third", BindIf},
    {"coalesce", "a a*", "", "", "the first value that is not NULL", BindCoalesce},
    {"nvl ifnull", "a a", "", "", "the first, or the second where it is NULL", BindCoalesce},
    {"nvl2", "a a a", "", "", "the second where the first is not NULL, else the third", BindNvl2},
    {"nullif", "a a", "", "", "NULL where both are equal, else the first", BindNullIf},
    {"nullifzero", "n", "", "", "NULL for 0", BindZero},
    {"zeroifnull", "a", "", "", "0 for NULL", BindZero},
    {"nanvl", "n n", "", "", "the second where the first is NaN",
     [](Call& call) {
       bool floats = call.args[0].type.is(TypeId::kFloat) && call.args[1].type.is(TypeId::kFloat);
       for (Bound& arg : call.args) arg = call.binder.Cast(std::move(arg), Type(floats ? TypeId::kFloat : TypeId::kDouble));
       return ResultOf(call, call.args[0].type, ExpandTemplate("(CASE WHEN isnan($1) THEN $2 ELSE $1 END)", call));
     }},
    {"isnull isnotnull", "a", "", "", "whether a value is NULL", BindIsNull},
    {"greatest least", "a a a*", "", "", "the largest or smallest, leaving out NULLs", BindGreatest},
    {"equal_null", "a a", "", "", "whether both are equal, NULL equals NULL", BindEqualNull},
    {"typeof", "a", "", "", "Spark's name of a value's type", BindTypeOf},
    {"current_catalog current_database current_schema current_user user session_user version", "", "", "", "names of the session", BindSession},
    {"raise_error", "s", "", "", "an error with this message", BindRaise},
    {"assert_true", "b", "", "", "an error unless true", BindAssert},
    {"assert_true", "b s", "", "", "an error with a message unless true", BindAssert},
};

}  // namespace

std::span<const FunctionSpec> ConditionalFunctions() { return kConditionalFunctions; }

}  // namespace flare::sql
