#pragma once
#include <string>
#include <string_view>

#include "sql/types.h"

namespace flare::sql {

/// The text of a DATE, TIMESTAMP or TIMESTAMP_NTZ literal as Spark prints its value: '2024-1-5' as 2024-01-05. An
/// offset is taken off where the session's zone is UTC. What cannot be read, or names a region, is left as it is.
std::string TimeLiteralText(const Type& type, std::string_view text, std::string_view session_zone);

}  // namespace flare::sql
