#include "engine/civil_time.h"

#include <algorithm>

namespace flare::engine {

bool IsLeapYear(int64_t year) {
  return FloorMod(year, 4) == 0 && (FloorMod(year, 100) != 0 || FloorMod(year, 400) == 0);
}

int DaysInMonth(int64_t year, int month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Both conversions count eras of 400 years from 1 March of year 0, so that leap days end a year.
int64_t DaysOf(const CivilDate& date) {
  int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  int64_t era = FloorDiv(year, 400);
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate DateOf(int64_t days) {
  days += 719468;
  int64_t era = FloorDiv(days, 146097);
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  date.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

std::optional<int64_t> CheckedDaysOf(int64_t year, int64_t month, int64_t day) {
  if (year < -999'999 || year > 999'999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  auto checked_month = static_cast<int>(month);
  if (day > DaysInMonth(year, checked_month)) return std::nullopt;
  return DaysOf({year, checked_month, static_cast<int>(day)});
}

int64_t MicrosOf(const CivilTime& time) {
  int64_t seconds = DaysOf(time.date) * kSecondsPerDay + time.hour * 3600 + time.minute * 60 + time.second;
  return seconds * kMicrosPerSecond + time.micros;
}

CivilTime TimeOf(int64_t micros) {
  CivilTime time;
  int64_t days = FloorDiv(micros, kMicrosPerDay);
  int64_t rest = micros - days * kMicrosPerDay;
  time.date = DateOf(days);
  time.micros = static_cast<int>(rest % kMicrosPerSecond);
  auto seconds = static_cast<int>(rest / kMicrosPerSecond);
  time.hour = seconds / 3600;
  time.minute = seconds / 60 % 60;
  time.second = seconds % 60;
  return time;
}

int IsoDayOfWeek(int64_t days) { return static_cast<int>(FloorMod(days + 3, 7)) + 1; }

int DayOfYear(const CivilDate& date) {
  return static_cast<int>(DaysOf(date) - DaysOf({date.year, 1, 1})) + 1;
}

int IsoWeek(int64_t days) {
  // The week belongs to the year that its Thursday is in.
  int64_t thursday = days + 4 - IsoDayOfWeek(days);
  return (DayOfYear(DateOf(thursday)) - 1) / 7 + 1;
}

CivilDate AddMonths(const CivilDate& date, int64_t months) {
  int64_t total = date.year * 12 + date.month - 1 + months;
  CivilDate result;
  result.year = FloorDiv(total, 12);
  result.month = static_cast<int>(FloorMod(total, 12)) + 1;
  result.day = std::min(date.day, DaysInMonth(result.year, result.month));
  return result;
}

}  // namespace flare::engine
