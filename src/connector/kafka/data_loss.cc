#include "connector/kafka/data_loss.h"

#include <algorithm>

namespace flare::connector::kafka {

RangePlan PlanRanges(const Offsets& from, const Offsets& until, const Offsets& earliest) {
  RangePlan plan;
  for (const auto& [partition, begin] : from) {
    if (!until.contains(partition)) {
      plan.lost.push_back(fmt::format(
          "partition {} is gone (read up to offset {} so far; its topic was deleted, or no "
          "longer matches)",
          ToText(partition), begin));
    }
  }
  for (const auto& [partition, end] : until) {
    int64_t begin = 0;
    if (auto known = from.find(partition); known != from.end()) {
      begin = known->second;
    } else if (auto first = earliest.find(partition); first != earliest.end()) {
      begin = first->second;
      if (begin != 0) {
        plan.lost.push_back(fmt::format("new partition {} begins at offset {} instead of 0",
                                        ToText(partition), begin));
      }
    } else {
      plan.lost.push_back(
          fmt::format("new partition {} vanished before it was read", ToText(partition)));
      continue;
    }
    if (end < begin) {
      plan.lost.push_back(fmt::format(
          "the end offset of partition {} was changed from {} to {} (was its topic deleted "
          "and made anew?)",
          ToText(partition), begin, end));
    } else if (end > begin) {
      plan.ranges.push_back({partition, begin, end});
    }
  }
  std::stable_sort(
      plan.ranges.begin(), plan.ranges.end(),
      [](const PartitionRange& a, const PartitionRange& b) { return a.size() > b.size(); });
  return plan;
}

Error DataLoss(const std::string& loss) {
  return Error(
      Code::kNotFound, Blame::kExternal, Retry::kNever,
      fmt::format(
          "some Kafka data may have been lost: {}; to go on with what is there, set the input's "
          "option `failOnDataLoss: false`",
          loss));
}

std::string AgedOut(const TopicPartition& partition, int64_t expected, int64_t until,
                    int64_t available) {
  return fmt::format(
      "partition {}: expected offset {} (reading up to {}), but the earliest available is {}: the "
      "records between aged out or were deleted",
      ToText(partition), expected, until, available);
}

std::string EndsEarly(const TopicPartition& partition, int64_t expected, int64_t until,
                      int64_t available) {
  return fmt::format(
      "partition {}: expected records from offset {} up to {}, but it now ends at {}: its topic "
      "was "
      "made anew, or records were truncated",
      ToText(partition), expected, until, available);
}

Status CheckFrozen(const Offsets& frozen, const Offsets& latest) {
  for (const auto& [partition, end] : frozen) {
    auto now = latest.find(partition);
    if (now == latest.end()) {
      return Error(Code::kNotFound, Blame::kExternal, Retry::kNever,
                   fmt::format("partition {} was there when this AvailableNow run started and is "
                               "gone now; start the "
                               "run again",
                               ToText(partition)));
    }
    if (now->second < end) {
      return Error(Code::kNotFound, Blame::kExternal, Retry::kNever,
                   fmt::format("partition {} ended at offset {} when this AvailableNow run started "
                               "and ends at {} now: "
                               "its topic was made anew; start the run again",
                               ToText(partition), end, now->second));
    }
  }
  return Ok();
}

}  // namespace flare::connector::kafka
