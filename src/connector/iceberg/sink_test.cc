#include "connector/iceberg/sink.h"

#include "connector/iceberg/epoch.h"
#include "connector/iceberg/sink_fixture.h"

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

}  // namespace
}  // namespace flare::connector::iceberg
