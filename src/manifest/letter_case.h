#pragma once
#include <string>
#include <string_view>

namespace flare::manifest {

/// The text with A to Z as a to z; other characters stay.
inline std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace flare::manifest
