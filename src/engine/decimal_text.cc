#include "engine/decimal_text.h"

#include <algorithm>

namespace flare::engine {
namespace {

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

std::optional<Int128> ScaledDecimal(std::string_view plain, int precision, int scale) {
  bool negative = plain.starts_with('-');
  if (negative || plain.starts_with('+')) plain.remove_prefix(1);
  if (plain.empty()) return std::nullopt;
  const Int128 limit = PowerOfTen(precision);
  Int128 value = 0;
  int fraction = -1;  // digits after the point; -1 before it
  bool round_up = false;
  for (char c : plain) {
    if (c == '.') {
      if (fraction >= 0) return std::nullopt;
      fraction = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (fraction >= scale) {
      if (fraction == scale) round_up = c >= '5';
      ++fraction;
      continue;
    }
    value = value * 10 + (c - '0');
    if (value >= limit) return std::nullopt;
    if (fraction >= 0) ++fraction;
  }
  for (int i = std::max(fraction, 0); i < scale; ++i) {
    value *= 10;
    if (value >= limit) return std::nullopt;
  }
  if (round_up) ++value;
  if (value >= limit) return std::nullopt;
  return negative ? -value : value;
}

std::string DecimalText(Int128 unscaled, int scale) {
  bool negative = unscaled < 0;
  auto rest = static_cast<unsigned __int128>(negative ? -unscaled : unscaled);
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    if (static_cast<int>(text.size()) == scale) text += '.';
  } while (rest != 0 || static_cast<int>(text.size()) <= scale + (scale > 0 ? 1 : 0));
  if (text.back() == '.') text += '0';
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

std::string JavaDecimalText(std::string_view plain, bool scientific) {
  bool negative = plain.starts_with('-');
  if (negative) plain.remove_prefix(1);
  std::string text = negative ? "-" : "";
  size_t point = std::min(plain.find('.'), plain.size());
  std::string_view fraction = plain.substr(std::min(point + 1, plain.size()));
  bool small = plain.find_first_not_of('0') >= point;
  size_t zeros = std::min(fraction.find_first_not_of('0'), fraction.empty() ? 0 : fraction.size() - 1);
  if (!scientific || !small || zeros < 6) {
    if (point == 0) text += '0';
    return text.append(plain);
  }
  text += fraction[zeros];
  if (zeros + 1 < fraction.size()) text.append(".").append(fraction.substr(zeros + 1));
  return text.append("E-").append(std::to_string(zeros + 1));
}

}  // namespace flare::engine
