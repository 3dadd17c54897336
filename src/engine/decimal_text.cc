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

}  // namespace flare::engine
