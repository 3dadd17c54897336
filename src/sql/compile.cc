#include "sql/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sql/binder.h"
#include "sql/parser.h"

namespace flare::sql {

SourcePosition TextPlace::At(std::string_view text, size_t offset) const {
  offset = std::min(offset, text.size());
  SourcePosition place = start_;
  size_t from = 0;
  auto behind = std::upper_bound(places_.begin(), places_.end(), offset,
                                 [](size_t at, const auto& entry) { return at < entry.first; });
  if (behind != places_.begin()) std::tie(from, place) = *std::prev(behind);
  place.line = std::max(place.line, 1);
  place.column = std::max(place.column, 1);
  for (size_t i = std::min(from, offset); i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u) {
      ++place.column;
    }
  }
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
