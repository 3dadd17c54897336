#include "sql/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "sql/names.h"

namespace flare::sql {

struct Type::Children {
  std::vector<Type> types;  ///< array: element; map: key, value
  std::vector<StructField> fields;
};

Type::Type(TypeId id) : id_(id) {
  if (id == TypeId::kIntervalYearMonth) *this = Interval(IntervalField::kYear, IntervalField::kMonth);
  if (id == TypeId::kIntervalDayTime) *this = Interval(IntervalField::kDay, IntervalField::kSecond);
}

Type Type::Interval(IntervalField first, IntervalField last) {
  Type type;
  type.id_ = last <= IntervalField::kMonth ? TypeId::kIntervalYearMonth : TypeId::kIntervalDayTime;
  type.precision_ = static_cast<int>(first);
  type.scale_ = static_cast<int>(last);
  return type;
}

Type Type::Decimal(int precision, int scale) {
  Type type(TypeId::kDecimal);
  type.precision_ = precision;
  type.scale_ = scale;
  return type;
}

Type Type::Array(Type element, bool contains_null) {
  Type type(TypeId::kArray);
  type.contains_null_ = contains_null;
  type.children_ = std::make_shared<const Children>(Children{{std::move(element)}, {}});
  return type;
}

Type Type::Map(Type key, Type value, bool value_contains_null) {
  Type type(TypeId::kMap);
  type.contains_null_ = value_contains_null;
  type.children_ = std::make_shared<const Children>(Children{{std::move(key), std::move(value)}, {}});
  return type;
}

Type Type::Struct(std::vector<StructField> fields) {
  Type type(TypeId::kStruct);
  type.children_ = std::make_shared<const Children>(Children{{}, std::move(fields)});
  return type;
}

bool Type::is_integral() const {
  return id_ == TypeId::kByte || id_ == TypeId::kShort || id_ == TypeId::kInt || id_ == TypeId::kLong;
}

bool Type::is_numeric() const {
  return is_integral() || id_ == TypeId::kFloat || id_ == TypeId::kDouble || id_ == TypeId::kDecimal;
}

const Type& Type::element() const { return children_->types[0]; }
const Type& Type::key() const { return children_->types[0]; }
const Type& Type::value() const { return children_->types[1]; }
const std::vector<StructField>& Type::fields() const { return children_->fields; }

bool Type::operator==(const Type& other) const {
  if (id_ != other.id_) return false;
  switch (id_) {
    case TypeId::kDecimal:
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime: return precision_ == other.precision_ && scale_ == other.scale_;
    case TypeId::kArray: return element() == other.element();
    case TypeId::kMap: return key() == other.key() && value() == other.value();
    case TypeId::kStruct:
      return std::equal(fields().begin(), fields().end(), other.fields().begin(), other.fields().end(),
                        [](const StructField& a, const StructField& b) {
                          return a.name == b.name && a.type == b.type;
                        });
    default: return true;
  }
}

namespace {

struct TypeNames {
  TypeId id;
  const char* simple;
  const char* ddl;
  const char* json;
  const char* duckdb;
};

constexpr TypeNames kTypeNames[] = {
    {TypeId::kVoid, "void", "VOID", "void", "INTEGER"},
    {TypeId::kBoolean, "boolean", "BOOLEAN", "boolean", "BOOLEAN"},
    {TypeId::kByte, "tinyint", "TINYINT", "byte", "TINYINT"},
    {TypeId::kShort, "smallint", "SMALLINT", "short", "SMALLINT"},
    {TypeId::kInt, "int", "INT", "integer", "INTEGER"},
    {TypeId::kLong, "bigint", "BIGINT", "long", "BIGINT"},
    {TypeId::kFloat, "float", "FLOAT", "float", "FLOAT"},
    {TypeId::kDouble, "double", "DOUBLE", "double", "DOUBLE"},
    {TypeId::kString, "string", "STRING", "string", "VARCHAR"},
    {TypeId::kBinary, "binary", "BINARY", "binary", "BLOB"},
    {TypeId::kDate, "date", "DATE", "date", "DATE"},
    {TypeId::kTimestamp, "timestamp", "TIMESTAMP", "timestamp", "TIMESTAMPTZ"},
    {TypeId::kTimestampNtz, "timestamp_ntz", "TIMESTAMP_NTZ", "timestamp_ntz", "TIMESTAMP"},
    {TypeId::kIntervalYearMonth, "", "", "", "INTEGER"},
    {TypeId::kIntervalDayTime, "", "", "", "BIGINT"},
    {TypeId::kIntervalCalendar, "interval", "INTERVAL", "interval", "INTERVAL"},
    {TypeId::kVariant, "variant", "VARIANT", "variant", "BLOB"},
};

const TypeNames& NamesOf(TypeId id) {
  for (const TypeNames& names : kTypeNames) {
    if (names.id == id) return names;
  }
  return kTypeNames[0];
}

/// "interval day to second", "interval month".
std::string IntervalName(const Type& type) {
  static constexpr const char* kFields[] = {"year", "month", "day", "hour", "minute", "second"};
  const char* first = kFields[static_cast<int>(type.first_field())];
  const char* last = kFields[static_cast<int>(type.last_field())];
  return type.first_field() == type.last_field() ? fmt::format("interval {}", first) : fmt::format("interval {} to {}", first, last);
}

nlohmann::ordered_json TypeToJson(const Type& type) {
  using Json = nlohmann::ordered_json;
  switch (type.id()) {
    case TypeId::kDecimal: return fmt::format("decimal({},{})", type.precision(), type.scale());
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime: return IntervalName(type);
    case TypeId::kArray: {
      Json json;
      json["type"] = "array";
      json["elementType"] = TypeToJson(type.element());
      json["containsNull"] = type.contains_null();
      return json;
    }
    case TypeId::kMap: {
      Json json;
      json["type"] = "map";
      json["keyType"] = TypeToJson(type.key());
      json["valueType"] = TypeToJson(type.value());
      json["valueContainsNull"] = type.contains_null();
      return json;
    }
    case TypeId::kStruct: {
      Json fields = Json::array();
      for (const StructField& field : type.fields()) {
        Json json;
        json["name"] = field.name;
        json["type"] = TypeToJson(field.type);
        json["nullable"] = field.nullable;
        json["metadata"] = Json::object();
        if (!field.comment.empty()) json["metadata"]["comment"] = field.comment;
        fields.push_back(std::move(json));
      }
      Json json;
      json["type"] = "struct";
      json["fields"] = std::move(fields);
      return json;
    }
    default: return NamesOf(type.id()).json;
  }
}

}  // namespace

std::string Type::ToSimpleString() const {
  switch (id_) {
    case TypeId::kDecimal: return fmt::format("decimal({},{})", precision_, scale_);
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime: return IntervalName(*this);
    case TypeId::kArray: return fmt::format("array<{}>", element().ToSimpleString());
    case TypeId::kMap: return fmt::format("map<{},{}>", key().ToSimpleString(), value().ToSimpleString());
    case TypeId::kStruct: {
      std::string text = "struct<";
      for (size_t i = 0; i < fields().size(); ++i) {
        if (i > 0) text += ",";
        text += fields()[i].name + ":" + fields()[i].type.ToSimpleString();
      }
      return text + ">";
    }
    default: return NamesOf(id_).simple;
  }
}

std::string Type::ToDdl() const {
  switch (id_) {
    case TypeId::kDecimal: return fmt::format("DECIMAL({},{})", precision_, scale_);
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime: return UpperAscii(IntervalName(*this));
    case TypeId::kArray: return fmt::format("ARRAY<{}>", element().ToDdl());
    case TypeId::kMap: return fmt::format("MAP<{}, {}>", key().ToDdl(), value().ToDdl());
    case TypeId::kStruct: {
      std::string text = "STRUCT<";
      for (size_t i = 0; i < fields().size(); ++i) {
        const StructField& field = fields()[i];
        if (i > 0) text += ", ";
        text += QuoteNameIfNeeded(field.name) + ": " + field.type.ToDdl();
        if (!field.nullable) text += " NOT NULL";
        if (!field.comment.empty()) text += " COMMENT " + QuoteSparkString(field.comment);
      }
      return text + ">";
    }
    default: return NamesOf(id_).ddl;
  }
}

std::string Type::ToJson() const {
  return TypeToJson(*this).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Type::ToDuckDb() const {
  switch (id_) {
    case TypeId::kDecimal: return fmt::format("DECIMAL({},{})", precision_, scale_);
    case TypeId::kArray: return element().ToDuckDb() + "[]";
    case TypeId::kMap: return fmt::format("MAP({}, {})", key().ToDuckDb(), value().ToDuckDb());
    case TypeId::kStruct: {
      // DuckDB has no struct without fields; one that nobody can name stands for it.
      if (fields().empty()) return "STRUCT(f0 INTEGER)";
      std::string text = "STRUCT(";
      for (size_t i = 0; i < fields().size(); ++i) {
        if (i > 0) text += ", ";
        text += fmt::format("f{} {}", i, fields()[i].type.ToDuckDb());
      }
      return text + ")";
    }
    default: return NamesOf(id_).duckdb;
  }
}

std::string DuckDbColumnName(size_t index) { return fmt::format("c{}", index); }

}  // namespace flare::sql
