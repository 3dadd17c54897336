#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace flare::observe {

/// Numbers as people read them. All take any value, negative ones too, and never throw.

/// 1234567 -> "1,234,567".
std::string FormatCount(int64_t count);
/// "17 B", "12.3 MiB": powers of 1024, three figures.
std::string FormatBytes(int64_t bytes);
/// "0 rows/s", "950 rows/s", "1.25 M rows/s": powers of 1000, three figures. Not a number -> "-
/// rows/s".
std::string FormatRate(double per_second, std::string_view what = "rows");
/// "812 ms", "3.4 s", "2 min 5 s", "3 h 12 min", "2 d 4 h".
std::string FormatDuration(Millis duration);
/// "2026-02-03T10:15:00.000Z": Spark's pattern, UTC. Years outside 0000-9999 keep their digits.
std::string FormatTimestamp(WallTime time);
/// How many columns of a terminal `text` takes: wide (East Asian) letters two, combining marks
/// none. Broken UTF-8 counts one a byte.
int DisplayWidth(std::string_view text);
/// The longest prefix of whole characters that takes at most `width` columns.
std::string_view CutToWidth(std::string_view text, int width);

}  // namespace flare::observe
