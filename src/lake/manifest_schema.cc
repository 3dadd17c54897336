#include "lake/manifest_schema.h"

#include <cctype>
#include <set>

namespace flare::lake {
namespace {

Json Required(const char* name, Json type, int id) {
  return {{"name", name}, {"type", std::move(type)}, {"field-id", id}};
}

Json Optional(const char* name, Json type, int id) {
  return {{"name", name}, {"type", Json::array({"null", std::move(type)})}, {"default", nullptr}, {"field-id", id}};
}

/// An int-keyed map, which Avro only has as an array of pairs.
Json IntMap(int key_id, int value_id, const char* value_type) {
  Json pair = {{"type", "record"},
               {"name", fmt::format("k{}_v{}", key_id, value_id)},
               {"fields", Json::array({Required("key", "int", key_id), Required("value", value_type, value_id)})}};
  return {{"type", "array"}, {"items", std::move(pair)}, {"logicalType", "map"}};
}

Json List(Json items, int element_id) {
  return {{"type", "array"}, {"items", std::move(items)}, {"element-id", element_id}};
}

/// A named type may be defined once a schema; later uses are its bare name.
Json Named(Json type, std::set<std::string>* defined) {
  std::string name = type["name"].get<std::string>();
  return defined->insert(name).second ? type : Json(name);
}

Json FixedType(const std::string& name, int size) { return {{"type", "fixed"}, {"name", name}, {"size", size}}; }

Json PartitionAvroType(const Type& type, std::set<std::string>* defined) {
  switch (type.id()) {
    case TypeId::kBoolean:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString: return type.ToText();
    case TypeId::kBinary: return "bytes";
    case TypeId::kDate: return {{"type", "int"}, {"logicalType", "date"}};
    case TypeId::kTime: return {{"type", "long"}, {"logicalType", "time-micros"}};
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return {{"type", "long"}, {"logicalType", "timestamp-micros"}, {"adjust-to-utc", type.is(TypeId::kTimestampTz)}};
    case TypeId::kUuid: {
      Json uuid = FixedType("uuid_fixed", 16);
      uuid["logicalType"] = "uuid";
      return Named(std::move(uuid), defined);
    }
    case TypeId::kFixed: return Named(FixedType(fmt::format("fixed_{}", type.length()), type.length()), defined);
    case TypeId::kDecimal: {
      Json decimal = FixedType(fmt::format("decimal_{}_{}", type.precision(), type.scale()), DecimalBytes(type.precision()));
      decimal["logicalType"] = "decimal";
      decimal["precision"] = type.precision();
      decimal["scale"] = type.scale();
      return Named(std::move(decimal), defined);
    }
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: break;
  }
  return "bytes";
}

Json PartitionRecord(const PartitionSpec& spec, const std::vector<Type>& types) {
  Json fields = Json::array();
  std::set<std::string> defined;
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    std::string name = AvroName(spec.fields[i].name);
    Json field = Optional(name.c_str(), PartitionAvroType(types[i], &defined), spec.fields[i].field_id);
    if (name != spec.fields[i].name) field["iceberg-field-name"] = spec.fields[i].name;
    fields.push_back(std::move(field));
  }
  return {{"type", "record"}, {"name", "r102"}, {"fields", std::move(fields)}};
}

}  // namespace

std::string AvroName(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    auto c = static_cast<unsigned char>(name[i]);
    if (c < 0x80 && (std::isalpha(c) != 0 || c == '_' || (std::isdigit(c) != 0 && i > 0))) {
      out.push_back(static_cast<char>(c));
    } else if (c < 0x80 && std::isdigit(c) != 0) {
      out += fmt::format("_{}", static_cast<char>(c));
    } else {
      out += fmt::format("_x{:X}", c);
    }
  }
  return out;
}

Json ManifestAvroSchema(const PartitionSpec& spec, const std::vector<Type>& partition_types) {
  using namespace field_id;
  Json file = Json::array({
      Required("content", "int", kContent),
      Required("file_path", "string", kFilePath),
      Required("file_format", "string", kFileFormat),
      Required("partition", PartitionRecord(spec, partition_types), kPartition),
      Required("record_count", "long", kRecordCount),
      Required("file_size_in_bytes", "long", kFileSize),
      Optional("column_sizes", IntMap(117, 118, "long"), kColumnSizes),
      Optional("value_counts", IntMap(119, 120, "long"), kValueCounts),
      Optional("null_value_counts", IntMap(121, 122, "long"), kNullValueCounts),
      Optional("nan_value_counts", IntMap(138, 139, "long"), kNanValueCounts),
      Optional("lower_bounds", IntMap(126, 127, "bytes"), kLowerBounds),
      Optional("upper_bounds", IntMap(129, 130, "bytes"), kUpperBounds),
      Optional("key_metadata", "bytes", kKeyMetadata),
      Optional("split_offsets", List("long", 133), kSplitOffsets),
      Optional("equality_ids", List("int", 136), kEqualityIds),
      Optional("sort_order_id", "int", kSortOrderId),
      Optional("referenced_data_file", "string", kReferencedDataFile),
  });
  Json data_file = {{"type", "record"}, {"name", "r2"}, {"fields", std::move(file)}};
  return {{"type", "record"},
          {"name", "manifest_entry"},
          {"fields", Json::array({Required("status", "int", kStatus), Optional("snapshot_id", "long", kSnapshotId),
                                  Optional("sequence_number", "long", kSequenceNumber),
                                  Optional("file_sequence_number", "long", kFileSequenceNumber),
                                  Required("data_file", std::move(data_file), kDataFile)})}};
}

Json ManifestListAvroSchema() {
  using namespace field_id;
  Json summary = {{"type", "record"},
                  {"name", "r508"},
                  {"fields", Json::array({Required("contains_null", "boolean", kContainsNull),
                                          Optional("contains_nan", "boolean", kContainsNan),
                                          Optional("lower_bound", "bytes", kLowerBound),
                                          Optional("upper_bound", "bytes", kUpperBound)})}};
  Json fields = Json::array({
      Required("manifest_path", "string", kManifestPath),
      Required("manifest_length", "long", kManifestLength),
      Required("partition_spec_id", "int", kSpecId),
      Required("content", "int", kManifestContent),
      Required("sequence_number", "long", kListSequenceNumber),
      Required("min_sequence_number", "long", kMinSequenceNumber),
      Required("added_snapshot_id", "long", kAddedSnapshotId),
      Required("added_files_count", "int", kAddedFiles),
      Required("existing_files_count", "int", kExistingFiles),
      Required("deleted_files_count", "int", kDeletedFiles),
      Required("added_rows_count", "long", kAddedRows),
      Required("existing_rows_count", "long", kExistingRows),
      Required("deleted_rows_count", "long", kDeletedRows),
      Optional("partitions", List(std::move(summary), 508), kPartitions),
      Optional("key_metadata", "bytes", kListKeyMetadata),
  });
  return {{"type", "record"}, {"name", "manifest_file"}, {"fields", std::move(fields)}};
}

}  // namespace flare::lake
