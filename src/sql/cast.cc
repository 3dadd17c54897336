#include <fmt/format.h>

#include "sql/coercion.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

constexpr int kMaxPrecision = 38;

/// Builds the DuckDB text of one cast; one function a target.
class Caster {
 public:
  Caster(const std::string& sql, const Type& from, const Type& to, CastMode mode, const std::string& zone, int depth)
      : sql_(sql), from_(from), to_(to), mode_(mode), zone_(zone), depth_(depth) {}

  std::string Run() const {
    if (from_.is(TypeId::kVoid)) return Plain("NULL");
    if (from_ == to_) return sql_;
    switch (to_.id()) {
      case TypeId::kString: return ToText();
      case TypeId::kBoolean: return ToBoolean();
      case TypeId::kByte:
      case TypeId::kShort:
      case TypeId::kInt:
      case TypeId::kLong: return ToInteger();
      case TypeId::kFloat:
      case TypeId::kDouble: return ToReal();
      case TypeId::kDecimal: return ToDecimal();
      case TypeId::kBinary: return ToBinary();
      case TypeId::kDate: return ToDate();
      case TypeId::kTimestamp: return ToTimestamp();
      case TypeId::kTimestampNtz: return ToTimestampNtz();
      case TypeId::kIntervalYearMonth:
      case TypeId::kIntervalDayTime: return ToInterval();
      case TypeId::kIntervalCalendar: return fmt::format("spark_string_to_interval({})", sql_);
      case TypeId::kArray: return ToArray();
      case TypeId::kMap: return ToMap();
      case TypeId::kStruct: return ToStruct();
      default: return Plain(sql_);
    }
  }

 private:
  std::string Plain(const std::string& sql) const { return fmt::format("CAST({} AS {})", sql, to_.ToDuckDb()); }
  /// DuckDB's own cast, raising or not as the mode asks.
  std::string Checked(const std::string& sql) const {
    return fmt::format("{}({} AS {})", mode_ == CastMode::kAnsi ? "CAST" : "TRY_CAST", sql, to_.ToDuckDb());
  }
  std::string Suffix() const { return mode_ == CastMode::kAnsi ? "_ansi" : ""; }
  std::string Zone() const { return QuoteDuckDbString(zone_); }
  bool utc() const { return zone_ == "UTC"; }
  std::string Inner(const std::string& sql, const Type& from, const Type& to) const {
    return CastSql(sql, from, to, mode_, zone_, depth_ + 1);
  }
  std::string Variable() const { return fmt::format("e{}", depth_); }

  std::string ToText() const {
    switch (from_.id()) {
      case TypeId::kBinary: return fmt::format("spark_decode_utf8({})", sql_);
      case TypeId::kFloat: return fmt::format("spark_float_to_string({})", sql_);
      case TypeId::kDouble: return fmt::format("spark_double_to_string({})", sql_);
      case TypeId::kDecimal: return DecimalToText();
      case TypeId::kVariant:
        // inside another value it stands as JSON
        return fmt::format("spark_variant_to_{}({}, {})", depth_ == 0 ? "string" : "json", sql_, Zone());
      case TypeId::kDate: return fmt::format("spark_date_to_string({})", sql_);
      case TypeId::kTimestamp: return fmt::format("spark_timestamp_to_string({}, {})", sql_, Zone());
      case TypeId::kTimestampNtz: return fmt::format("spark_timestamp_ntz_to_string({})", sql_);
      case TypeId::kIntervalYearMonth:
      case TypeId::kIntervalDayTime: return fmt::format("spark_interval_to_string({}, {})", sql_, Fields(from_));
      case TypeId::kIntervalCalendar: return fmt::format("spark_interval_to_string({})", sql_);
      case TypeId::kArray: {
        std::string e = Variable();
        return fmt::format("('[' || array_to_string(list_transform({}, lambda {}: coalesce({}, 'null')), ', ') || ']')", sql_,
                           e, Inner(e, from_.element(), to_));
      }
      case TypeId::kMap: {
        std::string e = Variable();
        return fmt::format(
            "('{{' || array_to_string(list_transform(map_entries({}), lambda {}: {} || ' -> ' || coalesce({}, 'null')), "
            "', ') || '}}')",
            sql_, e, Inner(e + ".key", from_.key(), to_), Inner(e + ".value", from_.value(), to_));
      }
      case TypeId::kStruct: {
        std::string text = "'{'";
        for (size_t i = 0; i < from_.fields().size(); ++i) {
          text += fmt::format("{} || coalesce({}, 'null')", i > 0 ? " || ', '" : "",
                              Inner(fmt::format("{}.f{}", sql_, i), from_.fields()[i].type, to_));
        }
        return fmt::format("(CASE WHEN {} IS NULL THEN NULL ELSE {} || '}}' END)", sql_, text);
      }
      default: return Plain(sql_);
    }
  }

  /// DuckDB writes no zero before the point of a DECIMAL(s,s), and never an exponent, which Java does
  /// below 1E-6 unless ANSI mode asks for plain digits.
  std::string DecimalToText() const {
    bool scientific = mode_ != CastMode::kAnsi && from_.scale() >= 7;
    if (scientific || from_.scale() == kMaxPrecision) {
      return fmt::format("spark_decimal_to_string(CAST({} AS VARCHAR), {})", sql_, scientific);
    }
    if (from_.precision() > from_.scale()) return Plain(sql_);
    return Plain(fmt::format("CAST({} AS DECIMAL({},{}))", sql_, from_.precision() + 1, from_.scale()));
  }

  /// Whole numbers become their bytes, the highest first.
  std::string ToBinary() const {
    if (!from_.is_integral()) return fmt::format("encode({})", sql_);
    int digits = from_.is(TypeId::kByte) ? 2 : from_.is(TypeId::kShort) ? 4 : from_.is(TypeId::kInt) ? 8 : 16;
    return fmt::format("unhex(right(lpad(hex(CAST({} AS BIGINT)), 16, '0'), {}))", sql_, digits);
  }

  std::string ToBoolean() const {
    if (from_.is(TypeId::kString)) return fmt::format("spark_string_to_boolean{}({})", Suffix(), sql_);
    if (from_.is(TypeId::kTimestamp)) return fmt::format("(epoch_us({}) <> 0)", sql_);
    if (from_.is(TypeId::kDate)) return Plain("NULL");
    return fmt::format("({} <> 0)", sql_);
  }

  std::string IntegerName() const {
    switch (to_.id()) {
      case TypeId::kByte: return "tinyint";
      case TypeId::kShort: return "smallint";
      case TypeId::kInt: return "int";
      default: return "bigint";
    }
  }

  /// Months or microseconds in the smallest field of an interval type.
  static int64_t UnitOf(const Type& interval) {
    static constexpr int64_t kUnits[] = {12, 1, 86'400'000'000, 3'600'000'000, 60'000'000, 1'000'000};
    return kUnits[static_cast<int>(interval.last_field())];
  }
  /// The field numbers of an interval type as arguments.
  static std::string Fields(const Type& interval) {
    return fmt::format("{}, {}", static_cast<int>(interval.first_field()), static_cast<int>(interval.last_field()));
  }
  /// Numbers and intervals know no silent overflow: it is an error even with ANSI off.
  std::string Exact(const std::string& sql) const {
    return fmt::format("{}({} AS {})", mode_ == CastMode::kTry ? "TRY_CAST" : "CAST", sql, to_.ToDuckDb());
  }

  std::string ToInterval() const {
    bool months = to_.is(TypeId::kIntervalYearMonth);
    if (from_.is(TypeId::kString)) {
      std::string text = fmt::format("spark_string_to_{}({}, {})", months ? "year_month" : "day_time", sql_, Fields(to_));
      return mode_ == CastMode::kTry ? fmt::format("TRY({})", text) : text;
    }
    int64_t unit = UnitOf(to_);
    if (from_.is_ansi_interval()) {
      if (to_.last_field() >= from_.last_field() || unit == 1 || to_.last_field() == IntervalField::kSecond) return sql_;
      return fmt::format("({0} - {0} % {1})", sql_, unit);
    }
    if (from_.is_integral()) return Exact(fmt::format("(CAST({} AS HUGEINT) * {})", sql_, unit));
    return Exact(fmt::format("spark_decimal_multiply(CAST({} AS VARCHAR), '{}', 0)", sql_, unit));
  }

  std::string ToInteger() const {
    if (from_.is_interval()) return Exact(fmt::format("({} // {})", sql_, UnitOf(from_)));
    if (from_.is(TypeId::kString) && mode_ == CastMode::kTry) {
      // a fraction is cut off with ANSI off alone
      return fmt::format("(CASE WHEN NOT contains({0}, '.') THEN spark_string_to_{1}({0}) END)", sql_, IntegerName());
    }
    if (from_.is(TypeId::kString)) return fmt::format("spark_string_to_{}{}({})", IntegerName(), Suffix(), sql_);
    if (from_.is(TypeId::kBoolean)) return Plain(sql_);
    if (from_.is(TypeId::kDate)) return Plain("NULL");
    if (from_.is(TypeId::kTimestamp)) {
      // floor, not cut off: half a second before 1970 is second -1
      std::string seconds =
          fmt::format("((epoch_us({0}) - 999999 * CAST(epoch_us({0}) < 0 AS BIGINT)) // 1000000)", sql_);
      return to_.is(TypeId::kLong) ? seconds : Checked(seconds);
    }
    if (from_.is_integral()) {
      bool widens = static_cast<int>(from_.id()) < static_cast<int>(to_.id());
      if (widens) return Plain(sql_);
      return mode_ == CastMode::kLegacy ? WrapInteger(sql_, to_.id(), false) : Checked(sql_);
    }
    if (mode_ != CastMode::kLegacy) return Checked(fmt::format("trunc({})", sql_));
    if (from_.is(TypeId::kDecimal)) {
      if (from_.precision() - from_.scale() <= 2) return Plain(fmt::format("trunc({})", sql_));
      return WrapInteger(fmt::format("CAST(trunc({}) AS HUGEINT)", sql_), to_.id(), true);
    }
    std::string wide = from_.is(TypeId::kFloat) ? fmt::format("CAST({} AS DOUBLE)", sql_) : sql_;
    if (to_.is(TypeId::kLong)) return fmt::format("spark_double_to_bigint({})", wide);
    std::string number = fmt::format("spark_double_to_int({})", wide);
    return to_.is(TypeId::kInt) ? number : WrapInteger(number, to_.id(), false);
  }

  std::string ToReal() const {
    const char* name = to_.is(TypeId::kFloat) ? "float" : "double";
    if (from_.is(TypeId::kString)) return fmt::format("spark_string_to_{}{}({})", name, Suffix(), sql_);
    if (from_.is(TypeId::kTimestamp)) return Plain(fmt::format("(CAST(epoch_us({}) AS DOUBLE) / 1000000)", sql_));
    if (from_.is(TypeId::kDate)) return Plain("NULL");
    return Plain(sql_);
  }

  std::string ToDecimal() const {
    if (from_.is_interval()) {
      bool seconds = from_.last_field() == IntervalField::kSecond;
      return Checked(seconds ? fmt::format("({} * CAST(0.000001 AS DECIMAL(6,6)))", sql_) : fmt::format("({} // {})", sql_, UnitOf(from_)));
    }
    if (from_.is(TypeId::kString)) return Checked(fmt::format("spark_string_to_decimal{}({})", Suffix(), sql_));
    // by the shortest text of the number, which is what Java rounds
    if (from_.is(TypeId::kDouble)) {
      return Checked(fmt::format("spark_string_to_decimal(spark_double_to_string({}))", sql_));
    }
    if (from_.is(TypeId::kFloat)) {
      return Checked(fmt::format("spark_string_to_decimal(spark_double_to_string(CAST({} AS DOUBLE)))", sql_));
    }
    if (from_.is(TypeId::kBoolean)) return Checked(fmt::format("CAST({} AS INTEGER)", sql_));
    if (from_.is(TypeId::kTimestamp)) return Checked(fmt::format("(epoch_us({}) * CAST(0.000001 AS DECIMAL(6,6)))", sql_));
    if (from_.is(TypeId::kDate)) return Plain("NULL");
    return Checked(sql_);
  }

  std::string ToDate() const {
    if (from_.is(TypeId::kString)) return fmt::format("spark_string_to_date{}({})", Suffix(), sql_);
    if (from_.is(TypeId::kTimestamp)) {
      if (utc()) return Plain(fmt::format("CAST({} AS TIMESTAMP)", sql_));
      return fmt::format("spark_to_date_from_timestamp({}, {})", sql_, Zone());
    }
    return Plain(sql_);
  }

  std::string ToTimestamp() const {
    if (from_.is(TypeId::kString)) return fmt::format("spark_string_to_timestamp{}({}, {})", Suffix(), sql_, Zone());
    if (from_.is(TypeId::kDate)) {
      if (utc()) return Plain(fmt::format("CAST({} AS TIMESTAMP)", sql_));
      return fmt::format("spark_timestamp_from_date({}, {})", sql_, Zone());
    }
    if (from_.is(TypeId::kTimestampNtz)) {
      return utc() ? Plain(sql_) : fmt::format("spark_from_local({}, {})", sql_, Zone());
    }
    std::string micros;
    if (from_.is(TypeId::kBoolean)) {
      micros = fmt::format("CAST({} AS BIGINT)", sql_);
    } else if (from_.is_integral()) {
      micros = fmt::format("CAST({} AS BIGINT) * 1000000", sql_);
    } else if (from_.is(TypeId::kDecimal)) {
      micros = fmt::format("CAST(trunc({} * 1000000) AS BIGINT)", sql_);
    } else {
      micros = fmt::format("CAST(trunc(CAST({} AS DOUBLE) * 1000000) AS BIGINT)", sql_);
    }
    std::string local = fmt::format("make_timestamp({})", micros);
    if (mode_ != CastMode::kAnsi) local = fmt::format("TRY({})", local);
    return utc() ? Plain(local) : fmt::format("spark_from_local({}, 'UTC')", local);
  }

  std::string ToTimestampNtz() const {
    if (from_.is(TypeId::kString)) return fmt::format("spark_string_to_timestamp_ntz{}({})", Suffix(), sql_);
    if (from_.is(TypeId::kTimestamp) && !utc()) return fmt::format("spark_to_local({}, {})", sql_, Zone());
    return Plain(sql_);
  }

  std::string ToArray() const {
    std::string e = Variable();
    std::string inner = Inner(e, from_.element(), to_.element());
    if (inner == e) return sql_;
    return fmt::format("list_transform({}, lambda {}: {})", sql_, e, inner);
  }

  std::string ToMap() const {
    std::string e = Variable();
    std::string key = Inner(e + ".key", from_.key(), to_.key());
    std::string value = Inner(e + ".value", from_.value(), to_.value());
    if (key == e + ".key" && value == e + ".value") return sql_;
    return fmt::format("map_from_entries(list_transform(map_entries({}), lambda {}: struct_pack(key := {}, value := {})))",
                       sql_, e, key, value);
  }

  std::string ToStruct() const {
    std::string fields;
    bool same = true;
    for (size_t i = 0; i < from_.fields().size(); ++i) {
      std::string field = fmt::format("{}.f{}", sql_, i);
      std::string inner = Inner(field, from_.fields()[i].type, to_.fields()[i].type);
      same = same && inner == field;
      fields += fmt::format("{}f{} := {}", i > 0 ? ", " : "", i, inner);
    }
    // only Spark's names differ: DuckDB's are f0, f1, ... on both sides
    if (same) return sql_;
    return fmt::format("(CASE WHEN {} IS NULL THEN NULL ELSE struct_pack({}) END)", sql_, fields);
  }

  const std::string& sql_;
  const Type& from_;
  const Type& to_;
  CastMode mode_;
  const std::string& zone_;
  int depth_;
};

}  // namespace

std::string CastSql(const std::string& sql, const Type& from, const Type& to, CastMode mode,
                    const std::string& time_zone, int depth) {
  return Caster(sql, from, to, mode, time_zone, depth).Run();
}

std::string WrapInteger(const std::string& sql, TypeId to, bool from_hugeint) {
  const char* mask = "";
  const char* sign = "";
  const char* type = "";
  switch (to) {
    case TypeId::kByte: mask = "255", sign = "128", type = "TINYINT"; break;
    case TypeId::kShort: mask = "65535", sign = "32768", type = "SMALLINT"; break;
    case TypeId::kInt: mask = "4294967295", sign = "2147483648", type = "INTEGER"; break;
    default: mask = "18446744073709551615", sign = "9223372036854775808", type = "BIGINT";
  }
  std::string wide = from_hugeint ? "HUGEINT" : "BIGINT";
  return fmt::format("CAST(xor(CAST({0} AS {1}) & CAST({2} AS {1}), CAST({3} AS {1})) - CAST({3} AS {1}) AS {4})", sql,
                     wide, mask, sign, type);
}

}  // namespace flare::sql
