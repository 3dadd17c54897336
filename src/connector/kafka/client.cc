#include "connector/kafka/client.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "base/clock.h"

namespace flare::connector::kafka {
namespace {

/// What a person should look at when no broker answers.
std::string WhatToCheck(const ClientConfig& config) {
  return fmt::format(
      "check that the brokers run and can be reached from here, that the addresses are right, and "
      "that "
      "security.protocol ({}) is what they expect",
      config.protocol);
}

/// librdkafka reports through callbacks; its own log lines are not for our users.
void DropLogLine(const rd_kafka_t*, int, const char*, const char*) {}

/// How long one wait may take before a stop, and errors that librdkafka reported, are looked at.
constexpr int64_t kSliceMs = 100;
/// How long one broker is waited for before another one may be asked: longer each time, as it may
/// be far away.
constexpr int64_t kFirstTryMs = 500, kLongestTryMs = 2000;

/// How long closing may take before what does not end is left behind.
constexpr std::chrono::seconds kPatienceToClose{2};

/// Waits for brokers are real ones, whatever clock the job runs by.
int64_t NowMs() {
  return SystemClock().Monotonic().count();
}

bool IsTransient(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

}  // namespace

Patience::Patience(const ClientConfig& config)
    : config_(config), began_ms_(NowMs()), deadline_ms_(began_ms_ + config.patience.count()) {}

int Patience::NextWait() {
  int64_t now = NowMs();
  if (!cut_short_ && config_.stop.stop_requested()) {
    cut_short_ = true;
    deadline_ms_ = std::min(deadline_ms_, now + config_.patience_after_stop.count());
  }
  return static_cast<int>(std::clamp<int64_t>(deadline_ms_ - now, 0, kSliceMs));
}

Millis Patience::waited() const {
  return Millis(NowMs() - began_ms_);
}

/// One question for metadata under way. librdkafka only answers it to a thread that waits, and ends
/// no wait early; so a thread of its own does. It must be gone before the client is.
class Client::MetadataQuestion {
 public:
  MetadataQuestion(rd_kafka_t* handle, bool all_topics, int64_t deadline_ms)
      : answered_(answer_.get_future()),
        thread_([=, this] { Ask(handle, all_topics, deadline_ms); }) {}
  ~MetadataQuestion() {
    abandoned_ = true;
    thread_.join();
  }

  bool WaitFor(int64_t timeout_ms) {
    return answered_.wait_for(std::chrono::milliseconds(timeout_ms)) == std::future_status::ready;
  }
  std::pair<rd_kafka_resp_err_t, Handle<const rd_kafka_metadata_t>> Take() {
    return answered_.get();
  }
  void Abandon() { abandoned_ = true; }

 private:
  void Ask(rd_kafka_t* handle, bool all_topics, int64_t deadline_ms) {
    for (int64_t most = kFirstTryMs;; most = std::min(most * 2, kLongestTryMs)) {
      const rd_kafka_metadata_t* metadata = nullptr;
      int64_t left = std::clamp<int64_t>(deadline_ms - NowMs(), 1, most);
      rd_kafka_resp_err_t code =
          rd_kafka_metadata(handle, all_topics ? 1 : 0, nullptr, &metadata, static_cast<int>(left));
      if (IsTransient(code) && NowMs() < deadline_ms && !abandoned_) continue;
      return answer_.set_value({code, Handle<const rd_kafka_metadata_t>(metadata)});
    }
  }

  std::atomic<bool> abandoned_ = false;
  std::promise<std::pair<rd_kafka_resp_err_t, Handle<const rd_kafka_metadata_t>>> answer_;
  std::future<std::pair<rd_kafka_resp_err_t, Handle<const rd_kafka_metadata_t>>> answered_;
  std::thread thread_;
};

Client::Client(ClientConfig config) : config_(std::move(config)) {}

Result<std::unique_ptr<Client>> Client::Make(
    const ClientConfig& config, const std::vector<std::pair<std::string, std::string>>& defaults) {
  std::unique_ptr<Client> client(new Client(config));
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512] = "";
  auto set = [&](const std::string& name, const std::string& value) -> Status {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof(text)) ==
        RD_KAFKA_CONF_OK)
      return Ok();
    rd_kafka_conf_destroy(conf);
    // The text repeats the value, which may be a secret.
    return InvalidArgument("the Kafka client refuses its property `{}`", name);
  };
  for (const auto& [name, value] : defaults) RETURN_IF_ERROR(set(name, value));
  for (const auto& [name, value] : config.properties) RETURN_IF_ERROR(set(name, value));
  rd_kafka_conf_set_opaque(conf, client.get());
  rd_kafka_conf_set_error_cb(conf, &Client::OnError);
  rd_kafka_conf_set_log_cb(conf, &DropLogLine);
  client->handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
  if (client->handle_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return InvalidArgument("the Kafka client refuses its settings: {}", text);
  }
  return client;
}

Client::~Client() {
  if (handle_ == nullptr) return;
  topics_.clear();
  // librdkafka waits for its threads without a limit; one that it cannot end must not keep the
  // process from ending. No callback reaches this client any more: only polls call them.
  auto destroyed = std::make_shared<std::promise<void>>();
  auto done = destroyed->get_future();
  for (auto& question : left_behind_) question->Abandon();
  std::thread([handle = handle_, destroyed, questions = std::move(left_behind_)]() mutable {
    questions.clear();
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    destroyed->set_value();
  }).detach();
  done.wait_for(kPatienceToClose);
}

rd_kafka_topic_t* Client::Topic(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto& topic = topics_[name];
  if (topic == nullptr) topic.reset(rd_kafka_topic_new(handle_, name.c_str(), nullptr));
  return topic.get();
}

Result<Handle<const rd_kafka_metadata_t>> Client::AskMetadata(bool all_topics) {
  Patience patience(config_);
  auto question =
      std::make_unique<MetadataQuestion>(handle_, all_topics, NowMs() + config_.patience.count());
  for (;;) {
    int wait = patience.NextWait();
    if (question->WaitFor(wait)) break;
    auto fatal = FatalError();
    if (!fatal && wait > 0) continue;
    LeaveBehind(std::move(question));
    return fatal ? *fatal : Unreachable(patience.waited());
  }
  auto [code, metadata] = question->Take();
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::move(metadata);
  if (IsTransient(code) && !FatalError()) return Unreachable(patience.waited());
  return ToError(code, "asking for topics");
}

Result<Partitions> Client::Existing(const Partitions& partitions) {
  for (const auto& partition : partitions) Topic(partition.topic);
  ASSIGN_OR_RETURN(auto metadata, AskMetadata(false));
  Partitions found;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    for (int p = 0; p < topic.partition_cnt; ++p) {
      TopicPartition each{topic.topic, topic.partitions[p].id};
      if (partitions.contains(each)) found.insert(std::move(each));
    }
  }
  return found;
}

void Client::LeaveBehind(std::unique_ptr<MetadataQuestion> question) {
  question->Abandon();
  std::lock_guard lock(mutex_);
  std::erase_if(left_behind_, [](const auto& each) { return each->WaitFor(0); });
  left_behind_.push_back(std::move(question));
}

void Client::BeginRefresh() {
  std::lock_guard lock(mutex_);
  std::erase_if(left_behind_, [](const auto& each) { return each->WaitFor(0); });
  if (!left_behind_.empty()) return;
  left_behind_.push_back(
      std::make_unique<MetadataQuestion>(handle_, false, NowMs() + config_.patience.count()));
}

Status Client::RefreshMetadata() {
  auto metadata = AskMetadata(false);
  if (!metadata) return std::move(metadata).error();
  return Ok();
}

void Client::OnError(rd_kafka_t*, int code, const char* reason, void* self) {
  auto* client = static_cast<Client*>(self);
  std::lock_guard lock(client->mutex_);
  const ClientConfig& config = client->config_;
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      client->fatal_ = PermissionDenied(
          "Kafka at {} refused the log-in: {}; check user name, password and SASL "
          "mechanism",
          config.brokers, reason);
      break;
    case RD_KAFKA_RESP_ERR__SSL:
      client->fatal_ = PermissionDenied(
          "Kafka at {}: TLS failed: {}; check the certificate authority and "
          "security.protocol ({})",
          config.brokers, reason, config.protocol);
      break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      break;  // says less than the reasons before it
    default:
      client->last_reason_ = reason;
  }
}

std::optional<Error> Client::FatalError() {
  rd_kafka_poll(handle_, 0);
  std::lock_guard lock(mutex_);
  return fatal_;
}

Error Client::Unreachable(Millis waited) {
  rd_kafka_poll(handle_, 0);
  std::lock_guard lock(mutex_);
  int64_t seconds = waited.count() / 1000;
  return Unavailable("no Kafka broker answered at {}{}{}; {}", config_.brokers,
                     seconds == 0 ? "" : fmt::format(" for {} s", seconds),
                     last_reason_.empty() ? "" : fmt::format(" ({})", last_reason_),
                     WhatToCheck(config_));
}

Error Client::ToError(rd_kafka_resp_err_t code, const std::string& what) {
  if (auto fatal = FatalError()) return *fatal;
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return Unreachable();
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return PermissionDenied("Kafka at {} forbids {}: {}", config_.brokers, what,
                              rd_kafka_err2str(code));
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return NotFound("Kafka at {}: {}: {}", config_.brokers, what, rd_kafka_err2str(code));
    default:
      return Unavailable("Kafka at {}: {}: {}", config_.brokers, what, rd_kafka_err2str(code));
  }
}

}  // namespace flare::connector::kafka
