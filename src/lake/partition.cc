#include "lake/partition.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace flare::lake {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string UsualName(const Transform& transform, const std::string& column) {
  switch (transform.kind) {
    case Transform::Kind::kIdentity: return column;
    case Transform::Kind::kBucket: return column + "_bucket";
    case Transform::Kind::kTruncate: return column + "_trunc";
    case Transform::Kind::kVoid: return column + "_null";
    case Transform::Kind::kYear:
    case Transform::Kind::kMonth:
    case Transform::Kind::kDay:
    case Transform::Kind::kHour: break;
  }
  return column + "_" + transform.ToText();
}

Result<Transform> TransformOf(const PartitionRequest& request) {
  std::string type = Lower(request.type);
  if (type != "bucket" && type != "truncate") {
    auto transform = Transform::Parse(type);
    if (transform) return transform;
    return InvalidArgument("the partition type '{}' of column '{}' is not known; known are identity, year, month, "
                           "day, hour, bucket, truncate, void", request.type, request.column);
  }
  if (!request.parameter || *request.parameter <= 0) {
    return InvalidArgument("partitioning '{}' by {} needs {} greater than 0", request.column, type,
                           type == "bucket" ? "numBuckets" : "width");
  }
  return Transform{type == "bucket" ? Transform::Kind::kBucket : Transform::Kind::kTruncate, *request.parameter};
}

bool IsCalendar(Transform::Kind kind) {
  return kind == Transform::Kind::kYear || kind == Transform::Kind::kMonth || kind == Transform::Kind::kDay ||
         kind == Transform::Kind::kHour;
}

std::string ColumnNames(const Schema& schema) {
  std::string names;
  for (const Field& field : schema.fields) names += (names.empty() ? "" : ", ") + field.name;
  return names;
}

bool SameCut(const PartitionField& a, const PartitionField& b) {
  return a.source_id == b.source_id && a.transform == b.transform;
}

/// The field that another spec of the table called so and that cuts otherwise; nullptr when the name is free.
const PartitionField* OtherOwner(const PartitionField& field, const std::string& name,
                                 const std::vector<PartitionSpec>& others) {
  for (const auto& spec : others) {
    for (const auto& had : spec.fields) {
      if (!SameCut(had, field) && Lower(had.name) == Lower(name)) return &had;
    }
  }
  return nullptr;
}

/// A name that nobody asked for: the one the table has for this cut already, or the usual one, made unlike the
/// names of all other fields.
std::string FreeName(const PartitionField& field, const std::string& column, const std::vector<PartitionSpec>& others) {
  for (auto spec = others.rbegin(); spec != others.rend(); ++spec) {
    for (const auto& had : spec->fields) {
      if (SameCut(had, field)) return had.name;
    }
  }
  std::string usual = UsualName(field.transform, column);
  if (OtherOwner(field, usual, others) == nullptr) return usual;
  if (field.transform.parameter > 0) usual += fmt::format("_{}", field.transform.parameter);
  std::string name = usual;
  for (int number = 2; OtherOwner(field, name, others) != nullptr; ++number) name = fmt::format("{}_{}", usual, number);
  return name;
}

/// All specs of a table share one namespace: readers put the values of all of them into one struct.
Result<std::string> FieldName(const PartitionRequest& request, const PartitionField& field, const std::string& column,
                              const std::vector<PartitionSpec>& others) {
  if (request.name.empty()) return FreeName(field, column, others);
  if (const PartitionField* owner = OtherOwner(field, request.name, others)) {
    return InvalidArgument("partitionSpec calls {} of '{}' '{}', which in the table's earlier files is the name of {}; give "
                           "it another name, e.g. '{}'", field.transform.ToText(), column, request.name,
                           owner->transform.ToText(), FreeName(field, column, others));
  }
  return request.name;
}

Status CheckName(const PartitionField& field, const Field& source, const Schema& schema, std::set<std::string>* names) {
  if (!names->insert(Lower(field.name)).second) {
    return InvalidArgument("two partition fields are called '{}'; give one of them another name", field.name);
  }
  const Field* column = schema.FindColumn(field.name);
  bool own = field.transform.kind == Transform::Kind::kIdentity && column != nullptr && column->id == source.id;
  if (column != nullptr && !own) {
    return InvalidArgument("the partition field '{}' ({} of '{}') has the name of a column; give it another, e.g. '{}'",
                           field.name, field.transform.ToText(), source.name, UsualName(field.transform, source.name));
  }
  return Ok();
}

}  // namespace

Json PartitionSpec::FieldsToJson() const {
  Json list = Json::array();
  for (const auto& field : fields) {
    list.push_back({{"source-id", field.source_id}, {"field-id", field.field_id}, {"name", field.name},
                    {"transform", field.transform.ToText()}});
  }
  return list;
}

Json PartitionSpec::ToJson() const { return {{"spec-id", spec_id}, {"fields", FieldsToJson()}}; }

bool PartitionSpec::SameFields(const PartitionSpec& other) const {
  return std::equal(fields.begin(), fields.end(), other.fields.begin(), other.fields.end(),
                    [](const PartitionField& a, const PartitionField& b) {
                      return a.source_id == b.source_id && a.transform == b.transform && a.name == b.name;
                    });
}

Result<PartitionSpec> ParsePartitionSpec(const Json& json) {
  PartitionSpec spec;
  ASSIGN_OR_RETURN(spec.spec_id, GetInt(json, "spec-id"));
  ASSIGN_OR_RETURN(const Json* fields, GetArray(json, "fields"));
  for (const Json& item : *fields) {
    PartitionField field;
    ASSIGN_OR_RETURN(field.source_id, GetInt(item, "source-id"));
    ASSIGN_OR_RETURN(field.field_id, GetInt(item, "field-id"));
    ASSIGN_OR_RETURN(field.name, GetString(item, "name"));
    ASSIGN_OR_RETURN(std::string transform, GetString(item, "transform"));
    ASSIGN_OR_RETURN(field.transform, Transform::Parse(transform));
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

Result<std::vector<Type>> PartitionTypes(const PartitionSpec& spec, const Schema& schema) {
  std::vector<Type> types;
  for (const auto& field : spec.fields) {
    const Field* source = schema.FindById(field.source_id);
    if (source == nullptr) {
      types.emplace_back(TypeId::kString);
      continue;
    }
    ASSIGN_OR_RETURN(Type type, field.transform.ResultType(source->type, source->name));
    types.push_back(std::move(type));
  }
  return types;
}

Result<PartitionSpec> BuildPartitionSpec(const std::vector<PartitionRequest>& requests, const Schema& schema,
                                         int* last_partition_id, const std::vector<PartitionSpec>& others) {
  PartitionSpec spec;
  std::set<std::string> names;
  std::set<int> calendar_sources;
  for (const auto& request : requests) {
    const Field* source = schema.FindColumn(request.column);
    if (source == nullptr) {
      return InvalidArgument("partitionSpec names the column '{}', which the table does not have; its columns are {}",
                             request.column, ColumnNames(schema));
    }
    PartitionField field;
    ASSIGN_OR_RETURN(field.transform, TransformOf(request));
    RETURN_IF_ERROR(field.transform.ResultType(source->type, source->name));
    if (IsCalendar(field.transform.kind) && !calendar_sources.insert(source->id).second) {
      return InvalidArgument("partitionSpec cuts '{}' by more than one of year, month, day and hour; the finest one "
                             "alone does it", source->name);
    }
    field.source_id = source->id;
    field.field_id = ++*last_partition_id;
    ASSIGN_OR_RETURN(field.name, FieldName(request, field, source->name, others));
    RETURN_IF_ERROR(CheckName(field, *source, schema, &names));
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

}  // namespace flare::lake
