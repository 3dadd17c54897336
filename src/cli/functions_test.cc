// The reference of the functions is made from the registry; FLARE_UPDATE_DOCS=1 writes it anew.
#include "cli/functions_text.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/test_matchers.h"

namespace flare::cli {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST(Functions, TheReferenceIsCurrent) {
  fs::path page = fs::path(__FILE__).parent_path() / "../../docs/reference/functions.md";
  if (std::getenv("FLARE_UPDATE_DOCS") != nullptr) std::ofstream(page) << FunctionsMarkdown();
  std::stringstream text;
  text << std::ifstream(page).rdbuf();
  EXPECT_TRUE(text.str() == FunctionsMarkdown())
      << "write it anew: flare functions --markdown > docs/reference/functions.md";
}

TEST(Functions, OneIsShownWithItsSignatures) {
  auto text = FunctionText("SUBSTR");
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(*text, HasSubstr("substr(any, int, int = 2147483647) -> by its arguments\n"));
  EXPECT_THAT(*text, HasSubstr("with it: substring"));
  EXPECT_THAT(*FunctionText("explode"), HasSubstr("explode(any)"));
  EXPECT_THAT(*FunctionText("count"), HasSubstr("count(any ...)"));
}

TEST(Functions, AnUnknownNameGivesTheNearest) {
  auto text = FunctionText("substrin");
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().message(), "there is no function substrin; did you mean substring?");
  EXPECT_FALSE(FunctionText("").has_value());
  EXPECT_FALSE(FunctionsJson("substrin").has_value());
}

TEST(Functions, JsonHoldsThemAll) {
  auto all = nlohmann::json::parse(*FunctionsJson(""));
  size_t count = 0;
  for (const auto& subject : all["subjects"]) count += subject["functions"].size();
  EXPECT_GT(count, 150u);
  auto one = nlohmann::json::parse(*FunctionsJson("upper"));
  EXPECT_EQ(one["subjects"][0]["functions"][0]["signatures"][0]["arguments"], "(string)");
}

}  // namespace
}  // namespace flare::cli
