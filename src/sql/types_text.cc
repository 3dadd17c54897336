#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sql/parser.h"
#include "sql/types.h"

namespace flare::sql {
namespace {

Error DdlError(const Parser& parser, std::string_view text) {
  std::string message = fmt::format("[{}] {} (at character {} of the schema {})", parser.error().code,
                                    parser.error().message, parser.error().offset + 1, text.substr(0, 200));
  if (!parser.error().hint.empty()) message += fmt::format("; did you mean {}?", parser.error().hint);
  return InvalidArgument("{}", message);
}

using Json = nlohmann::json;

Result<Type> TypeOfJson(const Json& json, int depth);

Result<std::vector<StructField>> FieldsOfJson(const Json& json, int depth) {
  std::vector<StructField> fields;
  auto list = json.find("fields");
  if (list == json.end() || !list->is_array()) return InvalidArgument("schema JSON: a struct needs a list \"fields\"");
  for (const Json& entry : *list) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string() || !entry.contains("type")) {
      return InvalidArgument("schema JSON: each field is an object with \"name\" and \"type\"; found {}",
                             entry.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 120));
    }
    StructField field;
    field.name = entry["name"].get<std::string>();
    auto type = TypeOfJson(entry["type"], depth + 1);
    if (!type.has_value()) return std::move(type).error().With(fmt::format("in field {}", field.name));
    field.type = *std::move(type);
    if (auto nullable = entry.find("nullable"); nullable != entry.end() && nullable->is_boolean()) {
      field.nullable = nullable->get<bool>();
    }
    if (auto metadata = entry.find("metadata"); metadata != entry.end() && metadata->is_object()) {
      if (auto comment = metadata->find("comment"); comment != metadata->end() && comment->is_string()) {
        field.comment = comment->get<std::string>();
      }
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

bool FlagOf(const Json& json, const char* name) {
  auto flag = json.find(name);
  return flag == json.end() || !flag->is_boolean() || flag->get<bool>();
}

Result<Type> TypeOfJson(const Json& json, int depth) {
  if (depth > kMaxDepth) return InvalidArgument("schema JSON: nested deeper than {} levels", kMaxDepth);
  if (json.is_string()) {
    // Every JSON type name of Spark is also one of its DDL, in whatever case.
    return ParseTypeDdl(json.get_ref<const std::string&>());
  }
  if (!json.is_object() || !json.contains("type") || !json["type"].is_string()) {
    return InvalidArgument("schema JSON: a type is a name or an object with \"type\"");
  }
  const auto& kind = json["type"].get_ref<const std::string&>();
  if (kind == "struct") {
    ASSIGN_OR_RETURN(std::vector<StructField> fields, FieldsOfJson(json, depth));
    return Type::Struct(std::move(fields));
  }
  if (kind == "array" && json.contains("elementType")) {
    ASSIGN_OR_RETURN(Type element, TypeOfJson(json["elementType"], depth + 1));
    return Type::Array(std::move(element), FlagOf(json, "containsNull"));
  }
  if (kind == "map" && json.contains("keyType") && json.contains("valueType")) {
    ASSIGN_OR_RETURN(Type key, TypeOfJson(json["keyType"], depth + 1));
    ASSIGN_OR_RETURN(Type value, TypeOfJson(json["valueType"], depth + 1));
    return Type::Map(std::move(key), std::move(value), FlagOf(json, "valueContainsNull"));
  }
  return InvalidArgument("schema JSON: unknown or incomplete type {}", kind);
}

}  // namespace

Result<Type> ParseTypeDdl(std::string_view text) {
  Parser parser(text);
  Type type;
  if (!parser.ParseWholeType(&type)) return DdlError(parser, text);
  return type;
}

Result<Schema> ParseSchemaDdl(std::string_view text) {
  Parser parser(text);
  Schema schema;
  if (parser.ParseWholeSchema(&schema)) return schema;
  // `struct<a: int>` also names columns.
  Parser type_parser(text);
  Type type;
  if (type_parser.ParseWholeType(&type) && type.is(TypeId::kStruct)) return type.fields();
  return DdlError(parser, text);
}

Result<Type> ParseTypeJson(std::string_view text) {
  // Bounded before the recursive reader sees it: hostile nesting would exhaust the stack.
  int depth = 0;
  for (char c : text) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > 4 * kMaxDepth) return InvalidArgument("schema JSON: nested too deeply");
  }
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return InvalidArgument("schema JSON: not valid JSON: {}", text.substr(0, 120));
  return TypeOfJson(json, 0);
}

Result<Schema> ParseSchemaJson(std::string_view text) {
  ASSIGN_OR_RETURN(Type type, ParseTypeJson(text));
  if (!type.is(TypeId::kStruct)) return InvalidArgument("schema JSON: a struct is needed, found {}", type.ToSimpleString());
  return type.fields();
}

}  // namespace flare::sql
