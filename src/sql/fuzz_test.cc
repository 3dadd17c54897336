// Statements nobody would write: parts of good ones, cut, doubled, swapped and spoiled. The parser and the binder must
// refuse them or read them, never crash or hang, and what is read must be written and read again as the same tree.
//
// FLARE_FUZZ_STATEMENTS and FLARE_FUZZ_SEED ask for more, or for others: `./dev fuzz`.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "sql/compile_fixture.h"
#include "sql/format.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/recorded_fixture.h"

namespace flare::sql {
namespace {

constexpr uint64_t kStatements = 3000;

/// Texts that tokens are replaced by: ends of ranges, hostile patterns, broken UTF-8, deep nesting.
const std::string& Spoiler(std::mt19937_64& random) {
  static const std::vector<std::string> kSpoilers = {
      "NULL", "''", "-9223372036854775808", "99999999999999999999999999999999999999", "1e400", "1e-400", "'\xFF\xFE'", "'\\u0000'",
      "(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((", ")", "`", "'", "\"", "/*", "*/", "--", ";", "|>", "::", "[", "]",
      "CAST(NULL AS ARRAY<STRUCT<a: MAP<STRING, INT>>>)", "INTERVAL '99999999999' YEAR", "TIMESTAMP '9999-99-99'", "rlike '(a+)+$'",
      "explode(array())", "OVER (PARTITION BY 1)", "GROUPING SETS (())", "LATERAL", "x -> x", "DISTINCT", "* EXCEPT (a)", "DECIMAL(38, 38)",
      "from_json('{', 'a INT')", "window(current_timestamp(), '1 minute')", "ORDER BY ALL", "WITH q AS (SELECT 1)", "\xC3\xBC", "\x01"};
  return kSpoilers[random() % kSpoilers.size()];
}

std::vector<std::string> TokensOf(const std::string& sql) {
  LexError error;
  std::vector<std::string> texts;
  for (const Token& token : Tokenize(sql, &error)) texts.push_back(sql.substr(token.begin, token.end - token.begin));
  return texts;
}

std::string Mutant(const std::vector<std::vector<std::string>>& seeds, std::mt19937_64& random) {
  std::vector<std::string> tokens = seeds[random() % seeds.size()];
  for (uint64_t change = 1 + random() % 4; change > 0 && !tokens.empty(); --change) {
    size_t at = random() % tokens.size();
    const auto& other = seeds[random() % seeds.size()];
    auto place = tokens.begin() + static_cast<ptrdiff_t>(at);
    switch (random() % 6) {
      case 0: tokens.erase(place); break;
      case 1: tokens.insert(place, tokens[random() % tokens.size()]); break;
      case 2: std::swap(tokens[at], tokens[random() % tokens.size()]); break;
      case 3: tokens[at] = Spoiler(random); break;
      case 4: if (!other.empty()) tokens[at] = other[random() % other.size()]; break;
      default: tokens.resize(at + 1); break;
    }
  }
  std::string sql;
  for (const std::string& token : tokens) sql += token + " ";
  return sql;
}

uint64_t Setting(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

void Try(const std::string& sql) {
  Parser parser(sql);
  QueryPtr tree = parser.ParseStatement();
  if (tree) {
    std::string text = Format(*tree);
    Parser second(text);
    QueryPtr again = second.ParseStatement();
    ASSERT_TRUE(again) << sql << "\n  is written " << text << "\n  and refused: " << second.error().message;
    ASSERT_TRUE(SameTree(*tree, *again)) << sql << "\n  is written " << text << "\n  then " << Format(*again);
  }
  Outcome outcome = Translate(sql);
  ASSERT_TRUE(outcome.query || HasErrors(outcome.diagnostics)) << "refused without a word: " << sql;
}

TEST(Fuzz, SpoiledStatementsNeverCrashTheParserOrTheBinder) {
  std::vector<std::vector<std::string>> seeds;
  for (const std::string& sql : RecordedStatements()) seeds.push_back(TokensOf(sql));
  ASSERT_FALSE(seeds.empty());
  uint64_t statements = Setting("FLARE_FUZZ_STATEMENTS", kStatements), seed = Setting("FLARE_FUZZ_SEED", 1);
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < statements; ++i) {
    std::string sql = Mutant(seeds, random);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", statement " << i);
    if (std::getenv("FLARE_FUZZ_SHOW") != nullptr) std::fprintf(stderr, "%s\n", sql.c_str());
    Try(sql);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace flare::sql
