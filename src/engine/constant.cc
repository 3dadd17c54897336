#include "engine/constant.h"

#include <mutex>

#include "engine/database.h"
#include "engine/spark_functions.h"

namespace flare::engine {
namespace {

struct Calculator {
  std::mutex mutex;
  std::unique_ptr<Database> database;
  std::unique_ptr<Connection> connection;

  Status Open() {
    if (connection != nullptr) return Ok();
    DatabaseOptions options;
    options.memory_limit_bytes = int64_t{64} << 20;
    options.threads = 1;
    ASSIGN_OR_RETURN(database, Database::Open(options));
    ASSIGN_OR_RETURN(connection, database->Connect());
    return Ok();
  }
};

}  // namespace

Result<std::optional<std::string>> ComputeConstant(const std::string& duckdb_sql,
                                                   const std::vector<sql::RuntimeFunction>& functions) {
  // never destroyed: DuckDB's own statics may be gone before ours
  static Calculator* calculator = new Calculator();
  std::lock_guard lock(calculator->mutex);
  RETURN_IF_ERROR(calculator->Open());
  for (const sql::RuntimeFunction& function : functions) {
    RETURN_IF_ERROR(RegisterRuntimeFunction(*calculator->connection, function));
  }
  ASSIGN_OR_RETURN(TextResult result,
                   calculator->connection->Query(fmt::format("SELECT CAST({} AS VARCHAR)", duckdb_sql)));
  if (result.rows.empty()) return std::optional<std::string>();
  return std::move(result.rows[0][0]);
}

}  // namespace flare::engine
