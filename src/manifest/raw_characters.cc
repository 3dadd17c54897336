#include "manifest/raw_characters.h"

#include <algorithm>
#include <string_view>

namespace flare::manifest {
namespace {

/// Whether the escape behind a backslash (`n`, `x20`, `u000a`, ...) stands for a blank.
bool EscapesBlank(std::string_view escape) {
  if (escape.size() == 1)
    return std::string_view("ntr \n\t").find(escape.front()) != std::string_view::npos;
  size_t code = 0;
  for (char c : escape.substr(1)) {
    bool digit = c >= '0' && c <= '9';
    code = code * 16 + static_cast<size_t>(digit ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return code == 0x20 || code == 0x09 || code == 0x0A || code == 0x0D;
}

}  // namespace

RawCharacters::RawCharacters(const std::string& raw, size_t start) : raw_(raw), at_(start) {
  if (at_ >= raw_.size()) return;
  char first = raw_[at_];
  if (first == '|' || first == '>') at_ = std::min(raw_.find('\n', at_), raw_.size());
  if (first == '"' || first == '\'') {
    quote_ = first;
    ++at_;
  }
}

size_t RawCharacters::Next() {
  while (at_ < raw_.size()) {
    size_t start = at_;
    if (IsBlank(raw_[at_])) {
      ++at_;
    } else if (quote_ == '"' && raw_[at_] == '\\' && at_ + 1 < raw_.size()) {
      char kind = raw_[at_ + 1];
      size_t length = 1 + (kind == 'x' ? 2u : kind == 'u' ? 4u : kind == 'U' ? 8u : 0u);
      at_ += 1 + length;
      if (!EscapesBlank(std::string_view(raw_).substr(start + 1, length))) return start;
    } else {
      ++at_;
      if (quote_ == '\'' && raw_[start] == '\'' && at_ < raw_.size() && raw_[at_] == '\'') ++at_;
      while (at_ < raw_.size() && ContinuesCharacter(raw_[at_])) ++at_;
      return start;
    }
  }
  return raw_.size();
}

bool IsClosed(const std::string& raw, size_t start, const std::string& value) {
  RawCharacters characters(raw, start);
  for (char c : value) {
    if (!IsBlank(c) && !ContinuesCharacter(c)) characters.Next();
  }
  size_t end = characters.Next();
  return end < raw.size() && raw[end] == raw[start];
}

}  // namespace flare::manifest
