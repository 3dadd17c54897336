#pragma once
#include <string>

namespace flare::manifest {

inline bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
/// A byte of a UTF-8 character behind its first.
inline bool ContinuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
}

/// Walks over the visible characters of a YAML scalar as it stands in the file. Between them YAML
/// changes blanks only (indentation, folding), and escapes within quotes.
class RawCharacters {
 public:
  /// `start` is where the scalar begins: its quote, its `|` or `>`, or its first character.
  RawCharacters(const std::string& raw, size_t start);

  /// Offset of the next visible character, which is passed over; the file's size at its end.
  size_t Next();

 private:
  const std::string& raw_;
  size_t at_;
  char quote_ = '\0';
};

/// Whether the quoted scalar that begins at `start` and has this value ends with its quote.
bool IsClosed(const std::string& raw, size_t start, const std::string& value);

}  // namespace flare::manifest
