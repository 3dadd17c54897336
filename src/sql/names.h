#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace flare::sql {

/// ASCII lower and upper case: keywords, function names and case-insensitive columns.
std::string LowerAscii(std::string_view text);
std::string UpperAscii(std::string_view text);
bool EqualIgnoreCase(std::string_view a, std::string_view b);

/// A name as Spark prints it: `a b` in backticks, plain where it can stand without.
std::string QuoteNameIfNeeded(std::string_view name);
/// Always in backticks: "`a`.`b`".
std::string QuoteNameParts(const std::vector<std::string>& parts);
/// 'it\'s' as Spark reads it.
std::string QuoteSparkString(std::string_view text);
/// 'it''s' as DuckDB reads it. A NUL byte cannot stand in DuckDB's text and is written as chr(0).
std::string QuoteDuckDbString(std::string_view text);

}  // namespace flare::sql
