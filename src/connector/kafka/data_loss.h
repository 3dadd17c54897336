#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/kafka/offsets.h"
#include "connector/kafka/topic_ids.h"

namespace flare::connector::kafka {

/// The records [begin, end) of one partition that a batch reads.
struct PartitionRange {
  TopicPartition partition;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
};

/// What a batch reads, and what is known to be missing from it.
struct RangePlan {
  std::vector<PartitionRange> ranges;  ///< non-empty ones only, the largest first
  std::vector<std::string> lost;       ///< one sentence for each loss
};

/// Turns two positions into ranges. `earliest` holds the first offset of each partition of `until`
/// that `from` does not name (a new partition begins there); one that is missing there has
/// vanished. `same`: topics that are known not to have been made anew.
RangePlan PlanRanges(const Offsets& from, const Offsets& until, const Offsets& earliest,
                     const std::set<std::string>& same = {});

/// The error for losses when failOnDataLoss is true: what was lost, and what to set to go on
/// without it.
Error DataLoss(const std::string& loss);

/// "records 3 to 9 of orders-0 are gone: the partition now begins at 10": aged out while it was
/// read.
std::string AgedOut(const TopicPartition& partition, int64_t expected, int64_t until,
                    int64_t available);
/// The partition ends before the range does: the topic was made anew, or cut.
std::string EndsEarly(const TopicPartition& partition, int64_t expected, int64_t until,
                      int64_t available);

/// The loss of a topic that was deleted and made anew since `from` was reached.
std::string LostWithTopic(const std::string& topic, const TopicIds& before, const TopicIds& now,
                          const Offsets& from);

/// AvailableNow: fails when the partitions or ends of the run's frozen position can no longer be
/// reached, whatever failOnDataLoss says. Source: Spark's verifyEndOffsetForTriggerAvailableNow.
Status CheckFrozen(const Offsets& frozen, const Offsets& latest);
/// The same for the topics' ids.
Status CheckFrozenTopics(const TopicIds& frozen, const TopicIds& now,
                         const std::set<std::string>& topics);

}  // namespace flare::connector::kafka
