#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/compile.h"

namespace flare::sql {

/// A part of a script: bytes [begin, end) of its text, without the `;`.
struct ScriptPart {
  size_t begin = 0;
  size_t end = 0;
};

/// Splits a script at the `;` that stand outside of strings, quoted names and comments. Parts
/// without a token are left out. After a token that cannot be read the next part begins behind the
/// next `;`.
std::vector<ScriptPart> SplitScript(std::string_view text);

/// Whether what was typed so far ends with the `;` of its last statement; false within a string, a
/// quoted name or a comment.
bool EndsStatement(std::string_view text);

/// What a session does with one statement.
struct Statement {
  enum class Kind { kQuery, kCreateView, kDropView, kSet, kSetTimeZone, kReset };
  Kind kind = Kind::kQuery;
  std::string name;                  ///< of the view; key of the setting, "" = all of them
  std::optional<std::string> value;  ///< of the setting, or the zone; nullopt = it is asked for
  std::vector<std::string> columns;  ///< of the view, when it names them
  bool may_replace = false;
  bool if_exists = false;
  size_t query = 0;  ///< where the query begins in the text
};

/// Tells queries from CREATE TEMPORARY VIEW, DROP VIEW, SET and RESET; everything else is taken for
/// a query, whose parser says what is wrong with it. nullopt: a mistake in the words before the
/// query, added to `diagnostics`.
std::optional<Statement> ReadStatement(std::string_view text, const TextPlace& place,
                                       Diagnostics* diagnostics);

}  // namespace flare::sql
