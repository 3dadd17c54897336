#pragma once
#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connector/kafka/client_config.h"
#include "connector/kafka/offsets.h"

namespace flare::connector::kafka {

/// Deleters of librdkafka's handles.
struct Deleter {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_TopicCollection_t* topics) const {
    rd_kafka_TopicCollection_destroy(topics);
  }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
template <class T>
using Handle = std::unique_ptr<T, Deleter>;

/// How long one question waits for brokers: the configured patience, cut short once the run is to
/// end. It begins when it is made. Threads: one.
class Patience {
 public:
  explicit Patience(const ClientConfig& config);
  /// Milliseconds that the next wait may take, few enough that a stop is seen soon; 0 = give up.
  int NextWait();
  /// The time since it began.
  Millis waited() const;

 private:
  const ClientConfig& config_;
  int64_t began_ms_, deadline_ms_;
  bool cut_short_ = false;
};

/// A connection to a cluster: one rd_kafka_t without a consumer group. Threads: safe from any.
class Client {
 public:
  /// Connects lazily. `config` wins over `defaults`. Errors: InvalidArgument for what librdkafka
  /// refuses.
  static Result<std::unique_ptr<Client>> Make(
      const ClientConfig& config, const std::vector<std::pair<std::string, std::string>>& defaults);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* handle() const { return handle_; }
  const ClientConfig& config() const { return config_; }
  /// The topic's handle, made at the first call; lives as long as the client.
  rd_kafka_topic_t* Topic(const std::string& name);

  /// Asks a broker about all topics, or those that Topic() was called for. Errors: Unavailable
  /// after the configured patience, PermissionDenied.
  Result<Handle<const rd_kafka_metadata_t>> AskMetadata(bool all_topics);
  /// The same for the effect alone: afterwards librdkafka knows every topic's leaders.
  Status RefreshMetadata();
  /// Begins to do so without waiting, unless that is under way already.
  void BeginRefresh();
  /// Those of the partitions that exist now, with or without a leader. Errors: as AskMetadata.
  Result<Partitions> Existing(const Partitions& partitions);

  /// What librdkafka reported since the start that no waiting will cure (authentication, TLS), as
  /// an Error.
  std::optional<Error> FatalError();
  /// The error for a request that was not answered in time: names the brokers, how long they were
  /// waited for (0 = does not matter), and what to check.
  Error Unreachable(Millis waited = Millis(0));
  /// Maps a request's error code. `what` says what was asked, as in "asking for the offsets of
  /// orders".
  Error ToError(rd_kafka_resp_err_t code, const std::string& what);

 private:
  class MetadataQuestion;

  explicit Client(ClientConfig config);
  void LeaveBehind(std::unique_ptr<MetadataQuestion> question);
  static void OnError(rd_kafka_t* handle, int code, const char* reason, void* self);

  ClientConfig config_;
  rd_kafka_t* handle_ = nullptr;
  std::mutex mutex_;  ///< guards what is below
  std::map<std::string, Handle<rd_kafka_topic_t>> topics_;
  std::vector<std::unique_ptr<MetadataQuestion>> left_behind_;  ///< given up or not waited for
  std::string last_reason_;
  std::optional<Error> fatal_;
};

}  // namespace flare::connector::kafka
