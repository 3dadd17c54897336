#pragma once
#include <optional>

#include "sql/compile.h"

namespace flare::sql {

/// A statement over `input` whose columns are those of `input` as text, the way Spark's show() prints
/// them: CAST AS STRING, binary as `[31 32]`, NULL as NULL. Its schema has `input`'s names.
std::optional<CompiledQuery> CompileShow(const Relation& input, const Scope& scope, Diagnostics* diagnostics);

}  // namespace flare::sql
