#pragma once
#include <map>
#include <optional>
#include <string>

#include "sql/binder.h"

namespace flare::sql {

// Tools for functions that are made for a statement: from_json and its kin, whose type or options stand in
// constant arguments.

using OptionMap = std::map<std::string, std::string>;

/// The text of a constant argument, computed where it is no literal; reports and returns nullopt when it is none.
std::optional<std::string> ConstantText(Call& call, size_t index, std::string_view what);
/// The constant map('mode', 'FAILFAST', ...) that holds options, names in lower case; reports and returns false.
bool ConstantOptions(Call& call, size_t index, OptionMap* options);
/// The type that a constant argument names in DDL or JSON; a column list is a struct. Reports and returns nullopt.
std::optional<Type> ConstantSchema(Call& call, size_t index);
/// True when the argument is a STRING (NULL becomes one); reports else: Spark casts nothing to STRING here.
bool RequireText(Call& call, size_t index);

/// Adds the runtime function of `kind` for `type` and yields its call on `arguments` (the first one when empty).
Bound CallRuntime(Call& call, const std::string& kind, const Type& type, const Type& result, OptionMap options,
                  std::string arguments = "");
/// The same type with everything nullable, as what is read from text is.
Type Nullable(const Type& type);
/// NULL without a type stands in DuckDB as an INTEGER: the same type with that said.
Type WithoutVoid(const Type& type);

/// A cast between VARIANT and another type than STRING.
Bound CastVariant(Binder& binder, Bound value, const Type& to, bool is_try);

}  // namespace flare::sql
