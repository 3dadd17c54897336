#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/test_matchers.h"
#include "cli/demo_broker.h"
#include "cli/demo_events.h"

namespace flare::cli {
namespace {

constexpr WallTime kTime{Millis(1770113700000)};

TEST(DemoEvents, AreJsonThatDependsOnTheNumberAlone) {
  std::set<int> partitions;
  for (int64_t number = 0; number < 100; ++number) {
    DemoEvent event = MakeDemoEvent(number, kTime);
    auto json = nlohmann::json::parse(event.value);
    EXPECT_EQ(json["order_id"], number + 1);
    EXPECT_EQ(json["ordered_at"], "2026-02-03T10:15:00.000Z");
    EXPECT_EQ(MakeDemoEvent(number, kTime).value, event.value);
    partitions.insert(event.partition);
  }
  EXPECT_EQ(partitions, (std::set<int>{0, 1, 2, 3}));
}

TEST(DemoBroker, HoldsTheEventsOfAllRuns) {
  auto broker = DemoBroker::Start();
  ASSERT_THAT(broker, IsOk());
  EXPECT_TRUE((*broker)->address().starts_with("127.0.0.1:"));
  EXPECT_THAT((*broker)->Fill("orders", {{700, kTime}, {300, kTime}}), IsOk());
}

}  // namespace
}  // namespace flare::cli
