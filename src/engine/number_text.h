#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flare::engine {

/// Without the blanks and control characters at both ends, as Spark's casts trim.
std::string_view TrimAll(std::string_view text);

/// Spark's cast of text to BIGINT. `cut_fraction`: 42.7 is 42 (ANSI refuses it).
std::optional<int64_t> ParseLong(std::string_view text, bool cut_fraction);
/// Spark's cast of text to BOOLEAN.
std::optional<bool> ParseBoolean(std::string_view text);
/// Java's parseDouble and parseFloat, with Spark's extra words for infinity and NaN.
std::optional<double> ParseDouble(std::string_view text);
std::optional<float> ParseFloat(std::string_view text);
/// Java's BigDecimal written without an exponent ("-1.5e2" -> "-150"); nullopt when malformed or when it
/// has more than 38 digits before the point. Digits that no DECIMAL can hold are cut after the 40th.
std::optional<std::string> ParseDecimal(std::string_view text);

/// Java's Double.toString and Float.toString: shortest digits, E notation outside [1e-3, 1e7).
std::string JavaDoubleText(double value);
std::string JavaFloatText(float value);

}  // namespace flare::engine
