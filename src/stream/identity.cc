#include "stream/identity.h"

#include <nlohmann/json.hpp>

namespace flare::stream {
namespace {

constexpr const char* kSources = "flare.sources";
constexpr const char* kOutputs = "flare.outputs";

std::string ToJson(const std::vector<std::string>& names) {
  return nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Status CheckSame(const std::vector<std::string>& now, const char* key, std::string_view verb,
                 const std::map<std::string, std::string>& recorded, const std::string& directory) {
  auto found = recorded.find(key);
  if (found == recorded.end() || found->second == ToJson(now)) return Ok();
  return InvalidArgument(
      "checkpoint {} belongs to another job: its batches {} {} but this job {} {}; give this job a "
      "checkpointLocation of its own, or change it back",
      directory, verb, found->second, verb, ToJson(now));
}

}  // namespace

void JobIdentity::Record(std::map<std::string, std::string>& conf) const {
  conf[kSources] = ToJson(sources);
  conf[kOutputs] = ToJson(outputs);
}

bool WrittenByFlare(const std::map<std::string, std::string>& recorded) { return recorded.contains(kSources); }

std::string DatasetName(const manifest::Address& address) {
  if (address.depot == nullptr) return address.dataset;
  std::string name = address.depot->name + ":";
  if (!address.collection.empty()) name += address.collection + "/";
  return name + address.dataset;
}

Status CheckSameJob(const JobIdentity& now, const std::map<std::string, std::string>& recorded,
                    const std::string& directory) {
  RETURN_IF_ERROR(CheckSame(now.sources, kSources, "read", recorded, directory));
  return CheckSame(now.outputs, kOutputs, "write", recorded, directory);
}

}  // namespace flare::stream
