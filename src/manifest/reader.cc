#include "manifest/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "manifest/values.h"

namespace flare::manifest {
namespace {

const Node kEmptyMap = [] {
  Node node;
  node.kind = Node::Kind::kMap;
  return node;
}();

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

/// Where keys belong that are often written at another level.
std::string UsualPlace(std::string_view key) {
  static const std::map<std::string, std::string, std::less<>> kPlaces = {
      {"triggerMode", "stackSpec.job.streaming"},
      {"triggerDuration", "stackSpec.job.streaming"},
      {"checkpointLocation", "stackSpec.job.streaming"},
      {"forEachBatchMode", "stackSpec.job.streaming"},
      {"outputMode", "stackSpec.job.streaming"},
      {"streaming", "stackSpec.job"},
      {"inputs", "stackSpec.job"},
      {"outputs", "stackSpec.job"},
      {"steps", "stackSpec.job"},
      {"logLevel", "stackSpec.job"},
      {"explain", "stackSpec.job"},
      {"showPreviewLines", "stackSpec.job"},
      {"saveMode", "outputs[].options"},
      {"extraOptions", "outputs[].options"},
      {"iceberg", "outputs[].options"},
      {"partitionSpec", "outputs[].options.iceberg"},
      {"startingOffsets", "inputs[].options"},
      {"maxOffsetsPerTrigger", "inputs[].options"},
      {"failOnDataLoss", "inputs[].options"},
      {"isStream", "inputs[]"},
      {"stack", "spec"},
      {"compute", "spec"},
      {"stackSpec", "spec"},
      {"envs", "spec"},
      {"driver", "stackSpec"},
      {"executor", "stackSpec"},
      {"sparkConf", "stackSpec"},
      {"job", "stackSpec"},
      {"schedule", "workflow"},
      {"dag", "workflow"},
      {"dependencies", "dag[]"},
      {"spec", "dag[]"},
  };
  auto found = kPlaces.find(key);
  return found == kPlaces.end() ? "" : found->second;
}

}  // namespace

void Reporter::Add(Severity severity, const SourcePosition& where, std::string code,
                   std::string message, std::string found, std::string expected, std::string hint) {
  if (hide_values_) found.clear();
  static const std::vector<std::string> kMissing = {"missing-key", "wrong-shape", "not-supported",
                                                    "not-portable", "no-sql-file"};
  if (severity == Severity::kError) {
    missing_values_ += static_cast<size_t>(std::count(kMissing.begin(), kMissing.end(), code));
  }
  out_->push_back({severity, where, std::move(code), std::move(message), std::move(found),
                   std::move(expected), std::move(hint)});
}
void Reporter::Error(const SourcePosition& where, std::string code, std::string message,
                     std::string found, std::string expected, std::string hint) {
  Add(Severity::kError, where, std::move(code), std::move(message), std::move(found),
      std::move(expected), std::move(hint));
}
void Reporter::Warn(const SourcePosition& where, std::string code, std::string message,
                    std::string found, std::string expected, std::string hint) {
  Add(Severity::kWarning, where, std::move(code), std::move(message), std::move(found),
      std::move(expected), std::move(hint));
}
void Reporter::WarnOrRefuse(const SourcePosition& where, std::string code, std::string message,
                            std::string found, std::string expected, std::string hint) {
  Add(strict_ ? Severity::kError : Severity::kWarning, where, std::move(code), std::move(message),
      std::move(found), std::move(expected), std::move(hint));
}
void Reporter::WrongShape(const Node& node, const std::string& path, std::string_view expected) {
  Error(node.where, "wrong-shape", fmt::format("`{}` has the wrong shape", path), node.Describe(),
        std::string(expected));
}

MapReader::MapReader(const Node* node, std::string path, Reporter* reporter)
    : node_(node == nullptr ? &kEmptyMap : node), path_(std::move(path)), reporter_(reporter) {
  if (!node_->is_map() && !node_->is_null())
    reporter_->WrongShape(*node_, path_, "a map (`key: value` lines)");
  used_.assign(node_->entries.size(), false);
}

const Entry* MapReader::FindEntry(std::string_view key) {
  asked_.emplace_back(key);
  for (size_t i = 0; i < node_->entries.size(); ++i) {
    if (node_->entries[i].key == key) {
      used_[i] = true;
      return &node_->entries[i];
    }
  }
  for (size_t i = 0; i < node_->entries.size(); ++i) {
    const Entry& entry = node_->entries[i];
    if (!SameIgnoringCase(entry.key, key)) continue;
    if (!used_[i]) {
      reporter_->WarnOrRefuse(
          entry.where, "key-spelling",
          fmt::format("key `{}` is spelt `{}`; it is read as that", Path(entry.key), key));
    }
    used_[i] = true;
    return &entry;
  }
  return nullptr;
}

bool MapReader::Has(std::string_view key) {
  return node_->Find(key) != nullptr;
}

const Node* MapReader::Take(std::string_view key) {
  const Entry* entry = FindEntry(key);
  return entry == nullptr || entry->value->is_null() ? nullptr : entry->value.get();
}

const Node* MapReader::TakeAny(std::initializer_list<std::string_view> keys) {
  const Node* found = nullptr;
  for (auto key : keys) {
    if (!Has(key)) continue;
    const Node* node = Take(key);
    if (found == nullptr) found = node;
  }
  return found != nullptr ? found : Take(*keys.begin());
}

Text MapReader::TakeText(std::string_view key) {
  const Node* node = Take(key);
  if (node == nullptr) return {};
  return AsText(*node, Path(key), reporter_).value_or(Text{});
}

Text MapReader::NeedText(std::string_view key, std::string_view hint) {
  const Node* node = Take(key);
  auto text = node == nullptr ? Text{} : AsText(*node, Path(key), reporter_).value_or(Text{});
  if (node == nullptr || (node->is_scalar() && text->empty())) {
    reporter_->Error(KeyPlace(key), "missing-key", fmt::format("`{}` is missing", Path(key)), "",
                     "", std::string(hint));
  }
  return text;
}

std::optional<bool> MapReader::TakeBool(std::string_view key) {
  const Node* node = Take(key);
  return node == nullptr ? std::nullopt : AsBool(*node, Path(key), reporter_);
}

std::optional<int64_t> MapReader::TakeInt(std::string_view key, int64_t low, int64_t high) {
  const Node* node = Take(key);
  if (node == nullptr) return std::nullopt;
  auto text = AsText(*node, Path(key), reporter_);
  if (!text || node->unresolved) return std::nullopt;
  auto value = ParseInt(text->value);
  if (value && *value >= low && *value <= high) return *value;
  reporter_->Error(node->where, "bad-number",
                   fmt::format("`{}` is not a number it can be", Path(key)), node->Describe(),
                   fmt::format("a whole number from {} to {}", low, high));
  return std::nullopt;
}

std::optional<Millis> MapReader::TakeDuration(std::string_view key) {
  const Node* node = Take(key);
  if (node == nullptr) return std::nullopt;
  auto text = AsText(*node, Path(key), reporter_);
  if (!text || node->unresolved) return std::nullopt;
  auto value = ParseDuration(text->value);
  if (value) return *value;
  reporter_->Error(node->where, "bad-duration",
                   fmt::format("`{}`: {}", Path(key), value.error().message()));
  return std::nullopt;
}

std::vector<Text> MapReader::TakeTexts(std::string_view key) {
  const Node* node = Take(key);
  return node == nullptr ? std::vector<Text>{} : AsTexts(*node, Path(key), reporter_);
}

std::vector<std::string> MapReader::TakeStrings(std::string_view key) {
  std::vector<std::string> strings;
  for (auto& text : TakeTexts(key)) strings.push_back(std::move(text.value));
  return strings;
}

std::vector<std::pair<Text, Text>> MapReader::TakePairs(std::string_view key) {
  const Node* node = Take(key);
  return node == nullptr ? std::vector<std::pair<Text, Text>>{}
                         : AsPairs(*node, Path(key), reporter_);
}

std::vector<const Node*> MapReader::TakeMaps(std::string_view key) {
  const Node* node = Take(key);
  if (node == nullptr) return {};
  if (!node->is_list()) {
    reporter_->WrongShape(*node, Path(key), "a list (lines that start with `- `)");
    return {};
  }
  std::vector<const Node*> maps;
  for (size_t i = 0; i < node->items.size(); ++i) {
    const Node& item = *node->items[i];
    if (item.is_map()) {
      maps.push_back(&item);
    } else {
      reporter_->WrongShape(item, fmt::format("{}[{}]", Path(key), i),
                            "a map (`key: value` lines)");
    }
  }
  return maps;
}

void MapReader::Accept(std::initializer_list<std::string_view> keys) {
  for (auto key : keys) FindEntry(key);
}

void MapReader::Finish() {
  for (size_t i = 0; i < node_->entries.size(); ++i) {
    if (used_[i]) continue;
    const Entry& entry = node_->entries[i];
    std::string near = NearestName(entry.key, asked_);
    std::string place = UsualPlace(entry.key);
    std::string hint;
    if (!near.empty()) {
      hint = fmt::format("did you mean `{}`?", near);
    } else if (!place.empty()) {
      hint = fmt::format("`{}` belongs under {}", entry.key, place);
    }
    std::string expected;
    if (hint.empty()) expected = fmt::format("one of {}", fmt::join(asked_, ", "));
    reporter_->WarnOrRefuse(entry.where, "unknown-key",
                            fmt::format("unknown key `{}`; it is ignored", Path(entry.key)), "",
                            expected, hint);
  }
}

SourcePosition MapReader::KeyPlace(std::string_view key) const {
  for (const auto& entry : node_->entries) {
    if (SameIgnoringCase(entry.key, key)) return entry.where;
  }
  return node_->where;
}

std::string MapReader::Path(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::optional<Text> AsText(const Node& node, const std::string& path, Reporter* reporter) {
  if (node.is_scalar()) return Text{node.text, node.where};
  reporter->WrongShape(node, path, "one value");
  return std::nullopt;
}

std::vector<Text> AsTexts(const Node& node, const std::string& path, Reporter* reporter) {
  if (!node.is_list()) {
    reporter->WrongShape(node, path, "a list (lines that start with `- `, or [a, b])");
    return {};
  }
  std::vector<Text> texts;
  for (size_t i = 0; i < node.items.size(); ++i) {
    auto text = AsText(*node.items[i], fmt::format("{}[{}]", path, i), reporter);
    if (text) texts.push_back(std::move(*text));
  }
  return texts;
}

std::vector<std::pair<Text, Text>> AsPairs(const Node& node, const std::string& path,
                                           Reporter* reporter) {
  if (!node.is_map()) {
    reporter->WrongShape(node, path, "a map (`key: value` lines)");
    return {};
  }
  std::vector<std::pair<Text, Text>> pairs;
  for (const auto& entry : node.entries) {
    if (entry.value->is_null()) continue;
    auto text = AsText(*entry.value, fmt::format("{}.{}", path, entry.key), reporter);
    if (text) pairs.push_back({{entry.key, entry.where}, std::move(*text)});
  }
  return pairs;
}

std::optional<bool> AsBool(const Node& node, const std::string& path, Reporter* reporter) {
  auto text = AsText(node, path, reporter);
  if (!text || node.unresolved) return std::nullopt;
  auto value = ParseBool(text->value);
  if (value) return *value;
  reporter->Error(
      node.where, "bad-boolean", fmt::format("`{}` is not a boolean", path), node.Describe(),
      "true or false",
      NearestName(text->value, {"true", "false"}).empty()
          ? ""
          : fmt::format("did you mean {}?", NearestName(text->value, {"true", "false"})));
  return std::nullopt;
}

}  // namespace flare::manifest
