#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "manifest/source_text.h"

namespace flare::cli {

/// Mistakes in SQL as text, with the line they stand in and a caret below the place. Only for SQL:
/// lines of manifests and resources may hold what nobody should see.
class Excerpts {
 public:
  /// SQL that stands in no file, or not in the file of that name.
  void Add(const std::string& file, std::string_view text);
  /// ToText of the diagnostic, the line and the caret behind its first line. Reads files as they
  /// are needed; what cannot be read is left out.
  std::string ToText(const Diagnostic& diagnostic);
  /// The line that the diagnostic points to, without an end; "" where it is not shown.
  std::string Line(const Diagnostic& diagnostic);

 private:
  std::map<std::string, std::optional<manifest::SourceText>> texts_;
};

}  // namespace flare::cli
