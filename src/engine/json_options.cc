#include "engine/json_options.h"

#include "engine/number_text.h"

namespace flare::engine {

std::optional<std::string> JsonOptions::Text(const std::string& name) const {
  auto it = options_.find(name);
  if (it == options_.end()) return std::nullopt;
  return it->second;
}

Status JsonOptions::Flag(const std::string& name, bool* flag) const {
  auto text = Text(name);
  if (!text.has_value()) return Ok();
  auto value = ParseBoolean(*text);
  if (!value.has_value()) {
    return InvalidArgument("{} option {} is '{}'; it must be true or false", function_, name, *text);
  }
  *flag = *value;
  return Ok();
}

Status JsonOptions::Pattern(const std::string& name, PatternUse use,
                            std::optional<DateTimePattern>* pattern) const {
  auto text = Text(name);
  if (!text.has_value()) return Ok();
  ASSIGN_OR_RETURN(*pattern, DateTimePattern::Compile(*text, use));
  return Ok();
}

}  // namespace flare::engine
