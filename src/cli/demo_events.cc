#include "cli/demo_events.h"

#include <fmt/format.h>

#include <array>

#include "observe/units.h"

namespace flare::cli {
namespace {

constexpr std::array kProducts = {"espresso",  "cappuccino", "flat white",
                                  "green tea", "croissant",  "cheesecake"};
constexpr std::array kCountries = {"DE", "FR", "IN", "JP", "BR", "US", "NG"};
constexpr std::array kStatuses = {"paid", "paid", "paid", "shipped", "shipped", "returned"};

/// Spreads a number over 64 bits (SplitMix64).
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

DemoEvent MakeDemoEvent(int64_t number, WallTime time) {
  uint64_t bits = Mix(static_cast<uint64_t>(number));
  auto pick = [&](const auto& from, int shift) { return from[(bits >> shift) % from.size()]; };
  uint64_t customer = (bits >> 8) % 1000;
  uint64_t cents = 150 + (bits >> 20) % 900;
  DemoEvent event;
  event.partition = static_cast<int>(customer % kDemoPartitions);
  event.key = fmt::format("customer-{:03}", customer);
  event.value = fmt::format(
      R"({{"order_id":{},"customer":"{}","product":"{}","quantity":{},"price":{}.{:02},"country":"{}",)"
      R"("status":"{}","ordered_at":"{}"}})",
      number + 1, event.key, pick(kProducts, 30), 1 + (bits >> 40) % 4, cents / 100, cents % 100,
      pick(kCountries, 44), pick(kStatuses, 50), observe::FormatTimestamp(time));
  return event;
}

}  // namespace flare::cli
