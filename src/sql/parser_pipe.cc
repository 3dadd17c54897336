#include <fmt/format.h>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {

SelectItem Parser::Everything() {
  SelectItem item;
  item.expr = New(ExprKind::kStar, Peek().begin);
  item.expr->end = item.expr->begin;
  return item;
}

/// input |> operator
QueryPtr Parser::ParsePipe(QueryPtr input) {
  Take();
  for (std::string_view word : {"union", "except", "minus", "setminus", "intersect"}) {
    if (IsWord(word)) return ParseSetOperations(NewQuery(Query::Kind::kNested, std::move(input)), false);
  }
  QueryPtr query = NewQuery(Query::Kind::kPipe, std::move(input));
  if (!query) return nullptr;
  Query& pipe = *query;
  bool read = false;
  if (IsWord("select")) {
    read = ParsePipeSelect(&pipe);
  } else if (AcceptWord("extend")) {
    pipe.select.items.push_back(Everything());
    read = ParseSelectItems(&pipe.select.items);
  } else if (AcceptWord("drop")) {
    pipe.select.items.push_back(Everything());
    read = ParsePipeDrop(&pipe.select.items[0]);
  } else if (AcceptWord("where")) {
    pipe.select.items.push_back(Everything());
    pipe.select.where = ParseExpression();
    read = pipe.select.where != nullptr;
  } else if (AcceptWord("set")) {
    pipe.pipe = Query::Pipe::kSet;
    read = ParsePipeSet(&pipe);
  } else if (AcceptWord("aggregate")) {
    pipe.pipe = Query::Pipe::kAggregate;
    read = ParsePipeAggregate(&pipe);
  } else if (AcceptWord("as")) {
    pipe.pipe = Query::Pipe::kAs;
    read = ExpectName(&pipe.alias, "an alias");
  } else if (IsJoin() || IsPivot() || (IsWord("tablesample") && IsSymbol("(", 1))) {
    pipe.pipe = Query::Pipe::kFrom;
    FromPtr hole = NewFrom(FromItem::Kind::kTable);
    pipe.from = IsJoin() ? ParseJoin(std::move(hole)) : IsPivot() ? ParsePivots(std::move(hole)) : ParseSample(std::move(hole));
    read = pipe.from != nullptr;
  } else if (IsQueryTail() && !IsSymbol("|>")) {
    pipe.pipe = Query::Pipe::kTail;
    read = ParseTail(&pipe);
  } else {
    FailHere("an operator such as SELECT, WHERE, AGGREGATE or JOIN behind |>");
  }
  if (!read) return nullptr;
  pipe.end = LastEnd();
  return query;
}

bool Parser::ParsePipeSelect(Query* query) {
  Take();
  while (Peek().kind == TokenKind::kHint) NoteHint(Take());
  query->select.distinct = AcceptWord("distinct");
  return ParseSelectItems(&query->select.items);
}

/// SET a = x, b = y
bool Parser::ParsePipeSet(Query* query) {
  do {
    SelectItem item;
    size_t begin = Peek().begin;
    if (!ExpectName(&item.aliases.emplace_back(), "a column to set")) return false;
    if (IsSymbol(".")) {
      return Unsupported("PIPE_SET_FIELD", "SET of a field of a struct", begin), false;
    }
    if (!AcceptSymbol("=") && !AcceptSymbol("==")) return FailHere("'='"), false;
    item.expr = ParseExpression();
    if (!item.expr) return false;
    query->select.items.push_back(std::move(item));
  } while (AcceptSymbol(","));
  return true;
}

bool Parser::ParsePipeDrop(SelectItem* everything) {
  do {
    ExprPtr name = New(ExprKind::kName, Peek().begin);
    if (!ExpectName(&name->parts.emplace_back(), "a column to drop")) return false;
    everything->expr->args.push_back(Finish(std::move(name)));
  } while (AcceptSymbol(","));
  return true;
}

/// AGGREGATE [expression [AS a], ...] [GROUP BY expression [AS a], ...]: the keys come first in the result.
bool Parser::ParsePipeAggregate(Query* query) {
  std::vector<SelectItem> aggregates;
  if (!(IsWord("group") && IsWord("by", 1)) && !ParseSelectItems(&aggregates)) return false;
  std::vector<SelectItem>& items = query->select.items;
  if (IsWord("group") && IsWord("by", 1)) {
    Take();
    Take();
    query->select.has_group_by = true;
    if (!ParseSelectItems(&items)) return false;
    for (const SelectItem& key : items) {
      ExprPtr place = New(ExprKind::kLiteral, key.expr->begin);
      place->type = Type(TypeId::kInt);
      place->text = fmt::format("{}", query->select.group_by.size() + 1);
      query->select.group_by.push_back(std::move(place));
    }
  }
  for (SelectItem& aggregate : aggregates) items.push_back(std::move(aggregate));
  return true;
}

}  // namespace flare::sql
