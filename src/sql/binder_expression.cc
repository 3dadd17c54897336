#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "sql/binder.h"
#include "sql/names.h"
#include "sql/runtime_call.h"
#include "sql/time_literal.h"

namespace flare::sql {
namespace {

/// A date or timestamp literal is read by the same function that casts text, at plan time.
std::string TypedLiteral(const Expr& expr, const std::string& zone) {
  return CastSql(QuoteDuckDbString(expr.text), Type(TypeId::kString), expr.type, CastMode::kAnsi, zone);
}

std::string NumberText(const Expr& expr) {
  const std::string& text = expr.text;
  std::string quoted = text.find_first_of("-") == 0 ? fmt::format("({})", text) : text;
  switch (expr.type.id()) {
    case TypeId::kInt:
      // DuckDB reads the smallest INTEGER as the negative of a BIGINT
      return text == "-2147483648" ? fmt::format("CAST({} AS INTEGER)", quoted) : quoted;
    case TypeId::kFloat:
    case TypeId::kDouble: return fmt::format("CAST('{}' AS {})", text, expr.type.ToDuckDb());
    case TypeId::kDecimal: return fmt::format("CAST('{}' AS {})", text, expr.type.ToDuckDb());
    default: return fmt::format("CAST({} AS {})", quoted, expr.type.ToDuckDb());
  }
}

/// Java prints 1e3 as 1000.0, 1e10 as 1.0E10.
template <class T>
std::string JavaNumber(const std::string& text) {
  T value = 0;
  auto read = std::from_chars(text.data() + (text[0] == '+' ? 1 : 0), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) {
    // too large or too small, as the exponent says
    value = text.find("e-") == std::string::npos && text.find("E-") == std::string::npos ? std::numeric_limits<T>::infinity() : T{0};
    if (text[0] == '-') value = -value;
  }
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  T magnitude = std::abs(value);
  char buffer[64];
  if (magnitude != 0 && (magnitude < T(1e-3) || magnitude >= T(1e7))) {
    auto written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
    std::string scientific(buffer, written.ptr);
    size_t e = scientific.find('e');
    std::string mantissa = scientific.substr(0, e);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    return fmt::format("{}E{}", mantissa, std::strtol(scientific.c_str() + e + 1, nullptr, 10));
  }
  auto written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  std::string plain(buffer, written.ptr);
  return plain.find('.') == std::string::npos ? plain + ".0" : plain;
}

}  // namespace

Bound Binder::BindLiteral(const Expr& expr) {
  Bound bound;
  bound.type = expr.type;
  bound.begin = expr.begin;
  bound.is_literal = true;
  bound.nullable = false;
  bound.literal = expr.text;
  bound.pretty = expr.text;
  if (expr.kind == ExprKind::kInterval) {
    bound.sql = fmt::format("CAST({} AS {})", expr.text == "-9223372036854775808" ? "'" + expr.text + "'" : expr.text, expr.type.ToDuckDb());
    bound.pretty = expr.names[0];
    return bound;
  }
  switch (expr.type.id()) {
    case TypeId::kVoid:
      bound.sql = "NULL";
      bound.pretty = "NULL";
      bound.nullable = true;
      break;
    case TypeId::kBoolean: bound.sql = expr.text; break;
    case TypeId::kString: bound.sql = QuoteDuckDbString(expr.text); break;
    case TypeId::kBinary:
      bound.sql = fmt::format("unhex('{}')", expr.text);
      bound.pretty = fmt::format("X'{}'", expr.text);
      break;
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
      bound.sql = TypedLiteral(expr, scope_.time_zone);
      bound.type = Type(TypeId::kString);
      if (auto special = SpecialTime(bound, expr.type)) bound.sql = Cast(*std::move(special), expr.type).sql;
      bound.type = expr.type;
      bound.pretty = fmt::format("{} '{}'", UpperAscii(expr.type.ToSimpleString()),
                                 TimeLiteralText(expr.type, expr.text, scope_.time_zone));
      bound.is_literal = false;
      break;
    case TypeId::kDouble:
    case TypeId::kFloat:
      bound.pretty = expr.type.is(TypeId::kFloat) ? JavaNumber<float>(expr.text) : JavaNumber<double>(expr.text);
      [[fallthrough]];
    default: bound.sql = NumberText(expr);
  }
  return bound;
}

Bound Binder::BindUnary(const Expr& expr) {
  Bound value = BindExpr(*expr.args[0]);
  if (value.bad) return Bad(expr);
  Bound out;
  Inherit(value, &out);
  out.nullable = value.nullable;
  if (expr.text == "NOT") {
    if (value.type.is(TypeId::kVoid)) value = Cast(std::move(value), Type(TypeId::kBoolean));
    if (!value.type.is(TypeId::kBoolean)) {
      Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
             fmt::format("NOT needs a BOOLEAN, but {} is {}", value.pretty, UpperAscii(value.type.ToSimpleString())), expr.begin);
      return Bad(expr);
    }
    out.type = value.type;
    out.sql = fmt::format("(NOT {})", value.sql);
    out.pretty = fmt::format("(NOT {})", value.pretty);
    return out;
  }
  if (expr.text == "~") {
    if (value.type.is(TypeId::kVoid)) value = Cast(std::move(value), Type(TypeId::kInt));
    if (!value.type.is_integral()) {
      Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
             fmt::format("~ needs a whole number, but {} is {}", value.pretty, UpperAscii(value.type.ToSimpleString())), expr.begin);
      return Bad(expr);
    }
    out.type = value.type;
    out.sql = fmt::format("(~{})", value.sql);
    out.pretty = "~" + value.pretty;
    return out;
  }
  bool interval = value.type.is_interval();
  if (value.type.is(TypeId::kString) || value.type.is(TypeId::kVoid)) value = Cast(std::move(value), Type(TypeId::kDouble));
  if (!value.type.is_numeric() && !interval) {
    Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
           fmt::format("the sign {} needs a number, but {} is {}", expr.text, value.pretty,
                       UpperAscii(value.type.ToSimpleString())),
           expr.begin);
    return Bad(expr);
  }
  out.type = value.type;
  out.pretty = fmt::format("({} {})", expr.text, value.pretty);
  if (expr.text == "+") {
    out.sql = value.sql;
    return out;
  }
  if (value.type.is_integral() && !ansi()) {
    // the negative of the smallest number is itself in Java
    out.sql = value.type.is(TypeId::kLong) ? fmt::format("spark_subtract_bigint(0, {})", value.sql)
                                           : WrapInteger(fmt::format("(-CAST({} AS BIGINT))", value.sql), value.type.id(), false);
  } else {
    out.sql = fmt::format("(-{})", value.sql);
  }
  return out;
}

Bound Binder::BindLogical(const Expr& expr, Bound left, Bound right) {
  for (Bound* side : {&left, &right}) {
    if (side->type.is(TypeId::kVoid)) *side = Cast(std::move(*side), Type(TypeId::kBoolean));
    if (side->type.is(TypeId::kBoolean)) continue;
    Report("DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
           fmt::format("{} needs BOOLEAN on both sides, but {} is {}", expr.text, side->pretty,
                       UpperAscii(side->type.ToSimpleString())),
           side->begin);
    return Bad(expr);
  }
  Bound out;
  Inherit(left, &out);
  Inherit(right, &out);
  out.type = Type(TypeId::kBoolean);
  out.nullable = left.nullable || right.nullable;
  out.sql = fmt::format("({} {} {})", left.sql, expr.text, right.sql);
  out.pretty = fmt::format("({} {} {})", left.pretty, expr.text, right.pretty);
  return out;
}

Bound Binder::BindConcat(const Expr& expr, Bound left, Bound right) {
  Bound out;
  Inherit(left, &out);
  Inherit(right, &out);
  out.nullable = left.nullable || right.nullable;
  out.pretty = fmt::format("concat({}, {})", left.pretty, right.pretty);
  bool arrays = left.type.is(TypeId::kArray) || right.type.is(TypeId::kArray);
  if (left.type.is(TypeId::kBinary) && right.type.is(TypeId::kBinary)) {
    out.type = left.type;
  } else if (arrays) {
    std::vector<Bound> sides = {std::move(left), std::move(right)};
    auto type = Unify(&sides, expr, "||", true);
    if (!type) return Bad(expr);
    out.type = *type;
    // DuckDB's || of lists takes NULL as an empty list; Spark's result is NULL
    out.sql = fmt::format("(CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL ELSE list_concat({0}, {1}) END)", sides[0].sql,
                          sides[1].sql);
    return out;
  } else {
    left = Implicit(std::move(left), Type(TypeId::kString), "concat", 0);
    right = Implicit(std::move(right), Type(TypeId::kString), "concat", 1);
    if (left.bad || right.bad) return Bad(expr);
    out.type = Type(TypeId::kString);
  }
  out.sql = fmt::format("({} || {})", left.sql, right.sql);
  return out;
}

Bound Binder::BindBits(const Expr& expr, Bound left, Bound right) {
  const std::string& op = expr.text;
  bool shift = op == "<<" || op == ">>" || op == ">>>";
  Bound out;
  Inherit(left, &out);
  Inherit(right, &out);
  out.nullable = left.nullable || right.nullable;
  if (shift) {
    std::string_view name = op == "<<" ? "shiftleft" : op == ">>" ? "shiftright" : "shiftrightunsigned";
    if (!left.type.is(TypeId::kLong)) left = Implicit(std::move(left), Type(TypeId::kInt), name, 0);
    right = Implicit(std::move(right), Type(TypeId::kInt), name, 1);
    if (left.bad || right.bad) return Bad(expr);
    out.type = left.type;
    bool wide = left.type.is(TypeId::kLong);
    out.pretty = fmt::format("({} {} {})", left.pretty, op, right.pretty);
    std::string count = fmt::format("CAST(({} & {}) AS HUGEINT)", right.sql, wide ? 63 : 31);
    std::string base = fmt::format("CAST({} AS HUGEINT)", left.sql);
    if (op == "<<") {
      out.sql = WrapInteger(fmt::format("({} << {})", fmt::format("({} & CAST({} AS HUGEINT))", base,
                                                                wide ? "18446744073709551615" : "4294967295"), count),
                            left.type.id(), true);
    } else if (op == ">>") {
      // an arithmetic shift: divide by the power of two, rounding down
      out.sql = fmt::format("CAST(({} >> {}) AS {})", left.sql, fmt::format("CAST(({} & {}) AS {})", right.sql, wide ? 63 : 31, left.type.ToDuckDb()),
                            left.type.ToDuckDb());
    } else {
      out.sql = WrapInteger(fmt::format("(({} & CAST({} AS HUGEINT)) >> {})", base, wide ? "18446744073709551615" : "4294967295", count),
                            left.type.id(), true);
    }
    return out;
  }
  auto type = TightestCommonType(left.type, right.type);
  if (left.type.is(TypeId::kString) || right.type.is(TypeId::kString)) {
    // text meets a whole number as that number
    type = left.type.is(TypeId::kString) ? right.type : left.type;
  }
  if (type && type->is(TypeId::kVoid)) type = Type(TypeId::kInt);
  if (!type || !type->is_integral()) {
    Report("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
           fmt::format("{} needs whole numbers, found {} and {}", op, UpperAscii(left.type.ToSimpleString()),
                       UpperAscii(right.type.ToSimpleString())),
           expr.begin);
    return Bad(expr);
  }
  left = Cast(std::move(left), *type);
  right = Cast(std::move(right), *type);
  out.type = *type;
  out.sql = op == "^" ? fmt::format("xor({}, {})", left.sql, right.sql) : fmt::format("({} {} {})", left.sql, op, right.sql);
  out.pretty = fmt::format("({} {} {})", left.pretty, op, right.pretty);
  return out;
}

Bound Binder::BindBinary(const Expr& expr) {
  Bound left = BindExpr(*expr.args[0]);
  Bound right = BindExpr(*expr.args[1]);
  if (left.bad || right.bad) return Bad(expr);
  const std::string& op = expr.text;
  if (op == "AND" || op == "OR") return BindLogical(expr, std::move(left), std::move(right));
  if (op == "||") return BindConcat(expr, std::move(left), std::move(right));
  if (op == "&" || op == "|" || op == "^" || op == "<<" || op == ">>" || op == ">>>") {
    return BindBits(expr, std::move(left), std::move(right));
  }
  if (op == "+" || op == "-" || op == "*" || op == "/" || op == "%" || op == "DIV") {
    return Arithmetic(op, std::move(left), std::move(right), expr);
  }
  return Compare(std::move(left), std::move(right), op == "<=>" ? "IS NOT DISTINCT FROM" : op, expr);
}

Bound Binder::BindCast(const Expr& expr) {
  Bound value = BindExpr(*expr.args[0]);
  if (value.bad) return Bad(expr);
  bool is_try = expr.text == "try_cast";
  if (!CanCast(value.type, expr.type, ansi() || is_try)) {
    bool only_ansi = CanCast(value.type, expr.type, false);
    Report(only_ansi ? "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION" : "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
           fmt::format("cannot cast {} to {}", UpperAscii(value.type.ToSimpleString()), UpperAscii(expr.type.ToSimpleString())),
           expr.begin, only_ansi ? "it exists only with spark.sql.ansi.enabled = false" : "");
    return Bad(expr);
  }
  if (auto special = SpecialTime(value, expr.type)) value = *std::move(special);
  bool from_variant = value.type.is(TypeId::kVariant) && !expr.type.is(TypeId::kVariant) && !expr.type.is(TypeId::kString);
  bool to_variant = expr.type.is(TypeId::kVariant) && !value.type.is(TypeId::kVariant) && !value.type.is(TypeId::kVoid);
  // Spark leaves a cast to a nested type out of the name
  std::string pretty = expr.type.is_nested() ? value.pretty : fmt::format("{}({} AS {})", is_try ? "TRY_CAST" : "CAST", value.pretty, UpperAscii(expr.type.ToSimpleString()));
  Bound out = from_variant || to_variant ? CastVariant(*this, std::move(value), expr.type, is_try)
                                         : CastAs(std::move(value), expr.type, is_try ? CastMode::kTry : mode());
  out.pretty = std::move(pretty);
  out.name.clear();
  out.is_literal = false;
  return out;
}

Bound Binder::BindCase(const Expr& expr) {
  std::vector<Bound> parts;
  for (const ExprPtr& arg : expr.args) parts.push_back(BindExpr(*arg));
  bool bad = std::any_of(parts.begin(), parts.end(), [](const Bound& part) { return part.bad; });
  if (bad) return Bad(expr);
  size_t first = expr.has_operand ? 1 : 0;
  size_t pairs_end = parts.size() - (expr.has_else ? 1 : 0);
  Bound out;
  std::string pretty = "CASE";
  std::vector<Bound> results;
  std::vector<std::string> conditions;
  for (size_t i = first; i < pairs_end; i += 2) {
    Bound condition = parts[i];
    if (expr.has_operand) {
      condition = Compare(parts[0], parts[i], "=", *expr.args[i]);
    } else if (condition.type.is(TypeId::kVoid)) {
      condition = Cast(std::move(condition), Type(TypeId::kBoolean));
    }
    if (condition.bad) return Bad(expr);
    if (!condition.type.is(TypeId::kBoolean)) {
      Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
             fmt::format("WHEN needs a BOOLEAN, but {} is {}", condition.pretty, UpperAscii(condition.type.ToSimpleString())),
             condition.begin);
      return Bad(expr);
    }
    pretty += fmt::format(" WHEN {} THEN {}", condition.pretty, parts[i + 1].pretty);
    conditions.push_back(condition.sql);
    results.push_back(parts[i + 1]);
    Inherit(condition, &out);
  }
  if (expr.has_else) {
    pretty += " ELSE " + parts.back().pretty;
    results.push_back(parts.back());
  }
  out.pretty = pretty + " END";
  out.nullable = !expr.has_else;
  for (const Bound& result : results) {
    Inherit(result, &out);
    out.nullable = out.nullable || result.nullable;
  }
  auto type = Unify(&results, expr, "CASE", true);
  if (!type) return Bad(expr);
  out.type = *type;
  out.sql = "(CASE";
  for (size_t i = 0; i < conditions.size(); ++i) out.sql += fmt::format(" WHEN {} THEN {}", conditions[i], results[i].sql);
  if (expr.has_else) out.sql += " ELSE " + results.back().sql;
  out.sql += " END)";
  return out;
}

}  // namespace flare::sql
