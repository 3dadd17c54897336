#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/let.h"
#include "sql/names.h"

// sequence(): numbers, dates and timestamps in steps.
namespace flare::sql {
namespace {

bool IsTime(const Type& type) {
  return type.is(TypeId::kDate) || type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz);
}

/// The months or microseconds of an interval, which are its value where DuckDB holds intervals as numbers.
std::string StepSql(const Bound& step) {
  if (step.type.ToDuckDb() != "INTERVAL") return step.sql;
  if (step.type.is(TypeId::kIntervalDayTime)) return fmt::format("epoch_us({})", step.sql);
  return fmt::format("(datepart('year', {0}) * 12 + datepart('month', {0}))", step.sql);
}

/// The text of sequence() for a legal direction; a step of 0 is one value when both ends are equal.
std::string Guarded(const std::string& start, const std::string& stop, const std::string& step, const std::string& series, const Type& type) {
  return fmt::format(
      "(CASE WHEN {0} IS NULL OR {1} IS NULL OR {2} IS NULL THEN NULL WHEN {0} = {1} THEN [{0}] WHEN ({2} > 0 AND {0} < {1}) OR ({2} < 0 AND "
      "{0} > {1}) THEN {3} ELSE CAST(error('[ILLEGAL_SEQUENCE] Illegal sequence boundaries: ' || {0} || ' to ' || {1} || ' by ' || {2}) AS {4}) END)",
      start, stop, step, series, type.ToDuckDb());
}

Bound NumberSequence(Call& call) {
  Type type = *TightestCommonType(call.args[0].type, call.args[1].type);
  if (call.args.size() == 3) type = *TightestCommonType(type, call.args[2].type);
  Let let(call.binder);
  std::vector<std::string> at;
  for (Bound& arg : call.args) at.push_back(let.Name(call.binder.Cast(arg, type).sql));
  if (at.size() == 2) at.push_back(let.Name(fmt::format("(CASE WHEN {} <= {} THEN 1 ELSE -1 END)", at[0], at[1])));
  std::string series = fmt::format("generate_series(CAST({} AS BIGINT), CAST({} AS BIGINT), CAST({} AS BIGINT))", at[0], at[1], at[2]);
  Type array = Type::Array(type, false);
  if (!type.is(TypeId::kLong)) series = fmt::format("CAST({} AS {})", series, array.ToDuckDb());
  return ResultOf(call, array, let.In(Guarded(at[0], at[1], at[2], series, array)));
}

/// Steps of months: each is counted from the start, so that the 31st comes back after a short month.
Bound MonthSequence(Call& call, const Type& type) {
  Let let(call.binder);
  bool date = type.is(TypeId::kDate);
  auto wall = [&](const Bound& value) { return date ? fmt::format("CAST({} AS TIMESTAMP)", value.sql) : call.binder.Local(value); };
  std::string start = let.Name(wall(call.args[0]));
  std::string stop = let.Name(wall(call.args[1]));
  std::string step = let.Name(StepSql(call.args[2]));
  std::string count = fmt::format("abs((datepart('year', {1}) - datepart('year', {0})) * 12 + datepart('month', {1}) - datepart('month', {0})) // abs({2})",
                                  start, stop, step);
  std::string value = fmt::format("{} + to_months(CAST(i * {} AS INTEGER))", start, step);
  std::string series = fmt::format("list_filter(list_transform(range({} + 1), lambda i: {}), lambda e: CASE WHEN {} > 0 THEN e <= {} ELSE e >= {} END)",
                                   count, value, step, stop, stop);
  Type array = Type::Array(type, false);
  std::string walls = let.In(Guarded(start, stop, step, series, Type::Array(Type(TypeId::kTimestampNtz))));
  if (type.is(TypeId::kTimestampNtz)) return ResultOf(call, array, walls);
  return ResultOf(call, array,
                  fmt::format("list_transform({}, lambda e: {})", walls, date ? "CAST(e AS DATE)" : call.binder.FromLocal("e")));
}

/// Steps of days or less: an exact number of microseconds.
Bound MicrosecondSequence(Call& call, const Type& type) {
  Let let(call.binder);
  bool date = type.is(TypeId::kDate);
  std::string start = let.Name(fmt::format("epoch_us({})", date ? fmt::format("CAST({} AS TIMESTAMP)", call.args[0].sql) : call.args[0].sql));
  std::string stop = let.Name(fmt::format("epoch_us({})", date ? fmt::format("CAST({} AS TIMESTAMP)", call.args[1].sql) : call.args[1].sql));
  std::string step = call.args.size() == 3 ? let.Name(StepSql(call.args[2]))
                                           : let.Name(fmt::format("(CASE WHEN {} <= {} THEN 86400000000 ELSE -86400000000 END)", start, stop));
  std::string series = fmt::format("generate_series({}, {}, {})", start, stop, step);
  Type micros = Type::Array(Type(TypeId::kLong));
  if (date) {
    series = fmt::format("(CASE WHEN {0} % 86400000000 = 0 THEN {1} ELSE CAST(error('[ILLEGAL_SEQUENCE] A sequence of dates needs steps of whole "
                         "days') AS BIGINT[]) END)", step, series);
  }
  std::string numbers = let.In(Guarded(start, stop, step, series, micros));
  Type array = Type::Array(type, false);
  std::string value = date                               ? "CAST(make_timestamp(e) AS DATE)"
                      : type.is(TypeId::kTimestampNtz) ? "make_timestamp(e)"
                                                       : "(TIMESTAMPTZ '1970-01-01 00:00:00+00' + to_microseconds(e))";
  return ResultOf(call, array, fmt::format("list_transform({}, lambda e: {})", numbers, value));
}

Bound BindSequence(Call& call) {
  bool numbers = true;
  for (Bound& arg : call.args) {
    if (arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kInt));
    numbers = numbers && arg.type.is_integral();
  }
  if (numbers) return NumberSequence(call);
  auto type = IsTime(call.args[0].type) || IsTime(call.args[1].type) ? WiderType(call.args[0].type, call.args[1].type, false) : std::nullopt;
  bool months = call.args.size() == 3 && call.args[2].type.is(TypeId::kIntervalYearMonth);
  bool exact = call.args.size() == 2 || call.args[2].type.is(TypeId::kIntervalDayTime);
  if (!type || !IsTime(*type) || !(months || exact)) {
    call.binder.Report("DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES",
                       "sequence() takes whole numbers, or dates or timestamps with an interval as the step", call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  for (size_t i = 0; i < 2; ++i) call.args[i] = call.binder.Cast(std::move(call.args[i]), *type);
  return months ? MonthSequence(call, *type) : MicrosecondSequence(call, *type);
}

const FunctionSpec kSequenceFunctions[] = {
    {"sequence", "a a", "", "", "the values from one to another", BindSequence},
    {"sequence", "a a a", "", "", "the values from one to another in steps", BindSequence},
};

}  // namespace

std::span<const FunctionSpec> SequenceFunctions() { return kSequenceFunctions; }

}  // namespace flare::sql
