#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "io/file_system.h"
#include "lake/sql_catalog.h"
#include "lake/table.h"
#include "manifest/resources.h"

namespace flare::connector::iceberg {

/// Who knows the newest version of a depot's tables: the tables' own folders, or a SQL catalog.
struct Catalog {
  std::string database;  ///< path of the SQL catalog's SQLite file; "" = the folders
  std::string name;      ///< of the SQL catalog inside that file
};

/// What a FILE depot says: `icebergCatalogType`, `metastoreType`, `metastoreUrl`, `source`. Mistakes are
/// reported (bad-catalog, unsupported-catalog) with the key's place; nullopt then.
std::optional<Catalog> CatalogOf(const manifest::Depot& depot, Diagnostics* diagnostics);

/// What an address means in a SQL catalog: the last part of its path is the table, collection and path before
/// it are the namespace. Errors: InvalidArgument.
Result<lake::SqlTableName> NameIn(const Catalog& catalog, const manifest::Address& address);

/// The table that an address of a FILE depot, or a plain path, means. Touches no file.
/// Errors: InvalidArgument, Unsupported (the depot's catalog).
Result<std::unique_ptr<lake::Table>> TableOf(const manifest::Address& address, const manifest::Resources& resources,
                                             io::FileSystem* files);

}  // namespace flare::connector::iceberg
