#pragma once
#include <string>
#include <string_view>

namespace flare::engine {

/// Valid UTF-8 in another case by Unicode's full mappings, as Java does without a language: "straße" is
/// "STRASSE", a sigma at the end of a word is "ς". ASCII text is fast.
std::string UpperText(std::string_view text);
std::string LowerText(std::string_view text);

/// The first character after each blank in title case, the others in lower case: Spark's initcap.
std::string InitialCapsText(std::string_view text);

}  // namespace flare::engine
