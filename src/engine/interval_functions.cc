// Intervals: text, making, and adding them to times. Year-month intervals are INTEGER months, day-time ones BIGINT
// microseconds, calendar intervals DuckDB's INTERVAL.
#include "sql/interval.h"

#include <cmath>
#include <limits>

#include "engine/civil_time.h"
#include "engine/function_lists.h"
#include "engine/time_zone.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
using Calendar = duckdb_interval;
using Micros = Result<std::optional<int64_t>>;
using MaybeCalendar = Result<std::optional<Calendar>>;

constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kInt = DUCKDB_TYPE_INTEGER;
constexpr auto kLong = DUCKDB_TYPE_BIGINT;
constexpr auto kInterval = DUCKDB_TYPE_INTERVAL;
constexpr auto kInstant = DUCKDB_TYPE_TIMESTAMP_TZ;

sql::Type TypeOf(int32_t first, int32_t last) {
  return sql::Type::Interval(static_cast<sql::IntervalField>(first), static_cast<sql::IntervalField>(last));
}

Error IntervalOverflow() {
  return InvalidArgument(
      "[INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION] Integer overflow while operating with intervals. SQLSTATE: 22015");
}

Error TimeOverflow() {
  return InvalidArgument("[DATETIME_OVERFLOW] The result lies outside the range of its type. SQLSTATE: 22008");
}

Error NoInterval(Text text, const std::string& type) {
  return InvalidArgument(
      "[INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING] Error parsing '{}' to interval: it does not fit {}. SQLSTATE: 22006",
      text, type);
}

/// The text of the value of an interval type with these fields.
template <class T>
std::optional<std::string> TextOf(T value, int32_t first, int32_t last) {
  return sql::IntervalText(value, TypeOf(first, last));
}

template <class T>
Result<std::optional<T>> CastText(Text text, int32_t first, int32_t last) {
  sql::Type type = TypeOf(first, last);
  auto value = sql::CastToInterval(text, type);
  if (!value) return NoInterval(text, type.ToSimpleString());
  return std::optional(static_cast<T>(*value));
}

std::optional<Calendar> CastTextToCalendar(Text text) {
  auto value = sql::ParseCalendarInterval(text);
  return value ? std::optional(Calendar{value->months, value->days, value->micros}) : std::nullopt;
}

bool AddProduct(int64_t count, int64_t unit, int64_t* sum) {
  int64_t product = 0;
  return !__builtin_mul_overflow(count, unit, &product) && !__builtin_add_overflow(*sum, product, sum);
}

bool FitsInt(int64_t value) {
  return value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
}

auto MakeCalendar(bool ansi) {
  return [ansi](int32_t years, int32_t months, int32_t weeks, int32_t days, int32_t hours, int32_t minutes,
                int64_t micros) -> MaybeCalendar {
    int64_t all_months = int64_t{years} * 12 + months;
    int64_t all_days = int64_t{weeks} * 7 + days;
    bool fits = FitsInt(all_months) && FitsInt(all_days) && AddProduct(hours, 3600 * kMicrosPerSecond, &micros) &&
                AddProduct(minutes, 60 * kMicrosPerSecond, &micros);
    if (fits) return std::optional(Calendar{static_cast<int32_t>(all_months), static_cast<int32_t>(all_days), micros});
    if (ansi) return InvalidArgument("[ARITHMETIC_OVERFLOW] integer overflow. SQLSTATE: 22003");
    return std::optional<Calendar>();
  };
}

/// The parts times a factor: a fraction of days becomes microseconds, one of months is dropped.
auto Scale(bool ansi, bool divide) {
  return [ansi, divide](Calendar value, double number) -> MaybeCalendar {
    if (divide && number == 0) {
      if (!ansi) return std::optional<Calendar>();
      return InvalidArgument("[INTERVAL_DIVIDED_BY_ZERO] Division by zero. SQLSTATE: 22012");
    }
    auto scaled = [&](double part) { return divide ? part / number : part * number; };
    double months = std::trunc(scaled(value.months));
    double days = scaled(value.days);
    double micros = std::floor(scaled(static_cast<double>(value.micros)) +
                               static_cast<double>(kMicrosPerDay) * (days - std::trunc(days)) + 0.5);
    constexpr double kInts = 2147483648.0;
    bool fits = std::abs(months) < kInts && std::abs(days) < kInts && std::abs(micros) < 9223372036854775808.0;
    if (!fits) {
      if (ansi) return IntervalOverflow();
      return std::optional<Calendar>();
    }
    return std::optional(Calendar{static_cast<int32_t>(months), static_cast<int32_t>(days), static_cast<int64_t>(micros)});
  };
}

/// Months and days move the wall clock of the zone, microseconds the instant. An offset that still holds stays.
std::optional<int64_t> AddToInstant(int64_t start, int64_t months, int64_t days, int64_t micros, const TimeZone& zone) {
  int64_t moved = start;
  if (months != 0 || days != 0) {
    int64_t local = zone.ToLocalMicros(start);
    int64_t day = FloorDiv(local, kMicrosPerDay);
    int64_t target = DaysOf(AddMonths(DateOf(day), months)) + days;
    int64_t moved_local = local - day * kMicrosPerDay;
    if (!AddProduct(target, kMicrosPerDay, &moved_local)) return std::nullopt;
    int64_t offset = local - start;
    moved = moved_local - offset;
    if (zone.ToLocalMicros(moved) != moved_local) moved = zone.ToUtcMicros(moved_local);
  }
  return __builtin_add_overflow(moved, micros, &moved) ? std::nullopt : std::optional(moved);
}

Micros AddCalendar(int64_t start, Calendar interval, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  auto sum = AddToInstant(start, interval.months, interval.days, interval.micros, *zone);
  if (!sum) return TimeOverflow();
  return sum;
}

Micros AddDayTime(int64_t start, int64_t interval, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  auto sum = AddToInstant(start, 0, interval / kMicrosPerDay, interval % kMicrosPerDay, *zone);
  if (!sum) return TimeOverflow();
  return sum;
}

Micros AddYearMonth(int64_t start, int32_t months, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  auto sum = AddToInstant(start, months, 0, 0, *zone);
  if (!sum) return TimeOverflow();
  return sum;
}

auto AddToDate(bool ansi) {
  return [ansi](int32_t start, Calendar interval) -> Result<std::optional<int32_t>> {
    if (ansi && interval.micros != 0) {
      return InvalidArgument(
          "[INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION] Cannot add an interval to a date because its microseconds part is "
          "not 0. SQLSTATE: 22006");
    }
    int64_t days = DaysOf(AddMonths(DateOf(start), interval.months)) + interval.days + FloorDiv(interval.micros, kMicrosPerDay);
    if (!FitsInt(days)) return TimeOverflow();
    return std::optional(static_cast<int32_t>(days));
  };
}

/// Whole units from one wall clock to the other: months only as far as day and time of day are reached.
int64_t MonthsBetweenLocal(int64_t from, int64_t to) {
  CivilTime a = TimeOf(from);
  CivilTime b = TimeOf(to);
  int64_t months = (b.date.year - a.date.year) * 12 + b.date.month - a.date.month;
  int64_t rest_a = (a.date.day - 1) * kMicrosPerDay + FloorMod(from, kMicrosPerDay);
  int64_t rest_b = (b.date.day - 1) * kMicrosPerDay + FloorMod(to, kMicrosPerDay);
  if (months > 0 && rest_b < rest_a) --months;
  if (months < 0 && rest_b > rest_a) ++months;
  return months;
}

Micros MonthsDifference(int64_t from, int64_t to, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  return std::optional(MonthsBetweenLocal(zone->ToLocalMicros(from), zone->ToLocalMicros(to)));
}

void AddTexts(std::vector<ScalarFunction>* list) {
  list->push_back({"spark_interval_to_string", {kInt, kInt, kInt}, kText, RowWiseText<int32_t, int32_t, int32_t>(TextOf<int32_t>)});
  list->push_back({"spark_interval_to_string", {kLong, kInt, kInt}, kText, RowWiseText<int64_t, int32_t, int32_t>(TextOf<int64_t>)});
  list->push_back({"spark_interval_to_string", {kInterval}, kText, RowWiseText<Calendar>([](Calendar value) {
                     return std::optional(sql::CalendarIntervalText({value.months, value.days, value.micros}));
                   })});
  list->push_back({"spark_string_to_year_month", {kText, kInt, kInt}, kInt,
                   Checked<int32_t, Text, int32_t, int32_t>(CastText<int32_t>)});
  list->push_back({"spark_string_to_day_time", {kText, kInt, kInt}, kLong,
                   Checked<int64_t, Text, int32_t, int32_t>(CastText<int64_t>)});
  list->push_back({"spark_string_to_interval", {kText}, kInterval, RowWise<Calendar, Text>(CastTextToCalendar)});
}

}  // namespace

std::vector<ScalarFunction> IntervalFunctions() {
  std::vector<ScalarFunction> list;
  AddTexts(&list);
  for (bool ansi : {false, true}) {
    std::string suffix = ansi ? "_ansi" : "";
    list.push_back({"spark_make_interval" + suffix, {kInt, kInt, kInt, kInt, kInt, kInt, kLong}, kInterval,
                    Checked<Calendar, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int64_t>(MakeCalendar(ansi))});
    for (bool divide : {false, true}) {
      list.push_back({(divide ? "spark_interval_divide" : "spark_interval_multiply") + suffix, {kInterval, DUCKDB_TYPE_DOUBLE},
                      kInterval, Checked<Calendar, Calendar, double>(Scale(ansi, divide))});
    }
    list.push_back({"spark_date_add_interval" + suffix, {DUCKDB_TYPE_DATE, kInterval}, DUCKDB_TYPE_DATE,
                    Checked<int32_t, int32_t, Calendar>(AddToDate(ansi))});
  }
  list.push_back({"spark_timestamp_add_interval", {kInstant, kInterval, kText}, kInstant,
                  Checked<int64_t, int64_t, Calendar, Text>(AddCalendar)});
  list.push_back({"spark_timestamp_add_day_time", {kInstant, kLong, kText}, kInstant,
                  Checked<int64_t, int64_t, int64_t, Text>(AddDayTime)});
  list.push_back({"spark_timestamp_add_year_month", {kInstant, kInt, kText}, kInstant,
                  Checked<int64_t, int64_t, int32_t, Text>(AddYearMonth)});
  list.push_back({"spark_months_difference", {kInstant, kInstant, kText}, kLong,
                  Checked<int64_t, int64_t, int64_t, Text>(MonthsDifference)});
  return list;
}

}  // namespace flare::engine
