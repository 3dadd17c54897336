#include "connector/kafka/data_loss.h"

#include <algorithm>

namespace flare::connector::kafka {

RangePlan PlanRanges(const Offsets& from, const Offsets& until, const Offsets& earliest,
                     const std::set<std::string>& same) {
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
          "the end offset of partition {} was changed from {} to {} ({})", ToText(partition), begin,
          end,
          same.contains(partition.topic)
              ? "the topic is the same, so its log was cut: an unclean leader election, or a disk "
                "put back from a copy"
              : "was its topic deleted and made anew?"));
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

std::string LostWithTopic(const std::string& topic, const TopicIds& before, const TopicIds& now,
                          const Offsets& from) {
  std::string read;
  for (const auto& [partition, offset] : from) {
    if (partition.topic != topic) continue;
    read += fmt::format("{}{}: {}", read.empty() ? "" : ", ", partition.partition, offset);
  }
  return fmt::format(
      "{}; the old one was read up to (partition: offset) {}, and what it held beyond is gone",
      TellMadeAnew(topic, before, now), read);
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

Status CheckFrozenTopics(const TopicIds& frozen, const TopicIds& now,
                         const std::set<std::string>& topics) {
  for (const auto& topic : MadeAnew(frozen, now, topics)) {
    return Error(Code::kNotFound, Blame::kExternal, Retry::kNever,
                 fmt::format("{}, after this AvailableNow run started; start the run again",
                             TellMadeAnew(topic, frozen, now)));
  }
  return Ok();
}

}  // namespace flare::connector::kafka
