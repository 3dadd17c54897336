#include "cli/table_expression.h"

#include "engine/database.h"
#include "lake/schema_match.h"

namespace flare::cli {
namespace {

/// Whether values of this type need no change on the way in.
bool IsPlain(const lake::Type& type) {
  if (type.is(lake::TypeId::kTime) || type.is(lake::TypeId::kUuid) || type.is(lake::TypeId::kStruct)) return false;
  const auto& children = type.children();
  return std::all_of(children.begin(), children.end(), [](const lake::Field& child) { return IsPlain(child.type); });
}

std::string ReadNested(const std::string& expression, const lake::Type& type, int depth) {
  if (IsPlain(type)) return expression;
  std::string item = fmt::format("x{}", depth);
  const auto& children = type.children();
  switch (type.id()) {
    case lake::TypeId::kTime: return fmt::format("epoch_us({})", expression);
    case lake::TypeId::kUuid: return fmt::format("CAST({} AS VARCHAR)", expression);
    case lake::TypeId::kList:
      return fmt::format("list_transform({}, lambda {}: {})", expression, item,
                         ReadNested(item, children[0].type, depth + 1));
    case lake::TypeId::kMap:
      return fmt::format("map_from_entries(list_transform(map_entries({}), lambda {}: row({}, {})))", expression, item,
                         ReadNested(item + ".key", children[0].type, depth + 1),
                         ReadNested(item + ".value", children[1].type, depth + 1));
    case lake::TypeId::kStruct: {
      std::vector<std::string> fields;
      for (size_t i = 0; i < children.size(); ++i) {
        std::string field = fmt::format("struct_extract({}, {})", expression, engine::QuoteLiteral(children[i].name));
        fields.push_back(fmt::format("f{} := {}", i, ReadNested(field, children[i].type, depth + 1)));
      }
      return fmt::format("CASE WHEN {} IS NOT NULL THEN struct_pack({}) END", expression, fmt::join(fields, ", "));
    }
    default: return expression;
  }
}

}  // namespace

std::string TableType(const lake::Type& type) {
  const auto& children = type.children();
  switch (type.id()) {
    case lake::TypeId::kList: return TableType(children[0].type) + "[]";
    case lake::TypeId::kMap:
      return fmt::format("MAP({}, {})", TableType(children[0].type), TableType(children[1].type));
    case lake::TypeId::kStruct: {
      std::vector<std::string> fields;
      for (const auto& child : children) {
        fields.push_back(fmt::format("{} {}", engine::QuoteIdentifier(child.name), TableType(child.type)));
      }
      return fmt::format("STRUCT({})", fmt::join(fields, ", "));
    }
    default: return lake::DuckDbType(type);
  }
}

std::string ReadExpression(const std::string& expression, const lake::Type& type) {
  return ReadNested(expression, type, 0);
}

}  // namespace flare::cli
