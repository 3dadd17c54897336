// Arithmetic where Java's results are not DuckDB's.
#include <charconv>
#include <cmath>

#include "engine/big_decimal.h"
#include "engine/format_text.h"
#include "engine/function_lists.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kInteger = DUCKDB_TYPE_INTEGER;
constexpr auto kBigint = DUCKDB_TYPE_BIGINT;
constexpr auto kDouble = DUCKDB_TYPE_DOUBLE;

/// The shortest decimal text of a double without an exponent.
std::string PlainText(double value) {
  char buffer[400];
  auto written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  return {buffer, written.ptr};
}

/// Rounds the shortest decimal text, as Java's BigDecimal.valueOf(value).setScale does.
std::optional<double> Round(double value, int32_t scale, bool half_even) {
  constexpr int32_t kMostDigits = 400;
  if (!std::isfinite(value) || scale > kMostDigits) return value;
  std::string plain = PlainText(value);
  std::string rounded;
  if (scale >= 0) {
    rounded = RoundPlain(plain, scale, half_even);
  } else {
    // Left of the point: the digits are moved behind it, rounded, and moved back.
    auto zeros = static_cast<size_t>(std::min(-scale, kMostDigits));
    bool negative = plain.starts_with('-');
    if (negative) plain.erase(0, 1);
    size_t point = std::min(plain.find('.'), plain.size());
    if (point < plain.size()) plain.erase(point, 1);
    if (point <= zeros) {
      plain.insert(0, zeros + 1 - point, '0');
      point = zeros + 1;
    }
    plain.insert(point - zeros, ".");
    rounded = (negative ? "-" : "") + RoundPlain(plain, 0, half_even) + std::string(zeros, '0');
  }
  double result = 0;
  std::from_chars(rounded.data(), rounded.data() + rounded.size(), result);
  return result;
}

template <class Operation>
ScalarFunction DecimalFunction(const std::string& name, Operation operation) {
  return {name, {kText, kText, kInteger}, kText,
          RowWiseText<Text, Text, int32_t>(
              [operation](Text left, Text right, int32_t scale) -> std::optional<std::string> {
                auto a = BigDecimal::Parse(left);
                auto b = BigDecimal::Parse(right);
                if (!a || !b || scale < 0) return std::nullopt;
                std::optional<BigDecimal> result = operation(*a, *b, scale);
                if (!result) return std::nullopt;
                return result->ToText(scale);
              })};
}

/// Java's long arithmetic: two's complement, wraps.
template <class Operation>
ScalarFunction WrappingFunction(const std::string& name, Operation operation) {
  return {name, {kBigint, kBigint}, kBigint,
          RowWise<int64_t, int64_t, int64_t>([operation](int64_t a, int64_t b) {
            return std::optional(
                static_cast<int64_t>(operation(static_cast<uint64_t>(a), static_cast<uint64_t>(b))));
          })};
}

}  // namespace

std::vector<ScalarFunction> MathFunctions() {
  using Decimal = const BigDecimal&;
  return {
      {"spark_round_double", {kDouble, kInteger}, kDouble,
       RowWise<double, double, int32_t>([](double v, int32_t scale) { return Round(v, scale, false); })},
      {"spark_bround_double", {kDouble, kInteger}, kDouble,
       RowWise<double, double, int32_t>([](double v, int32_t scale) { return Round(v, scale, true); })},
      WrappingFunction("spark_add_bigint", [](uint64_t a, uint64_t b) { return a + b; }),
      WrappingFunction("spark_subtract_bigint", [](uint64_t a, uint64_t b) { return a - b; }),
      WrappingFunction("spark_multiply_bigint", [](uint64_t a, uint64_t b) { return a * b; }),
      DecimalFunction("spark_decimal_add",
                      [](Decimal a, Decimal b, int) { return std::optional(Add(a, b)); }),
      DecimalFunction("spark_decimal_subtract",
                      [](Decimal a, Decimal b, int) { return std::optional(Subtract(a, b)); }),
      DecimalFunction("spark_decimal_multiply",
                      [](Decimal a, Decimal b, int) { return std::optional(Multiply(a, b)); }),
      DecimalFunction("spark_decimal_divide",
                      [](Decimal a, Decimal b, int scale) { return Divide(a, b, scale); }),
      DecimalFunction("spark_decimal_remainder",
                      [](Decimal a, Decimal b, int) { return Remainder(a, b); }),
  };
}

}  // namespace flare::engine
