#include <fmt/format.h>

#include <algorithm>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

bool Binder::NameEquals(std::string_view a, std::string_view b) const {
  return scope_.case_sensitive ? a == b : EqualIgnoreCase(a, b);
}

Bound Binder::ColumnOf(const ScopeColumn& column, const std::string& written, size_t offset) {
  Bound bound;
  bound.type = column.type;
  bound.nullable = column.nullable;
  bound.sql = column.sql;
  bound.name = written;
  bound.pretty = written;
  bound.begin = offset;
  bound.column_id = column.id;
  bound.qualifier = column.qualifier;
  if (touched_ != nullptr) touched_->push_back(column.id);
  bool grouped = !frames_.empty() && frames_.back()->group.contains(bound.sql);
  if (!grouped && !frames_.back()->in_aggregate) {
    bound.loose_column = offset;
    bound.loose_name = QuoteNameParts({written});
  }
  return bound;
}

/// The columns of a frame that the first parts of a name mean; `used` says how many parts that took. The longest
/// qualifier goes first; hidden columns are found by a qualifier alone, and last.
std::vector<const ScopeColumn*> Binder::FindColumns(const Frame& frame, const std::vector<std::string>& parts, size_t* used) const {
  for (bool hidden : {false, true}) {
    for (size_t length = std::min<size_t>(parts.size(), 4); length-- > (hidden ? 1 : 0);) {
      std::vector<const ScopeColumn*> found;
      for (const ScopeColumn& column : frame.from.columns) {
        if (column.hidden != hidden || !NameEquals(column.name, parts[length])) continue;
        bool same = length <= column.qualifier.size();
        size_t skipped = same ? column.qualifier.size() - length : 0;
        for (size_t i = 0; same && i < length; ++i) same = NameEquals(column.qualifier[skipped + i], parts[i]);
        bool again = std::any_of(found.begin(), found.end(), [&](const ScopeColumn* other) { return other->id == column.id; });
        if (same && !again) found.push_back(&column);
      }
      if (found.empty()) continue;
      *used = length + 1;
      return found;
    }
  }
  return {};
}

/// Finds the column that the first parts name; `used` says how many parts that took.
bool Binder::ResolveColumn(const Expr& expr, Bound* bound, size_t* used) {
  if (frames_.empty()) return false;
  std::vector<const ScopeColumn*> found = FindColumns(*frames_.back(), expr.parts, used);
  if (found.empty()) {
    auto window = TimeWindowOf(expr);
    if (!window) return false;
    *bound = *std::move(window);
    *used = 1;
    return true;
  }
  *bound = ColumnOf(*found[0], expr.parts[*used - 1], expr.begin);
  if (found.size() > 1) ReportAmbiguous(expr, found, bound);
  return true;
}

void Binder::ReportAmbiguous(const Expr& expr, const std::vector<const ScopeColumn*>& found, Bound* bound) {
  std::string candidates;
  for (const ScopeColumn* column : found) {
    std::vector<std::string> parts = column->qualifier;
    parts.push_back(column->name);
    candidates += (candidates.empty() ? "" : ", ") + QuoteNameParts(parts);
  }
  Report("AMBIGUOUS_REFERENCE", fmt::format("the name {} could be {} columns: {}", QuoteNameParts(expr.parts), found.size(), candidates),
         expr.begin, "qualify it, or give the columns different names", candidates);
  bound->bad = true;
}

/// Finds a column of the query around this one.
bool Binder::ResolveOuter(const Expr& expr, Bound* bound, size_t* used) {
  Frame* outer = frames_.empty() ? nullptr : frames_.back()->outer;
  if (outer == nullptr) return false;
  std::vector<const ScopeColumn*> found = FindColumns(*outer, expr.parts, used);
  if (found.empty()) return false;
  ++outer_uses_;
  *bound = ColumnOf(*found[0], expr.parts[*used - 1], expr.begin);
  if (found.size() > 1) ReportAmbiguous(expr, found, bound);
  bound->column_id = -1;
  std::string qualifier;
  for (const std::string& part : found[0]->qualifier) qualifier += part + ".";
  bound->pretty = fmt::format("outer({}{})", qualifier, found[0]->name);
  bool grouped = outer->group.contains(bound->sql) || outer->in_aggregate;
  bound->loose_column = kNoOffset;
  Bound& taken = outer->taken;
  if (!grouped && taken.loose_column == kNoOffset) {
    taken.loose_column = expr.begin;
    taken.loose_name = QuoteNameParts(expr.parts);
  }
  taken.pretty += (taken.pretty.empty() ? "" : ", ") + expr.parts[*used - 1];
  return true;
}

void Binder::ReportUnresolved(const Expr& expr) {
  std::vector<std::string> names;
  std::string expected;
  bool qualifier = false;
  for (const ScopeColumn& column : frames_.empty() ? std::vector<ScopeColumn>() : frames_.back()->from.columns) {
    if (column.hidden) continue;
    names.push_back(column.name);
    if (names.size() <= 12) expected += (expected.empty() ? "" : ", ") + QuoteNameIfNeeded(column.name);
    qualifier = qualifier || (expr.parts.size() > 1 && !column.qualifier.empty() && NameEquals(column.qualifier.back(), expr.parts[0]));
  }
  if (names.size() > 12) expected += ", ...";
  std::string near = NearestName(expr.parts[qualifier ? 1 : 0], names);
  Report(names.empty() ? "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION" : "UNRESOLVED_COLUMN.WITH_SUGGESTION",
         fmt::format("the column {} cannot be found", QuoteNameParts(expr.parts)), expr.begin,
         near.empty() ? "" : fmt::format("did you mean {}?", QuoteNameIfNeeded(near)), expected);
}

/// Finds a column of the SELECT list: for ORDER BY and HAVING any, else one that was given an alias.
bool Binder::ResolveAlias(const Expr& expr, Bound* bound) {
  const Output* output = frames_.empty() ? nullptr : frames_.back()->aliases;
  if (output == nullptr) return false;
  bool first = frames_.back()->aliases_first;
  int found = 0;
  for (size_t i = 0; i < output->columns.size(); ++i) {
    if ((!output->aliased[i] && !first) || !NameEquals(output->names[i], expr.parts[0])) continue;
    if (found > 0 && output->columns[i].sql == bound->sql) continue;
    if (++found == 1) *bound = output->columns[i];
  }
  if (found > 1) {
    Report("AMBIGUOUS_REFERENCE", fmt::format("the name {} means {} columns of the select list", QuoteNameParts(expr.parts), found),
           expr.begin, "give the columns different names");
    bound->bad = true;
  }
  if (found == 0) return false;
  bound->name = expr.parts[0];
  bound->pretty = first ? expr.parts[0] : fmt::format("lateralAliasReference({})", expr.parts[0]);
  bound->is_literal = false;
  return true;
}

Bound Binder::BindName(const Expr& expr) {
  Bound bound;
  size_t used = 1;
  bool aliases_first = !frames_.empty() && frames_.back()->aliases_first && expr.parts.size() == 1;
  bool found = FindLambdaVariable(expr, &bound) || (aliases_first && ResolveAlias(expr, &bound)) || ResolveColumn(expr, &bound, &used);
  if (!found) {
    used = 1;
    found = ResolveAlias(expr, &bound) || ResolveOuter(expr, &bound, &used);
  }
  if (!found) {
    ReportUnresolved(expr);
    return Bad(expr);
  }
  if (bound.bad) return Bad(expr);
  for (size_t i = used; i < expr.parts.size() && !bound.bad; ++i) {
    bound = BindField(std::move(bound), expr.parts[i], expr.begin);
  }
  return bound;
}

/// base.field of a struct, of each element of an array of structs, or of a map's key.
Bound Binder::BindField(Bound base, const std::string& field, size_t offset) {
  if (base.bad) return base;
  bool of_array = base.type.is(TypeId::kArray) && base.type.element().is(TypeId::kStruct);
  if (base.type.is(TypeId::kMap) && base.type.key().is(TypeId::kString)) {
    Bound out = base;
    out.column_id = -1;
    out.is_literal = false;
    out.type = base.type.value();
    out.nullable = true;
    out.sql = fmt::format("({})[{}]", base.sql, QuoteDuckDbString(field));
    out.pretty = fmt::format("{}[{}]", base.pretty, field);
    out.name = field;
    return out;
  }
  if (!base.type.is(TypeId::kStruct) && !of_array) {
    Report("INVALID_EXTRACT_BASE_FIELD_TYPE",
           fmt::format("cannot take the field {} of {}, which is {}", QuoteNameParts({field}), base.pretty,
                       UpperAscii(base.type.ToSimpleString())),
           offset, "", "a struct, a map with text keys, or an array of structs");
    base.bad = true;
    return base;
  }
  const std::vector<StructField>& fields = of_array ? base.type.element().fields() : base.type.fields();
  std::vector<size_t> matches;
  std::vector<std::string> names;
  for (size_t i = 0; i < fields.size(); ++i) {
    names.push_back(fields[i].name);
    if (NameEquals(fields[i].name, field)) matches.push_back(i);
  }
  if (matches.size() != 1) {
    std::string near = NearestName(field, names);
    std::string expected;
    for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + QuoteNameIfNeeded(name);
    Report(matches.empty() ? "FIELD_NOT_FOUND" : "AMBIGUOUS_REFERENCE_TO_FIELDS",
           matches.empty() ? fmt::format("there is no field {} in {}", QuoteNameParts({field}), base.pretty)
                           : fmt::format("the field {} stands {} times in {}", QuoteNameParts({field}), matches.size(), base.pretty),
           offset, near.empty() || !matches.empty() ? "" : fmt::format("did you mean {}?", QuoteNameIfNeeded(near)), expected);
    base.bad = true;
    return base;
  }
  Bound out = base;
  out.column_id = -1;
  const StructField& match = fields[matches[0]];
  out.nullable = base.nullable || match.nullable;
  out.pretty = base.pretty + "." + field;
  out.name = field;
  out.is_literal = false;
  if (of_array) {
    out.type = Type::Array(match.type);
    out.sql = fmt::format("list_transform({}, lambda e: e.f{})", base.sql, matches[0]);
  } else {
    out.type = match.type;
    out.sql = fmt::format("({}).f{}", base.sql, matches[0]);
  }
  if (frames_.back()->group.contains(out.sql)) out.loose_column = kNoOffset;
  return out;
}

/// array[0], map['key'], struct['field'].
Bound Binder::BindIndex(const Expr& expr) {
  Bound base = BindExpr(*expr.args[0]);
  Bound key = BindExpr(*expr.args[1]);
  if (base.bad || key.bad) return Bad(expr);
  Bound out;
  Inherit(base, &out);
  Inherit(key, &out);
  out.begin = expr.begin;
  out.pretty = fmt::format("{}[{}]", base.pretty, key.pretty);
  if (base.type.is(TypeId::kArray) && (key.type.is_integral() || key.type.is(TypeId::kVoid))) {
    out.type = base.type.element();
    if (key.is_literal && !key.literal.empty()) {
      // DuckDB counts from 1 and takes negative positions from the end; Spark does neither here
      out.sql = key.literal[0] == '-' ? fmt::format("CAST(NULL AS {})", out.type.ToDuckDb())
                                      : fmt::format("list_extract({}, {} + 1)", base.sql, key.literal);
    } else {
      out.sql = fmt::format("list_extract({}, CASE WHEN {} >= 0 THEN CAST({} AS BIGINT) + 1 END)", base.sql, key.sql, key.sql);
    }
    if (ansi()) {
      out.sql = fmt::format(
          "(CASE WHEN {0} < 0 OR {0} >= len({1}) THEN error('[INVALID_ARRAY_INDEX] The index ' || {0} || ' is out of "
          "bounds. The array has ' || len({1}) || ' elements.') ELSE {2} END)",
          key.sql, base.sql, out.sql);
    }
    return out;
  }
  if (base.type.is(TypeId::kMap)) {
    if (!CanImplicitlyCast(key.type, base.type.key())) {
      Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
             fmt::format("the key {} is {}, but the map's keys are {}", key.pretty, UpperAscii(key.type.ToSimpleString()),
                         UpperAscii(base.type.key().ToSimpleString())),
             key.begin);
      return Bad(expr);
    }
    out.type = base.type.value();
    out.sql = fmt::format("({})[{}]", base.sql, Cast(std::move(key), base.type.key()).sql);
    return out;
  }
  if (key.is_literal && key.type.is(TypeId::kString)) {
    Bound field = BindField(std::move(base), key.literal, key.begin);
    field.name.clear();
    return field;
  }
  Report("INVALID_EXTRACT_BASE_FIELD_TYPE",
         fmt::format("cannot take [{}] of {}, which is {}", key.pretty, base.pretty, UpperAscii(base.type.ToSimpleString())),
         expr.begin, "", "an array with a whole number, a map, or a struct with a field name");
  return Bad(expr);
}

}  // namespace flare::sql
