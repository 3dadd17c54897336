#pragma once
// A job that ran: a checkpoint and its table, both real, to be damaged and verified. Included by tests only.
#include "checkpoint/checkpoint.h"
#include "checkpoint/own_keys.h"
#include "connector/iceberg/epoch.h"
#include "connector/iceberg/sink_fixture.h"
#include "connector/offset_list.h"
#include "lake/commit.h"
#include "lake/data_writer.h"
#include "lake/expire_snapshots.h"
#include "lake/schema_match.h"
#include "lake/table_scan.h"
#include "verify/log_check.h"
#include "verify/row_check.h"
#include "verify/table_check.h"

namespace flare::verify {

/// Reads one partition of the topic `t`, 100 records a batch, into a table with Kafka's columns.
class JobFixture : public connector::iceberg::SinkFixture {
 protected:
  static constexpr int64_t kRecords = 100;

  void SetUp() override {
    SinkFixture::SetUp();
    ASSERT_THAT(files_.CreateDirectories(logs_), IsOk());
    ASSERT_THAT(files_.Replace(logs_ + "/metadata", checkpoint::FormatMetadata(Batch(0).token.query_id)), IsOk());
    ASSERT_THAT(Checkpoint()->WriteSourceInitial(0, "v1\n" + Offsets(0)), IsOk());
    sink_ = NewSink();
    ASSERT_THAT(sink_->Open(Columns()), IsOk());
  }

  static sql::Schema Columns() {
    return {{"topic", sql::Type(sql::TypeId::kString), true, ""},
            {"partition", sql::Type(sql::TypeId::kInt), true, ""},
            {"offset", sql::Type(sql::TypeId::kLong), true, ""}};
  }
  static std::string Offsets(int64_t next) { return fmt::format(R"({{"t":{{"0":{}}}}})", next); }
  /// The records [first, end) of a partition.
  static std::string Rows(int64_t first, int64_t end, int partition = 0, const std::string& topic = "t") {
    return fmt::format("SELECT '{}' AS c0, {}::INTEGER AS c1, range::BIGINT AS c2 FROM range({}, {})", topic, partition, first, end);
  }
  static std::string RowsOf(int64_t batch) { return Rows(batch * kRecords, (batch + 1) * kRecords); }
  static connector::BatchInfo InfoOf(int64_t batch) {
    std::optional<std::string> start;
    if (batch > 0) start = Offsets(batch * kRecords);
    return Batch(batch, connector::JoinOffsets({start}), connector::JoinOffsets({Offsets((batch + 1) * kRecords)}));
  }

  std::unique_ptr<checkpoint::Checkpoint> Checkpoint() {
    return checkpoint::Checkpoint::Open(files_, logs_, "the test").value();
  }
  /// offsets/N, as of flare or as of Spark's foreachBatch.
  void Log(int64_t batch, const std::string& offsets = "", bool by_flare = true) {
    checkpoint::OffsetEntry entry;
    entry.conf = checkpoint::FreshConf();
    if (by_flare) entry.conf[checkpoint::kSourcesKey] = R"(["KafkaV2[Subscribe[t]]"])";
    entry.offsets = {offsets.empty() ? Offsets((batch + 1) * kRecords) : offsets};
    ASSERT_THAT(Checkpoint()->WriteOffsets(batch, entry), IsOk());
  }
  void Settle(int64_t batch) { ASSERT_THAT(Checkpoint()->WriteCommit(batch, {}), IsOk()); }
  /// Into the table alone.
  void Put(int64_t batch, const std::string& select = "") {
    ASSERT_THAT(Write(*sink_, InfoOf(batch), select.empty() ? RowsOf(batch) : select), IsOk());
  }
  void Run(int64_t batch, const std::string& select = "") {
    Log(batch);
    Put(batch, select);
    Settle(batch);
  }
  void RunTo(int64_t last) {
    for (int64_t batch = 0; batch <= last; ++batch) Run(batch);
  }

  /// Commits files as another program does, without a mark.
  void CommitFiles(std::vector<lake::DataFile> files, lake::WriteMode mode = lake::WriteMode::kAppend) {
    lake::CommitRequest request;
    request.mode = mode;
    request.files = std::move(files);
    request.name = NewUuid();
    lake::DirectoryTable table(&files_, table_);
    auto result = lake::Commit(table, std::nullopt, request, &files_, &clock());
    ASSERT_EQ(result.outcome, lake::CommitResult::Outcome::kCommitted) << result.reason->ToText();
  }
  /// Writes rows into a file of another program.
  std::vector<lake::DataFile> FileOf(const std::string& select) {
    EXPECT_THAT(connection_->Execute("CREATE OR REPLACE VIEW step AS " + select), IsOk());
    auto metadata = Load().metadata;
    auto match = lake::MatchSchema(metadata.schema(), Columns(), false, "").value();
    return lake::WriteDataFiles(metadata, {"step", match.columns, "00000-1-" + NewUuid()}, *connection_, &files_).value();
  }
  /// The only data file of a batch.
  std::string PathOf(int64_t batch) {
    for (const auto& name : FilesIn("data")) {
      if (name.starts_with(fmt::format("{}-{}-", InfoOf(batch).token.query_id, batch))) return table_ + "/data/" + name;
    }
    ADD_FAILURE() << "no data file of batch " << batch;
    return "";
  }
  static lake::DataFile Entry(const std::string& path, int64_t rows = kRecords) {
    lake::DataFile file;
    file.path = lake::UriOf(path);
    file.record_count = rows;
    file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(path));
    return file;
  }
  /// Leaves the newest snapshot alone, and forgets the query's marks as an expiry by Spark does.
  void ExpireHistory() {
    lake::RetentionRequest request;
    request.retain_last = 1;
    request.older_than_ms = clock().Now().time_since_epoch().count() + 1000;
    lake::DirectoryTable table(&files_, table_);
    ASSERT_THAT(lake::ExpireSnapshots(table, request, false, &files_, &clock()), IsOk());
  }

  Report Verify() {
    Report report(logs_);
    auto logs = CheckLogs(files_, logs_, &report);
    EXPECT_THAT(logs, IsOk());
    if (!logs) return report;
    EXPECT_THAT(CheckTable(Load().metadata, "main", "table", *logs, &report), IsOk());
    lake::DirectoryTable table(&files_, table_);
    EXPECT_THAT(CheckRows(table, "main", "table", *logs, files_, *connection_, &report), IsOk());
    return report;
  }
  /// The findings of one verdict, a line each.
  static std::string Texts(const Report& report, Verdict verdict) {
    std::string texts;
    for (const auto& finding : report.findings()) {
      if (finding.verdict == verdict) texts += finding.subject + ": " + finding.text + "\n";
    }
    return texts;
  }

  io::FileSystem& files_ = io::LocalFileSystem();
  std::string logs_ = folder_ + "/ckpt";
  std::unique_ptr<connector::iceberg::IcebergSink> sink_;
};

}  // namespace flare::verify
