#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::sql {

/// Spark's types. The one table Spark <-> DuckDB <-> Iceberg hangs on them.
enum class TypeId {
  kVoid,
  kBoolean,
  kByte,
  kShort,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,     ///< an instant: DuckDB TIMESTAMPTZ, Iceberg timestamptz, microseconds UTC
  kTimestampNtz,  ///< no zone: DuckDB TIMESTAMP, Iceberg timestamp
  kIntervalYearMonth,  ///< months: DuckDB INTEGER
  kIntervalDayTime,    ///< microseconds: DuckDB BIGINT
  kVariant,  ///< a JSON-like value: DuckDB BLOB of engine/variant.h
  kArray,
  kMap,
  kStruct,
  kIntervalCalendar,   ///< months, days and microseconds side by side: DuckDB INTERVAL
};

/// The fields of interval types, from the largest.
enum class IntervalField { kYear, kMonth, kDay, kHour, kMinute, kSecond };

struct StructField;

/// A Spark type as a value; copies are cheap. Threads: immutable, safe from any.
class Type {
 public:
  Type() : id_(TypeId::kVoid) {}
  /// Interval types made so have all their fields: YEAR TO MONTH, DAY TO SECOND.
  explicit Type(TypeId id);
  static Type Decimal(int precision, int scale);
  /// INTERVAL first TO last: a year-month or a day-time interval; both fields belong to one of these kinds.
  static Type Interval(IntervalField first, IntervalField last);
  static Type Array(Type element, bool contains_null = true);
  static Type Map(Type key, Type value, bool value_contains_null = true);
  static Type Struct(std::vector<StructField> fields);

  TypeId id() const { return id_; }
  bool is(TypeId id) const { return id_ == id; }
  bool is_numeric() const;   ///< byte, short, int, long, float, double, decimal
  bool is_integral() const;  ///< byte, short, int, long
  bool is_ansi_interval() const { return id_ == TypeId::kIntervalYearMonth || id_ == TypeId::kIntervalDayTime; }
  bool is_interval() const { return is_ansi_interval() || id_ == TypeId::kIntervalCalendar; }
  bool is_nested() const { return id_ == TypeId::kArray || id_ == TypeId::kMap || id_ == TypeId::kStruct; }
  int precision() const { return precision_; }  ///< decimal only
  int scale() const { return scale_; }          ///< decimal only
  IntervalField first_field() const { return static_cast<IntervalField>(precision_); }  ///< ANSI intervals only
  IntervalField last_field() const { return static_cast<IntervalField>(scale_); }       ///< ANSI intervals only
  const Type& element() const;                  ///< array only
  bool contains_null() const { return contains_null_; }  ///< array elements or map values
  const Type& key() const;                      ///< map only
  const Type& value() const;                    ///< map only
  const std::vector<StructField>& fields() const;  ///< struct only

  /// Same type, ignoring nullability inside.
  bool operator==(const Type& other) const;
  bool operator!=(const Type& other) const { return !(*this == other); }

  /// Spark's simple string: `struct<a:int,b:array<string>>`, `decimal(10,2)`, `timestamp_ntz`.
  std::string ToSimpleString() const;
  /// Spark's DDL text: `STRUCT<a: INT, b: ARRAY<STRING>>`.
  std::string ToDdl() const;
  /// Spark's schema JSON of this type (`"long"`, `{"type":"struct","fields":[...]}`).
  std::string ToJson() const;
  /// DuckDB's type text. Struct fields are named f0, f1, ... there: Spark's names live outside DuckDB.
  std::string ToDuckDb() const;

 private:
  struct Children;
  TypeId id_;
  int precision_ = 0;  ///< of an interval: its first field
  int scale_ = 0;      ///< of an interval: its last field
  bool contains_null_ = true;
  std::shared_ptr<const Children> children_;
};

/// A column of a relation, or a field of a struct.
struct StructField {
  std::string name;
  Type type;
  bool nullable = true;
  std::string comment;  ///< empty = none
};

/// The columns of a relation, in order. Inside DuckDB column i is called `c<i>`.
using Schema = std::vector<StructField>;

/// "c0, c1, c2" for a schema of that many columns.
std::string DuckDbColumnName(size_t index);

/// Reads Spark's DDL for one type ("array<struct<a:int>>") or a column list ("a INT, b STRING NOT NULL").
Result<Type> ParseTypeDdl(std::string_view text);
Result<Schema> ParseSchemaDdl(std::string_view text);
/// Reads Spark's JSON of one type (`"long"`, `{"type":"array",...}`).
Result<Type> ParseTypeJson(std::string_view text);
/// Reads Spark's schema JSON (`{"type":"struct","fields":[{"name":..,"type":..,"nullable":..}]}`).
Result<Schema> ParseSchemaJson(std::string_view text);

}  // namespace flare::sql
