#include "connector/iceberg/partition_check.h"

#include <strings.h>

#include <algorithm>

#include "lake/partition.h"

namespace flare::connector::iceberg {
namespace {

constexpr int kNoneYet = 999;  ///< no partition field has an id

/// The columns of a new table; one whose type Iceberg lacks is no partition's concern and left out.
lake::Schema TableSchema(const sql::Schema& columns) {
  lake::Schema schema;
  int last_id = 0;
  for (const auto& column : columns) {
    lake::Field field;
    field.id = ++last_id;
    field.name = column.name;
    auto type = lake::FromSqlType(column.type, column.name, &last_id);
    if (!type) continue;
    field.type = *std::move(type);
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

/// What a partition type takes, in Spark's words.
std::string Takes(const std::string& transform) {
  if (transform == "hour") return "a timestamp";
  if (transform == "year" || transform == "month" || transform == "day") return "a date or a timestamp";
  if (transform == "truncate") return "int, bigint, decimal, string or binary";
  if (transform == "bucket") return "int, bigint, decimal, string, binary, date or timestamp";
  return "a type without parts: no struct, array or map";
}

Diagnostic Mistake(const SourcePosition& where, std::string message) {
  Diagnostic mistake;
  mistake.where = where;
  mistake.code = "bad-partition";
  mistake.message = std::move(message);
  return mistake;
}

Diagnostic NoSuchColumn(const manifest::Output& output, const manifest::PartitionField& field,
                        const sql::Schema& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  std::string near = NearestName(*field.column, names);
  Diagnostic mistake = Mistake(field.column.where, fmt::format("partitionSpec names a column that the rows of {} do not have",
                                                               *output.name));
  mistake.found = *field.column;
  mistake.expected = fmt::format("{}", fmt::join(names, ", "));
  if (!near.empty()) mistake.hint = fmt::format("did you mean {}?", near);
  return mistake;
}

/// nullopt for what the manifest's reader has reported.
std::optional<lake::Transform> TransformOf(const manifest::PartitionField& field) {
  bool sized = *field.type == "bucket" || *field.type == "truncate";
  if (sized && !field.parameter) return std::nullopt;
  auto transform = lake::Transform::Parse(sized ? fmt::format("{}[{}]", *field.type, *field.parameter) : *field.type);
  return transform ? std::optional(*transform) : std::nullopt;
}

}  // namespace

void CheckPartitions(const manifest::Output& output, const sql::Schema& columns, Diagnostics* diagnostics) {
  const lake::Schema schema = TableSchema(columns);
  std::vector<lake::PartitionRequest> fitting;
  for (const auto& field : output.partition_spec) {
    auto transform = TransformOf(field);
    if (!transform || field.column->empty()) continue;
    auto column = std::find_if(columns.begin(), columns.end(), [&](const auto& candidate) {
      return ::strcasecmp(candidate.name.c_str(), field.column->c_str()) == 0;
    });
    if (column == columns.end()) {
      diagnostics->push_back(NoSuchColumn(output, field, columns));
      continue;
    }
    const lake::Field* source = schema.FindColumn(*field.column);
    if (source == nullptr) continue;
    if (auto type = transform->ResultType(source->type, source->name); !type) {
      Diagnostic mistake = Mistake(field.type.where, type.error().message());
      mistake.found = fmt::format("{} {}", column->name, column->type.ToSimpleString());
      mistake.expected = Takes(*field.type);
      diagnostics->push_back(std::move(mistake));
      continue;
    }
    fitting.push_back({*field.type, *field.column, *field.name, field.parameter});
    int last_id = kNoneYet;
    if (auto spec = lake::BuildPartitionSpec(fitting, schema, &last_id); !spec) {
      diagnostics->push_back(Mistake(field.where, spec.error().message()));
      fitting.pop_back();
    }
  }
}

}  // namespace flare::connector::iceberg
