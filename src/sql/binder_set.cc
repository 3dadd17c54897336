#include <fmt/format.h>

#include "sql/binder_frame.h"
#include "sql/names.h"
#include "sql/streaming_rules.h"

namespace flare::sql {
namespace {

std::string_view NameOf(SetOperation operation) {
  switch (operation) {
    case SetOperation::kUnion: return "UNION";
    case SetOperation::kExcept: return "EXCEPT";
    case SetOperation::kIntersect: return "INTERSECT";
  }
  return "UNION";
}

bool HoldsMap(const Type& type) {
  if (type.is(TypeId::kMap)) return true;
  if (type.is(TypeId::kArray)) return HoldsMap(type.element());
  if (!type.is(TypeId::kStruct)) return false;
  for (const StructField& field : type.fields()) {
    if (HoldsMap(field.type)) return true;
  }
  return false;
}

}  // namespace

std::optional<Type> Binder::WidenForSet(const Type& left, const Type& right) const {
  return ansi() ? AnsiWiderType(left, right) : WiderType(left, right, true);
}

/// Casts both sides to the columns' common types.
bool Binder::WidenSides(const Query& query, QueryText* left, QueryText* right) {
  std::string_view name = NameOf(query.operation);
  if (left->columns.size() != right->columns.size()) {
    Report("NUM_COLUMNS_MISMATCH",
           fmt::format("{} needs sides of as many columns, found {} and {}", name, left->columns.size(), right->columns.size()),
           query.right->begin);
    return false;
  }
  std::vector<Type> types;
  for (size_t i = 0; i < left->columns.size(); ++i) {
    const Type& a = left->columns[i].type;
    const Type& b = right->columns[i].type;
    auto type = WidenForSet(a, b);
    if (!type) {
      Report("INCOMPATIBLE_COLUMN_TYPE",
             fmt::format("{} cannot put {} and {} into column {} (`{}`)", name, UpperAscii(a.ToSimpleString()),
                         UpperAscii(b.ToSimpleString()), i + 1, left->columns[i].name),
             query.right->begin);
      return false;
    }
    if (HoldsMap(*type) && !(query.operation == SetOperation::kUnion && query.all)) {
      Report("UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE",
             fmt::format("{} compares rows, and column `{}` holds a map", name, left->columns[i].name), query.begin);
      return false;
    }
    types.push_back(*type);
  }
  for (QueryText* side : {left, right}) {
    bool same = true;
    for (size_t i = 0; i < types.size(); ++i) same = same && side->columns[i].type == types[i];
    if (same) continue;
    BoundRelation relation = AsRelation(std::move(*side));
    QueryText text;
    text.sql = "SELECT ";
    for (size_t i = 0; i < types.size(); ++i) {
      ScopeColumn column = relation.columns[i];
      Bound value;
      value.type = column.type;
      value.sql = column.sql;
      value.nullable = column.nullable;
      value = Cast(std::move(value), types[i]);
      text.sql += fmt::format("{}{} AS {}", i > 0 ? ", " : "", value.sql, DuckDbColumnName(i));
      column.nullable = value.nullable;
      column.type = types[i];
      text.columns.push_back(std::move(column));
    }
    text.sql += " FROM " + relation.sql;
    text.streaming = relation.streaming;
    *side = std::move(text);
  }
  return true;
}

std::optional<Binder::QueryText> Binder::BindSetOperation(const Query& query) {
  auto left = BindQuery(*query.left);
  auto right = BindQuery(*query.right);
  if (!left || !right) return std::nullopt;
  bool union_all = query.operation == SetOperation::kUnion && query.all;
  bool streaming = left->streaming || right->streaming;
  if (streaming && (!union_all || left->streaming != right->streaming)) {
    Refuse(SetOperationOnStream(query.operation, query.all, left->streaming, right->streaming), query.begin);
    return std::nullopt;
  }
  if (!WidenSides(query, &*left, &*right)) return std::nullopt;
  QueryText text;
  text.sql = fmt::format("({}) {}{} ({})", left->sql, NameOf(query.operation), query.all ? " ALL" : "", right->sql);
  text.streaming = left->streaming;
  text.columns = std::move(left->columns);
  for (size_t i = 0; i < text.columns.size(); ++i) {
    ScopeColumn& column = text.columns[i];
    bool other = right->columns[i].nullable;
    if (query.operation == SetOperation::kUnion) column.nullable = column.nullable || other;
    if (query.operation == SetOperation::kIntersect) column.nullable = column.nullable && other;
  }
  return text;
}

}  // namespace flare::sql
