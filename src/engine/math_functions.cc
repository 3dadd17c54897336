// Arithmetic where Java's results are not DuckDB's.
#include <charconv>
#include <cmath>
#include <limits>

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

/// For number formats, which know digits only: NaN and infinities have none and are NULL.
std::optional<std::string> FinitePlainText(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return PlainText(value);
}

/// Java's Math.pow, which knows fewer powers of NaN than C.
double Power(double base, double exponent) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  if (std::isnan(exponent) || (std::isinf(exponent) && std::fabs(base) == 1)) return kNan;
  return std::pow(base, exponent);
}

/// Spark's width_bucket: 1 to `count` inside of the bounds, 0 and count + 1 outside.
std::optional<int64_t> WidthBucket(double value, double low, double high, int64_t count) {
  bool bad = std::isnan(value) || low == high || !std::isfinite(low) || !std::isfinite(high);
  if (count <= 0 || count == std::numeric_limits<int64_t>::max() || bad) return std::nullopt;
  bool rising = low < high;
  if (rising ? value < low : value > low) return 0;
  if (rising ? value >= high : value <= high) return count + 1;
  double share = rising ? (value - low) / (high - low) : (low - value) / (low - high);
  return static_cast<int64_t>(static_cast<double>(count) * share) + 1;
}

/// Java gives NaN or infinity where the database raises.
std::vector<ScalarFunction> DoubleFunctions() {
  using Function = double (*)(double);
  const std::pair<const char*, Function> functions[] = {
      {"spark_sin", [](double v) { return std::sin(v); }},
      {"spark_cos", [](double v) { return std::cos(v); }},
      {"spark_tan", [](double v) { return std::tan(v); }},
      {"spark_cot", [](double v) { return 1 / std::tan(v); }},
      {"spark_sec", [](double v) { return 1 / std::cos(v); }},
      {"spark_csc", [](double v) { return 1 / std::sin(v); }},
      {"spark_asinh", [](double v) { return std::asinh(v); }},
      {"spark_acosh", [](double v) { return std::acosh(v); }},
      {"spark_atanh", [](double v) { return std::atanh(v); }},
      {"spark_exp", [](double v) { return std::exp(v); }},
      {"spark_expm1", [](double v) { return std::expm1(v); }},
      {"spark_log1p", [](double v) { return std::log1p(v); }},
      {"spark_cbrt", [](double v) { return static_cast<double>(std::cbrt(static_cast<long double>(v))); }},
      {"spark_rint", [](double v) { return std::nearbyint(v); }}};
  std::vector<ScalarFunction> list;
  for (auto [name, function] : functions) {
    list.push_back({name, {kDouble}, kDouble,
                    RowWise<double, double>([function = function](double v) { return std::optional(function(v)); })});
  }
  return list;
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
  std::vector<ScalarFunction> list = DoubleFunctions();
  for (ScalarFunction& function : std::vector<ScalarFunction>{
      {"spark_pow", {kDouble, kDouble}, kDouble,
       RowWise<double, double, double>([](double a, double b) { return std::optional(Power(a, b)); })},
      {"spark_hypot", {kDouble, kDouble}, kDouble,
       RowWise<double, double, double>([](double a, double b) { return std::optional(std::hypot(a, b)); })},
      {"spark_plain_double", {kDouble}, kText, RowWiseText<double>(FinitePlainText)},
      {"spark_width_bucket", {kDouble, kDouble, kDouble, kBigint}, kBigint,
       RowWise<int64_t, double, double, double, int64_t>(WidthBucket)},
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
  }) {
    list.push_back(std::move(function));
  }
  return list;
}

}  // namespace flare::engine
