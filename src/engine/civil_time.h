#pragma once
#include <cstdint>
#include <optional>

namespace flare::engine {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;

/// A date of the proleptic Gregorian calendar. Year 0 is 1 BC.
struct CivilDate {
  int64_t year = 1970;
  int month = 1;  ///< 1-12
  int day = 1;    ///< 1-31
};

/// A wall-clock time.
struct CivilTime {
  CivilDate date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
};

inline int64_t FloorDiv(int64_t a, int64_t b) {
  int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }

bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);

/// Days since 1970-01-01.
int64_t DaysOf(const CivilDate& date);
/// The same, or nullopt when there is no such day.
std::optional<int64_t> CheckedDaysOf(int64_t year, int64_t month, int64_t day);
CivilDate DateOf(int64_t days);

/// Microseconds since 1970-01-01 00:00 on the same clock.
int64_t MicrosOf(const CivilTime& time);
CivilTime TimeOf(int64_t micros);

/// ISO: Monday = 1 ... Sunday = 7.
int IsoDayOfWeek(int64_t days);
int DayOfYear(const CivilDate& date);
/// ISO 8601 week of the year.
int IsoWeek(int64_t days);
/// First day of the month `months` later; used with AddMonths' rules by callers.
CivilDate AddMonths(const CivilDate& date, int64_t months);

}  // namespace flare::engine
