// Runs the command lines of tests/errors/cli/*.case and compares every byte that they print.
// A case: `file NAME` with indented lines, `folder NAME`, `locked NAME` (unreadable) and `env
// NAME=VALUE` set the stage; `$ flare ...` is the command line; then `exit N` and the output,
// standard output first. The folder that a case runs in shows as <folder>. FLARE_UPDATE_ERRORS=1
// writes what was printed instead.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "base/test_matchers.h"
#include "cli/app.h"

namespace flare::cli {
namespace {

namespace fs = std::filesystem;

fs::path CaseFolder() {
  return fs::path(__FILE__).parent_path() / "../../tests/errors/cli";
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(CaseFolder())) {
    if (entry.path().extension() == ".case") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Splits a command line at blanks; 'single quotes' keep words together.
std::vector<std::string> Split(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool any = false;
  for (char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any) words.push_back(std::exchange(word, ""));
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

class ErrorCase : public ::testing::TestWithParam<std::string> {
 protected:
  ErrorCase()
      : before_(fs::current_path()),
        folder_(fs::temp_directory_path() / ("flare-errors-" + NewUuid())) {
    fs::create_directories(folder_);
    fs::current_path(folder_);
  }
  ~ErrorCase() override {
    fs::current_path(before_);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  /// Does what a line of the stage says; whether it was one.
  bool Stage(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    std::string name;
    words >> what >> name;
    if (what == "file") {
      open_ = std::make_unique<std::ofstream>(name);
    } else if (what == "folder") {
      fs::create_directories(name);
    } else if (what == "locked") {
      std::ofstream(name) << "x";
      fs::permissions(name, fs::perms::none);
      needs_user_ = true;
    } else if (what == "env") {
      host_.environment[name.substr(0, name.find('='))] = name.substr(name.find('=') + 1);
    } else if (line.starts_with("    ") && open_) {
      *open_ << line.substr(4) << "\n";
    } else {
      return line.empty();
    }
    if (what != "file" && !line.starts_with("    ")) open_.reset();
    return true;
  }

  std::string RunLine(const std::string& line) {
    open_.reset();
    std::string out;
    std::string err;
    host_.out = [&](std::string_view text) { out += text; };
    host_.err = [&](std::string_view text) { err += text; };
    host_.clock = &clock_;
    host_.version = "0.0.0";
    auto words = Split(line);
    // Root reads what is locked: such a case runs as nobody.
    constexpr uid_t kNobody = 65534;
    bool as_nobody = needs_user_ && ::geteuid() == 0 && ::seteuid(kNobody) == 0;
    int code = RunApp({words.begin() + 1, words.end()}, host_);
    if (as_nobody) {
      EXPECT_EQ(::seteuid(0), 0);
    }
    std::string text = fmt::format("exit {}\n{}{}", code, out, err);
    std::string folder = folder_.string();
    for (size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.replace(at, folder.size(), "<folder>");
    }
    return text;
  }

  fs::path before_;
  fs::path folder_;
  std::unique_ptr<std::ofstream> open_;
  bool needs_user_ = false;
  Host host_;
  ManualClock clock_{WallTime(Millis(1770113700000))};
};

TEST_P(ErrorCase, PrintsWhatIsPinned) {
  fs::path file = CaseFolder() / (GetParam() + ".case");
  std::string text = ReadAll(file);
  host_.environment = {{"HOME", (folder_ / "home").string()}};
  size_t command = text.find("$ flare");
  ASSERT_NE(command, std::string::npos) << file;
  std::istringstream stage(text.substr(0, command));
  for (std::string line; std::getline(stage, line);)
    ASSERT_TRUE(line.starts_with("#") || Stage(line)) << line;
  size_t end = text.find('\n', command);
  std::string printed = RunLine(text.substr(command + 2, end - command - 2));
  if (std::getenv("FLARE_UPDATE_ERRORS") != nullptr) {
    std::ofstream(file) << text.substr(0, end + 1) << printed;
    return;
  }
  EXPECT_EQ(printed, text.substr(end + 1));
}

INSTANTIATE_TEST_SUITE_P(Cli, ErrorCase, ::testing::ValuesIn(CaseNames()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace flare::cli
