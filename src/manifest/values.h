#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace flare::manifest {

// Scalars of a manifest are text; each field converts its own. All errors are InvalidArgument and
// say what would work.

/// `true` or `false`, quoted or not, any case.
Result<bool> ParseBool(std::string_view text);
/// Decimal digits with an optional sign.
Result<int64_t> ParseInt(std::string_view text);
/// A whole number and a unit (ms, s, sec, second(s), m, min, minute(s), h, hour(s)), with or
/// without a space: `10s`, `10 seconds`, `5 minutes`. A bare `0` is allowed; negatives and other
/// units are not.
Result<Millis> ParseDuration(std::string_view text);
/// The same backwards, in the largest unit that says it exactly: `10 minutes`, `1 second`, `1500 ms`.
std::string DurationText(Millis duration);
/// Bytes: `1000m`, `2g`, `512k`, `1Gi`, `512Mi`, any case and all powers of 1024 as Spark reads
/// them; a bare number counts MiB.
Result<int64_t> ParseMemory(std::string_view text);
/// Cores in thousandths: `500m` = 500, `2` = 2000, `0.5` = 500.
Result<int64_t> ParseCpu(std::string_view text);
/// RFC 3339: `2031-03-02T01:30:00Z`, `2031-03-02T01:30:00.5+01:00`.
Result<WallTime> ParseTimestamp(std::string_view text);
/// Checks a cron line of five fields (minute hour day month weekday), or six or seven with seconds
/// first and a year last.
Status CheckCron(std::string_view text);
/// Bytes of standard base64, padding optional.
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace flare::manifest
