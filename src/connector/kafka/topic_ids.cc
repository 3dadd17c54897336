#include "connector/kafka/topic_ids.h"

#include <nlohmann/json.hpp>

namespace flare::connector::kafka {
namespace {

std::string_view IdIn(const TopicIds& ids, const std::string& topic) {
  auto found = ids.find(topic);
  return found == ids.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::set<std::string> TopicsOf(const Offsets& offsets) {
  return TopicsOf(KeysOf(offsets));
}

std::set<std::string> TopicsOf(const Partitions& partitions) {
  std::set<std::string> topics;
  for (const auto& partition : partitions) topics.insert(partition.topic);
  return topics;
}

std::set<std::string> MadeAnew(const TopicIds& before, const TopicIds& now,
                               const std::set<std::string>& topics) {
  std::set<std::string> anew;
  for (const auto& topic : topics) {
    std::string_view was = IdIn(before, topic), is = IdIn(now, topic);
    if (!was.empty() && !is.empty() && was != is) anew.insert(topic);
  }
  return anew;
}

std::set<std::string> Proven(const TopicIds& before, const TopicIds& now) {
  std::set<std::string> same;
  for (const auto& [topic, id] : now) {
    if (IdIn(before, topic) == id) same.insert(topic);
  }
  return same;
}

Offsets Without(Offsets offsets, const std::set<std::string>& topics) {
  std::erase_if(offsets, [&](const auto& each) { return topics.contains(each.first.topic); });
  return offsets;
}

std::string FormatIncarnation(const Incarnation& incarnation) {
  if (incarnation.ids.empty()) return "";
  nlohmann::ordered_json json;
  json["ids"] = incarnation.ids;
  if (!incarnation.anew.empty()) json["anew"] = incarnation.anew;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Incarnation> ParseIncarnation(std::string_view text) {
  Incarnation incarnation;
  if (text.empty()) return incarnation;
  auto json = nlohmann::json::parse(text, nullptr, false);
  auto wrong = [&] { return InvalidArgument("not a record of Kafka topic ids: {}", text); };
  if (!json.is_object() || !json.contains("ids") || !json["ids"].is_object()) return wrong();
  for (const auto& [topic, id] : json["ids"].items()) {
    if (!id.is_string()) return wrong();
    incarnation.ids[topic] = id;
  }
  auto anew = json.value("anew", nlohmann::json::array());
  if (!anew.is_array()) return wrong();
  for (const auto& topic : anew) {
    if (!topic.is_string()) return wrong();
    incarnation.anew.insert(topic);
  }
  return incarnation;
}

std::string TellMadeAnew(const std::string& topic, const TopicIds& before, const TopicIds& now) {
  std::string text = fmt::format("topic {} was deleted and made anew", topic);
  std::string_view was = IdIn(before, topic), is = IdIn(now, topic);
  if (!was.empty() && was != is) text += fmt::format(": its id was {} and is {} now", was, is);
  return text;
}

}  // namespace flare::connector::kafka
