// Random values that are functions of a seed and a row's number, so that a replay has them again.
#include <cmath>

#include "engine/function_lists.h"

namespace flare::engine {
namespace {

constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kInteger = DUCKDB_TYPE_INTEGER;
constexpr auto kBigint = DUCKDB_TYPE_BIGINT;
constexpr auto kDouble = DUCKDB_TYPE_DOUBLE;

/// SplitMix64: 64 well-mixed bits of a counter.
uint64_t Mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

/// The `index`-th word of a row.
uint64_t Word(int64_t seed, int64_t row, uint64_t index) {
  return Mix(Mix(Mix(static_cast<uint64_t>(seed)) ^ static_cast<uint64_t>(row)) ^ index);
}

/// In [0, 1), of 53 bits.
double Unit(uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

std::optional<double> Uniform(int64_t seed, int64_t row) { return Unit(Word(seed, row, 0)); }

/// Normal distribution of mean 0 and deviation 1, by Box and Muller.
std::optional<double> Normal(int64_t seed, int64_t row) {
  constexpr double kTwoPi = 6.283185307179586;
  double radius = std::sqrt(-2 * std::log(1 - Unit(Word(seed, row, 0))));
  return radius * std::cos(kTwoPi * Unit(Word(seed, row, 1)));
}

/// A UUID of version 4.
std::optional<std::string> Uuid(int64_t seed, int64_t row) {
  uint64_t high = (Word(seed, row, 0) & ~uint64_t{0xF000}) | 0x4000;
  uint64_t low = (Word(seed, row, 1) & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFFFFFFFFFF);
}

TextResultOf RandomText(int64_t seed, int64_t row, int32_t length) {
  constexpr int32_t kLongest = 1 << 20;
  constexpr std::string_view kCharacters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (length < 0 || length > kLongest) {
    return InvalidArgument("[INVALID_PARAMETER_VALUE.LENGTH] randstr() makes 0 to {} characters, not {}. SQLSTATE: 22023", kLongest, length);
  }
  std::string text;
  for (int32_t i = 0; i < length; ++i) {
    text += kCharacters[static_cast<size_t>(Unit(Word(seed, row, static_cast<uint64_t>(i))) * static_cast<double>(kCharacters.size()))];
  }
  return std::optional(std::move(text));
}

}  // namespace

std::vector<ScalarFunction> RandomFunctions() {
  return {
      {"spark_rand", {kBigint, kBigint}, kDouble, RowWise<double, int64_t, int64_t>(Uniform)},
      {"spark_randn", {kBigint, kBigint}, kDouble, RowWise<double, int64_t, int64_t>(Normal)},
      {"spark_uuid", {kBigint, kBigint}, kText, RowWiseText<int64_t, int64_t>(Uuid)},
      {"spark_randstr", {kBigint, kBigint, kInteger}, kText, Checked<std::string_view, int64_t, int64_t, int32_t>(RandomText)},
  };
}

}  // namespace flare::engine
