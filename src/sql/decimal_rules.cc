#include <algorithm>

#include "sql/coercion.h"

namespace flare::sql {
namespace {

constexpr int kMaxPrecision = 38;
constexpr int kMinAdjustedScale = 6;

/// What cannot fit gives up fraction digits first, down to six of them.
Type Adjusted(int precision, int scale) {
  if (precision <= kMaxPrecision) return Type::Decimal(precision, scale);
  int whole = precision - scale;
  int least = std::min(scale, kMinAdjustedScale);
  return Type::Decimal(kMaxPrecision, std::max(kMaxPrecision - whole, least));
}

}  // namespace

Type DecimalResult(char op, const Type& left, const Type& right) {
  int p1 = left.precision();
  int s1 = left.scale();
  int p2 = right.precision();
  int s2 = right.scale();
  int scale = 0;
  switch (op) {
    case '*': return Adjusted(p1 + p2 + 1, s1 + s2);
    case '/':
      scale = std::max(6, s1 + p2 + 1);
      return Adjusted(p1 - s1 + s2 + scale, scale);
    case '%':
      scale = std::max(s1, s2);
      return Adjusted(std::min(p1 - s1, p2 - s2) + scale, scale);
    default:
      scale = std::max(s1, s2);
      return Adjusted(std::max(p1 - s1, p2 - s2) + scale + 1, scale);
  }
}

Type DecimalForIntegral(TypeId id) {
  switch (id) {
    case TypeId::kByte: return Type::Decimal(3, 0);
    case TypeId::kShort: return Type::Decimal(5, 0);
    case TypeId::kInt: return Type::Decimal(10, 0);
    default: return Type::Decimal(20, 0);
  }
}

Type WiderDecimal(const Type& left, const Type& right) {
  int scale = std::max(left.scale(), right.scale());
  int whole = std::max(left.precision() - left.scale(), right.precision() - right.scale());
  return Type::Decimal(std::min(whole + scale, kMaxPrecision), std::min(scale, kMaxPrecision));
}

}  // namespace flare::sql
