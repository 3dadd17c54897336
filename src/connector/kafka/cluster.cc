#include "connector/kafka/cluster.h"

#include <algorithm>

#include "base/clock.h"
#include "connector/kafka/topic_pattern.h"

namespace flare::connector::kafka {
namespace {

/// How long one wait inside librdkafka may take before errors that it reported are looked at.
constexpr int kSliceMs = 500;

/// A batch waits for the answers: librdkafka paces its first connections by reconnect.backoff.ms.
const std::vector<std::pair<std::string, std::string>>& AskingProperties() {
  static const std::vector<std::pair<std::string, std::string>> properties = {
      {"log.connection.close", "false"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "1000"},
      {"topic.metadata.refresh.interval.ms", "-1"}};
  return properties;
}

bool IsUnknown(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID;
}

/// Waits for brokers are real ones, whatever clock the job runs by.
int64_t NowMs() {
  return SystemClock().Monotonic().count();
}

}  // namespace

OffsetQuery::OffsetQuery(Client* client, const Offsets& specs)
    : client_(client), queue_(rd_kafka_queue_new(client->handle())) {
  Handle<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(specs.size())));
  for (const auto& [partition, spec] : specs) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
        ->offset = spec;
  }
  Handle<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client->handle(), RD_KAFKA_ADMIN_OP_LISTOFFSETS));
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(
      options.get(), static_cast<int>(client->config().patience.count()), text, sizeof(text));
  rd_kafka_error_destroy(rd_kafka_AdminOptions_set_isolation_level(
      options.get(), client->config().read_committed ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                     : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  rd_kafka_ListOffsets(client->handle(), list.get(), options.get(), queue_.get());
}

std::optional<Result<Offsets>> OffsetQuery::Poll(int timeout_ms) {
  Handle<rd_kafka_event_t> event(rd_kafka_queue_poll(queue_.get(), timeout_ms));
  if (event == nullptr) {
    if (auto fatal = client_->FatalError()) return Result<Offsets>(*fatal);
    return std::nullopt;
  }
  return Read(event.get());
}

Result<Offsets> OffsetQuery::Read(rd_kafka_event_t* event) {
  if (rd_kafka_resp_err_t code = rd_kafka_event_error(event)) {
    if (code == RD_KAFKA_RESP_ERR__NOENT || IsUnknown(code))
      return Offsets();  // none of them exists any more
    return client_->ToError(code, "asking for offsets");
  }
  size_t count = 0;
  auto** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  Offsets offsets;
  for (size_t i = 0; i < count; ++i) {
    const auto* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    TopicPartition partition{found->topic, found->partition};
    if (found->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      offsets[partition] = found->offset;
    } else if (!IsUnknown(found->err)) {
      return client_->ToError(found->err,
                              fmt::format("asking for the offsets of {}", ToText(partition)));
    }
  }
  return offsets;
}

Result<std::unique_ptr<Cluster>> Cluster::Make(const ClientConfig& config) {
  ASSIGN_OR_RETURN(auto client, Client::Make(config, AskingProperties()));
  return std::unique_ptr<Cluster>(new Cluster(std::move(client)));
}

Result<Partitions> Cluster::Discover(const Subscription& subscription,
                                     std::vector<std::string>* missing) {
  std::optional<TopicPattern> pattern;
  if (subscription.kind == Subscription::kPattern) {
    ASSIGN_OR_RETURN(pattern, TopicPattern::Compile(subscription.pattern));
  }
  // Without a pattern the request names the topics that this client has handles of.
  for (const auto& topic : subscription.topics) client_->Topic(topic);
  for (const auto& partition : subscription.partitions) client_->Topic(partition.topic);
  ASSIGN_OR_RETURN(auto metadata, client_->AskMetadata(pattern.has_value()));
  Partitions found;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    if (pattern && !pattern->Matches(topic.topic)) continue;
    if (IsUnknown(topic.err)) {
      if (missing != nullptr) missing->push_back(topic.topic);
      continue;
    }
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR && topic.partition_cnt == 0) {
      return client_->ToError(topic.err, fmt::format("reading topic {}", topic.topic));
    }
    for (int p = 0; p < topic.partition_cnt; ++p) {
      TopicPartition partition{topic.topic, topic.partitions[p].id};
      if (subscription.kind == Subscription::kPartitions &&
          !subscription.partitions.contains(partition))
        continue;
      found.insert(std::move(partition));
    }
  }
  return found;
}

Result<std::vector<std::string>> Cluster::TopicNames() {
  ASSIGN_OR_RETURN(auto metadata, client_->AskMetadata(true));
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
  std::sort(names.begin(), names.end());
  return names;
}

Result<Offsets> Cluster::ListOffsets(const Offsets& specs) {
  if (specs.empty()) return Offsets();
  int64_t deadline = NowMs() + client_->config().patience.count();
  OffsetQuery query(client_.get(), specs);
  for (;;) {
    if (auto answer = query.Poll(kSliceMs)) return std::move(*answer);
    bool patient = NowMs() < deadline && !client_->config().stop.stop_requested();
    if (!patient) return client_->Unreachable();
  }
}

Result<Offsets> Cluster::ListOffsets(const Partitions& partitions, int64_t spec) {
  Offsets specs;
  for (const auto& partition : partitions) specs[partition] = spec;
  return ListOffsets(specs);
}

}  // namespace flare::connector::kafka
