#include "engine/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace flare::engine {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool EqualsIgnoreCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

template <class T>
std::optional<T> SpecialFloat(std::string_view text) {
  T infinity = std::numeric_limits<T>::infinity();
  if (EqualsIgnoreCase(text, "nan")) return std::numeric_limits<T>::quiet_NaN();
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (EqualsIgnoreCase(text, "inf") || EqualsIgnoreCase(text, "infinity")) {
    return negative ? -infinity : infinity;
  }
  return std::nullopt;
}

double Convert(const std::string& text, double) { return std::strtod(text.c_str(), nullptr); }
float Convert(const std::string& text, float) { return std::strtof(text.c_str(), nullptr); }

template <class T>
std::optional<T> ParseFloating(std::string_view text) {
  text = TrimAll(text);
  if (text.empty()) return std::nullopt;
  std::string_view digits = text;
  bool negative = digits[0] == '-';
  if (negative || digits[0] == '+') digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  bool hex = digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
  if (hex) digits.remove_prefix(2);
  if (!hex && !IsDigit(digits[0]) && digits[0] != '.') return SpecialFloat<T>(text);
  if (hex && digits.find_first_of("pP") == digits.npos) return std::nullopt;
  if (std::string_view("dDfF").find(digits.back()) != std::string_view::npos && digits.size() > 1) {
    digits.remove_suffix(1);
  }
  const char* end = digits.data() + digits.size();
  T value = 0;
  auto format = hex ? std::chars_format::hex : std::chars_format::general;
  auto parsed = std::from_chars(digits.data(), end, value, format);
  if (parsed.ptr != end) return std::nullopt;
  if (parsed.ec == std::errc::result_out_of_range) {
    value = Convert((hex ? "0x" : "") + std::string(digits), T{});  // infinity or zero, as Java
  } else if (parsed.ec != std::errc()) {
    return std::nullopt;
  }
  return negative ? -value : value;
}

/// Shortest digits "d.ddd" and the exponent of ten, placed as Java places them.
template <class T>
std::string JavaText(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  char buffer[64];
  auto written =
      std::to_chars(buffer, buffer + sizeof(buffer), std::fabs(value), std::chars_format::scientific);
  std::string_view text(buffer, written.ptr - buffer);
  size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  const char* power = buffer + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(power, written.ptr, exponent);
  std::string result = value < 0 ? "-" : "";
  if (exponent >= 7 || exponent < -3) {
    result += digits[0];
    result += '.';
    result += digits.size() > 1 ? digits.substr(1) : "0";
    return result + "E" + std::to_string(exponent);
  }
  if (exponent < 0) return result + "0." + std::string(-exponent - 1, '0') + digits;
  auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return result + digits + std::string(whole - digits.size(), '0') + ".0";
  return result + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

std::string_view TrimAll(std::string_view text) {
  auto blank = [](char c) { return static_cast<uint8_t>(c) <= ' ' || c == 0x7F; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<int64_t> ParseLong(std::string_view text, bool cut_fraction) {
  text = TrimAll(text);
  if (text.empty()) return std::nullopt;
  bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int64_t value = 0;  // negative, so that the smallest number fits
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && cut_fraction) break;
    if (!IsDigit(text[at])) return std::nullopt;
    if (__builtin_mul_overflow(value, int64_t{10}, &value)) return std::nullopt;
    if (__builtin_sub_overflow(value, int64_t{text[at] - '0'}, &value)) return std::nullopt;
  }
  for (++at; at < text.size(); ++at) {
    if (!IsDigit(text[at])) return std::nullopt;
  }
  if (negative) return value;
  if (value == std::numeric_limits<int64_t>::min()) return std::nullopt;
  return -value;
}

std::optional<bool> ParseBoolean(std::string_view text) {
  text = TrimAll(text);
  for (std::string_view word : {"t", "true", "y", "yes", "1"}) {
    if (EqualsIgnoreCase(text, word)) return true;
  }
  for (std::string_view word : {"f", "false", "n", "no", "0"}) {
    if (EqualsIgnoreCase(text, word)) return false;
  }
  return std::nullopt;
}

std::optional<double> ParseDouble(std::string_view text) { return ParseFloating<double>(text); }
std::optional<float> ParseFloat(std::string_view text) { return ParseFloating<float>(text); }

std::optional<std::string> ParseDecimal(std::string_view text) {
  constexpr size_t kMostWhole = 38;
  constexpr size_t kMostFraction = 40;
  text = TrimAll(text);
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  int64_t whole = 0;
  size_t at = 0;
  for (; at < text.size() && IsDigit(text[at]); ++at) digits += text[at];
  whole = static_cast<int64_t>(digits.size());
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && IsDigit(text[at]); ++at) digits += text[at];
  }
  if (digits.empty()) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::string_view power = text.substr(at + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    int32_t exponent = 0;
    auto parsed = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (parsed.ec != std::errc() || parsed.ptr != power.data() + power.size()) return std::nullopt;
    whole += exponent;
    at = text.size();
  }
  if (at != text.size()) return std::nullopt;
  size_t leading = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, leading);
  whole -= static_cast<int64_t>(leading);
  if (digits.empty()) return "0";
  if (whole > static_cast<int64_t>(kMostWhole)) return std::nullopt;
  std::string result = negative ? "-" : "";
  if (whole <= 0) {
    auto zeros = static_cast<size_t>(std::min<int64_t>(-whole, kMostFraction));
    digits = std::string(zeros, '0') + digits;
    whole = 0;
    result += '0';
  } else {
    auto count = static_cast<size_t>(whole);
    if (digits.size() < count) digits.append(count - digits.size(), '0');
    result += digits.substr(0, count);
  }
  std::string_view fraction = std::string_view(digits).substr(static_cast<size_t>(whole));
  fraction = fraction.substr(0, kMostFraction);
  if (!fraction.empty()) result.append(".").append(fraction);
  return result;
}

std::string JavaDoubleText(double value) { return JavaText(value); }
std::string JavaFloatText(float value) { return JavaText(value); }

}  // namespace flare::engine
