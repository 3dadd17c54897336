#pragma once
#include <optional>

#include "sql/compile.h"

namespace flare::sql {

/// kShow: as Spark's show() prints values: CAST AS STRING with decimals in plain digits, binary as
/// `[31 32]`. kCast: CAST AS STRING in the scope's mode, binary as upper-case hex.
enum class TextStyle { kShow, kCast };

/// A statement over `input` whose columns are those of `input` as text; NULL stays NULL. Its schema
/// has `input`'s names.
std::optional<CompiledQuery> CompileShow(const Relation& input, TextStyle style, const Scope& scope,
                                         Diagnostics* diagnostics);

}  // namespace flare::sql
