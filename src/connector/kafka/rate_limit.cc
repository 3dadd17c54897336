#include "connector/kafka/rate_limit.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace flare::connector::kafka {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

/// As Java casts: values beyond the range saturate.
int64_t ToLong(double value) {
  return value >= static_cast<double>(kMax) ? kMax : static_cast<int64_t>(value);
}

}  // namespace

Offsets LimitRate(int64_t limit, const Offsets& from, const Offsets& latest) {
  double total = 0;
  for (const auto& [partition, end] : latest) {
    auto begin = from.find(partition);
    if (begin != from.end() && end > begin->second)
      total += static_cast<double>(end - begin->second);
  }
  if (total < 1) return latest;
  Offsets limited = latest;
  for (auto& [partition, end] : limited) {
    auto begin = from.find(partition);
    if (begin == from.end() || end <= begin->second) continue;
    double share = static_cast<double>(limit) * (static_cast<double>(end - begin->second) / total);
    int64_t records = ToLong(share < 1 ? std::ceil(share) : std::floor(share));
    int64_t cut = records > kMax - begin->second ? kMax : begin->second + records;
    end = std::min(end, cut);
  }
  return limited;
}

bool BatchGate::Open(int64_t min_records, Millis max_delay, const Offsets& from,
                     const Offsets& latest, WallTime now) {
  if (now - last_open_ < max_delay) {
    double records = 0;
    for (const auto& [partition, end] : latest) {
      auto begin = from.find(partition);
      records += static_cast<double>(end - (begin == from.end() ? 0 : begin->second));
    }
    if (records < static_cast<double>(min_records)) return false;
  }
  last_open_ = now;
  return true;
}

int64_t CountBetween(const Offsets& from, const Offsets& latest) {
  int64_t records = 0;
  for (const auto& [partition, end] : latest) {
    auto begin = from.find(partition);
    if (begin != from.end() && end > begin->second) records += end - begin->second;
  }
  return records;
}

}  // namespace flare::connector::kafka
