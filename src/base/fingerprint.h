#pragma once
#include <string>
#include <string_view>

namespace flare {

/// 16 hex digits (FNV-1a, 64 bit) that tell two short texts apart; the same on every machine, for ever.
/// No defence against somebody who wants two texts to look alike.
std::string Fingerprint(std::string_view text);

}  // namespace flare
