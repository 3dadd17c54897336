#include "connector/iceberg/epoch.h"

#include "base/test_matchers.h"
#include "lake/table_metadata.h"

namespace flare::connector::iceberg {
namespace {

using ::testing::HasSubstr;

constexpr const char* kQuery = "11111111-2222-3333-4444-555555555555";

BatchInfo Batch(int64_t id, std::string end = "") {
  if (end.empty()) end = fmt::format("[{}]", id + 1);
  return {{kQuery, "orders", id}, fmt::format("[{}]", id), std::move(end), 0};
}

class EpochTest : public ::testing::Test {
 protected:
  EpochTest() : table_(lake::TableMetadata::Create(Creation())) {}

  static lake::TableMetadata::Creation Creation() {
    lake::TableMetadata::Creation creation;
    creation.location = "file:///t";
    creation.schema.fields = {{1, "id", false, lake::Type(lake::TypeId::kLong), ""}};
    creation.last_column_id = 1;
    return creation;
  }
  void Add(lake::Properties summary, std::optional<int64_t> parent_instead = std::nullopt) {
    lake::Snapshot snapshot;
    snapshot.id = ++last_id_;
    snapshot.parent_id = parent_instead ? parent_instead : table_.Head();
    snapshot.sequence_number = last_id_;
    snapshot.manifest_list = "file:///t/metadata/snap.avro";
    snapshot.summary = std::move(summary);
    table_.AddSnapshot(snapshot, lake::kMainBranch);
  }
  void Commit(const BatchInfo& batch, bool with_property = true, std::optional<int64_t> parent_instead = std::nullopt) {
    Add({{"operation", "append"}, {kQueryIdKey, batch.token.query_id}, {kEpochIdKey, fmt::format("{}", batch.token.batch_id)},
         {kStartOffsetsKey, batch.start_offsets}, {kEndOffsetsKey, batch.end_offsets}, {kOutputKey, batch.token.output},
         {kAttemptKey, fmt::format("attempt{}", last_id_ + 1)}}, parent_instead);
    if (!with_property) return;
    table_.SetProperties({{WatermarkKey(kQuery, "main"), WatermarkValue(batch, last_id_)}});
  }
  void AddForeign(std::optional<int64_t> parent_instead = std::nullopt) { Add({{"operation", "append"}}, parent_instead); }
  Result<bool> Ask(BatchInfo batch, PersonsWord word = {}) {
    batch.word = word;
    return IsCommitted(table_, "main", batch, "db.orders");
  }
  static PersonsWord Replay(int64_t n) { return {std::nullopt, n}; }
  static PersonsWord Assume(int64_t n) { return {n, std::nullopt}; }
  static BatchInfo OfSpark(int64_t id) {
    BatchInfo batch = Batch(id);
    batch.may_be_unmarked = true;
    return batch;
  }

  lake::TableMetadata table_;
  int64_t last_id_ = 0;
};

TEST_F(EpochTest, AnEmptyTableHasNothing) { EXPECT_FALSE(Ask(Batch(0)).value()); }

TEST_F(EpochTest, TheSameBatchOverTheSameOffsetsIsThereAlso_BehindForeignSnapshots) {
  Commit(Batch(0));
  EXPECT_TRUE(Ask(Batch(0)).value());
  EXPECT_FALSE(Ask(Batch(1)).value());
  AddForeign();
  EXPECT_TRUE(Ask(Batch(0)).value());
}

TEST_F(EpochTest, AnotherQueryIsAnotherMatter) {
  Commit(Batch(5));
  BatchInfo other = Batch(5);
  other.token.query_id = "other";
  EXPECT_FALSE(Ask(other).value());
}

TEST_F(EpochTest, OtherOffsetsOrALaterBatchStopTheJob) {
  Commit(Batch(4));
  EXPECT_THAT(Ask(Batch(4, "[9]")), IsError(Code::kConflict));
  EXPECT_THAT(Ask(Batch(4, "[9]")), HasMessage(HasSubstr("over other offsets: the table has [4] to [5]")));
  EXPECT_THAT(Ask(Batch(3)), HasMessage(HasSubstr("the checkpoint is only at batch 3")));
}

TEST_F(EpochTest, ASparkCommitWithoutOffsetsCounts) {
  Add({{"operation", "append"}, {kQueryIdKey, kQuery}, {kEpochIdKey, "7"}});
  EXPECT_TRUE(Ask(Batch(7)).value());
  EXPECT_FALSE(Ask(Batch(8)).value());
}

TEST_F(EpochTest, TwoOutputsIntoOneTableAreCaught) {
  Commit(Batch(2));
  BatchInfo second = Batch(2);
  second.token.output = "customers";
  EXPECT_THAT(Ask(second), HasMessage(HasSubstr("by the output 'orders', not by 'customers'")));
}

TEST_F(EpochTest, AfterExpiryThePropertyTells) {
  Commit(Batch(6));
  AddForeign(/*parent_instead=*/999);  // the chain now ends at a snapshot that is gone
  EXPECT_TRUE(Ask(Batch(6)).value());
  EXPECT_FALSE(Ask(Batch(7)).value());
  EXPECT_THAT(Ask(Batch(6, "[70]")), IsError(Code::kConflict));
  EXPECT_THAT(Ask(Batch(5)), IsError(Code::kConflict));
}

TEST_F(EpochTest, ExpiryWithoutAPropertyIsADoubtThatAPersonResolves) {
  Commit(Batch(6), /*with_property=*/false);
  AddForeign(999);
  EXPECT_THAT(Ask(Batch(7)), HasMessage(HasSubstr("run once with --replay 7 when the batch is not in the table")));
  EXPECT_FALSE(Ask(Batch(7), Replay(7)).value());
  EXPECT_TRUE(Ask(Batch(7), Assume(7)).value());
  EXPECT_THAT(Ask(Batch(7), Replay(6)), IsError(Code::kConflict));  // said of another batch
  EXPECT_FALSE(Ask(Batch(0)).value());  // a first batch cannot have been committed
}

TEST_F(EpochTest, AfterExpiryThePropertyTellsNothingBehindBatchesOfAnotherEngine) {
  Commit(Batch(5));
  AddForeign(999);  // 6 to 8 were Spark's, and expired
  EXPECT_THAT(Ask(Batch(9)), HasMessage(HasSubstr("has no mark of the batches before it")));
  EXPECT_THAT(Ask(OfSpark(6)), IsError(Code::kConflict));
  EXPECT_FALSE(Ask(Batch(6)).value());
}

TEST_F(EpochTest, ARollbackIsSeen) {
  Commit(Batch(0));
  Commit(Batch(1));
  AddForeign(/*parent_instead=*/1);  // on top of batch 0: batch 1 is no ancestor any more
  EXPECT_THAT(Ask(Batch(2)), HasMessage(HasSubstr("rolled back")));
  EXPECT_THAT(Ask(Batch(1)), HasMessage(HasSubstr("run once with --assume-committed 1")));
  EXPECT_TRUE(Ask(Batch(1), Assume(1)).value());
  EXPECT_FALSE(Ask(Batch(2), Assume(1)).value());  // the gap was accepted
  EXPECT_FALSE(Ask(Batch(1), Replay(1)).value());
}

TEST_F(EpochTest, AWordThatTheTableProvesWrongIsRefused) {
  Commit(Batch(0));
  EXPECT_THAT(Ask(Batch(0), Replay(0)), HasMessage(HasSubstr("--replay 0 contradicts the table db.orders: snapshot 1 is")));
  EXPECT_THAT(Ask(Batch(1), Assume(1)),
              HasMessage(HasSubstr("--assume-committed 1 contradicts the table db.orders: its newest batch")));
  EXPECT_TRUE(Ask(Batch(0), Assume(0)).value());
  EXPECT_FALSE(Ask(Batch(1), Replay(1)).value());
}

TEST_F(EpochTest, AWordSettlesOtherOffsetsButNoTableThatIsAhead) {
  Commit(Batch(4));
  EXPECT_TRUE(Ask(Batch(4, "[9]"), Assume(4)).value());
  EXPECT_FALSE(Ask(Batch(4, "[9]"), Replay(4)).value());
  EXPECT_THAT(Ask(Batch(3), Assume(3)), HasMessage(HasSubstr("the checkpoint is only at batch 3")));
}

TEST_F(EpochTest, ABatchOfAnEngineThatMayLeaveNoMarkIsADoubt) {
  EXPECT_FALSE(Ask(OfSpark(0)).value());  // the table is empty: nothing was written
  EXPECT_THAT(Ask(OfSpark(1)), HasMessage(HasSubstr("the batch before it left no mark either")));
  Commit(Batch(0));
  EXPECT_FALSE(Ask(OfSpark(1)).value());  // nothing came since
  EXPECT_TRUE(Ask(OfSpark(0)).value());
  AddForeign();
  EXPECT_THAT(Ask(OfSpark(1)), HasMessage(HasSubstr("snapshot 2 was added without a query id")));
  EXPECT_THAT(Ask(OfSpark(1)), HasMessage(HasSubstr("--assume-committed 1 when it does, or with --replay 1 when")));
  EXPECT_THAT(Ask(OfSpark(3)), IsError(Code::kConflict));
  EXPECT_TRUE(Ask(OfSpark(1), Assume(1)).value());
  EXPECT_FALSE(Ask(OfSpark(1), Replay(1)).value());
  EXPECT_FALSE(Ask(Batch(1)).value());  // our own batches always carry their mark
}

TEST_F(EpochTest, CompactionAndOtherQueriesAreNoBatchWithoutAMark) {
  Commit(Batch(0));
  Add({{"operation", "replace"}});
  Add({{"operation", "append"}, {kQueryIdKey, "another"}, {kEpochIdKey, "3"}});
  EXPECT_FALSE(Ask(OfSpark(1)).value());
}

}  // namespace
}  // namespace flare::connector::iceberg
