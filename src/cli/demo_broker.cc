#include "cli/demo_broker.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>

#include "cli/demo_events.h"

namespace flare::cli {
namespace {

constexpr int kFlushTimeoutMs = 30'000;
constexpr int kWatermarkTimeoutMs = 10'000;

struct DestroyClient {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

class MockBroker final : public DemoBroker {
 public:
  MockBroker(Client client, rd_kafka_mock_cluster_t* cluster)
      : client_(std::move(client)),
        cluster_(cluster),
        address_(rd_kafka_mock_cluster_bootstraps(cluster)) {}

  const std::string& address() const override { return address_; }

  Status Fill(const std::string& topic, const std::vector<DemoRun>& runs) override {
    auto code = rd_kafka_mock_topic_create(cluster_, topic.c_str(), kDemoPartitions, 1);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("create its topic", code);
    int64_t number = 0;
    for (const auto& run : runs) {
      for (int64_t i = 0; i < run.rows; ++i) RETURN_IF_ERROR(Produce(topic, number++, run.time));
    }
    code = rd_kafka_flush(client_.get(), kFlushTimeoutMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("take the sample events", code);
    return CheckNothingDropped(topic, number);
  }

 private:
  static Error Failed(std::string_view what, rd_kafka_resp_err_t code) {
    return Internal("the embedded broker could not {}: {}", what, rd_kafka_err2str(code));
  }

  Status Produce(const std::string& topic, int64_t number, WallTime time) {
    DemoEvent event = MakeDemoEvent(number, time);
    while (true) {
      auto code = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(event.partition),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
          RD_KAFKA_V_VALUE(event.value.data(), event.value.size()),
          RD_KAFKA_V_TIMESTAMP(time.time_since_epoch().count()), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Ok();
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return Failed("take a sample event", code);
      rd_kafka_poll(client_.get(), 100);
    }
  }

  Status CheckNothingDropped(const std::string& topic, int64_t expected) {
    int64_t kept = 0;
    for (int partition = 0; partition < kDemoPartitions; ++partition) {
      int64_t low = 0;
      int64_t high = 0;
      auto code = rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &low,
                                                   &high, kWatermarkTimeoutMs);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed("tell its offsets", code);
      kept += high - low;
    }
    if (kept == expected) return Ok();
    return ResourceExhausted(
        "the embedded broker kept {} of {} events: it holds about 5 MB a partition", kept,
        expected);
  }

  Client client_;
  rd_kafka_mock_cluster_t* cluster_;  ///< the client's
  std::string address_;
};

}  // namespace

Result<std::unique_ptr<DemoBroker>> DemoBroker::Start() {
  std::array<char, 512> reason{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] :
       {std::pair("test.mock.num.brokers", "1"), std::pair("linger.ms", "20"),
        std::pair("compression.codec", "lz4"), std::pair("log_level", "0"),
        std::pair("max.in.flight.requests.per.connection", "1")}) {
    if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return Internal("the embedded broker could not be configured: {}", reason.data());
    }
  }
  // The mock announces itself as a warning; the demo says it in its own words.
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()));
  if (!client) {
    rd_kafka_conf_destroy(conf);
    return Internal("the embedded broker could not be started: {}", reason.data());
  }
  auto* cluster = rd_kafka_handle_mock_cluster(client.get());
  return std::make_unique<MockBroker>(std::move(client), cluster);
}

}  // namespace flare::cli
