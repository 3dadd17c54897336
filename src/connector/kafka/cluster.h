#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/kafka/client.h"
#include "connector/kafka/offsets.h"
#include "connector/kafka/options.h"

namespace flare::connector::kafka {

/// A ListOffsets request under way for many partitions: one request a broker, all in parallel.
class OffsetQuery {
 public:
  /// `specs`: for each partition kEarliest, kLatest, or milliseconds (the first offset not older).
  OffsetQuery(Client* client, const Offsets& specs);
  /// The answer, once it is there; nullopt when `timeout_ms` passes before. A partition without an
  /// answer is not in it; a timestamp beyond the newest record answers -1.
  std::optional<Result<Offsets>> Poll(int timeout_ms);

 private:
  Result<Offsets> Read(rd_kafka_event_t* event);

  Client* client_;
  Handle<rd_kafka_queue_t> queue_;
};

/// Asks a cluster about topics and offsets. Every call ends within the configured patience.
/// Threads: one caller at a time.
class Cluster {
 public:
  static Result<std::unique_ptr<Cluster>> Make(const ClientConfig& config);

  /// The partitions of a subscription that exist now. Topics that do not exist go to `missing` (may
  /// be null).
  Result<Partitions> Discover(const Subscription& subscription, std::vector<std::string>* missing);
  /// All topic names.
  Result<std::vector<std::string>> TopicNames();
  /// Offsets for `specs` (see OffsetQuery). A partition that vanished meanwhile is left out.
  Result<Offsets> ListOffsets(const Offsets& specs);
  Result<Offsets> ListOffsets(const Partitions& partitions, int64_t spec);

  Client* client() { return client_.get(); }

 private:
  explicit Cluster(std::unique_ptr<Client> client) : client_(std::move(client)) {}
  std::unique_ptr<Client> client_;
};

}  // namespace flare::connector::kafka
