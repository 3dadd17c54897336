#include "cli/table_relation.h"

#include "cli/table_expression.h"
#include "io/file_system.h"
#include "lake/directory_catalog.h"
#include "lake/manifest.h"

namespace flare::cli {
namespace {

/// Paths of the live data files of a table's newest snapshot.
Result<std::vector<std::string>> DataFiles(io::FileSystem& files, const lake::TableMetadata& table,
                                           const std::string& name) {
  std::vector<std::string> paths;
  auto head = table.Head();
  if (!head) return paths;
  ASSIGN_OR_RETURN(auto snapshot, table.FindSnapshot(*head));
  ASSIGN_OR_RETURN(auto list_path, lake::LocalPathOf(snapshot.manifest_list));
  ASSIGN_OR_RETURN(auto list_bytes, files.Read(list_path));
  ASSIGN_OR_RETURN(auto manifests, lake::DecodeManifestList(list_bytes, list_path));
  for (const auto& manifest : manifests) {
    if (manifest.added_files + manifest.existing_files == 0) continue;
    if (manifest.content == lake::ManifestContent::kDeletes) {
      return Unsupported("table {} has rows deleted by delete files, which flare query does not read yet", name);
    }
    const auto* spec = table.FindSpec(manifest.spec_id);
    if (spec == nullptr) return Corruption("table {}: manifest {} has an unknown partition spec", name, manifest.path);
    ASSIGN_OR_RETURN(auto path, lake::LocalPathOf(manifest.path));
    ASSIGN_OR_RETURN(auto bytes, files.Read(path));
    ASSIGN_OR_RETURN(auto entries, lake::DecodeManifest(bytes, manifest, *spec, table.schema()));
    for (const auto& entry : entries) {
      if (entry.status == lake::EntryStatus::kDeleted) continue;
      if (entry.file.format != "PARQUET") {
        return Unsupported("table {} has {} files; flare query reads Parquet", name, entry.file.format);
      }
      ASSIGN_OR_RETURN(auto file, lake::LocalPathOf(entry.file.path));
      paths.push_back(std::move(file));
    }
  }
  return paths;
}

/// Reads the files by field id, so that renamed, added and dropped columns come out right.
std::string ReadFiles(const std::vector<std::string>& paths, const lake::Schema& schema) {
  std::vector<std::string> files;
  for (const auto& path : paths) files.push_back(engine::QuoteLiteral(path));
  std::vector<std::string> columns;
  for (const auto& field : schema.fields) {
    columns.push_back(fmt::format("{}: {{name: {}, type: {}, default_value: NULL}}", field.id,
                                  engine::QuoteLiteral(field.name), engine::QuoteLiteral(TableType(field.type))));
  }
  return fmt::format("read_parquet([{}], schema => MAP {{{}}}, hive_partitioning => false)", fmt::join(files, ", "),
                     fmt::join(columns, ", "));
}

std::string NoRows(const lake::Schema& schema) {
  std::vector<std::string> columns;
  for (const auto& field : schema.fields) {
    columns.push_back(
        fmt::format("CAST(NULL AS {}) AS {}", TableType(field.type), engine::QuoteIdentifier(field.name)));
  }
  return fmt::format("(SELECT {} LIMIT 0)", fmt::join(columns, ", "));
}

}  // namespace

Result<sql::Relation> OpenTable(const std::string& name, const manifest::Resources& resources,
                                engine::Connection& connection) {
  ASSIGN_OR_RETURN(auto address, resources.Resolve({name, {}}));
  ASSIGN_OR_RETURN(auto folder, resources.LocalPath(address));
  auto& files = io::LocalFileSystem();
  auto table = lake::DirectoryTable(&files, folder).Load();
  if (!table && table.error().code() == Code::kNotFound) {
    return NotFound("there is no table {} (its folder would be {})", name, folder);
  }
  if (!table) return std::move(table).error();
  const lake::Schema& schema = table->metadata.schema();
  ASSIGN_OR_RETURN(auto paths, DataFiles(files, table->metadata, name));

  std::vector<std::string> columns;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const auto& field = schema.fields[i];
    columns.push_back(fmt::format("{} AS {}", ReadExpression(engine::QuoteIdentifier(field.name), field.type),
                                  sql::DuckDbColumnName(i)));
  }
  // A view of its own for each table; the address may hold anything.
  std::string view = engine::QuoteIdentifier("flare_table " + name);
  RETURN_IF_ERROR(connection.Execute(fmt::format("CREATE TEMP VIEW {} AS SELECT {} FROM {}", view,
                                                 fmt::join(columns, ", "),
                                                 paths.empty() ? NoRows(schema) : ReadFiles(paths, schema))));
  return sql::Relation{name, view, lake::ToSqlSchema(schema)};
}

}  // namespace flare::cli
