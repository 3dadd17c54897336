#pragma once
// A Kafka cluster inside the test process (librdkafka's own), and a producer for it. Tests only.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flare::connector::kafka {

struct TestRecord {
  std::optional<std::string> key, value;
  int64_t timestamp_ms = 1'700'000'000'000;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

class MockBroker {
 public:
  explicit MockBroker(int brokers = 1);
  ~MockBroker();

  std::string bootstrap() const;
  rd_kafka_mock_cluster_t* cluster() const { return cluster_; }
  void CreateTopic(const std::string& topic, int partitions);
  /// Appends records; returns when they are there.
  void Produce(const std::string& topic, int32_t partition, const std::vector<TestRecord>& records);
  /// `count` records "<prefix><i>" with keys "k<i>".
  void ProduceMany(const std::string& topic, int32_t partition, int count,
                   const std::string& prefix = "v");

 private:
  rd_kafka_t* producer_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace flare::connector::kafka
