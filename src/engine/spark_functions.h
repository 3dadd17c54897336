#pragma once
#include "base/result.h"
#include "engine/database.h"
#include "sql/compile.h"

namespace flare::engine {

/// Registers every spark_* scalar function and macro that translated SQL may call. Database::Open does it.
Status RegisterSparkFunctions(Connection& connection);

/// Registers a function whose signature depends on a statement (from_json with its schema).
/// Fine when one of that name is there already: equal names mean equal functions.
Status RegisterRuntimeFunction(Connection& connection, const sql::RuntimeFunction& function);

}  // namespace flare::engine
