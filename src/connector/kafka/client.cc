#include "connector/kafka/client.h"

#include <algorithm>
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

/// How long one wait inside librdkafka may take before errors that it reported are looked at.
constexpr int64_t kSliceMs = 500;

/// How long closing may take before what does not end is left behind.
constexpr std::chrono::seconds kPatienceToClose{2};

/// Waits for brokers are real ones, whatever clock the job runs by.
int64_t NowMs() {
  return SystemClock().Monotonic().count();
}

}  // namespace

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
  std::thread([handle = handle_, destroyed] {
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
  int64_t deadline = NowMs() + config_.patience.count();
  for (;;) {
    const rd_kafka_metadata_t* metadata = nullptr;
    int64_t left = std::clamp<int64_t>(deadline - NowMs(), 1, kSliceMs);
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(handle_, all_topics ? 1 : 0, nullptr, &metadata, static_cast<int>(left));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Handle<const rd_kafka_metadata_t>(metadata);
    if (auto fatal = FatalError()) return *fatal;
    bool transient = code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
    bool patient = NowMs() < deadline && !config_.stop.stop_requested();
    if (!transient || !patient) return ToError(code, "asking for topics");
  }
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

Error Client::Unreachable() {
  rd_kafka_poll(handle_, 0);
  std::lock_guard lock(mutex_);
  return Unavailable("no Kafka broker answered at {}{}; {}", config_.brokers,
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
