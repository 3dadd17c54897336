// Dates and timestamps as Spark reads, prints, cuts and compares them.
#include <cmath>

#include "engine/civil_time.h"
#include "engine/date_time_pattern.h"
#include "engine/date_time_text.h"
#include "engine/function_lists.h"
#include "engine/recent.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
using Micros = Result<std::optional<int64_t>>;

constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kDate = DUCKDB_TYPE_DATE;
constexpr auto kInstant = DUCKDB_TYPE_TIMESTAMP_TZ;
constexpr auto kLocal = DUCKDB_TYPE_TIMESTAMP;

std::string Lower(Text text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// A pattern stands in the statement: it is compiled once a thread, not once a row.
Result<const DateTimePattern*> PatternOf(Text pattern, PatternUse use) {
  static thread_local Recent<DateTimePattern> formats;
  static thread_local Recent<DateTimePattern> parsers;
  auto& cache = use == PatternUse::kFormat ? formats : parsers;
  return cache.Get(pattern, [use](Text text) { return DateTimePattern::Compile(text, use); });
}

TextResultOf FormatInstant(int64_t micros, Text pattern, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  ASSIGN_OR_RETURN(const DateTimePattern* compiled, PatternOf(pattern, PatternUse::kFormat));
  return std::optional(compiled->Format(micros, *zone));
}

Error CannotParse(Text text, size_t index) {
  return InvalidArgument(
      "[CANNOT_PARSE_TIMESTAMP] Text '{}' could not be parsed at index {}. Use `try_to_timestamp` to "
      "tolerate invalid input string and return NULL instead. SQLSTATE: 22007",
      text, index);
}

auto ParseInstant(bool ansi) {
  return [ansi](Text text, Text pattern, Text zone_name) -> Micros {
    ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
    ASSIGN_OR_RETURN(const DateTimePattern* compiled, PatternOf(pattern, PatternUse::kParse));
    size_t index = 0;
    auto value = compiled->ParseTimestamp(text, *zone, &index);
    if (!value && ansi) return CannotParse(text, index);
    return value;
  };
}

auto ParseLocal(bool ansi) {
  return [ansi](Text text, Text pattern) -> Micros {
    ASSIGN_OR_RETURN(const DateTimePattern* compiled, PatternOf(pattern, PatternUse::kParse));
    size_t index = 0;
    auto value = compiled->ParseLocal(text, &index);
    if (!value && ansi) return CannotParse(text, index);
    return value;
  };
}

auto ParseDate(bool ansi) {
  return [ansi](Text text, Text pattern) -> Result<std::optional<int32_t>> {
    ASSIGN_OR_RETURN(const DateTimePattern* compiled, PatternOf(pattern, PatternUse::kParse));
    size_t index = 0;
    auto value = compiled->ParseDate(text, &index);
    if (!value && ansi) return CannotParse(text, index);
    return value;
  };
}

/// The first day of the unit that `days` is in; nullopt for a unit that is none of days.
std::optional<int64_t> TruncateDays(int64_t days, Text unit) {
  CivilDate date = DateOf(days);
  if (unit == "year" || unit == "yyyy" || unit == "yy") return DaysOf({date.year, 1, 1});
  if (unit == "quarter") return DaysOf({date.year, (date.month - 1) / 3 * 3 + 1, 1});
  if (unit == "month" || unit == "mm" || unit == "mon") return DaysOf({date.year, date.month, 1});
  if (unit == "week") return days - IsoDayOfWeek(days) + 1;
  return std::nullopt;
}

std::optional<int64_t> TruncateLocal(int64_t local, Text unit) {
  int64_t days = FloorDiv(local, kMicrosPerDay);
  if (auto truncated = TruncateDays(days, unit)) return *truncated * kMicrosPerDay;
  int64_t step = 0;
  if (unit == "day" || unit == "dd") step = kMicrosPerDay;
  if (unit == "hour") step = 3600 * kMicrosPerSecond;
  if (unit == "minute") step = 60 * kMicrosPerSecond;
  if (unit == "second") step = kMicrosPerSecond;
  if (unit == "millisecond") step = 1000;
  if (unit == "microsecond") step = 1;
  if (step == 0) return std::nullopt;
  return FloorDiv(local, step) * step;
}

Micros DateTrunc(Text unit, int64_t micros, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  std::string lower = Lower(unit);
  if (lower == "microsecond") return std::optional(micros);
  auto local = TruncateLocal(zone->ToLocalMicros(micros), lower);
  if (!local) return std::optional<int64_t>();
  return std::optional(zone->ToUtcMicros(*local));
}

std::optional<int32_t> TruncDate(int32_t days, Text unit) {
  auto truncated = TruncateDays(days, Lower(unit));
  if (!truncated) return std::nullopt;
  return static_cast<int32_t>(*truncated);
}

Result<std::optional<int32_t>> Field(int64_t micros, Text field, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  int64_t local = zone->ToLocalMicros(micros);
  int64_t days = FloorDiv(local, kMicrosPerDay);
  CivilTime time = TimeOf(local);
  std::string name = Lower(field);
  auto value = [](int64_t number) -> Result<std::optional<int32_t>> {
    return std::optional(static_cast<int32_t>(number));
  };
  if (name == "year") return value(time.date.year);
  if (name == "quarter") return value((time.date.month - 1) / 3 + 1);
  if (name == "month") return value(time.date.month);
  if (name == "day") return value(time.date.day);
  if (name == "hour") return value(time.hour);
  if (name == "minute") return value(time.minute);
  if (name == "second") return value(time.second);
  if (name == "week") return value(IsoWeek(days));
  if (name == "dayofweek") return value(IsoDayOfWeek(days) % 7 + 1);
  if (name == "weekday") return value(IsoDayOfWeek(days) - 1);
  if (name == "dayofyear") return value(DayOfYear(time.date));
  return InvalidArgument("spark_field knows no field '{}'", field);
}

auto NextDay(bool ansi) {
  return [ansi](int32_t days, Text name) -> Result<std::optional<int32_t>> {
    static constexpr Text kDays[][3] = {{"mo", "mon", "monday"},    {"tu", "tue", "tuesday"},
                                        {"we", "wed", "wednesday"}, {"th", "thu", "thursday"},
                                        {"fr", "fri", "friday"},    {"sa", "sat", "saturday"},
                                        {"su", "sun", "sunday"}};
    std::string lower = Lower(name);
    for (int32_t day = 0; day < 7; ++day) {
      for (Text known : kDays[day]) {
        if (lower != known) continue;
        auto ahead = static_cast<int32_t>(FloorMod(day + 1 - IsoDayOfWeek(days) - 1, 7)) + 1;
        return std::optional(days + ahead);
      }
    }
    if (ansi) {
      return InvalidArgument("[ILLEGAL_DAY_OF_WEEK] Illegal input for day of week: {}. SQLSTATE: 22009",
                             name);
    }
    return std::optional<int32_t>();
  };
}

Result<std::optional<double>> MonthsBetween(int64_t first, int64_t second, bool round, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  int64_t local1 = zone->ToLocalMicros(first);
  int64_t local2 = zone->ToLocalMicros(second);
  CivilDate date1 = TimeOf(local1).date;
  CivilDate date2 = TimeOf(local2).date;
  auto months = static_cast<double>((date1.year - date2.year) * 12 + date1.month - date2.month);
  bool both_last = date1.day == DaysInMonth(date1.year, date1.month) &&
                   date2.day == DaysInMonth(date2.year, date2.month);
  if (date1.day == date2.day || both_last) return std::optional(months);
  auto second_of_day = [](int64_t local) { return FloorDiv(FloorMod(local, kMicrosPerDay), kMicrosPerSecond); };
  constexpr double kSecondsInMonth = 31.0 * kSecondsPerDay;
  int64_t seconds = (date1.day - date2.day) * kSecondsPerDay + second_of_day(local1) - second_of_day(local2);
  double difference = months + static_cast<double>(seconds) / kSecondsInMonth;
  if (round) difference = std::round(difference * 1e8) / 1e8;
  return std::optional(difference);
}

TextResultOf InstantText(int64_t micros, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  return std::optional(TimestampText(zone->ToLocalMicros(micros)));
}

Micros ToLocal(int64_t micros, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  return std::optional(zone->ToLocalMicros(micros));
}

Micros FromLocal(int64_t micros, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  return std::optional(zone->ToUtcMicros(micros));
}

Result<std::optional<int32_t>> DateOfInstant(int64_t micros, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  return std::optional(static_cast<int32_t>(FloorDiv(zone->ToLocalMicros(micros), kMicrosPerDay)));
}

Micros InstantOfDate(int32_t days, Text zone_name) {
  ASSIGN_OR_RETURN(const TimeZone* zone, TimeZone::Find(zone_name));
  return std::optional(zone->ToUtcMicros(days * kMicrosPerDay));
}

void AddTexts(std::vector<ScalarFunction>* list) {
  list->push_back({"spark_timestamp_to_string", {kInstant, kText}, kText,
                   Checked<Text, int64_t, Text>(InstantText)});
  list->push_back({"spark_timestamp_ntz_to_string", {kLocal}, kText, RowWiseText<int64_t>([](int64_t v) {
                     return std::optional(TimestampText(v));
                   })});
  list->push_back({"spark_date_format", {kInstant, kText, kText}, kText,
                   Checked<Text, int64_t, Text, Text>(FormatInstant)});
  list->push_back({"spark_date_format_ntz", {kLocal, kText}, kText,
                   Checked<Text, int64_t, Text>([](int64_t micros, Text pattern) {
                     return FormatInstant(micros, pattern, "UTC");
                   })});
}

void AddParsers(std::vector<ScalarFunction>* list) {
  for (bool ansi : {false, true}) {
    std::string suffix = ansi ? "_ansi" : "";
    list->push_back({"spark_parse_timestamp" + suffix, {kText, kText, kText}, kInstant,
                     Checked<int64_t, Text, Text, Text>(ParseInstant(ansi))});
    list->push_back({"spark_parse_timestamp_ntz" + suffix, {kText, kText}, kLocal,
                     Checked<int64_t, Text, Text>(ParseLocal(ansi))});
    list->push_back({"spark_parse_date" + suffix, {kText, kText}, kDate,
                     Checked<int32_t, Text, Text>(ParseDate(ansi))});
    list->push_back({"spark_next_day" + suffix, {kDate, kText}, kDate,
                     Checked<int32_t, int32_t, Text>(NextDay(ansi))});
  }
}

}  // namespace

std::vector<ScalarFunction> DateTimeFunctions() {
  std::vector<ScalarFunction> list;
  AddTexts(&list);
  AddParsers(&list);
  list.push_back({"spark_to_local", {kInstant, kText}, kLocal, Checked<int64_t, int64_t, Text>(ToLocal)});
  list.push_back({"spark_from_local", {kLocal, kText}, kInstant, Checked<int64_t, int64_t, Text>(FromLocal)});
  list.push_back({"spark_months_between", {kInstant, kInstant, DUCKDB_TYPE_BOOLEAN, kText},
                  DUCKDB_TYPE_DOUBLE, Checked<double, int64_t, int64_t, bool, Text>(MonthsBetween)});
  list.push_back({"spark_date_trunc", {kText, kInstant, kText}, kInstant,
                  Checked<int64_t, Text, int64_t, Text>(DateTrunc)});
  list.push_back({"spark_trunc_date", {kDate, kText}, kDate, RowWise<int32_t, int32_t, Text>(TruncDate)});
  list.push_back({"spark_field", {kInstant, kText, kText}, DUCKDB_TYPE_INTEGER,
                  Checked<int32_t, int64_t, Text, Text>(Field)});
  list.push_back({"spark_to_date_from_timestamp", {kInstant, kText}, kDate,
                  Checked<int32_t, int64_t, Text>(DateOfInstant)});
  list.push_back({"spark_timestamp_from_date", {kDate, kText}, kInstant,
                  Checked<int64_t, int32_t, Text>(InstantOfDate)});
  return list;
}

}  // namespace flare::engine
