#include "manifest/interpolate.h"

#include <gmock/gmock.h>

namespace flare::manifest {
namespace {

using testing::ElementsAre;

const std::map<std::string, std::string> kVariables = {
    {"A", "1"}, {"LONG_name2", "x y"}, {"EMPTY", ""}};

TEST(Interpolate, ReplacesBothForms) {
  EXPECT_EQ(Interpolate("${A}/$A/$LONG_name2/${EMPTY}.", kVariables).text, "1/1/x y/.");
  EXPECT_EQ(Interpolate("a${A}b$A-c", kVariables).text, "a1b1-c");
}

TEST(Interpolate, LeavesOtherDollarsAlone) {
  for (auto text : {"$", "$$", "$.a.b", "$1", "$|key|", "${{x}}", "cost: 5$", "'^a$'", "$ {A}"}) {
    EXPECT_EQ(Interpolate(text, kVariables).text, text);
    EXPECT_EQ(Interpolate(text, kVariables).malformed, "") << text;
  }
}

TEST(Interpolate, DoubledDollarIsLiteral) {
  EXPECT_EQ(Interpolate("$${A} $$A", kVariables).text, "${A} $A");
  EXPECT_EQ(Interpolate("$${A:-x}", kVariables).text, "${A:-x}");
}

TEST(Interpolate, ValuesAreNotReadAgain) {
  EXPECT_EQ(Interpolate("$X", {{"X", "${Y}"}, {"Y", "z"}}).text, "${Y}");
}

TEST(Interpolate, NamesWhatIsUnsetAndWhatIsNoVariable) {
  auto result = Interpolate("$B ${A} ${C} ${B}", kVariables);
  EXPECT_THAT(result.unset, ElementsAre("B", "C", "B"));
  EXPECT_EQ(result.text, "$B 1 ${C} ${B}");
  EXPECT_EQ(Interpolate("x ${A:-1} y", kVariables).malformed, "${A:-1}");
  EXPECT_EQ(Interpolate("${", kVariables).malformed, "${");
  EXPECT_EQ(Interpolate("${}", kVariables).malformed, "${}");
}

}  // namespace
}  // namespace flare::manifest
