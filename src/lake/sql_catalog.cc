#include "lake/sql_catalog.h"

#include <algorithm>
#include <charconv>

#include "base/fail_point.h"
#include "base/random.h"
#include "lake/directory_catalog.h"
#include "lake/metadata_file.h"
#include "lake/table_properties.h"

namespace flare::lake {
namespace {

using Outcome = PublishResult::Outcome;

constexpr const char* kCreateTables =
    "CREATE TABLE IF NOT EXISTS iceberg_tables (catalog_name VARCHAR(255) NOT NULL, "
    "table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), "
    "previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5), "
    "PRIMARY KEY (catalog_name, table_namespace, table_name))";
constexpr const char* kCreateNamespaces =
    "CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (catalog_name VARCHAR(255) NOT NULL, "
    "namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL, property_value VARCHAR(1000), "
    "PRIMARY KEY (catalog_name, namespace, property_key))";

PublishResult Failed(Outcome outcome, Error reason) { return {outcome, std::move(reason), std::nullopt}; }

/// `00007-<uuid>.metadata.json` -> 7; -1 where another writer chose a name without a number.
int64_t VersionOf(const std::string& file) {
  std::string name = io::BaseName(file);
  int64_t version = -1;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  bool is_number = error == std::errc() && version >= 0 && end != name.data() + name.size() && *end == '-';
  return is_number ? version : -1;
}

/// The metadata file of a new version, as a location in the table's own spelling.
std::string NewMetadataLocation(const TableMetadata& metadata, int64_t version, bool gzip) {
  return fmt::format("{}/metadata/{:05}-{}{}", metadata.location(), version, NewUuid(),
                     gzip ? kGzipMetadataSuffix : kMetadataSuffix);
}

/// Whether `mine` is among the versions that led to `newest`.
bool Contains(const TableMetadata& newest, const TableVersion& mine, const TableVersion& base) {
  if (newest.Follows(io::BaseName(mine.file), std::nullopt)) return true;
  auto snapshots = mine.metadata.Snapshots();
  if (!snapshots) return false;
  return std::any_of(snapshots->begin(), snapshots->end(), [&](const Snapshot& snapshot) {
    return !base.metadata.HasSnapshot(snapshot.id) && newest.HasSnapshot(snapshot.id);
  });
}

}  // namespace

std::string SqlTable::place() const {
  return fmt::format("the catalog {} of {}, as {}.{}", name_.catalog, name_.database, name_.space, name_.table);
}

Status SqlTable::CheckPlace(const TableMetadata& metadata) const {
  ASSIGN_OR_RETURN(std::string path, LocalPathOf(metadata.location()));
  return Ok();
}

Status SqlTable::Repair(const TableVersion&) const { return Ok(); }

Result<bool> SqlTable::HasTypes(CatalogDatabase* database) const {
  ASSIGN_OR_RETURN(auto columns, database->Query("SELECT lower(name) FROM pragma_table_info('iceberg_tables')"));
  if (columns.empty()) return NotFound("{} holds no Iceberg catalog yet", name_.database);
  return std::any_of(columns.begin(), columns.end(), [](const auto& column) { return column[0] == "iceberg_type"; });
}

Result<SqlTable::Row> SqlTable::FindRow() const {
  ASSIGN_OR_RETURN(bool exists, files_->Exists(name_.database));
  if (!exists) return NotFound("there is no catalog database {}", name_.database);
  ASSIGN_OR_RETURN(CatalogDatabase database, CatalogDatabase::OpenToRead(name_.database, busy_timeout_));
  return FindRow(&database);
}

Result<SqlTable::Row> SqlTable::FindRow(CatalogDatabase* database) const {
  ASSIGN_OR_RETURN(bool has_types, HasTypes(database));
  ASSIGN_OR_RETURN(auto rows, database->Query(fmt::format("SELECT metadata_location, {} FROM iceberg_tables WHERE "
                                                          "catalog_name = ? AND table_namespace = ? AND table_name = ?",
                                                          has_types ? "iceberg_type" : "NULL"),
                                              {name_.catalog, name_.space, name_.table}));
  if (rows.empty()) return NotFound("there is no table in {}", place());
  const auto& row = rows[0];
  if (row[1] && *row[1] != "TABLE") return Unsupported("{} is a {}, not a table", place(), *row[1]);
  if (!row[0] || row[0]->empty()) return Corruption("{} names no metadata file", place());
  auto file = LocalPathOf(*row[0]);
  if (!file) return std::move(file).error().With(fmt::format("while reading {}", place()));
  return Row{*row[0], *file};
}

Result<TableVersion> SqlTable::Load() const {
  ASSIGN_OR_RETURN(Row row, FindRow());
  for (;;) {
    Result<TableVersion> loaded = ReadMetadataFile(files_, row.file, VersionOf(row.file));
    if (loaded || loaded.error().code() != Code::kNotFound) return loaded;
    // Another writer may have replaced and removed it since the row was read.
    ASSIGN_OR_RETURN(Row newer, FindRow());
    if (newer.file == row.file) {
      return Corruption("{} names the metadata file {}, which is not there", place(), row.file);
    }
    row = std::move(newer);
  }
}

Result<TableVersion> SqlTable::Refresh(TableVersion known) const {
  ASSIGN_OR_RETURN(Row row, FindRow());
  if (row.file == known.file) return known;
  return Load();
}

Status SqlTable::CheckFolderIsFree() const {
  // A table of the directory catalog would be hidden behind ours, its files among ours.
  Result<TableVersion> there = DirectoryTable(files_, folder_).Load();
  if (!there && there.error().code() == Code::kNotFound) return Ok();
  return AlreadyExists("{} holds a table of a directory catalog, which {} does not know; register it there "
                       "(Spark: CALL system.register_table), or write to another table", folder_, place());
}

Status SqlTable::CheckNoOtherRowThere(CatalogDatabase* database) const {
  ASSIGN_OR_RETURN(auto rows, database->Query("SELECT catalog_name, table_namespace, table_name, metadata_location FROM "
                                              "iceberg_tables WHERE metadata_location IS NOT NULL"));
  for (const auto& row : rows) {
    auto file = LocalPathOf(*row[3]);
    if (!file || !file->starts_with(folder_ + "/")) continue;
    if (row[0] == name_.catalog && row[1] == name_.space && row[2] == name_.table) continue;
    return AlreadyExists("the folder {} belongs to the table {}.{} of the catalog {} in {}; two tables cannot share it. Is "
                         "{} the name of the catalog that was meant (`source` of the depot)?", folder_, *row[1], *row[2],
                         *row[0], name_.database, name_.catalog);
  }
  return Ok();
}

Result<bool> SqlTable::InsertRow(CatalogDatabase* database, const std::string& location) const {
  RETURN_IF_ERROR(database->Execute(kCreateTables));
  RETURN_IF_ERROR(database->Execute(kCreateNamespaces));
  RETURN_IF_ERROR(CheckNoOtherRowThere(database));
  RETURN_IF_ERROR(database->Execute(
      "INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value) "
      "SELECT ?1, ?2, 'exists', 'true' WHERE NOT EXISTS (SELECT 1 FROM iceberg_namespace_properties WHERE "
      "catalog_name = ?1 AND namespace = ?2)", {name_.catalog, name_.space}));
  ASSIGN_OR_RETURN(bool has_types, HasTypes(database));
  ASSIGN_OR_RETURN(int64_t inserted, database->Execute(fmt::format(
      "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location{}) "
      "VALUES (?, ?, ?, ?{}) ON CONFLICT DO NOTHING", has_types ? ", iceberg_type" : "", has_types ? ", 'TABLE'" : ""),
      {name_.catalog, name_.space, name_.table, location}));
  return inserted == 1;
}

PublishResult SqlTable::Create(TableMetadata metadata) const {
  auto prepare = [&]() -> Status {
    RETURN_IF_ERROR(CheckPlace(metadata));
    RETURN_IF_ERROR(CheckFolderIsFree());
    RETURN_IF_ERROR(MakeTableFolder(files_, io::ParentPath(name_.database)));
    ASSIGN_OR_RETURN(std::string folder, MetadataFolderOf(metadata));
    return MakeTableFolder(files_, folder);
  };
  Result<Row> there = FindRow();
  if (there) return Failed(Outcome::kConflict, AlreadyExists("there is a table in {} already", place()));
  if (there.error().code() != Code::kNotFound) return Failed(Outcome::kRejected, std::move(there).error());
  if (Status ready = prepare(); !ready) return Failed(Outcome::kRejected, std::move(ready).error());
  auto properties = ParseWriterProperties(metadata.properties());
  if (!properties) return Failed(Outcome::kRejected, std::move(properties).error());
  std::string location = NewMetadataLocation(metadata, 0, properties->gzip_metadata);
  TableVersion mine{std::move(metadata), 0, *LocalPathOf(location), 0};
  return Write(std::move(mine), nullptr, [&](CatalogDatabase* database) { return InsertRow(database, location); });
}

PublishResult SqlTable::Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const {
  auto properties = ParseWriterProperties(next.properties());
  if (!properties) return Failed(Outcome::kRejected, std::move(properties).error());
  Result<Row> row = FindRow();
  if (!row) return Failed(Outcome::kRejected, std::move(row).error());
  if (row->file != base.file) return Failed(Outcome::kConflict, Conflict("{} was published by another writer", row->file));
  std::vector<std::string> dropped = next.Touch(row->location, now_ms, properties->previous_versions_max);
  std::string location = NewMetadataLocation(next, base.version + 1, properties->gzip_metadata);
  auto file = LocalPathOf(location);
  if (!file) return Failed(Outcome::kRejected, std::move(file).error());
  TableVersion mine{std::move(next), base.version + 1, *file, 0};
  PublishResult result = Write(std::move(mine), &base, [&](CatalogDatabase* database) -> Result<bool> {
    ASSIGN_OR_RETURN(int64_t changed, database->Execute(
        "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ? WHERE catalog_name = ? AND "
        "table_namespace = ? AND table_name = ? AND metadata_location = ?",
        {location, row->location, name_.catalog, name_.space, name_.table, row->location}));
    return changed == 1;
  });
  if (result.outcome != Outcome::kPublished || !properties->delete_after_commit) return result;
  for (const std::string& old : dropped) {
    auto path = LocalPathOf(old);
    if (path && VersionOf(*path) >= 0 && io::ParentPath(*path) == io::ParentPath(*file)) {
      RemoveMetadataFile(files_, *path, "lake.before_old_metadata", "lake.after_old_metadata");
    }
  }
  return result;
}

PublishResult SqlTable::Write(TableVersion mine, const TableVersion* base, const Change& change) const {
  auto encoded = EncodeMetadata(mine.metadata, mine.file);
  if (!encoded) return Failed(Outcome::kRejected, std::move(encoded).error());
  mine.file_size = static_cast<int64_t>(encoded->size());
  auto begin = [&]() -> Result<CatalogDatabase> {
    FAIL_POINT("lake.before_metadata_file");
    RETURN_IF_ERROR(files_->CreateExclusive(mine.file, *encoded));
    FAIL_POINT("lake.after_metadata_file");
    FAIL_POINT("lake.before_catalog_swap");
    auto mode = base == nullptr ? CatalogDatabase::Mode::kCreate : CatalogDatabase::Mode::kWrite;
    ASSIGN_OR_RETURN(CatalogDatabase database, CatalogDatabase::Open(name_.database, mode, busy_timeout_));
    RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
    return database;
  };
  Result<bool> swapped = false;
  {
    Result<CatalogDatabase> database = begin();
    if (!database) return Lost(mine, Outcome::kRejected, std::move(database).error());
    swapped = Swap(&*database, change);
    database->Rollback();
  }  // Closed: whatever it was told to do has happened by now, or never will.
  if (!swapped) return LookUp(std::move(mine), base, std::move(swapped).error());
  if (!*swapped) return Lost(mine, Outcome::kConflict, Conflict("another writer was first in {}", place()));
  return {Outcome::kPublished, std::nullopt, std::move(mine)};
}

Result<bool> SqlTable::Swap(CatalogDatabase* database, const Change& change) const {
  ASSIGN_OR_RETURN(bool changed, change(database));
  if (!changed) return false;
  FAIL_POINT("lake.during_catalog_swap");
  RETURN_IF_ERROR(database->Execute("COMMIT"));
  FAIL_POINT("lake.after_catalog_swap");
  return true;
}

PublishResult SqlTable::LookUp(TableVersion mine, const TableVersion* base, Error reason) const {
  auto published = [&] { return PublishResult{Outcome::kPublished, std::nullopt, std::move(mine)}; };
  Result<Row> row = FindRow();
  bool no_table = !row && row.error().code() == Code::kNotFound;
  if (no_table && base == nullptr) return Lost(mine, Outcome::kRejected, std::move(reason));
  if (!row) return Failed(Outcome::kUnknown, std::move(reason));
  if (row->file == mine.file) return published();
  if (base != nullptr && row->file == base->file) return Lost(mine, Outcome::kRejected, std::move(reason));
  Result<TableVersion> newest = Load();
  if (!newest) return Failed(Outcome::kUnknown, std::move(reason));
  bool same_table = newest->metadata.uuid() == mine.metadata.uuid();
  if (base == nullptr && !same_table) return Lost(mine, Outcome::kConflict, std::move(reason));
  if (base == nullptr || Contains(newest->metadata, mine, *base)) return published();
  // A log that goes back to the base would name ours, had it been published.
  bool knows_base = same_table && newest->metadata.Follows(io::BaseName(base->file), std::nullopt);
  if (knows_base) return Lost(mine, Outcome::kConflict, std::move(reason));
  return Failed(Outcome::kUnknown, std::move(reason));
}

PublishResult SqlTable::Lost(const TableVersion& mine, Outcome outcome, Error reason) const {
  RemoveMetadataFile(files_, mine.file, "lake.before_lost_metadata", "lake.after_lost_metadata");
  return Failed(outcome, std::move(reason));
}

}  // namespace flare::lake
