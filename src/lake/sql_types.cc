// Spark's types <-> Iceberg's.
#include <algorithm>
#include <cctype>
#include <set>

#include "lake/schema.h"

namespace flare::lake {
namespace {

Result<Type> Convert(const sql::Type& type, const std::string& path);

std::string Folded(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

Result<std::vector<Field>> ConvertFields(const std::vector<sql::StructField>& columns, const std::string& path) {
  std::set<std::string> names;
  std::vector<Field> fields;
  for (const auto& column : columns) {
    std::string where = path.empty() ? column.name : path + "." + column.name;
    if (column.name.empty()) return InvalidArgument("a column of the table would have an empty name (in '{}')", where);
    if (!names.insert(Folded(column.name)).second) {
      return InvalidArgument("the column '{}' appears twice (names are compared without regard to case); give each "
                             "column its own name with AS", where);
    }
    Field field;
    field.name = column.name;
    field.required = false;
    field.doc = column.comment;
    ASSIGN_OR_RETURN(field.type, Convert(column.type, where));
    fields.push_back(std::move(field));
  }
  if (fields.empty()) return InvalidArgument("{} has no fields", path.empty() ? "the table" : "the struct '" + path + "'");
  return fields;
}

Result<Type> Convert(const sql::Type& type, const std::string& path) {
  switch (type.id()) {
    case sql::TypeId::kBoolean: return Type(TypeId::kBoolean);
    case sql::TypeId::kByte:
    case sql::TypeId::kShort:
    case sql::TypeId::kInt: return Type(TypeId::kInt);
    case sql::TypeId::kLong: return Type(TypeId::kLong);
    case sql::TypeId::kFloat: return Type(TypeId::kFloat);
    case sql::TypeId::kDouble: return Type(TypeId::kDouble);
    case sql::TypeId::kDecimal: return Type::Decimal(type.precision(), type.scale());
    case sql::TypeId::kString: return Type(TypeId::kString);
    case sql::TypeId::kBinary: return Type(TypeId::kBinary);
    case sql::TypeId::kDate: return Type(TypeId::kDate);
    case sql::TypeId::kTimestamp: return Type(TypeId::kTimestampTz);
    case sql::TypeId::kTimestampNtz: return Type(TypeId::kTimestamp);
    case sql::TypeId::kArray: {
      Field element;
      ASSIGN_OR_RETURN(element.type, Convert(type.element(), path + ".element"));
      return Type::List(std::move(element));
    }
    case sql::TypeId::kMap: {
      Field key, value;
      ASSIGN_OR_RETURN(key.type, Convert(type.key(), path + ".key"));
      ASSIGN_OR_RETURN(value.type, Convert(type.value(), path + ".value"));
      return Type::Map(std::move(key), std::move(value));
    }
    case sql::TypeId::kStruct: {
      ASSIGN_OR_RETURN(std::vector<Field> fields, ConvertFields(type.fields(), path));
      return Type::Struct(std::move(fields));
    }
    case sql::TypeId::kVoid:
      return InvalidArgument("the column '{}' is NULL without a type (void), which Iceberg cannot store; "
                             "give it one, e.g. CAST(NULL AS STRING)", path);
    case sql::TypeId::kIntervalYearMonth:
    case sql::TypeId::kIntervalDayTime:
    case sql::TypeId::kIntervalCalendar:
      return InvalidArgument("the column '{}' is an interval, which Iceberg cannot store; "
                             "store a number (seconds, months) or a string", path);
    case sql::TypeId::kVariant:
      return InvalidArgument("the column '{}' is a variant, which Iceberg's format version 2 cannot store; "
                             "store its text, to_json({}), or cast it to a type", path, path);
  }
  return Internal("unknown SQL type of the column '{}'", path);
}

}  // namespace

Result<Type> FromSqlType(const sql::Type& type, const std::string& path, int* last_id) {
  Field holder;
  ASSIGN_OR_RETURN(holder.type, Convert(type, path));
  int own_id = *last_id - 1;  // the holder's id is not used: what is inside starts at last_id + 1
  Field fresh = WithFreshIds(holder, &own_id);
  *last_id = std::max(*last_id, own_id);
  return fresh.type;
}

Result<Schema> FromSqlSchema(const sql::Schema& columns, int* last_column_id) {
  Schema schema;
  ASSIGN_OR_RETURN(schema.fields, ConvertFields(columns, ""));
  int before = *last_column_id;
  // One struct level first: columns take 1..n, what is inside them comes after.
  int inside = before + static_cast<int>(schema.fields.size());
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    int last = inside - 1;
    int given = before + static_cast<int>(i) + 1;
    Field fresh = WithFreshIds(schema.fields[i], &last);
    fresh.id = given;
    inside = std::max(inside, last);
    schema.fields[i] = std::move(fresh);
  }
  *last_column_id = inside;
  return schema;
}

sql::Type ToSqlType(const Type& type) {
  const auto& inner = type.children();
  switch (type.id()) {
    case TypeId::kBoolean: return sql::Type(sql::TypeId::kBoolean);
    case TypeId::kInt: return sql::Type(sql::TypeId::kInt);
    case TypeId::kTime:
    case TypeId::kLong: return sql::Type(sql::TypeId::kLong);
    case TypeId::kFloat: return sql::Type(sql::TypeId::kFloat);
    case TypeId::kDouble: return sql::Type(sql::TypeId::kDouble);
    case TypeId::kDecimal: return sql::Type::Decimal(type.precision(), type.scale());
    case TypeId::kDate: return sql::Type(sql::TypeId::kDate);
    case TypeId::kTimestamp: return sql::Type(sql::TypeId::kTimestampNtz);
    case TypeId::kTimestampTz: return sql::Type(sql::TypeId::kTimestamp);
    case TypeId::kString:
    case TypeId::kUuid: return sql::Type(sql::TypeId::kString);
    case TypeId::kFixed:
    case TypeId::kBinary: return sql::Type(sql::TypeId::kBinary);
    case TypeId::kList: return sql::Type::Array(ToSqlType(inner[0].type), !inner[0].required);
    case TypeId::kMap: return sql::Type::Map(ToSqlType(inner[0].type), ToSqlType(inner[1].type), !inner[1].required);
    case TypeId::kStruct: break;
  }
  std::vector<sql::StructField> fields;
  for (const Field& field : inner) fields.push_back({field.name, ToSqlType(field.type), !field.required, field.doc});
  return sql::Type::Struct(std::move(fields));
}

sql::Schema ToSqlSchema(const Schema& schema) {
  sql::Schema columns;
  for (const Field& field : schema.fields) {
    columns.push_back({field.name, ToSqlType(field.type), !field.required, field.doc});
  }
  return columns;
}

}  // namespace flare::lake
