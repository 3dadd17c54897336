#include <fmt/format.h>

#include <algorithm>
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

/// INTERVAL '1-2' YEAR TO MONTH and the other ranges; the text and the first field are behind us.
bool Parser::ParseIntervalRange(std::string text, const std::string& first, size_t begin, Expr* expr) {
  std::string last = Take().text;
  Type type;
  std::string fields = fmt::format("INTERVAL {} TO {}", first, last);
  Parser reader(fields);
  if (!reader.ParseWholeType(&type)) {
    Fail("PARSE_SYNTAX_ERROR", fmt::format("there is no {}: YEAR TO MONTH, or DAY, HOUR, MINUTE to a smaller one", fields), begin);
    return false;
  }
  size_t start = std::min(text.find_first_not_of(' '), text.size());
  auto value = ParseIntervalFields(std::string_view(text).substr(start, text.find_last_not_of(' ') + 1 - start), type);
  if (!value) {
    Fail("INVALID_INTERVAL_FORMAT.INTERVAL_PARSING", fmt::format("INTERVAL '{}' does not fit {} TO {}", text, first, last), begin);
    return false;
  }
  expr->type = type;
  expr->text = fmt::format("{}", *value);
  return true;
}

/// Gives the literal the type that spans the units named in it.
bool Parser::SetInterval(const std::string& text, const std::vector<std::string>& units, Expr* expr) {
  auto interval = ParseCalendarInterval(text);
  if (!interval || units.empty()) {
    Fail("INVALID_INTERVAL_FORMAT.INTERVAL_PARSING", fmt::format("the interval '{}' cannot be read", text), expr->begin);
    return false;
  }
  IntervalField first = IntervalField::kSecond;
  IntervalField last = IntervalField::kYear;
  for (const std::string& unit : units) {
    IntervalField field = *FieldOfUnit(unit);
    first = std::min(first, field);
    last = std::max(last, field);
  }
  if (first <= IntervalField::kMonth && last > IntervalField::kMonth) {
    Fail("INVALID_INTERVAL_FORMAT.MIXED_UNITS", "an interval literal holds years and months or days and smaller, not both", expr->begin,
         "make_interval() holds both");
    return false;
  }
  expr->type = Type::Interval(first, last);
  auto value = last <= IntervalField::kMonth ? std::optional<int64_t>(interval->months) : MicrosOfInterval(*interval);
  if (!value) {
    Fail("INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION", fmt::format("the interval '{}' is too long", text), expr->begin);
    return false;
  }
  expr->text = fmt::format("{}", *value);
  return true;
}

/// INTERVAL '1' DAY, INTERVAL 3 DAYS 2 HOURS, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 day 2 hours'.
ExprPtr Parser::ParseInterval() {
  ExprPtr expr = New(ExprKind::kInterval, Peek().begin);
  Take();
  std::string text;
  std::vector<std::string> units;
  while (true) {
    size_t ahead = IsSymbol("-") || IsSymbol("+") ? 1 : 0;
    const Token& value = Peek(ahead);
    if (value.kind != TokenKind::kNumber && value.kind != TokenKind::kString) break;
    bool is_string = value.kind == TokenKind::kString;
    bool is_unit = IsName(ahead + 1) && IsIntervalUnit(Peek(ahead + 1).text);
    if (!is_unit && (!units.empty() || !is_string || ahead > 0)) break;
    bool negative = ahead == 1 && Take().text == "-";
    std::string number = Take().text;
    if (!is_unit) {
      text = number;
      std::string word;
      for (char c : number + " ") {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
          word += c;
        } else {
          if (IsIntervalUnit(word)) units.push_back(word);
          word.clear();
        }
      }
      break;
    }
    if (negative) number = number.starts_with("-") ? number.substr(1) : "-" + number;
    std::string unit = Take().text;
    if (units.empty() && is_string && AcceptWord("to")) {
      if (!ParseIntervalRange(std::move(number), unit, expr->begin, expr.get())) return nullptr;
      expr->names = {IntervalText(std::strtoll(expr->text.c_str(), nullptr, 10), expr->type)};
      return Finish(std::move(expr));
    }
    bool letters = std::any_of(number.begin(), number.end(), [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; });
    if (letters) {
      Fail("INVALID_INTERVAL_FORMAT.INVALID_VALUE", fmt::format("'{}' before {} is not a number", number, unit), expr->begin);
      return nullptr;
    }
    text += fmt::format(" {} {}", number, unit);
    units.push_back(unit);
  }
  if (!SetInterval(text, units, expr.get())) return nullptr;
  expr->names = {IntervalText(std::strtoll(expr->text.c_str(), nullptr, 10), expr->type)};
  return Finish(std::move(expr));
}

/// timestampadd(MONTH, ...): the unit is a word, and the call one of timestampadd or timestampdiff.
void Parser::ReadTimeUnit(Expr* call) {
  static constexpr std::string_view kCalls[] = {"timestampadd", "dateadd", "date_add", "timestampdiff", "datediff", "date_diff", "timediff"};
  static constexpr std::string_view kUnits[] = {"year", "quarter", "month", "week", "day", "dayofyear", "hour", "minute", "second",
                                                "millisecond", "microsecond"};
  auto named = [](auto& list, std::string_view word) { return std::find(std::begin(list), std::end(list), word) != std::end(list); };
  if (call->args.size() != 3 || !named(kCalls, LowerAscii(call->text))) return;
  Expr& unit = *call->args[0];
  if (unit.kind != ExprKind::kName || unit.parts.size() != 1 || !named(kUnits, LowerAscii(unit.parts[0]))) return;
  unit.kind = ExprKind::kLiteral;
  unit.type = Type(TypeId::kString);
  unit.text = unit.parts[0];
  unit.parts.clear();
  call->quantifier = "unit";
}

}  // namespace flare::sql
