#include <fmt/format.h>

#include <algorithm>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

std::vector<Bound> Binder::StarOfStruct(const Expr& expr) {
  Expr name;
  name.kind = ExprKind::kName;
  name.begin = expr.begin;
  name.parts = expr.parts;
  Bound base;
  size_t used = 0;
  if (!ResolveColumn(name, &base, &used)) {
    std::string known;
    for (const ScopeColumn& column : frames_.back()->from.columns) {
      if (column.qualifier.empty() || known.ends_with(column.qualifier.back())) continue;
      known += (known.empty() ? "" : ", ") + column.qualifier.back();
    }
    Report("CANNOT_RESOLVE_STAR_EXPAND", fmt::format("{}.* names neither a relation nor a struct", QuoteNameParts(expr.parts)),
           expr.begin, "", known.empty() ? "" : "a relation (" + known + ") or a struct column");
    return {};
  }
  for (size_t i = used; i < expr.parts.size() && !base.bad; ++i) base = BindField(std::move(base), expr.parts[i], expr.begin);
  if (base.bad) return {};
  if (!base.type.is(TypeId::kStruct)) {
    Report("CANNOT_RESOLVE_STAR_EXPAND",
           fmt::format("{} is {}, and only a struct or a relation has .*", base.pretty, UpperAscii(base.type.ToSimpleString())),
           expr.begin);
    return {};
  }
  std::vector<Bound> columns;
  for (size_t i = 0; i < base.type.fields().size(); ++i) {
    Bound out = base;
    out.column_id = -1;
    const StructField& field = base.type.fields()[i];
    out.type = field.type;
    out.nullable = base.nullable || field.nullable;
    out.sql = fmt::format("({}).f{}", base.sql, i);
    out.name = field.name;
    out.pretty = field.name;
    columns.push_back(std::move(out));
  }
  return columns;
}

/// `*`, `t.*` (with the hidden halves of USING columns, which go first) or the fields of a struct.
std::vector<Bound> Binder::BindStar(const Expr& expr) {
  std::vector<Bound> columns;
  const std::vector<std::string>& parts = expr.parts;
  for (bool hidden : {true, false}) {
    for (const ScopeColumn& column : frames_.back()->from.columns) {
      if (column.hidden != hidden || !(parts.empty() ? !hidden : IsQualified(column, parts))) continue;
      columns.push_back(ColumnOf(column, column.name, expr.begin));
    }
  }
  const Frame* outer = frames_.back()->outer;
  if (!parts.empty() && columns.empty() && outer != nullptr) {
    for (const ScopeColumn& column : outer->from.columns) {
      if (column.hidden || !IsQualified(column, parts)) continue;
      Expr name;
      name.kind = ExprKind::kName;
      name.begin = expr.begin;
      name.parts = column.qualifier;
      name.parts.push_back(column.name);
      Bound bound;
      size_t used = 0;
      if (ResolveOuter(name, &bound, &used)) columns.push_back(std::move(bound));
    }
  }
  if (parts.empty() && frames_.back()->from.sql.empty()) {
    Report("CANNOT_RESOLVE_STAR_EXPAND", "* needs a relation in FROM", expr.begin);
  }
  if (!parts.empty() && columns.empty()) columns = StarOfStruct(expr);
  for (const ExprPtr& left_out : expr.args) columns = LeaveOut(std::move(columns), *left_out);
  return columns;
}

/// Whether `parts` are the end of a column's qualifier.
bool Binder::IsQualified(const ScopeColumn& column, const std::vector<std::string>& parts) const {
  if (parts.size() > column.qualifier.size()) return false;
  size_t skipped = column.qualifier.size() - parts.size();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!NameEquals(column.qualifier[skipped + i], parts[i])) return false;
  }
  return true;
}

/// The columns without one of them, or without a field of one: EXCEPT (name), EXCEPT (column.field).
std::vector<Bound> Binder::LeaveOut(std::vector<Bound> columns, const Expr& name) {
  if (columns.empty()) return columns;
  std::vector<std::string> qualifier(name.parts.begin(), name.parts.end() - 1);
  auto matches = [&](const Bound& column) {
    ScopeColumn qualified;
    qualified.qualifier = column.qualifier;
    return NameEquals(column.name, name.parts.back()) && IsQualified(qualified, qualifier);
  };
  auto end = std::remove_if(columns.begin(), columns.end(), matches);
  if (end != columns.end()) {
    columns.erase(end, columns.end());
    return columns;
  }
  for (Bound& column : columns) {
    if (name.parts.size() < 2 || !NameEquals(column.name, name.parts[0])) continue;
    column = WithoutField(std::move(column), name, 1);
    return columns;
  }
  ReportUnresolved(name);
  return columns;
}

/// A struct without the field that the parts from `at` on name.
Bound Binder::WithoutField(Bound base, const Expr& name, size_t at) {
  if (!base.type.is(TypeId::kStruct)) {
    Report("INVALID_EXTRACT_BASE_FIELD_TYPE", fmt::format("{} is no struct, so no field of it can be left out", base.pretty), name.begin);
    return Bad(name);
  }
  std::vector<StructField> fields;
  std::string values;
  bool found = false;
  for (size_t i = 0; i < base.type.fields().size(); ++i) {
    StructField field = base.type.fields()[i];
    std::string value = fmt::format("({}).f{}", base.sql, i);
    if (NameEquals(field.name, name.parts[at])) {
      found = true;
      if (at + 1 == name.parts.size()) continue;
      Bound inner = base;
      inner.type = field.type;
      inner.sql = value;
      inner.pretty = field.name;
      inner = WithoutField(std::move(inner), name, at + 1);
      if (inner.bad) return inner;
      field.type = inner.type;
      value = inner.sql;
    }
    values += fmt::format("{}'f{}': {}", values.empty() ? "" : ", ", fields.size(), value);
    fields.push_back(std::move(field));
  }
  if (!found || fields.empty()) {
    Report(found ? "EXCEPT_NESTED_COLUMN_ALL" : "FIELD_NOT_FOUND",
           fmt::format("there is no field {} in {}, or no other one", QuoteNameParts({name.parts[at]}), base.pretty), name.begin);
    return Bad(name);
  }
  base.type = Type::Struct(std::move(fields));
  base.sql = fmt::format("(CASE WHEN {} IS NULL THEN NULL ELSE {{{}}} END)", base.sql, values);
  base.column_id = -1;
  return base;
}

}  // namespace flare::sql
