#pragma once
#include <string_view>

namespace flare::sql {

/// The SQLSTATE of a Spark condition ("UNRESOLVED_COLUMN.WITH_SUGGESTION" has that of UNRESOLVED_COLUMN: 42703);
/// "" for what Spark does not know.
std::string_view SqlState(std::string_view condition);

}  // namespace flare::sql
