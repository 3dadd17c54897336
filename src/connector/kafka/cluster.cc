#include "connector/kafka/cluster.h"

#include <algorithm>

#include "base/clock.h"
#include "connector/kafka/topic_pattern.h"

namespace flare::connector::kafka {
namespace {

/// Between two tries of a question that brokers could not answer yet.
constexpr Millis kPause{100};

/// How long one try may take: a third, so that there is time to ask whoever took over.
int MillisOfATry(const ClientConfig& config) {
  return static_cast<int>(std::max<int64_t>(config.patience.count() / 3, 100));
}

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
  rd_kafka_AdminOptions_set_request_timeout(options.get(), MillisOfATry(client->config()), text,
                                            sizeof(text));
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
      return Offsets();  // none of them exists any more, or none has a leader
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
      // Whoever had no leader to ask has an invalid offset here, and no error.
      if (found->offset >= kLatest) offsets[partition] = found->offset;
    } else if (!IsUnknown(found->err)) {
      return client_->ToError(found->err,
                              fmt::format("asking for the offsets of {}", ToText(partition)));
    }
  }
  return offsets;
}

TopicIdQuery::TopicIdQuery(Client* client, const std::set<std::string>& topics, int32_t broker)
    : client_(client), queue_(rd_kafka_queue_new(client->handle())) {
  std::vector<const char*> names;
  for (const auto& topic : topics) names.push_back(topic.c_str());
  Handle<rd_kafka_TopicCollection_t> collection(
      rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
  Handle<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client->handle(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS));
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), MillisOfATry(client->config()), text,
                                            sizeof(text));
  // Otherwise it would go to the controller, which may be another one by now, or out of reach from
  // here.
  rd_kafka_AdminOptions_set_broker(options.get(), broker, text, sizeof(text));
  rd_kafka_DescribeTopics(client->handle(), collection.get(), options.get(), queue_.get());
}

std::optional<Result<TopicIds>> TopicIdQuery::Poll(int timeout_ms) {
  Handle<rd_kafka_event_t> event(rd_kafka_queue_poll(queue_.get(), timeout_ms));
  if (event == nullptr) {
    if (auto fatal = client_->FatalError()) return Result<TopicIds>(*fatal);
    return std::nullopt;
  }
  if (rd_kafka_resp_err_t code = rd_kafka_event_error(event.get())) {
    if (code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE) return Result<TopicIds>(TopicIds());
    return Result<TopicIds>(client_->ToError(code, "asking for the ids of topics"));
  }
  size_t count = 0;
  const auto* result = rd_kafka_event_DescribeTopics_result(event.get());
  auto** topics = rd_kafka_DescribeTopics_result_topics(result, &count);
  TopicIds ids;
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(topics[i]);
    bool known = rd_kafka_error_code(rd_kafka_TopicDescription_error(topics[i])) ==
                     RD_KAFKA_RESP_ERR_NO_ERROR &&
                 (rd_kafka_Uuid_most_significant_bits(id) != 0 ||
                  rd_kafka_Uuid_least_significant_bits(id) != 0);
    if (known) ids[rd_kafka_TopicDescription_name(topics[i])] = rd_kafka_Uuid_base64str(id);
  }
  return Result<TopicIds>(std::move(ids));
}

Result<std::unique_ptr<Cluster>> Cluster::Make(const ClientConfig& config) {
  ASSIGN_OR_RETURN(auto client, Client::Make(config, AskingProperties()));
  return std::unique_ptr<Cluster>(new Cluster(std::move(client)));
}

Result<Handle<const rd_kafka_metadata_t>> Cluster::AskMetadata(bool all_topics) {
  ASSIGN_OR_RETURN(auto metadata, client_->AskMetadata(all_topics));
  // The one that answered; where that is only known by its address yet, any.
  a_broker_ = metadata->orig_broker_id;
  if (a_broker_ < 0 && metadata->broker_cnt > 0) a_broker_ = metadata->brokers[0].id;
  return metadata;
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
  asks_all_ = pattern.has_value();
  ASSIGN_OR_RETURN(auto metadata, AskMetadata(asks_all_));
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
  ASSIGN_OR_RETURN(auto metadata, AskMetadata(true));
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
  std::sort(names.begin(), names.end());
  return names;
}

/// False when the run is to end.
bool Cluster::Pause() {
  Clock& clock = SystemClock();  // waits for brokers are real ones, whatever clock the job runs by
  return clock.WaitUntil(clock.Now() + kPause, client_->config().stop);
}

/// Asks until there is an answer or an error that no waiting cures: a partition may have no leader
/// for a while, and the broker that is asked may have gone away without a word.
template <class Query, class Ask>
Result<typename Query::Answer> Cluster::Persist(Ask ask) {
  const ClientConfig& config = client_->config();
  Patience patience(config);
  for (;;) {
    Query query = ask();
    std::optional<Result<typename Query::Answer>> answer;
    int wait = 0;
    do {
      wait = patience.NextWait();
      answer = query.Poll(wait);
    } while (!answer && wait > 0);
    if (!answer) return client_->Unreachable(patience.waited());
    if (*answer || answer->error().code() != Code::kUnavailable || wait == 0)
      return *std::move(answer);
    if (!Pause()) return *std::move(answer);
    // Who leads what may have changed.
    auto known = AskMetadata(asks_all_);
    if (!known) return std::move(known).error();
  }
}

Result<TopicIds> Cluster::IdsOf(const std::set<std::string>& topics) {
  if (topics.empty()) return TopicIds();
  if (a_broker_ < 0) {
    auto known = AskMetadata(asks_all_);
    if (!known) return std::move(known).error();
  }
  return Persist<TopicIdQuery>([&] { return TopicIdQuery(client_.get(), topics, a_broker_); });
}

Result<Offsets> Cluster::ListOffsets(const Offsets& specs) {
  if (specs.empty()) return Offsets();
  Patience patience(client_->config());
  for (;;) {
    auto ask = [&] { return OffsetQuery(client_.get(), specs); };
    ASSIGN_OR_RETURN(Offsets found, Persist<OffsetQuery>(ask));
    Partitions missing;
    for (const auto& [partition, spec] : specs) {
      if (!found.contains(partition)) missing.insert(partition);
    }
    if (missing.empty()) return found;
    ASSIGN_OR_RETURN(Partitions leaderless, client_->Existing(missing));
    if (leaderless.empty()) return found;
    if (!Pause() || patience.NextWait() == 0) {
      return Unavailable("Kafka at {}: partition {} has no leader that answers",
                         client_->config().brokers, ToText(*leaderless.begin()));
    }
  }
}

Result<Offsets> Cluster::ListOffsets(const Partitions& partitions, int64_t spec) {
  Offsets specs;
  for (const auto& partition : partitions) specs[partition] = spec;
  return ListOffsets(specs);
}

}  // namespace flare::connector::kafka
