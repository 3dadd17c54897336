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
#include "connector/kafka/topic_ids.h"

namespace flare::connector::kafka {

/// A ListOffsets request under way for many partitions: one request a broker, all in parallel. It
/// is given up long before the patience ends, as a broker that is asked may be one that just went
/// away.
class OffsetQuery {
 public:
  using Answer = Offsets;
  /// `specs`: for each partition kEarliest, kLatest, or milliseconds (the first offset not older).
  OffsetQuery(Client* client, const Offsets& specs);
  /// The answer, once it is there; nullopt when `timeout_ms` passes before. A partition without an
  /// answer is not in it, be it that it is gone or that it has no leader now; a timestamp beyond
  /// the newest record answers -1.
  std::optional<Result<Offsets>> Poll(int timeout_ms);

 private:
  Result<Offsets> Read(rd_kafka_event_t* event);

  Client* client_;
  Handle<rd_kafka_queue_t> queue_;
};

/// A request under way for the ids of topics, asked of one broker; see OffsetQuery.
class TopicIdQuery {
 public:
  using Answer = TopicIds;
  TopicIdQuery(Client* client, const std::set<std::string>& topics, int32_t broker);
  /// The answer, once it is there. A topic that does not exist, or whose broker knows no ids, is
  /// not in it.
  std::optional<Result<TopicIds>> Poll(int timeout_ms);

 private:
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

  /// The ids of those topics (see TopicIdQuery).
  Result<TopicIds> IdsOf(const std::set<std::string>& topics);

  Client* client() { return client_.get(); }

 private:
  explicit Cluster(std::unique_ptr<Client> client) : client_(std::move(client)) {}
  Result<Handle<const rd_kafka_metadata_t>> AskMetadata(bool all_topics);
  bool Pause();
  template <class Query, class Ask>
  Result<typename Query::Answer> Persist(Ask ask);

  bool asks_all_ = false;  ///< the subscription is a pattern: metadata is asked of every topic
  int32_t a_broker_ = -1;  ///< one that was there when metadata was asked for last
  std::unique_ptr<Client> client_;
};

}  // namespace flare::connector::kafka
