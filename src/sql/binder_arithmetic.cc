#include <fmt/format.h>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

/// The smallest decimal of a whole-number literal: 3 is decimal(1,0) beside a decimal.
std::optional<Type> LiteralDecimal(const Bound& value) {
  if (!value.is_literal || !value.type.is_integral()) return std::nullopt;
  size_t digits = value.literal.size() - (value.literal[0] == '-' ? 1 : 0);
  return Type::Decimal(static_cast<int>(digits), 0);
}

bool IsTemporal(const Type& type) {
  return type.is_interval() || type.is(TypeId::kDate) || type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz);
}

std::string ZeroDivisor(const std::string& divisor) {
  return fmt::format("WHEN {} = 0 THEN error('[DIVIDE_BY_ZERO] Division by zero.')", divisor);
}

}  // namespace

Bound Binder::IntegerArithmetic(const std::string& op, Bound left, Bound right, const Type& type) {
  left = Cast(std::move(left), type);
  right = Cast(std::move(right), type);
  Bound out;
  out.type = type;
  if (op == "%") {
    // the smallest number by -1 has no quotient, but its remainder is 0
    std::string plain = type.is(TypeId::kLong)
                            ? fmt::format("CAST(CAST({} AS HUGEINT) % nullif({}, 0) AS BIGINT)", left.sql, right.sql)
                            : fmt::format("CAST(CAST({} AS BIGINT) % nullif({}, 0) AS {})", left.sql, right.sql, type.ToDuckDb());
    out.sql = ansi() ? fmt::format("(CASE {} ELSE {} END)", ZeroDivisor(right.sql), plain) : plain;
    out.nullable = true;
    return out;
  }
  if (ansi()) {
    out.sql = fmt::format("({} {} {})", left.sql, op, right.sql);
    if (!type.is(TypeId::kInt) && !type.is(TypeId::kLong)) out.sql = fmt::format("CAST({} AS {})", out.sql, type.ToDuckDb());
    return out;
  }
  if (type.is(TypeId::kLong)) {
    const char* name = op == "+" ? "add" : op == "-" ? "subtract" : "multiply";
    out.sql = fmt::format("spark_{}_bigint({}, {})", name, left.sql, right.sql);
    return out;
  }
  out.sql = WrapInteger(fmt::format("(CAST({} AS BIGINT) {} {})", left.sql, op, right.sql), type.id(), false);
  return out;
}

Bound Binder::DecimalArithmetic(const std::string& op, Bound left, Bound right) {
  for (Bound* side : {&left, &right}) {
    if (side->type.is(TypeId::kDecimal)) continue;
    auto literal = LiteralDecimal(*side);
    *side = Cast(std::move(*side), literal ? *literal : DecimalForIntegral(side->type.id()));
  }
  Bound out;
  if (op == "DIV") {
    out.type = Type(TypeId::kLong);
    Type wide = WiderDecimal(left.type, right.type);
    std::string a = Cast(std::move(left), wide).sql;
    std::string b = Cast(std::move(right), wide).sql;
    out.sql = fmt::format("CAST(TRY_CAST(spark_decimal_divide(CAST(({0} - ({0} % nullif({1}, 0))) AS VARCHAR), CAST({1} AS VARCHAR), 0) "
                          "AS HUGEINT) AS BIGINT)", a, b);
    if (ansi()) out.sql = fmt::format("(CASE {} ELSE {} END)", ZeroDivisor(b), out.sql);
    return out;
  }
  out.type = DecimalResult(op[0], left.type, right.type);
  const Type& type = out.type;
  int p1 = left.type.precision();
  int p2 = right.type.precision();
  // Native where DuckDB's own result cannot overflow and has the scale; digit by digit elsewhere.
  if ((op == "+" || op == "-") && type.precision() < 38) {
    std::string a = Cast(std::move(left), type).sql;
    std::string b = Cast(std::move(right), type).sql;
    out.sql = fmt::format("CAST(({} {} {}) AS {})", a, op, b, type.ToDuckDb());
  } else if (op == "*" && p1 + p2 < 38) {
    std::string a = fmt::format("CAST({} AS DECIMAL({},{}))", left.sql, p1 + p2, left.type.scale());
    out.sql = fmt::format("CAST(({} * {}) AS {})", p1 + p2 <= 18 ? left.sql : a, right.sql, type.ToDuckDb());
  } else if (op == "%" && WiderDecimal(left.type, right.type).precision() < 38) {
    Type wide = WiderDecimal(left.type, right.type);
    std::string divisor = Cast(std::move(right), wide).sql;
    out.sql = fmt::format("CAST(({} % nullif({}, 0)) AS {})", Cast(std::move(left), wide).sql, divisor, type.ToDuckDb());
    if (ansi()) out.sql = fmt::format("(CASE {} ELSE {} END)", ZeroDivisor(divisor), out.sql);
  } else {
    const char* name = op == "+" ? "add" : op == "-" ? "subtract" : op == "*" ? "multiply" : op == "/" ? "divide" : "remainder";
    out.sql = fmt::format("{}(spark_decimal_{}(CAST({} AS VARCHAR), CAST({} AS VARCHAR), {}) AS {})",
                          ansi() ? "CAST" : "TRY_CAST", name, left.sql, right.sql, type.scale(), type.ToDuckDb());
    if (ansi() && (op == "/" || op == "%")) out.sql = fmt::format("(CASE {} ELSE {} END)", ZeroDivisor(right.sql), out.sql);
  }
  return out;
}

Bound Binder::Arithmetic(const std::string& op, Bound left, Bound right, const Expr& expr) {
  std::string pretty = fmt::format("({} {} {})", left.pretty, op == "DIV" ? "div" : op, right.pretty);
  Bound out;
  bool nullable = left.nullable || right.nullable || op == "/" || op == "%" || op == "DIV";
  Bound inherited;
  Inherit(left, &inherited);
  Inherit(right, &inherited);
  if (IsTemporal(left.type) || IsTemporal(right.type)) {
    out = DatetimeArithmetic(op, std::move(left), std::move(right), expr);
  } else {
    for (auto [side, other] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
      if (side->type.is(TypeId::kString)) {
        // ANSI reads text as the widest of the other side's kind
        bool whole = ansi() && other->type.is_integral();
        *side = Cast(std::move(*side), Type(whole ? TypeId::kLong : TypeId::kDouble));
      } else if (side->type.is(TypeId::kVoid)) {
        Type type = other->type.is_numeric() ? other->type : Type(TypeId::kDouble);
        *side = Cast(std::move(*side), type);
      }
    }
    if (!left.type.is_numeric() || !right.type.is_numeric()) {
      Report("DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
             fmt::format("{} needs numbers, found {} and {}", op, UpperAscii(left.type.ToSimpleString()),
                         UpperAscii(right.type.ToSimpleString())),
             expr.begin);
      return Bad(expr);
    }
    bool decimal = left.type.is(TypeId::kDecimal) || right.type.is(TypeId::kDecimal);
    Type type = *TightestCommonType(left.type, right.type);
    // with ANSI a whole number beside a FLOAT keeps its digits
    if (ansi() && type.is(TypeId::kFloat) && left.type != right.type) type = Type(TypeId::kDouble);
    if (decimal && type.is(TypeId::kDecimal)) {
      out = DecimalArithmetic(op, std::move(left), std::move(right));
    } else if (op == "DIV") {
      out.type = Type(TypeId::kLong);
      std::string a = Cast(std::move(left), type.is_integral() ? Type(TypeId::kLong) : type).sql;
      std::string b = Cast(std::move(right), type.is_integral() ? Type(TypeId::kLong) : type).sql;
      std::string quotient = WrapInteger(fmt::format("(CAST({} AS HUGEINT) // nullif({}, 0))", a, b), TypeId::kLong, true);
      if (!type.is_integral()) {
        Report("DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE", fmt::format("DIV needs whole numbers, found {}", UpperAscii(type.ToSimpleString())), expr.begin);
        return Bad(expr);
      }
      out.sql = ansi() ? fmt::format("(CASE {} ELSE {} END)", ZeroDivisor(b), quotient) : quotient;
    } else if (op == "/" || type.is(TypeId::kDouble) || type.is(TypeId::kFloat)) {
      if (op == "/") type = Type(TypeId::kDouble);
      out.type = type;
      std::string a = Cast(std::move(left), type).sql;
      std::string b = Cast(std::move(right), type).sql;
      bool divides = op == "/" || op == "%";
      out.sql = divides ? fmt::format("({} {} nullif({}, 0))", a, op, b) : fmt::format("({} {} {})", a, op, b);
      if (divides && ansi()) out.sql = fmt::format("(CASE {} ELSE {} END)", ZeroDivisor(b), out.sql);
    } else {
      out = IntegerArithmetic(op, std::move(left), std::move(right), type);
    }
  }
  if (out.bad) return out;
  out.nullable = nullable;
  if (out.pretty.empty()) out.pretty = std::move(pretty);
  Inherit(inherited, &out);
  return out;
}

}  // namespace flare::sql
