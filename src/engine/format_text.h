#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::engine {

/// Java's String.format for arguments given as text: %s %d %x %X %o %c %b %f %e %% %n, with argument
/// numbers, flags (- 0 + space , () width and precision. A missing value prints null.
/// Errors: kInvalidArgument for a format that Java refuses or a value that is no number.
Result<std::string> FormatText(std::string_view format,
                               std::span<const std::optional<std::string_view>> arguments);

/// Spark's format_number of plain decimal text: "12,332.1235", HALF_EVEN; nullopt for digits < 0.
std::optional<std::string> FormatNumber(std::string_view plain, int digits);

/// Plain decimal text rounded to `digits` (>= 0) after the point: HALF_UP, or HALF_EVEN.
std::string RoundPlain(std::string_view plain, int digits, bool half_even);

}  // namespace flare::engine
