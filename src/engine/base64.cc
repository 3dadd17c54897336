#include "engine/base64.h"

#include <cstdint>

namespace flare::engine {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Writes `bytes` in digits of `bits` bits, padded to groups of `group` digits.
std::string Encode(std::string_view bytes, std::string_view alphabet, unsigned bits, size_t group) {
  std::string text;
  uint64_t buffer = 0;
  unsigned held = 0;
  for (char c : bytes) {
    buffer = buffer << 8 | static_cast<uint8_t>(c);
    held += 8;
    for (; held >= bits; held -= bits) {
      text += alphabet[buffer >> (held - bits) & ((1u << bits) - 1)];
    }
    buffer &= (uint64_t{1} << held) - 1;
  }
  if (held > 0) text += alphabet[buffer << (bits - held) & ((1u << bits) - 1)];
  while (text.size() % group != 0) text += '=';
  return text;
}

}  // namespace

std::string Base64Encode(std::string_view bytes) { return Encode(bytes, kBase64, 6, 4); }
std::string Base32Encode(std::string_view bytes) { return Encode(bytes, kBase32, 5, 8); }

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string bytes;
  uint32_t buffer = 0;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=') {
      // Padding ends the text: one after three digits, two after two.
      size_t rest = digits % 4;
      if (rest < 2) return std::nullopt;
      if (rest == 2 && text.find('=', i + 1) == text.npos) return std::nullopt;
      break;
    }
    size_t value = kBase64.find(text[i]);
    if (value == kBase64.npos) continue;
    buffer = buffer << 6 | static_cast<uint32_t>(value);
    if (++digits % 4 == 0) {
      bytes += static_cast<char>(buffer >> 16);
      bytes += static_cast<char>(buffer >> 8);
      bytes += static_cast<char>(buffer);
      buffer = 0;
    }
  }
  if (digits % 4 == 1) return std::nullopt;
  if (digits % 4 == 2) bytes += static_cast<char>(buffer >> 4);
  if (digits % 4 == 3) {
    bytes += static_cast<char>(buffer >> 10);
    bytes += static_cast<char>(buffer >> 2);
  }
  return bytes;
}

std::optional<std::string> Base32Decode(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  uint32_t buffer = 0;
  unsigned held = 0;
  for (char c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    size_t value = kBase32.find(c);
    if (value == kBase32.npos) return std::nullopt;
    buffer = buffer << 5 | static_cast<uint32_t>(value);
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(buffer >> held);
      buffer &= (1u << held) - 1;
    }
  }
  return bytes;
}

}  // namespace flare::engine
