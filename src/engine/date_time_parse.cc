// Reading dates and times in a pattern.
#include <cctype>
#include <span>

#include "engine/date_time_names.h"
#include "engine/date_time_pattern.h"

namespace flare::engine {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool StartsWithIgnoreCase(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Lower(text[i]) != Lower(word[i])) return false;
  }
  return true;
}

}  // namespace

/// What a parsed text said.
struct DateTimePattern::Fields {
  std::optional<int64_t> year, month, day, day_of_year, weekday, quarter;
  std::optional<int64_t> hour, clock_hour, half_hour, half_clock_hour, half, minute, second, micros;
  bool before_christ = false;
  std::optional<int32_t> offset;
  const TimeZone* zone = nullptr;

  std::optional<int64_t> Days() const;
  std::optional<int64_t> MicrosOfDay() const;
};

std::optional<int64_t> DateTimePattern::Fields::Days() const {
  int64_t y = year.value_or(1970);
  if (before_christ) y = 1 - y;
  std::optional<int64_t> days;
  if (day_of_year.has_value() && !month.has_value()) {
    if (*day_of_year < 1 || *day_of_year > (IsLeapYear(y) ? 366 : 365)) return std::nullopt;
    days = DaysOf({y, 1, 1}) + *day_of_year - 1;
  } else {
    days = CheckedDaysOf(y, month.value_or(1), day.value_or(1));
  }
  // A week day in the text must be that of the date.
  if (days && weekday && day && IsoDayOfWeek(*days) != *weekday) return std::nullopt;
  return days;
}

std::optional<int64_t> DateTimePattern::Fields::MicrosOfDay() const {
  int64_t h = 0;
  if (hour) {
    h = *hour;
  } else if (clock_hour) {
    if (*clock_hour < 1 || *clock_hour > 24) return std::nullopt;
    h = *clock_hour % 24;
  } else if (half_clock_hour) {
    if (*half_clock_hour < 1 || *half_clock_hour > 12) return std::nullopt;
    h = *half_clock_hour % 12 + half.value_or(0) * 12;
  } else if (half_hour) {
    if (*half_hour > 11) return std::nullopt;
    h = *half_hour + half.value_or(0) * 12;
  } else if (half) {
    h = *half * 12;
  }
  int64_t m = minute.value_or(0);
  int64_t s = second.value_or(0);
  if (h > 23 || m > 59 || s > 59) return std::nullopt;
  return ((h * 60 + m) * 60 + s) * kMicrosPerSecond + micros.value_or(0);
}

namespace {

/// Reads digits: at least `least`, at most `most`, leaving `after` for the numbers behind. *at moves
/// only on success.
std::optional<int64_t> ReadNumber(std::string_view text, size_t* at, int least, int most, int after) {
  size_t end = *at;
  while (end < text.size() && IsDigit(text[end]) && end - *at < static_cast<size_t>(most + after)) ++end;
  auto digits = static_cast<int>(end - *at);
  if (after > 0) digits = std::max(least, digits - after);
  if (digits < least || digits > most || *at + digits > end) return std::nullopt;
  int64_t value = 0;
  for (int i = 0; i < digits; ++i) {
    if (__builtin_mul_overflow(value, int64_t{10}, &value)) return std::nullopt;
    value += text[*at + i] - '0';
  }
  *at += digits;
  return value;
}

bool ReadName(std::string_view text, size_t* at, std::span<const std::string_view> names, bool full,
              std::optional<int64_t>* value) {
  for (size_t i = 0; i < names.size(); ++i) {
    std::string_view name = full ? names[i] : names[i].substr(0, 3);
    if (!StartsWithIgnoreCase(text.substr(*at), name)) continue;
    *at += name.size();
    *value = static_cast<int64_t>(i) + 1;
    return true;
  }
  return false;
}

/// "+HH", "+HHmm", "+HH:MM", each with or without seconds, as the letter and count say.
bool ReadOffset(std::string_view text, size_t* at, char letter, int count, int32_t* offset) {
  bool zulu = letter == 'X' || (letter == 'Z' && count == 5);
  if (zulu && *at < text.size() && Lower(text[*at]) == 'z') {
    ++*at;
    *offset = 0;
    return true;
  }
  if (*at >= text.size() || (text[*at] != '+' && text[*at] != '-')) return false;
  size_t end = *at + 1;
  bool colon = letter == 'Z' ? count == 5 : count == 3 || count == 5;
  bool minutes_needed = letter == 'Z' || count > 1;
  bool seconds_allowed = letter == 'Z' ? count == 5 : count > 3;
  auto two = [&]() { return ReadNumber(text, &end, 2, 2, 0); };
  auto hours = two();
  if (!hours || *hours > 18) return false;
  int64_t total = *hours * 3600;
  for (int64_t unit : {60, 1}) {
    size_t before = end;
    if (unit == 1 && !seconds_allowed) break;
    std::optional<int64_t> part;
    if (!colon || (end < text.size() && text[end++] == ':')) part = two();
    if (!part) {
      end = before;
      if (unit == 60 && minutes_needed) return false;
      break;
    }
    if (*part > 59) return false;
    total += *part * unit;
  }
  *offset = static_cast<int32_t>(text[*at] == '-' ? -total : total);
  *at = end;
  return true;
}

/// The longest zone id at the place: a region, an offset or a short name.
bool ReadZone(std::string_view text, size_t* at, const TimeZone** zone) {
  size_t end = *at;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) ||
                               std::string_view("/_+-:").find(text[end]) != std::string_view::npos)) {
    ++end;
  }
  for (; end > *at; --end) {
    auto found = TimeZone::Find(text.substr(*at, end - *at));
    if (!found.has_value()) continue;
    *zone = *found;
    *at = end;
    return true;
  }
  return false;
}

}  // namespace

bool DateTimePattern::ParseElement(const Element& element, std::string_view text, size_t* at,
                                   Fields* fields) {
  auto number = [&](std::optional<int64_t>* field, int least, int most) {
    auto value = ReadNumber(text, at, least, most, element.fixed_after);
    if (!value || (field->has_value() && **field != *value)) return false;
    *field = value;
    return true;
  };
  int count = element.count;
  int most = count == 2 ? 2 : 19;
  switch (element.letter) {
    case 0:
      if (!StartsWithIgnoreCase(text.substr(*at), element.literal)) return false;
      *at += element.literal.size();
      return true;
    case '[': {
      size_t before = *at;
      Fields saved = *fields;
      if (!ParsePart(element.part, text, at, fields)) {
        *at = before;
        *fields = saved;
      }
      return true;
    }
    case 'G': {
      std::string_view rest = text.substr(*at);
      bool full = count == 4;
      std::string_view after = full ? "Anno Domini" : "AD";
      std::string_view before = full ? "Before Christ" : "BC";
      bool is_before = StartsWithIgnoreCase(rest, before);
      if (!is_before && !StartsWithIgnoreCase(rest, after)) return false;
      *at += is_before ? before.size() : after.size();
      fields->before_christ = is_before;
      return true;
    }
    case 'y': {
      if (count == 2) {
        auto value = ReadNumber(text, at, 2, 2, element.fixed_after);
        if (!value) return false;
        fields->year = 2000 + *value;
        return true;
      }
      // More digits than letters need a sign, as Java writes them.
      char sign = *at < text.size() ? text[*at] : '\0';
      bool minus = sign == '-';
      bool plus = sign == '+' && count >= 4;
      size_t start = *at + (plus || minus ? 1 : 0);
      size_t end = start;
      auto value = ReadNumber(text, &end, count, 19, element.fixed_after);
      if (!value || (minus && *value == 0)) return false;
      if (count >= 4 && !minus && (end - start > static_cast<size_t>(count)) != plus) return false;
      if (minus) value = -*value;
      if (fields->year.has_value() && *fields->year != *value) return false;
      fields->year = value;
      *at = end;
      return true;
    }
    case 'M':
    case 'L':
      if (count >= 3) return ReadName(text, at, kMonthNames, count == 4, &fields->month);
      return number(&fields->month, count, most);
    case 'd':
      return number(&fields->day, count, most);
    case 'D':
      return number(&fields->day_of_year, count, count == 1 ? 19 : 3);
    case 'E':
      return ReadName(text, at, kDayNames, count == 4, &fields->weekday);
    case 'a': {
      std::string_view rest = text.substr(*at);
      bool pm = StartsWithIgnoreCase(rest, "PM");
      if (!pm && !StartsWithIgnoreCase(rest, "AM")) return false;
      fields->half = pm ? 1 : 0;
      *at += 2;
      return true;
    }
    case 'H':
      return number(&fields->hour, count, most);
    case 'k':
      return number(&fields->clock_hour, count, most);
    case 'K':
      return number(&fields->half_hour, count, most);
    case 'h':
      return number(&fields->half_clock_hour, count, most);
    case 'm':
      return number(&fields->minute, count, most);
    case 's':
      return number(&fields->second, count, most);
    case 'S': {
      size_t start = *at;
      auto value = ReadNumber(text, at, 1, count, 0);
      if (!value) return false;
      for (size_t digits = *at - start; digits < 6; ++digits) *value *= 10;
      for (size_t digits = *at - start; digits > 6; --digits) *value /= 10;
      fields->micros = value;
      return true;
    }
    case 'X':
    case 'x':
    case 'Z': {
      if (element.letter == 'Z' && count == 4) return ReadZone(text, at, &fields->zone);
      int32_t offset = 0;
      if (!ReadOffset(text, at, element.letter, count, &offset)) return false;
      fields->offset = offset;
      return true;
    }
    case 'V':
    case 'z':
    case 'O':
      return ReadZone(text, at, &fields->zone);
    default:
      return false;
  }
}

bool DateTimePattern::ParsePart(const std::vector<Element>& elements, std::string_view text, size_t* at,
                                Fields* fields) {
  for (const Element& element : elements) {
    if (!ParseElement(element, text, at, fields)) return false;
  }
  return true;
}

bool DateTimePattern::ParseFields(std::string_view text, Fields* fields, size_t* error_index) const {
  size_t at = 0;
  bool parsed = ParsePart(elements_, text, &at, fields) && at == text.size();
  if (error_index != nullptr) *error_index = at;
  return parsed;
}

std::optional<int64_t> DateTimePattern::ParseLocal(std::string_view text, size_t* error_index) const {
  Fields fields;
  if (!ParseFields(text, &fields, error_index)) return std::nullopt;
  auto days = fields.Days();
  auto micros = fields.MicrosOfDay();
  if (!days || !micros) return std::nullopt;
  int64_t local = 0;
  if (__builtin_mul_overflow(*days, kMicrosPerDay, &local) ||
      __builtin_add_overflow(local, *micros, &local)) {
    return std::nullopt;
  }
  return local;
}

std::optional<int64_t> DateTimePattern::ParseTimestamp(std::string_view text, const TimeZone& zone,
                                                       size_t* error_index) const {
  auto local = ParseLocal(text, error_index);
  if (!local) return std::nullopt;
  Fields fields;
  ParseFields(text, &fields, nullptr);
  if (fields.offset) return *local - *fields.offset * kMicrosPerSecond;
  return (fields.zone != nullptr ? *fields.zone : zone).ToUtcMicros(*local);
}

std::optional<int32_t> DateTimePattern::ParseDate(std::string_view text, size_t* error_index) const {
  auto local = ParseLocal(text, error_index);
  if (!local) return std::nullopt;
  return static_cast<int32_t>(FloorDiv(*local, kMicrosPerDay));
}

}  // namespace flare::engine
