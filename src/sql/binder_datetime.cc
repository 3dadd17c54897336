#include <fmt/format.h>

#include "sql/binder.h"
#include "sql/names.h"

// Arithmetic of dates, times and intervals.
namespace flare::sql {
namespace {

bool IsTime(const Type& type) {
  return type.is(TypeId::kDate) || type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz);
}
bool IsDays(const Type& type) { return type == Type::Interval(IntervalField::kDay, IntervalField::kDay); }
bool IsSmallInteger(const Type& type) { return type.is_integral() && !type.is(TypeId::kLong); }

std::string Checked(const std::string& sql, const Type& type) { return fmt::format("CAST({} AS {})", sql, type.ToDuckDb()); }

std::string Negated(const Bound& interval) { return fmt::format("(-{})", interval.sql); }

}  // namespace

Bound Binder::RefuseArithmetic(const std::string& op, const Bound& left, const Bound& right, const Expr& expr) {
  Report("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
         fmt::format("{} {} {} does not exist", UpperAscii(left.type.ToSimpleString()), op, UpperAscii(right.type.ToSimpleString())),
         expr.begin);
  return Bad(expr);
}

/// time + interval; `minus` subtracts it. The time is a DATE, a TIMESTAMP or a TIMESTAMP_NTZ.
Bound Binder::AddInterval(Bound time, const Bound& interval, bool minus) {
  Bound out;
  std::string amount = minus ? Negated(interval) : interval.sql;
  out.pretty = fmt::format("{} {} {}", time.pretty, minus ? "-" : "+", interval.pretty);
  if (time.type.is(TypeId::kDate) && interval.type.is(TypeId::kIntervalYearMonth)) {
    out.type = time.type;
    out.sql = fmt::format("CAST(({} + to_months({})) AS DATE)", time.sql, amount);
    return out;
  }
  if (time.type.is(TypeId::kDate) && interval.type.is(TypeId::kIntervalCalendar)) {
    out.type = time.type;
    out.sql = fmt::format("spark_date_add_interval{}({}, {})", ansi() ? "_ansi" : "", time.sql, amount);
    return out;
  }
  if (time.type.is(TypeId::kDate) && IsDays(interval.type)) {
    out.type = time.type;
    std::string days = fmt::format("extractansiintervaldays({})", interval.pretty);
    out.pretty = fmt::format("date_add({}, {})", time.pretty, minus ? fmt::format("(- {})", days) : days);
    out.sql = fmt::format("({} + CAST(({} // 86400000000) AS INTEGER))", time.sql, amount);
    return out;
  }
  if (time.type.is(TypeId::kDate)) time = Cast(std::move(time), Type(TypeId::kTimestamp));
  out.type = time.type;
  bool plain = time.type.is(TypeId::kTimestampNtz) || utc();
  if (!plain) {
    const char* kind = interval.type.is(TypeId::kIntervalYearMonth) ? "year_month"
                       : interval.type.is(TypeId::kIntervalDayTime) ? "day_time"
                                                                    : "interval";
    out.sql = fmt::format("spark_timestamp_add_{}({}, {}, {})", kind, time.sql, amount, Zone());
    return out;
  }
  std::string step = interval.type.is(TypeId::kIntervalYearMonth) ? fmt::format("to_months({})", amount)
                     : interval.type.is(TypeId::kIntervalDayTime) ? fmt::format("to_microseconds({})", amount)
                                                                  : amount;
  std::string sum = fmt::format("({} + {})", Local(time), step);
  out.sql = time.type.is(TypeId::kTimestampNtz) ? sum : FromLocal(sum);
  return out;
}

/// interval + interval, interval DIV interval, both of one kind.
Bound Binder::IntervalArithmetic(const std::string& op, Bound left, Bound right, const Expr& expr) {
  Bound out;
  if (left.type.is(TypeId::kIntervalCalendar)) {
    if (op == "DIV") return RefuseArithmetic(op, left, right, expr);
    out.type = left.type;
    out.sql = fmt::format("({} {} {})", left.sql, op, right.sql);
    return out;
  }
  if (op == "DIV") {
    out.type = Type(TypeId::kLong);
    out.sql = fmt::format("CAST(({} // nullif({}, 0)) AS BIGINT)", left.sql, right.sql);
    if (ansi()) out.sql = fmt::format("(CASE WHEN {} = 0 THEN error('[DIVIDE_BY_ZERO] Division by zero.') ELSE {} END)", right.sql, out.sql);
    return out;
  }
  out.type = *TightestCommonType(left.type, right.type);
  out.sql = fmt::format("({} {} {})", left.sql, op, right.sql);
  return out;
}

/// interval * number, interval / number; halves are rounded away from zero.
Bound Binder::ScaleInterval(const std::string& op, const Bound& interval, Bound number, const Expr& expr) {
  if (number.type.is(TypeId::kString) || number.type.is(TypeId::kVoid)) number = Cast(std::move(number), Type(TypeId::kDouble));
  if (!number.type.is_numeric()) return RefuseArithmetic(op, interval, number, expr);
  Bound out;
  bool divide = op == "/";
  out.pretty = fmt::format("({} {} {})", interval.pretty, op, number.pretty);
  out.type = Type(interval.type.id());
  if (interval.type.is(TypeId::kIntervalCalendar)) {
    const char* name = divide ? "divide" : "multiply";
    out.pretty = fmt::format("{}_interval({}, {})", name, interval.pretty, number.pretty);
    out.sql = fmt::format("spark_interval_{}{}({}, {})", name, ansi() ? "_ansi" : "", interval.sql,
                          Cast(std::move(number), Type(TypeId::kDouble)).sql);
    return out;
  }
  std::string divisor = number.sql;
  if (number.type.is(TypeId::kDouble) || number.type.is(TypeId::kFloat)) {
    out.sql = Checked(fmt::format("round(CAST({} AS DOUBLE) {} CAST({} AS DOUBLE))", interval.sql, op, number.sql), out.type);
  } else if (number.type.is_integral() && !divide) {
    out.sql = Checked(fmt::format("(CAST({} AS HUGEINT) * {})", interval.sql, number.sql), out.type);
  } else {
    out.sql = Checked(fmt::format("spark_decimal_{}(CAST({} AS VARCHAR), CAST({} AS VARCHAR), 0)", divide ? "divide" : "multiply",
                                  interval.sql, number.sql), out.type);
  }
  if (divide) {
    const char* zero = lenient_ ? "NULL" : "error('[INTERVAL_DIVIDED_BY_ZERO] Division by zero.')";
    out.sql = fmt::format("(CASE WHEN {} = 0 THEN {} ELSE {} END)", divisor, zero, out.sql);
  }
  return out;
}

/// time - time.
Bound Binder::SubtractTimes(Bound left, Bound right, const Expr& expr) {
  Bound out;
  bool timestamps = left.type.is(TypeId::kTimestamp) || left.type.is(TypeId::kTimestampNtz) || right.type.is(TypeId::kTimestamp) ||
                    right.type.is(TypeId::kTimestampNtz);
  for (const Bound* side : {&left, &right}) {
    if (IsTime(side->type) || side->type.is(TypeId::kVoid) || (side->type.is(TypeId::kString) && (ansi() || !timestamps))) continue;
    return RefuseArithmetic("-", left, right, expr);
  }
  if (!timestamps) {
    out.type = Type::Interval(IntervalField::kDay, IntervalField::kDay);
    Type date(TypeId::kDate);
    std::string days = fmt::format("({} - {})", Cast(std::move(left), date).sql, Cast(std::move(right), date).sql);
    out.sql = fmt::format("(CAST({} AS BIGINT) * 86400000000)", days);
    return out;
  }
  auto ntz = [](const Type& type) { return type.is(TypeId::kTimestampNtz) || type.is(TypeId::kDate); };
  Type common(ntz(left.type) && ntz(right.type) ? TypeId::kTimestampNtz : TypeId::kTimestamp);
  out.type = Type(TypeId::kIntervalDayTime);
  std::string from = Cast(std::move(right), common).sql;
  std::string to = Cast(std::move(left), common).sql;
  // days on the zone's clock are 24 hours
  if (common.is(TypeId::kTimestamp) && !utc()) {
    from = fmt::format("spark_to_local({}, {})", from, Zone());
    to = fmt::format("spark_to_local({}, {})", to, Zone());
  }
  out.sql = fmt::format("(epoch_us({}) - epoch_us({}))", to, from);
  return out;
}

/// CAST('today' AS DATE) and its kin: constant words that mean a time.
std::optional<Bound> Binder::SpecialTime(const Bound& value, const Type& to) const {
  if (!value.is_literal || !value.type.is(TypeId::kString) || !IsTime(to)) return std::nullopt;
  std::string word = LowerAscii(value.literal);
  word.erase(0, std::min(word.find_first_not_of(' '), word.size()));
  word.erase(word.find_last_not_of(' ') + 1);
  Bound out = value;
  out.is_literal = false;
  if (word == "epoch") {
    out.type = to;
    out.sql = to.is(TypeId::kDate) ? "CAST('1970-01-01' AS DATE)" : FromMicros("CAST(0 AS BIGINT)", to);
    return out;
  }
  out.type = Type(TypeId::kTimestamp);
  out.sql = "CAST(getvariable('flare_batch_timestamp') AS TIMESTAMPTZ)";
  if (word == "now") return out;
  if (word != "today" && word != "tomorrow" && word != "yesterday") return std::nullopt;
  const char* step = word == "tomorrow" ? " + 1" : word == "yesterday" ? " - 1" : "";
  out.sql = fmt::format("(CAST({} AS DATE){})", Local(out), step);
  out.type = Type(TypeId::kDate);
  return out;
}

Bound Binder::DatetimeArithmetic(const std::string& op, Bound left, Bound right, const Expr& expr) {
  if (op == "*" || op == "/") {
    if (left.type.is_interval() && !right.type.is_interval()) return ScaleInterval(op, left, std::move(right), expr);
    if (op == "*" && right.type.is_interval() && !left.type.is_interval()) return ScaleInterval(op, right, std::move(left), expr);
    return RefuseArithmetic(op, left, right, expr);
  }
  if (left.type.is(TypeId::kVoid) && right.type.is_ansi_interval()) left = Cast(std::move(left), right.type);
  if (right.type.is(TypeId::kVoid) && left.type.is_ansi_interval()) right = Cast(std::move(right), left.type);
  if (left.type.is_interval() && left.type.id() == right.type.id() && op != "%") {
    return IntervalArithmetic(op, std::move(left), std::move(right), expr);
  }
  if (op != "+" && op != "-") return RefuseArithmetic(op, left, right, expr);
  if (op == "+" && (left.type.is_interval() || (right.type.is(TypeId::kDate) && !left.type.is(TypeId::kDate)))) std::swap(left, right);
  if (right.type.is_interval()) {
    bool minus = op == "-";
    if (IsTime(left.type)) return AddInterval(std::move(left), right, minus);
    bool text = left.type.is(TypeId::kString) || left.type.is(TypeId::kVoid);
    if (!text || right.type.is(TypeId::kIntervalYearMonth)) return RefuseArithmetic(op, left, right, expr);
    Type type = left.type;
    std::string pretty = fmt::format("{} {} {}", left.pretty, op, right.pretty);
    Bound out = Cast(AddInterval(Cast(std::move(left), Type(TypeId::kTimestamp)), right, minus), type);
    out.pretty = std::move(pretty);
    return out;
  }
  if (left.type.is(TypeId::kDate) && (IsSmallInteger(right.type) || (right.type.is(TypeId::kVoid) && op == "+"))) {
    Bound out;
    out.type = left.type;
    out.pretty = fmt::format("{}({}, {})", op == "+" ? "date_add" : "date_sub", left.pretty, right.pretty);
    out.sql = fmt::format("({} {} CAST({} AS INTEGER))", left.sql, op, right.sql);
    return out;
  }
  if (op == "-") return SubtractTimes(std::move(left), std::move(right), expr);
  return RefuseArithmetic(op, left, right, expr);
}

}  // namespace flare::sql
