#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sql/compile.h"

namespace flare::engine {

/// What DuckDB text without columns yields, as text; nullopt for NULL. It runs in a small database of its own
/// that is opened at the first call and stays: most statements have no constant that is not a literal.
/// Fits sql::Scope::fold. Errors: what DuckDB says. Threads: safe from any.
Result<std::optional<std::string>> ComputeConstant(const std::string& duckdb_sql,
                                                   const std::vector<sql::RuntimeFunction>& functions);

}  // namespace flare::engine
