#include "cli/table_relation.h"

#include "connector/iceberg/catalog.h"
#include "io/file_system.h"
#include "lake/table_scan.h"

namespace flare::cli {

Result<sql::Relation> OpenTable(const std::string& name, const manifest::Resources& resources,
                                engine::Connection& connection) {
  ASSIGN_OR_RETURN(auto address, resources.Resolve({name, {}}));
  ASSIGN_OR_RETURN(auto table, connector::iceberg::TableOf(address, resources, &io::LocalFileSystem()));
  auto scan = lake::TableScanSql(*table, &io::LocalFileSystem());
  if (!scan && scan.error().code() == Code::kNotFound) {
    return NotFound("there is no table {} (it would be in {})", name, table->place());
  }
  if (!scan) return std::move(scan).error();
  // A view of its own for each table; the address may hold anything.
  std::string view = engine::QuoteIdentifier("flare_table " + name);
  RETURN_IF_ERROR(connection.Execute(fmt::format("CREATE OR REPLACE TEMP VIEW {} AS {}", view, scan->sql)));
  return sql::Relation{name, view, std::move(scan->schema)};
}

}  // namespace flare::cli
