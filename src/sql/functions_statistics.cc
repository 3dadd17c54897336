#include <fmt/format.h>

#include <charconv>

#include "sql/functions.h"
#include "sql/let.h"
#include "sql/names.h"

// Aggregates that describe a distribution.
namespace flare::sql {
namespace {

bool IsInterval(const Type& type) { return type.is(TypeId::kIntervalYearMonth) || type.is(TypeId::kIntervalDayTime); }

/// The percentage, or an array of them, as DuckDB's constant.
struct Percentage {
  std::string sql;
  bool several = false;
};

std::optional<Percentage> ReadPercentage(Call& call, size_t index) {
  Bound& arg = call.args[index];
  bool several = arg.type.is(TypeId::kArray);
  Type number(TypeId::kDouble);
  const Type& type = several ? arg.type.element() : arg.type;
  if (!type.is_numeric()) {
    WrongArgument(call, index, "a number between 0 and 1, or an array of them");
    return std::nullopt;
  }
  if (arg.is_literal) {
    double value = -1;
    std::from_chars(arg.literal.data(), arg.literal.data() + arg.literal.size(), value);
    if (value < 0 || value > 1) {
      call.binder.Report("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                         fmt::format("the percentage of {}() must be between 0.0 and 1.0, found {}", call.name, arg.pretty), arg.begin);
      return std::nullopt;
    }
  }
  if (arg.has_aggregate || arg.loose_column != kNoOffset) {
    call.binder.Report("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                       fmt::format("the percentage of {}() must be a constant, found {}", call.name, arg.pretty), arg.begin);
    return std::nullopt;
  }
  return Percentage{fmt::format("CAST({} AS {})", arg.sql, several ? "DOUBLE[]" : "DOUBLE"), several};
}

/// Brings a number to DOUBLE, and an interval too; reports other types.
bool AsNumber(Call& call, Bound* value) {
  if (value->type.is(TypeId::kString) || value->type.is(TypeId::kVoid)) *value = call.binder.Cast(std::move(*value), Type(TypeId::kDouble));
  if (value->type.is_numeric() || IsInterval(value->type)) return true;
  call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     fmt::format("{}() needs numbers or intervals, but {} is {}", call.name, value->pretty,
                                 UpperAscii(value->type.ToSimpleString())),
                     value->begin);
  return false;
}

/// The result of a percentile over `value`: DOUBLE, or an interval, which has no fractions of its smallest part.
Bound PercentileResult(Call& call, const Bound& value, bool several, std::string sql) {
  if (!IsInterval(value.type)) {
    Type number(TypeId::kDouble);
    return ResultOf(call, several ? Type::Array(number, false) : number, std::move(sql));
  }
  Type type(value.type.id());
  if (!several) return ResultOf(call, type, fmt::format("CAST(trunc({}) AS {})", sql, type.ToDuckDb()));
  return ResultOf(call, Type::Array(type, false), fmt::format("list_transform({}, lambda e: CAST(trunc(e) AS {}))", sql, type.ToDuckDb()));
}

/// percentile(value, percentage [, frequency]) and median(value).
Bound BindPercentile(Call& call) {
  Bound& value = call.args[0];
  if (!AsNumber(call, &value)) return call.binder.Bad(call.expr);
  Percentage at{"CAST(0.5 AS DOUBLE)"};
  if (call.args.size() > 1) {
    auto read = ReadPercentage(call, 1);
    if (!read) return call.binder.Bad(call.expr);
    at = *read;
  }
  std::string number = fmt::format("CAST({} AS DOUBLE)", value.sql);
  std::string sql;
  if (call.args.size() == 3) {
    if (!call.args[2].type.is_integral()) return WrongArgument(call, 2, "a whole number");
    const std::string& times = call.args[2].sql;
    sql = fmt::format("list_aggregate(flatten(list(list_resize(CAST([] AS DOUBLE[]), {}, {})){}), 'quantile_cont', {})", times, number,
                      call.Tail(fmt::format("{} IS NOT NULL AND {} > 0", value.sql, times)), at.sql);
  } else {
    sql = fmt::format("quantile_cont({}{}, {}){}", call.expr.distinct ? "DISTINCT " : "", number, at.sql, call.Tail());
  }
  Bound out = PercentileResult(call, value, at.several, std::move(sql));
  if (call.args.size() == 2) {
    out.pretty = fmt::format("percentile({}{}, {}, 1)", call.expr.distinct ? "DISTINCT " : "", value.pretty, call.args[1].pretty);
  }
  return out;
}

/// percentile_cont(p) and percentile_disc(p) WITHIN GROUP (ORDER BY value).
Bound BindOrderedPercentile(Call& call) {
  if (call.order.size() != 1) {
    call.binder.Report("INVALID_INVERSE_DISTRIBUTION_FUNCTION.WITHIN_GROUP_MISSING",
                       fmt::format("{}() needs WITHIN GROUP (ORDER BY one expression)", call.name), call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  Bound value = call.order[0].value;
  auto at = ReadPercentage(call, 0);
  if (!at || !AsNumber(call, &value)) return call.binder.Bad(call.expr);
  bool down = call.order[0].descending;
  // downwards is upwards over the negative values
  std::string number = fmt::format("{}CAST({} AS DOUBLE)", down ? "-" : "", value.sql);
  std::string sql = fmt::format("quantile_{}({}, {}){}", call.name == "percentile_cont" ? "cont" : "disc", number, at->sql, call.Tail());
  if (down) sql = at->several ? fmt::format("list_transform({}, lambda e: -e)", sql) : fmt::format("(-{})", sql);
  Bound out = PercentileResult(call, value, at->several, std::move(sql));
  Inherit(value, &out);
  out.pretty = fmt::format("{}({}) WITHIN GROUP (ORDER BY {}{})", call.name, call.args[0].pretty, value.pretty, down ? " DESC" : "");
  return out;
}

/// approx_percentile: the exact value, which every accuracy allows.
Bound BindApproximatePercentile(Call& call) {
  Bound& value = call.args[0];
  if (value.type.is(TypeId::kString) || value.type.is(TypeId::kVoid)) value = call.binder.Cast(std::move(value), Type(TypeId::kDouble));
  bool time = value.type.is(TypeId::kDate) || value.type.is(TypeId::kTimestamp) || value.type.is(TypeId::kTimestampNtz);
  if (!value.type.is_numeric() && !IsInterval(value.type) && !time) return WrongArgument(call, 0, "a number, a time or an interval");
  auto at = ReadPercentage(call, 1);
  if (!at) return call.binder.Bad(call.expr);
  std::string accuracy = "10000";
  if (call.args.size() == 3) {
    auto text = LiteralArgument(call, 2, "the accuracy");
    if (!text || !call.args[2].type.is_integral()) return text ? WrongArgument(call, 2, "a whole number") : call.binder.Bad(call.expr);
    accuracy = *text;
    if (accuracy[0] == '-' || accuracy == "0") return WrongArgument(call, 2, "above 0");
  }
  Bound out = ResultOf(call, at->several ? Type::Array(value.type, false) : value.type,
                       fmt::format("quantile_disc({}{}, {}){}", call.expr.distinct ? "DISTINCT " : "", value.sql, at->sql, call.Tail()));
  out.pretty = fmt::format("{}({}{}, {}, {})", call.name, call.expr.distinct ? "DISTINCT " : "", value.pretty, call.args[1].pretty, accuracy);
  return out;
}

/// mode(value [, deterministic]) and mode() WITHIN GROUP (ORDER BY value): the most frequent value. Of several, the
/// ordered form takes the first in its order, the deterministic one the smallest, the plain one the first in Spark's hash table.
Bound BindMode(Call& call) {
  bool ordered = call.args.empty();
  if (ordered && call.order.size() != 1) {
    call.binder.Report("INVALID_INVERSE_DISTRIBUTION_FUNCTION.WITHIN_GROUP_MISSING", "mode() needs WITHIN GROUP (ORDER BY one expression)",
                       call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  Bound value = ordered ? call.order[0].value : call.args[0];
  bool smallest = ordered;
  if (call.args.size() == 2) {
    auto flag = LiteralArgument(call, 1, "deterministic");
    if (!flag) return call.binder.Bad(call.expr);
    smallest = *flag == "true";
  }
  if (!IsOrderable(value.type)) return WrongArgument(call, 0, "a value that can be compared");
  bool down = ordered && call.order[0].descending;
  Let let(call.binder);
  std::string counts = let.Name(fmt::format("histogram({}){}", value.sql, call.Tail()));
  std::string place = smallest ? "0" : fmt::format("spark_open_set_place(e.key, CAST(cardinality({}) AS BIGINT))", counts);
  std::string key = OrderKeySql("e.key", value.type);
  std::string sql = let.In(fmt::format("(list_sort(list_transform(map_entries({0}), lambda e: struct_pack(n := {1}CAST(e.value AS BIGINT), p := {2}, "
                                       "k := {3}, e := e.key)), '{4}', 'NULLS LAST'))[1].e", counts, down ? "" : "-", place, key, down ? "DESC" : "ASC"));
  Bound out = ResultOf(call, value.type, sql);
  Inherit(value, &out);
  out.nullable = true;
  if (ordered) {
    out.pretty = fmt::format("mode() WITHIN GROUP (ORDER BY {}{})", value.pretty, down ? "" : " DESC");
  } else if (call.args.size() == 2) {
    // Spark spells the deterministic form as the ordered one
    out.pretty = smallest ? fmt::format("mode() WITHIN GROUP (ORDER BY {} DESC)", value.pretty) : fmt::format("mode({})", value.pretty);
  }
  return out;
}

/// histogram_numeric(value, bins): x has the value's type.
Bound BindHistogram(Call& call) {
  Bound value = call.args[0];
  Type type = value.type;
  bool time = type.is(TypeId::kDate) || type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz);
  if (!AsNumber(call, &value)) return call.binder.Bad(call.expr);
  if (time) return WrongArgument(call, 0, "a number or an interval");
  auto bins = LiteralArgument(call, 1, "the number of bins");
  if (!bins) return call.binder.Bad(call.expr);
  Type x = value.type;
  Type result = Type::Array(Type::Struct({{"x", x, true, ""}, {"y", Type(TypeId::kDouble), true, ""}}));
  std::string cut = x.is_integral() || IsInterval(x) ? "trunc(e.f0)" : "e.f0";
  return ResultOf(call, result,
                  fmt::format("list_transform(spark_histogram_numeric({}CAST({} AS DOUBLE), CAST({} AS INTEGER)){}, lambda e: struct_pack(f0 := "
                              "CAST({} AS {}), f1 := e.f1))", call.expr.distinct ? "DISTINCT " : "", value.sql, call.args[1].sql, call.Tail(), cut, x.ToDuckDb()));
}

const FunctionSpec kStatisticFunctions[] = {
    {"stddev std stddev_samp", "d", "double", "spark_stddev_samp($d$1)$f", "standard deviation of a sample"},
    {"stddev_pop", "d", "double", "spark_stddev_pop($d$1)$f", "standard deviation of a population"},
    {"variance var_samp", "d", "double", "spark_var_samp($d$1)$f", "variance of a sample"},
    {"var_pop", "d", "double", "spark_var_pop($d$1)$f", "variance of a population"},
    {"skewness", "d", "double", "spark_skewness($d$1)$f", "skewness of a population"},
    {"kurtosis", "d", "double", "spark_kurtosis($d$1)$f", "excess kurtosis of a population"},
    {"corr", "d d", "double", "spark_corr($d$1, $2)$f", "correlation"},
    {"covar_pop", "d d", "double", "spark_covar_pop($d$1, $2)$f", "covariance of a population"},
    {"covar_samp", "d d", "double", "spark_covar_samp($d$1, $2)$f", "covariance of a sample"},
    {"regr_count", "d d", "bigint", "CAST(regr_count($1, $2)$f AS BIGINT)", "pairs (y, x) without NULL"},
    {"regr_avgx", "d d", "double", "spark_regr_avgx($d$1, $2)$f", "mean of x over pairs (y, x)"},
    {"regr_avgy", "d d", "double", "spark_regr_avgy($d$1, $2)$f", "mean of y over pairs (y, x)"},
    {"regr_sxx", "d d", "double", "spark_regr_sxx($d$1, $2)$f", "sum of the squares of x around their mean"},
    {"regr_syy", "d d", "double", "spark_regr_syy($d$1, $2)$f", "sum of the squares of y around their mean"},
    {"regr_sxy", "d d", "double", "spark_regr_sxy($d$1, $2)$f", "sum of the products of x and y around their means"},
    {"regr_slope", "d d", "double", "spark_regr_slope($d$1, $2)$f", "slope of the line through pairs (y, x)"},
    {"regr_intercept", "d d", "double", "spark_regr_intercept($d$1, $2)$f", "where the line through pairs (y, x) meets x = 0"},
    {"regr_r2", "d d", "double", "spark_regr_r2($d$1, $2)$f", "how well a line fits pairs (y, x)"},
    {"percentile", "a a", "", "", "the value below which a part of the rows lies", BindPercentile},
    {"percentile", "a a a", "", "", "the same, with how often each value counts", BindPercentile},
    {"median", "a", "", "", "the middle value", BindPercentile},
    {"percentile_cont percentile_disc", "a", "", "", "a percentile of WITHIN GROUP (ORDER BY ...), between values or one of them", BindOrderedPercentile},
    {"approx_percentile percentile_approx", "a a", "", "", "a value below which a part of the rows lies", BindApproximatePercentile},
    {"approx_percentile percentile_approx", "a a a", "", "", "the same, with an accuracy", BindApproximatePercentile},
    {"mode", "", "", "", "the most frequent value of WITHIN GROUP (ORDER BY ...)", BindMode},
    {"mode", "a", "", "", "the most frequent value", BindMode},
    {"mode", "a b", "", "", "the most frequent value, the smallest of several if so asked", BindMode},
    {"histogram_numeric", "a i", "", "", "an array of bins x, y", BindHistogram},
};

}  // namespace

std::span<const FunctionSpec> StatisticFunctions() { return kStatisticFunctions; }

}  // namespace flare::sql
