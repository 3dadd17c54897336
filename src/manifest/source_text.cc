#include "manifest/source_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace flare::manifest {
namespace {

/// Length of the UTF-8 character at `at`, or 0 when the bytes there are not one.
size_t CharacterLength(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto tail = [&](size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  unsigned first = byte(at);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(at + 1) < 0xA0) return 0;
    if (first == 0xED && byte(at + 1) > 0x9F) return 0;  // surrogates
    return tail(at + 1) && tail(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(at + 1) < 0x90) return 0;
    if (first == 0xF4 && byte(at + 1) > 0x8F) return 0;
    return tail(at + 1) && tail(at + 2) && tail(at + 3) ? 4 : 0;
  }
  return 0;
}

std::string WithPlainLineBreaks(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') {
      text += '\n';
      if (i + 1 < bytes.size() && bytes[i + 1] == '\n') ++i;
    } else {
      text += bytes[i];
    }
  }
  return text;
}

bool IsForbiddenControl(unsigned char c) {
  return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

Diagnostic NotText(SourcePosition where, std::string message, std::string hint) {
  return {Severity::kError, std::move(where), "not-text", std::move(message), "", "",
          std::move(hint)};
}

}  // namespace

SourceText::SourceText(std::string text, std::string file)
    : text_(std::move(text)), file_(std::move(file)) {
  line_starts_.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

std::optional<SourceText> SourceText::Make(std::string_view bytes, const std::string& file,
                                           Diagnostics* diagnostics) {
  if (bytes.size() > kMaxBytes) {
    diagnostics->push_back(
        NotText({file, 1, 1},
                fmt::format("the file has {} bytes; a manifest may have {} at most", bytes.size(),
                            kMaxBytes),
                "is this the data instead of the manifest?"));
    return std::nullopt;
  }
  if (bytes.substr(0, 2) == "\xFF\xFE" || bytes.substr(0, 2) == "\xFE\xFF") {
    diagnostics->push_back(NotText({file, 1, 1}, "the file is UTF-16 text", "save it as UTF-8"));
    return std::nullopt;
  }
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  SourceText source(WithPlainLineBreaks(bytes), file);
  for (size_t i = 0; i < source.text_.size();) {
    auto c = static_cast<unsigned char>(source.text_[i]);
    if (IsForbiddenControl(c)) {
      diagnostics->push_back(NotText(
          source.At(i), fmt::format("the file holds a control character (byte 0x{:02X})", c),
          "is this a YAML text file?"));
      return std::nullopt;
    }
    size_t length = CharacterLength(source.text_, i);
    if (length == 0) {
      diagnostics->push_back(NotText(source.At(i),
                                     fmt::format("the file is not UTF-8 text (byte 0x{:02X})", c),
                                     "save it as UTF-8"));
      return std::nullopt;
    }
    i += length;
  }
  return source;
}

SourcePosition SourceText::At(size_t offset) const {
  offset = std::min(offset, text_.size());
  auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  size_t start = *(after - 1);
  int column = 1;
  for (size_t i = start; i < offset; ++i) {
    if ((static_cast<unsigned char>(text_[i]) & 0xC0u) != 0x80u) ++column;
  }
  return {file_, static_cast<int>(after - line_starts_.begin()), column};
}

std::string_view SourceText::Line(int line) const {
  if (line < 1 || static_cast<size_t>(line) > line_starts_.size()) return "";
  size_t start = line_starts_[static_cast<size_t>(line) - 1];
  size_t end = text_.find('\n', start);
  return std::string_view(text_).substr(start, end == std::string::npos ? end : end - start);
}

}  // namespace flare::manifest
