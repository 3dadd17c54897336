#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "manifest/resources.h"
#include "sql/compile.h"
#include "terminal/line_editor.h"

namespace flare::cli {

/// What may stand at the end of a line of SQL: in backticks the addresses of tables; behind a dot
/// columns; behind a backslash the shell's own commands; else keywords, functions, relations and
/// columns. Threads: one.
class SqlCompletion {
 public:
  /// `resources` must outlive it; `commands` are the shell's, with their backslash.
  SqlCompletion(const manifest::Resources& resources, std::vector<std::string> commands)
      : resources_(resources), commands_(std::move(commands)) {}

  /// `before` are the lines of the statement above this one; `line` ends at the cursor.
  terminal::Completion At(std::string_view before, std::string_view line,
                          const std::vector<sql::Relation>& relations) const;

 private:
  std::vector<std::string> Addresses(std::string_view typed) const;
  std::vector<std::string> TablesBelow(const std::string& depot, std::string_view path) const;

  const manifest::Resources& resources_;
  std::vector<std::string> commands_;
};

}  // namespace flare::cli
