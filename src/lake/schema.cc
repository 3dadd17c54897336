#include "lake/schema.h"

#include <strings.h>

#include <algorithm>

namespace flare::lake {
namespace {

const std::vector<Field>& NoChildren() {
  static const std::vector<Field> empty;
  return empty;
}

struct PrimitiveName {
  TypeId id;
  const char* name;
};
constexpr PrimitiveName kPrimitives[] = {
    {TypeId::kBoolean, "boolean"},     {TypeId::kInt, "int"},       {TypeId::kLong, "long"},
    {TypeId::kFloat, "float"},         {TypeId::kDouble, "double"}, {TypeId::kDate, "date"},
    {TypeId::kTime, "time"},           {TypeId::kString, "string"}, {TypeId::kTimestamp, "timestamp"},
    {TypeId::kTimestampTz, "timestamptz"}, {TypeId::kUuid, "uuid"}, {TypeId::kBinary, "binary"}};

Result<int> ParseSmallInt(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  int value = 0;
  if (text.empty() || text.size() > 6) return Corruption("not a type parameter: '{}'", text);
  for (char c : text) {
    if (c < '0' || c > '9') return Corruption("not a type parameter: '{}'", text);
    value = value * 10 + (c - '0');
  }
  return value;
}

Result<Type> ParsePrimitive(const std::string& text) {
  for (const auto& primitive : kPrimitives) {
    if (text == primitive.name) return Type(primitive.id);
  }
  if (text.starts_with("fixed[") && text.ends_with("]")) {
    ASSIGN_OR_RETURN(int length, ParseSmallInt(std::string_view(text).substr(6, text.size() - 7)));
    return Type::Fixed(length);
  }
  if (text.starts_with("decimal(") && text.ends_with(")")) {
    std::string_view inside = std::string_view(text).substr(8, text.size() - 9);
    auto comma = inside.find(',');
    if (comma == std::string_view::npos) return Corruption("not an Iceberg type: '{}'", text);
    ASSIGN_OR_RETURN(int precision, ParseSmallInt(inside.substr(0, comma)));
    ASSIGN_OR_RETURN(int scale, ParseSmallInt(inside.substr(comma + 1)));
    if (precision < 1 || precision > 38 || scale > precision) return Corruption("not an Iceberg type: '{}'", text);
    return Type::Decimal(precision, scale);
  }
  return Unsupported("the Iceberg type '{}' is not supported", text);
}

Result<Field> ParseChild(const Json& json, const char* id_key, const char* type_key, const char* required_key,
                         const char* name) {
  Field field;
  field.name = name;
  ASSIGN_OR_RETURN(field.id, GetInt(json, id_key));
  field.required = true;
  if (required_key != nullptr) {
    ASSIGN_OR_RETURN(field.required, GetBool(json, required_key));
  }
  const Json* type = FindMember(json, type_key);
  if (type == nullptr) return Corruption("a nested type has no '{}'", type_key);
  ASSIGN_OR_RETURN(field.type, ParseType(*type));
  return field;
}

Result<std::vector<Field>> ParseFields(const Json& json) {
  std::vector<Field> fields;
  ASSIGN_OR_RETURN(const Json* list, GetArray(json, "fields"));
  for (const Json& item : *list) {
    ASSIGN_OR_RETURN(std::string name, GetString(item, "name"));
    Result<Field> field = ParseChild(item, "id", "type", "required", name.c_str());
    if (!field) return std::move(field).error().With(fmt::format("in the field '{}'", name));
    if (const Json* doc = FindMember(item, "doc"); doc != nullptr && doc->is_string()) field->doc = doc->get<std::string>();
    field->name = std::move(name);
    fields.push_back(std::move(*field));
  }
  return fields;
}

Json FieldToJson(const Field& field) {
  Json json = {{"id", field.id}, {"name", field.name}, {"required", field.required}, {"type", field.type.ToJson()}};
  if (!field.doc.empty()) json["doc"] = field.doc;
  return json;
}

const Field* FindIn(const std::vector<Field>& fields, int id) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (const Field* inner = FindIn(field.type.children(), id)) return inner;
  }
  return nullptr;
}

int HighestIn(const std::vector<Field>& fields) {
  int highest = 0;
  for (const Field& field : fields) highest = std::max({highest, field.id, HighestIn(field.type.children())});
  return highest;
}

}  // namespace

Type Type::Decimal(int precision, int scale) {
  Type type(TypeId::kDecimal);
  type.precision_ = precision;
  type.scale_ = scale;
  return type;
}

Type Type::Fixed(int length) {
  Type type(TypeId::kFixed);
  type.precision_ = length;
  return type;
}

Type Type::Struct(std::vector<Field> fields) {
  Type type(TypeId::kStruct);
  type.children_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

Type Type::List(Field element) {
  Type type(TypeId::kList);
  element.name = "element";
  type.children_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{std::move(element)});
  return type;
}

Type Type::Map(Field key, Field value) {
  Type type(TypeId::kMap);
  key.name = "key";
  key.required = true;
  value.name = "value";
  type.children_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{std::move(key), std::move(value)});
  return type;
}

const std::vector<Field>& Type::children() const { return children_ != nullptr ? *children_ : NoChildren(); }

bool Type::SameShape(const Type& other) const {
  if (id_ != other.id_ || precision_ != other.precision_ || scale_ != other.scale_) return false;
  const auto& mine = children();
  const auto& theirs = other.children();
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                    [](const Field& a, const Field& b) { return a.type.SameShape(b.type); });
}

std::string Type::ToText() const {
  for (const auto& primitive : kPrimitives) {
    if (id_ == primitive.id) return primitive.name;
  }
  const auto& inner = children();
  switch (id_) {
    case TypeId::kDecimal: return fmt::format("decimal({}, {})", precision_, scale_);
    case TypeId::kFixed: return fmt::format("fixed[{}]", precision_);
    case TypeId::kList: return fmt::format("list<{}>", inner[0].type.ToText());
    case TypeId::kMap: return fmt::format("map<{}, {}>", inner[0].type.ToText(), inner[1].type.ToText());
    default: break;
  }
  std::string text = "struct<";
  for (size_t i = 0; i < inner.size(); ++i) {
    text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", inner[i].name, inner[i].type.ToText());
  }
  return text + ">";
}

Json Type::ToJson() const {
  const auto& inner = children();
  if (id_ == TypeId::kList) {
    return {{"type", "list"}, {"element-id", inner[0].id}, {"element-required", inner[0].required},
            {"element", inner[0].type.ToJson()}};
  }
  if (id_ == TypeId::kMap) {
    return {{"type", "map"},          {"key-id", inner[0].id},
            {"key", inner[0].type.ToJson()}, {"value-id", inner[1].id},
            {"value-required", inner[1].required}, {"value", inner[1].type.ToJson()}};
  }
  if (id_ != TypeId::kStruct) return ToText();
  Json fields = Json::array();
  for (const Field& field : inner) fields.push_back(FieldToJson(field));
  return {{"type", "struct"}, {"fields", std::move(fields)}};
}

const Field* Schema::FindById(int id) const { return FindIn(fields, id); }

const Field* Schema::FindColumn(std::string_view name) const {
  const Field* near = nullptr;
  for (const Field& field : fields) {
    if (field.name == name) return &field;
    if (near == nullptr && field.name.size() == name.size() &&
        ::strncasecmp(field.name.data(), name.data(), name.size()) == 0) {
      near = &field;
    }
  }
  return near;
}

int Schema::HighestId() const { return HighestIn(fields); }

Json Schema::ToJson() const {
  Json list = Json::array();
  for (const Field& field : fields) list.push_back(FieldToJson(field));
  return {{"type", "struct"}, {"schema-id", schema_id}, {"fields", std::move(list)}};
}

Result<Type> ParseType(const Json& json) {
  if (json.is_string()) return ParsePrimitive(json.get<std::string>());
  ASSIGN_OR_RETURN(std::string kind, GetString(json, "type"));
  if (kind == "struct") {
    ASSIGN_OR_RETURN(std::vector<Field> fields, ParseFields(json));
    return Type::Struct(std::move(fields));
  }
  if (kind == "list") {
    ASSIGN_OR_RETURN(Field element, ParseChild(json, "element-id", "element", "element-required", "element"));
    return Type::List(std::move(element));
  }
  if (kind == "map") {
    ASSIGN_OR_RETURN(Field key, ParseChild(json, "key-id", "key", nullptr, "key"));
    ASSIGN_OR_RETURN(Field value, ParseChild(json, "value-id", "value", "value-required", "value"));
    return Type::Map(std::move(key), std::move(value));
  }
  return ParsePrimitive(kind);
}

Result<Schema> ParseSchema(const Json& json) {
  Schema schema;
  if (FindMember(json, "schema-id") != nullptr) {
    ASSIGN_OR_RETURN(schema.schema_id, GetInt(json, "schema-id"));
  }
  ASSIGN_OR_RETURN(schema.fields, ParseFields(json));
  return schema;
}

namespace {

/// Children whose own ids are given; what is inside them comes after all of them.
std::vector<Field> FreshLevel(const std::vector<Field>& fields, int* last_id) {
  std::vector<Field> fresh = fields;
  for (Field& field : fresh) field.id = ++*last_id;
  return fresh;
}

Type FreshInside(const Type& type, int* last_id) {
  if (type.is_primitive()) return type;
  std::vector<Field> children = FreshLevel(type.children(), last_id);
  for (Field& child : children) child.type = FreshInside(child.type, last_id);
  if (type.is(TypeId::kList)) return Type::List(children[0]);
  if (type.is(TypeId::kMap)) return Type::Map(children[0], children[1]);
  return Type::Struct(std::move(children));
}

}  // namespace

Field WithFreshIds(const Field& field, int* last_id) {
  Field fresh = field;
  fresh.id = ++*last_id;
  fresh.type = FreshInside(field.type, last_id);
  return fresh;
}

}  // namespace flare::lake
