#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "manifest/yaml_tree.h"

namespace flare::manifest {

/// A text with its variables replaced.
struct Interpolated {
  std::string text;
  std::vector<std::string> unset;  ///< variables without a value; they stay in `text` as written
  std::string malformed;           ///< the first `${...` that is no variable, "" when none
};

/// Replaces `${NAME}` and `$NAME` (a letter or `_`, then letters, digits, `_`). `$${NAME}` and
/// `$$NAME` give `${NAME}` and `$NAME`. Other dollars (`$.a`, `$1`, `$|key|`, `${{...}}`) stay.
Interpolated Interpolate(std::string_view text,
                         const std::map<std::string, std::string>& variables);

/// Interpolates every scalar of a parsed file; keys stay. Variables without a value are listed in
/// one diagnostic, or become empty text when `allow_unset`.
void InterpolateFile(YamlFile* file, const std::map<std::string, std::string>& variables,
                     bool allow_unset, Diagnostics* diagnostics);

}  // namespace flare::manifest
