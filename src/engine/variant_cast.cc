#include "engine/variant_cast.h"

#include <cctype>
#include <cmath>
#include <limits>

#include "engine/civil_time.h"
#include "engine/date_time_text.h"
#include "engine/number_text.h"
#include "engine/recent.h"
#include "engine/typed_output.h"
#include "engine/utf8.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

namespace {

/// The number of a text, or nullopt; `whole` without a fraction.
std::optional<double> NumberOf(const Variant& variant) {
  switch (variant.kind()) {
    case VariantKind::kFalse:
      return 0;
    case VariantKind::kTrue:
      return 1;
    case VariantKind::kLong:
      return static_cast<double>(variant.Whole());
    case VariantKind::kDouble:
      return variant.Double();
    case VariantKind::kFloat:
      return variant.Float();
    case VariantKind::kDecimal:
      return ParseDouble(DecimalText(variant.Unscaled(), variant.scale()));
    case VariantKind::kString:
      return ParseDouble(variant.Text());
    case VariantKind::kTimestamp:
      return static_cast<double>(variant.Whole()) / 1e6;
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> WholeOf(const Variant& variant) {
  switch (variant.kind()) {
    case VariantKind::kFalse:
      return 0;
    case VariantKind::kTrue:
      return 1;
    case VariantKind::kLong:
      return variant.Whole();
    case VariantKind::kString:
      return ParseLong(variant.Text(), false);
    case VariantKind::kTimestamp:
      return FloorDiv(variant.Whole(), kMicrosPerSecond);
    case VariantKind::kDecimal: {
      std::string text = DecimalText(variant.Unscaled(), variant.scale());
      return ParseLong(text.substr(0, text.find('.')), false);
    }
    case VariantKind::kDouble:
    case VariantKind::kFloat: {
      double number = *NumberOf(variant);
      constexpr double kLimit = 9223372036854775808.0;
      if (!(number < kLimit && number >= -kLimit)) return std::nullopt;
      return static_cast<int64_t>(number);
    }
    default:
      return std::nullopt;
  }
}

/// Plain decimal text.
std::optional<std::string> DigitsOf(const Variant& variant) {
  switch (variant.kind()) {
    case VariantKind::kFalse:
      return "0";
    case VariantKind::kTrue:
      return "1";
    case VariantKind::kLong:
      return std::to_string(variant.Whole());
    case VariantKind::kDecimal:
      return DecimalText(variant.Unscaled(), variant.scale());
    case VariantKind::kString:
      return ParseDecimal(variant.Text());
    case VariantKind::kDouble:
    case VariantKind::kFloat:
      return ParseDecimal(JavaDoubleText(*NumberOf(variant)));
    case VariantKind::kTimestamp:
      return DecimalText(variant.Whole(), 6);
    default:
      return std::nullopt;
  }
}

std::optional<bool> BoolOf(const Variant& variant) {
  if (variant.kind() == VariantKind::kString) return ParseBoolean(variant.Text());
  if (variant.kind() == VariantKind::kTimestamp) return std::nullopt;
  if (variant.kind() == VariantKind::kDecimal) return variant.Unscaled() != 0;
  auto number = NumberOf(variant);
  if (!number) return std::nullopt;
  return *number != 0;
}

std::optional<int32_t> DateFrom(const Variant& variant, const TimeZone& zone) {
  switch (variant.kind()) {
    case VariantKind::kDate:
      return static_cast<int32_t>(variant.Whole());
    case VariantKind::kString:
      return CastToDate(variant.Text());
    case VariantKind::kTimestamp:
      return static_cast<int32_t>(FloorDiv(zone.ToLocalMicros(variant.Whole()), kMicrosPerDay));
    case VariantKind::kTimestampNtz:
      return static_cast<int32_t>(FloorDiv(variant.Whole(), kMicrosPerDay));
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> TimestampFrom(const Variant& variant, const TimeZone& zone) {
  int64_t micros = 0;
  switch (variant.kind()) {
    case VariantKind::kTimestamp:
      return variant.Whole();
    case VariantKind::kTimestampNtz:
      return zone.ToUtcMicros(variant.Whole());
    case VariantKind::kDate:
      return zone.ToUtcMicros(variant.Whole() * kMicrosPerDay);
    case VariantKind::kString:
      return CastToTimestamp(variant.Text(), zone);
    case VariantKind::kLong:
      if (__builtin_mul_overflow(variant.Whole(), kMicrosPerSecond, &micros)) return std::nullopt;
      return micros;
    case VariantKind::kDecimal: {
      std::string text = DecimalText(variant.Unscaled(), variant.scale());
      size_t point = text.find('.');
      std::string digits = text.substr(0, point);
      std::string fraction = point == text.npos ? "" : text.substr(point + 1);
      fraction.resize(6, '0');
      return ParseLong(digits + fraction, false);
    }
    case VariantKind::kDouble:
    case VariantKind::kFloat: {
      double value = *NumberOf(variant) * 1e6;
      if (!(std::fabs(value) < 9.2e18)) return std::nullopt;
      return static_cast<int64_t>(value);
    }
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> TimestampNtzFrom(const Variant& variant, const TimeZone& zone) {
  switch (variant.kind()) {
    case VariantKind::kTimestampNtz:
      return variant.Whole();
    case VariantKind::kTimestamp:
      return zone.ToLocalMicros(variant.Whole());
    case VariantKind::kDate:
      return variant.Whole() * kMicrosPerDay;
    case VariantKind::kString:
      return CastToTimestampNtz(variant.Text());
    default:
      return std::nullopt;
  }
}

/// Writes one variant into a typed vector.
class Caster {
 public:
  Caster(const TimeZone& zone, bool is_try) : zone_(zone), is_try_(is_try) {}

  /// False when a value cannot be cast and that is an error; `offender` has it then.
  bool Cast(const Variant& variant, TypedOutput& node, uint64_t row) {
    if (node.type->is(TypeId::kVariant)) {
      node.SetText(row, variant.bytes(), true);
      return true;
    }
    node.SetNull(row);
    if (variant.is_null()) return true;
    switch (node.type->id()) {
      case TypeId::kStruct:
        return variant.kind() == VariantKind::kObject ? CastStruct(variant, node, row) : Fail(variant, node);
      case TypeId::kMap:
        return variant.kind() == VariantKind::kObject ? CastMap(variant, node, row) : Fail(variant, node);
      case TypeId::kArray:
        return variant.kind() == VariantKind::kArray ? CastArray(variant, node, row) : Fail(variant, node);
      default:
        return CastScalar(variant, node, row) || Fail(variant, node);
    }
  }
  const std::string& offender() const { return offender_; }
  const Type& wanted() const { return wanted_; }

 private:
  bool Fail(const Variant& variant, const TypedOutput& node) {
    if (is_try_) return true;
    offender_.clear();
    variant.AppendJson(zone_, &offender_);
    wanted_ = *node.type;
    return false;
  }

  bool CastStruct(const Variant& variant, TypedOutput& node, uint64_t row) {
    node.SetValid(row);
    const auto& fields = node.type->fields();
    for (size_t i = 0; i < fields.size(); ++i) {
      auto value = variant.Find(fields[i].name);
      if (value && !Cast(*value, node.children[i], row)) return false;
    }
    return true;
  }

  bool CastMap(const Variant& variant, TypedOutput& node, uint64_t row) {
    uint64_t first = node.list_size;
    for (size_t i = 0; i < variant.size(); ++i) {
      uint64_t entry = node.Append();
      node.children[0].SetText(entry, variant.Key(i), true);
      if (!Cast(variant.Element(i), node.children[1], entry)) return false;
    }
    node.SetEntry(row, first);
    return true;
  }

  bool CastArray(const Variant& variant, TypedOutput& node, uint64_t row) {
    uint64_t first = node.list_size;
    for (size_t i = 0; i < variant.size(); ++i) {
      uint64_t element = node.Append();
      if (!Cast(variant.Element(i), node.children[0], element)) return false;
    }
    node.SetEntry(row, first);
    return true;
  }

  template <class T>
  static bool Set(TypedOutput& node, uint64_t row, std::optional<T> value) {
    if (value) node.Set(row, *value);
    return value.has_value();
  }

  template <class T>
  static bool SetWhole(TypedOutput& node, uint64_t row, const Variant& variant) {
    auto value = WholeOf(variant);
    if (!value || *value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max()) return false;
    node.Set(row, static_cast<T>(*value));
    return true;
  }

  bool CastScalar(const Variant& variant, TypedOutput& node, uint64_t row) const {
    switch (node.type->id()) {
      case TypeId::kBoolean:
        return Set(node, row, BoolOf(variant));
      case TypeId::kByte:
        return SetWhole<int8_t>(node, row, variant);
      case TypeId::kShort:
        return SetWhole<int16_t>(node, row, variant);
      case TypeId::kInt:
        return SetWhole<int32_t>(node, row, variant);
      case TypeId::kLong:
        return SetWhole<int64_t>(node, row, variant);
      case TypeId::kFloat: {
        auto number = variant.kind() == VariantKind::kString ? std::nullopt : NumberOf(variant);
        if (variant.kind() == VariantKind::kString) return Set(node, row, ParseFloat(variant.Text()));
        return Set(node, row, number ? std::optional(static_cast<float>(*number)) : std::nullopt);
      }
      case TypeId::kDouble:
        return Set(node, row, NumberOf(variant));
      case TypeId::kDecimal: {
        auto digits = DigitsOf(variant);
        auto value = digits ? ScaledDecimal(*digits, node.type->precision(), node.type->scale()) : std::nullopt;
        if (value) node.SetDecimal(row, *value);
        return value.has_value();
      }
      case TypeId::kString:
        node.SetText(row, variant.kind() == VariantKind::kBinary ? ReplaceInvalidUtf8(variant.Text()) : variant.ToText(zone_),
                     true);
        return true;
      case TypeId::kBinary:
        if (variant.kind() != VariantKind::kBinary && variant.kind() != VariantKind::kString) return false;
        node.SetText(row, variant.Text(), true);
        return true;
      case TypeId::kDate:
        return Set(node, row, DateFrom(variant, zone_));
      case TypeId::kTimestamp:
        return Set(node, row, TimestampFrom(variant, zone_));
      case TypeId::kTimestampNtz:
        return Set(node, row, TimestampNtzFrom(variant, zone_));
      default:
        return false;
    }
  }

  const TimeZone& zone_;
  bool is_try_;
  std::string offender_;
  Type wanted_;
};

std::string UpperName(const Type& type) {
  std::string name = type.ToSimpleString();
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

Result<std::shared_ptr<const VariantGet>> VariantGet::Make(const Type& type,
                                                           const std::map<std::string, std::string>& options) {
  auto get = std::shared_ptr<VariantGet>(new VariantGet());
  get->type_ = type;
  auto find = [&](const char* name, const char* other) {
    auto it = options.find(name);
    return it == options.end() ? std::string(other) : it->second;
  };
  ASSIGN_OR_RETURN(get->zone_, TimeZone::Find(find("timezone", "UTC")));
  get->function_ = find("function", "variant_get");
  get->is_try_ = find("try", "false") == "true";
  return std::shared_ptr<const VariantGet>(std::move(get));
}

void VariantGet::Run(ScalarCall& call) const {
  TypedOutput root = MakeTypedOutput(type_);
  root.Bind(call.output());
  StringReader variants(call.input(0));
  StringReader texts(call.input(1));
  Recent<VariantPath> paths;
  Caster caster(*zone_, is_try_);
  for (uint64_t row = 0; row < call.rows(); ++row) {
    root.SetNull(row);
    if (variants.IsNull(row) || texts.IsNull(row)) continue;
    auto path = paths.Get(texts.View(row), [&](std::string_view text) -> Result<VariantPath> {
      if (auto parsed = VariantPath::Parse(text)) return *std::move(parsed);
      return InvalidArgument(
          "[INVALID_VARIANT_GET_PATH] The path `{}` is not a valid variant extraction path in `{}`. A valid path should "
          "start with `$` and is followed by zero or more segments like `[123]`, `.name`, `['name']`, or `[\"name\"]`.",
          text, function_);
    });
    if (!path.has_value()) return call.Fail(std::move(path).error());
    auto found = (*path)->Find(Variant(variants.View(row)));
    if (!found || caster.Cast(*found, root, row)) continue;
    return call.Fail(InvalidArgument(
        "[INVALID_VARIANT_CAST] The variant value `{}` cannot be cast into `\"{}\"`. Please use `try_variant_get` instead.",
        caster.offender(), UpperName(caster.wanted())));
  }
  CommitListSizes(root);
}

}  // namespace flare::engine
