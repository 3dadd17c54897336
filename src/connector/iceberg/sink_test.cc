#include "connector/iceberg/sink.h"

#include "connector/iceberg/epoch.h"
#include "connector/iceberg/sink_fixture.h"
#include "lake/table_scan.h"

namespace flare::connector::iceberg {
namespace {

using ::testing::HasSubstr;

class SinkTest : public SinkFixture {
 protected:
  static sql::Schema TwoColumns() {
    return {{"id", sql::Type(sql::TypeId::kLong), true, ""}, {"name", sql::Type(sql::TypeId::kString), true, ""}};
  }
  static std::string Rows(int count) {
    return fmt::format("SELECT CAST(range AS BIGINT) AS c0, 'n' || range AS c1 FROM range({})", count);
  }
};

TEST_F(SinkTest, ABatchBecomesOneSnapshotWithItsToken) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  EXPECT_THAT(sink->Find(Batch(0)), IsOk());
  auto outcome = Write(*sink, Batch(0), Rows(10));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(*outcome, CommitOutcome::kCommitted);
  auto table = Load();
  auto snapshot = table.metadata.FindSnapshot(*table.metadata.Head()).value();
  EXPECT_EQ(snapshot.summary["operation"], "append");
  EXPECT_EQ(snapshot.summary["total-records"], "10");
  EXPECT_EQ(snapshot.summary[kQueryIdKey], Batch(0).token.query_id);
  EXPECT_EQ(snapshot.summary[kEpochIdKey], "0");
  EXPECT_EQ(snapshot.summary[kEndOffsetsKey], Batch(0).end_offsets);
  EXPECT_EQ(FilesIn("data").size(), 1u);
  EXPECT_TRUE(sink->Find(Batch(0)).value());
}

TEST_F(SinkTest, AnEmptyBatchStillLeavesItsMark) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  ASSERT_THAT(Write(*sink, Batch(0), Rows(0)), IsOk());
  EXPECT_EQ(Load().metadata.snapshot_count(), 1u);
  EXPECT_TRUE(FilesIn("data").empty());
  EXPECT_TRUE(sink->Find(Batch(0)).value());
}

TEST_F(SinkTest, AHintLeftBehindByACrashIsMendedAtTheNextOpen) {
  const std::string hint = table_ + "/metadata/version-hint.text";
  for (std::string_view left : {"1", ""}) {
    auto sink = NewSink();
    ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
    ASSERT_THAT(Write(*sink, Batch(left.empty() ? 1 : 0), Rows(3)), IsOk());
    std::string newest = std::to_string(Load().version);
    if (left.empty()) {
      ASSERT_THAT(io::LocalFileSystem().Remove(hint), IsOk());
    } else {
      ASSERT_THAT(io::LocalFileSystem().Replace(hint, left), IsOk());
    }
    ASSERT_THAT(NewSink()->Open(TwoColumns()), IsOk());
    EXPECT_EQ(io::LocalFileSystem().Read(hint).value(), newest);
  }
}

TEST_F(SinkTest, C112_AReplayIsFoundAndAppendsNothing) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  ASSERT_THAT(Write(*sink, Batch(0), Rows(10)), IsOk());
  auto again = NewSink();
  ASSERT_THAT(again->Open(TwoColumns()), IsOk());
  EXPECT_TRUE(again->Find(Batch(0)).value());
  EXPECT_EQ(Write(*again, Batch(0), Rows(10)).value(), CommitOutcome::kAlready);
  EXPECT_EQ(FilesIn("data").size(), 1u);
  EXPECT_EQ(Load().metadata.snapshot_count(), 1u);
  EXPECT_THAT(Write(*again, Batch(0, "[1]"), Rows(10)), IsError(Code::kConflict));
  EXPECT_EQ(FilesIn("data").size(), 1u);
}

TEST_F(SinkTest, TwoAttemptsAtOnceCommitOnce) {
  auto paused = NewSink(), successor = NewSink();
  ASSERT_THAT(paused->Open(TwoColumns()), IsOk());
  ASSERT_THAT(successor->Open(TwoColumns()), IsOk());
  ASSERT_THAT(connection_->Execute("CREATE VIEW step AS " + Rows(10)), IsOk());
  auto late = paused->Stage(Batch(0), *connection_, "step");
  ASSERT_THAT(late, IsOk());
  EXPECT_EQ(Write(*successor, Batch(0), Rows(10)).value(), CommitOutcome::kCommitted);
  EXPECT_EQ((*late)->Commit().value(), CommitOutcome::kAlready);
  EXPECT_EQ(FilesIn("data").size(), 1u);
}

TEST_F(SinkTest, CleanUpRemovesOtherAttemptsOfTheBatchAndNothingElse) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  ASSERT_THAT(connection_->Execute("CREATE VIEW step AS " + Rows(10)), IsOk());
  ASSERT_THAT(sink->Stage(Batch(0), *connection_, "step"), IsOk());  // left behind, as by a kill
  ASSERT_THAT(sink->Stage(Batch(1), *connection_, "step"), IsOk());
  std::string foreign = table_ + "/data/00000-1-other.parquet";
  ASSERT_THAT(io::LocalFileSystem().CreateExclusive(foreign, "x"), IsOk());
  ASSERT_THAT(sink->CleanUp(Batch(0).token), IsOk());
  EXPECT_EQ(FilesIn("data").size(), 3u);  // nobody committed batch 0 yet: nothing is removed
  ASSERT_THAT(Write(*sink, Batch(0), Rows(10)), IsOk());
  ASSERT_THAT(sink->CleanUp(Batch(0).token), IsOk());
  EXPECT_EQ(FilesIn("data").size(), 3u);  // the committed one, batch 1's and the foreign one
  EXPECT_TRUE(io::LocalFileSystem().Exists(foreign).value());
}

TEST_F(SinkTest, AbortRemovesTheFilesUnlessTheyWereCommitted) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  ASSERT_THAT(connection_->Execute("CREATE VIEW step AS " + Rows(10)), IsOk());
  auto staged = sink->Stage(Batch(0), *connection_, "step");
  ASSERT_THAT(staged, IsOk());
  ASSERT_THAT((*staged)->Abort(), IsOk());
  EXPECT_TRUE(FilesIn("data").empty());
  auto second = sink->Stage(Batch(0), *connection_, "step");
  ASSERT_THAT((*second)->Commit(), IsOk());
  ASSERT_THAT((*second)->Abort(), IsOk());
  EXPECT_EQ(FilesIn("data").size(), 1u);
}

TEST_F(SinkTest, AFailingStepLeavesTheTableAsItWas) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  auto failed = Write(*sink, Batch(0), "SELECT CASE WHEN range > 100000 THEN error('boom') ELSE range END AS c0, 'x' AS c1 FROM range(200000)");
  EXPECT_THAT(failed, HasMessage(HasSubstr("boom")));
  EXPECT_TRUE(FilesIn("data").empty());
  EXPECT_EQ(Load().version, 1);
}

TEST_F(SinkTest, ATableThatVanishedOrWasMadeAnewIsNamed) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  std::filesystem::remove_all(table_);
  EXPECT_THAT(sink->Find(Batch(0)), HasMessage(HasSubstr("vanished")));
  auto other = NewSink();
  ASSERT_THAT(other->Open(TwoColumns()), IsOk());
  EXPECT_THAT(sink->Find(Batch(0)), HasMessage(HasSubstr("made anew")));
}

TEST_F(SinkTest, AMovedTableIsRefused) {
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  std::filesystem::rename(table_, folder_ + "/db/moved");
  table_ = folder_ + "/db/moved";
  EXPECT_THAT(NewSink()->Open(TwoColumns()), HasMessage(HasSubstr("copied or moved")));
}

TEST_F(SinkTest, SchemasAreMatchedByName) {
  ASSERT_THAT(NewSink()->Open(TwoColumns()), IsOk());
  sql::Schema extra = TwoColumns();
  extra.push_back({"added", sql::Type(sql::TypeId::kDate), true, ""});
  auto refused = NewSink()->Open(extra);
  EXPECT_THAT(refused, HasMessage(HasSubstr("columns that the table lacks: added")));
  EXPECT_THAT(refused, HasMessage(HasSubstr("mergeSchema")));
  sql::Schema wrong = TwoColumns();
  wrong[0].type = sql::Type(sql::TypeId::kString);
  EXPECT_THAT(NewSink()->Open(wrong), HasMessage(HasSubstr("Cannot safely cast 'id': string to long")));
  TableOptions merge;
  merge.merge_schema = true;
  auto sink = NewSink(merge);
  ASSERT_THAT(sink->Open(extra), IsOk());
  ASSERT_THAT(Write(*sink, Batch(0), "SELECT 1::BIGINT AS c0, 'a' AS c1, DATE '2024-01-01' AS c2"), IsOk());
  sql::Schema fewer = {{"NAME", sql::Type(sql::TypeId::kString), true, ""}, {"ID", sql::Type(sql::TypeId::kInt), true, ""}};
  auto narrow = NewSink();
  ASSERT_THAT(narrow->Open(fewer), IsOk());  // int widens to long, the date stays null
  ASSERT_THAT(Write(*narrow, Batch(1), "SELECT 'b' AS c0, 2 AS c1"), IsOk());
  auto scan = lake::TableScanSql(lake::DirectoryTable(&io::LocalFileSystem(), table_), &io::LocalFileSystem());
  ASSERT_THAT(scan, IsOk());
  auto rows = connection_->Query("SELECT c0, c1, c2 FROM (" + scan->sql + ") ORDER BY c0");
  ASSERT_THAT(rows, IsOk());
  using Row = engine::TextRow;
  EXPECT_EQ(rows->rows, (std::vector<Row>{{"1", "a", "2024-01-01"}, {"2", "b", std::nullopt}}));
}

TEST_F(SinkTest, NullInARequiredColumnStopsTheBatch) {
  lake::TableMetadata::Creation creation;
  creation.location = lake::UriOf(table_);
  creation.schema.fields = {{1, "id", true, lake::Type(lake::TypeId::kLong), ""},
                            {2, "name", false, lake::Type(lake::TypeId::kString), ""}};
  creation.last_column_id = 2;
  lake::DirectoryTable(&io::LocalFileSystem(), table_).Create(lake::TableMetadata::Create(creation));
  auto sink = NewSink();
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  EXPECT_THAT(Write(*sink, Batch(0), "SELECT NULL::BIGINT AS c0, 'x' AS c1"), HasMessage(HasSubstr("required column 'id'")));
  EXPECT_THAT(Write(*sink, Batch(0), Rows(3)), IsOk());
}

TEST_F(SinkTest, IntervalsAndUntypedNullsAreRefused) {
  EXPECT_THAT(NewSink()->Open({{"x", sql::Type(sql::TypeId::kVoid), true, ""}}), HasMessage(HasSubstr("CAST(NULL AS STRING)")));
  EXPECT_THAT(NewSink()->Open({{"x", sql::Type(sql::TypeId::kIntervalDayTime), true, ""}}), IsError(Code::kInvalidArgument));
  EXPECT_FALSE(std::filesystem::exists(table_));
}

TEST_F(SinkTest, ABatchLargerThanTheTargetBecomesSeveralFiles) {
  TableOptions options;
  options.properties["write.target-file-size-bytes"] = "100000";
  auto sink = NewSink(options);
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  ASSERT_THAT(Write(*sink, Batch(0), "SELECT range AS c0, md5(range::VARCHAR) AS c1 FROM range(200000)"), IsOk());
  EXPECT_GT(FilesIn("data").size(), 2u);
  EXPECT_EQ(lake::TableScanSql(lake::DirectoryTable(&io::LocalFileSystem(), table_), &io::LocalFileSystem()).value().rows, 200000);
}

TEST_F(SinkTest, PartitionsComeBackThroughTheScan) {
  TableOptions options;
  options.partitions = {{"identity", "name", "", {}}, {"bucket", "id", "", 3}};
  auto sink = NewSink(options);
  ASSERT_THAT(sink->Open(TwoColumns()), IsOk());
  ASSERT_THAT(Write(*sink, Batch(0), "SELECT range AS c0, CASE range % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'a=b/c' END AS c1 FROM range(30)"), IsOk());
  auto scan = lake::TableScanSql(lake::DirectoryTable(&io::LocalFileSystem(), table_), &io::LocalFileSystem());
  ASSERT_THAT(scan, IsOk());
  auto rows = connection_->Query("SELECT c1, count(*), sum(c0) FROM (" + scan->sql + ") GROUP BY c1 ORDER BY c1 NULLS FIRST");
  ASSERT_THAT(rows, IsOk());
  using Row = engine::TextRow;
  EXPECT_EQ(rows->rows, (std::vector<Row>{{std::nullopt, "10", "135"}, {"", "10", "145"}, {"a=b/c", "10", "155"}}));
}

}  // namespace
}  // namespace flare::connector::iceberg
