#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::lake {

/// JSON as Iceberg's metadata files hold it: key order and unknown keys survive load and save.
using Json = nlohmann::ordered_json;

/// Parses a document. Errors: Corruption, with the byte where it broke; `what` names the document.
Result<Json> ParseJson(std::string_view text, std::string_view what);
/// Compact text; never throws.
std::string DumpJson(const Json& json);

/// Reads a member of an object. Errors: Corruption, naming the key, when it is missing or of another kind.
Result<int64_t> GetLong(const Json& object, const char* key);
Result<int> GetInt(const Json& object, const char* key);
Result<std::string> GetString(const Json& object, const char* key);
Result<bool> GetBool(const Json& object, const char* key);
Result<const Json*> GetArray(const Json& object, const char* key);
/// The member, or null when it is missing or JSON null.
const Json* FindMember(const Json& object, const char* key);

}  // namespace flare::lake
