#include "manifest/interpolate.h"

#include <fmt/format.h>

#include <algorithm>

namespace flare::manifest {
namespace {

bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool ContinuesName(char c) {
  return StartsName(c) || (c >= '0' && c <= '9');
}

std::string_view NameAt(std::string_view text, size_t at) {
  if (at >= text.size() || !StartsName(text[at])) return "";
  size_t end = at;
  while (end < text.size() && ContinuesName(text[end])) ++end;
  return text.substr(at, end - at);
}

/// A reference to a variable at `at`, where a `$` stands.
struct Reference {
  std::string_view name;   ///< "" = none here
  size_t length = 0;       ///< of the whole reference
  bool malformed = false;  ///< `${` that is not followed by a name and `}`
};

Reference ReferenceAt(std::string_view text, size_t at) {
  if (at + 1 >= text.size()) return {};
  if (text[at + 1] != '{') {
    auto name = NameAt(text, at + 1);
    return {name, name.empty() ? 0 : name.size() + 1, false};
  }
  if (at + 2 < text.size() && text[at + 2] == '{')
    return {};  // ${{...}}: a placeholder of a template
  auto name = NameAt(text, at + 2);
  size_t close = at + 2 + name.size();
  if (!name.empty() && close < text.size() && text[close] == '}')
    return {name, name.size() + 3, false};
  size_t end = std::min(text.find_first_of("}\n", at), at + 30);
  return {"", std::min(end, text.size()) - at + (end < text.size() && text[end] == '}' ? 1 : 0),
          true};
}

}  // namespace

Interpolated Interpolate(std::string_view text,
                         const std::map<std::string, std::string>& variables) {
  Interpolated result;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      result.text += text[i++];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '$' && ReferenceAt(text, i + 1).length > 0) {
      size_t length = ReferenceAt(text, i + 1).length;
      result.text += text.substr(i + 1, length);
      i += 1 + length;
      continue;
    }
    Reference reference = ReferenceAt(text, i);
    if (reference.malformed && result.malformed.empty())
      result.malformed = text.substr(i, reference.length);
    if (reference.name.empty()) {
      result.text += text[i++];
      continue;
    }
    auto found = variables.find(std::string(reference.name));
    if (found == variables.end()) {
      result.unset.emplace_back(reference.name);
      result.text += text.substr(i, reference.length);
    } else {
      result.text += found->second;
    }
    i += reference.length;
  }
  return result;
}

void InterpolateFile(YamlFile* file, const std::map<std::string, std::string>& variables,
                     bool allow_unset, Diagnostics* diagnostics) {
  struct Use {
    std::string name;
    SourcePosition where;
  };
  std::vector<Use> unset;
  for (auto& node : file->all_nodes) {
    if (!node->is_scalar() || node->written.find('$') == std::string::npos) continue;
    Interpolated result = Interpolate(node->written, variables);
    if (!result.unset.empty() && allow_unset) {
      auto with_empty = variables;
      for (const auto& name : result.unset) with_empty.emplace(name, "");
      result = Interpolate(node->written, with_empty);
    }
    if (!result.malformed.empty()) {
      diagnostics->push_back({Severity::kError, node->where, "bad-variable",
                              "a `${` in this value does not name a variable",
                              "",  // the value may be secret
                              "${NAME}, of letters, digits and _", "write $${ for a literal ${"});
      node->unresolved = true;
    }
    for (const auto& name : result.unset) {
      node->unresolved = true;
      bool known =
          std::any_of(unset.begin(), unset.end(), [&](const Use& use) { return use.name == name; });
      if (!known) unset.push_back({name, node->where});
    }
    node->text = std::move(result.text);
  }
  if (unset.empty()) return;
  std::string names;
  for (const auto& use : unset) {
    names += fmt::format("{}{} (line {})", names.empty() ? "" : ", ", use.name, use.where.line);
  }
  diagnostics->push_back(
      {Severity::kError, unset.front().where, "unset-variable",
       unset.size() == 1 ? std::string("a variable has no value")
                         : fmt::format("{} variables have no value", unset.size()),
       names, "", "give each as -e NAME=value, in an --env-file, or in the environment"});
}

}  // namespace flare::manifest
