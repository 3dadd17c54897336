#include <cmath>

#include "lake/manifest.h"
#include "lake/manifest_schema.h"

namespace flare::lake {
namespace {

template <class T>
AvroValue OrNull(const std::optional<T>& value) {
  return value ? AvroValue(*value) : AvroValue();
}

template <class T>
AvroValue PairList(const std::map<int, T>& map) {
  if (map.empty()) return {};
  AvroValue::List pairs;
  for (const auto& [key, value] : map) pairs.push_back(AvroValue::List{AvroValue(key), AvroValue(value)});
  return pairs;
}

template <class T>
AvroValue ListOrNull(const std::vector<T>& items) {
  if (items.empty()) return {};
  AvroValue::List list;
  for (const T& item : items) list.emplace_back(item);
  return list;
}

AvroValue FileValue(const DataFile& file, const std::vector<Type>& types) {
  AvroValue::List partition;
  for (size_t i = 0; i < types.size(); ++i) partition.push_back(ToAvro(types[i], file.partition[i]));
  const ColumnMetrics& m = file.metrics;
  // In the order of ManifestAvroSchema.
  return AvroValue::List{AvroValue(static_cast<int>(file.content)), AvroValue(file.path), AvroValue(file.format),
                         AvroValue(std::move(partition)), AvroValue(file.record_count), AvroValue(file.size_bytes),
                         PairList(m.column_sizes), PairList(m.value_counts), PairList(m.null_value_counts),
                         PairList(m.nan_value_counts), PairList(m.lower_bounds), PairList(m.upper_bounds),
                         OrNull(file.key_metadata), ListOrNull(file.split_offsets), ListOrNull(file.equality_ids),
                         OrNull(file.sort_order_id), OrNull(file.referenced_data_file)};
}

AvroValue EntryValue(const ManifestEntry& entry, const std::vector<Type>& types) {
  return AvroValue::List{AvroValue(static_cast<int>(entry.status)), OrNull(entry.snapshot_id),
                         OrNull(entry.sequence_number), OrNull(entry.file_sequence_number),
                         FileValue(entry.file, types)};
}

bool IsNan(const Literal& value) {
  const double* v = std::get_if<double>(&value.data);
  return v != nullptr && std::isnan(*v);
}

PartitionSummary Summarize(const Type& type, size_t field, const std::vector<ManifestEntry>& entries) {
  PartitionSummary summary;
  summary.contains_nan = false;
  const Literal* lower = nullptr;
  const Literal* upper = nullptr;
  for (const ManifestEntry& entry : entries) {
    const Literal& value = entry.file.partition[field];
    if (value.is_null()) {
      summary.contains_null = true;
    } else if (IsNan(value)) {
      summary.contains_nan = true;
    } else {
      if (lower == nullptr || Compare(value, *lower) < 0) lower = &value;
      if (upper == nullptr || Compare(value, *upper) > 0) upper = &value;
    }
  }
  if (lower != nullptr) summary.lower_bound = ToSingleValue(type, *lower);
  if (upper != nullptr) summary.upper_bound = ToSingleValue(type, *upper);
  return summary;
}

void Count(const ManifestEntry& entry, ManifestFile* row) {
  switch (entry.status) {
    case EntryStatus::kAdded:
      ++row->added_files;
      row->added_rows += entry.file.record_count;
      break;
    case EntryStatus::kExisting:
      ++row->existing_files;
      row->existing_rows += entry.file.record_count;
      break;
    case EntryStatus::kDeleted:
      ++row->deleted_files;
      row->deleted_rows += entry.file.record_count;
      break;
  }
}

AvroValue SummaryValue(const PartitionSummary& summary) {
  return AvroValue::List{AvroValue(summary.contains_null), OrNull(summary.contains_nan), OrNull(summary.lower_bound),
                         OrNull(summary.upper_bound)};
}

AvroValue RowValue(const ManifestFile& row) {
  AvroValue::List partitions;
  for (const auto& summary : row.partitions) partitions.push_back(SummaryValue(summary));
  // In the order of ManifestListAvroSchema.
  return AvroValue::List{AvroValue(row.path), AvroValue(row.length), AvroValue(row.spec_id),
                         AvroValue(static_cast<int>(row.content)), AvroValue(row.sequence_number),
                         AvroValue(row.min_sequence_number), AvroValue(row.added_snapshot_id),
                         AvroValue(row.added_files), AvroValue(row.existing_files), AvroValue(row.deleted_files),
                         AvroValue(row.added_rows), AvroValue(row.existing_rows), AvroValue(row.deleted_rows),
                         AvroValue(std::move(partitions)), OrNull(row.key_metadata)};
}

}  // namespace

Result<EncodedManifest> EncodeManifest(const ManifestHeader& header, const std::vector<ManifestEntry>& entries,
                                       AvroCodec codec) {
  ASSIGN_OR_RETURN(std::vector<Type> types, PartitionTypes(header.spec, header.schema));
  EncodedManifest out;
  AvroFile file;
  file.schema_json = ManifestAvroSchema(header.spec, types);
  bool deletes = header.content == ManifestContent::kDeletes;
  file.metadata = {{"schema", DumpJson(header.schema_json)},
                   {"schema-id", fmt::format("{}", header.schema.schema_id)},
                   {"partition-spec", DumpJson(header.spec.FieldsToJson())},
                   {"partition-spec-id", fmt::format("{}", header.spec.spec_id)},
                   {"format-version", "2"},
                   {"content", deletes ? "deletes" : "data"}};
  std::optional<int64_t> lowest;
  for (const ManifestEntry& entry : entries) {
    if (entry.file.partition.size() != types.size()) {
      return Internal("the file {} has {} partition values, its spec has {} fields", entry.file.path,
                      entry.file.partition.size(), types.size());
    }
    file.rows.push_back(EntryValue(entry, types));
    Count(entry, &out.row);
    if (entry.status != EntryStatus::kDeleted && entry.sequence_number) {
      lowest = std::min(lowest.value_or(*entry.sequence_number), *entry.sequence_number);
    }
  }
  for (size_t i = 0; i < types.size(); ++i) out.row.partitions.push_back(Summarize(types[i], i, entries));
  ASSIGN_OR_RETURN(out.bytes, WriteAvroFile(file, codec));
  out.row.length = static_cast<int64_t>(out.bytes.size());
  out.row.spec_id = header.spec.spec_id;
  out.row.content = header.content;
  out.row.min_sequence_number = lowest.value_or(-1);
  return out;
}

Result<std::string> EncodeManifestList(const ManifestListHeader& header, const std::vector<ManifestFile>& manifests,
                                       AvroCodec codec) {
  AvroFile file;
  file.schema_json = ManifestListAvroSchema();
  std::string parent = header.parent_snapshot_id ? fmt::format("{}", *header.parent_snapshot_id) : "null";
  file.metadata = {{"snapshot-id", fmt::format("{}", header.snapshot_id)},
                   {"parent-snapshot-id", parent},
                   {"sequence-number", fmt::format("{}", header.sequence_number)},
                   {"format-version", "2"}};
  for (const ManifestFile& row : manifests) file.rows.push_back(RowValue(row));
  return WriteAvroFile(file, codec);
}

}  // namespace flare::lake
