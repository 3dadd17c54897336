#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "sql/binder_frame.h"
#include "sql/functions.h"
#include "sql/names.h"
#include "sql/streaming_rules.h"

namespace flare::sql {

std::string Binder::NewSource() { return fmt::format("t{}", next_source_++); }

const Relation* Binder::FindRelation(const std::vector<std::string>& name) const {
  for (const Relation& relation : scope_.relations) {
    if (name.size() == 1 && EqualIgnoreCase(relation.name, name[0])) return &relation;
  }
  return nullptr;
}

/// Gives a relation the alias and the column names that are written behind it.
bool Binder::ApplyAlias(const FromItem& item, BoundRelation* relation) {
  std::vector<ScopeColumn>& columns = relation->columns;
  if (!item.alias.empty()) {
    std::erase_if(columns, [](const ScopeColumn& column) { return column.hidden; });
    for (ScopeColumn& column : columns) column.qualifier = {item.alias};
  }
  if (item.column_aliases.empty()) return true;
  if (item.column_aliases.size() != columns.size()) {
    Report("ASSIGNMENT_ARITY_MISMATCH",
           fmt::format("{} column aliases are given for {} columns", item.column_aliases.size(), columns.size()), item.begin);
    return false;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i].name = item.column_aliases[i];
    columns[i].id = next_id_++;
  }
  return true;
}

std::optional<BoundRelation> Binder::BindFrom(const FromItem& item) {
  std::optional<BoundRelation> relation;
  switch (item.kind) {
    case FromItem::Kind::kTable: relation = BindTable(item); break;
    case FromItem::Kind::kSubquery: relation = BindDerived(item); break;
    case FromItem::Kind::kValues: relation = BindValues(item); break;
    case FromItem::Kind::kFunction: return BindTableFunction(item);
    case FromItem::Kind::kNested: relation = BindFrom(*item.left); break;
    case FromItem::Kind::kJoin:
    case FromItem::Kind::kLateralView:
    case FromItem::Kind::kPivot:
    case FromItem::Kind::kUnpivot:
    case FromItem::Kind::kSample: {
      auto input = item.left ? BindFrom(*item.left) : BoundRelation();
      return input ? BindOver(item, std::move(*input)) : std::nullopt;
    }
  }
  if (!relation || !ApplyAlias(item, &*relation)) return std::nullopt;
  return relation;
}

/// What changes the relation on its left.
std::optional<BoundRelation> Binder::BindOver(const FromItem& item, BoundRelation input) {
  switch (item.kind) {
    case FromItem::Kind::kJoin: return BindJoin(item, std::move(input));
    case FromItem::Kind::kLateralView: return BindLateralFunction(item, std::move(input), item.outer);
    case FromItem::Kind::kPivot: return BindPivot(item, std::move(input));
    case FromItem::Kind::kUnpivot: return BindUnpivot(item, std::move(input));
    default: return BindSample(item, std::move(input));
  }
}

std::optional<BoundRelation> Binder::BindTable(const FromItem& item) {
  BoundRelation relation;
  std::string source = NewSource();
  auto add = [&](const std::string& name, const Type& type, bool nullable) {
    ScopeColumn& column = relation.columns.emplace_back();
    column.name = name;
    column.type = type;
    column.nullable = nullable;
    column.sql = fmt::format("{}.{}", source, DuckDbColumnName(relation.columns.size() - 1));
    column.qualifier = item.name;
    column.id = next_id_++;
  };
  auto common = std::find_if(common_tables_.rbegin(), common_tables_.rend(), [&](const CommonText& table) {
    return item.name.size() == 1 && EqualIgnoreCase(table.name, item.name[0]);
  });
  if (common != common_tables_.rend()) {
    relation.sql = fmt::format("{} AS {}", common->reference, source);
    relation.streaming = common->query.streaming;
    for (const ScopeColumn& column : common->query.columns) add(column.name, column.type, column.nullable);
    return relation;
  }
  if (const Relation* known = FindRelation(item.name)) {
    relation.sql = fmt::format("{} AS {}", known->duckdb_from, source);
    relation.streaming = scope_.streaming && !known->is_static;
    for (const StructField& field : known->schema) add(field.name, field.type, field.nullable);
    if (std::find(reads_.begin(), reads_.end(), known->name) == reads_.end()) reads_.push_back(known->name);
    return relation;
  }
  std::vector<std::string> names;
  for (const Relation& known : scope_.relations) names.push_back(known.name);
  for (const CommonText& table : common_tables_) names.push_back(table.name);
  std::string expected;
  for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
  std::string near = NearestName(item.name.back(), names);
  Report("TABLE_OR_VIEW_NOT_FOUND", fmt::format("the table or view {} cannot be found", QuoteNameParts(item.name)),
         item.begin, near.empty() ? "" : fmt::format("did you mean {}?", near), expected, item.name.back());
  return std::nullopt;
}

/// (query) in FROM. Without an alias its columns have no qualifier.
std::optional<BoundRelation> Binder::BindDerived(const FromItem& item) {
  Frame left;
  Frame* outer = outer_;
  if (item.lateral && lateral_ != nullptr) {
    left.from = *lateral_;
    left.outer = outer_;
    outer = &left;
  }
  Restored<Frame*> correlated(&outer_, outer);
  auto query = BindQuery(*item.query);
  if (!query) return std::nullopt;
  BoundRelation relation = AsRelation(std::move(*query));
  if (item.lateral) relation.sql = "LATERAL " + relation.sql;
  for (ScopeColumn& column : relation.columns) column.qualifier.clear();
  return relation;
}

/// VALUES (1, 'a'), (2, 'b'): the columns are col1, col2, ... of the rows' common types.
std::optional<BoundRelation> Binder::BindValues(const FromItem& item) {
  Frame nothing;  // no column is in sight
  FrameScope scope(this, &nothing);
  nothing.outer = nullptr;
  nothing.no_aggregates = true;
  std::vector<std::vector<Bound>> columns;
  size_t rows = 0;
  for (const ExprPtr& row : item.rows) {
    bool several = row->kind == ExprKind::kCall && EqualIgnoreCase(row->text, "struct");
    size_t width = several ? row->args.size() : 1;
    if (rows++ == 0) columns.resize(width);
    if (width != columns.size()) {
      Report("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
             fmt::format("VALUES needs rows of {} columns, found one of {}", columns.size(), width), row->begin);
      return std::nullopt;
    }
    for (size_t i = 0; i < width; ++i) {
      Bound value = BindExpr(several ? *row->args[i] : *row);
      if (value.bad) return std::nullopt;
      columns[i].push_back(std::move(value));
    }
  }
  BoundRelation relation;
  std::string source = NewSource();
  std::string names;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::optional<Type> type = columns[i][0].type;
    bool nullable = false;
    for (const Bound& value : columns[i]) {
      type = type ? WiderType(*type, value.type, false) : type;
      nullable = nullable || value.nullable;
      if (type) continue;
      Report("INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE",
             fmt::format("column {} of VALUES has values of types that do not go together", i + 1), value.begin);
      return std::nullopt;
    }
    for (Bound& value : columns[i]) value = Cast(std::move(value), *type);
    std::string name = DuckDbColumnName(i);
    names += (i > 0 ? ", " : "") + name;
    relation.columns.push_back({fmt::format("col{}", i + 1), *type, nullable, fmt::format("{}.{}", source, name), {}, next_id_++});
  }
  std::string text;
  for (size_t row = 0; row < rows; ++row) {
    text += row > 0 ? ", (" : "(";
    for (size_t i = 0; i < columns.size(); ++i) {
      // the first row decides DuckDB's types
      const Bound& value = columns[i][row];
      text += (i > 0 ? ", " : "") + (row == 0 ? fmt::format("CAST({} AS {})", value.sql, value.type.ToDuckDb()) : value.sql);
    }
    text += ")";
  }
  relation.sql = fmt::format("(VALUES {}) AS {}({})", text, source, names);
  return relation;
}

std::optional<BoundRelation> Binder::BindTableFunction(const FromItem& item) {
  std::string name = LowerAscii(item.name.back());
  if (name == "range") {
    auto relation = BindRange(item);
    if (!relation || !ApplyAlias(item, &*relation)) return std::nullopt;
    return relation;
  }
  if (IsTableGenerator(*item.call)) return BindLateralFunction(item, BoundRelation(), false);
  bool scalar = FindFunction(name) != nullptr;
  Report("UNRESOLVABLE_TABLE_VALUED_FUNCTION",
         fmt::format("{} is {}", QuoteNameParts(item.name), scalar ? "no function that yields rows" : "no function that is known"),
         item.begin, "", "range, explode, posexplode, inline, stack, json_tuple and their _outer forms");
  return std::nullopt;
}

/// range([start,] end [, step [, partitions]])
std::optional<BoundRelation> Binder::BindRange(const FromItem& item) {
  Frame nothing;  // no column is in sight
  FrameScope scope(this, &nothing);
  nothing.outer = nullptr;
  const std::vector<ExprPtr>& written = item.call->args;
  if (written.empty() || written.size() > 4) {
    Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", fmt::format("range() takes 1 to 4 arguments, found {}", written.size()), item.begin);
    return std::nullopt;
  }
  std::vector<std::string> args;
  for (size_t i = 0; i < written.size(); ++i) {
    Bound arg = Implicit(BindExpr(*written[i]), Type(TypeId::kLong), "range", i);
    if (arg.bad) return std::nullopt;
    bool null = arg.is_literal && arg.literal.empty();
    if (null || (i == 2 && arg.is_literal && arg.literal == "0")) {
      Report("UNEXPECTED_INPUT_TYPE", fmt::format("argument {} of range() cannot be {}", i + 1, arg.pretty), arg.begin);
      return std::nullopt;
    }
    args.push_back(fmt::format("CAST({} AS BIGINT)", arg.sql));
  }
  if (args.size() == 1) args.insert(args.begin(), "0");
  if (args.size() == 2) args.push_back("1");
  BoundRelation relation;
  std::string source = NewSource();
  relation.sql = fmt::format("range({}, {}, {}) AS {}(c0)", args[0], args[1], args[2], source);
  relation.columns.push_back({"id", Type(TypeId::kLong), false, source + ".c0", {}, next_id_++});
  return relation;
}

/// TABLESAMPLE: n ROWS are the first n; a share is chosen by chance.
std::optional<BoundRelation> Binder::BindSample(const FromItem& item, BoundRelation input) {
  if (input.streaming) {
    Refuse(SampleOfStream(), item.begin);
    return std::nullopt;
  }
  const Sample& sample = item.sample;
  if (sample.rows) {
    std::string rows = BindCount(*sample.rows, "TABLESAMPLE (... ROWS)");
    return rows.empty() ? std::nullopt : std::optional(Wrap(input, Generated(), " LIMIT " + rows));
  }
  double percent = std::strtod(sample.percent.c_str(), nullptr);
  if (percent < 0 || percent > 100) {
    Report("INVALID_SQL_SYNTAX.INVALID_TABLE_SAMPLE", "TABLESAMPLE needs a share between 0 and 100 percent", item.begin);
    return std::nullopt;
  }
  std::string seed = sample.seed.empty() ? "" : fmt::format(" REPEATABLE ({})", sample.seed);
  return Wrap(input, Generated(), fmt::format(" USING SAMPLE bernoulli({} PERCENT){}", percent, seed));
}

}  // namespace flare::sql
