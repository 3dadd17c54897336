#include "connector/registry.h"

#include <algorithm>
#include <cctype>

namespace flare::connector {
namespace {

bool SameWord(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& each) { return SameWord(each, word); });
}

}  // namespace

const Connector* Registry::Find(const std::string& format, const std::string& depot_type) const {
  for (const Connector& connector : connectors_) {
    if (format.empty() ? Contains(connector.depot_types, depot_type)
                       : Contains(connector.formats, format) || SameWord(connector.name, format)) {
      return &connector;
    }
  }
  return nullptr;
}

std::vector<std::string> Registry::FormatNames() const {
  std::vector<std::string> names;
  for (const Connector& connector : connectors_) {
    names.insert(names.end(), connector.formats.begin(), connector.formats.end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace flare::connector
