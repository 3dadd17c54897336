#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "connector/kafka/fetcher.h"
#include "connector/kafka/partition_reader.h"
#include "connector/kafka/record_writer.h"
#include "connector/source.h"
#include "engine/table_function.h"

namespace flare::connector::kafka {

/// The range of one batch, shared by everything that reads it. Threads: safe from any.
class BatchRead {
 public:
  BatchRead(Fetcher* fetcher, std::vector<PartitionRange> ranges, std::stop_token stop)
      : fetcher_(fetcher), ranges_(std::move(ranges)), stop_(std::move(stop)) {}

  /// Puts every reader at the beginning of its range, and counts from zero. Errors: Unsupported
  /// while another scan of the same batch is running.
  Status Begin();
  void End() { scanning_ = false; }

  const std::vector<PartitionRange>& ranges() const { return ranges_; }
  const std::stop_token& stop() const { return stop_; }

  /// A partition that no thread has yet; null when there is none left. Whoever takes it keeps it.
  PartitionReader* Claim();
  /// Counts what a thread read of a partition that it finished or leaves.
  void Add(const ReadStats& stats, int64_t newest_ms);
  void Finish(const PartitionReader& reader);
  /// Counts records as they go to DuckDB.
  void CountRecords(int64_t count) { records_read_ += count; }

  /// Notes that reading stopped or failed, so that this reading is not whole.
  void Fail() { failed_ = true; }

  /// What was read, after a statement that succeeded. Errors: Internal when reading stopped or
  /// failed before a partition's end. A partition that DuckDB did not ask for, or not to its end,
  /// is none: it leaves out a scan whose rows cannot reach the result (WHERE false, a join with an
  /// empty table), and refusing that would refuse the same batch at every start. No row is lost by
  /// it, because a LIMIT is not accepted on a stream.
  Result<ReadStats> Total() const;
  int64_t newest_ms() const;
  int64_t records_read() const { return records_read_; }

 private:
  Fetcher* fetcher_;
  std::vector<PartitionRange> ranges_;
  std::stop_token stop_;
  std::atomic<bool> scanning_ = false;
  std::atomic<bool> failed_ = false;
  std::atomic<int64_t> records_read_ = 0;
  mutable std::mutex mutex_;  ///< guards what is below
  std::vector<PartitionReader*> readers_;
  size_t next_ = 0;
  size_t finished_ = 0;
  ReadStats stats_;
  int64_t newest_ms_ = -1;
};

/// What DuckDB reads: the current batch of one source. Threads: as engine::ScanProvider; SetBatch
/// only while nothing scans.
class RecordScanProvider final : public engine::ScanProvider {
 public:
  explicit RecordScanProvider(const sql::Schema& schema);
  const std::vector<engine::ScanColumn>& columns() const override { return columns_; }
  Result<std::unique_ptr<engine::Scan>> Begin(const std::vector<uint64_t>& projected) override;

  void SetBatch(std::shared_ptr<BatchRead> batch);

 private:
  std::vector<engine::ScanColumn> columns_;
  std::mutex mutex_;
  std::shared_ptr<BatchRead> batch_;
};

}  // namespace flare::connector::kafka
