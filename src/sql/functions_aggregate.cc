#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

Bound BindCount(Call& call) {
  if (call.args.empty()) {
    call.binder.Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "count() takes at least 1 argument", call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  Bound out;
  if (call.args.size() == 1) {
    out = ResultOf(call, Type(TypeId::kLong), ExpandTemplate("count($d$1)$f", call));
  } else {
    std::string known;
    for (const Bound& arg : call.args) known += (known.empty() ? "" : " AND ") + arg.sql + " IS NOT NULL";
    out = ResultOf(call, Type(TypeId::kLong), fmt::format("count({}CASE WHEN {} THEN {} END){}", call.expr.distinct ? "DISTINCT " : "", known,
                                                          ExpandTemplate("row($*)", call), call.filter));
  }
  out.nullable = false;
  return out;
}

Bound BindSum(Call& call) {
  Bound& arg = call.args[0];
  bool lenient = !call.binder.ansi() || call.name == "try_sum";
  if (arg.type.is_integral()) {
    std::string sum = ExpandTemplate("sum($d$1)$f", call);
    if (call.name == "try_sum") return ResultOf(call, Type(TypeId::kLong), fmt::format("TRY_CAST({} AS BIGINT)", sum));
    return ResultOf(call, Type(TypeId::kLong), lenient ? WrapInteger(sum, TypeId::kLong, true) : fmt::format("CAST({} AS BIGINT)", sum));
  }
  if (arg.type.is(TypeId::kDecimal)) {
    Type type = Type::Decimal(std::min(38, arg.type.precision() + 10), arg.type.scale());
    return ResultOf(call, type, fmt::format("{}({} AS {})", lenient ? "TRY_CAST" : "CAST", ExpandTemplate("sum($d$1)$f", call), type.ToDuckDb()));
  }
  return ResultOf(call, Type(TypeId::kDouble), ExpandTemplate("sum($dCAST($1 AS DOUBLE))$f", call));
}

Bound BindAvg(Call& call) {
  Bound& arg = call.args[0];
  Bound out;
  if (arg.type.is(TypeId::kDecimal)) {
    Type type = Type::Decimal(std::min(38, arg.type.precision() + 4), std::min(38, arg.type.scale() + 4));
    out = ResultOf(call, type,
                   fmt::format("TRY_CAST(spark_decimal_divide(CAST({} AS VARCHAR), CAST({} AS VARCHAR), {}) AS {})",
                               ExpandTemplate("sum($d$1)$f", call), ExpandTemplate("count($d$1)$f", call), type.scale(), type.ToDuckDb()));
  } else {
    out = ResultOf(call, Type(TypeId::kDouble), ExpandTemplate("avg($dCAST($1 AS DOUBLE))$f", call));
  }
  if (call.name == "mean") out.pretty = fmt::format("mean({}{})", call.expr.distinct ? "DISTINCT " : "", arg.pretty);
  return out;
}

Bound BindMinMax(Call& call) {
  if (!IsOrderable(call.args[0].type)) {
    call.binder.Report("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
                       fmt::format("{}() cannot order {}", call.name, UpperAscii(call.args[0].type.ToSimpleString())), call.args[0].begin);
    return call.binder.Bad(call.expr);
  }
  return ResultOf(call, call.args[0].type, ExpandTemplate(call.name + "($1)$f", call));
}

/// first, last, any_value; with a constant true, or IGNORE NULLS, the NULLs are passed over.
Bound BindFirst(Call& call) {
  bool ignore = call.expr.quantifier == "ignore nulls";
  std::string pretty = fmt::format("{}({})", call.name, call.args[0].pretty);
  if (call.args.size() == 2) {
    auto flag = LiteralArgument(call, 1, "ignoreNulls");
    if (!flag) return call.binder.Bad(call.expr);
    ignore = *flag == "true";
    pretty = fmt::format("{}({}, {})", call.name, call.args[0].pretty, *flag);
  }
  bool last = call.name.starts_with("last");
  std::string filter = call.filter;
  if (ignore) {
    std::string known = fmt::format("{} IS NOT NULL", call.args[0].sql);
    filter = filter.empty() ? fmt::format(" FILTER (WHERE {})", known) : fmt::format("{} AND {})", filter.substr(0, filter.size() - 1), known);
  }
  Bound out = ResultOf(call, call.args[0].type, fmt::format("{}({}){}", last ? "last" : "first", call.args[0].sql, filter));
  if (call.args.size() == 2) out.pretty = std::move(pretty);
  return out;
}

Bound BindCollect(Call& call) {
  bool set = call.name == "collect_set";
  Type type = Type::Array(call.args[0].type, false);
  std::string known = fmt::format("{} IS NOT NULL", call.args[0].sql);
  std::string filter = call.filter.empty() ? fmt::format(" FILTER (WHERE {})", known)
                                           : fmt::format("{} AND {})", call.filter.substr(0, call.filter.size() - 1), known);
  Bound out = ResultOf(call, type, fmt::format("coalesce(list({}{}){}, CAST([] AS {}))", set || call.expr.distinct ? "DISTINCT " : "",
                                               call.args[0].sql, filter, type.ToDuckDb()));
  out.nullable = false;
  out.pretty = fmt::format("{}({}{})", set ? "collect_set" : "collect_list", call.expr.distinct ? "DISTINCT " : "", call.args[0].pretty);
  return out;
}

Bound BindExtremeBy(Call& call) {
  const char* function = call.name == "max_by" ? "arg_max_null" : "arg_min_null";
  return ResultOf(call, call.args[0].type, fmt::format("{}({}, {}){}", function, call.args[0].sql, call.args[1].sql, call.filter));
}

Bound BindBits(Call& call) {
  return ResultOf(call, call.args[0].type, ExpandTemplate(call.name + "($1)$f", call));
}

Bound BindPercentile(Call& call) {
  auto text = LiteralArgument(call, 1, "the percentage");
  if (!text) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, Type(TypeId::kDouble), fmt::format("quantile_cont({}, {}){}", call.args[0].sql, *text, call.filter));
  out.pretty = fmt::format("percentile({}, {}, 1)", call.args[0].pretty, *text);
  return out;
}

const FunctionSpec kAggregateFunctions[] = {
    {"count", "a*", "", "", "rows in which no argument is NULL", BindCount},
    {"count_if", "b", "bigint", "CAST(count_if($d$1)$f AS BIGINT)", "rows in which the argument is true"},
    {"sum try_sum", "n", "", "", "sum", BindSum},
    {"avg mean try_avg", "n", "", "", "mean", BindAvg},
    {"min max", "a", "", "", "the smallest or largest value", BindMinMax},
    {"first first_value last last_value any_value", "a", "", "", "a value of the group", BindFirst},
    {"first first_value last last_value any_value", "a a", "", "", "a value of the group, passing over NULLs", BindFirst},
    {"collect_list array_agg collect_set", "a", "", "", "the values as an array", BindCollect},
    {"max_by min_by", "a a", "", "", "the value beside the largest or smallest other", BindExtremeBy},
    {"approx_count_distinct", "a", "bigint", "approx_count_distinct($1)$f", "about how many different values"},
    {"approx_count_distinct", "a d", "bigint", "approx_count_distinct($1)$f", "about how many different values"},
    {"stddev std stddev_samp", "d", "double", "stddev_samp($d$1)$f", "standard deviation of a sample"},
    {"stddev_pop", "d", "double", "stddev_pop($d$1)$f", "standard deviation of a population"},
    {"variance var_samp", "d", "double", "var_samp($d$1)$f", "variance of a sample"},
    {"var_pop", "d", "double", "var_pop($d$1)$f", "variance of a population"},
    {"corr", "d d", "double", "corr($1, $2)$f", "correlation"},
    {"covar_pop", "d d", "double", "covar_pop($1, $2)$f", "covariance of a population"},
    {"covar_samp", "d d", "double", "covar_samp($1, $2)$f", "covariance of a sample"},
    {"median", "d", "double", "median($1)$f", "the middle value"},
    {"percentile", "d n", "", "", "the value below which a part of the rows lies", BindPercentile},
    {"bool_and every", "b", "boolean", "bool_and($1)$f", "whether all are true"},
    {"bool_or any some", "b", "boolean", "bool_or($1)$f", "whether one is true"},
    {"bit_and bit_or bit_xor", "I", "", "", "all values combined bit by bit", BindBits},
    {"string_agg listagg", "s s=''", "string", "string_agg($d$1, $2)$f", "the texts joined"},
};

}  // namespace

std::span<const FunctionSpec> AggregateFunctions() { return kAggregateFunctions; }

}  // namespace flare::sql
