#include "sql/names.h"

#include <algorithm>
#include <cctype>

namespace flare::sql {

std::string LowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string UpperAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool EqualIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && LowerAscii(a) == LowerAscii(b);
}

std::string QuoteNameIfNeeded(std::string_view name) {
  bool plain = !name.empty() && !std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); });
  for (unsigned char c : name) plain = plain && c < 0x80 && (std::isalnum(c) || c == '_');
  return plain ? std::string(name) : QuoteNameParts({std::string(name)});
}

std::string QuoteNameParts(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += '.';
    out += '`';
    for (char c : part) {
      if (c == '`') out += '`';
      out += c;
    }
    out += '`';
  }
  return out;
}

std::string QuoteSparkString(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string QuoteDuckDbString(std::string_view text) {
  std::string out = "'";
  bool pieces = false;
  for (char c : text) {
    if (c == '\0') {
      out += "' || chr(0) || '";
      pieces = true;
      continue;
    }
    if (c == '\'') out += '\'';
    out += c;
  }
  out += "'";
  return pieces ? "(" + out + ")" : out;
}

}  // namespace flare::sql
