#pragma once
#include <string>
#include <vector>

#include "base/source_position.h"

namespace flare {

enum class Severity { kError, kWarning, kNote };

/// One mistake in a manifest, a resource or a step's SQL, ready to be shown.
/// Printed as `file:line:column: error: message`, then `found`, `expected`, `hint` where present.
struct Diagnostic {
  Severity severity = Severity::kError;
  SourcePosition where;
  std::string code;      ///< stable id, e.g. "unknown-key" or Spark's "UNRESOLVED_COLUMN.WITH_SUGGESTION"
  std::string message;   ///< what is wrong, one sentence without a final full stop
  std::string found;     ///< what was found; empty = not shown
  std::string expected;  ///< what would work; empty = not shown
  std::string hint;      ///< did-you-mean or the fix; empty = not shown
};

using Diagnostics = std::vector<Diagnostic>;

std::string ToText(const Diagnostic& diagnostic);
bool HasErrors(const Diagnostics& diagnostics);

/// The candidate closest to `word` (case-insensitive edit distance, in which a swapped pair counts
/// once; at most a third of its length but at least 1), or "" when none is near.
std::string NearestName(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace flare
