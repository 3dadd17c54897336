#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

/// The name of an output column that was given none.
std::string NameOf(const Bound& column) { return column.name.empty() ? column.pretty : column.name; }

bool ToOrdinal(const Expr& expr, size_t* index) {
  if (expr.kind != ExprKind::kLiteral || !expr.type.is(TypeId::kInt)) return false;
  auto [end, error] = std::from_chars(expr.text.data(), expr.text.data() + expr.text.size(), *index);
  return error == std::errc() && end == expr.text.data() + expr.text.size();
}

}  // namespace

std::optional<CompiledQuery> Binder::BindStatement(const Query& query) {
  auto bound = BindQuery(query);
  if (!bound || errors_ > 0) return std::nullopt;
  CompiledQuery compiled;
  compiled.duckdb_sql = std::move(bound->sql);
  compiled.schema = std::move(bound->schema);
  compiled.reads = std::move(reads_);
  for (auto& [name, function] : functions_) compiled.functions.push_back(std::move(function));
  return compiled;
}

void Binder::OpenSource(BoundSource source) {
  base_frame_.sources.push_back(std::move(source));
  frames_ = {&base_frame_};
}

const Relation* Binder::FindRelation(const std::vector<std::string>& name) const {
  for (const Relation& relation : scope_.relations) {
    if (name.size() == 1 && EqualIgnoreCase(relation.name, name[0])) return &relation;
  }
  return nullptr;
}

bool Binder::ApplyColumnAliases(const FromItem& item, Schema* schema) {
  if (item.column_aliases.empty()) return true;
  if (item.column_aliases.size() != schema->size()) {
    Report("ASSIGNMENT_ARITY_MISMATCH",
           fmt::format("{} column aliases are given for {} columns", item.column_aliases.size(), schema->size()), item.begin);
    return false;
  }
  for (size_t i = 0; i < schema->size(); ++i) (*schema)[i].name = item.column_aliases[i];
  return true;
}

bool Binder::BindFromItem(const FromItem& item, Frame* frame, std::string* sql) {
  BoundSource source;
  source.duckdb = fmt::format("t{}", next_source_++);
  source.alias = item.alias;
  if (item.kind == FromItem::Kind::kSubquery) {
    auto query = BindQuery(*item.query);
    if (!query) return false;
    source.schema = std::move(query->schema);
    *sql += fmt::format("({}) AS {}", query->sql, source.duckdb);
  } else {
    source.qualifier = item.name;
    if (source.alias.empty()) source.alias = item.name.back();
    auto common = std::find_if(common_tables_.rbegin(), common_tables_.rend(), [&](const auto& table) {
      return item.name.size() == 1 && EqualIgnoreCase(table.first, item.name[0]);
    });
    if (common != common_tables_.rend()) {
      source.schema = common->second.schema;
      *sql += fmt::format("({}) AS {}", common->second.sql, source.duckdb);
    } else if (const Relation* relation = FindRelation(item.name)) {
      source.schema = relation->schema;
      *sql += fmt::format("{} AS {}", relation->duckdb_from, source.duckdb);
      if (std::find(reads_.begin(), reads_.end(), relation->name) == reads_.end()) reads_.push_back(relation->name);
    } else {
      std::vector<std::string> names;
      for (const Relation& known : scope_.relations) names.push_back(known.name);
      for (const auto& table : common_tables_) names.push_back(table.first);
      std::string expected;
      for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
      std::string near = NearestName(item.name.back(), names);
      Report("TABLE_OR_VIEW_NOT_FOUND", fmt::format("the table or view {} cannot be found", QuoteNameParts(item.name)),
             item.begin, near.empty() ? "" : fmt::format("did you mean {}?", near), expected, item.name.back());
      return false;
    }
  }
  if (!ApplyColumnAliases(item, &source.schema)) return false;
  frame->sources.push_back(std::move(source));
  return true;
}

bool Binder::BindFrom(const Select& select, Frame* frame, std::string* sql) {
  for (const FromItem& item : select.from) {
    if (!sql->empty()) *sql += ", ";
    if (!BindFromItem(item, frame, sql)) return false;
  }
  return true;
}

Bound Binder::BindCondition(const Expr& expr, std::string_view clause) {
  Bound condition = BindExpr(expr);
  if (condition.bad || condition.type.is(TypeId::kBoolean)) return condition;
  if (condition.type.is(TypeId::kVoid)) return Cast(std::move(condition), Type(TypeId::kBoolean));
  Report("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
         fmt::format("{} needs a BOOLEAN condition, but {} is {}", clause, condition.pretty,
                     UpperAscii(condition.type.ToSimpleString())),
         expr.begin);
  return Bad(expr);
}

void Binder::BindSelectList(const Select& select, Frame* frame, Output* output) {
  frame->aliases = output;
  generators_ = 0;
  for (const SelectItem& item : select.items) {
    std::vector<Bound> columns = BindItem(item);
    for (Bound& column : columns) {
      bool aliased = !item.aliases.empty();
      bool several = columns.size() > 1;
      output->names.push_back(aliased && !several ? item.aliases[0] : NameOf(column));
      output->aliased.push_back(aliased);
      output->columns.push_back(std::move(column));
    }
  }
}

/// Binds GROUP BY's expressions: a position, an alias of the SELECT list, or an expression over the input.
void Binder::BindGroupBy(const Select& select, Frame* frame, std::vector<std::string>* keys) {
  frame->no_aggregates = true;
  auto add = [&](const Bound& key) {
    if (key.bad) return;
    if (!IsOrderable(key.type)) {
      Report("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE",
             fmt::format("{} of type {} cannot be grouped by", key.pretty, UpperAscii(key.type.ToSimpleString())), key.begin);
    }
    if (frame->group.insert(key.sql).second) keys->push_back(key.sql);
  };
  for (const ExprPtr& expr : select.group_by) {
    size_t position = 0;
    if (ToOrdinal(*expr, &position)) {
      if (position == 0 || position > select.items.size()) {
        Report("GROUP_BY_POS_OUT_OF_RANGE",
               fmt::format("GROUP BY position {} is not in the select list of {} items", position, select.items.size()),
               expr->begin);
        continue;
      }
      for (const Bound& column : BindItem(select.items[position - 1])) add(column);
      continue;
    }
    const SelectItem* aliased = nullptr;
    if (expr->kind == ExprKind::kName && expr->parts.size() == 1) {
      Bound column;
      size_t used = 0;
      Diagnostics* saved = diagnostics_;
      Diagnostics silent;
      diagnostics_ = &silent;
      int errors = errors_;
      bool is_column = ResolveColumn(*expr, &column, &used);
      errors_ = errors;
      diagnostics_ = saved;
      for (const SelectItem& item : select.items) {
        bool same = !item.aliases.empty() && NameEquals(item.aliases[0], expr->parts[0]);
        if (same && !is_column && aliased == nullptr) aliased = &item;
      }
    }
    add(BindExpr(aliased != nullptr ? *aliased->expr : *expr));
  }
  frame->no_aggregates = false;
}

/// What sees only one batch's rows here, where Spark means those of the whole stream.
void Binder::RefuseOnStream(const Query& query, const Frame& frame) {
  if (!scope_.streaming || frame.sources.empty()) return;
  auto refuse = [&](const char* condition, const char* what) {
    Report(fmt::format("UNSUPPORTED_FEATURE.STREAMING_{}", condition),
           fmt::format("{} on a stream is not supported yet: it would see the rows of one batch only", what), query.begin);
  };
  if (frame.grouped) refuse("AGGREGATION", "an aggregate (GROUP BY, count, sum, ...)");
  if (query.select.distinct) refuse("DISTINCT", "SELECT DISTINCT");
  if (!query.order_by.empty()) refuse("SORT", "ORDER BY");
  if (query.limit || query.offset) refuse("LIMIT", "LIMIT or OFFSET");
}

void Binder::CheckGrouping(const Frame& frame, const Output& output) {
  if (!frame.grouped) return;
  for (const Bound& column : output.columns) {
    if (column.bad || column.loose_column == kNoOffset) continue;
    Report(frame.group.empty() ? "MISSING_GROUP_BY" : "MISSING_AGGREGATION",
           fmt::format("the column {} is neither in GROUP BY nor inside an aggregate function", column.loose_name),
           column.loose_column, "add it to GROUP BY, or take any_value() of it");
  }
}

std::string Binder::BindOrderBy(const Query& query, Frame* frame, Output* output, bool distinct) {
  std::string sql;
  frame->aliases_first = true;
  for (const SortItem& item : query.order_by) {
    size_t position = 0;
    std::string key;
    if (ToOrdinal(*item.expr, &position)) {
      if (position == 0 || position > output->columns.size()) {
        Report("ORDER_BY_POS_OUT_OF_RANGE",
               fmt::format("ORDER BY position {} is not in the select list of {} columns", position, output->columns.size()),
               item.expr->begin);
        continue;
      }
      key = DuckDbColumnName(position - 1);
    } else {
      Bound bound = BindExpr(*item.expr);
      if (bound.bad) continue;
      if (!IsOrderable(bound.type)) {
        Report("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
               fmt::format("{} of type {} cannot be sorted", bound.pretty, UpperAscii(bound.type.ToSimpleString())),
               item.expr->begin);
        continue;
      }
      key = bound.sql;
      if (bound.is_literal) continue;  // a constant sorts nothing
      if (frame->grouped && bound.loose_column != kNoOffset) {
        Report("MISSING_AGGREGATION",
               fmt::format("ORDER BY names {}, which is neither in GROUP BY nor inside an aggregate function", bound.loose_name),
               bound.loose_column);
      }
      for (size_t i = 0; i < output->columns.size(); ++i) {
        if (output->columns[i].sql == key) {
          key = DuckDbColumnName(i);
          break;
        }
      }
      if (distinct && key == bound.sql) {
        Report("UNSUPPORTED_FEATURE.ORDER_BY_WITH_DISTINCT",
               "ORDER BY of a SELECT DISTINCT can only name its columns", item.expr->begin);
      }
    }
    sql += fmt::format("{}{}{} NULLS {}", sql.empty() ? " ORDER BY " : ", ", key, item.descending ? " DESC" : " ASC",
                       item.nulls_first ? "FIRST" : "LAST");
  }
  frame->aliases_first = false;
  return sql;
}

std::string Binder::BindLimit(const Query& query) {
  std::string sql;
  for (bool limit : {true, false}) {
    const ExprPtr& expr = limit ? query.limit : query.offset;
    if (!expr) continue;
    std::string_view word = limit ? "LIMIT" : "OFFSET";
    if (expr->kind != ExprKind::kLiteral || !expr->type.is_integral() || expr->text.empty() || expr->text[0] == '-') {
      Report("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
             fmt::format("{} needs a whole number that is not negative", word), expr->begin);
      continue;
    }
    sql += fmt::format(" {} {}", word, expr->text);
  }
  return sql;
}

std::optional<Binder::QueryText> Binder::BindQuery(const Query& query) {
  size_t common_before = common_tables_.size();
  for (const CommonTable& table : query.with) {
    auto bound = BindQuery(*table.query);
    if (!bound) return std::nullopt;
    FromItem names;
    names.begin = table.begin;
    names.column_aliases = table.column_aliases;
    if (!ApplyColumnAliases(names, &bound->schema)) return std::nullopt;
    common_tables_.emplace_back(table.name, std::move(*bound));
  }
  const Select& select = query.select;
  Frame frame;
  std::string from;
  if (!BindFrom(select, &frame, &from)) return std::nullopt;
  frames_.push_back(&frame);
  Output output;
  std::string where;
  if (select.where) {
    frame.no_aggregates = true;
    where = " WHERE " + BindCondition(*select.where, "WHERE").sql;
    frame.no_aggregates = false;
  }
  std::vector<std::string> keys;
  if (select.has_group_by && !select.group_by_all) BindGroupBy(select, &frame, &keys);
  BindSelectList(select, &frame, &output);
  bool aggregates = std::any_of(output.columns.begin(), output.columns.end(),
                                [](const Bound& column) { return column.has_aggregate; });
  frame.grouped = select.has_group_by || aggregates;
  if (select.group_by_all) {
    for (Bound& column : output.columns) {
      if (column.has_aggregate || column.bad || column.is_literal) continue;
      if (frame.group.insert(column.sql).second) keys.push_back(column.sql);
      column.loose_column = kNoOffset;
    }
  }
  std::string having;
  if (select.having) {
    frame.grouped = true;
    frame.aliases_first = true;
    having = " HAVING " + BindCondition(*select.having, "HAVING").sql;
    frame.aliases_first = false;
  }
  RefuseOnStream(query, frame);
  CheckGrouping(frame, output);
  std::string order = BindOrderBy(query, &frame, &output, select.distinct);
  std::string limit = BindLimit(query);
  frames_.pop_back();
  common_tables_.resize(common_before);

  QueryText text;
  text.sql = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  for (size_t i = 0; i < output.columns.size(); ++i) {
    const Bound& column = output.columns[i];
    // an untyped NULL would take DuckDB's default type
    text.sql += fmt::format("{}{} AS {}", i > 0 ? ", " : "", column.sql, DuckDbColumnName(i));
    text.schema.push_back({output.names[i], column.type, column.nullable, ""});
  }
  if (!from.empty()) text.sql += " FROM " + from;
  text.sql += where;
  for (size_t i = 0; i < keys.size(); ++i) text.sql += (i > 0 ? ", " : " GROUP BY ") + keys[i];
  text.sql += having + order + limit;
  return text;
}

}  // namespace flare::sql
