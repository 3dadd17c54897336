#include <algorithm>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

/// Words that are no alias without AS, whatever follows them.
constexpr std::string_view kNeverAnAlias[] = {
    "from",  "where", "union", "except", "intersect", "minus", "setminus", "lateral", "on",  "using", "join",
    "inner", "left",  "right", "full",   "cross",     "natural", "semi",  "anti", "and",    "or",
    "not",   "in",    "is",    "like",   "ilike",     "rlike", "regexp",  "between", "div", "as"};

/// Words that begin a clause, or end an expression, and are names like any other where that cannot be.
constexpr std::string_view kSeldomAnAlias[] = {
    "group",  "having", "order",   "limit",       "offset",  "sort", "cluster", "distribute", "window",
    "pivot",  "unpivot", "tablesample", "qualify", "when",   "then", "else",    "end",        "asc",
    "desc",   "nulls",  "escape",  "for",         "into",    "set",  "select",  "version",    "timestamp"};

/// Words that may come right after an alias.
constexpr std::string_view kAfterAlias[] = {
    "from",  "where", "group", "having", "order", "sort",  "cluster", "distribute", "limit",  "offset",
    "union", "except", "intersect", "minus", "window", "lateral", "join", "inner", "left", "right",
    "full",  "cross", "natural", "semi", "anti", "on", "using", "pivot", "unpivot", "for", "select"};

template <size_t N>
bool IsOneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [word](std::string_view other) { return EqualIgnoreCase(word, other); });
}

}  // namespace

/// Whether an alias without AS stands here.
bool Parser::IsAlias() const {
  const Token& token = Peek();
  if (token.kind == TokenKind::kQuotedName) return true;
  if (token.kind != TokenKind::kWord || IsOneOf(token.text, kNeverAnAlias)) return false;
  return !IsOneOf(token.text, kSeldomAnAlias) || EndsAlias(1);
}

/// Whether what stands `ahead` can follow an alias: the end, a separator, the next clause.
bool Parser::EndsAlias(size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind == TokenKind::kEnd) return true;
  if (token.kind == TokenKind::kWord) return IsOneOf(token.text, kAfterAlias);
  return IsSymbol(",", ahead) || IsSymbol(")", ahead) || IsSymbol(";", ahead) || IsSymbol("|>", ahead);
}

}  // namespace flare::sql
