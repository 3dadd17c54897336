#include "sql/functions.h"

namespace flare::sql {
namespace {

const FunctionSpec kBitmapFunctions[] = {
    {"bitmap_bit_position", "l", "bigint",
     "CAST((CASE WHEN $1 > 0 THEN (CAST($1 AS HUGEINT) - 1) % 32768 ELSE (-CAST($1 AS HUGEINT)) % 32768 END) AS BIGINT)",
     "the place of a number in its bitmap"},
    {"bitmap_bucket_number", "l", "bigint", "(CASE WHEN $1 > 0 THEN 1 + ($1 - 1) // 32768 ELSE $1 // 32768 END)", "the bitmap that a number is in"},
    {"bitmap_count", "x", "bigint", "CAST((CASE WHEN octet_length($1) = 0 THEN 0 ELSE bit_count(CAST($1 AS BIT)) END) AS BIGINT)",
     "how many bits of a bitmap are set"},
};

}  // namespace

std::span<const FunctionSpec> BitmapFunctions() { return kBitmapFunctions; }

}  // namespace flare::sql
