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

  /// What was read. Errors: Internal when a partition was not read to its end.
  Result<ReadStats> Total() const;
  int64_t newest_ms() const;

 private:
  Fetcher* fetcher_;
  std::vector<PartitionRange> ranges_;
  std::stop_token stop_;
  std::atomic<bool> scanning_ = false;
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
