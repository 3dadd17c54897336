#include "checkpoint/log_format.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace flare::checkpoint {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kMaxOffsetsVersion = 2;
constexpr int kMaxCommitVersion = 1;

/// Splits as Spark's readers do: LF or CRLF ends a line, and one at the very end adds no line.
std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

Error Malformed(const std::string& path, std::string_view what) {
  return Corruption("{} is not a log file that Spark or flare wrote: {}; restore it from a backup, or begin "
                    "with a new checkpointLocation",
                    path, what);
}

Result<int> ParseVersion(std::string_view line, int highest, const std::string& path) {
  int version = 0;
  const char* end = line.data() + line.size();
  bool shaped = line.size() > 1 && line.front() == 'v';
  if (shaped) {
    auto [stop, error] = std::from_chars(line.data() + 1, end, version);
    shaped = error == std::errc{} && stop == end && version > 0;
  }
  if (!shaped) return Malformed(path, fmt::format("its first line is '{}', not a version such as v1", line));
  if (version > highest) {
    return Unsupported(
        "{}: the maximum supported log version is v{}, but encountered v{}: the file was produced by a newer "
        "version of Spark or flare, or by a stateful Spark query; go on with the program that wrote it, or begin "
        "with a new checkpointLocation",
        path, highest, version);
  }
  return version;
}

/// The one place where nlohmann's exceptions end.
Result<Json> ParseObject(std::string_view line, const std::string& path) {
  Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return Malformed(path, fmt::format("'{}' is not a JSON object", line.substr(0, 80)));
  }
  return json;
}

Result<int64_t> IntegerField(const Json& json, const char* name, const std::string& path) {
  auto found = json.find(name);
  if (found == json.end() || found->is_null()) return int64_t{0};
  bool too_big = found->is_number_unsigned() && found->get<uint64_t>() > uint64_t{INT64_MAX};
  if (!found->is_number_integer() || too_big) {
    return Malformed(path, fmt::format("{} is {}, not a whole number of milliseconds", name, found->dump()));
  }
  return found->get<int64_t>();
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Status ParseOffsetsMetadata(std::string_view line, OffsetEntry& entry, const std::string& path) {
  // Spark's continuous mode may leave the line empty: no watermark and no settings were recorded.
  if (line.empty() && entry.version == 1) return Ok();
  ASSIGN_OR_RETURN(Json json, ParseObject(line, path));
  ASSIGN_OR_RETURN(entry.watermark_ms, IntegerField(json, "batchWatermarkMs", path));
  ASSIGN_OR_RETURN(entry.timestamp_ms, IntegerField(json, "batchTimestampMs", path));
  if (auto conf = json.find("conf"); conf != json.end() && !conf->is_null()) {
    if (!conf->is_object()) return Malformed(path, "conf is not a JSON object");
    for (const auto& [key, value] : conf->items()) {
      entry.conf[key] = value.is_string() ? value.get<std::string>() : Dump(value);
    }
  }
  if (entry.version < 2) return Ok();
  for (const char* known : {"batchWatermarkMs", "batchTimestampMs", "conf"}) json.erase(known);
  if (!json.empty()) entry.extra_metadata = Dump(json);
  return Ok();
}

}  // namespace

std::string FormatOffsets(const OffsetEntry& entry) {
  Json metadata = Json::object();
  metadata["batchWatermarkMs"] = entry.watermark_ms;
  metadata["batchTimestampMs"] = entry.timestamp_ms;
  metadata["conf"] = Json::object();
  for (const auto& [key, value] : entry.conf) metadata["conf"][key] = value;
  if (entry.version >= 2) {
    Json extra = Json::parse(entry.extra_metadata, nullptr, false);
    if (extra.is_object()) metadata.update(extra);
    if (!metadata.contains("sourceMetadataInfo")) metadata["sourceMetadataInfo"] = Json::object();
  }
  std::string text = fmt::format("v{}\n{}", entry.version, Dump(metadata));
  for (size_t i = 0; i < entry.offsets.size(); ++i) {
    text += '\n';
    if (entry.version >= 2) {
      text += i < entry.source_ids.size() ? entry.source_ids[i] : std::to_string(i);
      text += ':';
    }
    text += entry.offsets[i].value_or("-");
  }
  return text;
}

Result<OffsetEntry> ParseOffsets(std::string_view text, const std::string& path) {
  auto lines = Lines(text);
  if (lines.empty()) return Malformed(path, "it is empty (Incomplete log file)");
  OffsetEntry entry;
  ASSIGN_OR_RETURN(entry.version, ParseVersion(lines[0], kMaxOffsetsVersion, path));
  if (lines.size() < 2) return Malformed(path, "it ends after its first line (Incomplete log file)");
  RETURN_IF_ERROR(ParseOffsetsMetadata(lines[1], entry, path));
  for (size_t i = 2; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (entry.version >= 2) {
      size_t colon = line.find(':');
      if (colon == std::string_view::npos) {
        return Malformed(path, fmt::format("line {} has no source id before a colon", i + 1));
      }
      entry.source_ids.emplace_back(line.substr(0, colon));
      line.remove_prefix(colon + 1);
    }
    if (line.empty()) return Malformed(path, fmt::format("line {} is blank where an offset belongs", i + 1));
    if (line != "-" && !Json::accept(line)) {
      return Malformed(path, fmt::format("line {} is neither an offset in JSON nor `-`", i + 1));
    }
    entry.offsets.push_back(line == "-" ? std::nullopt : std::optional<std::string>(line));
  }
  return entry;
}

std::string FormatCommit(const CommitEntry& entry) {
  return fmt::format("v1\n{{\"nextBatchWatermarkMs\":{}}}", entry.next_watermark_ms);
}

Result<CommitEntry> ParseCommit(std::string_view text, const std::string& path) {
  auto lines = Lines(text);
  if (lines.empty()) return Malformed(path, "it is empty (Incomplete log file in the offset commit log)");
  RETURN_IF_ERROR(ParseVersion(lines[0], kMaxCommitVersion, path));
  CommitEntry entry;
  // Spark 2.3 wrote no second line, or {}: the watermark is then the one of the offset log.
  if (lines.size() < 2 || lines[1].empty()) return entry;
  ASSIGN_OR_RETURN(Json json, ParseObject(lines[1], path));
  ASSIGN_OR_RETURN(entry.next_watermark_ms, IntegerField(json, "nextBatchWatermarkMs", path));
  return entry;
}

std::string FormatMetadata(const std::string& query_id) { return Dump(Json{{"id", query_id}}); }

Result<std::string> ParseMetadata(std::string_view text, const std::string& path) {
  Json json = Json::parse(text, nullptr, false);
  auto id = json.is_object() ? json.find("id") : json.end();
  if (!json.is_object() || id == json.end() || !id->is_string() || id->get<std::string>().empty()) {
    return Corruption("{} does not hold a query id such as {{\"id\":\"6f1f0c1e-...\"}}; restore it from a backup: "
                      "the id is what keeps batches from being written twice",
                      path);
  }
  return id->get<std::string>();
}

std::map<std::string, std::string> FreshConf() {
  return {
      {"spark.sql.streaming.stateStore.providerClass",
       "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider"},
      {"spark.sql.streaming.multipleWatermarkPolicy", "min"},
      {"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion", "2"},
      {"spark.sql.streaming.aggregation.stateFormatVersion", "2"},
      {"spark.sql.streaming.join.stateFormatVersion", "2"},
      {"spark.sql.streaming.stateStore.compression.codec", "lz4"},
      {"spark.sql.streaming.stateStore.rocksdb.formatVersion", "5"},
      {"spark.sql.streaming.statefulOperator.useStrictDistribution", "true"},
      {"spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan", "false"},
      {"spark.sql.streaming.stateStore.encodingFormat", "unsaferow"},
      {"spark.sql.shuffle.partitions", "200"},
  };
}

}  // namespace flare::checkpoint
