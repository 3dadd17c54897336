// What needs no terminal; the rest is driven through a pseudo-terminal in tests/shell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>

#include "base/random.h"
#include "base/test_matchers.h"
#include "terminal/history_file.h"
#include "terminal/signal_watcher.h"
#include "terminal/line_editor.h"
#include "terminal/pager.h"

namespace flare::terminal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

TEST(CommonPrefix, IgnoresTheCaseOfLetters) {
  EXPECT_EQ(CommonPrefix({"from_json(", "FROM"}), "from");
  EXPECT_EQ(CommonPrefix({"abc"}), "abc");
  EXPECT_EQ(CommonPrefix({"abc", "x"}), "");
  EXPECT_EQ(CommonPrefix({}), "");
}

TEST(Pager, CountsTheRowsOfWrappedAndWideLines) {
  EXPECT_EQ(RowsOf("", 10), 0);
  EXPECT_EQ(RowsOf("\n\na", 10), 3);
  EXPECT_EQ(RowsOf("0123456789\n0123456789a\n", 10), 3);
  EXPECT_EQ(RowsOf("漢字漢字漢字\n", 10), 2);
}

TEST(Pager, APageIsWholeLines) {
  std::string_view text = "a\nb\nc\nd\n";
  EXPECT_EQ(FirstPage(text, 2, 80), 4u);
  EXPECT_EQ(FirstPage(text, 9, 80), text.size());
  EXPECT_EQ(FirstPage("a very long line\nb\n", 1, 4), 17u)
      << "one line is shown whole, however long";
  EXPECT_EQ(FirstPage("no end", 1, 80), 6u);
}

class HistoryFileTest : public ::testing::Test {
 protected:
  ~HistoryFileTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path folder_ = fs::temp_directory_path() / ("flare-history-" + NewUuid());
  HistoryFile file_{(folder_ / "state" / "history").string()};
};

TEST_F(HistoryFileTest, KeepsEntriesWithLineBreaksAndBackslashes) {
  EXPECT_THAT(file_.Load().value(), IsEmpty());
  ASSERT_TRUE(file_.Append("SELECT 1;").has_value());
  ASSERT_TRUE(file_.Append("SELECT '\\n',\n  2;").has_value());
  EXPECT_THAT(file_.Load().value(), ElementsAre("SELECT 1;", "SELECT '\\n',\n  2;"));
  auto mode = fs::status(folder_ / "state" / "history").permissions();
  EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

TEST_F(HistoryFileTest, GivesTheNewest) {
  for (size_t i = 0; i < HistoryFile::kMost + 3; ++i)
    ASSERT_TRUE(file_.Append(std::to_string(i)).has_value());
  auto entries = file_.Load().value();
  ASSERT_EQ(entries.size(), HistoryFile::kMost);
  EXPECT_EQ(entries.front(), "3");
}

TEST_F(HistoryFileTest, SaysWhyItCannotBeWritten) {
  HistoryFile nowhere("/proc/nothing/history");
  auto status = nowhere.Append("x");
  ASSERT_FALSE(status.has_value());
  EXPECT_THAT(status.error().message(), ::testing::HasSubstr("/proc/nothing/history"));
}

TEST(SignalWatcher, HandsOverEachSignal) {
  std::promise<void> heard;
  SignalWatcher watch({SIGINT}, [&] { heard.set_value(); });
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(heard.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace
}  // namespace flare::terminal
