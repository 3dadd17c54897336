#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sql/interval.h"
#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

/// Digits without leading zeros, at least one.
std::string StripZeros(std::string_view digits) {
  size_t from = digits.find_first_not_of('0');
  return from == std::string_view::npos ? "0" : std::string(digits.substr(from));
}

struct DecimalText {
  std::string text;
  int precision = 1;
  int scale = 0;
};

/// "001.50" -> 1.50, precision 3, scale 2. An exponent moves the point.
DecimalText ToDecimal(std::string_view number) {
  long exponent = 0;
  if (size_t e = number.find_first_of("eE"); e != std::string_view::npos) {
    exponent = std::strtol(std::string(number.substr(e + 1)).c_str(), nullptr, 10);
    exponent = std::min(200L, std::max(-200L, exponent));
    number = number.substr(0, e);
  }
  size_t point = number.find('.');
  std::string digits(number.substr(0, point));
  long scale = 0;
  if (point != std::string_view::npos) {
    digits += number.substr(point + 1);
    scale = static_cast<long>(number.size() - point - 1);
  }
  scale -= exponent;
  digits = StripZeros(digits);
  if (scale < 0) {
    digits += std::string(static_cast<size_t>(-scale), '0');
    scale = 0;
  }
  DecimalText out;
  out.scale = static_cast<int>(scale);
  out.precision = std::max(static_cast<int>(digits == "0" ? 1 : digits.size()), out.scale);
  if (digits.size() <= static_cast<size_t>(scale)) digits.insert(0, static_cast<size_t>(scale) + 1 - digits.size(), '0');
  out.text = digits;
  if (scale > 0) out.text.insert(out.text.size() - static_cast<size_t>(scale), ".");
  return out;
}

bool FitsInteger(const std::string& digits, bool negative, TypeId id) {
  __int128 limit = 0;
  switch (id) {
    case TypeId::kByte: limit = 127; break;
    case TypeId::kShort: limit = 32767; break;
    case TypeId::kInt: limit = std::numeric_limits<int32_t>::max(); break;
    default: limit = std::numeric_limits<int64_t>::max();
  }
  if (digits.size() > 20) return false;
  __int128 value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return value <= limit + (negative ? 1 : 0);
}

}  // namespace

ExprPtr Parser::ParseNumber(bool negative) {
  ExprPtr expr = New(ExprKind::kLiteral, Peek().begin - (negative ? 1 : 0));
  std::string text = Take().text;
  std::string sign = negative ? "-" : "";
  std::string suffix;
  while (!text.empty() && (text.back() < '0' || text.back() > '9') && text.back() != '.') {
    suffix.insert(suffix.begin(), static_cast<char>(text.back() | 32));
    text.pop_back();
  }
  bool has_exponent = text.find_first_of("eE") != std::string::npos;
  bool has_point = text.find('.') != std::string::npos;
  if (suffix == "d" || suffix == "f" || (suffix.empty() && has_exponent)) {
    expr->type = Type(suffix == "f" ? TypeId::kFloat : TypeId::kDouble);
    expr->text = sign + text;
    bool fits = suffix == "f" ? std::isfinite(std::strtof(text.c_str(), nullptr)) : std::isfinite(std::strtod(text.c_str(), nullptr));
    if (!fits) {
      Fail("INVALID_NUMERIC_LITERAL_RANGE",
           fmt::format("the number {} is outside the range of {}", text, UpperAscii(expr->type.ToSimpleString())), expr->begin);
      return nullptr;
    }
    return Finish(std::move(expr));
  }
  if (suffix == "bd" || (suffix.empty() && has_point)) {
    DecimalText decimal = ToDecimal(text);
    if (decimal.precision > 38 || decimal.scale > 38) {
      Fail("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", fmt::format("the number {} has more than 38 digits", text), expr->begin);
      return nullptr;
    }
    expr->type = Type::Decimal(decimal.precision, decimal.scale);
    expr->text = sign + decimal.text;
    return Finish(std::move(expr));
  }
  if (has_point || has_exponent) {
    Fail("PARSE_SYNTAX_ERROR", fmt::format("{}{} is not a whole number", text, suffix), expr->begin);
    return nullptr;
  }
  std::string digits = StripZeros(text);
  expr->text = digits == "0" ? digits : sign + digits;
  TypeId id = suffix == "y" ? TypeId::kByte : suffix == "s" ? TypeId::kShort : suffix == "l" ? TypeId::kLong : TypeId::kInt;
  if (!FitsInteger(digits, negative, id)) {
    if (suffix.empty() && FitsInteger(digits, negative, TypeId::kLong)) {
      id = TypeId::kLong;
    } else if (suffix.empty() && digits.size() <= 38) {
      expr->type = Type::Decimal(static_cast<int>(digits.size()), 0);
      return Finish(std::move(expr));
    } else {
      Fail("INVALID_NUMERIC_LITERAL_RANGE",
           fmt::format("the number {}{} is outside the range of {}", sign, text, UpperAscii(Type(id).ToSimpleString())),
           expr->begin);
      return nullptr;
    }
  }
  expr->type = Type(id);
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseStringLiteral() {
  ExprPtr expr = New(ExprKind::kLiteral, Peek().begin);
  expr->type = Type(TypeId::kString);
  while (Peek().kind == TokenKind::kString) expr->text += Take().text;
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseTypedLiteral(const std::string& word) {
  ExprPtr expr = New(ExprKind::kLiteral, Peek().begin);
  Take();
  expr->text = Take().text;
  if (word == "x") {
    if (expr->text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      Fail("INVALID_TYPED_LITERAL", fmt::format("X'{}' is not hexadecimal", expr->text), expr->begin);
      return nullptr;
    }
    if (expr->text.size() % 2 == 1) expr->text.insert(0, "0");
    expr->text = UpperAscii(expr->text);
    expr->type = Type(TypeId::kBinary);
  } else if (word == "date") {
    expr->type = Type(TypeId::kDate);
  } else {
    expr->type = Type(word == "timestamp_ntz" ? TypeId::kTimestampNtz : TypeId::kTimestamp);
  }
  return Finish(std::move(expr));
}

/// INTERVAL '1' DAY, INTERVAL 3 DAYS 2 HOURS, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 day 2 hours'.
ExprPtr Parser::ParseInterval() {
  ExprPtr expr = New(ExprKind::kInterval, Peek().begin);
  Take();
  IntervalBuilder builder;
  bool any = false;
  while (true) {
    bool negative = false;
    size_t ahead = IsSymbol("-") || IsSymbol("+") ? 1 : 0;
    const Token& value = Peek(ahead);
    if (value.kind != TokenKind::kNumber && value.kind != TokenKind::kString) break;
    bool is_unit = IsName(ahead + 1) && IntervalBuilder::IsUnit(Peek(ahead + 1).text);
    if (!is_unit && (any || value.kind != TokenKind::kString)) break;
    if (ahead == 1) negative = Take().text == "-";
    std::string text = Take().text;
    if (!is_unit) {
      if (!builder.AddText(text)) break;
      any = true;
      break;
    }
    std::string unit = Take().text;
    if (AcceptWord("to")) {
      std::string last = Take().text;
      if (!builder.AddRange(text, unit, last, negative)) {
        Fail("INVALID_INTERVAL_FORMAT", fmt::format("INTERVAL '{}' does not fit {} TO {}", text, unit, last), expr->begin);
        return nullptr;
      }
    } else if (!builder.Add(text, unit, negative)) {
      Fail("INVALID_INTERVAL_FORMAT", fmt::format("INTERVAL '{}' {} cannot be read", text, unit), expr->begin);
      return nullptr;
    }
    any = true;
  }
  if (!any || !builder.valid()) {
    Fail("INVALID_INTERVAL_FORMAT", "this interval cannot be read: expected INTERVAL '1' DAY or the like, without mixing "
         "months and days", expr->begin);
    return nullptr;
  }
  expr->type = Type(builder.is_year_month() ? TypeId::kIntervalYearMonth : TypeId::kIntervalDayTime);
  expr->text = builder.DuckDbText();
  if (builder.whole_days()) expr->quantifier = "days";
  expr->names = {builder.SparkText(std::string(text_.substr(expr->begin, LastEnd() - expr->begin)))};
  return Finish(std::move(expr));
}

}  // namespace flare::sql
