#include "engine/scalar_function.h"

#include <map>

#include "engine/error_registry.h"

namespace flare::engine {
namespace {

using OwnedFunctionSet = OwnedHandle<duckdb_scalar_function_set, duckdb_destroy_scalar_function_set>;

struct FunctionInfo {
  std::shared_ptr<DatabaseState> state;
  std::function<void(ScalarCall&)> run;
};

void Run(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* function = static_cast<FunctionInfo*>(duckdb_scalar_function_get_extra_info(info));
  ScalarCall call(*function->state, input, output);
  function->run(call);
  if (!call.failed()) return;
  std::string text = function->state->errors->Keep(*std::move(call.error()));
  duckdb_scalar_function_set_error(info, text.c_str());
}

OwnedLogicalType LogicalType(duckdb_type type) {
  if (type != kStringList) return OwnedLogicalType(duckdb_create_logical_type(type));
  OwnedLogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  return OwnedLogicalType(duckdb_create_list_type(text.get()));
}

OwnedScalarFunction NewFunction(Connection& connection, const std::string& name,
                                std::function<void(ScalarCall&)> run) {
  OwnedScalarFunction function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), name.c_str());
  // NULLs are ours: DuckDB's default looks at constants only.
  duckdb_scalar_function_set_special_handling(function.get());
  duckdb_scalar_function_set_extra_info(function.get(),
                                        new FunctionInfo{connection.state(), std::move(run)},
                                        DeleteAs<FunctionInfo>);
  duckdb_scalar_function_set_function(function.get(), Run);
  return function;
}

}  // namespace

Status RegisterScalarFunctions(Connection& connection,
                               const std::vector<ScalarFunction>& functions) {
  std::map<std::string, OwnedFunctionSet> sets;
  for (const ScalarFunction& spec : functions) {
    OwnedScalarFunction function = NewFunction(connection, spec.name, spec.run);
    for (duckdb_type type : spec.parameters) {
      duckdb_scalar_function_add_parameter(function.get(), LogicalType(type).get());
    }
    duckdb_scalar_function_set_return_type(function.get(), LogicalType(spec.result).get());
    OwnedFunctionSet& set = sets[spec.name];
    if (set == nullptr) set.reset(duckdb_create_scalar_function_set(spec.name.c_str()));
    if (duckdb_add_scalar_function_to_set(set.get(), function.get()) != DuckDBSuccess) {
      return Internal("DuckDB refuses an overload of {}", spec.name);
    }
  }
  for (auto& [name, set] : sets) {
    if (duckdb_register_scalar_function_set(connection.handle(), set.get()) != DuckDBSuccess) {
      return Internal("DuckDB refuses function {}", name);
    }
  }
  return Ok();
}

Status RegisterScalarFunction(Connection& connection, const std::string& name,
                              const std::vector<duckdb_logical_type>& parameters, duckdb_logical_type result,
                              std::function<void(ScalarCall&)> run) {
  OwnedScalarFunction function = NewFunction(connection, name, std::move(run));
  for (duckdb_logical_type parameter : parameters) {
    duckdb_scalar_function_add_parameter(function.get(), parameter);
  }
  duckdb_scalar_function_set_return_type(function.get(), result);
  if (duckdb_register_scalar_function(connection.handle(), function.get()) != DuckDBSuccess) {
    return Internal("DuckDB refuses function {}", name);
  }
  return Ok();
}

Error CastInvalidInput(std::string_view value, std::string_view type) {
  return InvalidArgument(
      "[CAST_INVALID_INPUT] The value '{}' of the type \"STRING\" cannot be cast to \"{}\" because it "
      "is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to "
      "tolerate malformed input and return NULL instead. SQLSTATE: 22018",
      value, type);
}

}  // namespace flare::engine
