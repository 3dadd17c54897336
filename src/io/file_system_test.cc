#include "io/file_system.h"

#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/random.h"
#include "base/test_matchers.h"
#include "io/file_lock.h"

namespace flare::io {
namespace {

class FileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(fs_.CreateDirectories(dir_), IsOk()); }
  void TearDown() override { std::ignore = fs_.RemoveTree(dir_); }
  FileSystem& fs_ = LocalFileSystem();
  std::string dir_ = (std::filesystem::temp_directory_path() / ("flare_io_" + NewUuid())).string();
};

TEST_F(FileSystemTest, C036_CreateExclusiveKeepsTheFirstAndLeavesNoTemporary) {
  std::string path = JoinPath(dir_, "0");
  EXPECT_THAT(fs_.CreateExclusive(path, "first"), IsOk());
  EXPECT_THAT(fs_.CreateExclusive(path, "second"), IsError(Code::kAlreadyExists));
  EXPECT_EQ(fs_.Read(path).value(), "first");
  EXPECT_EQ(fs_.List(dir_).value().size(), 1u);
}

TEST_F(FileSystemTest, C033_OneOfManyRacingWritersWins) {
  std::string path = JoinPath(dir_, "7");
  std::atomic<int> winners = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] { winners += fs_.CreateExclusive(path, std::to_string(i)).has_value() ? 1 : 0; });
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(fs_.List(dir_).value().size(), 1u);
}

TEST_F(FileSystemTest, ReplaceOverwritesAndReadOfNothingIsNotFound) {
  std::string path = JoinPath(dir_, "hint");
  EXPECT_THAT(fs_.Read(path), IsError(Code::kNotFound));
  EXPECT_THAT(fs_.Replace(path, "1"), IsOk());
  EXPECT_THAT(fs_.Replace(path, "2"), IsOk());
  EXPECT_EQ(fs_.Read(path).value(), "2");
}

TEST_F(FileSystemTest, ManyWhoReplaceOneFileAllSucceedAndLeaveOneContent) {
  std::string path = JoinPath(dir_, "hint");
  ASSERT_THAT(fs_.Replace(JoinPath(dir_, ".hint.tmp"), "left by a crash"), IsOk());
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { done += fs_.Replace(path, "whole").has_value() ? 1 : 0; });
    }
  }
  EXPECT_EQ(done, 8);
  EXPECT_EQ(fs_.Read(path).value(), "whole");
  EXPECT_EQ(fs_.List(dir_).value().size(), 1u);
}

TEST_F(FileSystemTest, ALockIsHeldOnceAndNamesItsOwner) {
  std::string path = JoinPath(dir_, ".lock");
  auto first = FileLock::Acquire(path, "pid 1 on host a");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(FileLock::Acquire(path, "pid 2"), IsError(Code::kConflict));
  EXPECT_THAT(FileLock::Acquire(path, "pid 2"), HasMessage(::testing::HasSubstr("pid 1 on host a")));
  EXPECT_EQ(FileLock::Holder(path).value(), "pid 1 on host a");
  first->reset();
  EXPECT_THAT(FileLock::Acquire(path, "pid 2"), IsOk());
}

TEST(PathTest, JoinsAndSplits) {
  EXPECT_EQ(JoinPath("/a/", "/b"), "/a/b");
  EXPECT_EQ(ParentPath("/a/b"), "/a");
  EXPECT_EQ(ParentPath("/a"), "/");
  EXPECT_EQ(BaseName("/a/b"), "b");
}

}  // namespace
}  // namespace flare::io
