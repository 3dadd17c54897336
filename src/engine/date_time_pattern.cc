#include "engine/date_time_pattern.h"

#include <span>

namespace flare::engine {
namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};
constexpr std::string_view kQuarters[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool StartsWithIgnoreCase(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Lower(text[i]) != Lower(word[i])) return false;
  }
  return true;
}

Error BadPattern(std::string_view pattern, std::string_view why) {
  return InvalidArgument(
      "[INVALID_DATETIME_PATTERN.WITH_SUGGESTION] Unrecognized datetime pattern: {}: {}.", pattern, why);
}

int MostLetters(char letter) {
  switch (letter) {
    case 'y':
      return 6;
    case 'S':
      return 9;
    case 'Z':
    case 'X':
    case 'x':
      return 5;
    case 'G':
    case 'M':
    case 'L':
    case 'E':
    case 'Q':
    case 'q':
    case 'z':
    case 'O':
      return 4;
    case 'D':
      return 3;
    case 'a':
    case 'F':
      return 1;
    default:
      return 2;
  }
}

std::string OffsetHhMm(int32_t offset, bool colon, bool minutes, bool seconds) {
  int32_t absolute = offset < 0 ? -offset : offset;
  std::string text = fmt::format("{}{:02}", offset < 0 ? '-' : '+', absolute / 3600);
  if (minutes || absolute / 60 % 60 != 0) {
    text += fmt::format("{}{:02}", colon ? ":" : "", absolute / 60 % 60);
  }
  if (seconds && absolute % 60 != 0) text += fmt::format("{}{:02}", colon ? ":" : "", absolute % 60);
  return text;
}

/// "GMT", "GMT+5:30" (short), "GMT+05:30".
std::string LocalizedOffset(int32_t offset, bool full) {
  if (offset == 0) return "GMT";
  int32_t absolute = offset < 0 ? -offset : offset;
  char sign = offset < 0 ? '-' : '+';
  if (full) return fmt::format("GMT{}{:02}:{:02}", sign, absolute / 3600, absolute / 60 % 60);
  std::string text = fmt::format("GMT{}{}", sign, absolute / 3600);
  if (absolute % 3600 != 0) text += fmt::format(":{:02}", absolute / 60 % 60);
  return text;
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

/// What is formatted.
struct DateTimePattern::Moment {
  CivilTime time;
  int64_t days;
  int64_t utc_seconds;
  int32_t offset;
  const TimeZone* zone;
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

Status DateTimePattern::CheckLetter(std::string_view pattern, char letter, int count, PatternUse use) {
  constexpr std::string_view kKnown = "GyMLdDEQqaHhKkmsSVzOXxZF";
  constexpr std::string_view kWeekBased = "YWwuec";
  if (kWeekBased.find(letter) != kWeekBased.npos) {
    return InvalidArgument(
        "[INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN] Spark >= 3.0: All week-based "
        "patterns are unsupported since Spark 3.0, detected week-based character: {} in '{}'. Please use "
        "the SQL function EXTRACT instead.",
        letter, pattern);
  }
  if (kKnown.find(letter) == kKnown.npos) {
    return BadPattern(pattern, fmt::format("letter {} means nothing", letter));
  }
  if (count > MostLetters(letter)) {
    return BadPattern(pattern, fmt::format("too many letters {}", letter));
  }
  if (letter == 'V' && count != 2) return BadPattern(pattern, "a zone id is VV");
  if (letter == 'O' && count != 1 && count != 4) return BadPattern(pattern, "O comes once or 4 times");
  bool week_day = letter == 'E' || letter == 'F' || letter == 'Q' || letter == 'q';
  if (use == PatternUse::kParse && week_day && letter != 'E') {
    return BadPattern(pattern, fmt::format("letter {} is for formatting only", letter));
  }
  return Ok();
}

Result<std::vector<DateTimePattern::Element>> DateTimePattern::CompilePart(std::string_view pattern,
                                                                           PatternUse use, size_t* at,
                                                                           bool nested) {
  std::vector<Element> elements;
  while (*at < pattern.size()) {
    char c = pattern[*at];
    if (IsLetter(c)) {
      size_t end = std::min(pattern.find_first_not_of(c, *at), pattern.size());
      int count = static_cast<int>(end - *at);
      RETURN_IF_ERROR(CheckLetter(pattern, c, count, use));
      elements.push_back({c, count, "", {}, 0});
      *at = end;
    } else if (c == '\'') {
      if (pattern.substr(*at).starts_with("''")) {
        elements.push_back({0, 0, "'", {}, 0});
        *at += 2;
        continue;
      }
      std::string literal;
      size_t end = *at + 1;
      for (; end < pattern.size(); ++end) {
        if (pattern[end] == '\'') {
          if (!pattern.substr(end).starts_with("''")) break;
          ++end;
        }
        literal += pattern[end];
      }
      if (end >= pattern.size()) return BadPattern(pattern, "a quote is never closed");
      elements.push_back({0, 0, literal, {}, 0});
      *at = end + 1;
    } else if (c == '[') {
      ++*at;
      Element element;
      element.letter = '[';
      ASSIGN_OR_RETURN(element.part, CompilePart(pattern, use, at, true));
      elements.push_back(std::move(element));
    } else if (c == ']') {
      if (!nested) return BadPattern(pattern, "] without [");
      ++*at;
      MeasureAdjacent(&elements);
      return elements;
    } else if (c == '{' || c == '}' || c == '#') {
      return BadPattern(pattern, fmt::format("{} must stand in quotes", c));
    } else {
      elements.push_back({0, 0, std::string(1, c), {}, 0});
      ++*at;
    }
  }
  // Java closes optional parts at the end by itself.
  MeasureAdjacent(&elements);
  return elements;
}

bool DateTimePattern::IsFixedNumber(const Element& element) {
  switch (element.letter) {
    case 'y':
    case 'M':
    case 'L':
    case 'd':
    case 'H':
    case 'h':
    case 'K':
    case 'k':
    case 'm':
    case 's':
      return element.count == 2;
    case 'D':
      return element.count == 3;
    default:
      return false;
  }
}

void DateTimePattern::MeasureAdjacent(std::vector<Element>* elements) {
  int width = 0;
  for (size_t i = elements->size(); i-- > 0;) {
    Element& element = (*elements)[i];
    element.fixed_after = width;
    width = IsFixedNumber(element) ? width + element.count : 0;
  }
}

Result<DateTimePattern> DateTimePattern::Compile(std::string_view pattern, PatternUse use) {
  DateTimePattern compiled;
  size_t at = 0;
  ASSIGN_OR_RETURN(compiled.elements_, CompilePart(pattern, use, &at, false));
  return compiled;
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
      if (count < 4) return number(&fields->year, count, 19);
      // More digits than letters need a sign, as Java writes them.
      bool plus = *at < text.size() && text[*at] == '+';
      size_t start = *at + (plus ? 1 : 0);
      size_t end = start;
      auto value = ReadNumber(text, &end, count, 19, element.fixed_after);
      if (!value || (end - start > static_cast<size_t>(count)) != plus) return false;
      fields->year = value;
      *at = end;
      return true;
    }
    case 'M':
    case 'L':
      if (count >= 3) return ReadName(text, at, kMonths, count == 4, &fields->month);
      return number(&fields->month, count, most);
    case 'd':
      return number(&fields->day, count, most);
    case 'D':
      return number(&fields->day_of_year, count, count == 1 ? 19 : 3);
    case 'E':
      return ReadName(text, at, kDays, count == 4, &fields->weekday);
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

void DateTimePattern::FormatElement(const Element& element, const Moment& moment, std::string* text) {
  const CivilTime& time = moment.time;
  int count = element.count;
  auto number = [&](int64_t value) { text->append(fmt::format("{:0{}}", value, count)); };
  switch (element.letter) {
    case 0:
      text->append(element.literal);
      return;
    case '[':
      return FormatPart(element.part, moment, text);
    case 'G': {
      bool before = time.date.year <= 0;
      text->append(count == 4 ? (before ? "Before Christ" : "Anno Domini") : (before ? "BC" : "AD"));
      return;
    }
    case 'y': {
      int64_t year = time.date.year > 0 ? time.date.year : 1 - time.date.year;
      if (count == 2) {
        text->append(fmt::format("{:02}", year % 100));
      } else {
        std::string digits = fmt::format("{:0{}}", year, count);
        if (count >= 4 && digits.size() > static_cast<size_t>(count)) text->push_back('+');
        text->append(digits);
      }
      return;
    }
    case 'M':
    case 'L': {
      std::string_view name = kMonths[time.date.month - 1];
      if (count < 3) return number(time.date.month);
      text->append(count == 3 ? name.substr(0, 3) : name);
      return;
    }
    case 'd':
      return number(time.date.day);
    case 'D':
      return number(DayOfYear(time.date));
    case 'E': {
      std::string_view name = kDays[IsoDayOfWeek(moment.days) - 1];
      text->append(count < 4 ? name.substr(0, 3) : name);
      return;
    }
    case 'F':
      return number((time.date.day - 1) / 7 + 1);
    case 'Q':
    case 'q': {
      int quarter = (time.date.month - 1) / 3 + 1;
      if (count < 3) return number(quarter);
      text->append(count == 3 ? fmt::format("Q{}", quarter) : std::string(kQuarters[quarter - 1]));
      return;
    }
    case 'a':
      text->append(time.hour < 12 ? "AM" : "PM");
      return;
    case 'H':
      return number(time.hour);
    case 'k':
      return number(time.hour == 0 ? 24 : time.hour);
    case 'K':
      return number(time.hour % 12);
    case 'h':
      return number(time.hour % 12 == 0 ? 12 : time.hour % 12);
    case 'm':
      return number(time.minute);
    case 's':
      return number(time.second);
    case 'S':
      text->append(fmt::format("{:06}000", time.micros).substr(0, count));
      return;
    case 'V':
      text->append(moment.zone->id());
      return;
    case 'z':
      text->append(moment.zone->ShortName(moment.utc_seconds));
      return;
    case 'O':
      text->append(LocalizedOffset(moment.offset, count == 4));
      return;
    case 'Z':
      if (count == 4) {
        text->append(LocalizedOffset(moment.offset, true));
      } else if (count == 5 && moment.offset == 0) {
        text->append("Z");
      } else {
        text->append(OffsetHhMm(moment.offset, count == 5, true, count == 5));
      }
      return;
    case 'X':
    case 'x':
      if (element.letter == 'X' && moment.offset == 0) {
        text->append("Z");
      } else {
        text->append(OffsetHhMm(moment.offset, count == 3 || count == 5, count > 1, count > 3));
      }
      return;
    default:
      return;
  }
}

void DateTimePattern::FormatPart(const std::vector<Element>& elements, const Moment& moment,
                                 std::string* text) {
  for (const Element& element : elements) FormatElement(element, moment, text);
}

std::string DateTimePattern::Format(int64_t utc_micros, const TimeZone& zone) const {
  Moment moment;
  moment.zone = &zone;
  moment.utc_seconds = FloorDiv(utc_micros, kMicrosPerSecond);
  moment.offset = zone.OffsetAt(moment.utc_seconds);
  int64_t local = utc_micros + moment.offset * kMicrosPerSecond;
  moment.time = TimeOf(local);
  moment.days = FloorDiv(local, kMicrosPerDay);
  std::string text;
  FormatPart(elements_, moment, &text);
  return text;
}

}  // namespace flare::engine
