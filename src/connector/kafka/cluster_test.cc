#include "connector/kafka/cluster.h"

#include <gtest/gtest.h>

#include "base/test_matchers.h"

namespace flare::connector::kafka {
namespace {

/// A client of a broker that nobody runs, with more patience than a test has time.
ClientConfig NobodyThere(std::stop_token stop) {
  ClientConfig config;
  config.brokers = "127.0.0.1:1";
  config.properties = {{"bootstrap.servers", config.brokers}};
  config.patience = std::chrono::hours(1);
  config.stop = std::move(stop);
  return config;
}

TEST(Cluster, GivesUpWaitingWhenTheRunIsToEnd) {
  std::stop_source ending;
  ending.request_stop();
  auto cluster = Cluster::Make(NobodyThere(ending.get_token()));
  ASSERT_THAT(cluster, IsOk());
  Subscription topics;
  topics.topics = {"orders"};
  EXPECT_THAT((*cluster)->Discover(topics, nullptr), IsError(Code::kUnavailable));
  EXPECT_THAT((*cluster)->ListOffsets(Offsets{{{"orders", 0}, 0}}), IsError(Code::kUnavailable));
}

}  // namespace
}  // namespace flare::connector::kafka
