#include "engine/json_reader.h"

#include <fmt/format.h>

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "engine/utf8.h"

namespace flare::engine {
namespace {

/// Jackson's limit.
constexpr int kDeepest = 1000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The first quote, backslash or control character.
const char* FindSpecial(const char* at, const char* end, char quote) {
#ifdef __SSE2__
  const __m128i quotes = _mm_set1_epi8(quote);
  const __m128i backslashes = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  while (end - at >= 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quotes),
                                              _mm_cmpeq_epi8(bytes, backslashes)),
                                 control);
    int mask = _mm_movemask_epi8(found);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
    at += 16;
  }
#endif
  while (at < end && *at != quote && *at != '\\' && static_cast<uint8_t>(*at) >= 0x20) ++at;
  return at;
}

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Reads the four digits of \uXXXX at `at`.
bool ReadHex4(std::string_view text, size_t at, uint32_t* value) {
  if (at + 4 > text.size()) return false;
  *value = 0;
  for (size_t i = 0; i < 4; ++i) {
    int digit = HexValue(text[at + i]);
    if (digit < 0) return false;
    *value = *value << 4 | static_cast<uint32_t>(digit);
  }
  return true;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '"':
    case '\\':
    case '/':
      return c;
    default:
      return '\0';
  }
}

/// Appends the character of the \u escape whose digits start at *at, which is moved behind it; two
/// escapes that form a pair are one character, half a pair becomes '?' as in Java.
bool AppendUnicodeEscape(std::string_view raw, size_t* at, std::string* text) {
  uint32_t unit = 0;
  if (!ReadHex4(raw, *at, &unit)) return false;
  *at += 4;
  if (unit >= 0xD800 && unit < 0xDC00 && raw.substr(*at).starts_with("\\u")) {
    uint32_t low = 0;
    if (!ReadHex4(raw, *at + 2, &low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      *at += 6;
      AppendCodePoint(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), text);
      return true;
    }
  }
  if (unit >= 0xD800 && unit < 0xE000) {
    text->push_back('?');
  } else {
    AppendCodePoint(unit, text);
  }
  return true;
}

}  // namespace

void JsonReader::SkipBlanks() {
  while (at_ < end_) {
    char c = *at_;
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c != '/' || !leniency_.comments || !SkipComment()) {
      return;
    }
  }
}

bool JsonReader::SkipComment() {
  std::string_view rest(at_, end_ - at_);
  size_t close = rest.npos;
  if (rest.starts_with("//")) close = std::min(rest.find('\n'), rest.size());
  if (rest.starts_with("/*")) {
    close = rest.find("*/", 2);
    if (close != rest.npos) close += 2;
  }
  if (close == rest.npos) return false;
  at_ += close;
  return true;
}

bool JsonReader::ReadString(String* string) {
  char quote = Peek();
  if (!IsString(quote)) return false;
  const char* begin = ++at_;
  string->escaped = false;
  while (true) {
    at_ = FindSpecial(at_, end_, quote);
    if (at_ >= end_) return false;
    if (*at_ == quote) break;
    if (*at_ == '\\') {
      string->escaped = true;
      at_ += 2;
      if (at_ > end_) return false;
    } else if (leniency_.control_characters) {
      ++at_;
    } else {
      return false;
    }
  }
  string->raw = {begin, static_cast<size_t>(at_ - begin)};
  ++at_;
  if (!string->escaped) return true;
  // A bad escape makes the record malformed, even where nobody reads the string.
  for (size_t i = 0; i < string->raw.size(); ++i) {
    if (string->raw[i] != '\\') continue;
    char c = string->raw[++i];
    uint32_t unused = 0;
    if (c == 'u' ? !ReadHex4(string->raw, i + 1, &unused)
                 : SimpleEscape(c) == '\0' && !leniency_.any_escape &&
                       !(c == '\'' && leniency_.single_quotes)) {
      return false;
    }
  }
  return true;
}

bool JsonReader::Unescape(const String& string, std::string* scratch, std::string_view* text) const {
  if (!string.escaped) {
    *text = string.raw;
    return true;
  }
  scratch->clear();
  for (size_t i = 0; i < string.raw.size();) {
    char c = string.raw[i++];
    if (c != '\\') {
      scratch->push_back(c);
      continue;
    }
    c = string.raw[i++];
    if (c == 'u') {
      if (!AppendUnicodeEscape(string.raw, &i, scratch)) return false;
    } else {
      char simple = SimpleEscape(c);
      scratch->push_back(simple == '\0' ? c : simple);
    }
  }
  *text = *scratch;
  return true;
}

bool JsonReader::ReadSpecialNumber(Number* number) {
  if (!leniency_.non_numeric_numbers) return false;
  std::string_view rest(at_, end_ - at_);
  for (std::string_view word : {"NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF"}) {
    if (!rest.starts_with(word)) continue;
    *number = {rest.substr(0, word.size()), false, true};
    at_ += word.size();
    return true;
  }
  return false;
}

bool JsonReader::ReadNumber(Number* number) {
  Peek();
  const char* begin = at_;
  if (at_ < end_ && *at_ == '-') ++at_;
  if (at_ >= end_ || !IsDigit(*at_)) {
    at_ = begin;
    return ReadSpecialNumber(number);
  }
  const char* digits = at_;
  while (at_ < end_ && IsDigit(*at_)) ++at_;
  if (*digits == '0' && at_ - digits > 1 && !leniency_.leading_zeros) return false;
  number->is_integer = true;
  number->is_special = false;
  if (at_ < end_ && *at_ == '.') {
    number->is_integer = false;
    const char* fraction = ++at_;
    while (at_ < end_ && IsDigit(*at_)) ++at_;
    if (at_ == fraction) return false;
  }
  if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
    number->is_integer = false;
    ++at_;
    if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    const char* exponent = at_;
    while (at_ < end_ && IsDigit(*at_)) ++at_;
    if (at_ == exponent) return false;
  }
  number->raw = {begin, static_cast<size_t>(at_ - begin)};
  return true;
}

bool JsonReader::ReadWord(std::string_view word) {
  Peek();
  if (static_cast<size_t>(end_ - at_) < word.size() ||
      std::memcmp(at_, word.data(), word.size()) != 0) {
    return false;
  }
  at_ += word.size();
  return at_ == end_ || !(std::isalnum(static_cast<unsigned char>(*at_)) || *at_ == '_');
}

bool JsonReader::ReadName(String* name) {
  char c = Peek();
  if (IsString(c)) {
    if (!ReadString(name)) return false;
  } else {
    if (!leniency_.unquoted_names) return false;
    const char* begin = at_;
    while (at_ < end_ && (std::isalnum(static_cast<unsigned char>(*at_)) || *at_ == '_' ||
                          *at_ == '$' || static_cast<uint8_t>(*at_) >= 0x80)) {
      ++at_;
    }
    if (at_ == begin || IsDigit(*begin)) return false;
    *name = {{begin, static_cast<size_t>(at_ - begin)}, false};
  }
  return TakeIf(':');
}

bool JsonReader::Next(char close, bool* more) {
  char c = Peek();
  *more = c == ',';
  if (c != ',' && c != close) return false;
  ++at_;
  return true;
}

void JsonReader::SkipWord() {
  while (at_ < end_ && (std::isalnum(static_cast<unsigned char>(*at_)) || *at_ == '_' || *at_ == '$')) ++at_;
}

bool JsonReader::SkipValue(std::string_view* raw) {
  Peek();
  const char* begin = at_;
  if (!SkipNested(0)) return false;
  if (raw != nullptr) *raw = {begin, static_cast<size_t>(at_ - begin)};
  return true;
}

bool JsonReader::SkipNested(int depth) {
  if (depth > kDeepest) return false;
  char c = Peek();
  String string;
  Number number;
  if (IsString(c)) return ReadString(&string);
  if (c == 't') return ReadWord("true");
  if (c == 'f') return ReadWord("false");
  if (c == 'n') return ReadWord("null");
  if (c != '{' && c != '[') return IsNumberStart(c) && ReadNumber(&number);
  char close = c == '{' ? '}' : ']';
  ++at_;
  if (TakeIf(close)) return true;
  for (bool more = true; more;) {
    if (close == '}' && !ReadName(&string)) return false;
    if (!SkipNested(depth + 1) || !Next(close, &more)) return false;
  }
  return true;
}

void AppendJsonString(std::string_view text, std::string* json) {
  json->push_back('"');
  for (char c : text) {
    switch (c) {
      case '"':
      case '\\':
        json->push_back('\\');
        json->push_back(c);
        break;
      case '\b':
        json->append("\\b");
        break;
      case '\f':
        json->append("\\f");
        break;
      case '\n':
        json->append("\\n");
        break;
      case '\r':
        json->append("\\r");
        break;
      case '\t':
        json->append("\\t");
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20) {
          json->append(fmt::format("\\u{:04X}", static_cast<unsigned>(c)));
        } else {
          json->push_back(c);
        }
    }
  }
  json->push_back('"');
}

}  // namespace flare::engine
