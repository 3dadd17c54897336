#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace flare::engine {

/// 128-bit integers hold every DECIMAL(38).
using Int128 = __int128;

/// Plain decimal text ("-12.345") times 10^scale, rounded HALF_UP; nullopt when it needs more than
/// `precision` digits or is no such text.
std::optional<Int128> ScaledDecimal(std::string_view plain, int precision, int scale);
/// The plain text of unscaled * 10^-scale.
std::string DecimalText(Int128 unscaled, int scale);
/// The database's text of a DECIMAL (".05") as Java's BigDecimal.toPlainString writes it ("0.05"), or as its
/// toString does, which turns to an exponent below 1E-6 ("1E-7", "0E-18").
std::string JavaDecimalText(std::string_view plain, bool scientific);

}  // namespace flare::engine
