#pragma once
#include <cstdint>

#include "base/clock.h"
#include "connector/kafka/offsets.h"

namespace flare::connector::kafka {

/// Cuts `latest` so that about `limit` records lie between `from` and it: each partition's share is
/// proportional to what it has, at least one record, rounded down otherwise. `from` names every
/// partition that counts; others keep their latest. Never overflows.
/// Source: Spark's KafkaMicroBatchStream.rateLimit.
Offsets LimitRate(int64_t limit, const Offsets& from, const Offsets& latest);

/// minOffsetsPerTrigger: whether a batch should wait for more. Threads: one caller at a time.
class BatchGate {
 public:
  /// True when there is enough, or `max_delay` passed since the last time it was true; the first
  /// question after a start is always answered by true. A partition unknown to `from` counts from
  /// 0.
  bool Open(int64_t min_records, Millis max_delay, const Offsets& from, const Offsets& latest,
            WallTime now);

 private:
  WallTime last_open_{};
};

/// How many records lie between the two, over all partitions of `latest`; never negative.
int64_t CountBetween(const Offsets& from, const Offsets& latest);

}  // namespace flare::connector::kafka
