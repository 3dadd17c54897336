#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

Bound BindAbs(Call& call) {
  Bound& arg = call.args[0];
  if (arg.type.is_integral() && !call.binder.ansi()) {
    std::string wide = fmt::format("abs(CAST({} AS HUGEINT))", arg.sql);
    return ResultOf(call, arg.type, WrapInteger(wide, arg.type.id(), true));
  }
  return ResultOf(call, arg.type, fmt::format("abs({})", arg.sql));
}

/// round, bround and the two-argument ceil and floor need a constant number of digits.
std::optional<int> Digits(Call& call, size_t index) {
  auto text = LiteralArgument(call, index, "the number of digits");
  if (!text) return std::nullopt;
  int digits = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), digits);
  if (error != std::errc() || end != text->data() + text->size()) {
    WrongArgument(call, index, "a whole number");
    return std::nullopt;
  }
  return std::min(38, std::max(-38, digits));
}

/// Spark's type of a decimal rounded to some digits.
Type RoundedDecimal(const Type& type, int digits) {
  int whole = type.precision() - type.scale() + 1;
  if (digits < 0) return Type::Decimal(std::min(38, std::max(whole, -digits + 1)), 0);
  int scale = std::min(type.scale(), digits);
  return Type::Decimal(std::min(38, whole + scale), scale);
}

Bound BindRound(Call& call) {
  auto digits = Digits(call, 1);
  if (!digits) return call.binder.Bad(call.expr);
  Bound& arg = call.args[0];
  bool half_even = call.name == "bround";
  if (arg.type.is(TypeId::kDecimal)) {
    Type type = RoundedDecimal(arg.type, *digits);
    if (half_even) {
      return ResultOf(call, type, fmt::format("TRY_CAST(spark_string_to_decimal(spark_double_to_string(spark_bround_double(CAST({} AS "
                                              "DOUBLE), {}))) AS {})", arg.sql, *digits, type.ToDuckDb()));
    }
    if (*digits >= arg.type.scale()) return ResultOf(call, type, fmt::format("CAST({} AS {})", arg.sql, type.ToDuckDb()));
    // room for the carry before rounding
    Type roomy = Type::Decimal(std::min(38, arg.type.precision() + 1), arg.type.scale());
    return ResultOf(call, type, fmt::format("CAST(round(CAST({} AS {}), {}) AS {})", arg.sql, roomy.ToDuckDb(), *digits, type.ToDuckDb()));
  }
  if (arg.type.is_integral()) {
    if (*digits >= 0) return ResultOf(call, arg.type, arg.sql);
    if (*digits < -18) return ResultOf(call, arg.type, fmt::format("CAST({} * 0 AS {})", arg.sql, arg.type.ToDuckDb()));
    std::string unit = "1" + std::string(static_cast<size_t>(-*digits), '0');
    std::string wide = fmt::format("CAST({} AS HUGEINT)", arg.sql);
    std::string rounded = fmt::format("((({0} + sign({0}) * ({1} // 2)) // {1}) * {1})", wide, unit);
    if (half_even) {
      rounded = fmt::format("(CASE WHEN abs({0} % {1}) * 2 = {1} AND ({0} // {1}) % 2 = 0 THEN ({0} // {1}) * {1} ELSE {2} END)", wide, unit, rounded);
    }
    if (call.binder.ansi()) return ResultOf(call, arg.type, fmt::format("CAST({} AS {})", rounded, arg.type.ToDuckDb()));
    return ResultOf(call, arg.type, WrapInteger(rounded, arg.type.id(), true));
  }
  std::string name = half_even ? "spark_bround_double" : "spark_round_double";
  std::string value = arg.type.is(TypeId::kFloat) ? fmt::format("CAST(spark_float_to_string({}) AS DOUBLE)", arg.sql) : arg.sql;
  std::string sql = fmt::format("{}({}, {})", name, value, *digits);
  if (arg.type.is(TypeId::kFloat)) sql = fmt::format("CAST({} AS FLOAT)", sql);
  return ResultOf(call, arg.type, sql);
}

Bound BindCeilFloor(Call& call) {
  bool up = call.name[0] == 'c';
  Bound& arg = call.args[0];
  const char* function = up ? "ceil" : "floor";
  if (call.args.size() == 2) {
    auto digits = Digits(call, 1);
    if (!digits) return call.binder.Bad(call.expr);
    Type from = arg.type.is(TypeId::kDecimal) ? arg.type
                : arg.type.is_integral() ? DecimalForIntegral(arg.type.id()) : Type::Decimal(30, 15);
    Type type = RoundedDecimal(from, *digits);
    std::string value = CastSql(arg.sql, arg.type, from, CastMode::kLegacy, "UTC");
    std::string unit = *digits >= 0 ? "1" + std::string(static_cast<size_t>(*digits), '0') : "1";
    std::string down = *digits < 0 ? "1" + std::string(static_cast<size_t>(-*digits), '0') : "";
    std::string sql = down.empty()
        ? fmt::format("spark_decimal_divide(CAST({}(CAST({} AS DECIMAL(38,{})) * {}) AS VARCHAR), '{}', {})", function, value, from.scale(), unit, unit, *digits)
        : fmt::format("CAST({}(CAST({} AS DOUBLE) / {}) AS HUGEINT) * {}", function, value, down, down);
    Bound out = ResultOf(call, type, fmt::format("TRY_CAST({} AS {})", sql, type.ToDuckDb()));
    return out;
  }
  Bound out;
  if (arg.type.is(TypeId::kDecimal)) {
    Type type = Type::Decimal(std::min(38, arg.type.precision() - arg.type.scale() + 1), 0);
    out = ResultOf(call, type, fmt::format("CAST({}(CAST({} AS DECIMAL({},{}))) AS {})", function, arg.sql,
                                           std::min(38, arg.type.precision() + 1), arg.type.scale(), type.ToDuckDb()));
  } else if (arg.type.is_integral()) {
    out = ResultOf(call, Type(TypeId::kLong), fmt::format("CAST({} AS BIGINT)", arg.sql));
  } else {
    out = ResultOf(call, Type(TypeId::kLong), fmt::format("spark_double_to_bigint({}(CAST({} AS DOUBLE)))", function, arg.sql));
  }
  if (call.name != "ceiling") out.pretty = fmt::format("{}({})", UpperAscii(call.name), arg.pretty);
  return out;
}

Bound BindMod(Call& call) {
  bool is_try = call.name == "try_mod";
  call.binder.set_lenient(is_try);
  Bound out = call.binder.Arithmetic("%", call.args[0], call.args[1], call.expr);
  call.binder.set_lenient(false);
  out.pretty = is_try ? fmt::format("try_mod({}, {})", call.args[0].pretty, call.args[1].pretty)
                      : fmt::format("({} % {})", call.args[0].pretty, call.args[1].pretty);
  return out;
}

Bound BindPmod(Call& call) {
  Bound rest = call.binder.Arithmetic("%", call.args[0], call.args[1], call.expr);
  if (rest.bad) return rest;
  Bound divisor = call.binder.Cast(call.args[1], rest.type);
  std::string sql = fmt::format("(CASE WHEN {0} < 0 THEN CAST(({0} + {1}) % nullif({1}, 0) AS {2}) ELSE {0} END)", rest.sql,
                                divisor.sql, rest.type.ToDuckDb());
  return ResultOf(call, rest.type, sql);
}

/// try_add and its kin: NULL where the operator would overflow or divide by zero.
Bound BindTryArithmetic(Call& call) {
  std::string op = call.name == "try_add" ? "+" : call.name == "try_subtract" ? "-" : call.name == "try_multiply" ? "*" : "/";
  call.binder.set_lenient(true);
  Bound out = call.binder.Arithmetic(op, call.args[0], call.args[1], call.expr);
  call.binder.set_lenient(false);
  if (out.bad) return out;
  out.nullable = true;
  out.pretty.clear();
  if (out.type.is_integral()) {
    std::string a = call.binder.Cast(call.args[0], out.type).sql;
    std::string b = call.binder.Cast(call.args[1], out.type).sql;
    out.sql = fmt::format("TRY_CAST((CAST({} AS HUGEINT) {} CAST({} AS HUGEINT)) AS {})", a, op, b, out.type.ToDuckDb());
  } else {
    out.sql = fmt::format("TRY({})", out.sql);
  }
  return out;
}

Bound BindShift(Call& call) {
  bool wide = call.args[0].type.is(TypeId::kLong);
  Type type(wide ? TypeId::kLong : TypeId::kInt);
  Bound value = call.binder.Implicit(call.args[0], type, call.name, 0);
  Bound count = call.binder.Implicit(call.args[1], Type(TypeId::kInt), call.name, 1);
  if (value.bad || count.bad) return call.binder.Bad(call.expr);
  std::string bits = fmt::format("CAST(({} & {}) AS HUGEINT)", count.sql, wide ? 63 : 31);
  std::string unsigned_value = fmt::format("(CAST({} AS HUGEINT) & CAST({} AS HUGEINT))", value.sql, wide ? "18446744073709551615" : "4294967295");
  std::string sql;
  if (call.name == "shiftleft") sql = WrapInteger(fmt::format("({} << {})", unsigned_value, bits), type.id(), true);
  if (call.name == "shiftright") {
    sql = fmt::format("({0} >> CAST(({1} & {2}) AS {3}))", value.sql, count.sql, wide ? 63 : 31, type.ToDuckDb());
  }
  if (call.name == "shiftrightunsigned") sql = WrapInteger(fmt::format("({} >> {})", unsigned_value, bits), type.id(), true);
  return ResultOf(call, type, sql);
}

Bound BindSign(Call& call) {
  Bound& arg = call.args[0];
  Bound out = ResultOf(call, Type(TypeId::kDouble), fmt::format("CAST(sign(CAST({} AS DOUBLE)) AS DOUBLE)", arg.sql));
  out.pretty = fmt::format("{}({})", call.name == "signum" ? "SIGNUM" : call.name, arg.pretty);
  return out;
}

Bound BindFormatNumber(Call& call) {
  Bound& arg = call.args[0];
  std::string text = arg.type.is(TypeId::kDouble) || arg.type.is(TypeId::kFloat)
                         ? fmt::format("spark_plain_double(CAST({} AS DOUBLE))", arg.sql)
                         : fmt::format("CAST({} AS VARCHAR)", arg.sql);
  bool pattern = call.args[1].type.is(TypeId::kString);
  if (!pattern) call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kInt), call.name, 1);
  if (call.args[1].bad) return call.binder.Bad(call.expr);
  std::string sql = fmt::format("spark_format_{}({}, {})", pattern ? "pattern" : "number", text, call.args[1].sql);
  if (arg.type.is(TypeId::kDouble) || arg.type.is(TypeId::kFloat)) {
    sql = fmt::format("(CASE WHEN isnan({0}) THEN 'NaN' WHEN isinf({0}) THEN CASE WHEN {0} > 0 THEN '∞' ELSE '-∞' END ELSE {1} END)", arg.sql, sql);
  }
  Bound out = ResultOf(call, Type(TypeId::kString), sql);
  out.nullable = true;
  return out;
}

Bound BindNegative(Call& call) {
  Bound nothing;
  nothing.type = call.args[0].type;
  nothing.sql = fmt::format("CAST(0 AS {})", nothing.type.ToDuckDb());
  if (call.name == "positive") {
    Bound same = ResultOf(call, call.args[0].type, call.args[0].sql);
    same.pretty = fmt::format("(+ {})", call.args[0].pretty);
    return same;
  }
  Bound out = call.args[0].type.is_integral() ? call.binder.Arithmetic("-", nothing, call.args[0], call.expr)
                                              : ResultOf(call, call.args[0].type, fmt::format("(-{})", call.args[0].sql));
  out.pretty = fmt::format("negative({})", call.args[0].pretty);
  return out;
}

Bound BindGetBit(Call& call) {
  Bound& value = call.args[0];
  int bits = value.type.is(TypeId::kByte) ? 8 : value.type.is(TypeId::kShort) ? 16 : value.type.is(TypeId::kInt) ? 32 : 64;
  return ResultOf(call, Type(TypeId::kByte),
                  fmt::format("(CASE WHEN {1} < 0 OR {1} >= {2} THEN error('[INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE] The bit position is "
                              "outside of 0 to {3}. SQLSTATE: 22023') ELSE CAST((CAST({0} AS BIGINT) >> CAST({1} AS BIGINT)) & 1 AS TINYINT) END)",
                              value.sql, call.args[1].sql, bits, bits - 1));
}

/// A number for width_bucket: intervals as their months or microseconds.
Bound BindWidthBucket(Call& call) {
  bool interval = call.args[0].type.is(TypeId::kIntervalDayTime) || call.args[0].type.is(TypeId::kIntervalYearMonth);
  std::string values;
  for (size_t i = 0; i < 3; ++i) {
    Bound& arg = call.args[i];
    if (!interval) arg = call.binder.Implicit(std::move(arg), Type(TypeId::kDouble), call.name, i);
    if (arg.bad) return call.binder.Bad(call.expr);
    if (interval && arg.type.id() != call.args[0].type.id()) return WrongArgument(call, i, UpperAscii(call.args[0].type.ToSimpleString()));
    values += fmt::format("CAST({} AS DOUBLE), ", arg.sql);
  }
  Bound out = ResultOf(call, Type(TypeId::kLong), fmt::format("spark_width_bucket({}{})", values, call.args[3].sql));
  out.nullable = true;
  return out;
}

#define FLARE_LOG(function) "(CASE WHEN $1 > 0 THEN " function "($1) WHEN isnan($1) THEN $1 END)"

const FunctionSpec kMathFunctions[] = {
    {"abs", "N", "", "", "absolute value", BindAbs},
    {"round bround", "n i=0", "", "", "rounded half up, or half to even", BindRound},
    {"ceil ceiling floor", "n", "", "", "next whole number above or below", BindCeilFloor},
    {"ceil ceiling floor", "n i", "", "", "rounded up or down to some digits", BindCeilFloor},
    {"sqrt", "d", "double", "(CASE WHEN $1 < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt($1) END)", "square root", nullptr, "SQRT"},
    {"cbrt", "d", "double", "spark_cbrt($1)", "cube root", nullptr, "CBRT"},
    {"power pow", "d d", "double", "spark_pow($1, $2)", "first to the power of the second",
     [](Call& call) {
       Bound out = ResultOf(call, Type(TypeId::kDouble), ExpandTemplate("spark_pow($1, $2)", call));
       out.pretty = fmt::format("{}({}, {})", call.name == "power" ? "POWER" : call.name, call.args[0].pretty, call.args[1].pretty);
       return out;
     }},
    {"exp", "d", "double", "spark_exp($1)", "e to a power", nullptr, "EXP"},
    {"expm1", "d", "double", "spark_expm1($1)", "e to a power, less one", nullptr, "EXPM1"},
    {"ln", "d", "double", FLARE_LOG("ln"), "natural logarithm"},
    {"log", "d", "double", FLARE_LOG("ln"), "natural logarithm",
     [](Call& call) {
       Bound out = ResultOf(call, Type(TypeId::kDouble), ExpandTemplate(FLARE_LOG("ln"), call));
       out.pretty = fmt::format("LOG(E(), {})", call.args[0].pretty);
       return out;
     }},
    {"log", "d d", "double", "(CASE WHEN $1 > 0 AND $2 > 0 THEN ln($2) / ln($1) END)", "logarithm to a base", nullptr, "LOG"},
    {"log2", "d", "double", FLARE_LOG("log2"), "logarithm to base 2", nullptr, "LOG2"},
    {"log10", "d", "double", FLARE_LOG("log10"), "logarithm to base 10", nullptr, "LOG10"},
    {"log1p", "d", "double", "(CASE WHEN $1 > -1 THEN spark_log1p($1) END)", "natural logarithm of one more", nullptr, "LOG1P"},
    {"mod", "n n", "", "", "remainder with the sign of the first", BindMod},
    {"try_mod", "n n", "", "", "remainder, NULL for 0", BindMod},
    {"pmod", "n n", "", "", "remainder that is not negative", BindPmod},
    {"try_add try_subtract try_multiply try_divide", "a a", "", "", "arithmetic with NULL on overflow", BindTryArithmetic},
    {"sign signum", "N", "", "", "-1, 0 or 1", BindSign},
    {"negative positive", "N", "", "", "with the other, or the same, sign", BindNegative},
    {"sin", "d", "double", "spark_sin($1)", "sine", nullptr, "SIN"},
    {"cos", "d", "double", "spark_cos($1)", "cosine", nullptr, "COS"},
    {"tan", "d", "double", "spark_tan($1)", "tangent", nullptr, "TAN"},
    {"asin", "d", "double", "(CASE WHEN abs($1) > 1 THEN CAST('NaN' AS DOUBLE) ELSE asin($1) END)", "arc sine", nullptr, "ASIN"},
    {"acos", "d", "double", "(CASE WHEN abs($1) > 1 THEN CAST('NaN' AS DOUBLE) ELSE acos($1) END)", "arc cosine", nullptr, "ACOS"},
    {"atan", "d", "double", "atan($1)", "arc tangent", nullptr, "ATAN"},
    {"atan2", "d d", "double", "atan2($1, $2)", "angle of a point", nullptr, "ATAN2"},
    {"cot", "d", "double", "spark_cot($1)", "cotangent", nullptr, "COT"},
    {"sec", "d", "double", "spark_sec($1)", "secant", nullptr, "SEC"},
    {"csc", "d", "double", "spark_csc($1)", "cosecant", nullptr, "CSC"},
    {"asinh", "d", "double", "spark_asinh($1)", "area hyperbolic sine", nullptr, "ASINH"},
    {"acosh", "d", "double", "spark_acosh($1)", "area hyperbolic cosine", nullptr, "ACOSH"},
    {"atanh", "d", "double", "spark_atanh($1)", "area hyperbolic tangent", nullptr, "ATANH"},
    {"sinh", "d", "double", "sinh($1)", "hyperbolic sine", nullptr, "SINH"},
    {"cosh", "d", "double", "cosh($1)", "hyperbolic cosine", nullptr, "COSH"},
    {"tanh", "d", "double", "tanh($1)", "hyperbolic tangent", nullptr, "TANH"},
    {"degrees", "d", "double", "degrees($1)", "degrees of radians", nullptr, "DEGREES"},
    {"radians", "d", "double", "radians($1)", "radians of degrees", nullptr, "RADIANS"},
    {"hypot", "d d", "double", "spark_hypot($1, $2)", "length of the hypotenuse", nullptr, "HYPOT"},
    {"rint", "d", "double", "spark_rint($1)", "nearest whole number as a double", nullptr, "rint"},
    {"pi", "", "double", "pi()", "the number pi", nullptr, "PI"},
    {"e", "", "double", "exp(CAST(1 AS DOUBLE))", "Euler's number", nullptr, "E"},
    {"factorial", "i", "bigint", "(CASE WHEN $1 BETWEEN 0 AND 20 THEN CAST(factorial($1) AS BIGINT) END)", "factorial of 0 to 20"},
    {"bin", "l", "string", "bin($1)", "binary text of a number"},
    {"conv", "s i i", "string", "spark_conv$a($1, $2, $3)", "number text from one base to another"},
    {"bit_count", "a", "", "", "how many bits of a whole number are set",
     [](Call& call) {
       Bound& arg = call.args[0];
       if (arg.type.is(TypeId::kBoolean)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kInt));
       if (!arg.type.is_integral() && !arg.type.is(TypeId::kVoid)) return WrongArgument(call, 0, "a whole number or BOOLEAN");
       return ResultOf(call, Type(TypeId::kInt), fmt::format("CAST(bit_count(CAST({} AS BIGINT)) AS INTEGER)", arg.sql));
     }},
    {"shiftleft shiftright shiftrightunsigned", "a a", "", "", "bits moved", BindShift},
    {"getbit bit_get", "I i", "", "", "one bit of a whole number, 0 is the lowest", BindGetBit},
    {"width_bucket", "a a a l", "", "", "which of equal parts of a range a value lies in", BindWidthBucket},
    {"isnan", "d", "boolean", "coalesce(isnan($1), false)", "whether a double is NaN"},
    {"format_number", "n a", "", "", "number text with thousands separators, or by a pattern such as #,##0.00", BindFormatNumber},
};
#undef FLARE_LOG

}  // namespace

std::span<const FunctionSpec> MathFunctions() { return kMathFunctions; }

}  // namespace flare::sql
