#include "cli/world.h"

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "base/test_matchers.h"

namespace flare::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class WorldTest : public ::testing::Test {
 protected:
  WorldTest() : folder_(::testing::TempDir() + "flare-world-" + NewUuid()) {
    std::filesystem::create_directories(folder_);
  }
  ~WorldTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  Host host_;
  WorldArguments arguments_;
};

TEST(EnvFile, ReadsWhatShellsRead) {
  auto variables = ParseEnvFile(
      "# comment\nA=1\n\nexport B = two words # said\nC='a # b'\nD=\"\"\r\nE=x=y\nF=\n", "f.env");
  ASSERT_THAT(variables, IsOk());
  EXPECT_THAT(*variables, ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "a # b"),
                                      Pair("D", ""), Pair("E", "x=y"), Pair("F", "")));
}

TEST(EnvFile, MistakesHaveTheirLine) {
  EXPECT_THAT(ParseEnvFile("A=1\nnonsense\n", "f.env"), HasMessage("f.env:2: expected NAME=VALUE"));
  EXPECT_THAT(ParseEnvFile("1A=1\n", "f.env"), HasMessage("f.env:1: expected NAME=VALUE"));
  EXPECT_THAT(ParseEnvFile("A='x\n", "f.env"), HasMessage("f.env:1: the quote is not closed"));
  EXPECT_THAT(ParseEnvFile("A='x'y\n", "f.env"),
              HasMessage("f.env:1: text behind the closing quote"));
}

TEST_F(WorldTest, TheCommandLineWinsOverTheFileOverTheEnvironment) {
  std::ofstream(folder_ + "/x.env") << "B=file\nC=file\n";
  host_.environment = {{"A", "environment"}, {"B", "environment"}, {"C", "environment"}};
  arguments_.env_file = folder_ + "/x.env";
  arguments_.variables = {"C=given=too"};
  auto variables = MergeVariables(arguments_, host_);
  ASSERT_THAT(variables, IsOk());
  EXPECT_THAT(*variables,
              ElementsAre(Pair("A", "environment"), Pair("B", "file"), Pair("C", "given=too")));
}

TEST_F(WorldTest, BadVariablesAreNamed) {
  arguments_.variables = {"DEPOT"};
  EXPECT_THAT(MergeVariables(arguments_, host_),
              HasMessage("-e \"DEPOT\" has no value: write -e DEPOT=VALUE"));
  arguments_.variables = {"a-b=1"};
  EXPECT_THAT(MergeVariables(arguments_, host_),
              HasMessage("-e \"a-b=1\": a variable's name has letters, digits and _"));
}

TEST_F(WorldTest, TheLakehouseDoesNotDependOnTheWorkingFolder) {
  EXPECT_THAT(LakehouseFolder(arguments_, host_), IsError(Code::kInvalidArgument));
  host_.environment = {{"HOME", "/home/ann"}};
  EXPECT_EQ(LakehouseFolder(arguments_, host_).value(), "/home/ann/.local/share/flare/lakehouse");
  host_.environment["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(LakehouseFolder(arguments_, host_).value(), "/data/flare/lakehouse");
  host_.environment["FLARE_LAKEHOUSE"] = "/lake/";
  EXPECT_EQ(LakehouseFolder(arguments_, host_).value(), "/lake");
  arguments_.lakehouse = "/given";
  EXPECT_EQ(LakehouseFolder(arguments_, host_).value(), "/given");
}

TEST_F(WorldTest, ResourceFoldersAreTheGivenThenTheUsual) {
  std::filesystem::create_directories(folder_ + "/config/flare");
  host_.environment = {{"XDG_CONFIG_HOME", folder_ + "/config"}};
  arguments_.resources = {folder_};
  auto folders = ResourceFolders(arguments_, host_);
  ASSERT_THAT(folders, IsOk());
  EXPECT_THAT(*folders, ElementsAre(folder_, folder_ + "/config/flare"));
  arguments_.resources = {folder_ + "/config/../config/flare"};
  EXPECT_THAT(ResourceFolders(arguments_, host_).value(),
              ElementsAre(folder_ + "/config/../config/flare"));
  arguments_.resources = {folder_ + "/nowhere"};
  EXPECT_THAT(ResourceFolders(arguments_, host_),
              HasMessage("--resources " + folder_ + "/nowhere: there is no such folder"));
}

}  // namespace
}  // namespace flare::cli
