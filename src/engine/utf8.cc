#include "engine/utf8.h"

#include <cstring>

namespace flare::engine {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

/// Bytes at the front that are ASCII, in steps of 32 and 8 where possible.
size_t AsciiPrefix(const char* data, size_t size) {
  size_t at = 0;
  uint64_t words[4];
  while (at + sizeof(words) <= size) {
    std::memcpy(words, data + at, sizeof(words));
    if ((words[0] | words[1] | words[2] | words[3]) & kHighBits) break;
    at += sizeof(words);
  }
  while (at + sizeof(uint64_t) <= size) {
    std::memcpy(words, data + at, sizeof(uint64_t));
    if (words[0] & kHighBits) break;
    at += sizeof(uint64_t);
  }
  while (at < size && static_cast<uint8_t>(data[at]) < 0x80) ++at;
  return at;
}

struct Sequence {
  size_t bytes;  ///< of the sequence, or of its maximal valid subpart (>= 1)
  bool valid;
};

/// Looks at a non-ASCII sequence (Unicode, table 3-7).
Sequence LookAt(const uint8_t* data, size_t size) {
  uint8_t lead = data[0];
  size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (size_t i = 1; i < want; ++i) {
    if (i == size || data[i] < low || data[i] > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {want, true};
}

}  // namespace

size_t ValidUtf8Prefix(std::string_view text) {
  size_t at = 0;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  while (at < text.size()) {
    if (bytes[at] < 0x80) {
      at += AsciiPrefix(text.data() + at, text.size() - at);
      continue;
    }
    Sequence sequence = LookAt(bytes + at, text.size() - at);
    if (!sequence.valid) return at;
    at += sequence.bytes;
  }
  return at;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + 8);
  while (true) {
    size_t valid = ValidUtf8Prefix(bytes);
    text.append(bytes.substr(0, valid));
    bytes.remove_prefix(valid);
    if (bytes.empty()) return text;
    text.append("\xEF\xBF\xBD");
    bytes.remove_prefix(
        LookAt(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()).bytes);
  }
}

size_t CountCodePoints(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  return count;
}

size_t OffsetOfCodePoint(std::string_view text, size_t index) {
  size_t at = 0;
  while (index > 0 && at < text.size()) {
    at += CodePointBytes(text[at]);
    --index;
  }
  return std::min(at, text.size());
}

uint32_t NextCodePoint(std::string_view text, size_t* offset) {
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  size_t at = *offset;
  size_t size = std::min(CodePointBytes(text[at]), text.size() - at);
  *offset = at + size;
  if (size == 1) return byte(at);
  uint32_t value = byte(at) & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) value = value << 6 | (byte(at + i) & 0x3F);
  return value;
}

void AppendCodePoint(uint32_t code_point, std::string* text) {
  auto put = [&](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

}  // namespace flare::engine
