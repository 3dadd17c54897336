#include "lake/expire_snapshots.h"

#include <thread>

#include "lake/expiry_fixture.h"
#include "lake/table_scan.h"

namespace flare::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ExpireTest : public ExpiryFixture {
 protected:
  void WriteMany(int count, const std::string& query = "") {
    for (int i = 0; i < count; ++i) Write(fmt::format("f{}", ids_.size()), query, i);
  }
};

TEST_F(ExpireTest, TheNewestStaysAndNothingUnneeded) {
  MakeTable();
  WriteMany(5);
  auto result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(Snapshots(), Of({4}));
  EXPECT_EQ(result->plan.removed.size(), 4u);
  EXPECT_EQ(result->garbage.manifest_lists.size(), 4u);
  EXPECT_THAT(result->garbage.data_files, IsEmpty());  // all five files are alive in the newest
  EXPECT_EQ(result->deletion.files, 4);
  EXPECT_EQ(There(), Needed());
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 5);
  EXPECT_LT(result->after.file_size, result->before.file_size);
  EXPECT_EQ(result->after.version, 7);
  WriteMany(1);
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 6);
}

TEST_F(ExpireTest, BothAgeAndNumberMustAllowIt) {
  MakeTable();
  WriteMany(6);  // a minute apart
  RetentionRequest request = Newest(2);
  request.older_than_ms = Now() - 3 * kMinute;
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({2, 3, 4, 5}));
  request.retain_last = 5;
  request.older_than_ms = Now();
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({2, 3, 4, 5}));
}

TEST_F(ExpireTest, TheTablesOwnPropertiesAreTheDefault) {
  MakeTable({{"history.expire.max-snapshot-age-ms", "120000"}, {"history.expire.min-snapshots-to-keep", "2"}});
  WriteMany(6);
  ASSERT_THAT(Expire({}), IsOk());
  EXPECT_EQ(Snapshots(), Of({3, 4, 5}));
  clock_.Advance(Millis(100 * kMinute));
  ASSERT_THAT(Expire({}), IsOk());
  EXPECT_EQ(Snapshots(), Of({4, 5}));
}

TEST_F(ExpireTest, WithoutPropertiesFiveDaysAreKept) {
  MakeTable();
  WriteMany(3);
  int64_t version = table_.Load().value().version;
  auto nothing = Expire({});
  ASSERT_THAT(nothing, IsOk());
  EXPECT_THAT(nothing->plan.removed, IsEmpty());
  EXPECT_EQ(table_.Load().value().version, version);  // nothing to do, nothing published
  clock_.Advance(std::chrono::hours(5 * 24 + 1));
  ASSERT_THAT(Expire({}), IsOk());
  EXPECT_EQ(Snapshots(), Of({2}));
}

TEST_F(ExpireTest, ReplacedDataFilesGo) {
  MakeTable();
  WriteMany(3);
  CommitRequest replace = Append(folder_, "new");
  replace.mode = WriteMode::kReplaceAll;
  Write(replace);
  auto result = Expire(Newest(2));  // the snapshot before still needs the old files
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->garbage.data_files, IsEmpty());
  EXPECT_EQ(There(), Needed());
  result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->garbage.data_files, SizeIs(3));
  EXPECT_EQ(There(), Needed());
  EXPECT_FALSE(files_.Exists(folder_ + "/data/f0.parquet").value());
}

TEST_F(ExpireTest, MergedManifestsGo) {
  MakeTable({{"commit.manifest.min-count-to-merge", "3"}});
  WriteMany(8);
  auto result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_GT(result->garbage.manifests.size(), 2u);
  EXPECT_THAT(result->garbage.data_files, IsEmpty());
  EXPECT_EQ(There(), Needed());
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 8);
}

TEST_F(ExpireTest, AFileThatTwoSpellingsNameIsKept) {
  MakeTable();
  WriteMany(1);
  CommitRequest replace = Append(folder_, "f0");  // the same file again, under another name
  std::filesystem::create_directory_symlink(folder_, folder_ + ".link");
  replace.files[0].path = folder_ + ".link/data/f0.parquet";
  replace.name = "again";
  replace.mode = WriteMode::kReplaceAll;
  Write(replace);
  ASSERT_THAT(Expire(Newest()), IsOk());
  EXPECT_TRUE(files_.Exists(folder_ + "/data/f0.parquet").value());
  std::filesystem::remove(folder_ + ".link");
}

TEST_F(ExpireTest, AFileOutsideOfTheTableIsLeft) {
  MakeTable();
  std::string other = folder_ + "_other.parquet";
  CommitRequest foreign = Append(folder_, "foreign");
  foreign.files[0].path = UriOf(other);
  Write(foreign);
  CommitRequest replace = Append(folder_, "new");
  replace.mode = WriteMode::kReplaceAll;
  Write(replace);
  auto result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->garbage.outside, 1);
  EXPECT_TRUE(files_.Exists(other).value());
  ASSERT_THAT(files_.Remove(other), IsOk());
}

TEST_F(ExpireTest, BranchesAndTagsKeepWhatTheyAskFor) {
  MakeTable();
  WriteMany(6);
  Change([&](Json* doc) {
    (*doc)["refs"]["t"] = {{"snapshot-id", ids_[0]}, {"type", "tag"}};
    (*doc)["refs"]["b"] = {{"snapshot-id", ids_[3]}, {"type", "branch"}, {"min-snapshots-to-keep", 2}};
    (*doc)["refs"]["main"]["max-snapshot-age-ms"] = kMinute;
  });
  ASSERT_THAT(Expire(Newest()), IsOk());
  EXPECT_EQ(Snapshots(), Of({0, 2, 3, 4, 5}));
  EXPECT_EQ(There(), Needed());
  for (size_t i : {0, 2, 3, 4, 5}) {
    EXPECT_EQ(TableScanSql(table_, &files_, ids_[i]).value().rows, static_cast<int64_t>(i + 1));
  }
}

TEST_F(ExpireTest, ABranchsOwnAgeComesBeforeWhatIsAskedFor) {
  MakeTable();
  WriteMany(4);
  Change([&](Json* doc) { (*doc)["refs"]["main"]["max-snapshot-age-ms"] = kMinute; });
  RetentionRequest request = Newest();
  request.older_than_ms = kStart;
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({2, 3}));
}

TEST_F(ExpireTest, AListThatTwoSnapshotsShareIsKept) {
  MakeTable();
  WriteMany(2);
  Change([&](Json* doc) {
    Json twin = (*doc)["snapshots"][1];
    twin["snapshot-id"] = 7;
    (*doc)["snapshots"].push_back(twin);
  });
  clock_.Advance(Millis(1));
  ASSERT_THAT(Expire(Newest()), IsOk());
  EXPECT_EQ(Snapshots(), Of({1}));
  EXPECT_EQ(There(), Needed());
}

TEST_F(ExpireTest, OldRefsGoButNeverMain) {
  MakeTable({{"history.expire.max-ref-age-ms", "60000"}});
  WriteMany(3);
  Change([&](Json* doc) {
    (*doc)["refs"]["old"] = {{"snapshot-id", ids_[0]}, {"type", "tag"}};
    (*doc)["refs"]["kept"] = {{"snapshot-id", ids_[1]}, {"type", "branch"}, {"max-ref-age-ms", INT64_MAX}};
    (*doc)["refs"]["broken"] = {{"snapshot-id", 7}, {"type", "tag"}};
  });
  clock_.Advance(Millis(10 * kMinute));
  auto result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->plan.removed_refs, ElementsAre("old", "broken"));
  EXPECT_EQ(Snapshots(), Of({1, 2}));
  EXPECT_EQ(Doc()["refs"].size(), 2u);
}

TEST_F(ExpireTest, WhatNoBranchLeadsToIsKeptWhileYoung) {
  MakeTable();
  WriteMany(4);
  Change([&](Json* doc) {  // rolled back by two
    (*doc)["current-snapshot-id"] = ids_[1];
    (*doc)["refs"]["main"]["snapshot-id"] = ids_[1];
  });
  RetentionRequest request = Newest();
  request.older_than_ms = Now() - kMinute / 2;
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({1, 3}));
  EXPECT_EQ(There(), Needed());  // f2 is alive in the staged snapshot
  request.older_than_ms = Now() + 1;
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({1}));
  EXPECT_EQ(There(), Needed());
}

TEST_F(ExpireTest, TheNewestMarkOfEachWriterStaysReachable) {
  MakeTable();
  WriteMany(2, "a");
  WriteMany(2, "b");
  WriteMany(3);
  auto result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(Snapshots(), Of({1, 2, 3, 4, 5, 6}));  // going back from the head, a's mark is found
  ASSERT_THAT(result->plan.held, SizeIs(1));
  EXPECT_EQ(result->plan.held[0].writer, "a");
  EXPECT_EQ(result->plan.held[0].branch, "main");
  EXPECT_EQ(result->plan.held[0].snapshot_id, ids_[1]);
  EXPECT_EQ(result->plan.held[0].snapshots, 5);
  RetentionRequest request = Newest();
  request.forgotten_writers = {"a"};
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({3, 4, 5, 6}));
  request.forgotten_writers = {"a", "b"};
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({6}));
}

TEST_F(ExpireTest, ABranchWithAMarkOfItsOwnIsHeldBack) {
  MakeTable({{"history.expire.max-ref-age-ms", "1"}});
  WriteMany(2, "a");
  for (int i = 0; i < 2; ++i) {
    CommitRequest request = Append(folder_, fmt::format("branch{}", i));
    request.branch = "audit";
    Write(request, i == 0 ? "b" : "");
  }
  Change([&](Json* doc) { (*doc)["refs"]["copy"] = {{"snapshot-id", ids_[0]}, {"type", "branch"}}; });
  clock_.Advance(Millis(kMinute));
  auto result = Expire(Newest());
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->plan.removed_refs, ElementsAre("copy"));
  EXPECT_EQ(Snapshots(), Of({1, 2, 3}));
  RetentionRequest request = Newest();
  request.forgotten_writers = {"b"};
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Snapshots(), Of({1}));
  EXPECT_EQ(There(), Needed());
}

TEST_F(ExpireTest, LogAndStatisticsFollow) {
  MakeTable();
  WriteMany(4);
  for (const char* name : {"a.stats", "b.stats", "c.stats"}) {
    ASSERT_THAT(files_.Replace(folder_ + "/metadata/" + name, "x"), IsOk());
  }
  auto entry = [&](size_t commit, const char* name) {
    return Json{{"snapshot-id", ids_[commit]}, {"statistics-path", UriOf(folder_) + "/metadata/" + name}};
  };
  Change([&](Json* doc) {
    (*doc)["statistics"] = {entry(0, "a.stats"), entry(3, "b.stats")};
    (*doc)["partition-statistics"] = {entry(1, "c.stats"), entry(2, "b.stats")};
    (*doc)["refs"]["t"] = {{"snapshot-id", ids_[0]}, {"type", "tag"}};
  });
  ASSERT_THAT(Expire(Newest()), IsOk());
  Json doc = Doc();
  EXPECT_EQ(doc["snapshot-log"].size(), 1u);  // the tag's entry lies before a hole
  EXPECT_EQ(doc["snapshot-log"][0]["snapshot-id"], ids_[3]);
  EXPECT_EQ(doc["statistics"].size(), 2u);
  EXPECT_EQ(doc["partition-statistics"].size(), 0u);
  EXPECT_TRUE(files_.Exists(folder_ + "/metadata/a.stats").value());
  EXPECT_TRUE(files_.Exists(folder_ + "/metadata/b.stats").value());
  EXPECT_FALSE(files_.Exists(folder_ + "/metadata/c.stats").value());
  EXPECT_EQ(doc["last-sequence-number"], 4);
}

TEST_F(ExpireTest, ADryRunChangesNothing) {
  MakeTable();
  WriteMany(3);
  auto there = There();
  auto result = ExpireSnapshots(table_, Newest(), true, &files_, &clock_);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->garbage.manifest_lists.size(), 2u);
  EXPECT_EQ(result->deletion.files, 0);
  EXPECT_EQ(There(), there);
  EXPECT_EQ(Snapshots(), Of({0, 1, 2}));
}

TEST_F(ExpireTest, RefusesWhereFilesAreNotTheTablesOwn) {
  MakeTable({{"gc.enabled", "false"}});
  WriteMany(2);
  EXPECT_THAT(Expire(Newest()), IsError(Code::kUnsupported));
  EXPECT_EQ(Snapshots(), Of({0, 1}));
  EXPECT_THAT(RemoveOrphans(table_, Now(), false, &files_), IsError(Code::kUnsupported));
}

TEST_F(ExpireTest, RefusesAMovedTableAndNoTable) {
  EXPECT_THAT(Expire(Newest()), IsError(Code::kNotFound));
  MakeTable();
  WriteMany(2);
  std::string moved = folder_ + "_moved";
  std::filesystem::copy(folder_, moved, std::filesystem::copy_options::recursive);
  DirectoryTable other(&files_, moved);
  EXPECT_THAT(ExpireSnapshots(other, Newest(), false, &files_, &clock_), IsError(Code::kInvalidArgument));
  EXPECT_THAT(RemoveOrphans(other, INT64_MAX, false, &files_), IsError(Code::kInvalidArgument));
  EXPECT_EQ(There(), Needed());
  ASSERT_THAT(files_.RemoveTree(moved), IsOk());
}

TEST_F(ExpireTest, RefusesATableWhoseFilesMayBeAnotherTables) {
  MakeTable();
  WriteMany(2);
  auto there = There();
  WatchedTable registered(table_);  // in a catalog, under a second name, with metadata of its own
  registered.metadata_file = folder_ + "_elsewhere/metadata/v3.metadata.json";
  EXPECT_THAT(ExpireSnapshots(registered, Newest(), false, &files_, &clock_), IsError(Code::kInvalidArgument));
  EXPECT_THAT(RemoveOrphans(registered, INT64_MAX, false, &files_), IsError(Code::kInvalidArgument));
  EXPECT_EQ(There(), there);
  EXPECT_EQ(Snapshots(), Of({0, 1}));
}

TEST_F(ExpireTest, NothingIsDeletedWhenAKeptManifestIsGone) {
  MakeTable();
  WriteMany(3);
  ASSERT_THAT(files_.Remove(folder_ + "/metadata/f1-m0.avro"), IsOk());
  CommitRequest replace = Append(folder_, "new");
  auto there = There();
  auto result = Expire(Newest());
  EXPECT_THAT(result, IsOk());  // no data file was in question
  EXPECT_THAT(RemoveOrphans(table_, INT64_MAX, false, &files_), IsError(Code::kNotFound));
  auto snapshot = Metadata().FindSnapshot(ids_[2]).value();
  ASSERT_THAT(files_.Remove(LocalPathOf(snapshot.manifest_list).value()), IsOk());
  there = There();
  EXPECT_THAT(RemoveOrphans(table_, INT64_MAX, false, &files_), IsError(Code::kNotFound));
  EXPECT_EQ(There(), there);
}

TEST_F(ExpireTest, AStopAnywhereLeavesOrphansOnly) {
  for (const char* point : {"lake.before_expire=fail", "lake.before_metadata_swap=fail", "lake.after_metadata_swap=fail",
                            "lake.after_expire=fail", "lake.before_expired_file=fail@1", "lake.after_expired_file=fail@1",
                            "lake.before_expired_file=fail@3", "lake.after_expired_file=fail@3"}) {
    std::ignore = files_.RemoveTree(folder_);
    ids_.clear();
    MakeTable();
    WriteMany(3);
    CommitRequest replace = Append(folder_, "new");
    replace.mode = WriteMode::kReplaceAll;
    Write(replace);
    ArmFailPoints(point);
    EXPECT_FALSE(Expire(Newest()).has_value()) << point;
    ArmFailPoints("");
    EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 1) << point;
    Needed();
    ASSERT_THAT(Expire(Newest()), IsOk());
    ASSERT_THAT(RemoveOrphans(table_, INT64_MAX, false, &files_), IsOk());
    EXPECT_EQ(There(), Needed()) << point;
    EXPECT_EQ(Snapshots(), Of({3})) << point;
  }
}

TEST_F(ExpireTest, ACommitInBetweenIsKept) {
  MakeTable();
  WriteMany(4);
  // The other writer commits between our look at the table and our publication.
  WatchedTable watched(table_);
  watched.before_publish = [&] { WriteMany(1); };
  ASSERT_THAT(ExpireSnapshots(watched, Newest(), false, &files_, &clock_), IsOk());
  EXPECT_TRUE(Snapshots().contains(ids_[4]));
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 5);
  EXPECT_EQ(There(), Needed());
}

TEST_F(ExpireTest, ACommitWhoseBaseIsExpiredMeanwhileStartsOver) {
  MakeTable();
  WriteMany(2);
  CommitRequest mine = Append(folder_, "mine");
  ASSERT_THAT(files_.Replace(LocalPathOf(mine.files[0].path).value(), "rows"), IsOk());
  bool first = true;
  mine.check = [&](const TableMetadata&) -> Result<bool> {
    if (!std::exchange(first, false)) return true;
    WriteMany(1);
    EXPECT_THAT(Expire(Newest()), IsOk());
    return true;
  };
  CommitResult result = Commit(table_, std::nullopt, mine, &files_, &clock_);
  ASSERT_EQ(result.outcome, CommitResult::Outcome::kCommitted) << result.reason->ToText();
  EXPECT_EQ(result.tries, 2);
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 4);
  EXPECT_EQ(There(), Needed());
}

TEST_F(ExpireTest, AScanWhoseStateIsExpiredMeanwhileLooksAgain) {
  MakeTable();
  WriteMany(2);
  WatchedTable watched(table_);
  watched.after_load = [&](int load) {
    if (load != 1) return;
    WriteMany(1);
    EXPECT_THAT(Expire(Newest()), IsOk());
  };
  auto scan = TableScanSql(watched, &files_);
  ASSERT_THAT(scan, IsOk());
  EXPECT_EQ(scan->rows, 3);
  EXPECT_THAT(TableScanSql(table_, &files_, ids_[0]), IsError(Code::kNotFound));
}

TEST_F(ExpireTest, AnotherExpiryInBetweenIsNoticed) {
  MakeTable();
  WriteMany(4);
  WatchedTable watched(table_);
  watched.after_load = [&](int load) {
    if (load != 2) return;  // published, and about to look at what the newest version needs
    CommitRequest replace = Append(folder_, "new");
    replace.mode = WriteMode::kReplaceAll;
    Write(replace);
    EXPECT_THAT(Expire(Newest()), IsOk());
  };
  ASSERT_THAT(ExpireSnapshots(watched, Newest(2), false, &files_, &clock_), IsOk());
  EXPECT_EQ(Snapshots(), Of({4}));
  EXPECT_EQ(There(), Needed());
}

TEST_F(ExpireTest, BesideWritersNothingIsLostAndNothingLeft) {
  MakeTable({{"commit.manifest.min-count-to-merge", "4"}, {"write.metadata.previous-versions-max", "5"},
             {"write.metadata.delete-after-commit.enabled", "true"}});
  constexpr int kWriters = 3, kCommits = 25, kExpiries = 25;
  std::atomic<int> failed = 0;
  auto expire = [&] {
    RetentionRequest request;
    request.older_than_ms = INT64_MAX;
    for (int i = 0; i < kExpiries; ++i) {
      DirectoryTable own(&files_, folder_);
      auto result = ExpireSnapshots(own, request, false, &files_, &SystemClock());
      EXPECT_THAT(result, IsOk());
      failed += result && result->deletion.failed == 0 ? 0 : 1;
    }
  };
  auto write = [&](int writer) {
    DirectoryTable own(&files_, folder_);
    for (int i = 0; i < kCommits; ++i) {
      CommitRequest request = Append(folder_, fmt::format("w{}-{}", writer, i));
      std::ignore = files_.Replace(LocalPathOf(request.files[0].path).value(), "rows");
      CommitResult result = Commit(own, std::nullopt, request, &files_, &SystemClock());
      EXPECT_EQ(result.outcome, CommitResult::Outcome::kCommitted) << result.reason->ToText();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int w = 0; w < kWriters; ++w) threads.emplace_back(write, w);
    threads.emplace_back(expire);
    threads.emplace_back(expire);
  }
  EXPECT_EQ(failed, 0);
  RetentionRequest request;
  request.older_than_ms = INT64_MAX;
  ASSERT_THAT(Expire(request), IsOk());
  EXPECT_EQ(Metadata().snapshot_count(), 1u);
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, kWriters * kCommits);
  EXPECT_EQ(There(), Needed());  // no orphan either
}

}  // namespace
}  // namespace flare::lake
