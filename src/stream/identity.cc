#include "stream/identity.h"

#include <nlohmann/json.hpp>

#include "checkpoint/own_keys.h"

namespace flare::stream {
namespace {


std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}
std::string ToJson(const std::vector<std::string>& names) { return Dump(names); }
std::string ToJson(const std::vector<std::pair<std::string, std::string>>& steps) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [name, fingerprint] : steps) list.push_back({name, fingerprint});
  return Dump(list);
}

/// The steps that differ: "step 'a' changed, step 'b' is new".
std::string CompareSteps(const std::vector<std::pair<std::string, std::string>>& now, const std::string& recorded) {
  std::map<std::string, std::string> before;
  auto list = nlohmann::json::parse(recorded, nullptr, false);
  for (const auto& pair : list.is_array() ? list : nlohmann::json::array()) {
    if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string()) before[pair[0]] = pair[1];
  }
  std::vector<std::string> parts;
  for (const auto& [name, fingerprint] : now) {
    auto found = before.find(name);
    if (found == before.end()) {
      parts.push_back(fmt::format("step '{}' is new", name));
    } else {
      if (found->second != fingerprint) parts.push_back(fmt::format("step '{}' changed", name));
      before.erase(found);
    }
  }
  for (const auto& [name, gone] : before) parts.push_back(fmt::format("step '{}' is gone", name));
  return parts.empty() ? "the order of its steps changed" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

void JobIdentity::Record(std::map<std::string, std::string>& conf) const {
  conf[checkpoint::kSourcesKey] = ToJson(sources);
  conf[checkpoint::kOutputsKey] = ToJson(outputs);
  conf[checkpoint::kStepsKey] = ToJson(steps);
}

void RecordIncarnations(const std::vector<std::string>& incarnations, std::map<std::string, std::string>& conf) {
  conf.erase(checkpoint::kIncarnationsKey);
  for (const auto& one : incarnations) {
    if (!one.empty()) conf[checkpoint::kIncarnationsKey] = ToJson(incarnations);
  }
}

std::optional<std::vector<std::string>> RecordedIncarnations(const std::map<std::string, std::string>& conf,
                                                             size_t source_count) {
  auto found = conf.find(checkpoint::kIncarnationsKey);
  if (found == conf.end()) return std::nullopt;
  auto list = nlohmann::json::parse(found->second, nullptr, false);
  if (!list.is_array() || list.size() != source_count) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& one : list) {
    if (!one.is_string()) return std::nullopt;
    texts.push_back(one);
  }
  return texts;
}

bool WrittenByFlare(const std::map<std::string, std::string>& recorded) { return recorded.contains(checkpoint::kSourcesKey); }

std::string DatasetName(const manifest::Address& address) {
  if (address.depot == nullptr) return address.dataset;
  std::string name = address.depot->name + ":";
  if (!address.collection.empty()) name += address.collection + "/";
  return name + address.dataset;
}

Changes ChangesOf(const JobIdentity& now, const std::map<std::string, std::string>& recorded) {
  Changes changes;
  auto compare = [&](const std::string& json, const char* key, auto sentence) {
    auto found = recorded.find(key);
    if (found == recorded.end() || found->second == json) return false;
    changes.sentences.push_back(sentence(found->second));
    return true;
  };
  changes.sources = compare(ToJson(now.sources), checkpoint::kSourcesKey, [&](const std::string& before) {
    return fmt::format("its batches read {} but this job reads {}", before, ToJson(now.sources));
  });
  compare(ToJson(now.outputs), checkpoint::kOutputsKey, [&](const std::string& before) {
    return fmt::format("its batches write {} but this job writes {}", before, ToJson(now.outputs));
  });
  compare(ToJson(now.steps), checkpoint::kStepsKey, [&](const std::string& before) { return CompareSteps(now.steps, before); });
  return changes;
}

}  // namespace flare::stream
