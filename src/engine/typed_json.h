#pragma once
#include <duckdb.h>

#include <string>

#include "base/result.h"
#include "engine/time_zone.h"
#include "sql/types.h"

namespace flare::engine {

/// Appends one value of a result vector of that Spark type to `out` as JSON that keeps the type's
/// values apart: numbers and booleans bare ("NaN", "Infinity" and "-Infinity" as text), decimals as
/// text with their full scale, dates, timestamps (in `zone`) and intervals as Spark's cast to text
/// spells them, binary as upper-case hex, arrays as lists, structs as objects in field order
/// ({"struct": [...]} when names repeat), maps as
/// {"map": [[key, value], ...]}.
void AppendTypedJson(const sql::Type& type, duckdb_vector vector, uint64_t row,
                     const TimeZone& zone, std::string* out);

/// A JSON string literal; bytes that are not UTF-8 become U+FFFD.
std::string JsonText(std::string_view text);

}  // namespace flare::engine
