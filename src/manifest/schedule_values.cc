#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "manifest/values.h"

namespace flare::manifest {
namespace {

struct CronField {
  std::string_view name;
  int low, high;
  std::string_view names;  ///< three letters each, the first standing for `low`
};

constexpr CronField kSecond{"second", 0, 59, ""};
constexpr CronField kMinute{"minute", 0, 59, ""};
constexpr CronField kHour{"hour", 0, 23, ""};
constexpr CronField kDay{"day of month", 1, 31, ""};
constexpr CronField kMonth{"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"};
constexpr CronField kWeekday{"day of week", 0, 7, "SUNMONTUEWEDTHUFRISAT"};
constexpr CronField kYear{"year", 1970, 2199, ""};

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  while (true) {
    size_t end = text.find_first_of(separators, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::optional<int> CronNumber(std::string_view text, const CronField& field) {
  if (text.size() == 3 && !field.names.empty()) {
    for (size_t i = 0; i + 3 <= field.names.size(); i += 3) {
      bool same = true;
      for (size_t j = 0; j < 3; ++j) same = same && (text[j] & ~0x20) == field.names[i + j];
      if (same) return field.low + static_cast<int>(i / 3);
    }
  }
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status CheckCronPart(std::string_view part, const CronField& field) {
  auto fail = [&](std::string_view why) {
    return InvalidArgument("the {} field: \"{}\" {}", field.name, part, why);
  };
  auto steps = Split(part, "/");
  if (steps.size() > 2) return fail("has more than one step");
  if (steps.size() == 2) {
    auto step = CronNumber(steps[1], {"", 0, 0, ""});
    if (!step || *step < 1) return fail("has a step that is not a number above 0");
  }
  std::string_view range = steps[0];
  if (range == "*" || range == "?") return Ok();
  if (range == "L" && (field.low == 1 || field.high == 7)) return Ok();
  auto ends = Split(range, "-");
  if (ends.size() > 2) return fail("is not a range");
  std::vector<int> values;
  for (auto end : ends) {
    auto value = CronNumber(end, field);
    if (!value) return fail("is not a number, a range, a list or *");
    if (*value < field.low || *value > field.high) {
      return fail(fmt::format("lies outside {} to {}", field.low, field.high));
    }
    values.push_back(*value);
  }
  if (values.size() == 2 && values[0] > values[1]) return fail("is a range that runs backwards");
  return Ok();
}

bool Digits(std::string_view text, size_t at, size_t count, int* value) {
  *value = 0;
  if (at + count > text.size()) return false;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    *value = *value * 10 + (text[i] - '0');
  }
  return true;
}

/// Milliseconds of a fraction `.123` at `*at`; moves `*at` behind it.
int TakeFraction(std::string_view text, size_t* at) {
  if (*at >= text.size() || text[*at] != '.') return 0;
  int millis = 0, scale = 100;
  for (++*at; *at < text.size() && text[*at] >= '0' && text[*at] <= '9'; ++*at) {
    millis += (text[*at] - '0') * scale;
    scale /= 10;
  }
  return millis;
}

}  // namespace

Status CheckCron(std::string_view text) {
  std::vector<std::string_view> fields;
  for (auto part : Split(text, " \t")) {
    if (!part.empty()) fields.push_back(part);
  }
  std::vector<CronField> shape = {kMinute, kHour, kDay, kMonth, kWeekday};
  if (fields.size() >= 6) shape.insert(shape.begin(), kSecond);
  if (fields.size() == 7) shape.push_back(kYear);
  if (fields.size() != shape.size()) {
    return InvalidArgument(
        "a cron line has five fields (minute hour day month weekday), this has {}", fields.size());
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    for (auto part : Split(fields[i], ",")) RETURN_IF_ERROR(CheckCronPart(part, shape[i]));
  }
  return Ok();
}

Result<WallTime> ParseTimestamp(std::string_view text) {
  auto fail = [&](std::string_view why) {
    return InvalidArgument(
        "\"{}\" is not a timestamp: {}; write it as 2031-03-02T01:30:00Z or "
        "2031-03-02T01:30:00+01:00",
        text, why);
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!Digits(text, 0, 4, &year) || !Digits(text, 5, 2, &month) || !Digits(text, 8, 2, &day) ||
      text[4] != '-' || text[7] != '-') {
    return fail("it does not start with a date");
  }
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return fail("there is no such day");
  if (text.size() < 19 || std::string_view("Tt ").find(text[10]) == std::string_view::npos ||
      !Digits(text, 11, 2, &hour) || !Digits(text, 14, 2, &minute) ||
      !Digits(text, 17, 2, &second) || text[13] != ':' || text[16] != ':') {
    return fail("it has no time of day");
  }
  if (hour > 23 || minute > 59 || second > 60) return fail("there is no such time of day");
  size_t at = 19;
  int millis = TakeFraction(text, &at);
  std::string_view zone = text.substr(at);
  int zone_minutes = 0;
  if (zone != "Z" && zone != "z") {
    int zone_hour = 0, zone_minute = 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' ||
        !Digits(zone, 1, 2, &zone_hour) || !Digits(zone, 4, 2, &zone_minute) || zone_hour > 23 ||
        zone_minute > 59) {
      return fail("it has no zone");
    }
    zone_minutes = (zone_hour * 60 + zone_minute) * (zone[0] == '-' ? -1 : 1);
  }
  auto time = std::chrono::sys_days(date) + std::chrono::hours(hour) +
              std::chrono::minutes(minute - zone_minutes) + std::chrono::seconds(second) +
              Millis(millis);
  return WallTime(std::chrono::duration_cast<Millis>(time.time_since_epoch()));
}

}  // namespace flare::manifest
