#include "engine/spark_functions.h"

#include "engine/function_lists.h"

namespace flare::engine {

Status RegisterSparkFunctions(Connection& connection) {
  std::vector<ScalarFunction> all;
  for (auto list : {CastFunctions}) {
    for (ScalarFunction& function : list()) all.push_back(std::move(function));
  }
  return RegisterScalarFunctions(connection, all);
}

Status RegisterRuntimeFunction(Connection&, const sql::RuntimeFunction& function) {
  return Unsupported("{} is not a runtime function", function.kind);
}

}  // namespace flare::engine
