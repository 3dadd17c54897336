#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/types.h"

namespace flare::sql {

/// A value of the calendar interval type: its parts are not normalised against each other.
struct CalendarInterval {
  int32_t months = 0;
  int32_t days = 0;
  int64_t micros = 0;
};

/// Whether a word names a unit of an interval literal: day, DAYS, week, millisecond, ...
bool IsIntervalUnit(std::string_view word);
/// The field that a unit belongs to; a week is days, parts of a second are seconds.
std::optional<IntervalField> FieldOfUnit(std::string_view word);

/// Reads '1 year -2 days 3.5 seconds', with or without the word interval before it; nullopt when it is not one.
std::optional<CalendarInterval> ParseCalendarInterval(std::string_view text);
/// Reads '1-2', '1 02:03:04.5' and the like: one number for each field of `type` (an ANSI interval). Months of a
/// year-month interval, microseconds of a day-time one; nullopt when the text does not fit the fields.
std::optional<int64_t> ParseIntervalFields(std::string_view text, const Type& type);
/// The cast of text: as ParseIntervalFields, or a whole literal with just these fields (INTERVAL '1-2' YEAR TO MONTH).
std::optional<int64_t> CastToInterval(std::string_view text, const Type& type);
/// The interval's length where a month does not occur: days count 24 hours. nullopt when it overflows.
std::optional<int64_t> MicrosOfInterval(const CalendarInterval& interval);

/// INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 02:03:04.5' DAY TO SECOND; `value` in months or microseconds.
std::string IntervalText(int64_t value, const Type& type);
/// 1 years 2 months 3 days 4 hours 5 minutes 6.5 seconds.
std::string CalendarIntervalText(const CalendarInterval& interval);

}  // namespace flare::sql
