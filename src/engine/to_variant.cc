#include <algorithm>

#include "engine/typed_input.h"
#include "engine/variant_cast.h"
#include "sql/coercion.h"
#include "sql/names.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

namespace {

void AppendValue(const TypedInput& node, uint64_t row, std::string* out) {
  if (node.IsNull(row)) return AppendVariantNull(out);
  switch (node.type->id()) {
    case TypeId::kBoolean:
      return AppendVariantBool(node.Value<bool>(row), out);
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return AppendVariantWhole(VariantKind::kLong, node.Whole(row), out);
    case TypeId::kFloat:
      return AppendVariantFloat(node.Value<float>(row), out);
    case TypeId::kDouble:
      return AppendVariantDouble(node.Value<double>(row), out);
    case TypeId::kDecimal:
      return AppendVariantDecimal(node.Unscaled(row), node.type->scale(), out);
    case TypeId::kDate:
      return AppendVariantWhole(VariantKind::kDate, node.Whole(row), out);
    case TypeId::kTimestamp:
      return AppendVariantWhole(VariantKind::kTimestamp, node.Whole(row), out);
    case TypeId::kTimestampNtz:
      return AppendVariantWhole(VariantKind::kTimestampNtz, node.Whole(row), out);
    case TypeId::kBinary:
      return AppendVariantText(VariantKind::kBinary, node.Text(row), out);
    case TypeId::kVariant:
      out->append(node.Text(row));
      return;
    case TypeId::kArray: {
      const auto& entry = node.Value<duckdb_list_entry>(row);
      std::vector<std::string> elements(entry.length);
      for (uint64_t i = 0; i < entry.length; ++i) AppendValue(node.children[0], entry.offset + i, &elements[i]);
      return AppendVariantArray(elements, out);
    }
    case TypeId::kMap: {
      const auto& entry = node.Value<duckdb_list_entry>(row);
      std::vector<std::pair<std::string, std::string>> members(entry.length);
      for (uint64_t i = 0; i < entry.length; ++i) {
        members[i].first = std::string(node.children[0].Text(entry.offset + i));
        AppendValue(node.children[1], entry.offset + i, &members[i].second);
      }
      AppendVariantObject(std::move(members), out);
      return;
    }
    case TypeId::kStruct: {
      std::vector<std::pair<std::string, std::string>> members(node.children.size());
      for (size_t i = 0; i < node.children.size(); ++i) {
        members[i].first = node.type->fields()[i].name;
        AppendValue(node.children[i], row, &members[i].second);
      }
      AppendVariantObject(std::move(members), out);
      return;
    }
    default:
      return AppendVariantText(VariantKind::kString, node.Text(row), out);
  }
}

/// The type of one variant; kVariant where nothing narrower holds all elements.
Type TypeOf(const Variant& variant);

Type Merge(const Type& a, const Type& b) {
  if (a == b || b.is(TypeId::kVoid)) return a;
  if (a.is(TypeId::kVoid)) return b;
  if (a.is(TypeId::kArray) && b.is(TypeId::kArray)) return Type::Array(Merge(a.element(), b.element()));
  if (a.is(TypeId::kStruct) && b.is(TypeId::kStruct)) {
    std::vector<sql::StructField> fields = a.fields();
    for (const sql::StructField& field : b.fields()) {
      auto same = std::find_if(fields.begin(), fields.end(), [&](const auto& known) { return known.name == field.name; });
      if (same == fields.end()) {
        fields.push_back(field);
      } else {
        same->type = Merge(same->type, field.type);
      }
    }
    std::sort(fields.begin(), fields.end(), [](const auto& x, const auto& y) { return x.name < y.name; });
    return Type::Struct(std::move(fields));
  }
  bool numbers = a.is_numeric() && b.is_numeric();
  if (numbers && (a.is(TypeId::kDecimal) || b.is(TypeId::kDecimal))) {
    Type left = a.is(TypeId::kLong) ? Type::Decimal(20, 0) : a;
    Type right = b.is(TypeId::kLong) ? Type::Decimal(20, 0) : b;
    if (!left.is(TypeId::kDecimal) || !right.is(TypeId::kDecimal)) return Type(TypeId::kDouble);
    int scale = std::max(left.scale(), right.scale());
    int range = std::max(left.precision() - left.scale(), right.precision() - right.scale());
    return range + scale > 38 ? Type(TypeId::kDouble) : Type::Decimal(range + scale, scale);
  }
  bool nested = a.is_nested() || b.is_nested();
  auto common = nested ? std::nullopt : sql::TightestCommonType(a, b);
  return common ? *common : Type(TypeId::kVariant);
}

Type DecimalTypeOf(const Variant& variant) {
  Int128 unscaled = variant.Unscaled();
  int scale = variant.scale();
  while (scale > 0 && unscaled % 10 == 0) {
    unscaled /= 10;
    --scale;
  }
  int precision = 0;
  for (; unscaled != 0; unscaled /= 10) ++precision;
  return Type::Decimal(std::max({precision, scale, 1}), scale);
}

Type TypeOf(const Variant& variant) {
  switch (variant.kind()) {
    case VariantKind::kNull:
      return Type();
    case VariantKind::kFalse:
    case VariantKind::kTrue:
      return Type(TypeId::kBoolean);
    case VariantKind::kLong:
      return Type(TypeId::kLong);
    case VariantKind::kDouble:
      return Type(TypeId::kDouble);
    case VariantKind::kFloat:
      return Type(TypeId::kFloat);
    case VariantKind::kDecimal:
      return DecimalTypeOf(variant);
    case VariantKind::kString:
      return Type(TypeId::kString);
    case VariantKind::kDate:
      return Type(TypeId::kDate);
    case VariantKind::kTimestamp:
      return Type(TypeId::kTimestamp);
    case VariantKind::kTimestampNtz:
      return Type(TypeId::kTimestampNtz);
    case VariantKind::kBinary:
      return Type(TypeId::kBinary);
    case VariantKind::kArray: {
      Type element;
      for (size_t i = 0; i < variant.size(); ++i) element = Merge(element, TypeOf(variant.Element(i)));
      return Type::Array(std::move(element));
    }
    case VariantKind::kObject: {
      std::vector<sql::StructField> fields;
      for (size_t i = 0; i < variant.size(); ++i) {
        fields.push_back({std::string(variant.Key(i)), TypeOf(variant.Element(i)), true, ""});
      }
      return Type::Struct(std::move(fields));
    }
  }
  return Type();
}

std::string TextOf(const Type& type) {
  if (type.is(TypeId::kArray)) return "ARRAY<" + TextOf(type.element()) + ">";
  if (!type.is(TypeId::kStruct)) return type.ToDdl();
  std::string text;
  for (const sql::StructField& field : type.fields()) {
    text += (text.empty() ? "" : ", ") + sql::QuoteNameIfNeeded(field.name) + ": " + TextOf(field.type);
  }
  return "OBJECT<" + text + ">";
}

}  // namespace

Result<std::shared_ptr<const ToVariant>> ToVariant::Make(const Type& type) {
  auto maker = std::shared_ptr<ToVariant>(new ToVariant());
  maker->type_ = type;
  return std::shared_ptr<const ToVariant>(std::move(maker));
}

void ToVariant::Run(ScalarCall& call) const {
  OwnedVector input = FlatCopy(call.input(0), call.rows());
  TypedInput root = MakeTypedInput(type_, input.get());
  StringWriter writer(call.output());
  std::string variant;
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (root.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    variant.clear();
    AppendValue(root, row, &variant);
    writer.SetCopy(row, variant);
  }
}

std::string SchemaOfVariants(const std::vector<Variant>& variants) {
  Type type;
  for (const Variant& variant : variants) type = Merge(type, TypeOf(variant));
  return TextOf(type);
}

}  // namespace flare::engine
