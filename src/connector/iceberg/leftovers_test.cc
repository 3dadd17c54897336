#include "connector/iceberg/leftovers.h"

#include "base/fail_point.h"
#include "connector/iceberg/epoch.h"
#include "connector/iceberg/sink_fixture.h"
#include "lake/commit.h"
#include "lake/table_scan.h"

namespace flare::connector::iceberg {
namespace {

class LeftoversTest : public SinkFixture {
 protected:
  void SetUp() override {
    SinkFixture::SetUp();
    sink_ = NewSink();
    ASSERT_THAT(sink_->Open({{"id", sql::Type(sql::TypeId::kLong), true, ""}}), IsOk());
  }
  void TearDown() override {
    ArmFailPoints("");
    SinkFixture::TearDown();
  }
  Result<CommitOutcome> Commit(const BatchInfo& batch) {
    return Write(*sink_, batch, "SELECT range AS c0 FROM range(10)");
  }
  /// Files as a killed process leaves them.
  void LeaveBehind(const BatchInfo& batch) {
    ASSERT_THAT(
        connection_->Execute("CREATE OR REPLACE VIEW step AS SELECT range AS c0 FROM range(10)"),
        IsOk());
    ASSERT_THAT(sink_->Stage(batch, *connection_, "step"), IsOk());
  }
  void Forget(const std::vector<std::string>& properties) {
    lake::DirectoryTable table(&io::LocalFileSystem(), table_);
    auto changed = lake::ChangeMetadata(
        table, Load(),
        [&](lake::TableMetadata* metadata) -> Result<bool> {
          std::set<int64_t> old;
          ASSIGN_OR_RETURN(std::vector<lake::Snapshot> snapshots, metadata->Snapshots());
          for (const auto& snapshot : snapshots) {
            if (snapshot.id != *metadata->Head()) old.insert(snapshot.id);
          }
          metadata->RemoveSnapshots(old);
          for (const std::string& name : properties) metadata->SetProperties({{name, ""}});
          return true;
        },
        &clock());
    ASSERT_THAT(changed, IsOk());
  }
  int64_t RowsInTable() {
    auto scan = lake::TableScanSql(lake::DirectoryTable(&io::LocalFileSystem(), table_),
                                   &io::LocalFileSystem())
                    .value();
    return std::stoll(
        *connection_->Query("SELECT count(*) FROM (" + scan.sql + ")").value().rows[0][0]);
  }

  std::unique_ptr<IcebergSink> sink_;
};

TEST_F(LeftoversTest, ACleanUpThatFailedIsMadeGoodAtALaterBatch) {
  LeaveBehind(Batch(0));
  ASSERT_THAT(Commit(Batch(0)), IsOk());
  ArmFailPoints("lake.before_cleanup=fail");
  EXPECT_FALSE(sink_->CleanUp(Batch(0).token));
  ArmFailPoints("");
  ASSERT_THAT(Commit(Batch(1)), IsOk());
  ASSERT_THAT(sink_->CleanUp(Batch(1).token), IsOk());
  EXPECT_EQ(FilesIn("data").size(), 2u);
  EXPECT_EQ(RowsInTable(), 20);
}

TEST_F(LeftoversTest, ALaterRunRemovesWhatAKilledOneCouldNot) {
  LeaveBehind(Batch(0));
  ASSERT_THAT(Commit(Batch(0)), IsOk());  // and dies before its clean-up
  sink_ = NewSink();
  ASSERT_THAT(sink_->Open({{"id", sql::Type(sql::TypeId::kLong), true, ""}}), IsOk());
  ASSERT_THAT(Commit(Batch(1)), IsOk());
  ASSERT_THAT(sink_->CleanUp(Batch(1).token), IsOk());
  EXPECT_EQ(FilesIn("data").size(), 2u);
}

TEST_F(LeftoversTest, AttemptsAtABatchThatAnotherEngineCommittedGoToo) {
  LeaveBehind(Batch(0));
  ASSERT_THAT(Commit(Batch(0)), IsOk());
  lake::TableMetadata metadata = Load().metadata;
  auto snapshot = metadata.FindSnapshot(*metadata.Head()).value();
  std::string ours = snapshot.summary[kAttemptKey];
  snapshot.summary.erase(kAttemptKey);  // as Spark's sink leaves it
  metadata.RemoveSnapshots({snapshot.id});
  metadata.AddSnapshot(snapshot, "main");
  ASSERT_THAT(RemoveLeftovers(metadata, Batch(0).token.query_id, 0, &io::LocalFileSystem()),
              IsOk());
  std::vector<std::string> data = FilesIn("data");
  ASSERT_EQ(data.size(), 1u);  // not named by the summary, yet in the snapshot's manifests
  EXPECT_THAT(data[0], ::testing::HasSubstr(ours));
}

TEST_F(LeftoversTest, TemporaryFilesOfCommittedBatchesGo) {
  // As a file system without O_TMPFILE keeps them when the process dies.
  ASSERT_THAT(Commit(Batch(0)), IsOk());
  std::string name = FilesIn("data")[0];
  std::string metadata = table_ + "/metadata/";
  ASSERT_THAT(io::LocalFileSystem().CreateExclusive(metadata + "." + name + "-m0.avro.17.tmp", "x"), IsOk());
  ASSERT_THAT(io::LocalFileSystem().CreateExclusive(metadata + ".snap-1-1-" + name + ".avro.17.tmp", "x"), IsOk());
  ASSERT_THAT(io::LocalFileSystem().CreateExclusive(metadata + ".other.avro.17.tmp", "x"), IsOk());
  size_t before = FilesIn("metadata").size();
  ASSERT_THAT(sink_->CleanUp(Batch(0).token), IsOk());
  EXPECT_EQ(FilesIn("metadata").size(), before - 2);
  EXPECT_EQ(RowsInTable(), 10);
}

TEST_F(LeftoversTest, BatchesNotYetCommittedOtherQueriesAndForeignFilesStay) {
  BatchInfo other = Batch(0);
  other.token.query_id = "11111111-2222-3333-4444-555555555556";
  LeaveBehind(other);
  LeaveBehind(Batch(7));
  ASSERT_THAT(io::LocalFileSystem().CreateExclusive(table_ + "/data/00000-1-other.parquet", "x"),
              IsOk());
  ASSERT_THAT(Commit(Batch(0)), IsOk());
  ASSERT_THAT(sink_->CleanUp(Batch(0).token), IsOk());
  EXPECT_EQ(FilesIn("data").size(), 4u);
}

TEST_F(LeftoversTest, FilesOfAReplayedBatchWhoseFirstSnapshotExpiredStayInTheTable) {
  ASSERT_THAT(Commit(Batch(0)), IsOk());
  ASSERT_THAT(Commit(Batch(1)), IsOk());
  BatchInfo other = Batch(0);
  other.token.query_id = "another-query";
  ASSERT_THAT(Commit(other), IsOk());
  Forget({WatermarkKey(Batch(0).token.query_id, "main")});
  BatchInfo again = Batch(1);
  EXPECT_THAT(Commit(again), IsError(Code::kConflict));  // nothing can tell
  again.word.replay = 1;
  ASSERT_THAT(Commit(again), IsOk());
  ASSERT_THAT(sink_->CleanUp(again.token), IsOk());
  EXPECT_EQ(RowsInTable(), 40);  // doubled on a person's word, but readable
}

}  // namespace
}  // namespace flare::connector::iceberg
