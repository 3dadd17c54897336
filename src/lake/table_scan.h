#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/schema.h"
#include "lake/table.h"
#include "sql/types.h"

namespace flare::lake {

/// How DuckDB reads one state of a table.
struct TableScan {
  std::string sql;     ///< a SELECT whose columns are c0, c1, ..., by field id to the newest schema
  sql::Schema schema;
  std::vector<std::string> paths;  ///< of the data files
  std::optional<int64_t> snapshot_id;  ///< what was read; nullopt = an empty table
  int64_t rows = 0;    ///< by the metadata
  Schema table_schema;

  /// The same SELECT over some of the paths.
  std::string SelectFrom(const std::vector<std::string>& some) const;
};

/// The scan of a table: the newest state of `branch`, or the given snapshot.
/// Errors: NotFound (no table, branch or snapshot), Unsupported (delete files, files other than parquet).
Result<TableScan> TableScanSql(const Table& table, io::FileSystem* files,
                               std::optional<int64_t> snapshot_id = std::nullopt,
                               const std::string& branch = kMainBranch);

}  // namespace flare::lake
