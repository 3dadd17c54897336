#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/time_zone.h"

namespace flare::engine {

/// Spark's cast of text to DATE: '2024', '2024-1-5', ' 2024-01-05 ', '2024-01-05T...'. Days since 1970.
std::optional<int32_t> CastToDate(std::string_view text);

/// Spark's cast of text to TIMESTAMP: microseconds UTC; `zone` where the text names none.
std::optional<int64_t> CastToTimestamp(std::string_view text, const TimeZone& zone);

/// Spark's cast of text to TIMESTAMP_NTZ: microseconds of the wall clock; a zone in the text is ignored.
std::optional<int64_t> CastToTimestampNtz(std::string_view text);

/// '2024-01-05', '+10000-01-01', '-0001-01-01'.
std::string DateText(int64_t days);
/// '2024-01-05 10:30:00.5' of a wall clock: the fraction without trailing zeros.
std::string TimestampText(int64_t local_micros);

}  // namespace flare::engine
