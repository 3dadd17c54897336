#include "connector/kafka/fetcher.h"

#include <algorithm>

#include "base/clock.h"

namespace flare::connector::kafka {
namespace {

/// What librdkafka spends on a record beside its bytes; its own limit in bytes does not count it.
constexpr int64_t kRecordOverhead = 320;
/// How long brokers may take to answer when the run is to end and a batch is begun.
constexpr Millis kPatienceAfterStop{2000};
/// A small record, for turning bytes into a limit of records.
constexpr int64_t kSmallRecord = 128;

}  // namespace

std::vector<std::pair<std::string, std::string>> FetchProperties(int64_t budget_bytes,
                                                                 size_t partitions) {
  int64_t share = std::max<int64_t>(
      budget_bytes / static_cast<int64_t>(std::max<size_t>(partitions, 1)), 64 << 10);
  // One fetch may come on top of a nearly full queue, and its bytes are compressed ones, by 4 to 8
  // at times.
  int64_t fetch = std::clamp<int64_t>(share / 16, 32 << 10, 1 << 20);
  return {
      {"queued.max.messages.kbytes", std::to_string(std::max<int64_t>(share >> 10, 1))},
      {"queued.min.messages", std::to_string(std::clamp<int64_t>(
                                  share / (kRecordOverhead + kSmallRecord), 500, 10'000'000))},
      {"fetch.message.max.bytes", std::to_string(fetch)},
      {"fetch.queue.backoff.ms", "2"},
      {"fetch.error.backoff.ms", "100"},
      // A range may end in records that readers never see; its end is known one such wait later.
      {"fetch.wait.max.ms", "20"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "error"},
      {"check.crcs",
       "true"},  // as the Java client does; with the CPU's own instruction it is nearly free
      {"log.connection.close", "false"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "1000"},
      {"topic.metadata.refresh.interval.ms", "30000"},
      {"topic.metadata.refresh.fast.interval.ms", "20"}};
}

Result<std::unique_ptr<Fetcher>> Fetcher::Make(Cluster* cluster, int64_t budget_bytes,
                                               size_t partitions, const ReadPolicy& policy) {
  ClientConfig config = cluster->client()->config();
  // A batch that is begun is finished before the run ends, unless the brokers fall silent.
  config.patience_after_stop = kPatienceAfterStop;
  ASSIGN_OR_RETURN(auto client, Client::Make(config, FetchProperties(budget_bytes, partitions)));
  return std::unique_ptr<Fetcher>(new Fetcher(cluster, std::move(client), policy, partitions));
}

void Fetcher::Connect(const Offsets& partitions) {
  for (const auto& [partition, offset] : partitions) client_->Topic(partition.topic);
}

Result<std::vector<PartitionReader*>> Fetcher::Start(const std::vector<PartitionRange>& ranges) {
  bool new_topic = false;
  for (const auto& range : ranges) {
    if (readers_.contains(range.partition)) continue;
    client_->Topic(range.partition.topic);
    new_topic = true;
  }
  // Without this a partition waits for librdkafka's own round of questions, half a second.
  if (new_topic) RETURN_IF_ERROR(client_->RefreshMetadata());
  std::vector<PartitionReader*> started;
  for (const auto& range : ranges) {
    auto& reader = readers_[range.partition];
    if (reader == nullptr) {
      reader = std::make_unique<PartitionReader>(range.partition, client_.get(), cluster_->client(),
                                                 &bell_, policy_);
    }
    RETURN_IF_ERROR(reader->Start(range.begin, range.end));
    started.push_back(reader.get());
  }
  return started;
}

Status Fetcher::WaitBeyond(const Offsets& position, Millis at_most, const std::stop_token& stop) {
  std::vector<PartitionRange> nothing;
  for (const auto& [partition, offset] : position) nothing.push_back({partition, offset, offset});
  ASSIGN_OR_RETURN(auto readers, Start(nothing));
  Clock& clock = SystemClock();  // waits for brokers are real ones, whatever clock the job runs by
  const Millis deadline = clock.Monotonic() + at_most;
  for (;;) {
    bool any =
        std::any_of(readers.begin(), readers.end(), [](auto* each) { return each->HasNext(); });
    Millis left = deadline - clock.Monotonic();
    if (any || left <= Millis(0) || stop.stop_requested()) return Ok();
    bell_.Wait(left, stop);
  }
}

}  // namespace flare::connector::kafka
