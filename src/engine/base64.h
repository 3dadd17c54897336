#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace flare::engine {

std::string Base64Encode(std::string_view bytes);
/// Java's MIME decoder: other characters are skipped; nullopt when the groups do not end as they must.
std::optional<std::string> Base64Decode(std::string_view text);

/// RFC 4648, with padding.
std::string Base32Encode(std::string_view bytes);
std::optional<std::string> Base32Decode(std::string_view text);

}  // namespace flare::engine
