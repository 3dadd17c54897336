#include "cli/table_relation.h"

#include "io/file_system.h"
#include "lake/table_scan.h"

namespace flare::cli {

Result<sql::Relation> OpenTable(const std::string& name, const manifest::Resources& resources,
                                engine::Connection& connection) {
  ASSIGN_OR_RETURN(auto address, resources.Resolve({name, {}}));
  ASSIGN_OR_RETURN(auto folder, resources.LocalPath(address));
  auto scan = lake::TableScanSql(folder, &io::LocalFileSystem());
  if (!scan && scan.error().code() == Code::kNotFound) {
    return NotFound("there is no table {} (its folder would be {})", name, folder);
  }
  if (!scan) return std::move(scan).error();
  // A view of its own for each table; the address may hold anything.
  std::string view = engine::QuoteIdentifier("flare_table " + name);
  RETURN_IF_ERROR(connection.Execute(fmt::format("CREATE TEMP VIEW {} AS {}", view, scan->sql)));
  return sql::Relation{name, view, std::move(scan->schema)};
}

}  // namespace flare::cli
