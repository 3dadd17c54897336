#include "lake/json.h"

#include <limits>

namespace flare::lake {
namespace {

Result<const Json*> Require(const Json& object, const char* key) {
  const Json* member = FindMember(object, key);
  if (member == nullptr) return Corruption("the key '{}' is missing in the table's metadata", key);
  return member;
}

Error WrongKind(const char* key, const char* expected, const Json& found) {
  return Corruption("'{}' in the table's metadata must be {}, found {}", key, expected, found.type_name());
}

}  // namespace

Result<Json> ParseJson(std::string_view text, std::string_view what) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    return Corruption("{} is not valid JSON: {}", what, e.what());
  }
}

std::string DumpJson(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json* FindMember(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(key);
  if (found == object.end() || found->is_null()) return nullptr;
  return &*found;
}

Result<int64_t> GetLong(const Json& object, const char* key) {
  ASSIGN_OR_RETURN(const Json* member, Require(object, key));
  if (!member->is_number_integer()) return WrongKind(key, "an integer", *member);
  return member->get<int64_t>();
}

Result<int> GetInt(const Json& object, const char* key) {
  ASSIGN_OR_RETURN(int64_t value, GetLong(object, key));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return Corruption("'{}' in the table's metadata is out of range: {}", key, value);
  }
  return static_cast<int>(value);
}

Result<std::string> GetString(const Json& object, const char* key) {
  ASSIGN_OR_RETURN(const Json* member, Require(object, key));
  if (!member->is_string()) return WrongKind(key, "a string", *member);
  return member->get<std::string>();
}

Result<bool> GetBool(const Json& object, const char* key) {
  ASSIGN_OR_RETURN(const Json* member, Require(object, key));
  if (!member->is_boolean()) return WrongKind(key, "a boolean", *member);
  return member->get<bool>();
}

Result<const Json*> GetArray(const Json& object, const char* key) {
  ASSIGN_OR_RETURN(const Json* member, Require(object, key));
  if (!member->is_array()) return WrongKind(key, "a list", *member);
  return member;
}

}  // namespace flare::lake
