#include "sql/runtime_call.h"

#include <fmt/format.h>

#include <algorithm>

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

/// Makes the function known; its name.
std::string AddRuntime(Binder& binder, const std::string& kind, const Type& type, OptionMap options) {
  // what the session adds: timestamps without a zone stand in it
  options.emplace("timezone", binder.scope().time_zone);
  std::string content = kind + "\n" + type.ToJson();
  for (const auto& [name, value] : options) content += fmt::format("\n{}={}", name, value);
  RuntimeFunction function;
  function.kind = kind;
  function.duckdb_name = fmt::format("spark_{}_{}", kind, Digest(content));
  function.result = type;
  function.options = std::move(options);
  std::string name = function.duckdb_name;
  binder.AddFunction(std::move(function));
  return name;
}

std::string_view Trimmed(std::string_view text) {
  size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return text.substr(begin);
}

}  // namespace

std::optional<std::string> ConstantText(Call& call, size_t index, std::string_view what) {
  const Bound& arg = call.args[index];
  if (!arg.type.is(TypeId::kString) && !arg.type.is(TypeId::kVoid)) {
    call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                       fmt::format("{} of {}() must be a STRING, but {} is {}", what, call.name, arg.pretty,
                                   UpperAscii(arg.type.ToSimpleString())), arg.begin);
    return std::nullopt;
  }
  bool constant = true;
  auto text = call.binder.Constant(arg, &constant);
  if (text) return text;
  if (constant) {
    call.binder.Report("DATATYPE_MISMATCH.UNEXPECTED_NULL", fmt::format("{} of {}() must not be NULL", what, call.name), arg.begin);
  } else {
    call.binder.Report("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                       fmt::format("{} of {}() must be a constant, found {}", what, call.name, arg.pretty), arg.begin);
  }
  return std::nullopt;
}

bool ConstantOptions(Call& call, size_t index, OptionMap* options) {
  const Expr& expr = *call.expr.args[index];
  bool is_map = expr.kind == ExprKind::kCall && EqualIgnoreCase(expr.text, "map") && expr.args.size() % 2 == 0;
  if (!is_map) {
    call.binder.Report("INVALID_OPTIONS.NON_MAP_FUNCTION", fmt::format("the options of {}() must be a constant map()", call.name),
                       expr.begin, "", "map('mode', 'PERMISSIVE')");
    return false;
  }
  const Type& type = call.args[index].type;
  bool texts = expr.args.empty() || (type.key().is(TypeId::kString) && type.value().is(TypeId::kString));
  if (!texts) {
    call.binder.Report("INVALID_OPTIONS.NON_STRING_TYPE",
                       fmt::format("names and values of the options of {}() must be STRING, found {}", call.name,
                                   UpperAscii(type.ToSimpleString())), expr.begin);
    return false;
  }
  for (size_t i = 0; i < expr.args.size(); i += 2) {
    bool constant = true;
    auto name = call.binder.Constant(call.binder.BindExpr(*expr.args[i]), &constant);
    auto value = call.binder.Constant(call.binder.BindExpr(*expr.args[i + 1]), &constant);
    if (!constant || !name) {
      call.binder.Report("INVALID_OPTIONS.NON_MAP_FUNCTION", fmt::format("the options of {}() must be constants", call.name),
                         expr.args[i]->begin);
      return false;
    }
    if (value) (*options)[LowerAscii(*name)] = *value;
  }
  return true;
}

std::optional<Type> ConstantSchema(Call& call, size_t index) {
  const Bound& arg = call.args[index];
  if (!arg.type.is(TypeId::kString)) {
    call.binder.Report("INVALID_SCHEMA.NON_STRING_LITERAL",
                       fmt::format("the schema of {}() must be a constant STRING, found {}", call.name, arg.pretty), arg.begin);
    return std::nullopt;
  }
  auto text = ConstantText(call, index, "the schema");
  if (!text) return std::nullopt;
  std::string_view trimmed = Trimmed(*text);
  auto type = trimmed.starts_with("{") || trimmed.starts_with("\"") ? ParseTypeJson(trimmed) : ParseTypeDdl(trimmed);
  if (type.has_value()) return *std::move(type);
  auto schema = ParseSchemaDdl(trimmed);
  if (schema.has_value()) return Type::Struct(*std::move(schema));
  const Error& problem = trimmed.starts_with("{") ? type.error() : schema.error();
  call.binder.Report("INVALID_SCHEMA.PARSE_ERROR", fmt::format("the schema of {}() cannot be read: {}", call.name, problem.ToText()),
                     arg.begin);
  return std::nullopt;
}

bool RequireText(Call& call, size_t index) {
  Bound& arg = call.args[index];
  if (arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kString));
  if (arg.type.is(TypeId::kString)) return true;
  WrongArgument(call, index, "a STRING");
  return false;
}

Bound CallRuntime(Call& call, const std::string& kind, const Type& type, const Type& result, OptionMap options,
                  std::string arguments) {
  std::string name = AddRuntime(call.binder, kind, type, std::move(options));
  if (arguments.empty()) arguments = call.args[0].sql;
  return ResultOf(call, result, fmt::format("{}({})", name, arguments));
}

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

Bound CastVariant(Binder& binder, Bound value, const Type& to, bool is_try) {
  if (to.is(TypeId::kVariant)) {
    std::string name = AddRuntime(binder, "to_variant", WithoutVoid(value.type), {});
    value.sql = fmt::format("{}({})", name, value.sql);
  } else {
    std::string name = AddRuntime(binder, "variant_get", to, {{"function", "variant_get"}, {"try", is_try ? "true" : "false"}});
    value.sql = fmt::format("{}({}, '$')", name, value.sql);
    value.nullable = true;
  }
  value.type = to;
  value.is_literal = false;
  return value;
}

}  // namespace flare::sql
