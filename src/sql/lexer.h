#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace flare::sql {

enum class TokenKind {
  kWord,        ///< unquoted identifier or keyword, as written
  kQuotedName,  ///< `name`, decoded
  kString,      ///< 'text', "text" or r'text', decoded
  kNumber,      ///< digits with fraction, exponent and suffix, as written
  kSymbol,      ///< operator or punctuation
  kHint,        ///< the inside of /*+ ... */
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  size_t begin = 0;  ///< byte offset of its first character
  size_t end = 0;    ///< one past its last
};

/// What could not be read as a token.
struct LexError {
  std::string code;  ///< Spark's condition
  std::string message;
  size_t offset = 0;
  bool unclosed = false;  ///< the text ended within a string, a name or a comment
};

/// Splits Spark SQL into tokens; the last is kEnd. Comments are dropped. On an error `error` is set and
/// the tokens stop before it.
std::vector<Token> Tokenize(std::string_view text, LexError* error);

}  // namespace flare::sql
