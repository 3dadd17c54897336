#include "observe/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>

namespace flare::observe {
namespace {

/// Three figures: 1.23, 12.3, 123.
std::string ThreeFigures(double value) {
  double magnitude = std::fabs(value);
  if (magnitude < 9.995) return fmt::format("{:.2f}", value);
  if (magnitude < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

struct Decoded {
  char32_t letter = 0;
  size_t bytes = 1;
  bool valid = false;
};

Decoded Decode(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || text.size() < length) return {};
  char32_t letter = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    letter = (letter << 6) | (byte(i) & 0x3Fu);
  }
  return {letter, length, true};
}

bool In(char32_t letter, char32_t low, char32_t high) {
  return letter >= low && letter <= high;
}

int Columns(char32_t letter) {
  if (letter < 0x20 || letter == 0x7F) return 0;
  if (In(letter, 0x300, 0x36F) || In(letter, 0x200B, 0x200F) || In(letter, 0xFE00, 0xFE0F) ||
      In(letter, 0x20D0, 0x20FF)) {
    return 0;
  }
  bool wide =
      In(letter, 0x1100, 0x115F) || In(letter, 0x2E80, 0x303E) || In(letter, 0x3041, 0xA4CF) ||
      In(letter, 0xAC00, 0xD7A3) || In(letter, 0xF900, 0xFAFF) || In(letter, 0xFE30, 0xFE6F) ||
      In(letter, 0xFF00, 0xFF60) || In(letter, 0xFFE0, 0xFFE6) || In(letter, 0x1F300, 0x1F64F) ||
      In(letter, 0x1F900, 0x1F9FF) || In(letter, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

std::string FormatCount(int64_t count) {
  std::string digits = fmt::format("{}", count);
  size_t first = count < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

std::string FormatBytes(int64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes);
  if (std::fabs(value) < 1024) return fmt::format("{} B", bytes);
  size_t unit = 0;
  value /= 1024;
  // 1023.5 would print as "1024": go on to the next unit.
  while (std::fabs(value) >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{} {}", ThreeFigures(value), kUnits[unit]);
}

std::string FormatRate(double per_second, std::string_view what) {
  static constexpr std::array<const char*, 4> kUnits = {"", " k", " M", " G"};
  if (!std::isfinite(per_second)) return fmt::format("- {}/s", what);
  size_t unit = 0;
  double value = per_second;
  while (std::fabs(value) >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  bool whole = unit == 0 && (std::fabs(value) >= 100 || value == std::floor(value));
  std::string figures = whole ? fmt::format("{:.0f}", value) : ThreeFigures(value);
  return fmt::format("{}{} {}/s", figures, kUnits[unit], what);
}

std::string FormatDuration(Millis duration) {
  int64_t ms = duration.count();
  if (ms < 0) return "-" + FormatDuration(-duration);
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 9950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  int64_t seconds = (ms + 500) / 1000;
  if (seconds < 60) return fmt::format("{} s", seconds);
  auto two = [](int64_t big, const char* big_unit, int64_t small, const char* small_unit) {
    if (small == 0) return fmt::format("{} {}", big, big_unit);
    return fmt::format("{} {} {} {}", big, big_unit, small, small_unit);
  };
  if (seconds < 3600) return two(seconds / 60, "min", seconds % 60, "s");
  int64_t minutes = seconds / 60;
  if (minutes < 24 * 60) return two(minutes / 60, "h", minutes % 60, "min");
  int64_t hours = minutes / 60;
  return two(hours / 24, "d", hours % 24, "h");
}

std::string FormatTimestamp(WallTime time) {
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  int64_t ms = (time - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    Decoded next = Decode(text);
    width += next.valid ? Columns(next.letter) : 1;
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string_view CutToWidth(std::string_view text, int width) {
  size_t end = 0;
  while (end < text.size()) {
    Decoded next = Decode(text.substr(end));
    width -= next.valid ? Columns(next.letter) : 1;
    if (width < 0) break;
    end += next.bytes;
  }
  return text.substr(0, end);
}

}  // namespace flare::observe
