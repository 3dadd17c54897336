#include "lake/schema_match.h"

#include <strings.h>

namespace flare::lake {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// int -> long, float -> double, decimal to more digits of the same scale.
bool Widens(const Type& from, const Type& to) {
  if (from.is(TypeId::kInt) && to.is(TypeId::kLong)) return true;
  if (from.is(TypeId::kFloat) && to.is(TypeId::kDouble)) return true;
  return from.is(TypeId::kDecimal) && to.is(TypeId::kDecimal) && from.scale() == to.scale() &&
         from.precision() < to.precision();
}

Error UnsafeCast(const std::string& path, const sql::Type& source, const Type& target, const std::string& table) {
  return InvalidArgument("cannot write to the table {}: Cannot safely cast '{}': {} to {}; cast the column in the step, "
                         "or write to another table", table, path, source.ToSimpleString(), target.ToText());
}

struct Checker {
  const std::string& table;

  Status Check(const sql::Type& source, bool source_nullable, const Field& target, const std::string& path) const {
    if (target.required && source_nullable && path.find('.') != std::string::npos) {
      return InvalidArgument("cannot write to the table {}: '{}' is required there and may be NULL in the step", table, path);
    }
    const auto& inner = target.type.children();
    switch (target.type.id()) {
      case TypeId::kList:
        if (!source.is(sql::TypeId::kArray)) return UnsafeCast(path, source, target.type, table);
        return Check(source.element(), source.contains_null(), inner[0], path + ".element");
      case TypeId::kMap:
        if (!source.is(sql::TypeId::kMap)) return UnsafeCast(path, source, target.type, table);
        RETURN_IF_ERROR(Check(source.key(), false, inner[0], path + ".key"));
        return Check(source.value(), source.contains_null(), inner[1], path + ".value");
      case TypeId::kStruct: return CheckStruct(source, target, path);
      default: return CheckPrimitive(source, target, path);
    }
  }

  Status CheckStruct(const sql::Type& source, const Field& target, const std::string& path) const {
    if (!source.is(sql::TypeId::kStruct)) return UnsafeCast(path, source, target.type, table);
    for (const Field& field : target.type.children()) {
      const sql::StructField* found = nullptr;
      for (const auto& candidate : source.fields()) {
        if (SameName(candidate.name, field.name)) found = &candidate;
      }
      std::string where = path + "." + field.name;
      if (found != nullptr) {
        RETURN_IF_ERROR(Check(found->type, found->nullable, field, where));
      } else if (field.required) {
        return InvalidArgument("cannot write to the table {}: it requires '{}', which the step does not have", table, where);
      }
    }
    for (const auto& candidate : source.fields()) {
      bool known = false;
      for (const Field& field : target.type.children()) known |= SameName(candidate.name, field.name);
      if (!known) {
        return InvalidArgument("cannot write to the table {}: the step has '{}.{}', which the table lacks; remove it from "
                               "the step, or add it to the table first", table, path, candidate.name);
      }
    }
    return Ok();
  }

  Status CheckPrimitive(const sql::Type& source, const Field& target, const std::string& path) const {
    if (target.type.is(TypeId::kTime) || target.type.is(TypeId::kFixed)) {
      return Unsupported("cannot write to the table {}: '{}' has the type {}, which no SQL type fills", table, path,
                         target.type.ToText());
    }
    if (target.type.is(TypeId::kUuid) && source.is(sql::TypeId::kString)) return Ok();
    int ids = 0;
    ASSIGN_OR_RETURN(Type type, FromSqlType(source, path, &ids));
    if (type.SameShape(target.type) || Widens(type, target.type)) return Ok();
    return UnsafeCast(path, source, target.type, table);
  }
};

std::string Names(const sql::Schema& columns) {
  std::string text;
  for (const auto& column : columns) text += (text.empty() ? "" : ", ") + column.name;
  return text;
}

std::string Names(const std::vector<Field>& fields) {
  std::string text;
  for (const auto& field : fields) text += (text.empty() ? "" : ", ") + field.name;
  return text;
}

/// A table column that the relation fills, or the change it needs first.
Status BindColumn(size_t index, const sql::StructField& source, const Field& target, bool merge, const Checker& checker,
                  SchemaMatch* match) {
  Status fits = checker.Check(source.type, source.nullable, target, target.name);
  if (!fits && merge) {
    int ids = 0;
    auto wanted = FromSqlType(source.type, source.name, &ids);
    if (wanted && Widens(target.type, *wanted)) {
      Field wider = target;
      wider.type = *wanted;
      match->to_promote.push_back(wider);
      fits = Ok();
    }
  }
  RETURN_IF_ERROR(fits);
  match->columns.push_back({index, source.type, target});
  return Ok();
}

}  // namespace

Result<SchemaMatch> MatchSchema(const Schema& schema, const sql::Schema& columns, bool merge, const std::string& table) {
  int ids = 0;
  ASSIGN_OR_RETURN(Schema wanted, FromSqlSchema(columns, &ids));
  SchemaMatch match;
  Checker checker{table};
  std::vector<bool> used(columns.size(), false);
  for (const Field& target : schema.fields) {
    bool found = false;
    for (size_t i = 0; i < columns.size() && !found; ++i) {
      if (!SameName(columns[i].name, target.name)) continue;
      found = used[i] = true;
      RETURN_IF_ERROR(BindColumn(i, columns[i], target, merge, checker, &match));
    }
    if (!found && target.required) {
      return InvalidArgument("[INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS] cannot write to the table {}: it "
                             "requires the column '{}', which the step does not have; its columns are {}", table,
                             target.name, Names(columns));
    }
  }
  std::string extra;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (used[i]) continue;
    match.to_add.push_back(wanted.fields[i]);
    extra += (extra.empty() ? "" : ", ") + columns[i].name;
  }
  if (!match.to_add.empty() && !merge) {
    return InvalidArgument("[INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS] cannot write to the table {}: the step "
                           "has columns that the table lacks: {} (the table has {}); set mergeSchema: \"true\" under "
                           "the output's extraOptions to add them, or remove them from the step", table, extra,
                           Names(schema.fields));
  }
  return match;
}

}  // namespace flare::lake
