#include "verify/batches.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace flare::verify {

std::optional<KafkaOffsets> ParseKafkaOffsets(std::string_view text) {
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  KafkaOffsets offsets;
  for (const auto& [topic, partitions] : json.items()) {
    if (!partitions.is_object()) return std::nullopt;
    for (const auto& [number, offset] : partitions.items()) {
      int64_t id = 0;
      auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), id);
      if (error != std::errc() || end != number.data() + number.size() || !offset.is_number_integer()) return std::nullopt;
      offsets[{topic, id}] = offset.get<int64_t>();
    }
  }
  return offsets;
}

std::string NameOf(const Partition& partition) { return partition.first + "-" + std::to_string(partition.second); }

const BatchRange* Logs::Find(int64_t id) const {
  auto at = std::lower_bound(batches.begin(), batches.end(), id, [](const BatchRange& b, int64_t n) { return b.id < n; });
  return at != batches.end() && at->id == id ? &*at : nullptr;
}

const BatchRange* Logs::last_committed() const {
  for (auto at = batches.rbegin(); at != batches.rend(); ++at) {
    if (at->committed) return &*at;
  }
  return nullptr;
}

}  // namespace flare::verify
