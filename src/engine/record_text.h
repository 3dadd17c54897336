#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/types.h"

namespace flare::engine {

// What texts inside records (JSON, CSV, XML) mean where that differs from a cast.

/// A decimal as Java's BigDecimal reads it once the thousands' commas are gone; nullopt when it has blanks.
std::optional<std::string> DecimalDigits(std::string_view text);
/// True for whole groups of four with their padding, and nothing else but blanks.
bool IsStrictBase64(std::string_view text);
/// A TIMESTAMP_NTZ; nullopt also when the text names a zone.
std::optional<int64_t> ZonelessTimestamp(std::string_view text);

/// Spark's error for a record that mode FAILFAST meets.
Error MalformedRecord(std::string_view record);

}  // namespace flare::engine
