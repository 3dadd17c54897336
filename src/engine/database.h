#pragma once
#include <duckdb.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::engine {

struct DatabaseOptions {
  int64_t memory_limit_bytes = int64_t{512} << 20;  ///< DuckDB's share; spills beyond it
  int threads = 0;                                  ///< 0 = one a core
  std::string spill_directory;                      ///< "" = a folder under the system's temp folder
  std::string time_zone = "UTC";                    ///< spark.sql.session.timeZone
};

/// One value of a query result as text; nullopt = NULL. For small results only (statistics, previews).
using TextRow = std::vector<std::optional<std::string>>;
struct TextResult {
  std::vector<std::string> names;
  std::vector<std::string> types;  ///< DuckDB's type names
  std::vector<TextRow> rows;
};

/// A chunk of a streamed result; valid until the callback returns.
using ChunkCallback = std::function<Status(duckdb_data_chunk chunk)>;

/// A connection to the in-process DuckDB. Threads: one caller at a time, except Interrupt.
/// Errors: what DuckDB says, mapped by MapDuckDbError; an Error that a scan reported through
/// ScanThread comes back unchanged.
class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs statements and drops their rows.
  Status Execute(const std::string& sql);
  /// Runs one statement and returns all its rows as text. For small results.
  Result<TextResult> Query(const std::string& sql);
  /// Runs one SELECT and hands over each chunk as it is made.
  Status Stream(const std::string& sql, const ChunkCallback& on_chunk);
  /// Asks the running statement to stop; safe from any thread.
  void Interrupt();

  duckdb_connection handle() const { return handle_; }

 private:
  friend class Database;
  explicit Connection(duckdb_connection handle) : handle_(handle) {}
  duckdb_connection handle_;
};

/// An in-memory DuckDB with Spark's runtime functions registered. Threads: Connect from any.
class Database {
 public:
  static Result<std::unique_ptr<Database>> Open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<std::unique_ptr<Connection>> Connect();

 private:
  explicit Database(duckdb_database handle) : handle_(handle) {}
  duckdb_database handle_;
};

/// Quotes a DuckDB string literal: it's -> 'it''s'.
std::string QuoteLiteral(std::string_view text);
/// Quotes a DuckDB identifier: a"b -> "a""b".
std::string QuoteIdentifier(std::string_view name);
/// The Error for DuckDB's message text and error type.
Error MapDuckDbError(duckdb_error_type type, std::string_view text);

}  // namespace flare::engine
