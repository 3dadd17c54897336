#include "engine/number_model.h"

#include "base/test_matchers.h"

namespace flare::engine {
namespace {

std::string Read(std::string_view text, std::string_view format) {
  auto model = NumberModel::Parse(format);
  if (!model.has_value()) return "error: " + model.error().ToText();
  return model->Read(text).value_or("no");
}

std::string Write(std::string_view plain, std::string_view format) {
  auto model = NumberModel::Parse(format);
  return model.has_value() ? model->Write(plain) : "error: " + model.error().ToText();
}

TEST(NumberModelTest, ReadsWhatFits) {
  EXPECT_EQ(Read("454", "999"), "454");
  EXPECT_EQ(Read("454.00", "000.00"), "454.00");
  EXPECT_EQ(Read("12,454", "99,999"), "12454");
  EXPECT_EQ(Read("$78.12", "$99.99"), "78.12");
  EXPECT_EQ(Read("12,454.8-", "99,999.9S"), "-12454.8");
  EXPECT_EQ(Read("<12>", "99pr"), "-12");
  EXPECT_EQ(Read("7.5", "9.99"), "7.50");
  EXPECT_EQ(Read("12", "9,999"), "12");
}

TEST(NumberModelTest, RefusesWhatDoesNot) {
  EXPECT_EQ(Read("abc", "999"), "no");
  EXPECT_EQ(Read("1234", "999"), "no");
  EXPECT_EQ(Read("12", "000"), "no");
  EXPECT_EQ(Read("78.12", "$99.99"), "no");
  EXPECT_EQ(Read("<12", "99PR"), "no");
  EXPECT_EQ(Read("", "999"), "no");
}

TEST(NumberModelTest, Writes) {
  EXPECT_EQ(Write("454", "999"), "454");
  EXPECT_EQ(Write("454.00", "000D00"), "454.00");
  EXPECT_EQ(Write("12454", "99G999"), "12,454");
  EXPECT_EQ(Write("78.12", "$99.99"), "$78.12");
  EXPECT_EQ(Write("-12454.8", "99G999D9S"), "12,454.8-");
  EXPECT_EQ(Write("12.5", "9999.9"), "  12.5");
  EXPECT_EQ(Write("12", "00000"), "00012");
  EXPECT_EQ(Write("123", "99"), "##");
  EXPECT_EQ(Write("-5", "99PR"), " <5>");
}

TEST(NumberModelTest, RefusesModelsThatMeanNothing) {
  for (const char* format : {"", "S", "9,", ",9", "9,,9", "9.9,9", "9$", ".9$", "9.9.9", "SS9", "9a", "MI9S9"}) {
    EXPECT_FALSE(NumberModel::Parse(format).has_value()) << format;
  }
}

}  // namespace
}  // namespace flare::engine
