#include "engine/database.h"

#include <filesystem>
#include <thread>

#include "base/check.h"
#include "base/random.h"
#include "engine/duckdb_handles.h"
#include "engine/error_registry.h"
#include "engine/spark_functions.h"
#include "engine/table_function_slots.h"

namespace flare::engine {
namespace {

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

/// A folder name that only this database uses, so that closing may remove it.
std::string NewSpillDirectory(const std::string& parent) {
  std::error_code error;
  std::filesystem::path base =
      parent.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path(parent);
  if (base.empty()) base = "/tmp";
  return (base / ("flare-spill-" + NewUuid())).string();
}

int ThreadsOf(const DatabaseOptions& options) {
  if (options.threads > 0) return options.threads;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

Result<OwnedConfig> ConfigOf(const DatabaseOptions& options, const std::string& spill_directory) {
  duckdb_config created = nullptr;
  if (duckdb_create_config(&created) != DuckDBSuccess) return Internal("DuckDB has no configuration");
  OwnedConfig config(created);
  const std::pair<const char*, std::string> settings[] = {
      {"threads", fmt::format("{}", ThreadsOf(options))},
      {"memory_limit", fmt::format("{}B", std::max<int64_t>(options.memory_limit_bytes, 1))},
      {"temp_directory", spill_directory},
      {"preserve_insertion_order", "false"},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_persistent_secrets", "false"},
  };
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name, value.c_str()) != DuckDBSuccess) {
      return InvalidArgument("DuckDB refuses {} = {}", name, value);
    }
  }
  return config;
}

/// DuckDB's own functions know named zones only; Spark's also take offsets, which the spark_* functions
/// read themselves, so that DuckDB may then stay at UTC.
bool IsOffsetZone(std::string_view zone) {
  return !zone.empty() && (zone[0] == '+' || zone[0] == '-');
}

}  // namespace

DatabaseState::DatabaseState()
    : errors(std::make_unique<ErrorRegistry>()), slots(std::make_unique<TableFunctionSlots>()) {}
DatabaseState::~DatabaseState() = default;

Database::Database(duckdb_database handle, std::string spill_directory)
    : handle_(handle),
      spill_directory_(std::move(spill_directory)),
      state_(std::make_shared<DatabaseState>()) {}

Database::~Database() {
  duckdb_close(&handle_);
  std::error_code ignored;  // a spill folder left behind is not worth failing a finished run
  std::filesystem::remove_all(spill_directory_, ignored);
}

Result<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options) {
  std::string spill_directory = NewSpillDirectory(options.spill_directory);
  ASSIGN_OR_RETURN(OwnedConfig config, ConfigOf(options, spill_directory));
  duckdb_database handle = nullptr;
  char* text = nullptr;
  if (duckdb_open_ext(nullptr, &handle, config.get(), &text) != DuckDBSuccess) {
    Error error = MapDuckDbError(DUCKDB_ERROR_SETTINGS, text == nullptr ? "DuckDB cannot start" : text);
    duckdb_free(text);
    return error;
  }
  std::unique_ptr<Database> database(new Database(handle, std::move(spill_directory)));
  ASSIGN_OR_RETURN(auto connection, database->Connect());
  RETURN_IF_ERROR(SetTimeZone(*connection, options.time_zone));
  // One transaction for all registrations: a commit each would cost more than they do.
  RETURN_IF_ERROR(connection->Execute("BEGIN"));
  RETURN_IF_ERROR(RegisterSlotScan(*connection));
  RETURN_IF_ERROR(RegisterSparkFunctions(*connection));
  RETURN_IF_ERROR(connection->Execute("COMMIT"));
  return database;
}

Status SetTimeZone(Connection& connection, const std::string& zone) {
  return connection.Execute("SET GLOBAL TimeZone = " + QuoteLiteral(IsOffsetZone(zone) ? "UTC" : zone));
}

Result<std::unique_ptr<Connection>> Database::Connect() {
  duckdb_connection handle = nullptr;
  if (duckdb_connect(handle_, &handle) != DuckDBSuccess) {
    return Internal("DuckDB gives no connection");
  }
  return std::unique_ptr<Connection>(new Connection(handle, state_));
}

Connection::~Connection() { duckdb_disconnect(&handle_); }

Error Connection::ErrorOf(duckdb_error_type type, std::string_view text) const {
  if (auto own = state_->errors->Take(text)) return *std::move(own);
  return MapDuckDbError(type, text);
}

Error Connection::ErrorOf(duckdb_result* result) const {
  const char* text = duckdb_result_error(result);
  return ErrorOf(duckdb_result_error_type(result), text == nullptr ? "DuckDB says no more" : text);
}

Status Connection::Execute(const std::string& sql) {
  OwnedResult result;
  if (duckdb_query(handle_, sql.c_str(), result.get()) != DuckDBSuccess) return ErrorOf(result.get());
  return Ok();
}

Status Connection::Stream(const std::string& sql, const ChunkCallback& on_chunk) {
  duckdb_prepared_statement prepared = nullptr;
  bool is_prepared = duckdb_prepare(handle_, sql.c_str(), &prepared) == DuckDBSuccess;
  OwnedPrepared statement(prepared);
  if (!is_prepared) {
    const char* text = duckdb_prepare_error(statement.get());
    return ErrorOf(DUCKDB_ERROR_INVALID, text == nullptr ? "DuckDB cannot prepare it" : text);
  }
  OwnedResult result;
  {
    duckdb_pending_result pending = nullptr;
    bool is_pending = duckdb_pending_prepared_streaming(statement.get(), &pending) == DuckDBSuccess;
    OwnedPending owned(pending);
    if (!is_pending) {
      const char* text = duckdb_pending_error(owned.get());
      return ErrorOf(DUCKDB_ERROR_INVALID, text == nullptr ? "DuckDB cannot start it" : text);
    }
    if (duckdb_execute_pending(owned.get(), result.get()) != DuckDBSuccess) {
      return ErrorOf(result.get());
    }
  }
  while (OwnedChunk chunk = result.Fetch()) {
    if (duckdb_data_chunk_get_size(chunk.get()) == 0) break;
    RETURN_IF_ERROR(on_chunk(chunk.get()));
  }
  if (duckdb_result_error_type(result.get()) != DUCKDB_ERROR_INVALID) return ErrorOf(result.get());
  return Ok();
}

void Connection::Interrupt() { duckdb_interrupt(handle_); }

Result<TextResult> Connection::Query(const std::string& sql) {
  return Rendered(sql, "CAST({} AS VARCHAR)");
}

Result<TextResult> Connection::QueryJson(const std::string& sql) {
  return Rendered(sql, "CAST(to_json({}) AS VARCHAR)");
}

namespace {

std::optional<std::string> TextAt(duckdb_vector vector, idx_t row) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return std::nullopt;
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return std::string(duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row]));
}

void AppendRows(OwnedResult& result, std::vector<TextRow>* rows) {
  idx_t columns = duckdb_column_count(result.get());
  while (OwnedChunk chunk = result.Fetch()) {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
      TextRow& cells = rows->emplace_back(columns);
      for (idx_t i = 0; i < columns; ++i) {
        cells[i] = TextAt(duckdb_data_chunk_get_vector(chunk.get(), i), row);
      }
    }
  }
}

}  // namespace

Result<TextResult> Connection::Rendered(const std::string& sql, std::string_view render) {
  OwnedResult result;
  if (duckdb_query(handle_, sql.c_str(), result.get()) != DuckDBSuccess) return ErrorOf(result.get());
  TextResult text;
  idx_t count = duckdb_column_count(result.get());
  // DuckDB renders its own values best: the rows are read once more, through casts.
  std::vector<ScanColumn> columns;
  std::vector<OwnedLogicalType> types;
  std::string cells;
  for (idx_t i = 0; i < count; ++i) {
    text.names.emplace_back(duckdb_column_name(result.get(), i));
    columns.push_back({fmt::format("c{}", i), ""});
    types.emplace_back(duckdb_column_logical_type(result.get(), i));
    cells += fmt::format(fmt::runtime(render), columns.back().name) + ", ";
  }
  if (count == 0) return text;
  std::vector<OwnedChunk> chunks;
  while (OwnedChunk chunk = result.Fetch()) chunks.push_back(std::move(chunk));
  TemporaryRows rows(*this, std::move(columns), std::move(types), std::move(chunks));
  OwnedResult described;
  std::string describe = "DESCRIBE SELECT * FROM " + rows.From();
  if (duckdb_query(handle_, describe.c_str(), described.get()) != DuckDBSuccess) {
    return ErrorOf(described.get());
  }
  std::vector<TextRow> description;
  AppendRows(described, &description);
  for (TextRow& row : description) text.types.push_back(row[1].value_or(""));
  OwnedResult rendered;
  std::string select = "SELECT " + cells + "FROM " + rows.From();
  if (duckdb_query(handle_, select.c_str(), rendered.get()) != DuckDBSuccess) {
    return ErrorOf(rendered.get());
  }
  AppendRows(rendered, &text.rows);
  return text;
}

std::string QuoteLiteral(std::string_view text) { return Quoted(text, '\''); }
std::string QuoteIdentifier(std::string_view name) { return Quoted(name, '"'); }

}  // namespace flare::engine
