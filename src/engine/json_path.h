#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json_reader.h"

namespace flare::engine {

/// A path of Spark's get_json_object: $, .name, ['name'], [i], [*], .*
/// Threads: immutable, safe from any.
class JsonPath {
 public:
  /// nullopt when the path is malformed (get_json_object is NULL then).
  static std::optional<JsonPath> Parse(std::string_view text);

  /// What the path selects, as Jackson prints it: a string bare, the rest as compact JSON; nullopt when it
  /// selects nothing or the text is malformed.
  std::optional<std::string> Get(std::string_view json) const;

 private:
  enum class Kind { kName, kAnyName, kIndex, kAnyIndex };
  struct Step {
    Kind kind;
    std::string name;
    uint64_t index = 0;
  };
  /// How a selected value is printed: a string bare, everything as JSON, or arrays opened as well.
  enum class Style { kRaw, kQuoted, kFlatten };
  class Walk;

  std::vector<Step> steps_;
};

/// Appends the value that `reader` stands at as Jackson copies it: compact, escapes redone, numbers with
/// a fraction as Java prints doubles. False when it is malformed.
bool CopyJsonValue(JsonReader* reader, std::string* json);

}  // namespace flare::engine
