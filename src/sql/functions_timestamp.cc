#include <fmt/format.h>

#include <algorithm>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

constexpr std::string_view kBatchTime = "CAST(getvariable('flare_batch_timestamp') AS TIMESTAMPTZ)";

Bound BindNow(Call& call) {
  Bound out = ResultOf(call, Type(TypeId::kTimestamp), std::string(kBatchTime));
  out.nullable = false;
  out.pretty = call.name == "now" ? "now()" : "current_timestamp()";
  return out;
}

Bound BindLocalTimestamp(Call& call) {
  Bound now;
  now.type = Type(TypeId::kTimestamp);
  now.sql = kBatchTime;
  Bound out = ResultOf(call, Type(TypeId::kTimestampNtz), call.binder.Local(now));
  out.nullable = false;
  out.pretty = "localtimestamp()";
  return out;
}

Bound BindToTimestamp(Call& call) {
  bool ntz = call.name == "to_timestamp_ntz";
  bool is_try = call.name.starts_with("try_");
  Type target(ntz ? TypeId::kTimestampNtz : TypeId::kTimestamp);
  Bound& arg = call.args[0];
  if (call.args.size() == 1 || !(arg.type.is(TypeId::kString) || arg.type.is(TypeId::kVoid))) {
    if (!CanCast(arg.type, target, call.binder.ansi())) return WrongArgument(call, 0, "a text, date, timestamp or number");
    return ResultOf(call, target, call.binder.CastAs(arg, target, is_try ? CastMode::kTry : call.binder.mode()).sql);
  }
  call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kString), call.name, 1);
  if (call.args[1].bad) return call.args[1];
  if (call.name != "try_to_timestamp_ltz" && RefuseParsePattern(call, call.args[1])) return call.binder.Bad(call.expr);
  arg = call.binder.Cast(std::move(arg), Type(TypeId::kString));
  const char* suffix = is_try ? "" : "$a";
  std::string sql = ntz ? fmt::format("spark_parse_timestamp_ntz{}($1, $2)", suffix)
                        : fmt::format("spark_parse_timestamp{}($1, $2, $z)", suffix);
  return ResultOf(call, target, ExpandTemplate(sql, call));
}

Bound BindDateFormat(Call& call) {
  Bound& arg = call.args[0];
  if (arg.type.is(TypeId::kTimestampNtz)) {
    return ResultOf(call, Type(TypeId::kString), ExpandTemplate("spark_date_format_ntz($1, $2)", call));
  }
  arg = call.binder.Implicit(std::move(arg), Type(TypeId::kTimestamp), call.name, 0);
  if (arg.bad) return arg;
  return ResultOf(call, Type(TypeId::kString), ExpandTemplate("spark_date_format($1, $2, $z)", call));
}

std::string EpochSeconds(const std::string& timestamp) {
  return CastSql(timestamp, Type(TypeId::kTimestamp), Type(TypeId::kLong), CastMode::kLegacy, "UTC");
}

/// unix_timestamp([time [, pattern]]): seconds since 1970.
Bound BindUnixTimestamp(Call& call) {
  constexpr std::string_view kPattern = "yyyy-MM-dd HH:mm:ss";
  std::string pretty = fmt::format("{}({}, {})", call.name, call.args.empty() ? "current_timestamp()" : call.args[0].pretty,
                                   call.args.size() > 1 ? call.args[1].pretty : std::string(kPattern));
  std::string timestamp;
  if (call.args.empty()) {
    timestamp = kBatchTime;
  } else if (call.args[0].type.is(TypeId::kString)) {
    std::string pattern = QuoteDuckDbString(kPattern);
    if (call.args.size() > 1) {
      call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kString), call.name, 1);
      if (call.args[1].bad || RefuseParsePattern(call, call.args[1])) return call.binder.Bad(call.expr);
      pattern = call.args[1].sql;
    }
    timestamp = fmt::format("spark_parse_timestamp{}({}, {}, {})", call.binder.ansi() ? "_ansi" : "", call.args[0].sql, pattern,
                            call.binder.Zone());
  } else {
    Bound time = call.binder.Implicit(call.args[0], Type(TypeId::kTimestamp), call.name, 0);
    if (time.bad) return time;
    timestamp = time.sql;
  }
  Bound out = ResultOf(call, Type(TypeId::kLong), EpochSeconds(timestamp));
  out.pretty = std::move(pretty);
  return out;
}

/// The TIMESTAMPTZ of a DuckDB TIMESTAMP that shows UTC.
std::string Instant(const Call& call, const std::string& utc) {
  return call.binder.utc() ? fmt::format("CAST({} AS TIMESTAMPTZ)", utc) : fmt::format("spark_from_local({}, 'UTC')", utc);
}

Bound BindFromUnixtime(Call& call) {
  // the product wraps, as Java's
  std::string micros = fmt::format("make_timestamp(spark_multiply_bigint({}, 1000000))", call.args[0].sql);
  return ResultOf(call, Type(TypeId::kString),
                  fmt::format("spark_date_format({}, {}, {})", Instant(call, micros), call.args[1].sql, call.binder.Zone()));
}

/// timestamp_seconds, timestamp_millis, timestamp_micros. Too large a number is an error, ANSI or not.
Bound BindTimestampOf(Call& call) {
  Bound& arg = call.args[0];
  bool seconds = call.name == "timestamp_seconds";
  if (arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kLong));
  if (!arg.type.is_integral() && !(seconds && arg.type.is_numeric())) return WrongArgument(call, 0, seconds ? "a number" : "a whole number");
  std::string micros;
  if (arg.type.is(TypeId::kDecimal)) {
    std::string product = fmt::format("({} * 1000000)", arg.sql);
    micros = fmt::format("CAST(CASE WHEN {0} <> trunc({0}) THEN error('[ROUNDING_NECESSARY] Rounding necessary') ELSE {0} END AS BIGINT)",
                         product);
    if (arg.type.scale() <= 6) micros = fmt::format("CAST({} AS BIGINT)", product);
  } else if (!arg.type.is_integral()) {
    return ResultOf(call, Type(TypeId::kTimestamp), call.binder.CastAs(arg, Type(TypeId::kTimestamp), CastMode::kLegacy).sql);
  } else {
    int64_t factor = seconds ? 1'000'000 : call.name == "timestamp_millis" ? 1000 : 1;
    micros = fmt::format("(CAST({} AS BIGINT) * {})", arg.sql, factor);
  }
  return ResultOf(call, Type(TypeId::kTimestamp), Instant(call, fmt::format("make_timestamp({})", micros)));
}

/// unix_seconds, unix_millis, unix_micros: of a TIMESTAMP and nothing else.
Bound BindUnixOf(Call& call) {
  Bound& arg = call.args[0];
  if (arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kTimestamp));
  if (!arg.type.is(TypeId::kTimestamp)) return WrongArgument(call, 0, "a TIMESTAMP");
  if (call.name == "unix_seconds") return ResultOf(call, Type(TypeId::kLong), EpochSeconds(arg.sql));
  return ResultOf(call, Type(TypeId::kLong),
                  ExpandTemplate(call.name == "unix_micros" ? "epoch_us($1)" : "((epoch_us($1) - 999 * CAST(epoch_us($1) < 0 AS BIGINT)) // 1000)", call));
}

/// hour, minute, second of a timestamp on the session zone's clock.
Bound BindClockField(Call& call) {
  Bound& arg = call.args[0];
  if (!arg.type.is(TypeId::kTimestampNtz)) arg = call.binder.Implicit(std::move(arg), Type(TypeId::kTimestamp), call.name, 0);
  if (arg.bad) return arg;
  bool plain = call.binder.utc() || arg.type.is(TypeId::kTimestampNtz);
  return ResultOf(call, Type(TypeId::kInt),
                  plain ? fmt::format("CAST({}({}) AS INTEGER)", call.name, call.binder.Local(arg))
                        : fmt::format("spark_field({}, '{}', {})", arg.sql, call.name, call.binder.Zone()));
}

struct Field {
  std::string_view names;  ///< parted by blanks
  std::string_view function;
};

constexpr Field kFields[] = {
    {"year y years yr yrs", "year"},
    {"quarter qtr", "quarter"},
    {"month mon mons months", "month"},
    {"week w weeks", "weekofyear"},
    {"day d days", "day"},
    {"dayofweek dow", "dayofweek + 1"},
    {"dayofweek_iso dow_iso", "isodow"},
    {"doy", "dayofyear"},
    {"hour h hours hr hrs", "hour"},
    {"minute m min mins minutes", "minute"},
};

/// A field of an interval, as the fields of its type allow; "" when there is none.
std::pair<Type, std::string> IntervalFieldSql(const Bound& value, std::string_view name) {
  struct Entry {
    std::string_view names;
    IntervalField field;
    TypeId type;
    std::string_view ansi;      ///< of months or microseconds
    std::string_view calendar;  ///< of DuckDB's INTERVAL
  };
  static constexpr Entry kEntries[] = {
      {"year y years yr yrs", IntervalField::kYear, TypeId::kInt, "({} // 12)", "date_part('year', {})"},
      {"month mon mons months", IntervalField::kMonth, TypeId::kByte, "({} % 12)", "date_part('month', {})"},
      {"day d days", IntervalField::kDay, TypeId::kInt, "({} // 86400000000)", "date_part('day', {})"},
      {"hour h hours hr hrs", IntervalField::kHour, TypeId::kByte, "({} % 86400000000 // 3600000000)", "date_part('hour', {})"},
      {"minute m min mins minutes", IntervalField::kMinute, TypeId::kByte, "({} % 3600000000 // 60000000)", "date_part('minute', {})"},
      {"second s sec seconds secs", IntervalField::kSecond, TypeId::kDecimal, "({} % 60000000)", "date_part('microsecond', {})"},
  };
  for (const Entry& entry : kEntries) {
    if ((" " + std::string(entry.names) + " ").find(" " + std::string(name) + " ") == std::string::npos) continue;
    bool calendar = value.type.is(TypeId::kIntervalCalendar);
    if (!calendar && (entry.field < value.type.first_field() || entry.field > value.type.last_field())) break;
    std::string number = fmt::format(fmt::runtime(calendar ? entry.calendar : entry.ansi), value.sql);
    if (entry.type == TypeId::kDecimal) {
      return {Type::Decimal(8, 6), fmt::format("CAST(({} * CAST(0.000001 AS DECIMAL(7,6))) AS DECIMAL(8,6))", number)};
    }
    return {Type(entry.type), fmt::format("CAST({} AS {})", number, Type(entry.type).ToDuckDb())};
  }
  return {Type(), ""};
}

/// extract(field FROM x), date_part('field', x), datepart.
Bound BindExtract(Call& call) {
  if (call.args[0].type.is(TypeId::kVoid)) return ResultOf(call, Type(TypeId::kDouble), "CAST(NULL AS DOUBLE)");
  auto field = LiteralArgument(call, 0, "the field");
  if (!field) return call.binder.Bad(call.expr);
  std::string name = LowerAscii(*field);
  Bound time = call.args[1];
  std::string pretty = call.name == "date_part" ? fmt::format("date_part({}, {})", *field, time.pretty)
                                                : fmt::format("{}({} FROM {})", call.name, *field, time.pretty);
  bool interval = time.type.is_interval();
  if (!interval && !time.type.is(TypeId::kTimestampNtz) && !time.type.is(TypeId::kDate)) {
    time = call.binder.Implicit(std::move(time), Type(TypeId::kTimestamp), call.name, 1);
    if (time.bad) return time;
  }
  std::string local = time.type.is(TypeId::kTimestamp) ? call.binder.Local(time) : time.sql;
  Bound out;
  if (interval) {
    auto [type, sql] = IntervalFieldSql(time, name);
    if (!sql.empty()) out = ResultOf(call, type, sql);
  } else if (name == "second" || name == "s" || name == "sec" || name == "seconds" || name == "secs") {
    out = ResultOf(call, Type::Decimal(8, 6),
                   fmt::format("CAST((epoch_us(CAST({0} AS TIMESTAMP)) - epoch_us(date_trunc('minute', CAST({0} AS TIMESTAMP)))) * "
                               "CAST(0.000001 AS DECIMAL(7,6)) AS DECIMAL(8,6))", local));
  } else if (name == "yearofweek") {
    out = ResultOf(call, Type(TypeId::kInt), fmt::format("CAST(isoyear({}) AS INTEGER)", local));
  } else {
    for (const Field& known : kFields) {
      std::string padded = " " + std::string(known.names) + " ";
      if (padded.find(" " + name + " ") == std::string::npos) continue;
      size_t plus = known.function.find(" + ");
      std::string function(known.function.substr(0, plus));
      out = ResultOf(call, Type(TypeId::kInt), fmt::format("CAST({}({}){} AS INTEGER)", function,
                     local, plus == std::string_view::npos ? "" : std::string(known.function.substr(plus))));
    }
  }
  if (out.sql.empty()) {
    call.binder.Report("INVALID_EXTRACT_FIELD", fmt::format("there is no field {} to extract", *field), call.args[0].begin, "",
                       "YEAR, QUARTER, MONTH, WEEK, DAY, DOW, DOY, HOUR, MINUTE, SECOND");
    return call.binder.Bad(call.expr);
  }
  out.pretty = std::move(pretty);
  return out;
}

Bound BindDateTrunc(Call& call) {
  static constexpr std::string_view kUnits[] = {"year", "quarter", "month", "week", "day", "hour", "minute", "second",
                                                "millisecond", "microsecond"};
  const Bound& unit = call.args[0];
  std::string name = LowerAscii(unit.literal);
  if (name == "yyyy" || name == "yy") name = "year";
  if (name == "mon" || name == "mm") name = "month";
  if (name == "dd") name = "day";
  bool known = unit.is_literal && std::find(std::begin(kUnits), std::end(kUnits), name) != std::end(kUnits);
  if (!known || !call.binder.utc()) {
    return ResultOf(call, Type(TypeId::kTimestamp), ExpandTemplate("spark_date_trunc($1, $2, $z)", call));
  }
  if (name == "microsecond") return ResultOf(call, Type(TypeId::kTimestamp), call.args[1].sql);
  return ResultOf(call, Type(TypeId::kTimestamp),
                  fmt::format("CAST(date_trunc('{}', CAST({} AS TIMESTAMP)) AS TIMESTAMPTZ)", name, call.args[1].sql));
}

/// from_utc_timestamp: the instant whose UTC clock shows what the zone's clock shows; to_utc_timestamp undoes it.
Bound BindShiftZone(Call& call) {
  bool from = call.name == "from_utc_timestamp";
  const char* text = from ? "spark_from_local(spark_to_local($1, $2), 'UTC')" : "spark_from_local(spark_to_local($1, 'UTC'), $2)";
  return ResultOf(call, Type(TypeId::kTimestamp), ExpandTemplate(text, call));
}

Bound BindMakeTimestamp(Call& call) {
  call.args[5] = call.binder.Implicit(std::move(call.args[5]), Type(TypeId::kDouble), call.name, 5);
  if (call.args[5].bad) return call.args[5];
  bool ntz = call.name == "make_timestamp_ntz" || call.name == "try_make_timestamp_ntz";
  bool lenient = !call.binder.ansi() || call.name.starts_with("try_");
  // second 60 is the next minute's 0, as Java's
  std::string local = fmt::format("{} WHEN $6 IS NOT NULL THEN {} END)",
      "(CASE WHEN $6 = 60 THEN make_timestamp($1, $2, $3, $4, $5, 59.0) + INTERVAL '1 second' WHEN $6 < 60 THEN "
      "make_timestamp($1, $2, $3, $4, $5, $6)",
      lenient ? "NULL" : "error('[INVALID_FRACTION_OF_SECOND] Valid range for seconds is [0, 60] (inclusive).')");
  local = ExpandTemplate(local, call);
  if (lenient) local = "TRY(" + local + ")";
  if (ntz) return ResultOf(call, Type(TypeId::kTimestampNtz), local);
  if (call.args.size() == 7) {
    call.args[6] = call.binder.Implicit(std::move(call.args[6]), Type(TypeId::kString), call.name, 6);
    if (call.args[6].bad) return call.args[6];
    Bound out = ResultOf(call, Type(TypeId::kTimestamp), fmt::format("spark_from_local({}, {})", local, call.args[6].sql));
    if (call.name == "try_make_timestamp") {  // Spark leaves the zone out of its name
      out.pretty = call.name + "(";
      for (size_t i = 0; i < 6; ++i) out.pretty += (i > 0 ? ", " : "") + call.args[i].pretty;
      out.pretty += ")";
    }
    return out;
  }
  return ResultOf(call, Type(TypeId::kTimestamp), call.binder.FromLocal(local));
}

/// window_time(window): the last microsecond of a window.
Bound BindWindowTimeOf(Call& call) {
  const Type& type = call.args[0].type;
  bool window = type.is(TypeId::kStruct) && type.fields().size() == 2 && type.fields()[1].name == "end";
  if (!window) return WrongArgument(call, 0, "a window");
  Type time = type.fields()[1].type;
  return ResultOf(call, time, call.binder.FromMicros(fmt::format("(epoch_us({}.f1) - 1)", call.args[0].sql), time));
}

const FunctionSpec kTimestampFunctions[] = {
    {"window_time", "a", "", "", "the last moment of a window", BindWindowTimeOf},
    {"current_timestamp now", "", "", "", "the batch's time", BindNow},
    {"localtimestamp", "", "", "", "the batch's time on the session zone's clock", BindLocalTimestamp},
    {"current_timezone", "", "string", "$z", "the session time zone"},
    {"to_timestamp try_to_timestamp to_timestamp_ltz to_timestamp_ntz", "a", "", "", "timestamp of a text", BindToTimestamp},
    {"to_timestamp try_to_timestamp to_timestamp_ltz to_timestamp_ntz", "a a", "", "", "timestamp of a text in a pattern",
     BindToTimestamp},
    {"try_to_timestamp_ltz", "a a", "", "", "the same, reading week days too", BindToTimestamp},
    {"date_format", "a s", "", "", "text of a time in a pattern", BindDateFormat},
    {"unix_timestamp", "", "", "", "seconds since 1970 of the batch's time", BindUnixTimestamp},
    {"unix_timestamp to_unix_timestamp", "a", "", "", "seconds since 1970 of a time", BindUnixTimestamp},
    {"unix_timestamp to_unix_timestamp", "a a", "", "", "seconds since 1970 of a text in a pattern", BindUnixTimestamp},
    {"from_unixtime", "l s='yyyy-MM-dd HH:mm:ss'", "", "", "text of a number of seconds since 1970", BindFromUnixtime},
    {"timestamp_seconds timestamp_millis timestamp_micros", "a", "", "", "timestamp of a count since 1970", BindTimestampOf},
    {"unix_seconds unix_millis unix_micros", "a", "", "", "seconds, milliseconds or microseconds since 1970", BindUnixOf},
    {"hour minute second", "a", "", "", "a field of the clock", BindClockField},
    {"extract datepart date_part", "a a", "", "", "a field of a date or time", BindExtract},
    {"date_trunc", "s T", "", "", "a timestamp cut to a unit", BindDateTrunc},
    {"from_utc_timestamp to_utc_timestamp", "T s", "", "", "a timestamp moved by a zone's offset", BindShiftZone},
    {"convert_timezone", "s Z", "", "", "a session wall clock in another zone",
     [](Call& call) {
       Bound out = ResultOf(call, Type(TypeId::kTimestampNtz), ExpandTemplate("spark_to_local(spark_from_local($2, $z), $1)", call));
       out.pretty = fmt::format("convert_timezone(current_timezone(), {}, {})", call.args[0].pretty, call.args[1].pretty);
       return out;
     }},
    {"convert_timezone", "s s Z", "timestamp_ntz", "spark_to_local(spark_from_local($3, $1), $2)", "a wall clock in another zone"},
    {"make_timestamp make_timestamp_ltz make_timestamp_ntz try_make_timestamp try_make_timestamp_ltz try_make_timestamp_ntz",
     "i i i i i a", "", "", "timestamp of its fields", BindMakeTimestamp},
    {"make_timestamp make_timestamp_ltz try_make_timestamp try_make_timestamp_ltz", "i i i i i a a", "", "",
     "timestamp of its fields in a zone", BindMakeTimestamp},
};

}  // namespace

std::span<const FunctionSpec> TimestampFunctions() { return kTimestampFunctions; }

}  // namespace flare::sql
