// Expiries that die somewhere, and whoever comes next.
#include <thread>

#include "lake/expiry_fixture.h"
#include "lake/expiry_journal.h"
#include "lake/sql_catalog.h"
#include "lake/table_scan.h"

namespace flare::lake {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class FinishTest : public ExpiryFixture, public ::testing::WithParamInterface<bool> {
 protected:
  const Table& tested() const override { return *opened_; }
  std::unique_ptr<Table> Open() {
    if (!GetParam()) return std::make_unique<DirectoryTable>(&files_, folder_);
    SqlTableName name{folder_ + "/catalog.db", "lake", "shop", "t"};
    return std::make_unique<SqlTable>(&files_, name, folder_, Millis(5000));
  }

  /// Three snapshots, and one that replaces all they hold.
  void MakeHistory() {
    std::ignore = files_.RemoveTree(folder_);
    ids_.clear();
    ASSERT_THAT(files_.CreateDirectories(folder_), IsOk());
    MakeTable();
    for (const char* name : {"f0", "f1", "f2"}) Write(name);
    CommitRequest replace = Append(folder_, "new");
    replace.mode = WriteMode::kReplaceAll;
    Write(replace);
  }
  Result<ExpireResult> Expire() { return ExpireSnapshots(tested(), Newest(), false, &files_, &clock_); }
  /// An expiry that stops there, as if it had died.
  void StopAt(const std::string& point) {
    ArmFailPoints(point);
    EXPECT_FALSE(Expire().has_value()) << point;
    ArmFailPoints("");
  }
  Result<FinishResult> Finish(bool dry_run = false) { return FinishExpiries(tested(), Metadata(), dry_run, &files_); }
  std::vector<std::string> Journals() { return ExpiryJournal::Find(metadata_folder(), true, &files_).value(); }

  std::unique_ptr<Table> opened_ = Open();
};

INSTANTIATE_TEST_SUITE_P(Catalogs, FinishTest, ::testing::Bool(),
                         [](const auto& sql) { return sql.param ? "Sql" : "Directory"; });

TEST_P(FinishTest, AStopAnywhereIsMadeGoodByTheNext) {
  std::vector<std::string> points = {"lake.before_expire", "lake.after_expire"};
  for (const char* step : {"expiry_journal", "expiry_end"}) {
    for (const char* side : {"before", "after"}) points.push_back(fmt::format("lake.{}_{}", side, step));
  }
  // Three of a kind: data files, manifests, lists.
  for (int visit : {1, 2, 4, 7, 9}) {
    for (const char* side : {"before", "after"}) points.push_back(fmt::format("lake.{}_expired_file@{}", side, visit));
  }
  for (int visit : {1, 2, 3}) {
    for (const char* side : {"before", "after"}) points.push_back(fmt::format("lake.{}_expired_sync@{}", side, visit));
  }
  points.push_back(GetParam() ? "lake.before_catalog_swap" : "lake.before_metadata_swap");
  if (!GetParam()) points.push_back("lake.after_metadata_swap");
  for (const std::string& point : points) {
    SCOPED_TRACE(point);
    MakeHistory();
    size_t visit = point.find('@');
    StopAt(visit == std::string::npos ? point + "=fail" : point.substr(0, visit) + "=fail" + point.substr(visit));
    ASSERT_THAT(Finish(), IsOk());
    EXPECT_EQ(There(), Needed());
    EXPECT_THAT(Journals(), IsEmpty());
    EXPECT_EQ(TableScanSql(tested(), &files_).value().rows, 1);
    ASSERT_THAT(Expire(), IsOk());
    EXPECT_EQ(Snapshots(), Of({3}));
    EXPECT_EQ(There(), Needed());
    EXPECT_THAT(Journals(), IsEmpty());
  }
}

TEST_P(FinishTest, AnotherStopWhileFinishingIsMadeGoodToo) {
  MakeHistory();
  StopAt("lake.after_expire=fail");
  for (const char* point : {"lake.after_expired_file=fail@2", "lake.before_expired_file=fail@3", "lake.before_expired_sync=fail",
                            "lake.after_expired_sync=fail@2", "lake.before_expiry_end=fail"}) {
    ArmFailPoints(point);
    EXPECT_FALSE(Finish()) << point;
    ArmFailPoints("");
    Needed();
    EXPECT_THAT(Journals(), SizeIs(1)) << point;
  }
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(There(), Needed());
  EXPECT_THAT(Journals(), IsEmpty());
}

TEST_P(FinishTest, OfAnExpiryThatWasNeverPublishedNothingIsDeleted) {
  MakeHistory();
  auto there = There();
  StopAt("lake.after_expiry_journal=fail");
  EXPECT_THAT(Journals(), SizeIs(1));
  auto finished = Finish();
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(finished->expiries, 1);
  EXPECT_EQ(finished->deletion.files, 0);
  EXPECT_EQ(There(), there);
  EXPECT_EQ(Snapshots(), Of({0, 1, 2, 3}));
}

TEST_P(FinishTest, WhatTheTableNamesAgainStays) {
  MakeHistory();
  TableMetadata before = Metadata();
  StopAt("lake.after_expire=fail");
  TableVersion now = tested().Load().value();  // somebody brings the old snapshots back
  ASSERT_EQ(tested().Publish(now, before, Now()).outcome, PublishResult::Outcome::kPublished);
  auto there = There();
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(There(), there);
  EXPECT_EQ(There(), Needed());
}

TEST_P(FinishTest, ADryRunOnlyTells) {
  MakeHistory();
  StopAt("lake.after_expired_file=fail");
  auto there = There();
  auto finished = Finish(true);
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(finished->expiries, 1);
  EXPECT_THAT(finished->garbage.data_files, SizeIs(3));  // one of which is gone
  EXPECT_EQ(There(), there);
  EXPECT_THAT(Journals(), SizeIs(1));
}

TEST_P(FinishTest, WhatSomebodyWorksOnIsLeftToThem) {
  MakeHistory();
  StopAt("lake.after_expire=fail");
  auto there = There();
  auto journal = ExpiryJournal::Take(Journals().at(0), &files_);
  ASSERT_THAT(journal, IsOk());
  auto finished = Finish();
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(finished->expiries, 0);
  EXPECT_EQ(There(), there);
  ASSERT_THAT((*journal)->Remove(), IsOk());
  EXPECT_THAT(ExpiryJournal::Take(metadata_folder() + "/.flare-expired-gone.json", &files_), IsError(Code::kNotFound));
}

TEST_P(FinishTest, ManyAtOnceDoNoHarm) {
  for (int round = 0; round < 2; ++round) {
    MakeHistory();
    StopAt("lake.after_expire=fail");
    TableMetadata metadata = Metadata();
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { EXPECT_THAT(FinishExpiries(*Open(), metadata, false, &files_), IsOk()); });
      }
    }
    ASSERT_THAT(Finish(), IsOk());  // those that found it held went on
    EXPECT_EQ(There(), Needed());
    EXPECT_THAT(Journals(), IsEmpty());
  }
}

TEST_P(FinishTest, AFileThatCannotGoIsTriedAgain) {
  MakeHistory();
  std::string stuck = folder_ + "/data/f1.parquet";
  ASSERT_THAT(files_.Remove(stuck), IsOk());
  ASSERT_THAT(files_.CreateDirectories(stuck), IsOk());
  auto result = Expire();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->deletion.failed, 1);
  EXPECT_THAT(Journals(), SizeIs(1));
  auto finished = Finish();
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(finished->deletion.failed, 1);
  ASSERT_THAT(files_.RemoveTree(stuck), IsOk());
  ASSERT_THAT(files_.CreateExclusive(stuck, "rows"), IsOk());
  finished = Finish();
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(finished->deletion.failed, 0);
  EXPECT_EQ(There(), Needed());
  EXPECT_THAT(Journals(), IsEmpty());
}

TEST_P(FinishTest, AJournalOfAnotherTableOrNoneIsLeft) {
  MakeHistory();
  StopAt("lake.after_expire=fail");
  auto there = There();
  std::string path = Journals().at(0);
  std::string text = files_.Read(path).value();
  std::string uuid = Metadata().uuid();
  std::string foreign = text;
  foreign.replace(foreign.find(uuid), uuid.size(), NewUuid());
  ASSERT_THAT(files_.Replace(path, foreign), IsOk());
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(There(), there);
  ASSERT_THAT(files_.Replace(path, "{\"format\":2}"), IsOk());
  EXPECT_THAT(Finish(), IsError(Code::kUnsupported));
  ASSERT_THAT(files_.Replace(path, "half a jour"), IsOk());
  EXPECT_THAT(Finish(), IsError(Code::kCorruption));
  EXPECT_EQ(There(), there);
  ASSERT_THAT(files_.Replace(path, text), IsOk());
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(There(), Needed());
}

TEST_P(FinishTest, AJournalThatWasHalfWrittenGoes) {
  MakeHistory();
  std::string temporary = metadata_folder() + "/..flare-expired-x.json.y.tmp";
  ASSERT_THAT(files_.CreateExclusive(temporary, "{"), IsOk());
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_FALSE(files_.Exists(temporary).value());
}

TEST_P(FinishTest, WhereFilesMayBeAnotherTablesNothingGoes) {
  MakeHistory();
  StopAt("lake.after_expire=fail");
  Change([](Json* doc) { (*doc)["properties"]["gc.enabled"] = "false"; });
  auto there = There();
  auto finished = Finish();
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(finished->expiries, 0);
  EXPECT_EQ(There(), there);
  EXPECT_THAT(Journals(), SizeIs(1));
}

TEST_P(FinishTest, ARefusedTryLeavesNoJournal) {
  MakeHistory();
  WatchedTable watched(tested());
  watched.before_publish = [&] { Write("between"); };
  std::vector<size_t> asked;
  auto before = [&](const TableMetadata& base, const std::set<int64_t>& removed) -> Status {
    asked.push_back(base.snapshot_count());
    EXPECT_THAT(removed, SizeIs(3));  // the last two are too young
    return Ok();
  };
  ASSERT_THAT(ExpireSnapshots(watched, Newest(), false, &files_, &clock_, before), IsOk());
  EXPECT_THAT(asked, ::testing::ElementsAre(4u, 5u));
  EXPECT_THAT(Journals(), IsEmpty());
  EXPECT_EQ(There(), Needed());
}

TEST_P(FinishTest, AnExpiryThatMayNotBeginDoesNothing) {
  MakeHistory();
  auto there = There();
  auto before = [](const TableMetadata&, const std::set<int64_t>&) -> Status { return Unavailable("the disk is sick"); };
  EXPECT_THAT(ExpireSnapshots(tested(), Newest(), false, &files_, &clock_, before), IsError(Code::kUnavailable));
  EXPECT_EQ(There(), there);
  EXPECT_EQ(Snapshots(), Of({0, 1, 2, 3}));
  EXPECT_THAT(Journals(), IsEmpty());
}

}  // namespace
}  // namespace flare::lake
