#include "sql/show.h"

#include <fmt/format.h>

namespace flare::sql {
namespace {

constexpr const char* kShown = "shown";

std::string TextOf(const std::string& column, const Type& type, TextStyle style) {
  if (type.id() != TypeId::kBinary) return fmt::format("CAST({} AS STRING)", column);
  if (style == TextStyle::kCast) return fmt::format("hex({})", column);
  return fmt::format("concat('[', rtrim(regexp_replace(hex({}), '(..)', '$1 ')), ']')", column);
}

}  // namespace

std::optional<CompiledQuery> CompileShow(const Relation& input, TextStyle style, const Scope& scope,
                                         Diagnostics* diagnostics) {
  // Columns are named by their place: names may repeat, and may be anything.
  Relation places{kShown, input.duckdb_from, input.schema};
  std::string text = "SELECT ";
  for (size_t i = 0; i < places.schema.size(); ++i) {
    places.schema[i].name = DuckDbColumnName(i);
    text += (i == 0 ? "" : ", ") + TextOf(places.schema[i].name, places.schema[i].type, style);
  }
  text += fmt::format(" FROM {}", kShown);
  Scope alone = scope;
  // Spark shows decimals in plain digits, as a cast in ANSI mode does.
  alone.ansi = alone.ansi || style == TextStyle::kShow;
  alone.relations = {std::move(places)};
  auto query = Compile(text, TextPlace(SourcePosition{"show", 1, 1}), alone, diagnostics);
  if (!query) return std::nullopt;
  for (size_t i = 0; i < query->schema.size(); ++i) query->schema[i].name = input.schema[i].name;
  return query;
}

}  // namespace flare::sql
