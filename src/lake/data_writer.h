#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/database.h"
#include "io/file_system.h"
#include "lake/manifest.h"
#include "lake/schema_match.h"
#include "lake/table_metadata.h"
#include "lake/table_properties.h"

namespace flare::lake {

/// Rows to be written into data files of a table.
struct WriteTask {
  std::string relation;                ///< a DuckDB view or table function with columns c0, c1, ...
  std::vector<ColumnBinding> columns;
  std::string name;                    ///< start of every file's name, unique for ever
};

/// Streams the rows through DuckDB into Parquet files by the table's default spec and properties, and
/// syncs each file and folder. Nothing names the files yet. On an error its files are removed.
/// Errors: what the rows' scan reports, ResourceExhausted (no space), PermissionDenied, ...
Result<std::vector<DataFile>> WriteDataFiles(const TableMetadata& table, const WriteTask& task,
                                             engine::Connection& connection, io::FileSystem* files);

/// The folder data files go to: `write.data.path`, or data/ in the table's location.
Result<std::string> DataFolderUri(const TableMetadata& table);

/// Removes every file below `folder` whose name starts with `name`, and folders that became empty of it.
Status RemoveFilesNamed(const std::string& folder, const std::string& name, io::FileSystem* files);

}  // namespace flare::lake
