#include "engine/format_text.h"

#include <cstdlib>

#include "engine/number_text.h"

namespace flare::engine {
namespace {

/// One %[number$][flags][width][.precision]letter.
struct Directive {
  size_t argument = 0;  ///< 1-based; 0 = the next
  std::string flags;
  size_t width = 0;
  std::optional<size_t> precision;
  char letter = 0;
  bool Has(char flag) const { return flags.find(flag) != flags.npos; }
};

size_t TakeNumber(std::string_view* text) {
  size_t value = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9' && value < 100'000) {
    value = value * 10 + static_cast<size_t>(text->front() - '0');
    text->remove_prefix(1);
  }
  return value;
}

Result<Directive> TakeDirective(std::string_view format, std::string_view* rest) {
  Directive directive;
  std::string_view before = *rest;
  size_t number = TakeNumber(rest);
  if (number > 0 && before[0] != '0' && rest->starts_with('$')) {
    directive.argument = number;
    rest->remove_prefix(1);
  } else {
    *rest = before;
  }
  while (!rest->empty() && std::string_view("-0+ ,(#").find(rest->front()) != std::string_view::npos) {
    directive.flags += rest->front();
    rest->remove_prefix(1);
  }
  directive.width = TakeNumber(rest);
  if (rest->starts_with('.')) {
    rest->remove_prefix(1);
    directive.precision = TakeNumber(rest);
  }
  if (rest->empty()) return InvalidArgument("format '{}' ends inside of a %", format);
  directive.letter = rest->front();
  rest->remove_prefix(1);
  return directive;
}

std::string Grouped(std::string_view whole) {
  std::string grouped;
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) grouped += ',';
    grouped += whole[i];
  }
  return grouped;
}

std::string Padded(std::string text, const Directive& directive) {
  if (text.size() >= directive.width) return text;
  size_t missing = directive.width - text.size();
  if (directive.Has('-')) return text + std::string(missing, ' ');
  if (directive.Has('0')) {
    size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == '(') ? 1 : 0;
    return text.substr(0, sign) + std::string(missing, '0') + text.substr(sign);
  }
  return std::string(missing, ' ') + text;
}

/// Sign, groups and padding of plain digits.
std::string FinishNumber(std::string plain, const Directive& directive) {
  bool negative = plain.starts_with('-');
  if (negative) plain.erase(0, 1);
  if (directive.Has(',')) {
    size_t whole = std::min(plain.find('.'), plain.size());
    plain = Grouped(std::string_view(plain).substr(0, whole)) + plain.substr(whole);
  }
  if (negative) {
    plain = directive.Has('(') ? "(" + plain + ")" : "-" + plain;
  } else if (directive.Has('+')) {
    plain = "+" + plain;
  } else if (directive.Has(' ')) {
    plain = " " + plain;
  }
  return Padded(std::move(plain), directive);
}

Result<std::string> FormatInteger(std::string_view value, const Directive& directive) {
  auto number = ParseLong(value, false);
  if (!number) return InvalidArgument("'{}' is no integer for %{}", value, directive.letter);
  if (directive.letter == 'd') return FinishNumber(std::to_string(*number), directive);
  // Java prints the bits of an INT in 32 bits.
  auto bits = static_cast<uint64_t>(*number);
  if (*number < 0 && *number >= INT32_MIN) bits &= 0xFFFFFFFF;
  std::string text = directive.letter == 'o'   ? fmt::format("{:o}", bits)
                     : directive.letter == 'x' ? fmt::format("{:x}", bits)
                                               : fmt::format("{:X}", bits);
  return Padded(std::move(text), directive);
}

Result<std::string> FormatFloating(std::string_view value, const Directive& directive) {
  size_t precision = directive.precision.value_or(6);
  if (directive.letter == 'f') {
    if (auto plain = ParseDecimal(value)) {
      return FinishNumber(RoundPlain(*plain, static_cast<int>(precision), false), directive);
    }
  }
  auto number = ParseDouble(value);
  if (!number) return InvalidArgument("'{}' is no number for %{}", value, directive.letter);
  if (!(*number - *number == 0)) return Padded(JavaDoubleText(*number), directive);
  if (directive.letter == 'f') return FinishNumber(fmt::format("{:.{}f}", *number, precision), directive);
  return FinishNumber(directive.letter == 'e' ? fmt::format("{:.{}e}", *number, precision)
                                              : fmt::format("{:.{}E}", *number, precision),
                      directive);
}

Result<std::string> FormatOne(const Directive& directive, std::optional<std::string_view> value) {
  if (directive.letter == 'b' || directive.letter == 'B') {
    bool is_true = value && *value != "false";
    return Padded(is_true ? "true" : "false", directive);
  }
  if (!value) return Padded("null", directive);
  switch (directive.letter) {
    case 's':
    case 'S': {
      std::string text(value->substr(0, directive.precision.value_or(value->size())));
      if (directive.letter == 'S') {
        for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
      return Padded(std::move(text), directive);
    }
    case 'd':
    case 'x':
    case 'X':
    case 'o':
      return FormatInteger(*value, directive);
    case 'f':
    case 'e':
    case 'E':
      return FormatFloating(*value, directive);
    case 'c':
      return Padded(std::string(*value), directive);
    default:
      return InvalidArgument("format letter %{} is not known", directive.letter);
  }
}

}  // namespace

Result<std::string> FormatText(std::string_view format,
                               std::span<const std::optional<std::string_view>> arguments) {
  std::string out;
  size_t next = 0;
  std::string_view rest = format;
  while (!rest.empty()) {
    size_t percent = std::min(rest.find('%'), rest.size());
    out.append(rest.substr(0, percent));
    rest.remove_prefix(percent);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    ASSIGN_OR_RETURN(Directive directive, TakeDirective(format, &rest));
    if (directive.letter == '%' || directive.letter == 'n') {
      out += directive.letter == '%' ? '%' : '\n';
      continue;
    }
    size_t index = directive.argument > 0 ? directive.argument - 1 : next++;
    if (index >= arguments.size()) {
      return InvalidArgument("format '{}' wants {} arguments, there are {}", format, index + 1,
                             arguments.size());
    }
    ASSIGN_OR_RETURN(std::string text, FormatOne(directive, arguments[index]));
    out.append(text);
  }
  return out;
}

std::string RoundPlain(std::string_view plain, int digits, bool half_even) {
  bool negative = plain.starts_with('-');
  if (negative || plain.starts_with('+')) plain.remove_prefix(1);
  size_t point = std::min(plain.find('.'), plain.size());
  std::string whole(plain.substr(0, point));
  std::string fraction(point < plain.size() ? plain.substr(point + 1) : std::string_view());
  auto keep = static_cast<size_t>(digits);
  std::string number = whole + fraction.substr(0, std::min(keep, fraction.size()));
  bool up = false;
  if (fraction.size() > keep) {
    bool exactly_half = fraction[keep] == '5' && fraction.find_first_not_of('0', keep + 1) == fraction.npos;
    up = fraction[keep] >= '5';
    if (half_even && exactly_half) up = !number.empty() && (number.back() - '0') % 2 == 1;
  } else {
    number.append(keep - fraction.size(), '0');
  }
  if (up) {
    size_t i = number.size();
    while (i > 0 && number[i - 1] == '9') number[--i] = '0';
    if (i == 0) {
      number.insert(0, "1");
    } else {
      ++number[i - 1];
    }
  }
  if (number.size() <= keep) number.insert(0, keep + 1 - number.size(), '0');
  if (keep > 0) number.insert(number.size() - keep, ".");
  bool zero = number.find_first_not_of("0.") == number.npos;
  return (negative && !zero ? "-" : "") + number;
}

std::optional<std::string> FormatNumber(std::string_view plain, int digits) {
  if (digits < 0) return std::nullopt;
  // Java keeps the sign of what is rounded to nothing
  bool negative = plain.starts_with('-');
  if (negative) plain.remove_prefix(1);
  std::string rounded = RoundPlain(plain, digits, true);
  size_t whole = std::min(rounded.find('.'), rounded.size());
  return (negative ? "-" : "") + Grouped(std::string_view(rounded).substr(0, whole)) +
         rounded.substr(whole);
}

}  // namespace flare::engine
