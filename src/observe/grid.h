#pragma once
#include <optional>
#include <string>
#include <vector>

namespace flare::observe {

/// Rows as text; nullopt = NULL.
using GridRow = std::vector<std::optional<std::string>>;

/// A table in ASCII as Spark's `show` draws it: right-aligned cells between `|`, control characters
/// escaped. Cells wider than `max_cell` columns end in "..."; 0 = never cut, and cells stand left.
/// Ends with a line feed. Rows shorter than `names` are filled with NULL.
std::string FormatGrid(const std::vector<std::string>& names, const std::vector<GridRow>& rows,
                       int max_cell = 40);

/// "only showing top 20 rows".
std::string GridFooter(size_t rows);

}  // namespace flare::observe
