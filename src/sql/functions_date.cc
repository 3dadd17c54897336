#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

Bound BindCurrentDate(Call& call) {
  Bound now;
  now.type = Type(TypeId::kTimestamp);
  now.sql = "CAST(getvariable('flare_batch_timestamp') AS TIMESTAMPTZ)";
  Bound out = ResultOf(call, Type(TypeId::kDate), fmt::format("CAST({} AS DATE)", call.binder.Local(now)));
  out.nullable = false;
  out.pretty = "current_date()";
  return out;
}

Bound BindToDate(Call& call) {
  if (call.args.size() == 1) {
    Bound& arg = call.args[0];
    if (arg.type.is_numeric()) arg = call.binder.Cast(std::move(arg), Type(TypeId::kString));
    if (!CanCast(arg.type, Type(TypeId::kDate), call.binder.ansi())) return WrongArgument(call, 0, "a text, date or timestamp");
    bool is_try = call.name == "try_to_date";
    Bound date = call.binder.CastAs(arg, Type(TypeId::kDate), is_try ? CastMode::kTry : call.binder.mode());
    return ResultOf(call, Type(TypeId::kDate), date.sql);
  }
  if (call.args[0].type.is_numeric()) call.args[0] = call.binder.Cast(std::move(call.args[0]), Type(TypeId::kString));
  if (!call.args[0].type.is(TypeId::kString) && !call.args[0].type.is(TypeId::kVoid)) {
    return ResultOf(call, Type(TypeId::kDate), call.binder.Implicit(call.args[0], Type(TypeId::kDate), call.name, 0).sql);
  }
  call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kString), call.name, 1);
  if (call.args[1].bad) return call.args[1];
  if (call.name == "to_date" && RefuseParsePattern(call, call.args[1])) return call.binder.Bad(call.expr);
  call.args[0] = call.binder.Cast(std::move(call.args[0]), Type(TypeId::kString));
  return ResultOf(call, Type(TypeId::kDate), ExpandTemplate(call.name == "try_to_date" ? "spark_parse_date($1, $2)" : "spark_parse_date$a($1, $2)", call));
}

Bound BindDateAdd(Call& call) {
  Bound& date = call.args[0];
  Bound& days = call.args[1];
  date = call.binder.Implicit(std::move(date), Type(TypeId::kDate), call.name, 0);
  if (days.type.is(TypeId::kLong) || days.type.is(TypeId::kDecimal) || days.type.is(TypeId::kDouble) || days.type.is(TypeId::kFloat)) {
    return WrongArgument(call, 1, "INT, SMALLINT or TINYINT");
  }
  // a text that is no whole number is an error, ANSI or not
  if (days.type.is(TypeId::kString) && days.is_literal) days = call.binder.CastAs(std::move(days), Type(TypeId::kInt), CastMode::kAnsi);
  days = call.binder.Implicit(std::move(days), Type(TypeId::kInt), call.name, 1);
  if (date.bad || days.bad) return call.binder.Bad(call.expr);
  bool sub = call.name == "date_sub";
  Bound out = ResultOf(call, Type(TypeId::kDate), ExpandTemplate(sub ? "($1 - $2)" : "($1 + $2)", call));
  out.pretty = fmt::format("{}({}, {})", sub ? "date_sub" : "date_add", date.pretty, days.pretty);
  return out;
}

/// unix_date takes a DATE and nothing else.
Bound BindUnixDate(Call& call) {
  if (call.args[0].type.is(TypeId::kVoid)) call.args[0] = call.binder.Cast(std::move(call.args[0]), Type(TypeId::kDate));
  if (!call.args[0].type.is(TypeId::kDate)) return WrongArgument(call, 0, "a DATE");
  return ResultOf(call, Type(TypeId::kInt), ExpandTemplate("CAST(($1 - CAST('1970-01-01' AS DATE)) AS INTEGER)", call));
}

Bound BindTrunc(Call& call) {
  return ResultOf(call, Type(TypeId::kDate), ExpandTemplate("spark_trunc_date($1, $2)", call));
}

const FunctionSpec kDateFunctions[] = {
    {"current_date curdate", "", "", "", "the batch's date in the session zone", BindCurrentDate},
    {"to_date try_to_date", "a", "", "", "date of a text, in a pattern if one is given", BindToDate},
    {"to_date try_to_date", "a a", "", "", "date of a text, in a pattern if one is given", BindToDate},
    {"year", "D", "int", "CAST(year($1) AS INTEGER)", "year of a date"},
    {"quarter", "D", "int", "CAST(quarter($1) AS INTEGER)", "quarter of a date, 1 to 4"},
    {"month", "D", "int", "CAST(month($1) AS INTEGER)", "month of a date, 1 to 12"},
    {"day dayofmonth", "D", "int", "CAST(day($1) AS INTEGER)", "day of the month"},
    {"dayofyear", "D", "int", "CAST(dayofyear($1) AS INTEGER)", "day of the year"},
    {"dayofweek", "D", "int", "CAST(dayofweek($1) + 1 AS INTEGER)", "day of the week, 1 is Sunday"},
    {"weekday", "D", "int", "CAST(isodow($1) - 1 AS INTEGER)", "day of the week, 0 is Monday"},
    {"weekofyear", "D", "int", "CAST(weekofyear($1) AS INTEGER)", "ISO week of the year"},
    {"dayname", "D", "string", "left(dayname($1), 3)", "name of the day, three letters"},
    {"monthname", "D", "string", "left(monthname($1), 3)", "name of the month, three letters"},
    {"date_add dateadd date_sub", "a a", "", "", "a date some days later or earlier", BindDateAdd},
    {"datediff date_diff", "D D", "int", "CAST(($1 - $2) AS INTEGER)", "days from the second date to the first"},
    {"add_months", "D i", "date", "CAST(($1 + to_months($2)) AS DATE)", "a date some months later"},
    {"months_between", "T T b=true", "double", "spark_months_between($1, $2, $3, $z)", "months from the second to the first"},
    {"last_day", "D", "date", "last_day($1)", "last day of the date's month"},
    {"next_day", "D s", "date", "spark_next_day$a($1, $2)", "first such weekday after a date"},
    {"trunc", "D s", "", "", "a date cut to its year, quarter, month or week", BindTrunc},
    {"make_date", "i i i", "", "", "date of year, month and day",
     [](Call& call) {
       return ResultOf(call, Type(TypeId::kDate),
                       ExpandTemplate(call.binder.ansi() ? "make_date($1, $2, $3)" : "TRY(make_date($1, $2, $3))", call));
     }},
    {"date_from_unix_date", "i", "date", "(CAST('1970-01-01' AS DATE) + $1)", "date of a number of days since 1970-01-01"},
    {"unix_date", "a", "", "", "days since 1970-01-01", BindUnixDate},
};

}  // namespace

bool RefuseParsePattern(Call& call, const Bound& pattern) {
  bool quoted = false;
  for (char c : pattern.is_literal ? pattern.literal : "") {
    if (c == '\'') quoted = !quoted;
    if (c != 'E' || quoted) continue;
    call.binder.Report("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION",
                       fmt::format("a week day (E) can be printed but not read, in the pattern '{}'", pattern.literal), pattern.begin);
    return true;
  }
  return false;
}

std::span<const FunctionSpec> DateFunctions() { return kDateFunctions; }

}  // namespace flare::sql
