#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::connector::kafka {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// "orders-3", as Kafka's own tools print a partition.
std::string ToText(const TopicPartition& partition);

/// The next offset to read of each partition: topics in byte order, partitions ascending.
using Offsets = std::map<TopicPartition, int64_t>;
using Partitions = std::set<TopicPartition>;

/// The words of Spark's JSON for "the end" and "the beginning" of a partition.
inline constexpr int64_t kLatest = -1;
inline constexpr int64_t kEarliest = -2;

Partitions KeysOf(const Offsets& offsets);

/// Spark 4's text: `{"orders":{"0":23,"1":345}}`, no spaces, keys in the order of Spark's hash table: partitions
/// without holes ascend, topics do not.
std::string FormatOffsets(const Offsets& offsets);
/// Reads that text, whatever its order and spaces. Errors: InvalidArgument, saying what is wrong
/// where.
Result<Offsets> ParseOffsets(std::string_view text);
/// Reads Spark's `assign` text: `{"orders":[0,1]}`.
Result<Partitions> ParseAssignment(std::string_view text);

/// The bytes of Spark's `sources/<i>/0`: a zero byte, `v1`, a line feed, the text.
std::string FormatInitialFile(std::string_view offsets);
/// Reads them, and the form without a version that Spark 2.1 wrote. Errors: Unsupported for a newer
/// version, Corruption for anything else.
Result<std::string> ParseInitialFile(std::string_view bytes);

}  // namespace flare::connector::kafka
