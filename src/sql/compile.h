#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "sql/types.h"

namespace flare::sql {

/// A relation that steps can name: a source or an earlier step.
struct Relation {
  std::string name;         ///< as SQL says it, any case
  std::string duckdb_from;  ///< DuckDB text for FROM: a view's name or a table function call
  Schema schema;            ///< its columns are c0, c1, ... inside DuckDB
  /// All its rows are there in every batch: a table or a file beside the stream. Matters where Scope::streaming.
  bool is_static = false;
};

/// A function whose DuckDB signature depends on the statement, so it cannot be registered once for all
/// (from_json with its schema). The engine registers it under `duckdb_name` before the statement runs:
/// engine::RegisterRuntimeFunction. Equal kind, type and options give the equal name.
struct RuntimeFunction {
  std::string duckdb_name;  ///< "spark_from_json_1f0c..."
  std::string kind;         ///< "from_json"
  Type result;
  std::map<std::string, std::string> options;  ///< Spark's, lower-case names: mode, timestampformat, ...
};

/// What a statement may name, and how it is read.
struct Scope {
  std::vector<Relation> relations;
  bool ansi = false;                ///< spark.sql.ansi.enabled
  std::string time_zone = "UTC";    ///< spark.sql.session.timeZone
  bool case_sensitive = false;      ///< spark.sql.caseSensitive
  /// The relations that are not static arrive batch by batch: what needs all their rows at once (aggregates,
  /// DISTINCT, ORDER BY, LIMIT, joins of two streams, joins that keep the rows of the static side) is refused,
  /// because it would be right for each batch and wrong for the stream.
  bool streaming = false;
  /// Computes DuckDB text that reads no column, as text; nullopt for NULL. Without it only literals are constants.
  std::function<Result<std::optional<std::string>>(const std::string& duckdb_sql,
                                                   const std::vector<RuntimeFunction>& functions)>
      fold;
};

/// Where a statement's text stands in a file: offset in text -> place.
class TextPlace {
 public:
  TextPlace() = default;
  /// From each offset up to the next one the text stands character by character to the right of the place; without
  /// any, lines are counted from `start`. In order of their offsets.
  TextPlace(SourcePosition start, std::vector<std::pair<size_t, SourcePosition>> places = {})
      : start_(std::move(start)), places_(std::move(places)) {}
  /// Columns count characters, not bytes.
  SourcePosition At(std::string_view text, size_t offset) const;

 private:
  SourcePosition start_;
  std::vector<std::pair<size_t, SourcePosition>> places_;
};

/// A statement after binding: DuckDB text that yields columns c0, c1, ... and their Spark names and types.
struct CompiledQuery {
  std::string duckdb_sql;
  Schema schema;
  std::vector<std::string> reads;  ///< names of the relations it reads
  std::vector<RuntimeFunction> functions;
};

/// Translates one Spark SQL SELECT. Every mistake that can be found in one pass is in `diagnostics`,
/// with Spark's condition name, place and nearest candidates; nullopt when there was an error.
/// `current_timestamp` and its kin read DuckDB variable `flare_batch_timestamp` (TIMESTAMPTZ), set per batch.
std::optional<CompiledQuery> Compile(std::string_view text, const TextPlace& place, const Scope& scope,
                                     Diagnostics* diagnostics);

/// One argument list of a step function, already freed of YAML: see manifest::FunctionArgument.
struct RewriteArgument {
  std::string name;
  std::string scalar;
  std::vector<std::string> list;
  std::vector<std::pair<std::string, std::string>> map;
  SourcePosition where;
};
struct Rewrite {
  std::string function;  ///< "drop", "rename", ...
  std::vector<RewriteArgument> arguments;
  SourcePosition where;
};
/// Applies a step function to a relation: DuckDB text over `input` and the new schema.
std::optional<CompiledQuery> ApplyRewrite(const Rewrite& rewrite, const Relation& input, const Scope& scope,
                                          Diagnostics* diagnostics);
/// Names of the step functions there are, for did-you-mean.
std::vector<std::string> RewriteNames();

}  // namespace flare::sql
