#pragma once
#include <duckdb.h>

#include <atomic>
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
  std::string spill_directory = {};                      ///< "" = a folder under the system's temp folder
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

class ErrorRegistry;
class TableFunctionSlots;

/// What the connections of one database and the functions registered with it share.
struct DatabaseState {
  DatabaseState();
  ~DatabaseState();
  std::unique_ptr<ErrorRegistry> errors;
  std::unique_ptr<TableFunctionSlots> slots;
  /// Input values whose invalid UTF-8 was replaced by U+FFFD, since the database was opened.
  std::atomic<uint64_t> replaced_utf8_values{0};
};

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
  /// The same with each value as JSON text: what nested results need, such as the statistics that
  /// `COPY ... (RETURN_STATS)` returns (a map becomes an object, a list an array).
  Result<TextResult> QueryJson(const std::string& sql);
  /// Runs one statement and hands over each chunk as it is made, without keeping the others.
  Status Stream(const std::string& sql, const ChunkCallback& on_chunk);
  /// Asks the running statement to stop; safe from any thread. A statement that starts later is not
  /// stopped, and neither is a scan inside its Fill: ask its stop token first, then call this.
  void Interrupt();

  duckdb_connection handle() const { return handle_; }
  /// Shared with the database; may outlive it.
  const std::shared_ptr<DatabaseState>& state() const { return state_; }

 private:
  friend class Database;
  Connection(duckdb_connection handle, std::shared_ptr<DatabaseState> state)
      : handle_(handle), state_(std::move(state)) {}
  Error ErrorOf(duckdb_result* result) const;
  Error ErrorOf(duckdb_error_type type, std::string_view text) const;
  Result<TextResult> Rendered(const std::string& sql, std::string_view render);

  duckdb_connection handle_;
  std::shared_ptr<DatabaseState> state_;
};

/// An in-memory DuckDB with Spark's runtime functions registered. Threads: Connect from any.
/// Connections should go before it; its spill folder goes with it.
class Database {
 public:
  static Result<std::unique_ptr<Database>> Open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<std::unique_ptr<Connection>> Connect();

  /// Values whose invalid UTF-8 spark_decode_utf8 replaced, since opening: read it before and after.
  uint64_t replaced_utf8_values() const { return state_->replaced_utf8_values; }

 private:
  Database(duckdb_database handle, std::string spill_directory);

  duckdb_database handle_;
  std::string spill_directory_;  ///< ours alone: DuckDB makes it at the first spill
  std::shared_ptr<DatabaseState> state_;
};

/// The session's zone, a region or an offset, for what DuckDB itself does with it.
Status SetTimeZone(Connection& connection, const std::string& zone);
/// Quotes a DuckDB string literal: it's -> 'it''s'.
std::string QuoteLiteral(std::string_view text);
/// Quotes a DuckDB identifier: a"b -> "a""b".
std::string QuoteIdentifier(std::string_view name);
/// The Error for DuckDB's message text and error type.
Error MapDuckDbError(duckdb_error_type type, std::string_view text);

}  // namespace flare::engine
