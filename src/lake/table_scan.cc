#include "lake/table_scan.h"

#include <strings.h>

#include "engine/database.h"
#include "lake/manifest.h"
#include "lake/reachable.h"
#include "lake/schema_match.h"

namespace flare::lake {
namespace {

/// DuckDB's type with the table's own field names, as it lies in the files.
std::string FileType(const Type& type) {
  const auto& inner = type.children();
  switch (type.id()) {
    case TypeId::kList: return FileType(inner[0].type) + "[]";
    case TypeId::kMap: return fmt::format("MAP({}, {})", FileType(inner[0].type), FileType(inner[1].type));
    case TypeId::kStruct: {
      std::string fields;
      for (const Field& field : inner) {
        fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", engine::QuoteIdentifier(field.name), FileType(field.type));
      }
      return fmt::format("STRUCT({})", fields);
    }
    default: return DuckDbType(type);
  }
}

bool IsPlain(const Type& type) {
  if (type.is(TypeId::kStruct) || type.is(TypeId::kTime) || type.is(TypeId::kUuid)) return false;
  for (const Field& child : type.children()) {
    if (!IsPlain(child.type)) return false;
  }
  return true;
}

/// The value as the engine wants it: struct fields f0, f1, ...; time in microseconds; uuid as text.
std::string ReadExpression(const std::string& value, const Type& type, int depth) {
  if (IsPlain(type)) return value;
  const auto& inner = type.children();
  auto each = [&](const std::string& list, const Type& element) {
    if (IsPlain(element)) return list;
    std::string item = fmt::format("x{}", depth);
    return fmt::format("list_transform({}, lambda {}: {})", list, item, ReadExpression(item, element, depth + 1));
  };
  switch (type.id()) {
    case TypeId::kTime: return fmt::format("epoch_us(DATE '1970-01-01' + {})", value);
    case TypeId::kUuid: return fmt::format("CAST({} AS VARCHAR)", value);
    case TypeId::kList: return each(value, inner[0].type);
    case TypeId::kMap:
      return fmt::format("CASE WHEN {0} IS NULL THEN NULL ELSE map({1}, {2}) END", value,
                         each(fmt::format("map_keys({})", value), inner[0].type),
                         each(fmt::format("map_values({})", value), inner[1].type));
    default: break;
  }
  std::string fields;
  for (size_t i = 0; i < inner.size(); ++i) {
    std::string part = fmt::format("({}).{}", value, engine::QuoteIdentifier(inner[i].name));
    fields += fmt::format("{}f{} := {}", i == 0 ? "" : ", ", i, ReadExpression(part, inner[i].type, depth));
  }
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE struct_pack({}) END", value, fields);
}

std::string EmptySelect(const sql::Schema& schema) {
  std::string columns;
  for (size_t i = 0; i < schema.size(); ++i) {
    columns += fmt::format("{}CAST(NULL AS {}) AS c{}", i == 0 ? "" : ", ", schema[i].type.ToDuckDb(), i);
  }
  return fmt::format("SELECT {} WHERE false", columns);
}

std::string SelectFiles(const std::vector<std::string>& paths, const Schema& schema) {
  std::string list, columns, mapping;
  for (const auto& path : paths) list += (list.empty() ? "" : ", ") + engine::QuoteLiteral(path);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    columns += fmt::format("{}{} AS c{}", i == 0 ? "" : ", ", ReadExpression(fmt::format("c{}", i), field.type, 0), i);
    mapping += fmt::format("{}{}: {{name: 'c{}', type: {}, default_value: NULL}}", i == 0 ? "" : ", ", field.id, i,
                           engine::QuoteLiteral(FileType(field.type)));
  }
  return fmt::format("SELECT {} FROM read_parquet([{}], schema = MAP {{{}}}, hive_partitioning = false)", columns, list, mapping);
}

/// Adds the live files of one manifest.
Status AddFiles(const TableMetadata& table, const ManifestFile& row, io::FileSystem* files, TableScan* scan) {
  if (row.content == ManifestContent::kDeletes) {
    return Unsupported("the table has delete files (merge-on-read), which are not read yet; rewrite it with another "
                       "engine (rewrite_data_files) first");
  }
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, LiveEntries(table, row, files));
  for (const ManifestEntry& entry : entries) {
    if (::strcasecmp(entry.file.format.c_str(), "parquet") != 0) {
      return Unsupported("the data file {} is {}; only parquet is read", entry.file.path, entry.file.format);
    }
    ASSIGN_OR_RETURN(std::string path, LocalPathOf(entry.file.path));
    scan->paths.push_back(std::move(path));
    scan->rows += entry.file.record_count;
  }
  return Ok();
}

Result<TableScan> Plan(const TableMetadata& table, std::optional<int64_t> snapshot_id, const std::string& branch,
                       io::FileSystem* files) {
  TableScan scan;
  scan.schema = ToSqlSchema(table.schema());
  scan.table_schema = table.schema();
  if (!table.HasBranch(branch)) return NotFound("the table has no branch '{}'", branch);
  scan.snapshot_id = snapshot_id ? snapshot_id : table.Head(branch);
  if (scan.snapshot_id) {
    ASSIGN_OR_RETURN(Snapshot snapshot, table.FindSnapshot(*scan.snapshot_id));
    ASSIGN_OR_RETURN(std::string local, LocalPathOf(snapshot.manifest_list));
    ASSIGN_OR_RETURN(std::string bytes, files->Read(local));
    ASSIGN_OR_RETURN(std::vector<ManifestFile> rows, DecodeManifestList(bytes, local));
    for (const auto& row : rows) {
      if (row.added_files + row.existing_files > 0) RETURN_IF_ERROR(AddFiles(table, row, files, &scan));
    }
  }
  scan.sql = scan.SelectFrom(scan.paths);
  return scan;
}

}  // namespace

std::string TableScan::SelectFrom(const std::vector<std::string>& some) const {
  return some.empty() ? EmptySelect(schema) : SelectFiles(some, table_schema);
}

Result<TableScan> TableScanSql(const Table& table, io::FileSystem* files, std::optional<int64_t> snapshot_id,
                               const std::string& branch) {
  // An expiry may delete the manifests of the state that was the newest a moment ago.
  auto plan = [&](const TableVersion& newest) { return Plan(newest.metadata, snapshot_id, branch, files); };
  Result<TableScan> scan = LookAtNewest<TableScan>(table, plan);
  if (!scan) return std::move(scan).error().With(fmt::format("while planning to read the table in {}", table.place()));
  return scan;
}

}  // namespace flare::lake
