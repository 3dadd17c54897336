#pragma once
#include <optional>
#include <string>
#include <vector>

namespace flare::connector {

/// `[{"orders":{"0":5}},null]`: one position a source as one JSON text, null = initial. What BatchInfo carries
/// and a target records.
std::string JoinOffsets(const std::vector<std::optional<std::string>>& positions);

}  // namespace flare::connector
