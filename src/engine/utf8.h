#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flare::engine {

/// Bytes of the longest prefix that is valid UTF-8; text.size() when all of it is. Fast for ASCII.
size_t ValidUtf8Prefix(std::string_view text);

/// `bytes` with every maximal invalid subpart replaced by U+FFFD, as Java's decoder does.
std::string ReplaceInvalidUtf8(std::string_view bytes);

/// Number of code points of valid UTF-8.
size_t CountCodePoints(std::string_view text);

/// Byte offset of code point `index` (text.size() when beyond the end), in valid UTF-8.
size_t OffsetOfCodePoint(std::string_view text, size_t index);

/// Length in bytes of the code point that starts with `lead`, in valid UTF-8.
inline size_t CodePointBytes(char lead) {
  auto byte = static_cast<uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The code point at `offset` of valid UTF-8, which is moved behind it.
uint32_t NextCodePoint(std::string_view text, size_t* offset);
void AppendCodePoint(uint32_t code_point, std::string* text);

}  // namespace flare::engine
