#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

const Type& SecondsType() {
  static const Type* type = new Type(Type::Decimal(18, 6));
  return *type;
}

/// Fills up missing parts with zeros and casts them: whole numbers, the last of `count` seconds if `seconds`.
bool TakeParts(Call& call, size_t count, bool seconds) {
  for (size_t i = call.args.size(); i < count; ++i) {
    bool fraction = seconds && i + 1 == count;
    Bound zero;
    zero.type = fraction ? SecondsType() : Type(TypeId::kInt);
    zero.sql = fmt::format("CAST(0 AS {})", zero.type.ToDuckDb());
    zero.pretty = fraction ? "0.000000" : "0";
    zero.nullable = false;
    call.args.push_back(std::move(zero));
  }
  for (size_t i = 0; i < count; ++i) {
    bool fraction = seconds && i + 1 == count;
    Bound& arg = call.args[i];
    std::string pretty = arg.pretty;
    arg = call.binder.Implicit(std::move(arg), fraction ? SecondsType() : Type(TypeId::kInt), call.name, i);
    if (arg.bad) return false;
    arg.pretty = std::move(pretty);
  }
  return true;
}

std::string PrettyOf(const Call& call) {
  std::string text = call.name + "(";
  for (size_t i = 0; i < call.args.size(); ++i) text += (i > 0 ? ", " : "") + call.args[i].pretty;
  return text + ")";
}

/// make_interval(years, months, weeks, days, hours, minutes, seconds).
Bound BindMakeInterval(Call& call) {
  if (!TakeParts(call, 7, true)) return call.binder.Bad(call.expr);
  bool ansi = call.binder.ansi() && call.name == "make_interval";
  Bound out = ResultOf(call, Type(TypeId::kIntervalCalendar),
                       fmt::format("spark_make_interval{}({}", ansi ? "_ansi" : "",
                                   ExpandTemplate("$1, $2, $3, $4, $5, $6, CAST(($7 * 1000000) AS BIGINT))", call)));
  out.pretty = PrettyOf(call);
  return out;
}

/// make_dt_interval(days, hours, minutes, seconds): too long is an error, ANSI or not.
Bound BindMakeDayTime(Call& call) {
  if (!TakeParts(call, 4, true)) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, Type(TypeId::kIntervalDayTime),
                       ExpandTemplate("CAST((CAST($1 AS HUGEINT) * 86400000000 + CAST($2 AS HUGEINT) * 3600000000 + CAST($3 AS HUGEINT) * 60000000 "
                                      "+ CAST(($4 * 1000000) AS HUGEINT)) AS BIGINT)", call));
  out.pretty = PrettyOf(call);
  return out;
}

Bound BindMakeYearMonth(Call& call) {
  if (!TakeParts(call, 2, false)) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, Type(TypeId::kIntervalYearMonth), ExpandTemplate("CAST((CAST($1 AS BIGINT) * 12 + $2) AS INTEGER)", call));
  out.pretty = PrettyOf(call);
  return out;
}

struct DateUnit {
  std::string_view name;
  int64_t months;
  int64_t micros;
};

constexpr DateUnit kDateUnits[] = {
    {"year", 12, 0},
    {"quarter", 3, 0},
    {"month", 1, 0},
    {"week", 0, 604'800'000'000},
    {"day", 0, 86'400'000'000},
    {"dayofyear", 0, 86'400'000'000},
    {"hour", 0, 3'600'000'000},
    {"minute", 0, 60'000'000},
    {"second", 0, 1'000'000},
    {"millisecond", 0, 1000},
    {"microsecond", 0, 1},
};

/// The unit of timestampadd(MONTH, ...): a word, not a text.
const DateUnit* UnitOf(Call& call, bool dayofyear) {
  std::string name = LowerAscii(call.args[0].literal);
  for (const DateUnit& unit : kDateUnits) {
    bool allowed = call.expr.quantifier == "unit" && (dayofyear || name != "dayofyear");
    if (unit.name == name && allowed) return &unit;
  }
  call.binder.Report("INVALID_PARAMETER_VALUE.DATETIME_UNIT",
                     fmt::format("{}() needs a unit such as MONTH or HOUR, without quotes, found {}", call.name, call.args[0].pretty),
                     call.args[0].begin, "", "YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND");
  return nullptr;
}

Bound BindTimestampAdd(Call& call) {
  const DateUnit* unit = UnitOf(call, true);
  if (unit == nullptr) return call.binder.Bad(call.expr);
  Bound& time = call.args[2];
  std::string pretty = fmt::format("timestampadd({}, {}, {})", call.args[0].literal, call.args[1].pretty, time.pretty);
  if (!time.type.is(TypeId::kTimestampNtz)) time = call.binder.Implicit(std::move(time), Type(TypeId::kTimestamp), call.name, 2);
  call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kLong), call.name, 1);
  if (time.bad || call.args[1].bad) return call.binder.Bad(call.expr);
  Bound interval;
  interval.type = Type(unit->months > 0 ? TypeId::kIntervalYearMonth : TypeId::kIntervalDayTime);
  interval.sql = fmt::format("CAST((CAST({} AS HUGEINT) * {}) AS {})", call.args[1].sql, unit->months + unit->micros,
                             interval.type.ToDuckDb());
  Bound sum = call.binder.AddInterval(time, interval, false);
  Bound out = ResultOf(call, sum.type, sum.sql);
  out.pretty = std::move(pretty);
  return out;
}

Bound BindTimestampDiff(Call& call) {
  const DateUnit* unit = UnitOf(call, false);
  if (unit == nullptr) return call.binder.Bad(call.expr);
  std::string pretty = fmt::format("timestampdiff({}, {}, {})", call.args[0].literal, call.args[1].pretty, call.args[2].pretty);
  for (size_t i : {size_t{1}, size_t{2}}) {
    call.args[i] = call.binder.Implicit(std::move(call.args[i]), Type(TypeId::kTimestamp), call.name, i);
    if (call.args[i].bad) return call.binder.Bad(call.expr);
  }
  std::string sql = unit->months > 0
                        ? fmt::format("(spark_months_difference({}, {}, {}) // {})", call.args[1].sql, call.args[2].sql,
                                      call.binder.Zone(), unit->months)
                        : fmt::format("((epoch_us({}) - epoch_us({})) // {})", call.binder.Local(call.args[2]),
                                      call.binder.Local(call.args[1]), unit->micros);
  Bound out = ResultOf(call, Type(TypeId::kLong), sql);
  out.pretty = std::move(pretty);
  return out;
}

const FunctionSpec kIntervalFunctions[] = {
    {"make_interval try_make_interval", "i=0 i=0 i=0 i=0 i=0 i=0", "", "", "interval of years, months, weeks, days, hours, minutes",
     BindMakeInterval},
    {"make_interval try_make_interval", "i i i i i i a", "", "", "the same with seconds", BindMakeInterval},
    {"make_dt_interval", "i=0 i=0 i=0", "", "", "day-time interval of days, hours, minutes", BindMakeDayTime},
    {"make_dt_interval", "i i i a", "", "", "the same with seconds", BindMakeDayTime},
    {"make_ym_interval", "i=0 i=0", "", "", "year-month interval of years and months", BindMakeYearMonth},
    {"timestampadd dateadd date_add", "a a a", "", "", "a time some units later: timestampadd(MONTH, 1, t)", BindTimestampAdd},
    {"timestampdiff datediff date_diff timediff", "a a a", "", "", "whole units from one time to the other", BindTimestampDiff},
};

}  // namespace

std::span<const FunctionSpec> IntervalFunctions() { return kIntervalFunctions; }

}  // namespace flare::sql
