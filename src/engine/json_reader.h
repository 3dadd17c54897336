#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flare::engine {

/// What Spark's JSON options let through beyond the standard; the defaults are Spark's.
struct JsonLeniency {
  bool single_quotes = true;
  bool unquoted_names = false;
  bool non_numeric_numbers = true;  ///< NaN, Infinity, -INF ...
  bool leading_zeros = false;
  bool any_escape = false;
  bool control_characters = false;
  bool comments = false;
};

/// What the JSON functions without options let through.
inline constexpr JsonLeniency kPlainJson = {.non_numeric_numbers = false, .control_characters = true};

/// Reads one JSON text token by token, in place and without allocation. Every method returns false when
/// the text is malformed; nothing is said about the place, since a record is judged as a whole.
/// Threads: one.
class JsonReader {
 public:
  /// What a string token looks like before unescaping.
  struct String {
    std::string_view raw;
    bool escaped = false;
  };
  struct Number {
    std::string_view raw;
    bool is_integer = true;
    bool is_special = false;  ///< NaN, Infinity, ...
  };

  JsonReader(std::string_view text, const JsonLeniency& leniency)
      : at_(text.data()), end_(text.data() + text.size()), leniency_(leniency) {}

  /// The first character of the next token, '\0' at the end (or at a NUL, which begins no token).
  char Peek() {
    SkipBlanks();
    return at_ < end_ ? *at_ : '\0';
  }
  /// Takes a structural character that Peek showed.
  void Take() { ++at_; }
  bool TakeIf(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool IsString(char c) const { return c == '"' || (c == '\'' && leniency_.single_quotes); }
  static bool IsNumberStart(char c) {
    return c == '-' || c == '+' || (c >= '0' && c <= '9') || c == 'N' || c == 'I';
  }

  bool ReadString(String* string);
  bool ReadNumber(Number* number);
  /// "true", "false" or "null".
  bool ReadWord(std::string_view word);
  /// A member's name with the colon behind it.
  bool ReadName(String* name);
  /// Skips one value; `raw` (may be null) is its text.
  bool SkipValue(std::string_view* raw);
  /// Skips the letters and digits of a word that is no token, as Jackson does before it complains.
  void SkipWord();
  /// Between members and elements: true with *more when a comma follows, or at `close`.
  bool Next(char close, bool* more);

  /// The text of a string token: the raw bytes, or unescaped into `scratch`. False for a bad escape.
  bool Unescape(const String& string, std::string* scratch, std::string_view* text) const;

 private:
  void SkipBlanks();
  bool SkipComment();
  bool ReadSpecialNumber(Number* number);
  bool SkipNested(int depth);

  const char* at_;
  const char* end_;
  JsonLeniency leniency_;
};

/// Appends `text` as a JSON string with quotes, escaped as Jackson does.
void AppendJsonString(std::string_view text, std::string* json);

}  // namespace flare::engine
