#include "sql/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flare::sql {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Texts(std::string_view sql) {
  LexError error;
  std::vector<std::string> texts;
  for (const Token& token : Tokenize(sql, &error)) {
    if (token.kind != TokenKind::kEnd) texts.push_back(token.text);
  }
  if (!error.code.empty()) texts.push_back("! " + error.code);
  return texts;
}

TEST(Lexer, SplitsOperatorsNamesAndNumbers) {
  EXPECT_THAT(Texts("a<=>b>>>2||x.y::int"), ElementsAre("a", "<=>", "b", ">>>", "2", "||", "x", ".", "y", "::", "int"));
  EXPECT_THAT(Texts("1.5BD 2L .5 1e-3D 7. 12F 1e3x"), ElementsAre("1.5BD", "2L", ".5", "1e-3D", "7.", "12F", "1e3x"));
  EXPECT_THAT(Texts("2x + `a``b`"), ElementsAre("2x", "+", "a`b"));
}

TEST(Lexer, DecodesStringEscapes) {
  EXPECT_THAT(Texts(R"('it\'s' "say \"hi\"" 'tab\tA\%\_')"), ElementsAre("it's", "say \"hi\"", "tab\tA\\%\\_"));
  EXPECT_THAT(Texts(R"('\u00e9 \U0001F600 \101 \d')"), ElementsAre("\xC3\xA9 \xF0\x9F\x98\x80 A d"));
  EXPECT_THAT(Texts(R"('\ud83d\ude00')"), ElementsAre("\xF0\x9F\x98\x80"));
  EXPECT_THAT(Texts(R"(r'\d+' R"a\n")"), ElementsAre("\\d+", "a\\n"));
}

TEST(Lexer, DropsCommentsAndKeepsHints) {
  EXPECT_THAT(Texts("a -- no\n b /* x /* nested */ y */ c /*+ BROADCAST(t) */ d"), ElementsAre("a", "b", "c", " BROADCAST(t) ", "d"));
  EXPECT_THAT(Texts("'-- no comment'"), ElementsAre("-- no comment"));
}

TEST(Lexer, NamesWhatItCannotRead) {
  EXPECT_THAT(Texts("a 'open"), ElementsAre("a", "! PARSE_SYNTAX_ERROR"));
  EXPECT_THAT(Texts("a /* open"), ElementsAre("a", "! UNCLOSED_BRACKETED_COMMENT"));
  EXPECT_THAT(Texts("\xC3\xBC"), ElementsAre("! INVALID_IDENTIFIER"));
  EXPECT_THAT(Texts(std::string_view("a \0 b", 5)), ElementsAre("a", "! PARSE_SYNTAX_ERROR"));
}

TEST(Lexer, EveryByteStringEnds) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 7) {
      std::string text = {static_cast<char>(first), static_cast<char>(second), '\\', '\''};
      LexError error;
      std::vector<Token> tokens = Tokenize(text, &error);
      ASSERT_EQ(tokens.back().kind, TokenKind::kEnd);
    }
  }
}

}  // namespace
}  // namespace flare::sql
