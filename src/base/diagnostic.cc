#include "base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace flare {
namespace {

std::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "error";
}

char Folded(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Optimal string alignment: letters put in, left out or changed, and neighbours swapped, count one.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);  // the row above `above`
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      bool same = Folded(a[i - 1]) == Folded(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      bool swapped = i > 1 && j > 1 && Folded(a[i - 1]) == Folded(b[j - 2]) &&
                     Folded(a[i - 2]) == Folded(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string ToText(const Diagnostic& d) {
  std::string text;
  if (!d.where.file.empty()) text += d.where.file + ":";
  if (d.where.line > 0) text += fmt::format("{}:{}:", d.where.line, d.where.column);
  if (!text.empty()) text += " ";
  text += fmt::format("{}: ", Name(d.severity));
  if (!d.code.empty()) text += fmt::format("[{}] ", d.code);
  text += d.message;
  if (!d.found.empty()) text += "\n    found:    " + d.found;
  if (!d.expected.empty()) text += "\n    expected: " + d.expected;
  if (!d.hint.empty()) text += "\n    hint:     " + d.hint;
  return text;
}

bool HasErrors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

std::string NearestName(std::string_view word, const std::vector<std::string>& candidates) {
  size_t limit = std::max<size_t>(1, word.size() / 3);
  std::string best;
  for (const auto& candidate : candidates) {
    size_t distance = EditDistance(word, candidate);
    if (distance <= limit) {
      best = candidate;
      limit = distance == 0 ? 0 : distance - 1;
      if (distance == 0) break;
    }
  }
  return best;
}

}  // namespace flare
