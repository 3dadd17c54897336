// Runs every folder of tests/errors/manifest: manifest.yaml is loaded, and what is reported must
// equal expected.txt. A case may bring options.txt (`strict`, `NAME=value` lines) and a flare.d of
// its own. FLARE_UPDATE_EXPECTED=1 writes the files instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "manifest/loader.h"

namespace flare::manifest {
namespace {

namespace fs = std::filesystem;

fs::path CasesFolder() {
  return fs::path(__FILE__).parent_path().parent_path().parent_path() / "tests" / "errors" /
         "manifest";
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(CasesFolder(), error)) {
    if (fs::exists(entry.path() / "manifest.yaml"))
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Contents(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

LoadOptions OptionsOf(const fs::path& folder) {
  LoadOptions options;
  std::istringstream lines(Contents(folder / "options.txt"));
  for (std::string line; std::getline(lines, line);) {
    size_t equals = line.find('=');
    if (line == "strict") options.strict = true;
    if (equals != std::string::npos)
      options.variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return options;
}

std::string Reported(const fs::path& folder) {
  LoadOptions options = OptionsOf(folder);
  Diagnostics found;
  Resources resources =
      Resources::Load({(folder / "flare.d").string(), (CasesFolder() / "flare.d").string()},
                      "/warehouse", {}, &found);
  options.resources = &resources;
  auto loaded = LoadFile((folder / "manifest.yaml").string(), options);
  if (!loaded) return loaded.error().ToText() + "\n";
  found.insert(found.end(), loaded->diagnostics.begin(), loaded->diagnostics.end());
  std::string text;
  for (const auto& diagnostic : found) text += ToText(diagnostic) + "\n";
  std::string prefix = folder.string() + "/";
  for (size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;)
    text.erase(at, prefix.size());
  return text.empty() ? "nothing to report\n" : text;
}

class ManifestErrors : public ::testing::TestWithParam<std::string> {};

TEST_P(ManifestErrors, AreReportedAsPinned) {
  fs::path folder = CasesFolder() / GetParam();
  std::string reported = Reported(folder);
  if (std::getenv("FLARE_UPDATE_EXPECTED") != nullptr) {
    std::ofstream(folder / "expected.txt", std::ios::binary) << reported;
    return;
  }
  EXPECT_EQ(reported, Contents(folder / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(Cases, ManifestErrors, ::testing::ValuesIn(CaseNames()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ManifestErrorCases, AreFound) {
  EXPECT_GE(CaseNames().size(), 100u);
}

}  // namespace
}  // namespace flare::manifest
