#include <fmt/format.h>

#include "sql/binder_frame.h"
#include "sql/names.h"

namespace flare::sql {

Select SelectEverything() {
  Select select;
  select.items.emplace_back().expr = std::make_unique<Expr>();
  select.items[0].expr->kind = ExprKind::kStar;
  return select;
}

std::optional<CompiledQuery> Binder::BindStatement(const Query& query) {
  auto bound = BindQuery(query);
  if (!bound || errors_ > 0) return std::nullopt;
  CompiledQuery compiled;
  for (const std::string& common : common_sql_) compiled.duckdb_sql += (compiled.duckdb_sql.empty() ? "WITH " : ", ") + common;
  compiled.duckdb_sql += (compiled.duckdb_sql.empty() ? "" : " ") + bound->sql;
  for (ScopeColumn& column : bound->columns) {
    compiled.schema.push_back({std::move(column.name), std::move(column.type), column.nullable, ""});
  }
  compiled.reads = std::move(reads_);
  for (auto& [name, function] : functions_) compiled.functions.push_back(std::move(function));
  return compiled;
}

std::optional<Binder::QueryText> Binder::BindQuery(const Query& query) {
  size_t before = common_tables_.size();
  Restored<const BoundRelation*> no_lateral(&lateral_, nullptr);
  std::optional<QueryText> bound;
  if (BindWith(query)) bound = BindBody(query);
  common_tables_.resize(before);
  return bound;
}

bool Binder::BindWith(const Query& query) {
  for (const CommonTable& table : query.with) {
    size_t outer_before = outer_uses_;
    auto bound = BindQuery(*table.query);
    if (!bound) return false;
    FromItem names;
    names.begin = table.begin;
    names.column_aliases = table.column_aliases;
    BoundRelation renamed;
    renamed.columns = std::move(bound->columns);
    if (!ApplyAlias(names, &renamed)) return false;
    bound->columns = std::move(renamed.columns);
    CommonText& common = common_tables_.emplace_back();
    common.name = table.name;
    if (outer_before == outer_uses_) {
      common.reference = fmt::format("q{}", common_sql_.size());
      common_sql_.push_back(fmt::format("{} AS ({})", common.reference, bound->sql));
    } else {
      common.reference = fmt::format("({})", bound->sql);  // it names columns of the query around it
    }
    common.query = std::move(*bound);
  }
  return true;
}

std::optional<Binder::QueryText> Binder::BindBody(const Query& query) {
  if (query.kind == Query::Kind::kSelect) {
    BoundRelation from;
    if (query.select.from) {
      auto bound = BindFrom(*query.select.from);
      if (!bound) return std::nullopt;
      from = std::move(*bound);
    }
    return BindSelect(query.select, query, std::move(from));
  }
  if (query.kind == Query::Kind::kPipe) return BindPipe(query);
  std::optional<QueryText> body;
  BoundRelation from;
  if (query.kind == Query::Kind::kRelation) {
    auto bound = BindFrom(*query.from);
    if (!bound) return std::nullopt;
    from = std::move(*bound);
  } else {
    body = query.kind == Query::Kind::kSet ? BindSetOperation(query) : BindQuery(*query.left);
    if (!body || (query.order_by.empty() && !query.limit && !query.offset)) return body;
    from = AsRelation(std::move(*body));
  }
  return BindSelect(SelectEverything(), query, std::move(from));
}

/// A query as a relation whose columns keep their names and qualifiers.
BoundRelation Binder::AsRelation(QueryText query) {
  BoundRelation relation;
  std::string source = NewSource();
  relation.sql = fmt::format("({}) AS {}", query.sql, source);
  relation.columns = std::move(query.columns);
  relation.streaming = query.streaming;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    relation.columns[i].sql = fmt::format("{}.{}", source, DuckDbColumnName(i));
  }
  return relation;
}

}  // namespace flare::sql
