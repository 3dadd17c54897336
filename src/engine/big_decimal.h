#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flare::engine {

/// An exact decimal of any length: digits * 10^-scale. What DECIMAL(38) overflows on the way to its result.
class BigDecimal {
 public:
  /// Plain text such as "-12.340"; nullopt for anything else.
  static std::optional<BigDecimal> Parse(std::string_view plain);

  /// Plain text rounded HALF_UP to `scale` digits after the point.
  std::string ToText(int scale) const;

  friend BigDecimal Add(const BigDecimal& a, const BigDecimal& b);
  friend BigDecimal Subtract(const BigDecimal& a, BigDecimal b);
  friend BigDecimal Multiply(const BigDecimal& a, const BigDecimal& b);
  /// a / b with one digit more than `scale`, the rest cut off: enough to round HALF_UP to `scale`.
  /// nullopt when b is zero.
  friend std::optional<BigDecimal> Divide(const BigDecimal& a, const BigDecimal& b, int scale);
  /// The rest of the division whose quotient is a whole number; the sign of a.
  friend std::optional<BigDecimal> Remainder(const BigDecimal& a, const BigDecimal& b);

 private:
  /// Base 10^9, lowest first, no zeros at the high end.
  using Limbs = std::vector<uint32_t>;

  static int Compare(const Limbs& a, const Limbs& b);
  static Limbs AddLimbs(const Limbs& a, const Limbs& b);
  static Limbs SubtractLimbs(const Limbs& a, const Limbs& b);
  static Limbs MultiplyLimbs(const Limbs& a, const Limbs& b);
  static Limbs DivideLimbs(const Limbs& a, const Limbs& b, Limbs* rest);
  static Limbs Shifted(Limbs limbs, int zeros);
  static Limbs FromDigits(std::string_view digits);
  static std::string ToDigits(const Limbs& limbs);
  static void Trim(Limbs* limbs);

  bool negative_ = false;
  Limbs limbs_;
  int scale_ = 0;
};

}  // namespace flare::engine
