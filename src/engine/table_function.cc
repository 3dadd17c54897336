#include "engine/table_function.h"

#include "base/check.h"
#include "engine/error_registry.h"
#include "engine/table_function_slots.h"

namespace flare::engine {
namespace {

constexpr const char* kSlotScan = "flare_scan";

/// Hangs on the registered function. An empty name means that the first argument says it.
struct FunctionInfo {
  std::shared_ptr<DatabaseState> state;
  std::string name;
};

struct BindData {
  std::shared_ptr<DatabaseState> state;
  std::shared_ptr<const BoundProvider> bound;
};

struct GlobalData {
  std::shared_ptr<Scan> scan;
};

/// A worker's part. It holds the scan too: DuckDB may destroy the global state first when interrupted.
struct LocalData {
  std::shared_ptr<Scan> scan;
  std::unique_ptr<ScanThread> thread;  // destroyed before the scan
  bool done = false;
};

std::string NameArgument(duckdb_bind_info info) {
  OwnedValue value(duckdb_bind_get_parameter(info, 0));
  char* text = duckdb_get_varchar(value.get());
  std::string name = text == nullptr ? "" : text;
  duckdb_free(text);
  return name;
}

void Bind(duckdb_bind_info info) {
  auto* function = static_cast<FunctionInfo*>(duckdb_bind_get_extra_info(info));
  std::string name = function->name.empty() ? NameArgument(info) : function->name;
  auto bound = function->state->slots->Find(name);
  if (bound == nullptr) {
    Error error = NotFound("table function {} has nothing to read: its source was released", name);
    return duckdb_bind_set_error(info, function->state->errors->Keep(std::move(error)).c_str());
  }
  const auto& columns = bound->provider->columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    duckdb_bind_add_result_column(info, columns[i].name.c_str(), bound->types[i].get());
  }
  auto* data = new BindData{function->state, std::move(bound)};
  duckdb_bind_set_bind_data(info, data, DeleteAs<BindData>);
}

void InitGlobal(duckdb_init_info info) {
  auto* bind = static_cast<BindData*>(duckdb_init_get_bind_data(info));
  uint64_t column_count = bind->bound->provider->columns().size();
  std::vector<uint64_t> projected;
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
    // A virtual column lies beyond ours, and nobody reads its values.
    uint64_t column = duckdb_init_get_column_index(info, i);
    if (column < column_count) projected.push_back(column);
  }
  auto scan = bind->bound->provider->Begin(projected);
  if (!scan.has_value()) {
    return duckdb_init_set_error(
        info, bind->state->errors->Keep(std::move(scan).error()).c_str());
  }
  duckdb_init_set_max_threads(info, std::max<uint64_t>(1, (*scan)->MaxThreads()));
  duckdb_init_set_init_data(info, new GlobalData{std::move(*scan)}, DeleteAs<GlobalData>);
}

void InitLocal(duckdb_init_info info) {
  // The C API shows no global state here: the thread is made at its first chunk.
  duckdb_init_set_init_data(info, new LocalData(), DeleteAs<LocalData>);
}

Result<uint64_t> FillChunk(const GlobalData& global, LocalData& local, duckdb_data_chunk chunk) {
  if (local.done) return uint64_t{0};
  if (local.thread == nullptr) {
    local.scan = global.scan;
    ASSIGN_OR_RETURN(local.thread, global.scan->NewThread());
  }
  ASSIGN_OR_RETURN(uint64_t rows, local.thread->Fill(chunk));
  CHECK(rows <= duckdb_vector_size(), "a scan filled {} rows into one chunk", rows);
  local.done = rows == 0;
  return rows;
}

void FillNext(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto* bind = static_cast<BindData*>(duckdb_function_get_bind_data(info));
  auto* global = static_cast<GlobalData*>(duckdb_function_get_init_data(info));
  auto* local = static_cast<LocalData*>(duckdb_function_get_local_init_data(info));
  auto rows = FillChunk(*global, *local, chunk);
  if (!rows.has_value()) {
    duckdb_data_chunk_set_size(chunk, 0);
    return duckdb_function_set_error(
        info, bind->state->errors->Keep(std::move(rows).error()).c_str());
  }
  duckdb_data_chunk_set_size(chunk, *rows);
}

Status RegisterWithDuckDb(Connection& connection, const std::string& name, FunctionInfo info) {
  OwnedTableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), name.c_str());
  if (info.name.empty()) {
    OwnedLogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
    duckdb_table_function_add_parameter(function.get(), text.get());
  }
  duckdb_table_function_set_extra_info(function.get(), new FunctionInfo(std::move(info)),
                                       DeleteAs<FunctionInfo>);
  duckdb_table_function_set_bind(function.get(), Bind);
  duckdb_table_function_set_init(function.get(), InitGlobal);
  duckdb_table_function_set_local_init(function.get(), InitLocal);
  duckdb_table_function_set_function(function.get(), FillNext);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(connection.handle(), function.get()) != DuckDBSuccess) {
    return Internal("DuckDB refused to register table function {}", name);
  }
  return Ok();
}

/// Asks DuckDB what its type texts mean.
Result<std::vector<OwnedLogicalType>> ResolveTypes(Connection& connection,
                                                   const std::vector<ScanColumn>& columns) {
  std::vector<OwnedLogicalType> types;
  if (columns.empty()) return types;
  std::string sql = "SELECT ";
  for (const ScanColumn& column : columns) {
    sql += fmt::format("{}CAST(NULL AS {})", &column == &columns[0] ? "" : ", ", column.duckdb_type);
  }
  OwnedResult result;
  if (duckdb_query(connection.handle(), sql.c_str(), result.get()) != DuckDBSuccess) {
    return MapDuckDbError(duckdb_result_error_type(result.get()),
                          duckdb_result_error(result.get()));
  }
  for (idx_t i = 0; i < columns.size(); ++i) {
    types.emplace_back(duckdb_column_logical_type(result.get(), i));
  }
  return types;
}

/// Chunks that are there already, handed out in order.
class RowsProvider final : public ScanProvider {
 public:
  RowsProvider(std::vector<ScanColumn> columns, std::vector<OwnedChunk> chunks)
      : columns_(std::move(columns)), chunks_(std::move(chunks)) {}
  const std::vector<ScanColumn>& columns() const override { return columns_; }
  Result<std::unique_ptr<Scan>> Begin(const std::vector<uint64_t>& projected) override;

 private:
  class Rows;
  std::vector<ScanColumn> columns_;
  std::vector<OwnedChunk> chunks_;
};

class RowsProvider::Rows final : public Scan, public ScanThread {
 public:
  Rows(const std::vector<OwnedChunk>& chunks, std::vector<uint64_t> projected)
      : chunks_(chunks), projected_(std::move(projected)) {}
  uint64_t MaxThreads() const override { return 1; }
  Result<std::unique_ptr<ScanThread>> NewThread() override {
    return std::make_unique<Rows>(chunks_, projected_);
  }
  Result<uint64_t> Fill(duckdb_data_chunk chunk) override {
    if (next_ == chunks_.size()) return uint64_t{0};
    duckdb_data_chunk from = chunks_[next_++].get();
    for (size_t i = 0; i < projected_.size(); ++i) {
      duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(chunk, i),
                                     duckdb_data_chunk_get_vector(from, projected_[i]));
    }
    return duckdb_data_chunk_get_size(from);
  }

 private:
  const std::vector<OwnedChunk>& chunks_;
  std::vector<uint64_t> projected_;
  size_t next_ = 0;
};

Result<std::unique_ptr<Scan>> RowsProvider::Begin(const std::vector<uint64_t>& projected) {
  return std::make_unique<Rows>(chunks_, projected);
}

}  // namespace

bool TableFunctionSlots::Put(const std::string& name,
                             std::shared_ptr<const BoundProvider> provider) {
  std::lock_guard lock(mutex_);
  bool is_new = !providers_.contains(name);
  providers_[name].swap(provider);
  return is_new;
}

std::shared_ptr<const BoundProvider> TableFunctionSlots::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  auto it = providers_.find(name);
  return it == providers_.end() ? nullptr : it->second;
}

void TableFunctionSlots::Release(const std::string& name) {
  std::shared_ptr<const BoundProvider> released;  // destroyed after the lock
  std::lock_guard lock(mutex_);
  auto it = providers_.find(name);
  if (it != providers_.end()) released = std::exchange(it->second, nullptr);
}

void TableFunctionSlots::Remove(const std::string& name) {
  std::lock_guard lock(mutex_);
  providers_.erase(name);
}

Status RegisterSlotScan(Connection& connection) {
  return RegisterWithDuckDb(connection, kSlotScan, FunctionInfo{connection.state(), ""});
}

Status RegisterTableFunction(Connection& connection, const std::string& name,
                             std::shared_ptr<ScanProvider> provider) {
  CHECK(!name.empty(), "a table function needs a name");
  auto bound = std::make_shared<BoundProvider>();
  ASSIGN_OR_RETURN(bound->types, ResolveTypes(connection, provider->columns()));
  bound->provider = std::move(provider);
  TableFunctionSlots& slots = *connection.state()->slots;
  if (!slots.Put(name, std::move(bound))) return Ok();
  Status registered = RegisterWithDuckDb(connection, name, FunctionInfo{connection.state(), name});
  if (!registered.has_value()) slots.Remove(name);
  return registered;
}

void ReleaseTableFunction(Connection& connection, const std::string& name) {
  connection.state()->slots->Release(name);
}

TemporaryRows::TemporaryRows(Connection& connection, std::vector<ScanColumn> columns,
                             std::vector<OwnedLogicalType> types, std::vector<OwnedChunk> chunks)
    : state_(connection.state()) {
  static std::atomic<uint64_t> next_id{1};
  name_ = fmt::format("rows {}", next_id.fetch_add(1));
  auto bound = std::make_shared<BoundProvider>();
  bound->provider = std::make_shared<RowsProvider>(std::move(columns), std::move(chunks));
  bound->types = std::move(types);
  state_->slots->Put(name_, std::move(bound));
}

TemporaryRows::~TemporaryRows() { state_->slots->Remove(name_); }

std::string TemporaryRows::From() const {
  return fmt::format("{}({})", kSlotScan, QuoteLiteral(name_));
}

}  // namespace flare::engine
