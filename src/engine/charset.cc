#include "engine/charset.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "engine/utf8.h"

namespace flare::engine {
namespace {

enum class Charset { kAscii, kLatin1, kUtf8, kUtf16Be, kUtf16Le, kUtf16, kUtf32 };

std::optional<Charset> FindCharset(std::string_view name) {
  constexpr std::pair<std::string_view, Charset> kCharsets[] = {
      {"US-ASCII", Charset::kAscii},    {"ISO-8859-1", Charset::kLatin1}, {"UTF-8", Charset::kUtf8},  {"UTF-16BE", Charset::kUtf16Be},
      {"UTF-16LE", Charset::kUtf16Le}, {"UTF-16", Charset::kUtf16},      {"UTF-32", Charset::kUtf32}};
  std::string upper(name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (auto [known, charset] : kCharsets) {
    if (upper == known) return charset;
  }
  return std::nullopt;
}

Error UnknownCharset(std::string_view function, std::string_view name) {
  return InvalidArgument(
      "[INVALID_PARAMETER_VALUE.CHARSET] The value of parameter(s) `charset` in `{}` is invalid: expects one of the iso-8859-1, "
      "us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8, but got {}. SQLSTATE: 22023", function, name);
}

Error Malformed(std::string_view function, std::string_view charset) {
  return InvalidArgument(
      "[MALFORMED_CHARACTER_CODING] Invalid value found when performing `{}` with {}. SQLSTATE: 22000", function, charset);
}

void AppendUnit(uint32_t unit, bool little, std::string* out) {
  char high = static_cast<char>(unit >> 8 & 0xFF);
  char low = static_cast<char>(unit & 0xFF);
  *out += little ? low : high;
  *out += little ? high : low;
}

std::optional<std::string> DecodeUtf16(std::string_view bytes, bool little) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  auto unit = [&](size_t at) {
    auto first = static_cast<uint8_t>(bytes[at]);
    auto second = static_cast<uint8_t>(bytes[at + 1]);
    return static_cast<uint32_t>(little ? second << 8 | first : first << 8 | second);
  };
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 2) {
    uint32_t point = unit(at);
    if (point >= 0xDC00 && point < 0xE000) return std::nullopt;
    if (point >= 0xD800 && point < 0xDC00) {
      if (at + 3 >= bytes.size()) return std::nullopt;
      uint32_t low = unit(at + 2);
      if (low < 0xDC00 || low >= 0xE000) return std::nullopt;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      at += 2;
    }
    AppendCodePoint(point, &out);
  }
  return out;
}

std::optional<std::string> DecodeUtf32(std::string_view bytes) {
  if (bytes.size() % 4 != 0) return std::nullopt;
  bool little = bytes.starts_with(std::string_view("\xFF\xFE\0\0", 4));
  if (little || bytes.starts_with(std::string_view("\0\0\xFE\xFF", 4))) bytes.remove_prefix(4);
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 4) {
    uint32_t point = 0;
    for (size_t i = 0; i < 4; ++i) point = point << 8 | static_cast<uint8_t>(bytes[at + (little ? 3 - i : i)]);
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return std::nullopt;
    AppendCodePoint(point, &out);
  }
  return out;
}

std::optional<std::string> Decode(std::string_view bytes, Charset charset) {
  switch (charset) {
    case Charset::kUtf8: return ValidUtf8Prefix(bytes) == bytes.size() ? std::optional(std::string(bytes)) : std::nullopt;
    case Charset::kAscii:
    case Charset::kLatin1: {
      std::string out;
      for (char c : bytes) {
        if (static_cast<uint8_t>(c) >= 0x80 && charset == Charset::kAscii) return std::nullopt;
        AppendCodePoint(static_cast<uint8_t>(c), &out);
      }
      return out;
    }
    case Charset::kUtf16Be: return DecodeUtf16(bytes, false);
    case Charset::kUtf16Le: return DecodeUtf16(bytes, true);
    case Charset::kUtf16: {
      bool little = bytes.starts_with("\xFF\xFE");
      if (little || bytes.starts_with("\xFE\xFF")) bytes.remove_prefix(2);
      return DecodeUtf16(bytes, little);
    }
    case Charset::kUtf32: return DecodeUtf32(bytes);
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> EncodeText(std::string_view text, std::string_view charset) {
  auto found = FindCharset(charset);
  if (!found) return UnknownCharset("encode", charset);
  if (*found == Charset::kUtf8) return std::string(text);
  std::string out;
  if (*found == Charset::kUtf16 && !text.empty()) out = "\xFE\xFF";
  for (size_t at = 0; at < text.size();) {
    uint32_t point = NextCodePoint(text, &at);
    if (*found == Charset::kAscii || *found == Charset::kLatin1) {
      if (point >= (*found == Charset::kAscii ? 0x80U : 0x100U)) return Malformed("encode", charset);
      out += static_cast<char>(point);
    } else if (*found == Charset::kUtf32) {
      AppendUnit(point >> 16, false, &out);
      AppendUnit(point & 0xFFFF, false, &out);
    } else {
      bool little = *found == Charset::kUtf16Le;
      if (point > 0xFFFF) {
        AppendUnit(0xD800 + ((point - 0x10000) >> 10), little, &out);
        point = 0xDC00 + ((point - 0x10000) & 0x3FF);
      }
      AppendUnit(point, little, &out);
    }
  }
  return out;
}

Result<std::string> DecodeText(std::string_view bytes, std::string_view charset) {
  auto found = FindCharset(charset);
  if (!found) return UnknownCharset("decode", charset);
  auto text = Decode(bytes, *found);
  if (!text) return Malformed("decode", charset);
  return std::move(*text);
}

}  // namespace flare::engine
