#include "connector/offset_list.h"

namespace flare::connector {

std::string JoinOffsets(const std::vector<std::optional<std::string>>& positions) {
  std::string text = "[";
  for (const auto& position : positions) {
    if (text.size() > 1) text += ',';
    text += position.value_or("null");
  }
  return text + "]";
}

}  // namespace flare::connector
