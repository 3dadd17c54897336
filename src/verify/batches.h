#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace flare::verify {

/// Topic and partition.
using Partition = std::pair<std::string, int64_t>;
/// The next offset of each partition.
using KafkaOffsets = std::map<Partition, int64_t>;

/// `{"topic":{"0":5}}`; nullopt when the text is something else.
std::optional<KafkaOffsets> ParseKafkaOffsets(std::string_view text);
/// "orders-3".
std::string NameOf(const Partition& partition);

/// One logged batch and what it covers.
struct BatchRange {
  int64_t id = 0;
  bool committed = false;
  bool by_flare = false;  ///< logged by us: its commit carries offsets
  int64_t timestamp_ms = 0, watermark_ms = 0;
  std::vector<std::optional<std::string>> start, end;  ///< one a source, as logged; start unknown when empty
  bool start_known = false;
};

/// What the logs say, as far as it could be read.
struct Logs {
  std::string directory, query_id;
  std::vector<BatchRange> batches;                    ///< ascending, those whose offsets/N could be read
  std::vector<std::optional<KafkaOffsets>> initial;   ///< one a source: sources/I/0
  std::vector<std::string> outputs;                   ///< where the newest batch of ours says it writes

  const BatchRange* Find(int64_t id) const;
  const BatchRange* last_committed() const;
};

}  // namespace flare::verify
