#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "connector/kafka/offsets.h"
#include "manifest/job.h"
#include "manifest/resources.h"

namespace flare::connector::kafka {

/// Which partitions a source reads.
struct Subscription {
  enum Kind { kTopics, kPattern, kPartitions } kind = kTopics;
  std::vector<std::string> topics;  ///< kTopics, as written and in that order
  std::string pattern;              ///< kPattern: a Java regular expression for whole topic names
  Partitions partitions;            ///< kPartitions
  /// Spark's words: "Subscribe[a, b]", "SubscribePattern[a.*]", "Assign[a-0, a-1]".
  std::string ToText() const;
};

/// A position that is asked for, not yet known: where a fresh checkpoint starts, where a bounded
/// read ends.
struct PositionSpec {
  enum Kind {
    kEarliestOffset,
    kLatestOffset,
    kOffsets,
    kTimestamp,
    kTimestamps
  } kind = kLatestOffset;
  Offsets offsets;           ///< kOffsets (kLatest and kEarliest allowed), kTimestamps (ms)
  int64_t timestamp_ms = 0;  ///< kTimestamp
  std::string option;        ///< the option that said so, for messages; "" = the default
};

/// A Kafka input's options, checked.
struct SourceOptions {
  Subscription subscription;
  PositionSpec starting;
  PositionSpec ending;
  bool streaming = true;
  bool latest_when_no_timestamp = false;  ///< startingOffsetsByTimestampStrategy=latest
  bool fail_on_data_loss = true;
  bool include_headers = false;
  int64_t retries = 3;          ///< fetchOffset.numRetries
  Millis retry_interval{1000};  ///< fetchOffset.retryIntervalMs
  Millis poll_timeout{120000};  ///< kafkaConsumer.pollTimeoutMs
};

/// Reads the options of an input with their positions. Reports every mistake; the result is only
/// good when no error was added. Connects to nothing. `kafka.*` options are checked by
/// ReadClientConfig, read limits (maxOffsetsPerTrigger and its like) by whoever makes the
/// ReadLimit.
SourceOptions ReadSourceOptions(const manifest::Input& input, const manifest::Address& address,
                                Diagnostics* diagnostics);

/// The option of that name in any case; null when it is not given.
const manifest::Text* FindOption(const manifest::Options& options, std::string_view name);

}  // namespace flare::connector::kafka
