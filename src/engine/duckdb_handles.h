#pragma once
#include <duckdb.h>

#include <memory>
#include <type_traits>

namespace flare::engine {

/// Destroys a DuckDB C handle, whose destroy functions take its address.
template <class Handle, void (*kDestroy)(Handle*)>
struct DestroyHandle {
  using pointer = Handle;
  void operator()(Handle handle) const { kDestroy(&handle); }
};
template <class Handle, void (*kDestroy)(Handle*)>
using OwnedHandle = std::unique_ptr<std::remove_pointer_t<Handle>, DestroyHandle<Handle, kDestroy>>;

using OwnedLogicalType = OwnedHandle<duckdb_logical_type, duckdb_destroy_logical_type>;
using OwnedChunk = OwnedHandle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using OwnedPrepared = OwnedHandle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using OwnedPending = OwnedHandle<duckdb_pending_result, duckdb_destroy_pending>;
using OwnedValue = OwnedHandle<duckdb_value, duckdb_destroy_value>;
using OwnedConfig = OwnedHandle<duckdb_config, duckdb_destroy_config>;
using OwnedScalarFunction = OwnedHandle<duckdb_scalar_function, duckdb_destroy_scalar_function>;
using OwnedTableFunction = OwnedHandle<duckdb_table_function, duckdb_destroy_table_function>;
using OwnedExpression = OwnedHandle<duckdb_expression, duckdb_destroy_expression>;
using OwnedErrorData = OwnedHandle<duckdb_error_data, duckdb_destroy_error_data>;
using OwnedClientContext = OwnedHandle<duckdb_client_context, duckdb_destroy_client_context>;

/// A result that frees itself.
class OwnedResult {
 public:
  OwnedResult() = default;
  ~OwnedResult() { duckdb_destroy_result(&result_); }
  OwnedResult(const OwnedResult&) = delete;
  OwnedResult& operator=(const OwnedResult&) = delete;
  duckdb_result* get() { return &result_; }
  /// The next chunk; empty at the end or on an error (then duckdb_result_error says which).
  OwnedChunk Fetch() { return OwnedChunk(duckdb_fetch_chunk(result_)); }

 private:
  duckdb_result result_{};
};

/// Frees an object that a DuckDB callback structure carries.
template <class T>
void DeleteAs(void* pointer) {
  delete static_cast<T*>(pointer);
}

}  // namespace flare::engine
