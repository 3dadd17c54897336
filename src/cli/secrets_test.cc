// No command prints the value of an option whose name says that it is a secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "cli/app.h"
#include "cli/sample_manifest.h"

namespace flare::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kOptions =
    "kafka.security.protocol: SASL_PLAINTEXT, kafka.sasl.mechanism: PLAIN, kafka.ssl.keystore.password: hunter-two, "
    "kafka.sasl.jaas.config: 'org.apache.kafka.common.security.plain.PlainLoginModule required username=\"reader\" "
    "password=\"hunter-two\";'";

class Secrets : public ::testing::Test {
 protected:
  Secrets() : folder_(fs::temp_directory_path() / ("flare-secrets-" + NewUuid())) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "job.yaml") << SampleManifest{
        .streaming = "triggerMode: AvailableNow, checkpointLocation: 'dataos://lakehouse:checkpoints/load'",
        .options = kOptions,
        .explain = true}.ToText();
  }
  ~Secrets() override { fs::remove_all(folder_); }

  std::string Printed(std::vector<std::string> words) {
    std::string text;
    Host host;
    host.out = host.err = [&](std::string_view more) { text += more; };
    host.clock = &clock_;
    words.insert(words.end(), {"--lakehouse", folder_.string(), (folder_ / "job.yaml").string()});
    RunApp(words, host);
    return text;
  }

  fs::path folder_;
  ManualClock clock_{WallTime(Millis(1770113700000))};
};

TEST_F(Secrets, AreNotExplained) {
  auto json = Printed({"explain", "--format", "json"});
  EXPECT_THAT(json, HasSubstr(R"("kafka.sasl.jaas.config": "***")"));
  EXPECT_THAT(json, Not(HasSubstr("hunter-two")));
  auto text = Printed({"explain"});
  EXPECT_THAT(text, HasSubstr("orders"));
  EXPECT_THAT(text, Not(HasSubstr("hunter-two")));
}

TEST_F(Secrets, AreNotLinted) {
  EXPECT_THAT(Printed({"lint"}), Not(HasSubstr("hunter-two")));
  EXPECT_THAT(Printed({"lint", "--strict", "--format", "json"}), Not(HasSubstr("hunter-two")));
}

}  // namespace
}  // namespace flare::cli
