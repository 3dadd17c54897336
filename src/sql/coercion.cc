#include "sql/coercion.h"

#include <algorithm>

namespace flare::sql {
namespace {

bool IsDatetime(const Type& type) {
  return type.is(TypeId::kDate) || type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz);
}

int NumericRank(TypeId id) {
  switch (id) {
    case TypeId::kByte: return 1;
    case TypeId::kShort: return 2;
    case TypeId::kInt: return 3;
    case TypeId::kLong: return 4;
    case TypeId::kFloat: return 5;
    default: return 6;
  }
}

std::optional<Type> NumericCommonType(const Type& left, const Type& right) {
  bool left_decimal = left.is(TypeId::kDecimal);
  bool right_decimal = right.is(TypeId::kDecimal);
  if (left_decimal && right_decimal) return WiderDecimal(left, right);
  if (left_decimal || right_decimal) {
    const Type& decimal = left_decimal ? left : right;
    const Type& other = left_decimal ? right : left;
    if (other.is_integral()) return WiderDecimal(decimal, DecimalForIntegral(other.id()));
    return Type(TypeId::kDouble);
  }
  return NumericRank(left.id()) >= NumericRank(right.id()) ? left : right;
}

using Combine = std::optional<Type> (*)(const Type&, const Type&);

std::optional<Type> NestedCommonType(const Type& left, const Type& right, Combine combine) {
  if (left.id() != right.id()) return std::nullopt;
  if (left.is(TypeId::kArray)) {
    auto element = combine(left.element(), right.element());
    if (!element) return std::nullopt;
    return Type::Array(*element, left.contains_null() || right.contains_null());
  }
  if (left.is(TypeId::kMap)) {
    auto key = combine(left.key(), right.key());
    auto value = combine(left.value(), right.value());
    if (!key || !value) return std::nullopt;
    return Type::Map(*key, *value, left.contains_null() || right.contains_null());
  }
  if (left.is(TypeId::kStruct) && left.fields().size() == right.fields().size()) {
    std::vector<StructField> fields;
    for (size_t i = 0; i < left.fields().size(); ++i) {
      auto type = combine(left.fields()[i].type, right.fields()[i].type);
      if (!type) return std::nullopt;
      fields.push_back({left.fields()[i].name, *type, left.fields()[i].nullable || right.fields()[i].nullable, ""});
    }
    return Type::Struct(std::move(fields));
  }
  return std::nullopt;
}

/// What a variant can be cast to.
bool IsVariantTarget(const Type& type) {
  switch (type.id()) {
    case TypeId::kArray: return IsVariantTarget(type.element());
    case TypeId::kMap: return type.key().is(TypeId::kString) && IsVariantTarget(type.value());
    case TypeId::kStruct:
      return std::all_of(type.fields().begin(), type.fields().end(),
                         [](const StructField& field) { return IsVariantTarget(field.type); });
    case TypeId::kVoid: return false;
    default: return !type.is_interval();
  }
}

std::optional<Type> WiderWithStrings(const Type& left, const Type& right) { return WiderType(left, right, true); }
std::optional<Type> WiderWithoutStrings(const Type& left, const Type& right) { return WiderType(left, right, false); }

}  // namespace

std::optional<Type> TightestCommonType(const Type& left, const Type& right) {
  if (left == right) return left;
  if (left.is(TypeId::kVoid)) return right;
  if (right.is(TypeId::kVoid)) return left;
  if (left.is_numeric() && right.is_numeric()) return NumericCommonType(left, right);
  if (IsDatetime(left) && IsDatetime(right)) {
    if (left.is(TypeId::kDate)) return right;
    if (right.is(TypeId::kDate)) return left;
    return Type(TypeId::kTimestamp);
  }
  if (left.is_ansi_interval() && left.id() == right.id()) {
    return Type::Interval(std::min(left.first_field(), right.first_field()), std::max(left.last_field(), right.last_field()));
  }
  return NestedCommonType(left, right, TightestCommonType);
}

std::optional<Type> WiderType(const Type& left, const Type& right, bool strings) {
  if (auto type = TightestCommonType(left, right)) return type;
  if (strings) {
    bool left_string = left.is(TypeId::kString);
    bool right_string = right.is(TypeId::kString);
    const Type& other = left_string ? right : left;
    if ((left_string || right_string) && !other.is_nested() && !other.is(TypeId::kBinary) &&
        !other.is(TypeId::kBoolean) && !other.is(TypeId::kIntervalCalendar)) {
      return Type(TypeId::kString);
    }
  }
  return NestedCommonType(left, right, strings ? WiderWithStrings : WiderWithoutStrings);
}

std::optional<Type> AnsiWiderType(const Type& left, const Type& right) {
  bool floating = left.is(TypeId::kFloat) || right.is(TypeId::kFloat);
  if (floating && (left.is_integral() || right.is_integral())) return Type(TypeId::kDouble);
  if (left.is_nested() && left.id() == right.id()) return NestedCommonType(left, right, AnsiWiderType);
  if (auto type = TightestCommonType(left, right)) return type;
  bool left_string = left.is(TypeId::kString);
  if (left_string == right.is(TypeId::kString)) return std::nullopt;
  const Type& other = left_string ? right : left;
  if (other.is_nested() || other.is_interval()) return std::nullopt;
  if (other.is_integral()) return Type(TypeId::kLong);
  return other.is_numeric() ? Type(TypeId::kDouble) : other;
}

std::optional<Type> CommonType(const Type& left, const Type& right, bool strings, bool ansi) {
  if (!ansi) return WiderType(left, right, strings);
  bool string = left.is(TypeId::kString) != right.is(TypeId::kString);
  bool empty = left.is(TypeId::kVoid) || right.is(TypeId::kVoid);
  return string && !empty && !strings ? std::nullopt : AnsiWiderType(left, right);
}

std::optional<Type> ComparisonType(const Type& left, const Type& right, bool ansi) {
  if (auto type = TightestCommonType(left, right)) return type;
  bool left_string = left.is(TypeId::kString);
  bool right_string = right.is(TypeId::kString);
  if (left_string != right_string) {
    const Type& other = left_string ? right : left;
    if (other.is_nested() || other.is_interval()) return std::nullopt;
    if (other.is(TypeId::kDecimal)) return Type(TypeId::kDouble);
    if (ansi && other.is_integral()) return Type(TypeId::kLong);
    if (ansi && other.is(TypeId::kFloat)) return Type(TypeId::kDouble);
    return other;
  }
  return NestedCommonType(left, right, WiderWithStrings);
}

bool CanImplicitlyCast(const Type& from, const Type& to) {
  if (from == to || from.is(TypeId::kVoid)) return true;
  if (from.is_numeric() && to.is_numeric()) return true;
  if (from.is(TypeId::kString)) {
    return to.is_numeric() || IsDatetime(to) || to.is(TypeId::kBinary);
  }
  if (to.is(TypeId::kString)) return !from.is_nested() && !from.is(TypeId::kIntervalCalendar);
  if (IsDatetime(from) && IsDatetime(to)) return true;
  if (from.is(TypeId::kArray) && to.is(TypeId::kArray)) return CanImplicitlyCast(from.element(), to.element());
  if (from.is(TypeId::kMap) && to.is(TypeId::kMap)) {
    return CanImplicitlyCast(from.key(), to.key()) && CanImplicitlyCast(from.value(), to.value());
  }
  return false;
}

bool CanCast(const Type& from, const Type& to, bool ansi) {
  if (from == to || from.is(TypeId::kVoid)) return true;
  if (to.is(TypeId::kVoid)) return false;
  if (from.is(TypeId::kVariant)) return IsVariantTarget(to);
  if (to.is(TypeId::kVariant)) {
    if (from.is(TypeId::kArray)) return CanCast(from.element(), to, ansi);
    return !from.is_nested() && !from.is_interval();
  }
  if (from.is_nested() || to.is_nested()) {
    if (to.is(TypeId::kString)) return true;
    if (from.id() != to.id()) return false;
    if (from.is(TypeId::kArray)) return CanCast(from.element(), to.element(), ansi);
    if (from.is(TypeId::kMap)) {
      // a key that can become NULL by the cast is no key
      bool safe_key = from.key() == to.key() || to.key().is(TypeId::kString) ||
                      (from.key().is_integral() && to.key().is_numeric() && ansi) ||
                      (from.key().is_integral() && to.key().is_integral()) || ansi;
      return safe_key && CanCast(from.key(), to.key(), ansi) && CanCast(from.value(), to.value(), ansi);
    }
    if (from.fields().size() != to.fields().size()) return false;
    for (size_t i = 0; i < from.fields().size(); ++i) {
      if (!CanCast(from.fields()[i].type, to.fields()[i].type, ansi)) return false;
    }
    return true;
  }
  if (from.is(TypeId::kString) || to.is(TypeId::kString)) return true;
  if (from.is_interval() && to.is_interval()) return from.id() == to.id();
  if (from.is_interval() || to.is_interval()) {
    const Type& interval = from.is_interval() ? from : to;
    const Type& other = from.is_interval() ? to : from;
    return interval.is_ansi_interval() && (other.is_integral() || other.is(TypeId::kDecimal));
  }
  bool from_number = from.is_numeric() || from.is(TypeId::kBoolean);
  bool to_number = to.is_numeric() || to.is(TypeId::kBoolean);
  if (from_number && to_number) return true;
  if (IsDatetime(from) && IsDatetime(to)) return true;
  if (from.is(TypeId::kTimestamp) && to.is_numeric()) return true;
  if (from.is_numeric() && to.is(TypeId::kTimestamp)) return true;
  if (ansi) return false;
  if (from.is_integral() && to.is(TypeId::kBinary)) return true;
  if (from.is(TypeId::kBoolean) && to.is(TypeId::kTimestamp)) return true;
  return (from.is(TypeId::kDate) && to_number) || (from.is(TypeId::kTimestamp) && to_number);
}

bool IsOrderable(const Type& type) {
  switch (type.id()) {
    case TypeId::kVariant:
    case TypeId::kMap:
    case TypeId::kIntervalCalendar: return false;
    case TypeId::kArray: return IsOrderable(type.element());
    case TypeId::kStruct:
      return std::all_of(type.fields().begin(), type.fields().end(),
                         [](const StructField& field) { return IsOrderable(field.type); });
    default: return true;
  }
}

}  // namespace flare::sql
