#include "sql/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace flare::sql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordChar(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_'; }

void AppendUtf8(uint32_t code, std::string* out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | (code >> 6));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | (code >> 12));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (code >> 18));
    *out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Lexer {
 public:
  Lexer(std::string_view text, LexError* error) : text_(text), error_(error) {}

  std::vector<Token> Run() {
    while (!failed_) {
      if (!SkipSpace()) break;
      if (at_ >= text_.size()) break;
      Next();
    }
    tokens_.push_back({TokenKind::kEnd, "", text_.size(), text_.size()});
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void Fail(std::string code, std::string message, size_t offset) {
    failed_ = true;
    *error_ = {std::move(code), std::move(message), offset};
  }
  void FailUnclosed(std::string code, std::string message, size_t offset) {
    Fail(std::move(code), std::move(message), offset);
    error_->unclosed = true;
  }

  void Add(TokenKind kind, std::string text, size_t begin) {
    tokens_.push_back({kind, std::move(text), begin, at_});
  }

  /// Skips blanks and comments; false on an error.
  bool SkipSpace() {
    while (at_ < text_.size()) {
      char c = Peek();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
        ++at_;
      } else if (text_.substr(at_, 2) == "\xC2\xA0") {
        at_ += 2;  // no-break space, pasted from pages
      } else if (text_.substr(at_, 3) == "\xEF\xBB\xBF") {
        at_ += 3;  // byte order mark
      } else if (c == '-' && Peek(1) == '-') {
        // a backslash at the line's end continues the comment
        while (at_ < text_.size() && (Peek() != '\n' || text_[at_ - 1] == '\\')) ++at_;
      } else if (c == '/' && Peek(1) == '*' && Peek(2) != '+') {
        if (!SkipBlockComment()) return false;
      } else {
        return true;
      }
    }
    return true;
  }

  bool SkipBlockComment() {
    size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      if (Peek() == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (Peek() == '*' && Peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return true;
      } else {
        ++at_;
      }
    }
    FailUnclosed("UNCLOSED_BRACKETED_COMMENT", "this comment has no closing */", begin);
    return false;
  }

  void Next() {
    char c = Peek();
    if ((c == 'r' || c == 'R') && (Peek(1) == '\'' || Peek(1) == '"')) return RawString();
    if (c == '\'' || c == '"') return String(c);
    if (c == '`') return QuotedName();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !AfterOperand())) return Number();
    if (IsWordChar(c)) return Word();
    if (c == '/' && Peek(1) == '*' && Peek(2) == '+') return Hint();
    Symbol();
  }

  /// `a.1` and `x[0].1` name a field; `+ .1` is a number.
  bool AfterOperand() const {
    if (tokens_.empty() || tokens_.back().end != at_) return false;
    const Token& last = tokens_.back();
    return last.kind == TokenKind::kWord || last.kind == TokenKind::kQuotedName || last.text == ")" || last.text == "]";
  }

  void Word() {
    size_t begin = at_;
    while (IsWordChar(Peek())) ++at_;
    Add(TokenKind::kWord, std::string(text_.substr(begin, at_ - begin)), begin);
  }

  void Number() {
    size_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && !(IsWordChar(Peek(1)) && !IsDigit(Peek(1)) && Peek(1) != 'e' && Peek(1) != 'E' && !IsSuffix(1))) {
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 2 : 1;
      if (IsDigit(Peek(sign))) {
        at_ += sign;
        while (IsDigit(Peek())) ++at_;
      }
    }
    size_t digits_end = at_;
    while (IsWordChar(Peek())) ++at_;
    std::string_view tail = text_.substr(digits_end, at_ - digits_end);
    bool plain_digits = std::all_of(text_.begin() + begin, text_.begin() + digits_end, IsDigit);
    if (tail.empty() || IsSuffixText(tail)) return Add(TokenKind::kNumber, Slice(begin), begin);
    // Spark's names may begin with digits: 2x is a name, 2.5x is nothing.
    if (plain_digits || text_.substr(begin, digits_end - begin).find('.') == std::string_view::npos) {
      return Add(TokenKind::kWord, Slice(begin), begin);
    }
    Fail("PARSE_SYNTAX_ERROR", fmt::format("{} is not a number", Slice(begin)), begin);
  }

  bool IsSuffix(size_t ahead) const {
    size_t end = at_ + ahead;
    while (end < text_.size() && IsWordChar(text_[end])) ++end;
    return IsSuffixText(text_.substr(at_ + ahead, end - at_ - ahead));
  }

  static bool IsSuffixText(std::string_view tail) {
    if (tail.size() == 2) return (tail[0] | 32) == 'b' && (tail[1] | 32) == 'd';
    if (tail.size() != 1) return false;
    return std::string_view("lsyfd").find(static_cast<char>(tail[0] | 32)) != std::string_view::npos;
  }

  std::string Slice(size_t begin) const { return std::string(text_.substr(begin, at_ - begin)); }

  void QuotedName() {
    size_t begin = at_++;
    std::string name;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c != '`') {
        name += c;
      } else if (Peek() == '`') {
        name += '`';
        ++at_;
      } else {
        if (name.empty()) return Fail("PARSE_EMPTY_STATEMENT", "a name in backticks is empty", begin);
        return Add(TokenKind::kQuotedName, std::move(name), begin);
      }
    }
    FailUnclosed("PARSE_SYNTAX_ERROR", "this name has no closing backtick", begin);
  }

  void RawString() {
    size_t begin = at_++;
    char quote = text_[at_++];
    size_t from = at_;
    while (at_ < text_.size() && text_[at_] != quote) ++at_;
    if (at_ >= text_.size()) return FailUnclosed("PARSE_SYNTAX_ERROR", "this string has no closing quote", begin);
    std::string body(text_.substr(from, at_ - from));
    ++at_;
    Add(TokenKind::kString, std::move(body), begin);
  }

  void String(char quote) {
    size_t begin = at_++;
    std::string body;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == quote) {
        // 'it''s' is two strings side by side, which the parser joins: Spark reads its
        return Add(TokenKind::kString, std::move(body), begin);
      } else if (c == '\\') {
        if (at_ >= text_.size()) break;
        Escape(&body);
      } else {
        body += c;
      }
    }
    FailUnclosed("PARSE_SYNTAX_ERROR", "this string has no closing quote", begin);
  }

  bool Hex(size_t count, uint32_t* code) {
    *code = 0;
    if (at_ + count > text_.size()) return false;
    for (size_t i = 0; i < count; ++i) {
      char c = static_cast<char>(text_[at_ + i] | 32);
      uint32_t digit;
      if (IsDigit(text_[at_ + i])) {
        digit = static_cast<uint32_t>(text_[at_ + i] - '0');
      } else if (c >= 'a' && c <= 'f') {
        digit = static_cast<uint32_t>(c - 'a' + 10);
      } else {
        return false;
      }
      *code = *code * 16 + digit;
    }
    at_ += count;
    return true;
  }

  /// One escape of a string literal; `at_` is behind the backslash.
  void Escape(std::string* body) {
    char c = text_[at_++];
    uint32_t code = 0;
    auto octal = [this](size_t ahead) { return Peek(ahead) >= '0' && Peek(ahead) <= '7'; };
    switch (c) {
      case 'n': *body += '\n'; return;
      case 't': *body += '\t'; return;
      case 'r': *body += '\r'; return;
      case 'b': *body += '\b'; return;
      case 'Z': *body += '\x1A'; return;
      case '%':
      case '_':  // kept for LIKE
        *body += '\\';
        *body += c;
        return;
      case 'u':
        if (Hex(4, &code)) {
          // a surrogate pair is one character
          size_t back = at_;
          uint32_t low = 0;
          if (code >= 0xD800 && code < 0xDC00 && Peek() == '\\' && Peek(1) == 'u' && (at_ += 2, Hex(4, &low)) &&
              low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
          } else if (low != 0 || at_ != back) {
            at_ = back;
          }
          return AppendUtf8(code, body);
        }
        *body += c;
        return;
      case 'U':
        if (Hex(8, &code)) return AppendUtf8(code, body);
        *body += c;
        return;
      case '0':
      case '1':
        if (octal(0) && octal(1)) {
          code = static_cast<uint32_t>((c - '0') * 64 + (Peek() - '0') * 8 + (Peek(1) - '0'));
          at_ += 2;
          return AppendUtf8(code, body);
        }
        *body += c == '0' ? '\0' : c;
        return;
      default: *body += c;
    }
  }

  void Hint() {
    size_t begin = at_;
    size_t close = text_.find("*/", at_);
    if (close == std::string_view::npos) {
      return FailUnclosed("UNCLOSED_BRACKETED_COMMENT", "this hint has no closing */", begin);
    }
    std::string body(text_.substr(at_ + 3, close - at_ - 3));
    at_ = close + 2;
    Add(TokenKind::kHint, std::move(body), begin);
  }

  void Symbol() {
    static constexpr std::string_view kSymbols[] = {
        "<=>", ">>>", "||", "==", "!=", "<>", "<=", ">=", "::", "->", "=>", "<<", ">>", "|>", "(", ")", "[",
        "]",   "{",   "}",  ",",  ".",  ";",  ":",  "+",  "-",  "*",  "/",  "%",  "=",  "<",  ">", "&", "|"};
    size_t begin = at_;
    for (std::string_view symbol : kSymbols) {
      if (text_.substr(at_, symbol.size()) == symbol) {
        at_ += symbol.size();
        return Add(TokenKind::kSymbol, std::string(symbol), begin);
      }
    }
    char c = Peek();
    if (c == '^' || c == '~' || c == '!' || c == '?' || c == '@') {
      ++at_;
      return Add(TokenKind::kSymbol, std::string(1, c), begin);
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      return Fail("INVALID_IDENTIFIER", "a name with letters outside a-z must stand in backticks", begin);
    }
    Fail("PARSE_SYNTAX_ERROR", fmt::format("the character code {} has no meaning here", static_cast<int>(c)), begin);
  }

  std::string_view text_;
  LexError* error_;
  size_t at_ = 0;
  bool failed_ = false;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text, LexError* error) { return Lexer(text, error).Run(); }

}  // namespace flare::sql
