#include <fmt/format.h>

#include "sql/format.h"
#include "sql/formatter.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

std::string Name(const std::string& name) { return QuoteNameParts({name}); }

std::string Alias(const FromItem& item) {
  if (item.alias.empty()) return {};
  std::string columns = item.column_aliases.empty() ? "" : fmt::format("({})", FormatNames(item.column_aliases, ", "));
  return fmt::format(" AS {}{}", Name(item.alias), columns);
}

/// Whether FROM stands before it: views of nothing but the SELECT's one row need none.
bool HasRelation(const FromItem& item) {
  const FromItem* left = &item;
  while (left != nullptr && left->kind == FromItem::Kind::kLateralView) left = left->left.get();
  return left != nullptr;
}

}  // namespace

std::string Formatter::Items(const std::vector<SelectItem>& items, size_t from) {
  std::string text;
  for (size_t i = from; i < items.size(); ++i) {
    text += (i > from ? ", " : "") + Expression(*items[i].expr);
    if (items[i].aliases.size() == 1) text += " AS " + Name(items[i].aliases[0]);
    if (items[i].aliases.size() > 1) text += fmt::format(" AS ({})", FormatNames(items[i].aliases, ", "));
  }
  return text;
}

std::string Formatter::GroupText(const Select& select) {
  if (!select.has_group_by) return {};
  if (select.group_by_all) return " GROUP BY ALL";
  std::string text = select.group_by.empty() ? " GROUP BY" : " GROUP BY " + List(select.group_by);
  if (select.grouping_sets.empty()) return text;
  text += " GROUPING SETS (";
  for (size_t i = 0; i < select.grouping_sets.size(); ++i) {
    text += i > 0 ? ", (" : "(";
    for (size_t j = 0; j < select.grouping_sets[i].size(); ++j) {
      text += (j > 0 ? ", " : "") + Expression(*select.group_by[select.grouping_sets[i][j]]);
    }
    text += ")";
  }
  return text + ")";
}

std::string Formatter::SelectText(const Select& select) {
  std::string text = fmt::format("SELECT {}{}", select.distinct ? "DISTINCT " : "", Items(select.items));
  if (select.from) text += (HasRelation(*select.from) ? " FROM " : "") + Relation(*select.from);
  if (select.where) text += " WHERE " + Expression(*select.where);
  text += GroupText(select);
  if (select.having) text += " HAVING " + Expression(*select.having);
  for (size_t i = 0; i < select.windows.size(); ++i) {
    const NamedWindow& named = select.windows[i];
    text += fmt::format("{} {} AS {}", i > 0 ? "," : " WINDOW", Name(named.name), Over(named.window));
  }
  return text;
}

std::string Formatter::Tail(const Query& query) {
  std::string text;
  if (query.order_by_all) {
    const SortItem& all = query.order_by[0];
    text += fmt::format(" ORDER BY ALL {} NULLS {}", all.descending ? "DESC" : "ASC", all.nulls_first ? "FIRST" : "LAST");
  } else if (!query.order_by.empty()) {
    text += (query.local_sort ? " SORT BY " : " ORDER BY ") + Sort(query.order_by);
  }
  if (query.has_sort && !query.local_sort) text += " DISTRIBUTE BY 1";
  if (query.limit) text += " LIMIT " + Expression(*query.limit);
  if (query.offset) text += " OFFSET " + Expression(*query.offset);
  return text;
}

std::string Formatter::Pipe(const Query& query) {
  std::string text = Body(*query.left) + (query.left->kind == Query::Kind::kPipe ? "" : Tail(*query.left)) + " |>";
  const Select& select = query.select;
  switch (query.pipe) {
    case Query::Pipe::kTail: return text + Tail(query);
    case Query::Pipe::kFrom: return text + Relation(*query.from);
    case Query::Pipe::kAs: return fmt::format("{} AS {}", text, Name(query.alias));
    case Query::Pipe::kSelect:
      if (select.where) return fmt::format("{} WHERE {}", text, Expression(*select.where));
      return fmt::format("{} SELECT {}{}", text, select.distinct ? "DISTINCT " : "", Items(select.items));
    case Query::Pipe::kAggregate: {
      size_t keys = select.group_by.size();
      text += " AGGREGATE " + Items(select.items, keys);
      for (size_t i = 0; i < keys; ++i) {
        text += (i > 0 ? ", " : " GROUP BY ") + Expression(*select.items[i].expr);
        if (!select.items[i].aliases.empty()) text += " AS " + Name(select.items[i].aliases[0]);
      }
      return text;
    }
    case Query::Pipe::kSet:
      for (size_t i = 0; i < select.items.size(); ++i) {
        text += fmt::format("{} {} = {}", i > 0 ? "," : " SET", Name(select.items[i].aliases[0]), Expression(*select.items[i].expr));
      }
      return text;
  }
  return text;
}

std::string Formatter::Body(const Query& query) {
  switch (query.kind) {
    case Query::Kind::kSelect: return SelectText(query.select);
    case Query::Kind::kRelation:
      if (query.from->kind == FromItem::Kind::kValues) return Relation(*query.from);
      return (query.all ? "TABLE " : "FROM ") + Relation(*query.from);
    case Query::Kind::kNested: return fmt::format("({})", Statement(*query.left));
    case Query::Kind::kPipe: return Pipe(query);
    case Query::Kind::kSet: {
      const char* operation = query.operation == SetOperation::kUnion    ? "UNION"
                              : query.operation == SetOperation::kExcept ? "EXCEPT"
                                                                         : "INTERSECT";
      return fmt::format("{} {}{} {}", Body(*query.left), operation, query.all ? " ALL" : "", Body(*query.right));
    }
  }
  return {};
}

std::string Formatter::Statement(const Query& query) {
  std::string text;
  for (const CommonTable& table : query.with) {
    text += fmt::format("{}{}{} AS ({})", text.empty() ? "WITH " : ", ", Name(table.name),
                        table.column_aliases.empty() ? "" : fmt::format("({})", FormatNames(table.column_aliases, ", ")),
                        Statement(*table.query));
  }
  text += (text.empty() ? "" : " ") + Body(query);
  return query.kind == Query::Kind::kPipe ? text : text + Tail(query);
}

std::string Formatter::Join(const FromItem& item) {
  static constexpr const char* kJoins[] = {"INNER", "CROSS", "LEFT", "RIGHT", "FULL", "LEFT SEMI", "LEFT ANTI"};
  std::string left = item.left->kind == FromItem::Kind::kTable && item.left->name.empty() ? "" : Relation(*item.left);
  // only behind a comma does a join stand on the right without brackets
  using Kind = FromItem::Kind;
  Kind right = item.right->kind;
  if (right == Kind::kJoin || right == Kind::kPivot || right == Kind::kUnpivot) return left + ", " + Relation(*item.right);
  std::string text = fmt::format("{} {}{} JOIN {}", left, item.natural ? "NATURAL " : "", kJoins[static_cast<size_t>(item.join)],
                                 Relation(*item.right));
  if (item.on) text += " ON " + Expression(*item.on);
  if (!item.using_columns.empty()) text += fmt::format(" USING ({})", FormatNames(item.using_columns, ", "));
  return text;
}

std::string Formatter::PivotText(const FromItem& item) {
  std::string columns;
  for (const ExprPtr& column : item.pivot.columns) columns += (columns.empty() ? "" : ", ") + Expression(*column);
  if (item.pivot.columns.size() > 1) columns = fmt::format("({})", columns);
  return fmt::format("{} PIVOT ({} FOR {} IN ({}))", Relation(*item.left), Items(item.pivot.aggregates), columns, Items(item.pivot.values));
}

std::string Formatter::UnpivotText(const FromItem& item) {
  const Unpivot& unpivot = item.unpivot;
  bool several = unpivot.values.size() > 1;
  std::string sets;
  for (const Unpivot::Set& set : unpivot.sets) {
    sets += fmt::format("{}{}{}{}{}", sets.empty() ? "" : ", ", several ? "(" : "", List(set.columns), several ? ")" : "",
                        set.alias.empty() ? "" : " AS " + Name(set.alias));
  }
  std::string values = FormatNames(unpivot.values, ", ");
  return fmt::format("{} UNPIVOT {}({} FOR {} IN ({})){}", Relation(*item.left), unpivot.include_nulls ? "INCLUDE NULLS " : "",
                     several ? fmt::format("({})", values) : values, Name(unpivot.name), sets, Alias(item));
}

std::string Formatter::SampleText(const FromItem& item) {
  const Sample& sample = item.sample;
  std::string amount = sample.rows ? Expression(*sample.rows) + " ROWS" : sample.percent + " PERCENT";
  std::string seed = sample.seed.empty() ? "" : fmt::format(" REPEATABLE ({})", sample.seed);
  std::string tablesample = fmt::format(" TABLESAMPLE ({}){}", amount, seed);
  // the alias of what is sampled stands behind the sample
  const FromItem& left = *item.left;
  std::string text = Relation(left);
  std::string alias = Alias(left);
  bool aliased = !alias.empty() && text.ends_with(alias);
  return aliased ? text.substr(0, text.size() - alias.size()) + tablesample + alias : text + tablesample;
}

std::string Formatter::Relation(const FromItem& item) {
  std::string lateral = item.lateral ? "LATERAL " : "";
  switch (item.kind) {
    case FromItem::Kind::kTable: return lateral + FormatNames(item.name, ".") + Alias(item);
    case FromItem::Kind::kSubquery: return fmt::format("{}({}){}", lateral, Statement(*item.query), Alias(item));
    case FromItem::Kind::kValues: return fmt::format("{}VALUES {}{}", lateral, List(item.rows), Alias(item));
    case FromItem::Kind::kFunction: return lateral + Call(*item.call) + Alias(item);
    case FromItem::Kind::kNested: return fmt::format("{}({}){}", lateral, Relation(*item.left), Alias(item));
    case FromItem::Kind::kJoin: return Join(item);
    case FromItem::Kind::kPivot: return PivotText(item) + Alias(item);
    case FromItem::Kind::kUnpivot: return UnpivotText(item);
    case FromItem::Kind::kSample: return SampleText(item);
    case FromItem::Kind::kLateralView: {
      std::string columns = item.column_aliases.empty() ? "" : " AS " + FormatNames(item.column_aliases, ", ");
      std::string left = item.left ? Relation(*item.left) : "";
      return fmt::format("{} LATERAL VIEW {}{} {}{}", left, item.outer ? "OUTER " : "", Call(*item.call), Name(item.alias),
                         columns);
    }
  }
  return {};
}

std::string Format(const Query& query) { return Formatter().Statement(query); }

}  // namespace flare::sql
