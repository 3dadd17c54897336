#pragma once
#include <string>

#include "lake/schema.h"

namespace flare::cli {

/// DuckDB's type for a column of a table, struct fields under the table's names.
std::string TableType(const lake::Type& type);
/// DuckDB SQL that turns `expression`, of TableType(type), into a value as Spark SQL expects it inside
/// DuckDB: struct fields f0, f1, ...; time as microseconds, uuid as text.
std::string ReadExpression(const std::string& expression, const lake::Type& type);

}  // namespace flare::cli
