#include "engine/big_decimal.h"

#include <algorithm>

#include "engine/format_text.h"

namespace flare::engine {
namespace {
constexpr uint64_t kBase = 1'000'000'000;
constexpr size_t kLimbDigits = 9;
}  // namespace

void BigDecimal::Trim(Limbs* limbs) {
  while (!limbs->empty() && limbs->back() == 0) limbs->pop_back();
}

BigDecimal::Limbs BigDecimal::FromDigits(std::string_view digits) {
  Limbs limbs;
  while (!digits.empty()) {
    size_t take = std::min(digits.size(), kLimbDigits);
    uint32_t limb = 0;
    for (char c : digits.substr(digits.size() - take)) limb = limb * 10 + static_cast<uint32_t>(c - '0');
    limbs.push_back(limb);
    digits.remove_suffix(take);
  }
  Trim(&limbs);
  return limbs;
}

std::string BigDecimal::ToDigits(const Limbs& limbs) {
  if (limbs.empty()) return "0";
  std::string digits = std::to_string(limbs.back());
  for (size_t i = limbs.size() - 1; i-- > 0;) {
    std::string limb = std::to_string(limbs[i]);
    digits.append(kLimbDigits - limb.size(), '0').append(limb);
  }
  return digits;
}

BigDecimal::Limbs BigDecimal::Shifted(Limbs limbs, int zeros) {
  if (zeros <= 0 || limbs.empty()) return limbs;
  return FromDigits(ToDigits(limbs).append(static_cast<size_t>(zeros), '0'));
}

int BigDecimal::Compare(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  for (size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

BigDecimal::Limbs BigDecimal::AddLimbs(const Limbs& a, const Limbs& b) {
  Limbs sum;
  uint64_t carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry > 0; ++i) {
    carry += (i < a.size() ? a[i] : 0) + uint64_t{i < b.size() ? b[i] : 0};
    sum.push_back(static_cast<uint32_t>(carry % kBase));
    carry /= kBase;
  }
  return sum;
}

BigDecimal::Limbs BigDecimal::SubtractLimbs(const Limbs& a, const Limbs& b) {
  Limbs difference = a;
  int64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    int64_t limb = int64_t{a[i]} - borrow - (i < b.size() ? int64_t{b[i]} : 0);
    borrow = limb < 0 ? 1 : 0;
    difference[i] = static_cast<uint32_t>(limb + borrow * static_cast<int64_t>(kBase));
  }
  Trim(&difference);
  return difference;
}

BigDecimal::Limbs BigDecimal::MultiplyLimbs(const Limbs& a, const Limbs& b) {
  Limbs product(a.size() + b.size(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.size() || carry > 0; ++j) {
      carry += product[i + j] + uint64_t{a[i]} * (j < b.size() ? b[j] : 0);
      product[i + j] = static_cast<uint32_t>(carry % kBase);
      carry /= kBase;
    }
  }
  Trim(&product);
  return product;
}

BigDecimal::Limbs BigDecimal::DivideLimbs(const Limbs& a, const Limbs& b, Limbs* rest) {
  Limbs quotient(a.size(), 0);
  rest->clear();
  for (size_t i = a.size(); i-- > 0;) {
    rest->insert(rest->begin(), a[i]);
    Trim(rest);
    // The largest digit whose multiple still fits.
    uint64_t low = 0;
    uint64_t high = kBase - 1;
    while (low < high) {
      uint64_t middle = (low + high + 1) / 2;
      if (Compare(MultiplyLimbs(b, {static_cast<uint32_t>(middle)}), *rest) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    quotient[i] = static_cast<uint32_t>(low);
    if (low > 0) *rest = SubtractLimbs(*rest, MultiplyLimbs(b, {quotient[i]}));
  }
  Trim(&quotient);
  return quotient;
}

std::optional<BigDecimal> BigDecimal::Parse(std::string_view plain) {
  BigDecimal value;
  value.negative_ = plain.starts_with('-');
  if (value.negative_ || plain.starts_with('+')) plain.remove_prefix(1);
  std::string digits;
  bool fraction = false;
  for (char c : plain) {
    if (c == '.' && !fraction) {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      digits += c;
      value.scale_ += fraction ? 1 : 0;
    } else {
      return std::nullopt;
    }
  }
  if (digits.empty()) return std::nullopt;
  value.limbs_ = FromDigits(digits);
  return value;
}

std::string BigDecimal::ToText(int scale) const {
  std::string digits = ToDigits(limbs_);
  auto places = static_cast<size_t>(scale_);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return RoundPlain((negative_ ? "-" : "") + digits, scale, false);
}

BigDecimal Add(const BigDecimal& a, const BigDecimal& b) {
  BigDecimal sum;
  sum.scale_ = std::max(a.scale_, b.scale_);
  auto left = BigDecimal::Shifted(a.limbs_, sum.scale_ - a.scale_);
  auto right = BigDecimal::Shifted(b.limbs_, sum.scale_ - b.scale_);
  if (a.negative_ == b.negative_) {
    sum.limbs_ = BigDecimal::AddLimbs(left, right);
    sum.negative_ = a.negative_;
  } else if (BigDecimal::Compare(left, right) >= 0) {
    sum.limbs_ = BigDecimal::SubtractLimbs(left, right);
    sum.negative_ = a.negative_;
  } else {
    sum.limbs_ = BigDecimal::SubtractLimbs(right, left);
    sum.negative_ = b.negative_;
  }
  return sum;
}

BigDecimal Subtract(const BigDecimal& a, BigDecimal b) {
  b.negative_ = !b.negative_;
  return Add(a, b);
}

BigDecimal Multiply(const BigDecimal& a, const BigDecimal& b) {
  BigDecimal product;
  product.scale_ = a.scale_ + b.scale_;
  product.limbs_ = BigDecimal::MultiplyLimbs(a.limbs_, b.limbs_);
  product.negative_ = a.negative_ != b.negative_;
  return product;
}

std::optional<BigDecimal> Divide(const BigDecimal& a, const BigDecimal& b, int scale) {
  if (b.limbs_.empty()) return std::nullopt;
  BigDecimal quotient;
  quotient.scale_ = scale + 1;
  quotient.negative_ = a.negative_ != b.negative_;
  // digits(a) * 10^(scale + 1 + scale(b) - scale(a)) / digits(b)
  int shift = quotient.scale_ + b.scale_ - a.scale_;
  BigDecimal::Limbs rest;
  quotient.limbs_ = BigDecimal::DivideLimbs(BigDecimal::Shifted(a.limbs_, shift),
                                            BigDecimal::Shifted(b.limbs_, -shift), &rest);
  return quotient;
}

std::optional<BigDecimal> Remainder(const BigDecimal& a, const BigDecimal& b) {
  if (b.limbs_.empty()) return std::nullopt;
  BigDecimal remainder;
  remainder.scale_ = std::max(a.scale_, b.scale_);
  remainder.negative_ = a.negative_;
  BigDecimal::DivideLimbs(BigDecimal::Shifted(a.limbs_, remainder.scale_ - a.scale_),
                          BigDecimal::Shifted(b.limbs_, remainder.scale_ - b.scale_), &remainder.limbs_);
  return remainder;
}

}  // namespace flare::engine
