#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/json.h"
#include "sql/types.h"

namespace flare::lake {

enum class TypeId {
  kBoolean, kInt, kLong, kFloat, kDouble, kDecimal, kDate, kTime, kTimestamp, kTimestampTz,
  kString, kUuid, kFixed, kBinary, kStruct, kList, kMap
};

struct Field;

/// An Iceberg type with its field ids inside, as a value. Threads: immutable.
class Type {
 public:
  Type() : id_(TypeId::kBoolean) {}
  explicit Type(TypeId id) : id_(id) {}
  static Type Decimal(int precision, int scale);
  static Type Fixed(int length);
  static Type Struct(std::vector<Field> fields);
  static Type List(Field element);         ///< the field is called "element"
  static Type Map(Field key, Field value);  ///< the fields are called "key" and "value"

  TypeId id() const { return id_; }
  bool is(TypeId id) const { return id_ == id; }
  bool is_primitive() const { return id_ != TypeId::kStruct && id_ != TypeId::kList && id_ != TypeId::kMap; }
  int precision() const { return precision_; }  ///< decimal
  int scale() const { return scale_; }          ///< decimal
  int length() const { return precision_; }     ///< fixed: bytes
  /// struct: its fields; list: the element; map: key and value; else empty.
  const std::vector<Field>& children() const;

  /// Same shape and primitive types; names and ids are not compared.
  bool SameShape(const Type& other) const;
  /// "long", "decimal(9, 2)", "struct<a: int>": for messages.
  std::string ToText() const;
  Json ToJson() const;

 private:
  TypeId id_;
  int precision_ = 0;
  int scale_ = 0;
  std::shared_ptr<const std::vector<Field>> children_;
};

/// A column, a struct's field, a list's element, or a map's key or value.
struct Field {
  int id = 0;
  std::string name;
  bool required = false;
  Type type;
  std::string doc;
};

/// A table schema.
struct Schema {
  int schema_id = 0;
  std::vector<Field> fields;

  /// The field with this id at any depth; null when there is none.
  const Field* FindById(int id) const;
  /// A top-level column by name, without regard to case when there is no exact match.
  const Field* FindColumn(std::string_view name) const;
  int HighestId() const;
  Json ToJson() const;
};

Result<Type> ParseType(const Json& json);
/// Errors: Corruption (form), Unsupported (types of later format versions).
Result<Schema> ParseSchema(const Json& json);

/// A new table's schema for these columns: ids from `*last_column_id` + 1 on, all columns of one struct
/// level first, then descending, as Java's library gives them. Errors: InvalidArgument for types that
/// Iceberg lacks (intervals, void) and for repeated names.
Result<Schema> FromSqlSchema(const sql::Schema& columns, int* last_column_id);
/// The Iceberg type of a Spark type, ids taken from `*last_id`. `path` names the column in errors.
Result<Type> FromSqlType(const sql::Type& type, const std::string& path, int* last_id);
/// The Spark type that reads this Iceberg type (time is read as long microseconds, uuid as string).
sql::Type ToSqlType(const Type& type);
sql::Schema ToSqlSchema(const Schema& schema);

/// A copy with new ids from `*last_id` + 1 for itself and everything inside, level by level.
Field WithFreshIds(const Field& field, int* last_id);

}  // namespace flare::lake
