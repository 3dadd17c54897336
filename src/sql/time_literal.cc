#include "sql/time_literal.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace flare::sql {
namespace {

/// Digits and signs of a literal, one after the other.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}
  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// A number of `least` to `most` digits.
  std::optional<int> Number(size_t least, size_t most) {
    size_t count = 0;
    int value = 0;
    while (count < text_.size() && count < most && text_[count] >= '0' && text_[count] <= '9') value = value * 10 + (text_[count++] - '0');
    if (count < least) return std::nullopt;
    text_.remove_prefix(count);
    return value;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Seconds east of UTC of "Z", "UTC", "+05:30"; nullopt for a region.
std::optional<int> OffsetOf(std::string_view zone) {
  if (zone == "Z" || zone == "UTC" || zone == "GMT") return 0;
  if (zone.starts_with("UTC") || zone.starts_with("GMT")) zone.remove_prefix(3);
  Digits digits(zone);
  bool minus = digits.Take('-');
  if (!minus && !digits.Take('+')) return std::nullopt;
  auto hours = digits.Number(1, 2);
  std::optional<int> minutes = 0;
  if (digits.Take(':')) minutes = digits.Number(1, 2);
  if (!hours || !minutes || !digits.rest().empty()) return std::nullopt;
  int seconds = *hours * 3600 + *minutes * 60;
  return minus ? -seconds : seconds;
}

struct Clock {
  std::array<int, 3> parts{};  ///< hour, minute, second
  std::string fraction;
  std::string_view zone;
};

std::optional<Clock> ReadClock(std::string_view text) {
  Clock clock;
  Digits digits(text);
  for (size_t i = 0; i < 3; ++i) {
    if (i > 0 && !digits.Take(':')) break;
    auto part = digits.Number(1, 2);
    if (!part || *part > (i == 0 ? 23 : 59)) return std::nullopt;
    clock.parts[i] = *part;
  }
  if (digits.Take('.')) {
    std::string_view rest = digits.rest();
    size_t count = std::min(rest.find_first_not_of("0123456789"), rest.size());
    clock.fraction = rest.substr(0, std::min<size_t>(count, 6));
    clock.fraction.erase(clock.fraction.find_last_not_of('0') + 1);
    clock.zone = Trim(rest.substr(count));
  } else {
    clock.zone = Trim(digits.rest());
  }
  return clock;
}

}  // namespace

std::string TimeLiteralText(const Type& type, std::string_view text, std::string_view session_zone) {
  using std::chrono::sys_days;
  std::string as_written(text);
  Digits digits(Trim(text));
  bool minus = digits.Take('-');
  if (!minus) digits.Take('+');
  auto year = digits.Number(4, 6);
  std::optional<int> month = 1;
  std::optional<int> day = 1;
  bool whole = false;
  if (digits.Take('-')) month = digits.Number(1, 2);
  if (month && digits.Take('-')) {
    day = digits.Number(1, 2);
    whole = true;
  }
  constexpr int kMostYear = 32'000;
  if (!year || !month || !day || *year > kMostYear) return as_written;
  std::chrono::year_month_day date{std::chrono::year(minus ? -*year : *year), std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return as_written;
  auto date_text = [](const std::chrono::year_month_day& d) {
    auto y = static_cast<int>(d.year());
    return fmt::format("{}{:04}-{:02}-{:02}", y > 9999 ? "+" : y < 0 ? "-" : "", y < 0 ? -y : y, static_cast<unsigned>(d.month()),
                       static_cast<unsigned>(d.day()));
  };
  bool has_clock = whole && (digits.Take('T') || digits.Take(' '));
  if (type.is(TypeId::kDate) && (has_clock || digits.rest().empty())) return date_text(date);
  if (!has_clock) return digits.rest().empty() ? date_text(date) + " 00:00:00" : as_written;
  auto clock = ReadClock(digits.rest());
  if (!clock) return as_written;
  int64_t seconds = clock->parts[0] * 3600 + clock->parts[1] * 60 + clock->parts[2];
  if (!clock->zone.empty()) {
    auto offset = OffsetOf(clock->zone);
    bool known = type.is(TypeId::kTimestampNtz) || (offset && session_zone == "UTC");
    if (!known) return as_written;
    if (!type.is(TypeId::kTimestampNtz)) seconds -= *offset;
  }
  auto moment = sys_days(date) + std::chrono::seconds(seconds);
  auto start = std::chrono::floor<std::chrono::days>(moment);
  auto left = static_cast<int>((moment - start).count());
  std::string out = fmt::format("{} {:02}:{:02}:{:02}", date_text(start), left / 3600, left / 60 % 60, left % 60);
  return clock->fraction.empty() ? out : out + "." + clock->fraction;
}

}  // namespace flare::sql
