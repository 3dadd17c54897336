// Expiry beside the sink: what each must have done before the other, or must make good for it.
#include "connector/iceberg/untellable.h"

#include "base/fail_point.h"
#include "connector/iceberg/epoch.h"
#include "connector/iceberg/sink_fixture.h"
#include "lake/expire_snapshots.h"

namespace flare::connector::iceberg {
namespace {

class UntellableTest : public SinkFixture {
 protected:
  void SetUp() override {
    SinkFixture::SetUp();
    OpenSink();
  }
  void TearDown() override {
    ArmFailPoints("");
    SinkFixture::TearDown();
  }
  void OpenSink() {
    sink_ = NewSink();
    ASSERT_THAT(sink_->Open({{"id", sql::Type(sql::TypeId::kLong), true, ""}}), IsOk());
  }
  void Commit(int64_t batch) { ASSERT_THAT(Write(*sink_, Batch(batch), "SELECT range AS c0 FROM range(10)"), IsOk()); }
  /// Files as a killed process leaves them.
  void LeaveBehind(int64_t batch) {
    ASSERT_THAT(connection_->Execute("CREATE OR REPLACE VIEW step AS SELECT range AS c0 FROM range(10)"), IsOk());
    ASSERT_THAT(sink_->Stage(Batch(batch), *connection_, "step"), IsOk());
  }
  Result<lake::ExpireResult> Expire(std::set<std::string> forgotten = {}) {
    lake::RetentionRequest request;
    request.older_than_ms = INT64_MAX;
    request.retain_last = 1;
    request.writers = {{kQueryIdKey, kEpochIdKey}};
    request.forgotten_writers = std::move(forgotten);
    auto before = [](const lake::TableMetadata& base, const std::set<int64_t>& removed) {
      return RemoveUntellable(base, removed, &io::LocalFileSystem());
    };
    lake::DirectoryTable table(&io::LocalFileSystem(), table_);
    return lake::ExpireSnapshots(table, request, false, &io::LocalFileSystem(), &clock(), before);
  }
  size_t Count(const std::string& folder, const std::string& part) {
    std::vector<std::string> names = FilesIn(folder);
    return static_cast<size_t>(
        std::ranges::count_if(names, [&](const auto& name) { return name.find(part) != std::string::npos; }));
  }

  std::unique_ptr<IcebergSink> sink_;
};

TEST_F(UntellableTest, WhatDiedAttemptsLeftGoesBeforeTheirSnapshots) {
  for (int64_t batch : {0, 1, 2}) {
    LeaveBehind(batch);
    Commit(batch);
  }
  LeaveBehind(3);  // in flight
  ASSERT_THAT(Expire(), IsOk());
  EXPECT_EQ(Load().metadata.snapshot_count(), 1u);
  // Batches 0 and 1 lost theirs; what is left of 2 the query's next clean-up can tell, and 3 is not committed.
  EXPECT_EQ(Count("data", Batch(0).token.query_id), 5u);
  Commit(3);
  ASSERT_THAT(sink_->CleanUp(Batch(3).token), IsOk());
  EXPECT_EQ(Count("data", ".parquet"), 4u);
}

TEST_F(UntellableTest, OfAForgottenQueryAllGoesThatWasCommitted) {
  LeaveBehind(0);
  Commit(0);
  BatchInfo other = Batch(0);
  other.token.query_id = "another-query";
  ASSERT_THAT(Write(*sink_, other, "SELECT range AS c0 FROM range(10)"), IsOk());
  ASSERT_THAT(Expire({Batch(0).token.query_id}), IsOk());
  EXPECT_EQ(Load().metadata.snapshot_count(), 1u);
  EXPECT_EQ(Count("data", ".parquet"), 2u);
}

TEST_F(UntellableTest, WhereThatFailsNothingIsExpired) {
  LeaveBehind(0);
  Commit(0);
  Commit(1);
  ArmFailPoints("lake.before_cleanup=fail");
  auto expired = Expire();
  EXPECT_FALSE(expired);
  EXPECT_THAT(expired, HasMessage(::testing::HasSubstr("batches 0 to 0")));
  EXPECT_EQ(Load().metadata.snapshot_count(), 2u);
  ArmFailPoints("");
  ASSERT_THAT(Expire(), IsOk());
  EXPECT_EQ(Count("data", ".parquet"), 2u);
}

TEST_F(UntellableTest, TheFirstBatchAfterAStartFinishesAnExpiryThatDied) {
  for (int64_t batch : {0, 1, 2}) Commit(batch);
  ASSERT_THAT(sink_->CleanUp(Batch(2).token), IsOk());
  for (const char* point : {"lake.after_expiry_journal=fail", "lake.after_expire=fail", "lake.after_expired_file=fail"}) {
    ArmFailPoints(point);
    EXPECT_FALSE(Expire()) << point;
    ArmFailPoints("");
    OpenSink();
    auto next = static_cast<int64_t>(Load().metadata.last_sequence_number());
    EXPECT_EQ(Count("metadata", ".flare-expired-"), 1u);
    Commit(next);
    ASSERT_THAT(sink_->CleanUp(Batch(next).token), IsOk());
    EXPECT_EQ(Count("metadata", ".flare-expired-"), 0u) << point;
    EXPECT_EQ(Count("metadata", "snap-"), Load().metadata.snapshot_count()) << point;
  }
}

}  // namespace
}  // namespace flare::connector::iceberg
