#include "lake/avro.h"

namespace flare::lake {
namespace {

using Kind = AvroSchema::Kind;
using Names = std::map<std::string, AvroSchemaPtr>;

constexpr int kMaxDepth = 64;

Result<AvroSchemaPtr> Parse(const Json& json, Names* names, int depth);

AvroSchemaPtr Primitive(const std::string& name) {
  static const std::map<std::string, Kind> kKinds = {
      {"null", Kind::kNull},     {"boolean", Kind::kBoolean}, {"int", Kind::kInt},     {"long", Kind::kLong},
      {"float", Kind::kFloat},   {"double", Kind::kDouble},   {"bytes", Kind::kBytes}, {"string", Kind::kString}};
  auto found = kKinds.find(name);
  if (found == kKinds.end()) return nullptr;
  auto schema = std::make_shared<AvroSchema>();
  schema->kind = found->second;
  return schema;
}

Result<AvroSchemaPtr> ParseName(const std::string& name, const Names& names) {
  if (AvroSchemaPtr primitive = Primitive(name)) return primitive;
  auto found = names.find(name);
  if (found == names.end()) return Corruption("the Avro schema uses the type '{}' before it is defined", name);
  return found->second;
}

Result<AvroSchemaPtr> ParseRecord(const Json& json, Names* names, int depth) {
  auto record = std::make_shared<AvroSchema>();
  record->kind = Kind::kRecord;
  ASSIGN_OR_RETURN(record->name, GetString(json, "name"));
  ASSIGN_OR_RETURN(const Json* fields, GetArray(json, "fields"));
  for (const Json& field : *fields) {
    AvroSchema::Field parsed;
    ASSIGN_OR_RETURN(parsed.name, GetString(field, "name"));
    if (FindMember(field, "field-id") != nullptr) {
      ASSIGN_OR_RETURN(parsed.id, GetInt(field, "field-id"));
    }
    const Json* type = FindMember(field, "type");
    if (type == nullptr) return Corruption("the Avro field '{}' has no type", parsed.name);
    ASSIGN_OR_RETURN(parsed.type, Parse(*type, names, depth + 1));
    record->fields.push_back(std::move(parsed));
  }
  (*names)[record->name] = record;
  return AvroSchemaPtr(record);
}

Result<AvroSchemaPtr> ParseNamedBytes(const Json& json, Kind kind, Names* names) {
  auto schema = std::make_shared<AvroSchema>();
  schema->kind = kind;
  ASSIGN_OR_RETURN(schema->name, GetString(json, "name"));
  if (kind == Kind::kFixed) {
    ASSIGN_OR_RETURN(schema->size, GetLong(json, "size"));
    if (schema->size < 0) return Corruption("the Avro type '{}' has a negative size", schema->name);
  }
  (*names)[schema->name] = schema;
  return AvroSchemaPtr(schema);
}

Result<AvroSchemaPtr> ParseElement(const Json& json, const char* key, Kind kind, Names* names, int depth) {
  const Json* element = FindMember(json, key);
  if (element == nullptr) return Corruption("an Avro {} has no '{}'", kind == Kind::kArray ? "array" : "map", key);
  auto schema = std::make_shared<AvroSchema>();
  schema->kind = kind;
  ASSIGN_OR_RETURN(schema->element, Parse(*element, names, depth + 1));
  return AvroSchemaPtr(schema);
}

Result<AvroSchemaPtr> ParseUnion(const Json& json, Names* names, int depth) {
  auto schema = std::make_shared<AvroSchema>();
  schema->kind = Kind::kUnion;
  for (const Json& branch : json) {
    ASSIGN_OR_RETURN(AvroSchemaPtr parsed, Parse(branch, names, depth + 1));
    schema->branches.push_back(std::move(parsed));
  }
  return AvroSchemaPtr(schema);
}

Result<AvroSchemaPtr> Parse(const Json& json, Names* names, int depth) {
  if (depth > kMaxDepth) return Corruption("the Avro schema is nested deeper than {}", kMaxDepth);
  if (json.is_string()) return ParseName(json.get<std::string>(), *names);
  if (json.is_array()) return ParseUnion(json, names, depth);
  const Json* type = FindMember(json, "type");
  if (type == nullptr) return Corruption("the Avro schema has a node without a type");
  if (!type->is_string()) return Parse(*type, names, depth + 1);
  std::string name = type->get<std::string>();
  if (name == "record") return ParseRecord(json, names, depth);
  if (name == "array") return ParseElement(json, "items", Kind::kArray, names, depth);
  if (name == "map") return ParseElement(json, "values", Kind::kMap, names, depth);
  if (name == "fixed") return ParseNamedBytes(json, Kind::kFixed, names);
  if (name == "enum") return ParseNamedBytes(json, Kind::kEnum, names);
  return ParseName(name, *names);
}

}  // namespace

int AvroSchema::FindField(int id) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].id == id) return static_cast<int>(i);
  }
  return -1;
}

Result<AvroSchemaPtr> ParseAvroSchema(const Json& json) {
  Names names;
  return Parse(json, &names, 0);
}

}  // namespace flare::lake
