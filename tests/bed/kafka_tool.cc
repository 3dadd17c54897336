// Topics without a JVM: creates, fills, cuts, counts and removes them. Prints one JSON object to
// stdout.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bed/event_generator.h"

namespace flare::bed {
namespace {

constexpr int kTimeoutMs = 30'000;

[[noreturn]] void Die(const std::string& message) {
  fmt::print(stderr, "kafka_tool: {}\n", message);
  std::exit(1);
}

void Check(rd_kafka_resp_err_t error, std::string_view what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    Die(fmt::format("{}: {}", what, rd_kafka_err2str(error)));
}

void Check(rd_kafka_error_t* error, std::string_view what) {
  if (error == nullptr) return;
  Die(fmt::format("{}: {}", what, rd_kafka_error_string(error)));
}

using Settings = std::vector<std::pair<std::string, std::string>>;
using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

void OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  // Aborting a transaction purges what was not sent yet: that is what was asked for.
  if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
      message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    return;
  Check(message->err, "a record was not delivered");
}

Client MakeClient(rd_kafka_type_t type, const std::string& bootstrap, const Settings& settings) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  auto set = [&](const std::string& key, const std::string& value) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error, sizeof error) !=
        RD_KAFKA_CONF_OK)
      Die(error);
  };
  set("bootstrap.servers", bootstrap);
  for (const auto& [key, value] : settings) set(key, value);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == nullptr) Die(error);
  return {client, &rd_kafka_destroy};
}

// --- topics -------------------------------------------------------------------------------------

/// Runs one admin request and hands its finished event to `read`.
template <typename Ask, typename Read>
void Admin(const std::string& bootstrap, Ask ask, Read read) {
  Client client = MakeClient(RD_KAFKA_PRODUCER, bootstrap, {});
  Queue queue(rd_kafka_queue_new(client.get()), &rd_kafka_queue_destroy);
  ask(client.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs), &rd_kafka_event_destroy);
  if (!event) Die("the broker does not answer");
  Check(rd_kafka_event_error(event.get()), "the request failed");
  read(event.get());
}

/// Dies on the first failed topic of a result, which `read` takes apart into an array and its
/// length.
template <typename Result, typename Read>
void CheckTopics(const Result* result, Read read) {
  size_t count = 0;
  const rd_kafka_topic_result_t** results = read(result, &count);
  for (size_t i = 0; i < count; ++i) {
    Check(rd_kafka_topic_result_error(results[i]), rd_kafka_topic_result_name(results[i]));
  }
}

void CreateTopic(const std::string& bootstrap, const std::string& topic, int partitions,
                 int replicas, const Settings& configs) {
  char error[512];
  rd_kafka_NewTopic_t* request =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, replicas, error, sizeof error);
  if (request == nullptr) Die(error);
  for (const auto& [key, value] : configs) {
    Check(rd_kafka_NewTopic_set_config(request, key.c_str(), value.c_str()), key);
  }
  Admin(
      bootstrap,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_CreateTopics(client, &request, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        CheckTopics(rd_kafka_event_CreateTopics_result(event), rd_kafka_CreateTopics_result_topics);
      });
  rd_kafka_NewTopic_destroy(request);
}

void DeleteTopic(const std::string& bootstrap, const std::string& topic) {
  rd_kafka_DeleteTopic_t* request = rd_kafka_DeleteTopic_new(topic.c_str());
  Admin(
      bootstrap,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopics(client, &request, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        CheckTopics(rd_kafka_event_DeleteTopics_result(event), rd_kafka_DeleteTopics_result_topics);
      });
  rd_kafka_DeleteTopic_destroy(request);
}

void AddPartitions(const std::string& bootstrap, const std::string& topic, size_t total) {
  char error[512];
  rd_kafka_NewPartitions_t* request =
      rd_kafka_NewPartitions_new(topic.c_str(), total, error, sizeof error);
  if (request == nullptr) Die(error);
  Admin(
      bootstrap,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_CreatePartitions(client, &request, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        CheckTopics(rd_kafka_event_CreatePartitions_result(event),
                    rd_kafka_CreatePartitions_result_topics);
      });
  rd_kafka_NewPartitions_destroy(request);
}

void DeleteRecords(const std::string& bootstrap, const std::string& topic, int partition,
                   int64_t before) {
  rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(offsets, topic.c_str(), partition)->offset = before;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(offsets);
  Admin(
      bootstrap,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteRecords(client, &request, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        const auto* done =
            rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
        for (int i = 0; i < done->cnt; ++i) Check(done->elems[i].err, done->elems[i].topic);
      });
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(offsets);
}

/// Gives each partition back to the first of its replicas that is in sync.
void ElectLeaders(const std::string& bootstrap, const std::string& topic, int partitions) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(list, topic.c_str(), i);
  rd_kafka_ElectLeaders_t* request =
      rd_kafka_ElectLeaders_new(RD_KAFKA_ELECTION_TYPE_PREFERRED, list);
  Admin(
      bootstrap,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_ElectLeaders(client, request, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        size_t count = 0;
        const auto** results = rd_kafka_ElectLeaders_result_partitions(
            rd_kafka_event_ElectLeaders_result(event), &count);
        for (size_t i = 0; i < count; ++i) {
          const rd_kafka_error_t* error = rd_kafka_topic_partition_result_error(results[i]);
          if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED) continue;
          Check(rd_kafka_error_code(error), "elect");
        }
      });
  rd_kafka_ElectLeaders_destroy(request);
  rd_kafka_topic_partition_list_destroy(list);
}

/// The number of partitions as the brokers know it; a new topic or partition takes a moment to
/// show.
int PartitionCount(rd_kafka_t* client, const std::string& topic) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  Check(rd_kafka_metadata(client, 0, handle, &metadata, kTimeoutMs), "metadata");
  Check(metadata->topics[0].err, topic);
  const int count = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  return count;
}

/// Waits until the topic is there with at least `partitions` partitions that all have a leader.
void AwaitTopic(const std::string& bootstrap, const std::string& topic, int partitions) {
  Client client =
      MakeClient(RD_KAFKA_PRODUCER, bootstrap, {{"topic.metadata.propagation.max.ms", "0"}});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTimeoutMs);
  while (std::chrono::steady_clock::now() < deadline) {
    rd_kafka_topic_t* handle = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
    const struct rd_kafka_metadata* metadata = nullptr;
    int ready = 0;
    if (rd_kafka_metadata(client.get(), 0, handle, &metadata, kTimeoutMs) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      const rd_kafka_metadata_topic& found = metadata->topics[0];
      for (int i = 0; i < found.partition_cnt; ++i)
        ready += found.partitions[i].leader >= 0 ? 1 : 0;
      rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(handle);
    if (ready >= partitions) return;
    rd_kafka_poll(client.get(), 20);
  }
  Die(fmt::format("topic {} did not get {} partitions", topic, partitions));
}

/// {partition: [leader, replicas in sync]}; a partition without a leader has -1.
void PrintLeaders(const std::string& bootstrap, const std::string& topic) {
  Client client = MakeClient(RD_KAFKA_PRODUCER, bootstrap, {});
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  Check(rd_kafka_metadata(client.get(), 0, handle, &metadata, kTimeoutMs), "metadata");
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  std::string text = "{";
  for (int i = 0; i < found.partition_cnt; ++i) {
    const rd_kafka_metadata_partition& each = found.partitions[i];
    text += fmt::format("{}\"{}\":[{},{}]", i == 0 ? "" : ",", each.id, each.leader, each.isr_cnt);
  }
  fmt::print("{}}}\n", text);
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
}

void PrintWatermarks(const std::string& bootstrap, const std::string& topic) {
  Client client = MakeClient(RD_KAFKA_PRODUCER, bootstrap, {});
  const int partitions = PartitionCount(client.get(), topic);
  std::string text = "{";
  for (int i = 0; i < partitions; ++i) {
    int64_t low = 0;
    int64_t high = 0;
    Check(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), i, &low, &high, kTimeoutMs),
          topic);
    text += fmt::format("{}\"{}\":[{},{}]", i == 0 ? "" : ",", i, low, high);
  }
  fmt::print("{}}}\n", text);
}

// --- records ------------------------------------------------------------------------------------

struct ProduceOptions {
  std::string topic;
  int64_t count = 0;
  int64_t first_id = 0;
  uint64_t seed = 1;
  int partitions = 0;  ///< 0: all that the topic has
  std::string codec = "lz4";
  std::string transaction;  ///< "", "commit", "abort" or "open"
};

void Send(rd_kafka_t* client, const std::string& topic, int partition, const std::string* key,
          const std::string* value, int64_t timestamp_ms) {
  const void* key_data = key != nullptr ? key->data() : nullptr;
  const size_t key_size = key != nullptr ? key->size() : 0;
  char* value_data = value != nullptr ? const_cast<char*>(value->data()) : nullptr;
  const size_t value_size = value != nullptr ? value->size() : 0;
  for (;;) {
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key_data, key_size),
        RD_KAFKA_V_VALUE(value_data, value_size), RD_KAFKA_V_TIMESTAMP(timestamp_ms),
        RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) Check(error, "produce");
    rd_kafka_poll(client, 10);
  }
}

Client MakeProducer(const std::string& bootstrap, const std::string& codec,
                    const std::string& transaction, const std::string& topic) {
  Settings settings = {{"enable.idempotence", "true"},
                       {"compression.codec", codec},
                       {"linger.ms", "20"},
                       {"batch.size", "500000"},
                       {"batch.num.messages", "100000"},
                       {"queue.buffering.max.messages", "500000"},
                       {"message.max.bytes", "20000000"},
                       {"delivery.report.only.error", "true"},
                       {"topic.metadata.propagation.max.ms", "10000"}};
  if (!transaction.empty()) settings.emplace_back("transactional.id", "kafka_tool-" + topic);
  return MakeClient(RD_KAFKA_PRODUCER, bootstrap, settings);
}

/// Begins a transaction where one is asked for, sends what `send` sends, and ends it, or leaves it
/// open: then the next one of the topic aborts it.
template <typename SendAll>
void InTransaction(rd_kafka_t* client, const std::string& transaction, SendAll send) {
  if (!transaction.empty()) {
    Check(rd_kafka_init_transactions(client, kTimeoutMs), "init transactions");
    Check(rd_kafka_begin_transaction(client), "begin transaction");
  }
  send();
  Check(rd_kafka_flush(client, 10 * kTimeoutMs), "flush");
  if (transaction == "commit") Check(rd_kafka_commit_transaction(client, kTimeoutMs), "commit");
  if (transaction == "abort") Check(rd_kafka_abort_transaction(client, kTimeoutMs), "abort");
}

void ProduceEvents(const std::string& bootstrap, const ProduceOptions& options) {
  Client client = MakeProducer(bootstrap, options.codec, options.transaction, options.topic);
  const int partitions =
      options.partitions > 0 ? options.partitions : PartitionCount(client.get(), options.topic);
  EventGenerator generator(options.seed);
  int64_t id_sum = 0;
  int64_t cents = 0;
  int64_t bytes = 0;
  InTransaction(client.get(), options.transaction, [&] {
    for (int64_t id = options.first_id; id < options.first_id + options.count; ++id) {
      const EventGenerator::Event& event = generator.Make(id);
      Send(client.get(), options.topic, static_cast<int>(id % partitions), &event.key, &event.value,
           event.timestamp_ms);
      id_sum += id;
      cents += event.amount_cents;
      bytes += static_cast<int64_t>(event.value.size());
      if (id % 1024 == 0) rd_kafka_poll(client.get(), 0);
    }
  });
  fmt::print(R"({{"count":{},"id_sum":{},"amount_cents":{},"value_bytes":{},"partitions":{}}})"
             "\n",
             options.count, id_sum, cents, bytes, partitions);
}

// --- counting -----------------------------------------------------------------------------------

struct TopicSum {
  int64_t count = 0;
  int64_t id_sum = 0;
  int64_t offset_sum = 0;
  int64_t value_bytes = 0;
};

int64_t IdOf(std::string_view value) {
  constexpr std::string_view kHead = R"({"id":)";
  if (value.substr(0, kHead.size()) != kHead) return 0;
  return std::strtoll(value.data() + kHead.size(), nullptr, 10);
}

/// Reads a topic from its start to its present end as a consumer with read_committed sees it.
void SumTopic(const std::string& bootstrap, const std::string& topic) {
  Client client = MakeClient(RD_KAFKA_CONSUMER, bootstrap,
                             {{"group.id", "kafka_tool"},
                              {"isolation.level", "read_committed"},
                              {"enable.partition.eof", "true"},
                              {"enable.auto.commit", "false"}});
  rd_kafka_poll_set_consumer(client.get());
  const int partitions = PartitionCount(client.get(), topic);
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(all, topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  Check(rd_kafka_assign(client.get(), all), "assign");
  rd_kafka_topic_partition_list_destroy(all);
  std::map<int, TopicSum> sums;
  for (int ended = 0; ended < partitions;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client.get(), kTimeoutMs);
    if (message == nullptr) Die("no record came for a long time");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ++ended;
    } else {
      Check(message->err, "consume");
      TopicSum& sum = sums[message->partition];
      ++sum.count;
      sum.id_sum += IdOf({static_cast<const char*>(message->payload), message->len});
      sum.offset_sum += message->offset;
      sum.value_bytes += static_cast<int64_t>(message->len);
    }
    rd_kafka_message_destroy(message);
  }
  TopicSum total;
  for (const auto& [partition, sum] : sums) {
    total.count += sum.count;
    total.id_sum += sum.id_sum;
    total.offset_sum += sum.offset_sum;
    total.value_bytes += sum.value_bytes;
  }
  fmt::print(R"({{"count":{},"id_sum":{},"offset_sum":{},"value_bytes":{},"partitions":{}}})"
             "\n",
             total.count, total.id_sum, total.offset_sum, total.value_bytes, partitions);
}

// --- lines of stdin -----------------------------------------------------------------------------

std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'x' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind;
    }
  }
  return out;
}

/// Sends the lines of stdin: key<TAB>value, a null one written as \N, with the escapes \n \t
/// \\ \xHH.
void ProduceLines(const std::string& bootstrap, const ProduceOptions& options) {
  Client client = MakeProducer(bootstrap, options.codec, options.transaction, options.topic);
  const int partitions =
      options.partitions > 0 ? options.partitions : PartitionCount(client.get(), options.topic);
  int64_t count = 0;
  InTransaction(client.get(), options.transaction, [&] {
    for (std::string line; std::getline(std::cin, line); ++count) {
      const size_t tab = line.find('\t');
      if (tab == std::string::npos) Die(fmt::format("line {}: expected key<TAB>value", count + 1));
      const std::string raw_key = line.substr(0, tab);
      const std::string raw_value = line.substr(tab + 1);
      const std::string key = Unescape(raw_key);
      const std::string value = Unescape(raw_value);
      Send(client.get(), options.topic, static_cast<int>(count % partitions),
           raw_key == "\\N" ? nullptr : &key, raw_value == "\\N" ? nullptr : &value,
           EventGenerator(0).Make(count).timestamp_ms);
    }
  });
  fmt::print("{{\"count\":{}}}\n", count);
}

Settings ParseConfigs(const std::vector<std::string>& texts) {
  Settings configs;
  for (const std::string& text : texts) {
    const size_t at = text.find('=');
    if (at == std::string::npos) Die(fmt::format("expected key=value, found {}", text));
    configs.emplace_back(text.substr(0, at), text.substr(at + 1));
  }
  return configs;
}

int Main(int argc, char** argv) {
  CLI::App app("Creates, fills, cuts, counts and removes Kafka topics for tests.", "kafka_tool");
  app.require_subcommand(1);
  std::string bootstrap;
  app.add_option("--bootstrap", bootstrap, "host:port of a broker")
      ->envname("KAFKA_BOOTSTRAP")
      ->required();
  std::string topic;
  int partitions = 1;
  int replicas = 1;
  int partition = 0;
  int64_t before = 0;
  std::vector<std::string> configs;
  ProduceOptions produce;
  auto command = [&](const char* name, const char* help) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->add_option("topic", topic)->required();
    return sub;
  };
  CLI::App* create = command("create", "create a topic and wait until it is usable");
  create->add_option("--partitions", partitions);
  create->add_option("--replicas", replicas);
  create->add_option("--config", configs, "key=value of the topic");
  CLI::App* remove = command("delete", "delete a topic");
  CLI::App* grow = command("grow", "raise the number of partitions");
  grow->add_option("--partitions", partitions)->required();
  CLI::App* cut = command("delete-records", "delete a partition's records before an offset");
  cut->add_option("--partition", partition)->required();
  cut->add_option("--before", before)->required();
  CLI::App* marks = command("watermarks", "print {partition: [low, high]}");
  CLI::App* leaders = command("leaders", "print {partition: [leader, replicas in sync]}");
  CLI::App* elect = command("elect", "give the first partitions back to their preferred leaders");
  elect->add_option("--partitions", partitions);
  CLI::App* sum = command("sum", "read the topic and print count and sums");
  CLI::App* events = command("produce", "send generated events");
  events->add_option("--count", produce.count)->required();
  events->add_option("--first-id", produce.first_id);
  events->add_option("--seed", produce.seed);
  CLI::App* lines = command("produce-lines", "send the lines of stdin, key<TAB>value");
  for (CLI::App* sub : {events, lines}) {
    sub->add_option("--partitions", produce.partitions, "use only the first ones");
    sub->add_option("--codec", produce.codec);
    sub->add_option("--transaction", produce.transaction)
        ->check(CLI::IsMember({"commit", "abort", "open"}));
  }
  CLI11_PARSE(app, argc, argv);
  produce.topic = topic;
  if (*create) {
    CreateTopic(bootstrap, topic, partitions, replicas, ParseConfigs(configs));
    AwaitTopic(bootstrap, topic, partitions);
  }
  if (*remove) DeleteTopic(bootstrap, topic);
  if (*grow) {
    AddPartitions(bootstrap, topic, static_cast<size_t>(partitions));
    AwaitTopic(bootstrap, topic, partitions);
  }
  if (*cut) DeleteRecords(bootstrap, topic, partition, before);
  if (*marks) PrintWatermarks(bootstrap, topic);
  if (*leaders) PrintLeaders(bootstrap, topic);
  if (*elect) ElectLeaders(bootstrap, topic, partitions);
  if (*sum) SumTopic(bootstrap, topic);
  if (*events) ProduceEvents(bootstrap, produce);
  if (*lines) ProduceLines(bootstrap, produce);
  return 0;
}

}  // namespace
}  // namespace flare::bed

int main(int argc, char** argv) {
  return flare::bed::Main(argc, argv);
}
