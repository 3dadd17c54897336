#pragma once
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/kafka/bell.h"
#include "connector/kafka/client.h"
#include "connector/kafka/cluster.h"
#include "connector/kafka/partition_reader.h"

namespace flare::connector::kafka {

/// librdkafka's limits that share `budget_bytes` of prefetched records among `partitions`.
std::vector<std::pair<std::string, std::string>> FetchProperties(int64_t budget_bytes,
                                                                 size_t partitions);

/// The connection that delivers records, and a reader for each partition. It is apart from the one
/// that asks, because a broker answers one connection's requests in order: behind a waiting fetch
/// every question would wait too. Threads: one caller; readers as they say.
class Fetcher {
 public:
  static Result<std::unique_ptr<Fetcher>> Make(Cluster* cluster, int64_t budget_bytes,
                                               size_t partitions, const ReadPolicy& policy);
  /// Begins to connect for the partitions' topics, without waiting.
  void Connect(const Offsets& partitions);
  /// Readers for the ranges, each at the beginning of its range, in the same order.
  Result<std::vector<PartitionReader*>> Start(const std::vector<PartitionRange>& ranges);
  /// Waits until a record at or beyond `position` was fetched, at most so long; ends early on
  /// `stop`. Fetches from there on, so that the next range from `position` starts with it. Errors:
  /// as Start. Only while no range is read.
  Status WaitBeyond(const Offsets& position, Millis at_most, const std::stop_token& stop);
  /// How many partitions it was made for.
  size_t capacity() const { return capacity_; }

 private:
  Fetcher(Cluster* cluster, std::unique_ptr<Client> client, const ReadPolicy& policy,
          size_t capacity)
      : cluster_(cluster), client_(std::move(client)), policy_(policy), capacity_(capacity) {}

  Cluster* cluster_;
  Bell bell_;
  std::unique_ptr<Client> client_;
  ReadPolicy policy_;
  size_t capacity_;
  std::map<TopicPartition, std::unique_ptr<PartitionReader>> readers_;
};

}  // namespace flare::connector::kafka
