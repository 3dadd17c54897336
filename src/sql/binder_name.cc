#include <fmt/format.h>

#include <algorithm>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

bool Binder::NameEquals(std::string_view a, std::string_view b) const {
  return scope_.case_sensitive ? a == b : EqualIgnoreCase(a, b);
}

Bound Binder::ColumnOf(const BoundSource& source, size_t index, const std::string& written, size_t offset) {
  const StructField& column = source.schema[index];
  Bound bound;
  bound.type = column.type;
  bound.nullable = column.nullable;
  bound.sql = fmt::format("{}.{}", source.duckdb, DuckDbColumnName(index));
  bound.name = written;
  bound.pretty = written;
  bound.begin = offset;
  bool grouped = !frames_.empty() && frames_.back()->group.contains(bound.sql);
  if (!grouped && !frames_.back()->in_aggregate) {
    bound.loose_column = offset;
    bound.loose_name = QuoteNameParts({written});
  }
  return bound;
}

/// Finds the column that the first parts name; `used` says how many parts that took.
bool Binder::ResolveColumn(const Expr& expr, Bound* bound, size_t* used) {
  if (frames_.empty()) return false;
  const std::vector<std::string>& parts = expr.parts;
  for (bool qualified : {true, false}) {
    if (qualified && parts.size() < 2) continue;
    const std::string& name = parts[qualified ? 1 : 0];
    int found = 0;
    for (const BoundSource& source : frames_.back()->sources) {
      if (qualified && !NameEquals(source.alias, parts[0])) continue;
      for (size_t i = 0; i < source.schema.size(); ++i) {
        if (!NameEquals(source.schema[i].name, name)) continue;
        if (++found == 1) *bound = ColumnOf(source, i, name, expr.begin);
      }
    }
    if (found > 1) {
      Report("AMBIGUOUS_REFERENCE", fmt::format("the name {} means {} columns here", QuoteNameParts(parts), found),
             expr.begin, "give the columns different names in an earlier step");
      bound->bad = true;
    }
    if (found > 0) {
      *used = qualified ? 2 : 1;
      return true;
    }
  }
  return false;
}

void Binder::ReportUnresolved(const Expr& expr) {
  std::vector<std::string> names;
  std::string expected;
  for (const BoundSource& source : frames_.empty() ? std::vector<BoundSource>() : frames_.back()->sources) {
    for (const StructField& column : source.schema) {
      names.push_back(column.name);
      if (names.size() <= 12) expected += (expected.empty() ? "" : ", ") + QuoteNameIfNeeded(column.name);
    }
  }
  if (names.size() > 12) expected += ", ...";
  bool qualifier = false;
  for (const BoundSource& source : frames_.empty() ? std::vector<BoundSource>() : frames_.back()->sources) {
    qualifier = qualifier || (expr.parts.size() > 1 && NameEquals(source.alias, expr.parts[0]));
  }
  std::string near = NearestName(expr.parts[qualifier ? 1 : 0], names);
  Report(names.empty() ? "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION" : "UNRESOLVED_COLUMN.WITH_SUGGESTION",
         fmt::format("the column {} cannot be found", QuoteNameParts(expr.parts)), expr.begin,
         near.empty() ? "" : fmt::format("did you mean {}?", QuoteNameIfNeeded(near)), expected);
}

Bound Binder::BindName(const Expr& expr) {
  Bound bound;
  size_t used = 0;
  auto of_select_list = [&]() {
    const Output* output = frames_.empty() ? nullptr : frames_.back()->aliases;
    for (size_t i = 0; output != nullptr && i < output->columns.size(); ++i) {
      if (!output->aliased[i] && !frames_.back()->aliases_first) continue;
      if (!NameEquals(output->names[i], expr.parts[0])) continue;
      bound = output->columns[i];
      bound.name = expr.parts[0];
      bound.pretty = frames_.back()->aliases_first ? expr.parts[0] : fmt::format("lateralAliasReference({})", expr.parts[0]);
      bound.is_literal = false;
      used = 1;
      return true;
    }
    return false;
  };
  bool found = !frames_.empty() && frames_.back()->aliases_first && expr.parts.size() == 1 && of_select_list();
  if (!found && !ResolveColumn(expr, &bound, &used) && !of_select_list()) {
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

std::vector<Bound> Binder::StarOfStruct(const Expr& expr) {
  Expr name;
  name.kind = ExprKind::kName;
  name.begin = expr.begin;
  name.parts = expr.parts;
  Bound base;
  size_t used = 0;
  if (!ResolveColumn(name, &base, &used)) {
    std::string known;
    for (const BoundSource& source : frames_.back()->sources) known += (known.empty() ? "" : ", ") + source.alias;
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

std::vector<Bound> Binder::BindStar(const Expr& expr) {
  std::vector<Bound> columns;
  bool relation = expr.parts.empty();
  for (const BoundSource& source : frames_.back()->sources) {
    bool named = !expr.parts.empty() && ((expr.parts.size() == 1 && NameEquals(source.alias, expr.parts[0])) ||
                                         (expr.parts == source.qualifier));
    relation = relation || named;
    if (!expr.parts.empty() && !named) continue;
    for (size_t i = 0; i < source.schema.size(); ++i) columns.push_back(ColumnOf(source, i, source.schema[i].name, expr.begin));
  }
  if (expr.parts.empty() && frames_.back()->sources.empty()) {
    Report("CANNOT_RESOLVE_STAR_EXPAND", "* needs a relation in FROM", expr.begin);
  }
  if (!relation) columns = StarOfStruct(expr);
  for (const std::string& left_out : expr.names) {
    auto matches = [&](const Bound& column) { return NameEquals(column.name, left_out); };
    auto end = std::remove_if(columns.begin(), columns.end(), matches);
    if (end == columns.end() && !columns.empty()) {
      Expr name;
      name.parts = {left_out};
      name.begin = expr.begin;
      ReportUnresolved(name);
    }
    columns.erase(end, columns.end());
  }
  return columns;
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
  if (key.is_literal && key.type.is(TypeId::kString)) return BindField(std::move(base), key.literal, key.begin);
  Report("INVALID_EXTRACT_BASE_FIELD_TYPE",
         fmt::format("cannot take [{}] of {}, which is {}", key.pretty, base.pretty, UpperAscii(base.type.ToSimpleString())),
         expr.begin, "", "an array with a whole number, a map, or a struct with a field name");
  return Bad(expr);
}

}  // namespace flare::sql
