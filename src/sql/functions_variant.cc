#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"
#include "sql/runtime_call.h"

namespace flare::sql {
namespace {

const Type kVariantType(TypeId::kVariant);

/// NULL becomes a variant; anything else that is none is reported.
bool RequireVariant(Call& call, size_t index) {
  Bound& arg = call.args[index];
  if (arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), kVariantType);
  if (arg.type.is(TypeId::kVariant)) return true;
  WrongArgument(call, index, "a VARIANT");
  return false;
}

Bound BindParseJson(Call& call) {
  if (!RequireText(call, 0)) return call.binder.Bad(call.expr);
  return ResultOf(call, kVariantType, fmt::format("spark_{}({})", call.name, call.args[0].sql));
}

Bound BindVariantGet(Call& call) {
  if (!RequireVariant(call, 0) || !RequireText(call, 1)) return call.binder.Bad(call.expr);
  Type type = kVariantType;
  if (call.args.size() == 3) {
    auto named = ConstantSchema(call, 2);
    if (!named) return call.binder.Bad(call.expr);
    type = Nullable(*named);
  }
  if (!CanCast(kVariantType, type, true)) {
    call.binder.Report("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
                       fmt::format("cannot cast VARIANT to {}", UpperAscii(type.ToSimpleString())), call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  std::string pretty = fmt::format("{}({}, {})", call.name, call.args[0].pretty, call.args[1].pretty);
  OptionMap options = {{"function", call.name}, {"try", call.name == "try_variant_get" ? "true" : "false"}};
  Bound out = CallRuntime(call, "variant_get", type, type, std::move(options),
                          fmt::format("{}, {}", call.args[0].sql, call.args[1].sql));
  out.nullable = true;
  out.pretty = std::move(pretty);
  return out;
}

Bound BindIsVariantNull(Call& call) {
  if (!RequireVariant(call, 0)) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, Type(TypeId::kBoolean), ExpandTemplate("coalesce(spark_is_variant_null($1), false)", call));
  out.nullable = false;
  return out;
}

Bound BindSchemaOfVariant(Call& call) {
  if (!RequireVariant(call, 0)) return call.binder.Bad(call.expr);
  return ResultOf(call, Type(TypeId::kString), ExpandTemplate("spark_schema_of_variant($1)", call));
}

bool BecomesVariant(const Type& type) {
  switch (type.id()) {
    case TypeId::kVoid:
    case TypeId::kIntervalYearMonth:
    case TypeId::kIntervalDayTime:
    case TypeId::kIntervalCalendar: return false;
    case TypeId::kArray: return BecomesVariant(type.element());
    case TypeId::kMap: return type.key().is(TypeId::kString) && BecomesVariant(type.value());
    case TypeId::kStruct:
      for (const StructField& field : type.fields()) {
        if (!BecomesVariant(field.type)) return false;
      }
      return true;
    default: return true;
  }
}

Bound BindToVariantObject(Call& call) {
  const Type type = call.args[0].type;
  if (!type.is_nested() || !BecomesVariant(type)) {
    call.binder.Report("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
                       fmt::format("cannot cast {} to VARIANT", UpperAscii(type.ToSimpleString())), call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  return CallRuntime(call, "to_variant", type, kVariantType, {});
}

const FunctionSpec kVariantFunctions[] = {
    {"parse_json try_parse_json", "a", "", "", "the variant of a JSON text; try_ makes NULL of what is none", BindParseJson},
    {"variant_get try_variant_get", "a a", "", "", "the part of a variant at a path", BindVariantGet},
    {"variant_get try_variant_get", "a a a", "", "", "the part of a variant at a path, cast to a type", BindVariantGet},
    {"is_variant_null", "a", "", "", "whether a variant holds JSON's null", BindIsVariantNull},
    {"schema_of_variant", "a", "", "", "the type of a variant's value", BindSchemaOfVariant},
    {"to_variant_object", "a", "", "", "a struct, map or array as a variant", BindToVariantObject},
};

}  // namespace

std::span<const FunctionSpec> VariantFunctions() { return kVariantFunctions; }

Bound BindSchemaOfVariantAgg(Call& call) {
  if (!RequireVariant(call, 0)) return call.binder.Bad(call.expr);
  return ResultOf(call, Type(TypeId::kString), ExpandTemplate("spark_schema_of_variants(list($1)$f)", call));
}

}  // namespace flare::sql
