// Printing dates and times in a pattern.
#include "engine/date_time_names.h"
#include "engine/date_time_pattern.h"

namespace flare::engine {
namespace {

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

/// What is formatted.
struct DateTimePattern::Moment {
  CivilTime time;
  int64_t days;
  int64_t utc_seconds;
  int32_t offset;
  const TimeZone* zone;
  bool has_era;
};

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
      // beside an era its years are counted from 1, else there is a year 0 and there are negative ones
      int64_t year = time.date.year;
      if (moment.has_era && year <= 0) year = 1 - year;
      int64_t size = year < 0 ? -year : year;
      if (count == 2) {
        text->append(fmt::format("{:02}", size % 100));
        return;
      }
      std::string digits = fmt::format("{:0{}}", size, count);
      if (year < 0) {
        text->push_back('-');
      } else if (count >= 4 && digits.size() > static_cast<size_t>(count)) {
        text->push_back('+');
      }
      text->append(digits);
      return;
    }
    case 'M':
    case 'L': {
      std::string_view name = kMonthNames[time.date.month - 1];
      if (count < 3) return number(time.date.month);
      text->append(count == 3 ? name.substr(0, 3) : name);
      return;
    }
    case 'd':
      return number(time.date.day);
    case 'D':
      return number(DayOfYear(time.date));
    case 'E': {
      std::string_view name = kDayNames[IsoDayOfWeek(moment.days) - 1];
      text->append(count < 4 ? name.substr(0, 3) : name);
      return;
    }
    case 'F':
      return number((time.date.day - 1) % 7 + 1);
    case 'Q':
    case 'q': {
      int quarter = (time.date.month - 1) / 3 + 1;
      if (count < 3) return number(quarter);
      text->append(count == 3 ? fmt::format("Q{}", quarter) : std::string(kQuarterNames[quarter - 1]));
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
      text->append(count == 4 && moment.zone->is_utc() ? "Coordinated Universal Time" : moment.zone->ShortName(moment.utc_seconds));
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
  moment.has_era = has_era_;
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
