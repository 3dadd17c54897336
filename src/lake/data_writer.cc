#include "lake/data_writer.h"

#include <charconv>
#include <set>

#include "base/fail_point.h"
#include "lake/directory_catalog.h"

namespace flare::lake {
namespace {

/// Rows of a row group: few enough to keep memory low, many enough to compress well.
constexpr int kRowGroupRows = 30'720;
/// A row group ends here too, so that huge values do not pile up.
constexpr int64_t kRowGroupBytes = int64_t{32} << 20;
constexpr int kZstdLevel = 1;

/// One field of the partition spec as the COPY statement sees it.
struct PartitionColumn {
  std::string name;  ///< of the folder and of DuckDB's column
  Transform transform;
  Type source;
  std::string sql;   ///< "" = the data column itself is the partition column
};

bool PrintsExactly(const Type& type) {
  return type.is(TypeId::kString) || type.is(TypeId::kInt) || type.is(TypeId::kLong) || type.is(TypeId::kDate) ||
         type.is(TypeId::kBoolean) || type.is(TypeId::kDecimal);
}

class CopyStatement {
 public:
  CopyStatement(const TableMetadata& table, const WriteTask& task, const WriterProperties& properties)
      : table_(table), task_(task), properties_(properties) {}

  Status Prepare() {
    for (const auto& field : table_.spec().fields) {
      const ColumnBinding* binding = BindingOf(field.source_id);
      const Field* source = table_.schema().FindById(field.source_id);
      if (source == nullptr) return Unsupported("the partition field '{}' cuts by a dropped column", field.name);
      PartitionColumn column{field.name, field.transform, source->type, ""};
      // A column that the step lacks is null everywhere, and so is its partition value.
      column.sql = binding == nullptr
                       ? "CAST(NULL AS VARCHAR)"
                       : field.transform.FolderSql(source->type, Expression(*binding));
      partitions_.push_back(std::move(column));
    }
    ChooseNames();
    return Ok();
  }

  const std::vector<PartitionColumn>& partitions() const { return partitions_; }

  std::string Sql(const std::string& folder) const {
    std::string select, ids;
    for (const ColumnBinding& binding : task_.columns) {
      std::string name = engine::QuoteIdentifier(binding.target.name);
      select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ", Expression(binding), name);
      ids += fmt::format("{}{}: {}", ids.empty() ? "" : ", ", name, FieldIds(binding.target));
    }
    std::string keys;
    for (const PartitionColumn& column : partitions_) {
      std::string name = engine::QuoteIdentifier(column.name);
      if (!in_place_) select += fmt::format(", {} AS {}", column.sql, name);
      keys += (keys.empty() ? "" : ", ") + name;
    }
    std::string layout =
        partitions_.empty()
            ? fmt::format("FILE_SIZE_BYTES {}, FILENAME_PATTERN {}, WRITE_EMPTY_FILE false", properties_.target_file_bytes,
                          engine::QuoteLiteral(task_.name + "-{i}"))
            : fmt::format("PARTITION_BY ({}), WRITE_PARTITION_COLUMNS {}, FILENAME_PATTERN {}", keys, in_place_,
                          engine::QuoteLiteral(task_.name + "-{uuid}"));
    return fmt::format("COPY (SELECT {} FROM {}) TO {} (FORMAT parquet, FIELD_IDS {{{}}}, {}, {}, OVERWRITE_OR_IGNORE true, "
                       "RETURN_STATS)",
                       select, task_.relation, engine::QuoteLiteral(folder), ids, Encoding(), layout);
  }

 private:
  const ColumnBinding* BindingOf(int field_id) const {
    for (const auto& binding : task_.columns) {
      if (binding.target.id == field_id) return &binding;
    }
    return nullptr;
  }

  static std::string Expression(const ColumnBinding& binding) {
    return WriteExpression(sql::DuckDbColumnName(binding.source), binding.source_type, binding.target);
  }

  static std::string FieldIds(const Field& field) {
    if (field.type.is_primitive()) return fmt::format("{}", field.id);
    std::string ids = fmt::format("{{__duckdb_field_id: {}", field.id);
    for (const Field& child : field.type.children()) {
      ids += fmt::format(", {}: {}", engine::QuoteIdentifier(child.name), FieldIds(child));
    }
    return ids + "}";
  }

  /// Folders are called like the partition fields. Where that is a column's name too, DuckDB can use the
  /// column itself if all fields are such; else the folder's name has to differ.
  void ChooseNames() {
    in_place_ = !partitions_.empty();
    for (size_t i = 0; i < partitions_.size(); ++i) {
      const PartitionColumn& column = partitions_[i];
      const ColumnBinding* binding = BindingOf(table_.spec().fields[i].source_id);
      in_place_ = in_place_ && column.transform.kind == Transform::Kind::kIdentity && binding != nullptr &&
                  binding->target.name == column.name && PrintsExactly(column.source);
    }
    if (in_place_) return;
    for (PartitionColumn& column : partitions_) {
      while (table_.schema().FindColumn(column.name) != nullptr) column.name += "_value";
    }
  }

  std::string Encoding() const {
    std::string text = fmt::format("COMPRESSION {}", properties_.parquet_codec);
    if (properties_.parquet_codec == "zstd") {
      text += fmt::format(", COMPRESSION_LEVEL {}", properties_.parquet_level.value_or(kZstdLevel));
    }
    if (properties_.row_group_bytes) {
      return text + fmt::format(", ROW_GROUP_SIZE_BYTES {}", *properties_.row_group_bytes);
    }
    return text + fmt::format(", ROW_GROUP_SIZE {}, ROW_GROUP_SIZE_BYTES {}", kRowGroupRows, kRowGroupBytes);
  }

  const TableMetadata& table_;
  const WriteTask& task_;
  const WriterProperties& properties_;
  std::vector<PartitionColumn> partitions_;
  bool in_place_ = false;
};

std::optional<int64_t> Count(const Json& statistics, const char* key) {
  auto text = GetString(statistics, key);
  int64_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

std::map<std::string, ColumnStatistics> ReadStatistics(const Json& json) {
  std::map<std::string, ColumnStatistics> by_path;
  if (!json.is_object()) return by_path;
  for (const auto& [path, item] : json.items()) {
    ColumnStatistics& column = by_path[path];
    column.column_size = Count(item, "column_size_bytes");
    column.value_count = Count(item, "num_values");
    column.null_count = Count(item, "null_count");
    if (auto min = GetString(item, "min")) column.min = *min;
    if (auto max = GetString(item, "max")) column.max = *max;
    auto nan = GetString(item, "has_nan");
    column.has_nan = nan && *nan == "true";
  }
  return by_path;
}

Result<std::vector<Literal>> ReadPartition(const Json& keys, const std::vector<PartitionColumn>& columns) {
  std::vector<Literal> tuple;
  for (const PartitionColumn& column : columns) {
    const Json* key = FindMember(keys, column.name.c_str());
    if (key == nullptr) {
      tuple.emplace_back();
      continue;
    }
    std::string text = key->is_string() ? key->get<std::string>() : DumpJson(*key);
    auto value = column.transform.FromFolderText(column.source, text);
    if (!value) {
      return Unsupported("the value '{}' of the partition field '{}' cannot be a partition of the table", text, column.name);
    }
    tuple.push_back(*std::move(value));
  }
  return tuple;
}

/// Turns the rows that RETURN_STATS gives into manifest entries.
struct StatsReader {
  const TableMetadata& table;
  const std::vector<PartitionColumn>& partitions;
  std::string folder, folder_uri;
  std::map<int, MetricsMode> modes;

  Result<DataFile> Read(const engine::TextResult& result, const engine::TextRow& row) const {
    std::map<std::string, Json> cells;
    for (size_t i = 0; i < row.size() && i < result.names.size(); ++i) {
      if (!row[i]) continue;
      ASSIGN_OR_RETURN(cells[result.names[i]], ParseJson(*row[i], "DuckDB's report about a file"));
    }
    const Json& filename = cells["filename"];
    const Json& count = cells["count"];
    const Json& size = cells["file_size_bytes"];
    if (!filename.is_string() || !count.is_number_integer() || !size.is_number_integer()) {
      return Internal("DuckDB's report about a written file lacks its name, count or size");
    }
    DataFile file;
    auto path = filename.get<std::string>();
    if (!path.starts_with(folder)) return Internal("DuckDB wrote {} outside of {}", path, folder);
    file.path = folder_uri + path.substr(folder.size());
    file.record_count = count.get<int64_t>();
    file.size_bytes = size.get<int64_t>();
    file.metrics = TypeMetrics(table.schema(), modes, ReadStatistics(cells["column_statistics"]));
    ASSIGN_OR_RETURN(file.partition, ReadPartition(cells["partition_keys"], partitions));
    return file;
  }
};

/// Files first, then each folder up to the data folder: a name is only as durable as what it stands in.
Status SyncAll(const std::vector<DataFile>& written, const StatsReader& reader, io::FileSystem* files) {
  std::set<std::string> folders = {reader.folder};
  for (const DataFile& file : written) {
    std::string path = reader.folder + file.path.substr(reader.folder_uri.size());
    RETURN_IF_ERROR(files->SyncFile(path));
    for (std::string at = io::ParentPath(path); at.size() > reader.folder.size(); at = io::ParentPath(at)) folders.insert(at);
  }
  for (const auto& folder : folders) RETURN_IF_ERROR(files->SyncDirectory(folder));
  return Ok();
}

Result<std::vector<DataFile>> Write(const CopyStatement& copy, const StatsReader& reader, engine::Connection& connection,
                                    io::FileSystem* files) {
  FAIL_POINT("lake.before_data_files");
  RETURN_IF_ERROR(files->CreateDirectories(reader.folder));
  ASSIGN_OR_RETURN(engine::TextResult result, connection.QueryJson(copy.Sql(reader.folder)));
  std::vector<DataFile> written;
  for (const auto& row : result.rows) {
    ASSIGN_OR_RETURN(DataFile file, reader.Read(result, row));
    if (file.record_count > 0) written.push_back(std::move(file));
  }
  RETURN_IF_ERROR(SyncAll(written, reader, files));
  FAIL_POINT("lake.after_data_files");
  return written;
}

}  // namespace

Result<std::string> DataFolderUri(const TableMetadata& table) {
  ASSIGN_OR_RETURN(WriterProperties properties, ParseWriterProperties(table.properties()));
  return properties.data_path.empty() ? table.location() + "/data" : properties.data_path;
}

Result<std::vector<DataFile>> WriteDataFiles(const TableMetadata& table, const WriteTask& task,
                                             engine::Connection& connection, io::FileSystem* files) {
  ASSIGN_OR_RETURN(WriterProperties properties, ParseWriterProperties(table.properties()));
  CopyStatement copy(table, task, properties);
  RETURN_IF_ERROR(copy.Prepare());
  StatsReader reader{table, copy.partitions(), "", "", MetricsModes(table.schema(), table.properties())};
  ASSIGN_OR_RETURN(reader.folder_uri, DataFolderUri(table));
  ASSIGN_OR_RETURN(reader.folder, LocalPathOf(reader.folder_uri));
  auto written = Write(copy, reader, connection, files);
  if (!written) {
    std::ignore = RemoveFilesNamed(reader.folder, task.name, files);  // the first error tells more
    return std::move(written).error().With(fmt::format("while writing data files to {}", reader.folder));
  }
  return written;
}

Status RemoveFilesNamed(const std::string& folder, const std::string& name, io::FileSystem* files) {
  auto entries = files->List(folder);
  if (!entries && entries.error().code() == Code::kNotFound) return Ok();
  if (!entries) return std::move(entries).error();
  for (const auto& entry : *entries) {
    std::string path = io::JoinPath(folder, entry.name);
    if (entry.is_directory) {
      RETURN_IF_ERROR(RemoveFilesNamed(path, name, files));
    } else if (entry.name.starts_with(name)) {
      FAIL_POINT("lake.before_abort");
      RETURN_IF_ERROR(files->Remove(path));
      FAIL_POINT("lake.after_abort");
    }
  }
  return Ok();
}

}  // namespace flare::lake
