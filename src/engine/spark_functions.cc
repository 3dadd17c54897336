#include "engine/spark_functions.h"

namespace flare::engine {

Status RegisterSparkFunctions(Connection&) { return Ok(); }

Status RegisterRuntimeFunction(Connection&, const sql::RuntimeFunction& function) {
  return Unsupported("{} is not a runtime function", function.kind);
}

}  // namespace flare::engine
