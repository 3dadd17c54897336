#include "observe/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "observe/units.h"

namespace flare::observe {
namespace {

using Json = nlohmann::ordered_json;

std::string Quote(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A double as the JVM prints it: 20.0, 1477.8, 1.6E7.
std::string JvmDouble(double value) {
  double magnitude = std::fabs(value);
  std::array<char, 64> buffer;
  if (value == 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    auto end = std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::fixed).ptr;
    std::string text(buffer.begin(), end);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  auto end = std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific).ptr;
  std::string text(buffer.begin(), end);
  size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return fmt::format("{}E{}", mantissa, std::stoi(text.substr(e + 1)));
}

/// Joins `"key":value` members into one object.
class ObjectText {
 public:
  void Add(std::string_view key, const std::string& value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", key, value);
  }
  /// Not a number and infinity are left out, as Spark does.
  void AddRate(std::string_view key, double value) {
    if (std::isfinite(value)) Add(key, JvmDouble(value));
  }
  std::string Done() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

/// Offsets are embedded as the JSON they are; text that is none stays text.
std::string Embedded(const std::optional<std::string>& offset) {
  if (!offset) return "null";
  Json parsed = Json::parse(*offset, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return Quote(*offset);
  return parsed.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <class Map, class Format>
std::string MapText(const Map& map, Format format) {
  std::string text;
  for (const auto& [key, value] : map) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", Quote(key), format(value));
  }
  return "{" + text + "}";
}

std::string SourceText(const SourceProgress& source, const BatchProgress& batch) {
  // The struct holds the rates of the whole batch: a source has its share of them.
  int64_t all = batch.input_rows();
  double share = all == 0 ? 0.0 : static_cast<double>(source.input_rows) / static_cast<double>(all);
  bool alone = batch.sources.size() == 1;
  ObjectText object;
  object.Add("description", Quote(source.description));
  object.Add("startOffset", Embedded(source.start_offset));
  object.Add("endOffset", Embedded(source.end_offset));
  object.Add("latestOffset", Embedded(source.latest_offset));
  object.Add("numInputRows", fmt::format("{}", source.input_rows));
  object.AddRate("inputRowsPerSecond", batch.input_rows_per_second * (alone ? 1.0 : share));
  object.AddRate("processedRowsPerSecond", batch.processed_rows_per_second * (alone ? 1.0 : share));
  if (!source.metrics.empty()) object.Add("metrics", MapText(source.metrics, Quote));
  return object.Done();
}

}  // namespace

int64_t BatchProgress::input_rows() const {
  int64_t rows = 0;
  for (const auto& source : sources) rows += source.input_rows;
  return rows;
}

std::string BatchProgress::ToJson() const {
  auto number = [](int64_t value) { return fmt::format("{}", value); };
  ObjectText object;
  object.Add("id", Quote(query_id));
  object.Add("runId", Quote(run_id));
  object.Add("name", name.empty() ? "null" : Quote(name));
  object.Add("timestamp", Quote(FormatTimestamp(trigger_start)));
  object.Add("batchId", number(batch_id));
  object.Add("batchDuration", number(batch_duration.count()));
  object.Add("numInputRows", number(input_rows()));
  object.AddRate("inputRowsPerSecond", input_rows_per_second);
  object.AddRate("processedRowsPerSecond", processed_rows_per_second);
  if (!duration_ms.empty()) object.Add("durationMs", MapText(duration_ms, number));
  object.Add("stateOperators", "[]");
  std::string source_texts;
  for (const auto& source : sources) {
    source_texts += (source_texts.empty() ? "" : ",") + SourceText(source, *this);
  }
  object.Add("sources", "[" + source_texts + "]");
  ObjectText sink;
  sink.Add("description", Quote(sink_description));
  sink.Add("numOutputRows", number(output_rows));
  object.Add("sink", sink.Done());
  return object.Done();
}

}  // namespace flare::observe
