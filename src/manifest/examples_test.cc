// The manifests of examples/: what they are told, and that no bytes near them can break the loader.
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/test_matchers.h"
#include "manifest/loader.h"

namespace flare::manifest {
namespace {

namespace fs = std::filesystem;

fs::path Examples() {
  return fs::path(__FILE__).parent_path().parent_path().parent_path() / "examples";
}

std::string Contents(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::map<std::string, std::string> Variables() {
  std::map<std::string, std::string> variables = {
      {"KAFKA_BROKERS", "localhost:9092"}, {"KAFKA_USER", "u"}, {"KAFKA_PASSWORD", "p"}};
  std::istringstream lines(Contents(Examples() / "seed" / "variables.env"));
  for (std::string line; std::getline(lines, line);) {
    size_t equals = line.find('=');
    if (equals != std::string::npos) variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return variables;
}

struct Loaded {
  LoadedManifest manifest;
  std::vector<std::string> told;  ///< "line: severity code"
};

Loaded LoadSeed(const std::string& name) {
  Diagnostics mistakes;
  Resources resources =
      Resources::Load({(Examples() / "flare.d").string()}, "/warehouse", Variables(), &mistakes);
  EXPECT_TRUE(mistakes.empty()) << ToText(mistakes.front());
  LoadOptions options;
  options.variables = Variables();
  options.resources = &resources;
  auto loaded = LoadFile((Examples() / "seed" / name).string(), options);
  EXPECT_THAT(loaded, IsOk());
  Loaded result{std::move(*loaded), {}};
  for (const auto& diagnostic : result.manifest.diagnostics) {
    result.told.push_back(fmt::format("{}: {} {}", diagnostic.where.line,
                                      diagnostic.severity == Severity::kError ? "error" : "warning",
                                      diagnostic.code));
  }
  return result;
}

const Job& OnlyJob(const Loaded& loaded) {
  return loaded.manifest.workflows.at(0).jobs.at(0);
}

using testing::ElementsAre;

TEST(SeedManifests, Once) {
  Loaded loaded = LoadSeed("once.yaml");
  EXPECT_THAT(loaded.told, ElementsAre("19: warning deprecated"));
  const Job& job = OnlyJob(loaded);
  EXPECT_EQ(job.streaming.trigger, TriggerMode::kOnce);
  EXPECT_TRUE(job.streaming.for_each_batch);
  EXPECT_EQ(*job.streaming.checkpoint, "dataos://lakehouse:checkpoints/tqueryeventsync01");
  EXPECT_TRUE(job.explain);
  EXPECT_TRUE(job.inputs.at(0).is_stream);
  EXPECT_EQ(*job.inputs[0].options.at("startingOffsets"), "earliest");
  EXPECT_EQ(job.steps.size(), 0u);
  EXPECT_EQ(*job.outputs.at(0).name, "sample_data");
  EXPECT_EQ(*job.outputs[0].format, "iceberg");
  EXPECT_EQ(job.outputs[0].save_mode, SaveMode::kAppend);
}

TEST(SeedManifests, AvailableNow) {
  Loaded loaded = LoadSeed("available-now.yaml");
  EXPECT_THAT(loaded.told, ElementsAre("2: warning long-name", "8: warning long-name"));
  const Job& job = OnlyJob(loaded);
  EXPECT_EQ(job.streaming.trigger, TriggerMode::kAvailableNow);
  EXPECT_TRUE(job.streaming.for_each_batch);
  EXPECT_EQ(job.show_preview_lines, 20);
  EXPECT_EQ(*job.streaming.checkpoint, "dataos://lakehouse:stream/orders_checkpoint");
  EXPECT_EQ(*job.inputs.at(0).dataset, "dataos://stkafka:default/stream_orders?acl=rw");
  EXPECT_EQ(*job.outputs.at(0).dataset, "dataos://lakehouse:stream/orders?acl=rw");
  EXPECT_EQ(*job.steps.at(0).sql, "SELECT * FROM input");
  EXPECT_THAT(job.tags, ElementsAre("Connect"));
  EXPECT_EQ(*job.stack, "flare:6.0");
}

TEST(SeedManifests, ProcessingTime) {
  Loaded loaded = LoadSeed("processing-time.yaml");
  EXPECT_THAT(loaded.told, ElementsAre("2: warning long-name", "8: warning long-name"));
  EXPECT_EQ(OnlyJob(loaded).streaming.trigger, TriggerMode::kProcessingTime);
  EXPECT_EQ(OnlyJob(loaded).streaming.trigger_interval, Millis(600'000));
}

TEST(SeedManifests, Continuous) {
  Loaded loaded = LoadSeed("continuous.yaml");
  EXPECT_THAT(loaded.told, ElementsAre("27: warning deprecated"));
  const Job& job = OnlyJob(loaded);
  EXPECT_EQ(job.streaming.trigger, TriggerMode::kContinuous);
  EXPECT_FALSE(job.streaming.for_each_batch);
  EXPECT_EQ(job.streaming.trigger_interval, Millis(1000));
  EXPECT_EQ(*job.inputs.at(0).format, "kafkajson");
  EXPECT_EQ(job.memory_bytes, int64_t{3000} << 20);
  EXPECT_EQ(job.cores, 1);
}

TEST(SeedManifests, Cast) {
  Loaded loaded = LoadSeed("cast.yaml");
  EXPECT_THAT(loaded.told, ElementsAre("2: warning long-name", "10: warning long-name",
                                       "22: warning trigger-spelling", "22: warning missing-key"));
  const Job& job = OnlyJob(loaded);
  EXPECT_EQ(job.streaming.trigger, TriggerMode::kContinuous);
  EXPECT_EQ(job.streaming.trigger_interval, Millis(1000));
  EXPECT_EQ(job.show_preview_lines, 20);
  const Output& output = job.outputs.at(0);
  EXPECT_EQ(output.title, "Device Audit Record Source Dataset");
  EXPECT_EQ(output.description, "The kafka test depot");
  EXPECT_THAT(output.tags, ElementsAre("Tier.Gold"));
  EXPECT_EQ(output.iceberg_properties.size(), 4u);
  EXPECT_EQ(*output.iceberg_properties.at("write.metadata.previous-versions-max"), "10");
  const Step& step = job.steps.at(0);
  ASSERT_EQ(step.sql_places.size(), 7u);
  EXPECT_EQ(step.sql_places[2].second.line, 57);
  EXPECT_EQ(step.sql_places[2].second.column, 23);
}

TEST(SeedManifests, MissingVariablesAreListedOnce) {
  auto loaded = LoadFile((Examples() / "seed" / "available-now.yaml").string(), {});
  ASSERT_THAT(loaded, IsOk());
  int unset = 0;
  for (const auto& diagnostic : loaded->diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    ++unset;
    EXPECT_EQ(diagnostic.code, "unset-variable");
    for (auto name :
         {"CHECKPOINT_DATASET", "DEPOT_NAME", "COLLECTION_NAME", "DATASET_SUFFIX",
          "LAKEHOUSE_DEPOT_NAME", "LAKEHOUSE_COLLECTION_NAME", "STREAM_FOR_EACH_DATASET"}) {
      EXPECT_THAT(diagnostic.found, testing::HasSubstr(name));
    }
  }
  EXPECT_EQ(unset, 1);
}

TEST(Examples, SecuredResourcesLoad) {
  Diagnostics mistakes;
  Resources resources = Resources::Load({(Examples() / "secured" / "flare.d").string()}, "/w",
                                        Variables(), &mistakes);
  EXPECT_TRUE(mistakes.empty());
  ASSERT_NE(resources.FindDepot("securekafka"), nullptr);
  EXPECT_EQ(resources.FindDepot("securekafka")->read_secret.at("password").Reveal(), "p");
  ASSERT_NE(resources.FindDepot("warehouse"), nullptr);
}

/// Changes a few places of a text: bytes, runs, lines, and the characters that mean something in
/// YAML.
std::string Mutated(std::string text, std::mt19937& random) {
  static const std::string kMeaningful = "{}[]:,&*#?|->!%@`'\"\\\n\t \r$~\xff";
  auto pick = [&](size_t limit) { return limit == 0 ? 0 : random() % limit; };
  for (size_t changes = 1 + pick(6); changes > 0; --changes) {
    size_t at = pick(text.size());
    switch (pick(6)) {
      case 0:
        text[at] = static_cast<char>(pick(256));
        break;
      case 1:
        text.insert(at, 1, kMeaningful[pick(kMeaningful.size())]);
        break;
      case 2:
        text.erase(at, 1 + pick(20));
        break;
      case 3:
        text.insert(at, text.substr(pick(text.size()), pick(200)));
        break;
      case 4:
        text[at] = kMeaningful[pick(kMeaningful.size())];
        break;
      default: {
        size_t line = text.find('\n', at);
        if (line != std::string::npos) text.insert(line + 1, pick(8), ' ');
      }
    }
    if (text.empty()) text = "a";
  }
  return text;
}

TEST(Loader, NeverBreaksOnAnyBytes) {
  std::mt19937 random(20260729);
  std::vector<std::string> texts;
  for (auto folder : {"seed", "flare.d", "secured/flare.d"}) {
    for (const auto& entry : fs::directory_iterator(Examples() / folder)) {
      if (entry.path().extension() == ".yaml") texts.push_back(Contents(entry.path()));
    }
  }
  std::sort(texts.begin(), texts.end());
  ASSERT_GE(texts.size(), 8u);
  LoadOptions options;
  options.variables = Variables();
  size_t with_errors = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = Mutated(texts[random() % texts.size()], random);
    LoadedManifest loaded = LoadText(text, "m.yaml", options);
    with_errors += HasErrors(loaded.diagnostics);
    for (const auto& diagnostic : loaded.diagnostics) {
      ASSERT_FALSE(diagnostic.message.empty()) << text;
      ASSERT_GT(diagnostic.where.line, 0) << ToText(diagnostic) << "\n" << text;
      ASSERT_GT(diagnostic.where.column, 0) << ToText(diagnostic) << "\n" << text;
    }
  }
  EXPECT_GT(with_errors, 1000u);
}

TEST(Loader, RefusesWhatIsTooLarge) {
  std::string text((size_t{4} << 20) + 1, '#');
  LoadedManifest loaded = LoadText(text, "m.yaml", {});
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_THAT(loaded.diagnostics[0].message, testing::HasSubstr("4194305 bytes"));
}

TEST(Loader, ReadsAVeryLongManifest) {
  std::string text = "version: v1\nname: a\ntype: workflow\ntags:\n";
  for (int i = 0; i < 50'000; ++i) text += "  - tag\n";
  text += "workflow:\n  dag: []\n";
  LoadedManifest loaded = LoadText(text, "m.yaml", {});
  EXPECT_EQ(loaded.workflows.at(0).tags.size(), 50'000u);
}

TEST(Loader, SaysThatAFileIsMissing) {
  EXPECT_THAT(LoadFile("/nowhere/m.yaml", {}), IsError(Code::kNotFound));
  EXPECT_THAT(LoadFile("/", {}), IsError(Code::kInvalidArgument));
}

}  // namespace
}  // namespace flare::manifest
