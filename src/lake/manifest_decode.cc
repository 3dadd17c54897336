#include "lake/manifest.h"
#include "lake/manifest_schema.h"

namespace flare::lake {
namespace {

/// A decoded record, read by Iceberg's field ids.
class Record {
 public:
  Record(const AvroSchema& schema, const AvroValue& value)
      : schema_(schema), fields_(std::get_if<AvroValue::List>(&value.data)) {}

  const AvroValue* Find(int id) const {
    int i = schema_.FindField(id);
    if (i < 0 || fields_ == nullptr || static_cast<size_t>(i) >= fields_->size()) return nullptr;
    const AvroValue& value = (*fields_)[static_cast<size_t>(i)];
    return value.is_null() ? nullptr : &value;
  }
  const AvroSchemaPtr* SchemaOf(int id) const {
    int i = schema_.FindField(id);
    return i < 0 ? nullptr : &schema_.fields[static_cast<size_t>(i)].type;
  }
  template <class T>
  std::optional<T> Get(int id) const {
    const AvroValue* value = Find(id);
    const T* typed = value == nullptr ? nullptr : std::get_if<T>(&value->data);
    return typed == nullptr ? std::nullopt : std::optional<T>(*typed);
  }
  std::optional<int64_t> Long(int id) const { return Get<int64_t>(id); }
  std::optional<std::string> Text(int id) const { return Get<std::string>(id); }
  std::optional<int> Int(int id) const {
    auto value = Long(id);
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
  }

  template <class T>
  std::map<int, T> IntMap(int id) const {
    std::map<int, T> map;
    for (const AvroValue& item : Items(id)) {
      const auto* pair = std::get_if<AvroValue::List>(&item.data);
      if (pair == nullptr || pair->size() != 2) continue;
      const auto* key = std::get_if<int64_t>(&(*pair)[0].data);
      const auto* value = std::get_if<T>(&(*pair)[1].data);
      if (key != nullptr && value != nullptr) map[static_cast<int>(*key)] = *value;
    }
    return map;
  }
  template <class T>
  std::vector<T> Numbers(int id) const {
    std::vector<T> numbers;
    for (const AvroValue& item : Items(id)) {
      if (const auto* value = std::get_if<int64_t>(&item.data)) numbers.push_back(static_cast<T>(*value));
    }
    return numbers;
  }
  const AvroValue::List& Items(int id) const {
    static const AvroValue::List empty;
    const AvroValue* value = Find(id);
    const auto* list = value == nullptr ? nullptr : std::get_if<AvroValue::List>(&value->data);
    return list == nullptr ? empty : *list;
  }

 private:
  const AvroSchema& schema_;
  const AvroValue::List* fields_;
};

/// The record behind a field's schema, whether or not it is optional.
const AvroSchema& Unwrap(const AvroSchema& schema) {
  if (schema.kind != AvroSchema::Kind::kUnion) return schema;
  for (const auto& branch : schema.branches) {
    if (branch->kind != AvroSchema::Kind::kNull) return *branch;
  }
  return schema;
}

Result<std::vector<Literal>> PartitionOf(const Record& file, const PartitionSpec& spec, const std::vector<Type>& types) {
  std::vector<Literal> values(spec.fields.size());
  const AvroValue* tuple = file.Find(field_id::kPartition);
  if (tuple == nullptr) return values;
  Record record(Unwrap(**file.SchemaOf(field_id::kPartition)), *tuple);
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const AvroValue* value = record.Find(spec.fields[i].field_id);
    if (value == nullptr) continue;
    ASSIGN_OR_RETURN(values[i], FromAvro(types[i], *value));
  }
  return values;
}

Result<DataFile> FileOf(const Record& record, const PartitionSpec& spec, const std::vector<Type>& types) {
  using namespace field_id;
  DataFile file;
  auto path = record.Text(kFilePath);
  auto rows = record.Long(kRecordCount);
  auto size = record.Long(kFileSize);
  int64_t content = record.Long(kContent).value_or(0);  // absent in format version 1
  if (!path || !rows || !size || content < 0 || content > 2) {
    return Corruption("an entry lacks file_path, record_count or file_size_in_bytes");
  }
  file.content = static_cast<FileContent>(content);
  file.path = *path;
  file.format = record.Text(kFileFormat).value_or("PARQUET");
  ASSIGN_OR_RETURN(file.partition, PartitionOf(record, spec, types));
  file.record_count = *rows;
  file.size_bytes = *size;
  ColumnMetrics& m = file.metrics;
  m.column_sizes = record.IntMap<int64_t>(kColumnSizes);
  m.value_counts = record.IntMap<int64_t>(kValueCounts);
  m.null_value_counts = record.IntMap<int64_t>(kNullValueCounts);
  m.nan_value_counts = record.IntMap<int64_t>(kNanValueCounts);
  m.lower_bounds = record.IntMap<std::string>(kLowerBounds);
  m.upper_bounds = record.IntMap<std::string>(kUpperBounds);
  file.key_metadata = record.Text(kKeyMetadata);
  file.split_offsets = record.Numbers<int64_t>(kSplitOffsets);
  file.equality_ids = record.Numbers<int>(kEqualityIds);
  file.sort_order_id = record.Int(kSortOrderId);
  file.referenced_data_file = record.Text(kReferencedDataFile);
  return file;
}

Result<ManifestEntry> EntryOf(const Record& record, const ManifestFile& row, const PartitionSpec& spec,
                              const std::vector<Type>& types) {
  using namespace field_id;
  ManifestEntry entry;
  int64_t status = record.Long(kStatus).value_or(-1);
  if (status < 0 || status > 2) return Corruption("an entry has the status {}", status);
  entry.status = static_cast<EntryStatus>(status);
  bool added = entry.status == EntryStatus::kAdded;
  entry.snapshot_id = record.Long(kSnapshotId);
  if (!entry.snapshot_id) entry.snapshot_id = row.added_snapshot_id;
  entry.sequence_number = record.Long(kSequenceNumber);
  entry.file_sequence_number = record.Long(kFileSequenceNumber);
  // Only what was added in this very manifest inherits; sequence number 0 marks what v1 wrote.
  if (added || row.sequence_number == 0) {
    if (!entry.sequence_number) entry.sequence_number = row.sequence_number;
    if (!entry.file_sequence_number) entry.file_sequence_number = row.sequence_number;
  }
  const AvroValue* file = record.Find(kDataFile);
  if (file == nullptr || !entry.sequence_number) return Corruption("an entry has no data file or sequence number");
  ASSIGN_OR_RETURN(entry.file, FileOf(Record(Unwrap(**record.SchemaOf(kDataFile)), *file), spec, types));
  return entry;
}

PartitionSummary SummaryOf(const Record& record) {
  using namespace field_id;
  PartitionSummary summary;
  summary.contains_null = record.Get<bool>(kContainsNull).value_or(true);
  summary.contains_nan = record.Get<bool>(kContainsNan);
  summary.lower_bound = record.Text(kLowerBound);
  summary.upper_bound = record.Text(kUpperBound);
  return summary;
}

Result<ManifestFile> RowOf(const Record& record) {
  using namespace field_id;
  ManifestFile row;
  auto path = record.Text(kManifestPath);
  auto length = record.Long(kManifestLength);
  if (!path || !length) return Corruption("a row lacks manifest_path or manifest_length");
  row.path = *path;
  row.length = *length;
  row.spec_id = record.Int(kSpecId).value_or(0);
  row.content = record.Long(kManifestContent).value_or(0) == 1 ? ManifestContent::kDeletes : ManifestContent::kData;
  row.sequence_number = record.Long(kListSequenceNumber).value_or(0);
  row.min_sequence_number = record.Long(kMinSequenceNumber).value_or(0);
  row.added_snapshot_id = record.Long(kAddedSnapshotId).value_or(0);
  row.added_files = record.Int(kAddedFiles).value_or(0);
  row.existing_files = record.Int(kExistingFiles).value_or(0);
  row.deleted_files = record.Int(kDeletedFiles).value_or(0);
  row.added_rows = record.Long(kAddedRows).value_or(0);
  row.existing_rows = record.Long(kExistingRows).value_or(0);
  row.deleted_rows = record.Long(kDeletedRows).value_or(0);
  row.key_metadata = record.Text(kListKeyMetadata);
  if (const AvroSchemaPtr* list = record.SchemaOf(kPartitions)) {
    const AvroSchema& array = Unwrap(**list);
    for (const AvroValue& item : record.Items(kPartitions)) {
      if (array.element != nullptr) row.partitions.push_back(SummaryOf(Record(Unwrap(*array.element), item)));
    }
  }
  return row;
}

}  // namespace

Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes, const ManifestFile& row,
                                                  const PartitionSpec& spec, const Schema& schema) {
  ASSIGN_OR_RETURN(AvroFile file, ReadAvroFile(bytes, row.path));
  ASSIGN_OR_RETURN(std::vector<Type> types, PartitionTypes(spec, schema));
  std::vector<ManifestEntry> entries;
  for (const AvroValue& value : file.rows) {
    Result<ManifestEntry> entry = EntryOf(Record(*file.schema, value), row, spec, types);
    if (!entry) return std::move(entry).error().With(fmt::format("while reading the manifest {}", row.path));
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes, std::string_view path) {
  ASSIGN_OR_RETURN(AvroFile file, ReadAvroFile(bytes, path));
  std::vector<ManifestFile> rows;
  for (const AvroValue& value : file.rows) {
    Result<ManifestFile> row = RowOf(Record(*file.schema, value));
    if (!row) return std::move(row).error().With(fmt::format("while reading the manifest list {}", path));
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace flare::lake
