#include "cli/preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "base/test_matchers.h"
#include "cli/sample_manifest.h"

namespace flare::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::StartsWith;

class PreparationTest : public ::testing::Test {
 protected:
  PreparationTest() : folder_(fs::temp_directory_path() / ("flare-preparation-" + NewUuid())) {
    fs::create_directories(folder_);
    std::ofstream(file()) << SampleManifest{.topic = "${TOPIC}"}.ToText();
    Host host;
    host.clock = &clock_;
    WorldArguments arguments;
    arguments.lakehouse = folder_.string();
    auto world = OpenWorld(arguments, host);
    EXPECT_THAT(world, IsOk());
    world_ = *std::move(world);
  }
  ~PreparationTest() override { fs::remove_all(folder_); }
  std::string file() const { return (folder_ / "job.yaml").string(); }

  fs::path folder_;
  ManualClock clock_{WallTime(Millis(1770113700000))};
  World world_;
};

TEST_F(PreparationTest, AStreamWithoutACheckpointIsAMistakeUnlessAnEphemeralOneWillDo) {
  world_.variables["TOPIC"] = "orders";
  auto refused = Prepare(file(), {}, {}, world_);
  ASSERT_THAT(refused, IsOk());
  EXPECT_TRUE(HasErrors(refused->diagnostics));

  Selection selection;
  selection.ephemeral_checkpoints = "/nonexistent/checkpoints";
  auto prepared = Prepare(file(), {}, selection, world_);
  ASSERT_THAT(prepared, IsOk());
  EXPECT_EQ(CountMistakes(prepared->diagnostics), "1 warning");
  const auto& plan = prepared->workflows.at(0).jobs.at(0).plan;
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->checkpoint_directory, StartsWith("/nonexistent/checkpoints/"));
}

TEST_F(PreparationTest, TheTriggerOfTheCommandLineTakesThePlaceOfTheManifests) {
  world_.variables["TOPIC"] = "orders";
  Selection selection;
  selection.ephemeral_checkpoints = "/nonexistent/checkpoints";
  selection.trigger = TriggerChoice{manifest::TriggerMode::kProcessingTime, Millis(2000)};
  auto prepared = Prepare(file(), {}, selection, world_);
  ASSERT_THAT(prepared, IsOk());
  const auto& streaming = prepared->workflows.at(0).jobs.at(0).plan->job.streaming;
  EXPECT_EQ(streaming.trigger, manifest::TriggerMode::kProcessingTime);
  EXPECT_EQ(streaming.trigger_interval, Millis(2000));
}

TEST_F(PreparationTest, AJobWithoutAValueIsNotPlanned) {
  auto prepared = Prepare(file(), {}, {}, world_);
  ASSERT_THAT(prepared, IsOk());
  for (const auto& d : prepared->diagnostics) EXPECT_NE(d.code, "bad-address") << ToText(d);
  EXPECT_FALSE(prepared->workflows.at(0).jobs.at(0).plan);
}

}  // namespace
}  // namespace flare::cli
