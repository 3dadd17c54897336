#include <fmt/format.h>

#include <map>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

/// FNV-1a: equal content gives the equal name, in every process.
std::string Digest(const std::string& text) {
  uint64_t hash = 1469598103934665603ULL;
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
  return fmt::format("{:016x}", hash);
}

/// The constant map('mode', 'FAILFAST', ...) that holds options.
bool ReadOptions(Call& call, size_t index, std::map<std::string, std::string>* options) {
  const Expr& expr = *call.expr.args[index];
  bool is_map = expr.kind == ExprKind::kCall && EqualIgnoreCase(expr.text, "map") && expr.args.size() % 2 == 0;
  for (size_t i = 0; is_map && i < expr.args.size(); ++i) is_map = expr.args[i]->kind == ExprKind::kLiteral;
  if (!is_map) {
    call.binder.Report("INVALID_OPTIONS.NON_MAP_FUNCTION", fmt::format("the options of {}() must be a constant map()", call.name),
                       expr.begin, "", "map('mode', 'PERMISSIVE')");
    return false;
  }
  for (size_t i = 0; i < expr.args.size(); i += 2) (*options)[LowerAscii(expr.args[i]->text)] = expr.args[i + 1]->text;
  return true;
}

Bound CallRuntime(Call& call, std::string kind, const Type& type, const Type& result, std::map<std::string, std::string> options) {
  // what the session adds: timestamps without a zone stand in it
  options.emplace("timezone", call.binder.scope().time_zone);
  std::string content = kind + "\n" + type.ToJson();
  for (const auto& [name, value] : options) content += fmt::format("\n{}={}", name, value);
  RuntimeFunction function;
  function.kind = kind;
  function.duckdb_name = fmt::format("spark_{}_{}", kind, Digest(content));
  function.result = type;
  function.options = std::move(options);
  std::string name = function.duckdb_name;
  call.binder.AddFunction(std::move(function));
  return ResultOf(call, result, fmt::format("{}({})", name, call.args[0].sql));
}

/// NULL without a type stands in DuckDB as an INTEGER: the same type with that said.
Type WithoutVoid(const Type& type) {
  switch (type.id()) {
    case TypeId::kVoid: return Type(TypeId::kInt);
    case TypeId::kArray: return Type::Array(WithoutVoid(type.element()));
    case TypeId::kMap: return Type::Map(WithoutVoid(type.key()), WithoutVoid(type.value()));
    case TypeId::kStruct: {
      std::vector<StructField> fields = type.fields();
      for (StructField& field : fields) field.type = WithoutVoid(field.type);
      return Type::Struct(std::move(fields));
    }
    default: return type;
  }
}

/// Everything read from text may be absent.
Type Nullable(const Type& type) {
  switch (type.id()) {
    case TypeId::kArray: return Type::Array(Nullable(type.element()));
    case TypeId::kMap: return Type::Map(Nullable(type.key()), Nullable(type.value()));
    case TypeId::kStruct: {
      std::vector<StructField> fields;
      for (const StructField& field : type.fields()) fields.push_back({field.name, Nullable(field.type), true, field.comment});
      return Type::Struct(std::move(fields));
    }
    default: return type;
  }
}

Bound BindFromJson(Call& call) {
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), Type(TypeId::kString), call.name, 0);
  if (call.args[0].bad) return call.args[0];
  auto text = LiteralArgument(call, 1, "the schema");
  if (!text) return call.binder.Bad(call.expr);
  std::string trimmed = text->substr(std::min(text->find_first_not_of(" \t\r\n"), text->size()));
  Type type;
  std::string problem;
  if (trimmed.starts_with("{")) {
    auto schema = ParseSchemaJson(trimmed);
    if (schema.has_value()) type = Type::Struct(*std::move(schema));
    else problem = schema.error().ToText();
  } else {
    auto schema = ParseSchemaDdl(trimmed);
    auto single = ParseTypeDdl(trimmed);
    if (single.has_value()) type = *single;
    else if (schema.has_value()) type = Type::Struct(*std::move(schema));
    else problem = schema.error().ToText();
  }
  if (problem.empty() && !type.is_nested()) problem = fmt::format("from_json() yields a struct, an array or a map, not {}", type.ToSimpleString());
  if (!problem.empty()) {
    call.binder.Report("INVALID_SCHEMA.PARSE_ERROR", fmt::format("the schema of from_json() cannot be read: {}", problem), call.args[1].begin);
    return call.binder.Bad(call.expr);
  }
  std::map<std::string, std::string> options;
  if (call.args.size() == 3 && !ReadOptions(call, 2, &options)) return call.binder.Bad(call.expr);
  std::string mode = options.contains("mode") ? UpperAscii(options["mode"]) : "PERMISSIVE";
  if (mode != "PERMISSIVE" && mode != "FAILFAST") {
    call.binder.Report("PARSE_MODE_UNSUPPORTED", fmt::format("from_json() does not know the mode {}", mode), call.args[2].begin, "",
                       "PERMISSIVE or FAILFAST");
    return call.binder.Bad(call.expr);
  }
  type = Nullable(type);
  Bound out = CallRuntime(call, "from_json", type, type, std::move(options));
  out.pretty = fmt::format("from_json({})", call.args[0].pretty);
  return out;
}

Bound BindToJson(Call& call) {
  const Bound& value = call.args[0];
  if (!value.type.is_nested()) return WrongArgument(call, 0, "a struct, map or array");
  std::map<std::string, std::string> options;
  if (call.args.size() == 2 && !ReadOptions(call, 1, &options)) return call.binder.Bad(call.expr);
  Bound out = CallRuntime(call, "to_json", WithoutVoid(value.type), Type(TypeId::kString), std::move(options));
  out.pretty = fmt::format("to_json({})", value.pretty);
  return out;
}

const FunctionSpec kJsonFunctions[] = {
    {"get_json_object", "s s", "string", "spark_get_json_object($1, $2)", "the part of a JSON text at a path"},
    {"from_json", "a a", "", "", "a struct, map or array of a JSON text", BindFromJson},
    {"from_json", "a a a", "", "", "a struct, map or array of a JSON text, with options", BindFromJson},
    {"to_json", "a", "", "", "JSON text of a struct, map or array", BindToJson},
    {"to_json", "a a", "", "", "JSON text of a struct, map or array, with options", BindToJson},
};

}  // namespace

std::span<const FunctionSpec> JsonFunctions() { return kJsonFunctions; }

}  // namespace flare::sql
