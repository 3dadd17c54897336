#pragma once
#include <string>
#include <string_view>

namespace flare {

/// Whether an option of that name holds something that must never be printed: passwords, tokens, keys,
/// JAAS lines. Used wherever options are shown.
bool NamesASecret(std::string_view option_name);

/// The value to show for an option: `***` for a secret's.
std::string Shown(std::string_view option_name, std::string_view value);

}  // namespace flare
