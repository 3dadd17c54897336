#pragma once
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/file_system.h"
#include "lake/sql_catalog_database.h"
#include "lake/table.h"

namespace flare::lake {

/// Which table of which SQL catalog.
struct SqlTableName {
  std::string database;    ///< absolute path of the SQLite file
  std::string catalog;     ///< as other engines call theirs; one file may hold several, which do not see each other
  std::string space;       ///< namespace, its levels joined with "."
  std::string table;
};

/// A table whose newest metadata file is named by a row of a SQLite file: the layout of Java's JdbcCatalog (V0
/// and V1) and PyIceberg's SqlCatalog, safe beside both. Metadata files are `<version>-<uuid>.metadata.json`;
/// a version is published by exchanging the name in the row, in a transaction of its own.
/// TableVersion::version is the number in the file's name: 0 for a new table, -1 where the name has none.
/// Threads: one caller at a time; several objects and processes may share a table.
class SqlTable final : public Table {
 public:
  static constexpr Millis kBusyTimeout{10'000};

  /// `folder`: where a table made here lies. `busy_timeout`: how long to wait while others lock the file.
  SqlTable(io::FileSystem* files, SqlTableName name, std::string folder, Millis busy_timeout = kBusyTimeout)
      : files_(files), name_(std::move(name)), folder_(std::move(folder)), busy_timeout_(busy_timeout) {}

  std::string place() const override;
  std::string NewLocation() const override { return UriOf(folder_); }
  Status CheckPlace(const TableMetadata& metadata) const override;
  Result<TableVersion> Load() const override;
  Result<TableVersion> Refresh(TableVersion known) const override;
  PublishResult Create(TableMetadata metadata) const override;
  PublishResult Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const override;
  Status Repair(const TableVersion& newest) const override;

 private:
  struct Row {
    std::string location;  ///< of the metadata file, as spelled there
    std::string file;      ///< the same as a local path
  };
  /// Changes the row inside an open transaction; false = it is not as expected.
  using Change = std::function<Result<bool>(CatalogDatabase*)>;

  Result<Row> FindRow() const;
  Result<Row> FindRow(CatalogDatabase* database) const;
  Result<bool> HasTypes(CatalogDatabase* database) const;
  Result<bool> InsertRow(CatalogDatabase* database, const std::string& location) const;
  Status CheckFolderIsFree() const;
  Status CheckNoOtherRowThere(CatalogDatabase* database) const;
  PublishResult Write(TableVersion mine, const TableVersion* base, const Change& change) const;
  Result<bool> Swap(CatalogDatabase* database, const Change& change) const;
  PublishResult LookUp(TableVersion mine, const TableVersion* base, Error reason) const;
  PublishResult Lost(const TableVersion& mine, PublishResult::Outcome outcome, Error reason) const;

  io::FileSystem* files_;
  SqlTableName name_;
  std::string folder_;
  Millis busy_timeout_;
};

}  // namespace flare::lake
