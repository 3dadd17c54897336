#include "sql/compile.h"

#include <fmt/format.h>

#include "sql/binder.h"
#include "sql/parser.h"

namespace flare::sql {

SourcePosition TextPlace::At(std::string_view text, size_t offset) const {
  offset = std::min(offset, text.size());
  size_t line = 0;
  size_t line_begin = 0;
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++line;
    line_begin = i + 1;
  }
  int column = static_cast<int>(offset - line_begin);
  if (line < lines_.size()) {
    SourcePosition place = lines_[line];
    place.column += column;
    return place;
  }
  SourcePosition place = lines_.empty() ? start_ : lines_.back();
  size_t known = lines_.empty() ? 0 : lines_.size() - 1;
  if (place.line == 0) place.line = 1;
  place.line += static_cast<int>(line - known);
  place.column = (line == 0 && place.column > 0 ? place.column : 1) + column;
  return place;
}

namespace {

void AddParseError(const SqlError& error, std::string_view text, const TextPlace& place, Severity severity,
                   Diagnostics* diagnostics) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.where = place.At(text, error.offset);
  diagnostic.code = error.code;
  diagnostic.message = error.message;
  if (!error.hint.empty()) diagnostic.hint = fmt::format("did you mean {}?", error.hint);
  diagnostics->push_back(std::move(diagnostic));
}

}  // namespace

std::optional<CompiledQuery> Compile(std::string_view text, const TextPlace& place, const Scope& scope,
                                     Diagnostics* diagnostics) {
  Parser parser(text);
  QueryPtr query = parser.ParseStatement();
  for (const SqlError& note : parser.notes()) AddParseError(note, text, place, Severity::kNote, diagnostics);
  if (!query) {
    AddParseError(parser.error(), text, place, Severity::kError, diagnostics);
    return std::nullopt;
  }
  Binder binder(text, place, scope, diagnostics);
  return binder.BindStatement(*query);
}

}  // namespace flare::sql
