#include "connector/kafka/scan.h"

#include <algorithm>
#include <thread>

namespace flare::connector::kafka {
namespace {

/// Bytes of keys and values in one chunk, so that chunks of large records stay small.
constexpr size_t kChunkBytes = size_t{2} << 20;
/// Waits for records are cut into these, so that a stop is seen soon.
constexpr int kWaitMs = 50;
constexpr int kWaitOfManyMs = 2;

/// One worker: owns a few partitions until their ranges are done, and takes whichever has records.
class RecordThread final : public engine::ScanThread {
 public:
  RecordThread(std::shared_ptr<BatchRead> batch, const std::vector<uint64_t>& projected,
               size_t most_partitions)
      : batch_(std::move(batch)), projected_(projected), most_partitions_(most_partitions) {}

  ~RecordThread() override {
    DropRecords();
    batch_->Add(stats_, newest_ms_);
  }

  Result<uint64_t> Fill(duckdb_data_chunk chunk) override {
    auto filled = FillOrStop(chunk);
    if (!filled) batch_->Fail();
    return filled;
  }

 private:
  Result<uint64_t> FillOrStop(duckdb_data_chunk chunk) {
    DropRecords();
    for (;;) {
      if (batch_->stop().stop_requested()) return Cancelled("the read was stopped");
      ASSIGN_OR_RETURN(PartitionReader * reader, TakeFrom(owned_.size(), 0));
      if (reader == nullptr) {
        if (ClaimAnother()) continue;
        if (owned_.empty()) return uint64_t{0};
        // Waits for one of them only: another may have records sooner.
        ASSIGN_OR_RETURN(reader, TakeFrom(1, owned_.size() == 1 ? kWaitMs : kWaitOfManyMs));
      }
      if (!records_.empty()) return Write(*reader, chunk);
    }
  }

  /// Takes records of one owned partition: the first, of the next `tries` in turn, that has some.
  /// Null when none has.
  Result<PartitionReader*> TakeFrom(size_t tries, int wait_ms) {
    TakeLimit limit{duckdb_vector_size(), kChunkBytes, wait_ms};
    for (; tries > 0 && !owned_.empty(); --tries) {
      turn_ = turn_ % owned_.size();
      PartitionReader* reader = owned_[turn_];
      RETURN_IF_ERROR(reader->Take(limit, &records_));
      if (reader->done()) {
        batch_->Finish(*reader);
        owned_.erase(owned_.begin() + static_cast<ptrdiff_t>(turn_));
      } else {
        ++turn_;
      }
      if (!records_.empty()) return reader;
    }
    return static_cast<PartitionReader*>(nullptr);
  }

  bool ClaimAnother() {
    if (owned_.size() >= most_partitions_) return false;
    PartitionReader* reader = batch_->Claim();
    if (reader != nullptr) owned_.push_back(reader);
    return reader != nullptr;
  }

  uint64_t Write(const PartitionReader& reader, duckdb_data_chunk chunk) {
    stats_.replaced_text += WriteRecords(records_, reader.partition(), projected_, chunk);
    stats_.records += static_cast<int64_t>(records_.size());
    batch_->CountRecords(static_cast<int64_t>(records_.size()));
    for (const rd_kafka_message_t* record : records_) {
      stats_.bytes += static_cast<int64_t>(record->len + record->key_len);
    }
    rd_kafka_timestamp_type_t type;
    newest_ms_ = std::max(newest_ms_, rd_kafka_message_timestamp(records_.back(), &type));
    return records_.size();
  }

  void DropRecords() {
    for (rd_kafka_message_t* record : records_) rd_kafka_message_destroy(record);
    records_.clear();
  }

  std::shared_ptr<BatchRead> batch_;
  std::vector<uint64_t> projected_;
  size_t most_partitions_;
  std::vector<PartitionReader*> owned_;
  size_t turn_ = 0;
  std::vector<rd_kafka_message_t*> records_;  ///< what the last chunk points into
  ReadStats stats_;
  int64_t newest_ms_ = -1;
};

class RecordScan final : public engine::Scan {
 public:
  RecordScan(std::shared_ptr<BatchRead> batch, std::vector<uint64_t> projected)
      : batch_(std::move(batch)), projected_(std::move(projected)) {}
  ~RecordScan() override { batch_->End(); }

  uint64_t MaxThreads() const override {
    size_t cores = std::max(1u, std::thread::hardware_concurrency());
    return std::clamp<uint64_t>(batch_->ranges().size(), 1, cores);
  }

  Result<std::unique_ptr<engine::ScanThread>> NewThread() override {
    // A thread holds as many partitions as leaves each thread its part: then all are drained at
    // once, and each one's share of the prefetch budget is in use.
    size_t most = (batch_->ranges().size() + MaxThreads() - 1) / MaxThreads();
    return std::make_unique<RecordThread>(batch_, projected_, std::max<size_t>(most, 1));
  }

 private:
  std::shared_ptr<BatchRead> batch_;
  std::vector<uint64_t> projected_;
};

}  // namespace

Status BatchRead::Begin() {
  if (scanning_.exchange(true)) {
    return Unsupported("a Kafka input cannot be read twice at the same time within one batch");
  }
  std::lock_guard lock(mutex_);
  readers_.clear();
  next_ = finished_ = 0;
  records_read_ = 0;
  failed_ = false;
  stats_ = ReadStats();
  newest_ms_ = -1;
  if (ranges_.empty()) return Ok();
  auto started = fetcher_->Start(ranges_);
  if (!started) {
    scanning_ = false;
    failed_ = true;
    return std::move(started).error();
  }
  readers_ = std::move(*started);
  return Ok();
}

PartitionReader* BatchRead::Claim() {
  std::lock_guard lock(mutex_);
  return next_ < readers_.size() ? readers_[next_++] : nullptr;
}

void BatchRead::Add(const ReadStats& stats, int64_t newest_ms) {
  std::lock_guard lock(mutex_);
  stats_.records += stats.records;
  stats_.bytes += stats.bytes;
  stats_.replaced_text += stats.replaced_text;
  newest_ms_ = std::max(newest_ms_, newest_ms);
}

void BatchRead::Finish(const PartitionReader& reader) {
  std::lock_guard lock(mutex_);
  ++finished_;
  stats_.lost.insert(stats_.lost.end(), reader.lost().begin(), reader.lost().end());
}

Result<ReadStats> BatchRead::Total() const {
  std::lock_guard lock(mutex_);
  if (failed_ && finished_ != ranges_.size()) {
    return Internal("{} of {} Kafka partitions were read to the end of the batch's range",
                    finished_, ranges_.size());
  }
  return stats_;
}

int64_t BatchRead::newest_ms() const {
  std::lock_guard lock(mutex_);
  return newest_ms_;
}

RecordScanProvider::RecordScanProvider(const sql::Schema& schema) {
  for (size_t i = 0; i < schema.size(); ++i) {
    columns_.push_back({sql::DuckDbColumnName(i), schema[i].type.ToDuckDb()});
  }
}

void RecordScanProvider::SetBatch(std::shared_ptr<BatchRead> batch) {
  std::lock_guard lock(mutex_);
  batch_ = std::move(batch);
}

Result<std::unique_ptr<engine::Scan>> RecordScanProvider::Begin(
    const std::vector<uint64_t>& projected) {
  std::shared_ptr<BatchRead> batch;
  {
    std::lock_guard lock(mutex_);
    batch = batch_;
  }
  if (batch == nullptr) return Internal("a Kafka input was read outside a batch");
  RETURN_IF_ERROR(batch->Begin());
  return std::make_unique<RecordScan>(std::move(batch), projected);
}

}  // namespace flare::connector::kafka
