#include "connector/kafka/offsets.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

namespace flare::connector::kafka {
namespace {

using Json = nlohmann::json;

constexpr int kInitialFileVersion = 1;

Result<int32_t> ParsePartitionId(const std::string& text, const std::string& topic) {
  int32_t id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 0) {
    return InvalidArgument("topic `{}`: `{}` is not a partition number", topic, text);
  }
  return id;
}

Result<Json> ParseObject(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return InvalidArgument("is not JSON: {}", text.substr(0, 200));
  if (!json.is_object())
    return InvalidArgument("is not a JSON object of topics: {}", text.substr(0, 200));
  return json;
}

/// The order in which Spark 4 writes keys: that of Scala 2.13's mutable.HashMap they were put into one by one, by
/// bucket and within a bucket by hash. Spark compares offsets as text, so another order would be new data to it.
class SparksOrder {
 public:
  using Place = std::pair<uint32_t, int32_t>;

  /// The table grows before a put that might fill it too much, though the key may be there already.
  void Put(bool is_new) {
    if (size_ + 1 >= buckets_ / 4 * 3) buckets_ *= 2;
    if (is_new) ++size_;
  }
  Place PlaceOf(uint32_t java_hash) const {
    uint32_t mixed = java_hash ^ (java_hash >> 16);
    return {mixed & (buckets_ - 1), static_cast<int32_t>(mixed)};
  }

 private:
  uint32_t buckets_ = 16, size_ = 0;
};

/// String.hashCode of a topic's name, which is ASCII.
uint32_t JavaHash(std::string_view name) {
  uint32_t hash = 0;
  for (char c : name) hash = 31 * hash + static_cast<uint8_t>(c);
  return hash;
}

/// The partitions of one topic, in Spark's order.
using Positions = std::vector<std::pair<int32_t, int64_t>>;

std::string FormatPartitions(Positions partitions) {
  SparksOrder order;
  for (size_t i = 0; i < partitions.size(); ++i) order.Put(true);
  std::stable_sort(partitions.begin(), partitions.end(), [&](const auto& a, const auto& b) {
    return order.PlaceOf(static_cast<uint32_t>(a.first)) < order.PlaceOf(static_cast<uint32_t>(b.first));
  });
  std::string text;
  for (const auto& [id, offset] : partitions) {
    fmt::format_to(std::back_inserter(text), "{}\"{}\":{}", text.empty() ? "" : ",", id, offset);
  }
  return text;
}

}  // namespace

std::string ToText(const TopicPartition& partition) {
  return fmt::format("{}-{}", partition.topic, partition.partition);
}

Partitions KeysOf(const Offsets& offsets) {
  Partitions keys;
  for (const auto& [partition, offset] : offsets) keys.insert(keys.end(), partition);
  return keys;
}

std::string FormatOffsets(const Offsets& offsets) {
  SparksOrder order;
  std::vector<std::pair<std::string, Positions>> topics;
  for (const auto& [partition, offset] : offsets) {
    bool is_new = topics.empty() || topics.back().first != partition.topic;
    order.Put(is_new);
    if (is_new) topics.emplace_back(partition.topic, Positions());
    topics.back().second.emplace_back(partition.partition, offset);
  }
  std::stable_sort(topics.begin(), topics.end(), [&](const auto& a, const auto& b) {
    return order.PlaceOf(JavaHash(a.first)) < order.PlaceOf(JavaHash(b.first));
  });
  std::string text;
  for (auto& [topic, partitions] : topics) {
    fmt::format_to(std::back_inserter(text), "{}{}:{{{}}}", text.empty() ? "" : ",",
                   Json(topic).dump(-1, ' ', false, Json::error_handler_t::replace),
                   FormatPartitions(std::move(partitions)));
  }
  return "{" + text + "}";
}

Result<Offsets> ParseOffsets(std::string_view text) {
  ASSIGN_OR_RETURN(Json json, ParseObject(text));
  Offsets offsets;
  for (const auto& [topic, partitions] : json.items()) {
    if (!partitions.is_object()) {
      return InvalidArgument(
          "topic `{}`: expected partition numbers with offsets, as in {{\"{}\":{{\"0\":23}}}}",
          topic, topic);
    }
    for (const auto& [id, offset] : partitions.items()) {
      ASSIGN_OR_RETURN(int32_t partition, ParsePartitionId(id, topic));
      if (!offset.is_number_integer()) {
        return InvalidArgument("topic `{}`, partition {}: `{}` is not an offset", topic, partition,
                               offset.dump());
      }
      offsets[{topic, partition}] = offset.get<int64_t>();
    }
  }
  return offsets;
}

Result<Partitions> ParseAssignment(std::string_view text) {
  ASSIGN_OR_RETURN(Json json, ParseObject(text));
  Partitions partitions;
  for (const auto& [topic, ids] : json.items()) {
    if (!ids.is_array())
      return InvalidArgument("topic `{}`: expected a list of partition numbers", topic);
    for (const auto& id : ids) {
      if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() > INT32_MAX) {
        return InvalidArgument("topic `{}`: `{}` is not a partition number", topic, id.dump());
      }
      partitions.insert({topic, id.get<int32_t>()});
    }
  }
  if (partitions.empty()) return InvalidArgument("names no partition");
  return partitions;
}

std::string FormatInitialFile(std::string_view offsets) {
  std::string bytes(1, '\0');
  bytes += fmt::format("v{}\n", kInitialFileVersion);
  bytes += offsets;
  return bytes;
}

Result<std::string> ParseInitialFile(std::string_view bytes) {
  if (bytes.empty()) return Corruption("the initial offsets are empty");
  std::string_view content =
      bytes.substr(1);  // zero, or in files of Spark 2.1.0 a length; it says nothing
  if (content.starts_with('v')) {
    size_t line_end = content.find('\n');
    std::string_view number =
        content.substr(1, line_end == std::string_view::npos ? line_end : line_end - 1);
    int version = 0;
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
    if (line_end == std::string_view::npos || error != std::errc() ||
        end != number.data() + number.size() || version < 1) {
      return Corruption("the initial offsets have a malformed version line");
    }
    if (version > kInitialFileVersion) {
      return Unsupported(
          "the initial offsets have log version v{}; the maximum supported log version is v{}: "
          "they were written by a newer program",
          version, kInitialFileVersion);
    }
    content.remove_prefix(line_end + 1);
  }
  auto offsets = ParseOffsets(content);
  if (!offsets) return Corruption("the initial offsets: {}", offsets.error().message());
  return FormatOffsets(*offsets);
}

}  // namespace flare::connector::kafka
