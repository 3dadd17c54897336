#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"
#include "sql/runtime_call.h"

namespace flare::sql {
namespace {

Bound Mistake(Call& call, std::string code, std::string message) {
  call.binder.Report(std::move(code), std::move(message), call.expr.begin);
  return call.binder.Bad(call.expr);
}

/// True when every map in it has STRING keys.
bool HasTextKeys(const Type& type) {
  switch (type.id()) {
    case TypeId::kMap: return type.key().is(TypeId::kString) && HasTextKeys(type.value());
    case TypeId::kArray: return HasTextKeys(type.element());
    case TypeId::kStruct:
      for (const StructField& field : type.fields()) {
        if (!HasTextKeys(field.type)) return false;
      }
      return true;
    default: return true;
  }
}

Bound BindFromJson(Call& call) {
  if (!RequireText(call, 0)) return call.binder.Bad(call.expr);
  auto schema = ConstantSchema(call, 1);
  OptionMap options;
  if (!schema || (call.args.size() == 3 && !ConstantOptions(call, 2, &options))) return call.binder.Bad(call.expr);
  std::string pretty = fmt::format("from_json({})", call.args[0].pretty);
  if (!schema->is_nested() && !schema->is(TypeId::kVariant)) {
    return Mistake(call, "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
                   fmt::format("from_json() yields a struct, an array, a map or a variant, not {}", schema->ToSimpleString()));
  }
  if (!HasTextKeys(*schema)) {
    return Mistake(call, "DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE", "from_json() reads maps with STRING keys only");
  }
  if (schema->is(TypeId::kVariant)) {
    Bound out = ResultOf(call, *schema, fmt::format("spark_parse_json({})", call.args[0].sql));
    out.pretty = std::move(pretty);
    return out;
  }
  if (auto mode = options.find("mode"); mode != options.end() && EqualIgnoreCase(mode->second, "DROPMALFORMED")) {
    return Mistake(call, "PARSE_MODE_UNSUPPORTED", "from_json() has the modes PERMISSIVE and FAILFAST, not DROPMALFORMED");
  }
  Type type = Nullable(*schema);
  Bound out = CallRuntime(call, "from_json", type, type, std::move(options));
  // Spark names a map so, whatever it is made of
  out.pretty = type.is(TypeId::kMap) ? "entries" : std::move(pretty);
  return out;
}

Bound BindToJson(Call& call) {
  Bound& value = call.args[0];
  OptionMap options;
  if (call.args.size() == 2 && !ConstantOptions(call, 1, &options)) return call.binder.Bad(call.expr);
  std::string pretty = fmt::format("to_json({})", value.pretty);
  Bound out;
  if (value.type.is(TypeId::kVoid)) {
    out = ResultOf(call, Type(TypeId::kString), "CAST(NULL AS VARCHAR)");
  } else if (value.type.is_nested() || value.type.is(TypeId::kVariant)) {
    out = CallRuntime(call, "to_json", WithoutVoid(value.type), Type(TypeId::kString), std::move(options));
  } else {
    return Mistake(call, "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
                   fmt::format("to_json() prints a struct, an array, a map or a variant, not {}", value.type.ToSimpleString()));
  }
  out.pretty = std::move(pretty);
  return out;
}

Bound BindSchemaOf(Call& call) {
  auto text = ConstantText(call, 0, call.name == "schema_of_csv" ? "the CSV" : "the JSON");
  OptionMap options;
  if (!text || (call.args.size() == 2 && !ConstantOptions(call, 1, &options))) return call.binder.Bad(call.expr);
  Bound out = CallRuntime(call, call.name, Type(TypeId::kString), Type(TypeId::kString), std::move(options));
  out.nullable = false;
  out.pretty = fmt::format("{}({})", call.name, call.args[0].pretty);
  return out;
}

Bound BindText(Call& call) {
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (!RequireText(call, i)) return call.binder.Bad(call.expr);
  }
  if (call.name == "json_array_length") return ResultOf(call, Type(TypeId::kInt), ExpandTemplate("spark_json_array_length($1)", call));
  if (call.name == "json_object_keys") {
    return ResultOf(call, Type::Array(Type(TypeId::kString)), ExpandTemplate("spark_json_object_keys($1)", call));
  }
  return ResultOf(call, Type(TypeId::kString), ExpandTemplate("spark_get_json_object($1, $2)", call));
}

Bound BindFromCsv(Call& call) {
  if (!RequireText(call, 0)) return call.binder.Bad(call.expr);
  auto schema = ConstantSchema(call, 1);
  OptionMap options;
  if (!schema || (call.args.size() == 3 && !ConstantOptions(call, 2, &options))) return call.binder.Bad(call.expr);
  if (!schema->is(TypeId::kStruct)) {
    return Mistake(call, "INVALID_SCHEMA.NON_STRUCT_TYPE", fmt::format("from_csv() yields a struct, not {}", schema->ToSimpleString()));
  }
  for (const StructField& field : schema->fields()) {
    if (!field.type.is_nested()) continue;
    return Mistake(call, "UNSUPPORTED_DATATYPE", fmt::format("from_csv() cannot read field {} of type {}", field.name,
                                                             field.type.ToSimpleString()));
  }
  Type type = Nullable(*schema);
  std::string pretty = fmt::format("from_csv({})", call.args[0].pretty);
  Bound out = CallRuntime(call, "from_csv", type, type, std::move(options));
  out.pretty = std::move(pretty);
  return out;
}

/// What to_csv itself prints; the rest is cast to STRING before.
bool PrintsInCsv(const Type& type) {
  return type.is(TypeId::kDate) || type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz) || type.is(TypeId::kBinary);
}

bool HasVariant(const Type& type) {
  switch (type.id()) {
    case TypeId::kVariant: return true;
    case TypeId::kArray: return HasVariant(type.element());
    case TypeId::kMap: return HasVariant(type.value());
    case TypeId::kStruct:
      for (const StructField& field : type.fields()) {
        if (HasVariant(field.type)) return true;
      }
      return false;
    default: return false;
  }
}

Bound BindToCsv(Call& call) {
  OptionMap options;
  if (call.args.size() == 2 && !ConstantOptions(call, 1, &options)) return call.binder.Bad(call.expr);
  Bound& value = call.args[0];
  if (!value.type.is(TypeId::kStruct) || HasVariant(value.type)) {
    return Mistake(call, "DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE",
                   fmt::format("to_csv() cannot print {}", UpperAscii(value.type.ToSimpleString())));
  }
  std::vector<StructField> fields = value.type.fields();
  for (StructField& field : fields) {
    if (!PrintsInCsv(field.type)) field.type = Type(TypeId::kString);
  }
  Type printed = Type::Struct(std::move(fields));
  std::string pretty = fmt::format("to_csv({})", value.pretty);
  value = call.binder.CastAs(std::move(value), printed, CastMode::kLegacy);
  Bound out = CallRuntime(call, "to_csv", printed, Type(TypeId::kString), std::move(options));
  out.pretty = std::move(pretty);
  return out;
}

const FunctionSpec kJsonFunctions[] = {
    {"get_json_object", "a a", "", "", "the part of a JSON text at a path", BindText},
    {"json_array_length", "a", "", "", "how many elements a JSON array has, NULL for other texts", BindText},
    {"json_object_keys", "a", "", "", "the names in a JSON object, NULL for other texts", BindText},
    {"from_json", "a a", "", "", "a struct, map, array or variant of a JSON text", BindFromJson},
    {"from_json", "a a a", "", "", "a struct, map, array or variant of a JSON text, with options", BindFromJson},
    {"to_json", "a", "", "", "JSON text of a struct, map, array or variant", BindToJson},
    {"to_json", "a a", "", "", "JSON text of a struct, map, array or variant, with options", BindToJson},
    {"schema_of_json schema_of_csv", "a", "", "", "the schema of a constant JSON or CSV text, as DDL", BindSchemaOf},
    {"schema_of_json schema_of_csv", "a a", "", "", "the schema of a constant JSON or CSV text, with options", BindSchemaOf},
    {"from_csv", "a a", "", "", "a struct of a line of CSV", BindFromCsv},
    {"from_csv", "a a a", "", "", "a struct of a line of CSV, with options", BindFromCsv},
    {"to_csv", "a", "", "", "a line of CSV of a struct", BindToCsv},
    {"to_csv", "a a", "", "", "a line of CSV of a struct, with options", BindToCsv},
};

}  // namespace

std::span<const FunctionSpec> JsonFunctions() { return kJsonFunctions; }

}  // namespace flare::sql
