#include "engine/aggregate_function.h"

#include "engine/duckdb_handles.h"

namespace flare::engine {
namespace {
using OwnedAggregate = OwnedHandle<duckdb_aggregate_function, duckdb_destroy_aggregate_function>;
}  // namespace

Status RegisterAggregateFunctions(Connection& connection, const std::vector<AggregateFunction>& functions) {
  for (const AggregateFunction& spec : functions) {
    OwnedAggregate function(duckdb_create_aggregate_function());
    duckdb_aggregate_function_set_name(function.get(), spec.name.c_str());
    for (duckdb_type type : spec.parameters) {
      OwnedLogicalType parameter(duckdb_create_logical_type(type));
      duckdb_aggregate_function_add_parameter(function.get(), parameter.get());
    }
    OwnedLogicalType result(spec.result());
    duckdb_aggregate_function_set_return_type(function.get(), result.get());
    duckdb_aggregate_function_set_functions(function.get(), spec.size, spec.init, spec.update, spec.combine, spec.finalize);
    duckdb_aggregate_function_set_destructor(function.get(), spec.destroy);
    // rows with NULLs are left out by the functions themselves
    duckdb_aggregate_function_set_special_handling(function.get());
    if (duckdb_register_aggregate_function(connection.handle(), function.get()) != DuckDBSuccess) {
      return Internal("DuckDB refuses the aggregate function {}", spec.name);
    }
  }
  return Ok();
}

}  // namespace flare::engine
