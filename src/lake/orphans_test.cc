#include "lake/orphans.h"

#include "lake/expiry_fixture.h"

namespace flare::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OrphansTest : public ExpiryFixture {
 protected:
  /// Puts a file there; old means changed a day ago.
  std::string Put(const std::string& name, bool old = true) {
    std::string path = folder_ + "/" + name;
    EXPECT_THAT(files_.CreateDirectories(io::ParentPath(path)), IsOk());
    EXPECT_THAT(files_.Replace(path, "lost"), IsOk());
    if (old) Age(path);
    return path;
  }
  static void Age(const std::string& path) {
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  }
  OrphanResult Remove(bool dry_run = false) {
    int64_t hour_ago = SystemClock().Now().time_since_epoch().count() - kYoungestSafeOrphanMs;
    auto result = RemoveOrphans(table_, hour_ago, dry_run, &files_);
    EXPECT_THAT(result, IsOk());
    return result ? *result : OrphanResult();
  }
  bool Has(const std::string& path) { return files_.Exists(path).value(); }
};

TEST_F(OrphansTest, OldFilesThatNobodyNamesGoAndAllElseStays) {
  MakeTable();
  Write("a");
  Write("b");
  for (const auto& path : There()) Age(path);
  Age(folder_ + "/metadata/version-hint.text");
  std::set<std::string> lost = {Put("data/x.parquet"), Put("data/day=1/y.parquet"), Put("data/.z.parquet.1234.tmp"),
                                Put("metadata/x-m0.avro"), Put("metadata/snap-1-1-x.avro"),
                                Put("metadata/v0.metadata.json")};
  std::vector<std::string> kept = {Put("data/young.parquet", false), Put("data/_SUCCESS"), Put("data/notes.txt"),
                                   Put("metadata/young-m0.avro", false), Put("README.parquet")};
  auto dry = Remove(true);
  EXPECT_EQ(dry.orphans, lost);
  EXPECT_EQ(dry.bytes, 6 * 4);
  for (const auto& path : lost) EXPECT_TRUE(Has(path)) << path;
  auto result = Remove();
  EXPECT_EQ(result.deletion.files, 6);
  EXPECT_EQ(result.young, 2);
  EXPECT_EQ(result.unknown, 2);
  for (const auto& path : lost) EXPECT_FALSE(Has(path)) << path;
  for (const auto& path : kept) EXPECT_TRUE(Has(path)) << path;
  Needed();
  EXPECT_EQ(table_.Load().value().version, 3);
  EXPECT_THAT(Remove().orphans, IsEmpty());
}

TEST_F(OrphansTest, MetadataFilesOfTheLogStayAndOlderOnesGo) {
  MakeTable({{"write.metadata.previous-versions-max", "2"}});
  for (int i = 0; i < 4; ++i) Write(fmt::format("f{}", i));
  for (int version = 1; version <= 5; ++version) Age(fmt::format("{}/metadata/v{}.metadata.json", folder_, version));
  EXPECT_THAT(Remove().orphans, ElementsAre(folder_ + "/metadata/v1.metadata.json", folder_ + "/metadata/v2.metadata.json"));
  EXPECT_EQ(table_.Load().value().version, 5);
}

TEST_F(OrphansTest, AChecksumGoesWithItsFile) {
  MakeTable();
  Write("a");
  std::string hint = Put("metadata/.version-hint.text.crc"), data = Put("data/.a.parquet.crc");
  std::set<std::string> lost = {Put("data/x.parquet"), Put("data/.x.parquet.crc"), Put("data/.gone.parquet.crc")};
  EXPECT_EQ(Remove().orphans, lost);
  EXPECT_TRUE(Has(hint));
  EXPECT_TRUE(Has(data));
}

TEST_F(OrphansTest, AnotherTableInTheDataFolderIsLeft) {
  MakeTable();
  Write("a");
  std::string other = Put("data/other/data/x.parquet");
  Put("data/other/metadata/v1.metadata.json");
  auto result = Remove();
  EXPECT_THAT(result.orphans, IsEmpty());
  EXPECT_THAT(result.left_folders, ElementsAre(folder_ + "/data/other"));
  EXPECT_TRUE(Has(other));
}

TEST_F(OrphansTest, ADataFolderElsewhereIsLeft) {
  std::string shared = folder_ + "_shared";
  MakeTable({{"write.data.path", UriOf(shared)}});
  ASSERT_THAT(files_.CreateDirectories(shared), IsOk());
  ASSERT_THAT(files_.Replace(shared + "/x.parquet", "x"), IsOk());
  Age(shared + "/x.parquet");
  std::string lost = Put("data/x.parquet");
  auto result = Remove();
  EXPECT_THAT(result.orphans, ElementsAre(lost));
  EXPECT_THAT(result.left_folders, ElementsAre(shared));
  EXPECT_TRUE(Has(shared + "/x.parquet"));
  ASSERT_THAT(files_.RemoveTree(shared), IsOk());
}

TEST_F(OrphansTest, LinksAreNotFollowedOutNorInCircles) {
  MakeTable();
  Write("a");
  std::string outside = folder_ + "_outside";
  ASSERT_THAT(files_.CreateDirectories(outside), IsOk());
  ASSERT_THAT(files_.Replace(outside + "/x.parquet", "x"), IsOk());
  Age(outside + "/x.parquet");
  std::filesystem::create_directory_symlink(outside, folder_ + "/data/out");
  std::filesystem::create_directory_symlink(folder_ + "/data", folder_ + "/data/circle");
  auto result = Remove();
  EXPECT_THAT(result.orphans, IsEmpty());
  EXPECT_EQ(result.left_folders.size(), 2u);
  EXPECT_TRUE(Has(outside + "/x.parquet"));
  ASSERT_THAT(files_.RemoveTree(outside), IsOk());
}

TEST_F(OrphansTest, WhatACommitNamesMeanwhileStays) {
  MakeTable();
  Write("a");
  // Staged long ago, committed now: listed as unnamed before, named after.
  CommitRequest late = Append(folder_, "late");
  std::string data = Put("data/late.parquet");
  WatchedTable watched(table_);
  watched.before_load = [&](int load) {
    if (load != 2) return;
    EXPECT_EQ(Commit(table_, std::nullopt, late, &files_, &clock_).outcome, CommitResult::Outcome::kCommitted);
  };
  ASSERT_THAT(RemoveOrphans(watched, INT64_MAX, false, &files_), IsOk());
  EXPECT_TRUE(Has(data));
  Needed();
}

}  // namespace
}  // namespace flare::lake
