#include "connector/kafka/mock_broker.h"

#include <gtest/gtest.h>

namespace flare::connector::kafka {
namespace {

void Quiet(const rd_kafka_t*, int, const char*, const char*) {}

}  // namespace

MockBroker::MockBroker(int brokers) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "test.mock.num.brokers", std::to_string(brokers).c_str(), text,
                    sizeof(text));
  rd_kafka_conf_set(conf, "linger.ms", "0", text, sizeof(text));
  rd_kafka_conf_set(conf, "message.max.bytes", "20000000", text, sizeof(text));
  rd_kafka_conf_set_log_cb(conf, Quiet);
  producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
  cluster_ = rd_kafka_handle_mock_cluster(producer_);
}

MockBroker::~MockBroker() {
  rd_kafka_destroy(producer_);
}

std::string MockBroker::bootstrap() const {
  return rd_kafka_mock_cluster_bootstraps(cluster_);
}

void MockBroker::CreateTopic(const std::string& topic, int partitions) {
  ASSERT_EQ(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1),
            RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockBroker::Produce(const std::string& topic, int32_t partition,
                         const std::vector<TestRecord>& records) {
  for (const TestRecord& record : records) {
    rd_kafka_headers_t* headers =
        record.headers.empty() ? nullptr : rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                          value ? value->data() : nullptr,
                          value ? static_cast<ssize_t>(value->size()) : 0);
    }
    auto data = [](const std::optional<std::string>& text) {
      return text ? const_cast<char*>(text->data()) : nullptr;
    };
    auto size = [](const std::optional<std::string>& text) {
      return text ? text->size() : size_t{0};
    };
    rd_kafka_resp_err_t code = rd_kafka_producev(
        producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
        RD_KAFKA_V_KEY(data(record.key), size(record.key)),
        RD_KAFKA_V_VALUE(data(record.value), size(record.value)),
        RD_KAFKA_V_TIMESTAMP(record.timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    ASSERT_EQ(code, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(code);
  }
  ASSERT_EQ(rd_kafka_flush(producer_, 30000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockBroker::ProduceMany(const std::string& topic, int32_t partition, int count,
                             const std::string& prefix) {
  std::vector<TestRecord> records;
  for (int i = 0; i < count; ++i) {
    records.push_back(
        {"k" + std::to_string(i), prefix + std::to_string(i), 1'700'000'000'000 + i, {}});
  }
  Produce(topic, partition, records);
}

}  // namespace flare::connector::kafka
