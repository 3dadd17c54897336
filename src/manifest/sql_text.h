#pragma once
#include <functional>
#include <string>
#include <vector>

#include "manifest/job.h"
#include "manifest/source_text.h"
#include "manifest/yaml_tree.h"

namespace flare::manifest {

/// A statement with the place of each of its lines.
struct SqlText {
  Text text;
  std::vector<SourcePosition> lines;  ///< line i of the text starts there
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
