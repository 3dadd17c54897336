#include "engine/regex.h"

#include "base/test_matchers.h"

namespace flare::engine {
namespace {

/// Whether the pattern matches all of the text, as Java's Matcher.matches.
bool Matches(std::string_view pattern, std::string_view text) {
  auto regex = Regex::Compile(std::string("^(?:").append(pattern).append(")$"), "rlike");
  EXPECT_THAT(regex, IsOk()) << pattern;
  if (!regex.has_value()) return false;
  auto found = regex->Find(text, 0);
  EXPECT_THAT(found, IsOk());
  return found.has_value() && *found;
}

TEST(RegexTest, IntersectsClassesAsJava) {
  EXPECT_TRUE(Matches("[a-z&&[^aeiou]]+", "xyz"));
  EXPECT_FALSE(Matches("[a-z&&[^aeiou]]", "a"));
  EXPECT_FALSE(Matches("[a-z&&[^aeiou]]", "X"));
  EXPECT_TRUE(Matches("[a-z&&[def]&&[e-z]]+", "ef"));
  EXPECT_TRUE(Matches("[^a-z&&[aeiou]]+", "xZ1"));
  EXPECT_FALSE(Matches("[^a-z&&[aeiou]]", "a"));
}

TEST(RegexTest, UnitesClassesAsJava) {
  EXPECT_TRUE(Matches("[a-c[x-z]]+", "axz"));
  EXPECT_FALSE(Matches("[a-c[x-z]]", "m"));
  EXPECT_TRUE(Matches("[a[^b]]+", "acd"));
  EXPECT_TRUE(Matches("[[a-c]]+", "abc"));
  EXPECT_TRUE(Matches("[[:ab]]+", "a:b"));
}

TEST(RegexTest, KeepsPlainClasses) {
  EXPECT_TRUE(Matches("[]a]+", "]a"));
  EXPECT_TRUE(Matches("[^]]", "a"));
  EXPECT_TRUE(Matches("[a&b]+", "a&b"));
  EXPECT_TRUE(Matches("[\\d.-]+", "1.2-3"));
  EXPECT_TRUE(Matches("[\\p{Alpha}_]+", "ab_"));
  EXPECT_TRUE(Matches("[:a]+", "a:"));
}

TEST(RegexTest, ReadsCodesAsJava) {
  EXPECT_TRUE(Matches("\\u0041\\0101\\x41", "AAA"));
  EXPECT_TRUE(Matches("\\uD83D\\uDE00", "😀"));
  EXPECT_TRUE(Matches("\\0377", "ÿ"));
}

TEST(RegexTest, KnowsJavasFlags) {
  EXPECT_TRUE(Matches("(?iu)abc", "ABC"));
  EXPECT_TRUE(Matches("(?s:a.c)", "a\nc"));
  EXPECT_THAT(Regex::Compile("(?U)a", "rlike"), IsError(Code::kUnsupported));
}

TEST(RegexTest, RefusesWhatIsNoPattern) {
  for (const char* pattern : {"[a", "[", "a)", "(?<n>", "*", "[[[", "\\", "[a&&"}) {
    EXPECT_FALSE(Regex::Compile(pattern, "rlike").has_value()) << pattern;
  }
  EXPECT_FALSE(Regex::Compile(std::string(1000, '['), "rlike").has_value());
}

}  // namespace
}  // namespace flare::engine
