#include "engine/spark_functions.h"

#include "engine/aggregate_function.h"
#include "engine/from_json.h"
#include "engine/function_lists.h"
#include "engine/row_hash.h"
#include "engine/to_json.h"

namespace flare::engine {
namespace {

/// DuckDB's type of a type text.
Result<OwnedLogicalType> LogicalTypeOf(Connection& connection, const std::string& text) {
  OwnedResult result;
  std::string sql = fmt::format("SELECT CAST(NULL AS {})", text);
  if (duckdb_query(connection.handle(), sql.c_str(), result.get()) != DuckDBSuccess) {
    return MapDuckDbError(duckdb_result_error_type(result.get()), duckdb_result_error(result.get()));
  }
  return OwnedLogicalType(duckdb_column_logical_type(result.get(), 0));
}

Status RegisterFromJson(Connection& connection, const sql::RuntimeFunction& function) {
  ASSIGN_OR_RETURN(auto parser, FromJson::Make(function.result, function.options));
  ASSIGN_OR_RETURN(OwnedLogicalType result, LogicalTypeOf(connection, function.result.ToDuckDb()));
  OwnedLogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  return RegisterScalarFunction(connection, function.duckdb_name, text.get(), result.get(),
                                [parser](ScalarCall& call) { parser->Run(call); });
}

Status RegisterToJson(Connection& connection, const sql::RuntimeFunction& function) {
  ASSIGN_OR_RETURN(auto printer, ToJson::Make(function.result, function.options));
  ASSIGN_OR_RETURN(OwnedLogicalType argument, LogicalTypeOf(connection, function.result.ToDuckDb()));
  OwnedLogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  return RegisterScalarFunction(connection, function.duckdb_name, argument.get(), text.get(),
                                [printer](ScalarCall& call) { printer->Run(call); });
}

/// hash and xxhash64: `function.result` is the struct of the arguments.
Status RegisterRowHash(Connection& connection, const sql::RuntimeFunction& function, RowHash::Kind kind) {
  auto hash = std::make_shared<const RowHash>(function.result, kind);
  ASSIGN_OR_RETURN(OwnedLogicalType argument, LogicalTypeOf(connection, function.result.ToDuckDb()));
  OwnedLogicalType result(
      duckdb_create_logical_type(kind == RowHash::Kind::kMurmur3 ? DUCKDB_TYPE_INTEGER : DUCKDB_TYPE_BIGINT));
  return RegisterScalarFunction(connection, function.duckdb_name, argument.get(), result.get(),
                                [hash](ScalarCall& call) { hash->Run(call); });
}

}  // namespace

Status RegisterSparkFunctions(Connection& connection) {
  std::vector<ScalarFunction> all;
  for (auto list : {CastFunctions, DateTimeFunctions, JsonFunctions, RegexFunctions, StringFunctions, TextFunctions, RandomFunctions,
                    UrlFunctions, HashFunctions, MathFunctions, IcebergFunctions, ValueKeyFunctions}) {
    for (ScalarFunction& function : list()) all.push_back(std::move(function));
  }
  RETURN_IF_ERROR(RegisterScalarFunctions(connection, all));
  for (auto list : {MomentAggregates, BitmapAggregates, HistogramAggregates}) {
    RETURN_IF_ERROR(RegisterAggregateFunctions(connection, list()));
  }
  return Ok();
}

Status RegisterRuntimeFunction(Connection& connection, const sql::RuntimeFunction& function) {
  if (function.kind == "from_json") return RegisterFromJson(connection, function);
  if (function.kind == "to_json") return RegisterToJson(connection, function);
  if (function.kind == "hash") return RegisterRowHash(connection, function, RowHash::Kind::kMurmur3);
  if (function.kind == "xxhash64") return RegisterRowHash(connection, function, RowHash::Kind::kXxHash64);
  return Unsupported("{} is not a runtime function", function.kind);
}

}  // namespace flare::engine
