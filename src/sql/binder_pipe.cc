#include <fmt/format.h>

#include "sql/binder_frame.h"
#include "sql/names.h"

namespace flare::sql {

/// What flows into a pipe operator: a relation with its qualifiers.
std::optional<BoundRelation> Binder::BindInput(const Query& query) {
  bool plain = query.kind == Query::Kind::kRelation && query.with.empty() && query.order_by.empty() && !query.limit && !query.offset;
  if (plain) return BindFrom(*query.from);
  bool relation = query.kind == Query::Kind::kPipe && query.with.empty() &&
                  (query.pipe == Query::Pipe::kFrom || query.pipe == Query::Pipe::kAs);
  if (relation) return BindPipeRelation(query);
  auto bound = BindQuery(query);
  if (!bound) return std::nullopt;
  return AsRelation(std::move(*bound));
}

/// SELECT takes no aggregate functions behind |>, and AGGREGATE takes nothing else beside its keys.
bool Binder::CheckPipeAggregates(const Query& query) {
  bool aggregate = query.pipe == Query::Pipe::kAggregate;
  for (size_t i = query.select.group_by.size(); i < query.select.items.size(); ++i) {
    const Expr& expr = *query.select.items[i].expr;
    if (HasAggregate(expr) == aggregate) continue;
    std::string text(TextOf(expr));
    if (aggregate) {
      Report("PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION",
             fmt::format("|> AGGREGATE needs aggregate functions, but {} has none", text), expr.begin, "use |> SELECT or |> EXTEND");
    } else {
      Report("PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION", fmt::format("{} holds an aggregate function", text), expr.begin,
             "use |> AGGREGATE");
    }
    return false;
  }
  return true;
}

std::optional<Binder::QueryText> Binder::BindPipe(const Query& query) {
  bool relation = query.pipe == Query::Pipe::kFrom || query.pipe == Query::Pipe::kAs;
  auto input = relation ? BindPipeRelation(query) : BindInput(*query.left);
  if (!input) return std::nullopt;
  Query tail;
  tail.begin = query.begin;
  switch (query.pipe) {
    case Query::Pipe::kFrom:
    case Query::Pipe::kAs: return BindSelect(SelectEverything(), tail, std::move(*input));
    case Query::Pipe::kTail: return BindSelect(SelectEverything(), query, std::move(*input));
    case Query::Pipe::kSet: return BindPipeSet(query, std::move(*input));
    case Query::Pipe::kSelect:
    case Query::Pipe::kAggregate:
      if (!CheckPipeAggregates(query)) return std::nullopt;
      ordinals_ = query.pipe == Query::Pipe::kAggregate;
      return BindSelect(query.select, tail, std::move(*input));
  }
  return std::nullopt;
}

/// A number among the keys of AGGREGATE: the column of the input at that place.
std::vector<Bound> Binder::BindPosition(const SelectItem& item, size_t position) {
  size_t place = 0;
  for (const ScopeColumn& column : frames_.back()->from.columns) {
    if (!column.hidden && ++place == position) return {ColumnOf(column, column.name, item.expr->begin)};
  }
  Report("GROUP_BY_POS_OUT_OF_RANGE", fmt::format("GROUP BY position {} is not among the {} columns before |>", position, place),
         item.expr->begin);
  return {Bad(*item.expr)};
}

/// AS, JOIN, PIVOT, UNPIVOT or TABLESAMPLE behind |>: hidden columns of a join stay in sight.
std::optional<BoundRelation> Binder::BindPipeRelation(const Query& query) {
  auto input = BindInput(*query.left);
  if (!input) return std::nullopt;
  if (query.pipe == Query::Pipe::kFrom) return BindOver(*query.from, std::move(*input));
  FromItem alias;
  alias.alias = query.alias;
  ApplyAlias(alias, &*input);
  return input;
}

/// SET a = x, b = y: one after the other, so that y sees the new a. A set column loses its qualifier.
std::optional<Binder::QueryText> Binder::BindPipeSet(const Query& query, BoundRelation from) {
  std::optional<QueryText> text;
  for (const SelectItem& item : query.select.items) {
    Frame frame;
    frame.from = text ? AsRelation(std::move(*text)) : std::move(from);
    FrameScope scope(this, &frame);
    Output output;
    bool found = false;
    for (const ScopeColumn& column : frame.from.columns) {
      if (column.hidden) continue;
      bool set = NameEquals(column.name, item.aliases[0]);
      found = found || set;
      output.columns.push_back(set ? BindExpr(*item.expr) : ColumnOf(column, column.name, query.begin));
      output.names.push_back(column.name);
      output.aliased.push_back(set);
    }
    if (!found) {
      Expr name;
      name.kind = ExprKind::kName;
      name.parts = item.aliases;
      name.begin = item.expr->begin;
      ReportUnresolved(name);
      return std::nullopt;
    }
    text = Render(output, frame, "SELECT ");
  }
  return text;
}

}  // namespace flare::sql
