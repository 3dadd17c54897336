#include "connector/kafka/options.h"

#include <algorithm>
#include <charconv>

#include "connector/kafka/topic_pattern.h"

namespace flare::connector::kafka {
namespace {

const std::vector<std::string>& KnownOptions() {
  static const std::vector<std::string> names = {"subscribe",
                                                 "subscribePattern",
                                                 "assign",
                                                 "startingOffsets",
                                                 "startingTimestamp",
                                                 "startingOffsetsByTimestamp",
                                                 "startingOffsetsByTimestampStrategy",
                                                 "endingOffsets",
                                                 "endingTimestamp",
                                                 "endingOffsetsByTimestamp",
                                                 "failOnDataLoss",
                                                 "maxOffsetsPerTrigger",
                                                 "minOffsetsPerTrigger",
                                                 "maxTriggerDelay",
                                                 "minPartitions",
                                                 "maxRecordsPerPartition",
                                                 "kafkaConsumer.pollTimeoutMs",
                                                 "fetchOffset.numRetries",
                                                 "fetchOffset.retryIntervalMs",
                                                 "groupIdPrefix",
                                                 "includeHeaders",
                                                 "checkpointLocation"};
  return names;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string Trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::optional<int64_t> ToInteger(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Java's duration text as Spark reads it: "15m", "500ms"; a bare number is milliseconds.
std::optional<Millis> ToDuration(std::string_view text) {
  size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto number = ToInteger(text.substr(0, digits));
  if (!number) return std::nullopt;
  std::string unit = Lower(Trimmed(text.substr(digits)));
  static const std::map<std::string, int64_t> kUnits = {
      {"", 1},         {"ms", 1},        {"s", 1000},       {"sec", 1000},     {"m", 60'000},
      {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"seconds", 1000}, {"minutes", 60'000}};
  auto factor = kUnits.find(unit);
  if (factor == kUnits.end() || *number > INT64_MAX / factor->second) return std::nullopt;
  return Millis(*number * factor->second);
}

/// Reads options of one input, reporting as it goes.
class OptionReader {
 public:
  OptionReader(const manifest::Input& input, const manifest::Address& address,
               Diagnostics* diagnostics)
      : input_(input), address_(address), diagnostics_(diagnostics) {}

  SourceOptions Read() {
    result_.streaming = input_.is_stream;
    ReportUnknown();
    ReadSubscription();
    ReadStart();
    ReadEnd();
    ReadRest();
    return result_;
  }

 private:
  const manifest::Text* Find(std::string_view name) const {
    return FindOption(input_.options, name);
  }

  void Report(Severity severity, const SourcePosition& where, std::string code, std::string message,
              std::string found = "", std::string expected = "", std::string hint = "") {
    diagnostics_->push_back({severity, where, std::move(code), std::move(message), std::move(found),
                             std::move(expected), std::move(hint)});
  }
  void Wrong(std::string_view name, const manifest::Text& text, std::string expected) {
    Report(Severity::kError, text.where, "bad-option",
           fmt::format("option `{}` has a value that is not valid", name), text.value,
           std::move(expected));
  }

  void ReportUnknown() {
    for (const auto& [name, text] : input_.options) {
      std::string lower = Lower(name);
      if (lower.starts_with("kafka.") || IsInlineTopic(lower, text)) continue;
      const auto& known = KnownOptions();
      if (std::any_of(known.begin(), known.end(),
                      [&](const std::string& each) { return Lower(each) == lower; })) {
        continue;
      }
      std::string near = NearestName(name, known);
      Report(Severity::kWarning, text.where, "unknown-option",
             fmt::format("option `{}` is not one of a Kafka input and has no effect", name), "", "",
             near.empty() ? "options of the Kafka client itself start with `kafka.`"
                          : fmt::format("did you mean `{}`?", near));
    }
  }

  /// An inline source's block (`kafka: {brokers: ..., topic: ...}`) arrives among the options too.
  bool IsInlineTopic(std::string_view lower, const manifest::Text& text) const {
    return lower == "topic" && address_.depot == nullptr &&
           Trimmed(text.value) == Trimmed(address_.dataset) && !SubscribesByOption();
  }
  bool SubscribesByOption() const {
    return Find("subscribe") != nullptr || Find("subscribePattern") != nullptr ||
           Find("assign") != nullptr;
  }

  void ReadSubscription() {
    const manifest::Text* given[] = {Find("subscribe"), Find("subscribePattern"), Find("assign")};
    auto count = std::count_if(std::begin(given), std::end(given),
                               [](auto* each) { return each != nullptr; });
    if (count > 1) {
      const manifest::Text* second = given[2] != nullptr ? given[2] : given[1];
      Report(Severity::kError, second->where, "bad-option",
             "only one of the options `subscribe`, `subscribePattern`, `assign` may be given");
      return;
    }
    Subscription& subscription = result_.subscription;
    if (given[0] != nullptr) {
      ReadTopics("subscribe", *given[0]);
    } else if (given[1] != nullptr) {
      subscription.kind = Subscription::kPattern;
      subscription.pattern = Trimmed(given[1]->value);
      if (subscription.pattern.empty())
        return Wrong("subscribePattern", *given[1], "a Java regular expression");
      auto pattern = TopicPattern::Compile(subscription.pattern);
      if (!pattern) Wrong("subscribePattern", *given[1], pattern.error().message());
    } else if (given[2] != nullptr) {
      subscription.kind = Subscription::kPartitions;
      auto partitions = ParseAssignment(given[2]->value);
      if (!partitions) return Wrong("assign", *given[2], "partitions as in {\"orders\":[0,1]}");
      subscription.partitions = std::move(*partitions);
    } else if (!address_.dataset.empty()) {
      ReadTopics("dataset", {address_.dataset, input_.dataset.where});
    } else {
      Report(Severity::kError, input_.dataset.where, "no-topic",
             "the dataset's address names no topic", input_.dataset.value,
             "dataos://<depot>:<collection>/<topic>",
             "one of the options `subscribe`, `subscribePattern`, `assign` would do too");
    }
  }

  void ReadTopics(std::string_view name, const manifest::Text& text) {
    std::string_view rest = text.value;
    while (!rest.empty()) {
      size_t comma = std::min(rest.find(','), rest.size());
      std::string topic = Trimmed(rest.substr(0, comma));
      auto& topics = result_.subscription.topics;
      if (!topic.empty() && std::find(topics.begin(), topics.end(), topic) == topics.end())
        topics.push_back(topic);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (result_.subscription.topics.empty()) Wrong(name, text, "topics, separated by commas");
  }

  /// earliest, latest, or offsets as JSON.
  void ReadOffsetSpec(std::string_view name, const manifest::Text& text, PositionSpec* spec) {
    std::string word = Lower(Trimmed(text.value));
    if (word == "earliest") {
      spec->kind = PositionSpec::kEarliestOffset;
    } else if (word == "latest") {
      spec->kind = PositionSpec::kLatestOffset;
    } else if (auto offsets = ParseOffsets(text.value); offsets && OnlyOffsets(*offsets)) {
      spec->kind = PositionSpec::kOffsets;
      spec->offsets = std::move(*offsets);
    } else {
      Wrong(name, text,
            "`earliest`, `latest`, or offsets as in {\"orders\":{\"0\":23,\"1\":-2}} (-2 earliest, "
            "-1 latest)");
    }
    spec->option = name;
  }
  static bool OnlyOffsets(const Offsets& offsets) {
    return std::all_of(offsets.begin(), offsets.end(),
                       [](const auto& each) { return each.second >= kEarliest; });
  }

  void ReadTimestamp(std::string_view name, const manifest::Text& text, PositionSpec* spec) {
    auto value = ToInteger(Trimmed(text.value));
    if (!value || *value < 0)
      return Wrong(name, text, "milliseconds since 1970, as in 1700000000000");
    spec->kind = PositionSpec::kTimestamp;
    spec->timestamp_ms = *value;
    spec->option = name;
  }

  void ReadTimestamps(std::string_view name, const manifest::Text& text, PositionSpec* spec) {
    auto offsets = ParseOffsets(text.value);
    if (!offsets || std::any_of(offsets->begin(), offsets->end(),
                                [](const auto& each) { return each.second < 0; })) {
      return Wrong(name, text,
                   "milliseconds for each partition, as in {\"orders\":{\"0\":1700000000000}}");
    }
    spec->kind = PositionSpec::kTimestamps;
    spec->offsets = std::move(*offsets);
    spec->option = name;
  }

  void ReadStart() {
    PositionSpec& spec = result_.starting;
    spec.kind = result_.streaming ? PositionSpec::kLatestOffset : PositionSpec::kEarliestOffset;
    if (auto* offsets = Find("startingOffsets")) ReadOffsetSpec("startingOffsets", *offsets, &spec);
    if (auto* timestamps = Find("startingOffsetsByTimestamp")) {
      ReadTimestamps("startingOffsetsByTimestamp", *timestamps, &spec);
    }
    if (auto* timestamp = Find("startingTimestamp"))
      ReadTimestamp("startingTimestamp", *timestamp, &spec);
    if (auto* offsets = Find("startingOffsets");
        offsets != nullptr && !result_.streaming && spec.option == "startingOffsets" &&
        (spec.kind == PositionSpec::kLatestOffset || Has(spec, kLatest))) {
      Wrong("startingOffsets", *offsets,
            "`earliest` or offsets: a bounded read cannot start at the end");
    }
    if (auto* strategy = Find("startingOffsetsByTimestampStrategy")) {
      std::string word = Lower(Trimmed(strategy->value));
      if (word != "error" && word != "latest") {
        Wrong("startingOffsetsByTimestampStrategy", *strategy, "`error` or `latest`");
      }
      result_.latest_when_no_timestamp = word == "latest";
    }
  }
  static bool Has(const PositionSpec& spec, int64_t word) {
    return spec.kind == PositionSpec::kOffsets &&
           std::any_of(spec.offsets.begin(), spec.offsets.end(),
                       [&](const auto& each) { return each.second == word; });
  }

  void ReadEnd() {
    PositionSpec& spec = result_.ending;
    for (const char* name : {"endingOffsets", "endingOffsetsByTimestamp", "endingTimestamp"}) {
      const manifest::Text* text = Find(name);
      if (text == nullptr) continue;
      if (result_.streaming) {
        Report(Severity::kError, text->where, "bad-option",
               fmt::format("option `{}` is not valid for a stream: it reads without end", name), "",
               "", "remove it, or read once with `isStream: false`");
        continue;
      }
      std::string_view view = name;
      if (view == "endingOffsets") ReadOffsetSpec(view, *text, &spec);
      if (view == "endingOffsetsByTimestamp") ReadTimestamps(view, *text, &spec);
      if (view == "endingTimestamp") ReadTimestamp(view, *text, &spec);
      if (view == "endingOffsets" &&
          (spec.kind == PositionSpec::kEarliestOffset || Has(spec, kEarliest))) {
        Wrong(view, *text, "`latest` or offsets: a read cannot end at the beginning");
      }
    }
  }

  std::optional<int64_t> ReadCount(std::string_view name, int64_t least) {
    const manifest::Text* text = Find(name);
    if (text == nullptr) return std::nullopt;
    auto value = ToInteger(Trimmed(text->value));
    if (!value || *value < least) {
      Wrong(name, *text, fmt::format("a whole number, {} or more", least));
      return std::nullopt;
    }
    return value;
  }
  Millis ReadDuration(std::string_view name, Millis otherwise) {
    const manifest::Text* text = Find(name);
    if (text == nullptr) return otherwise;
    auto value = ToDuration(Trimmed(text->value));
    if (!value) Wrong(name, *text, "a duration such as 15m, 30s or 500ms");
    return value.value_or(otherwise);
  }
  bool ReadFlag(std::string_view name, bool otherwise) {
    const manifest::Text* text = Find(name);
    if (text == nullptr) return otherwise;
    std::string word = Lower(Trimmed(text->value));
    if (word != "true" && word != "false") Wrong(name, *text, "`true` or `false`");
    return word == "true";
  }

  void ReadRest() {
    result_.fail_on_data_loss = ReadFlag("failOnDataLoss", true);
    result_.include_headers = ReadFlag("includeHeaders", false);
    std::ignore =
        ReadCount("minPartitions", 1);  // accepted: one scan reads all partitions in parallel
    std::ignore = ReadCount("maxRecordsPerPartition", 1);  // accepted, for the same reason
    result_.poll_timeout = ReadDuration("kafkaConsumer.pollTimeoutMs", result_.poll_timeout);
    result_.retries = ReadCount("fetchOffset.numRetries", 0).value_or(result_.retries);
    result_.retry_interval = ReadDuration("fetchOffset.retryIntervalMs", result_.retry_interval);
  }

  const manifest::Input& input_;
  const manifest::Address& address_;
  Diagnostics* diagnostics_;
  SourceOptions result_;
};

}  // namespace

std::string Subscription::ToText() const {
  std::string list;
  auto add = [&](const std::string& each) { list += (list.empty() ? "" : ", ") + each; };
  switch (kind) {
    case kTopics:
      for (const auto& topic : topics) add(topic);
      return fmt::format("Subscribe[{}]", list);
    case kPattern:
      return fmt::format("SubscribePattern[{}]", pattern);
    case kPartitions:
      for (const auto& partition : partitions) add(kafka::ToText(partition));
      return fmt::format("Assign[{}]", list);
  }
  return "";
}

const manifest::Text* FindOption(const manifest::Options& options, std::string_view name) {
  std::string lower = Lower(name);
  for (const auto& [key, text] : options) {
    if (key.size() == name.size() && Lower(key) == lower) return &text;
  }
  return nullptr;
}

SourceOptions ReadSourceOptions(const manifest::Input& input, const manifest::Address& address,
                                Diagnostics* diagnostics) {
  return OptionReader(input, address, diagnostics).Read();
}

}  // namespace flare::connector::kafka
