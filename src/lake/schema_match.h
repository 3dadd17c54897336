#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/schema.h"
#include "sql/types.h"

namespace flare::lake {

/// How a relation's columns go into a table's: by name, without regard to case.
struct ColumnBinding {
  size_t source = 0;   ///< index of the relation's column: c<source>
  sql::Type source_type;
  Field target;        ///< the table's column, with ids
};

struct SchemaMatch {
  std::vector<ColumnBinding> columns;  ///< in the table's order; table columns that the relation lacks are left out
  std::vector<Field> to_add;           ///< columns the table lacks (only with merge), ids to be given
  std::vector<Field> to_promote;       ///< table columns whose type must widen (only with merge): id and new type
};

/// Checks that rows of `columns` can be written to a table of `schema`. With `merge`, new columns and wider
/// types are reported as changes of the table instead of errors; match again once they are made.
/// Errors: InvalidArgument, naming the columns and what would help.
Result<SchemaMatch> MatchSchema(const Schema& schema, const sql::Schema& columns, bool merge, const std::string& table);

/// DuckDB SQL that turns `expression` of type `source` (struct fields f0, f1, ...) into a value of the
/// table's type with its field names.
std::string WriteExpression(const std::string& expression, const sql::Type& source, const Field& target);
/// DuckDB's type behind an Iceberg primitive.
std::string DuckDbType(const Type& type);

}  // namespace flare::lake
