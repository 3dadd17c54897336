#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "manifest/job.h"
#include "manifest/source_text.h"
#include "manifest/yaml_tree.h"

namespace flare::manifest {

/// A statement with the places of its characters.
struct SqlText {
  Text text;
  /// From each byte offset up to the next one the text stands character by character to the right of the place.
  /// Every line has an entry; others stand behind what is longer or shorter in the file: `''` in a quoted scalar, an
  /// escape, a variable.
  std::vector<std::pair<size_t, SourcePosition>> places;
};

/// Reads a scalar that holds SQL. Where YAML folded lines of the file together, the text keeps a
/// line break instead of the blank (outside SQL literals and comments), so that its lines are the
/// file's. `replace` puts in the variables of one line.
SqlText ReadSqlText(const Node& scalar, const SourceText& source,
                    const std::function<std::string(const std::string&)>& replace);

/// The same for a file that holds nothing but SQL.
SqlText ReadSqlFile(const SourceText& source,
                    const std::function<std::string(const std::string&)>& replace);

}  // namespace flare::manifest
