#include "bed/event_generator.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

namespace flare::bed {
namespace {

// 2024-01-01T00:00:00Z: in the past of any test run, since brokers refuse times far in the future.
constexpr int64_t kFirstTimestampMs = 1'704'067'200'000;
constexpr std::array<std::string_view, 5> kTypes = {"view", "click", "cart", "purchase", "refund"};
constexpr std::array<std::string_view, 8> kWords = {"amber", "birch", "cedar",   "dune",
                                                    "ember", "fjörd", "glacier", "harbour"};

uint64_t Mix(uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

}  // namespace

const EventGenerator::Event& EventGenerator::Make(int64_t id) {
  const uint64_t bits = Mix(seed_ * 0x51ed2701ULL + static_cast<uint64_t>(id));
  const auto user = bits % 100'000;
  const auto cents = (bits >> 17U) % 100'000;
  event_.amount_cents = static_cast<int64_t>(cents);
  event_.timestamp_ms = kFirstTimestampMs + id;
  event_.key.clear();
  fmt::format_to(std::back_inserter(event_.key), FMT_COMPILE("user-{:06}"), user);
  event_.value.clear();
  fmt::format_to(
      std::back_inserter(event_.value),
      FMT_COMPILE(R"({{"id":{},"user":"user-{:06}","type":"{}","amount":{}.{:02},"ts":{},)"
                  R"("item":{{"sku":"S-{:05}","quantity":{}}},"tags":["{}","{}"],)"
                  R"("text":"{} {} {}"}})"),
      id, user, kTypes[(bits >> 34U) % kTypes.size()], cents / 100, cents % 100,
      event_.timestamp_ms, (bits >> 37U) % 100'000, (bits >> 54U) % 9 + 1,
      kWords[(bits >> 58U) % 8], kWords[(bits >> 61U) % 8], kWords[(bits >> 3U) % 8],
      kWords[(bits >> 6U) % 8], kWords[(bits >> 9U) % 8]);
  return event_;
}

}  // namespace flare::bed
