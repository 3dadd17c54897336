#include "engine/database.h"
#include "lake/schema_match.h"

#include <strings.h>

namespace flare::lake {
namespace {

/// Whether DuckDB's value can be written as it is.
bool IsSame(const sql::Type& source, const Type& target) {
  switch (target.id()) {
    case TypeId::kStruct: return false;  // names differ
    case TypeId::kList: return IsSame(source.element(), target.children()[0].type);
    case TypeId::kMap:
      return IsSame(source.key(), target.children()[0].type) && IsSame(source.value(), target.children()[1].type);
    default: return source.ToDuckDb() == DuckDbType(target);
  }
}

std::string Convert(const std::string& expression, const sql::Type& source, const Type& target, int depth);

std::string ConvertList(const std::string& list, const sql::Type& source, const Type& target, int depth) {
  if (IsSame(source, target)) return list;
  std::string item = fmt::format("x{}", depth);
  return fmt::format("list_transform({}, lambda {}: {})", list, item, Convert(item, source, target, depth + 1));
}

std::string ConvertStruct(const std::string& expression, const sql::Type& source, const Type& target, int depth) {
  std::string fields;
  const auto& have = source.fields();
  for (const Field& field : target.children()) {
    for (size_t i = 0; i < have.size(); ++i) {
      if (have[i].name.size() != field.name.size() || ::strcasecmp(have[i].name.c_str(), field.name.c_str()) != 0) continue;
      std::string value = Convert(fmt::format("({}).f{}", expression, i), have[i].type, field.type, depth);
      fields += fmt::format("{}{} := {}", fields.empty() ? "" : ", ", engine::QuoteIdentifier(field.name), value);
      break;
    }
  }
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE struct_pack({}) END", expression, fields);
}

std::string Convert(const std::string& expression, const sql::Type& source, const Type& target, int depth) {
  if (IsSame(source, target)) return expression;
  const auto& inner = target.children();
  switch (target.id()) {
    case TypeId::kStruct: return ConvertStruct(expression, source, target, depth);
    case TypeId::kList: return ConvertList(expression, source.element(), inner[0].type, depth);
    case TypeId::kMap:
      return fmt::format("CASE WHEN {0} IS NULL THEN NULL ELSE map({1}, {2}) END", expression,
                         ConvertList(fmt::format("map_keys({})", expression), source.key(), inner[0].type, depth),
                         ConvertList(fmt::format("map_values({})", expression), source.value(), inner[1].type, depth));
    default: return fmt::format("CAST({} AS {})", expression, DuckDbType(target));
  }
}

}  // namespace

std::string DuckDbType(const Type& type) {
  switch (type.id()) {
    case TypeId::kBoolean: return "BOOLEAN";
    case TypeId::kInt: return "INTEGER";
    case TypeId::kLong: return "BIGINT";
    case TypeId::kFloat: return "FLOAT";
    case TypeId::kDouble: return "DOUBLE";
    case TypeId::kDecimal: return fmt::format("DECIMAL({},{})", type.precision(), type.scale());
    case TypeId::kDate: return "DATE";
    case TypeId::kTime: return "TIME";
    case TypeId::kTimestamp: return "TIMESTAMP";
    case TypeId::kTimestampTz: return "TIMESTAMP WITH TIME ZONE";
    case TypeId::kString: return "VARCHAR";
    case TypeId::kUuid: return "UUID";
    case TypeId::kFixed:
    case TypeId::kBinary: return "BLOB";
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: break;
  }
  return "";
}

std::string WriteExpression(const std::string& expression, const sql::Type& source, const Field& target) {
  std::string value = Convert(expression, source, target.type, 0);
  if (!target.required) return value;
  std::string text = fmt::format("NULL in the required column '{}' of the table", target.name);
  return fmt::format("CASE WHEN {} IS NULL THEN error({}) ELSE {} END", expression, engine::QuoteLiteral(text), value);
}

}  // namespace flare::lake
