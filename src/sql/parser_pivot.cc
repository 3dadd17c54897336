#include <fmt/format.h>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {

bool Parser::IsPivot() const {
  if (IsWord("pivot")) return IsSymbol("(", 1);
  return IsWord("unpivot") && (IsSymbol("(", 1) || IsWord("nulls", 2));
}

FromPtr Parser::ParsePivots(FromPtr input) {
  return IsWord("pivot") ? ParsePivot(std::move(input)) : ParseUnpivot(std::move(input));
}

/// PIVOT (aggregate [AS a], ... FOR column | (columns) IN (value [AS a], ...))
FromPtr Parser::ParsePivot(FromPtr input) {
  Take();
  FromPtr item = NewFrom(FromItem::Kind::kPivot, std::move(input));
  if (!item || !ExpectSymbol("(")) return nullptr;
  Pivot& pivot = item->pivot;
  if (!ParseSelectItems(&pivot.aggregates) || !ExpectWord("for")) return nullptr;
  bool several = AcceptSymbol("(");
  do {
    ExprPtr column = New(ExprKind::kName, Peek().begin);
    if (!ExpectName(&column->parts.emplace_back(), "a column to pivot by")) return nullptr;
    pivot.columns.push_back(Finish(std::move(column)));
  } while (several && AcceptSymbol(","));
  if (several && !ExpectSymbol(")")) return nullptr;
  if (!ExpectWord("in") || !ExpectSymbol("(")) return nullptr;
  if (!ParseSelectItems(&pivot.values) || !ExpectSymbol(")") || !ExpectSymbol(")")) return nullptr;
  item->end = LastEnd();
  return item;
}

/// UNPIVOT [INCLUDE NULLS] (value FOR name IN (column [AS a], ...)) or
/// UNPIVOT ((value, ...) FOR name IN ((column, ...) [AS a], ...)), and an alias.
FromPtr Parser::ParseUnpivot(FromPtr input) {
  Take();
  FromPtr item = NewFrom(FromItem::Kind::kUnpivot, std::move(input));
  if (!item) return nullptr;
  Unpivot& unpivot = item->unpivot;
  if (IsWord("include") || IsWord("exclude")) {
    unpivot.include_nulls = IsWord("include");
    Take();
    if (!ExpectWord("nulls")) return nullptr;
  }
  if (!ExpectSymbol("(")) return nullptr;
  bool several = IsSymbol("(");
  if (several ? !ParseNameList(&unpivot.values) : !ExpectName(&unpivot.values.emplace_back(), "a name for the values")) {
    return nullptr;
  }
  if (!ExpectWord("for") || !ExpectName(&unpivot.name, "a name for the column of names")) return nullptr;
  if (!ExpectWord("in") || !ExpectSymbol("(")) return nullptr;
  do {
    Unpivot::Set& set = unpivot.sets.emplace_back();
    if (several && !ExpectSymbol("(")) return nullptr;
    do {
      if (!IsName()) return FailHere("a column"), nullptr;
      set.columns.push_back(ParseNamePath());
      if (!set.columns.back()) return nullptr;
    } while (several && AcceptSymbol(","));
    if (several && !ExpectSymbol(")")) return nullptr;
    if ((AcceptWord("as") || IsAlias()) && !ExpectName(&set.alias, "an alias")) return nullptr;
  } while (AcceptSymbol(","));
  if (!ExpectSymbol(")") || !ExpectSymbol(")")) return nullptr;
  if ((AcceptWord("as") || IsAlias()) && !ExpectName(&item->alias, "an alias")) return nullptr;
  item->end = LastEnd();
  return item;
}

/// TABLESAMPLE (10 PERCENT | n ROWS | BUCKET x OUT OF y) [REPEATABLE (seed)]
FromPtr Parser::ParseSample(FromPtr input) {
  size_t begin = Peek().begin;
  Take();
  Take();
  FromPtr item = NewFrom(FromItem::Kind::kSample, std::move(input));
  if (!item) return nullptr;
  item->begin = begin;
  Sample& sample = item->sample;
  if (IsSymbol(")")) {
    Fail("PARSE_EMPTY_STATEMENT", "TABLESAMPLE needs a number of rows or a share in brackets", Peek().begin);
    return nullptr;
  }
  bool negative = IsSymbol("-") && Peek(1).kind == TokenKind::kNumber && IsWord("percent", 2);
  if (negative || (Peek().kind == TokenKind::kNumber && IsWord("percent", 1))) {
    if (negative) Take();
    sample.percent = (negative ? "-" : "") + Take().text;
    Take();
  } else if (IsWord("bucket") && Peek(1).kind == TokenKind::kNumber) {
    if (!ParseBucket(&sample)) return nullptr;
  } else {
    sample.rows = ParseExpression();
    if (!sample.rows) return nullptr;
    if (!AcceptWord("rows")) {
      Fail("INVALID_SQL_SYNTAX.INVALID_TABLE_SAMPLE", "TABLESAMPLE by a number of bytes is not supported", begin);
      return nullptr;
    }
  }
  if (!ExpectSymbol(")")) return nullptr;
  if (AcceptWord("repeatable")) {
    if (!ExpectSymbol("(")) return nullptr;
    if (Peek().kind != TokenKind::kNumber) return FailHere("a whole number as the seed"), nullptr;
    sample.seed = Take().text;
    if (!ExpectSymbol(")")) return nullptr;
  }
  item->end = LastEnd();
  return item;
}

bool Parser::ParseBucket(Sample* sample) {
  size_t begin = Take().begin;
  double bucket = std::strtod(Take().text.c_str(), nullptr);
  if (!ExpectWord("out") || !ExpectWord("of")) return false;
  if (Peek().kind != TokenKind::kNumber) return FailHere("the number of buckets"), false;
  double buckets = std::strtod(Take().text.c_str(), nullptr);
  if (IsWord("on")) return Unsupported("TABLESAMPLE_BUCKET_ON", "TABLESAMPLE (BUCKET x OUT OF y ON ...)", begin), false;
  if (bucket < 1 || buckets < bucket) {
    Fail("INVALID_SQL_SYNTAX.INVALID_TABLE_SAMPLE", "TABLESAMPLE needs a bucket between 1 and their number", begin);
    return false;
  }
  sample->percent = fmt::format("{}", 100.0 / buckets);
  return true;
}

}  // namespace flare::sql
