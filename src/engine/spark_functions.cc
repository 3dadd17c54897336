#include "engine/spark_functions.h"

#include "engine/aggregate_function.h"
#include "engine/csv_functions.h"
#include "engine/from_json.h"
#include "engine/function_lists.h"
#include "engine/json_schema.h"
#include "engine/row_hash.h"
#include "engine/to_json.h"
#include "engine/variant_cast.h"

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

/// The two directions between text (or bytes) and a type that the statement gives.
enum class Direction { kReads, kPrints };

template <class T>
Status Register(Connection& connection, const sql::RuntimeFunction& function, Direction direction, duckdb_type other,
                Result<std::shared_ptr<const T>> made) {
  ASSIGN_OR_RETURN(std::shared_ptr<const T> runner, std::move(made));
  ASSIGN_OR_RETURN(OwnedLogicalType type, LogicalTypeOf(connection, function.result.ToDuckDb()));
  OwnedLogicalType text(duckdb_create_logical_type(other));
  bool reads = direction == Direction::kReads;
  return RegisterScalarFunction(connection, function.duckdb_name, {reads ? text.get() : type.get()},
                                reads ? type.get() : text.get(), [runner](ScalarCall& call) { runner->Run(call); });
}

Status RegisterVariantGet(Connection& connection, const sql::RuntimeFunction& function) {
  ASSIGN_OR_RETURN(auto getter, VariantGet::Make(function.result, function.options));
  ASSIGN_OR_RETURN(OwnedLogicalType result, LogicalTypeOf(connection, function.result.ToDuckDb()));
  OwnedLogicalType variant(duckdb_create_logical_type(DUCKDB_TYPE_BLOB));
  OwnedLogicalType path(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  return RegisterScalarFunction(connection, function.duckdb_name, {variant.get(), path.get()}, result.get(),
                                [getter](ScalarCall& call) { getter->Run(call); });
}

/// A function of one text that yields a schema.
Status RegisterSchemaOf(Connection& connection, const sql::RuntimeFunction& function,
                        std::function<Result<std::string>(std::string_view)> infer) {
  OwnedLogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  return RegisterScalarFunction(
      connection, function.duckdb_name, {text.get()}, text.get(),
      Checked<std::string_view, std::string_view>([infer](std::string_view record) -> TextResultOf {
        ASSIGN_OR_RETURN(std::string schema, infer(record));
        return std::optional(std::move(schema));
      }));
}

/// hash and xxhash64: `function.result` is the struct of the arguments.
Status RegisterRowHash(Connection& connection, const sql::RuntimeFunction& function, RowHash::Kind kind) {
  auto hash = std::make_shared<const RowHash>(function.result, kind);
  ASSIGN_OR_RETURN(OwnedLogicalType argument, LogicalTypeOf(connection, function.result.ToDuckDb()));
  OwnedLogicalType result(
      duckdb_create_logical_type(kind == RowHash::Kind::kMurmur3 ? DUCKDB_TYPE_INTEGER : DUCKDB_TYPE_BIGINT));
  return RegisterScalarFunction(connection, function.duckdb_name, {argument.get()}, result.get(),
                                [hash](ScalarCall& call) { hash->Run(call); });
}

}  // namespace

Status RegisterSparkFunctions(Connection& connection) {
  std::vector<ScalarFunction> all;
  for (auto list : {CastFunctions, DateTimeFunctions, IntervalFunctions, JsonFunctions, VariantFunctions, RegexFunctions, StringFunctions, TextFunctions,
                    RandomFunctions, UrlFunctions, HashFunctions, MathFunctions, IcebergFunctions, ValueKeyFunctions}) {
    for (ScalarFunction& function : list()) all.push_back(std::move(function));
  }
  RETURN_IF_ERROR(RegisterScalarFunctions(connection, all));
  for (auto list : {MomentAggregates, BitmapAggregates, HistogramAggregates}) {
    RETURN_IF_ERROR(RegisterAggregateFunctions(connection, list()));
  }
  return RegisterNestedVariantFunctions(connection);
}

Status RegisterRuntimeFunction(Connection& connection, const sql::RuntimeFunction& function) {
  const sql::Type& type = function.result;
  const auto& options = function.options;
  constexpr auto kText = DUCKDB_TYPE_VARCHAR;
  constexpr auto kBytes = DUCKDB_TYPE_BLOB;
  if (function.kind == "from_json") {
    return Register(connection, function, Direction::kReads, kText, FromJson::Make(type, options));
  }
  if (function.kind == "to_json") {
    return Register(connection, function, Direction::kPrints, kText, ToJson::Make(type, options));
  }
  if (function.kind == "from_csv") {
    return Register(connection, function, Direction::kReads, kText, FromCsv::Make(type, options));
  }
  if (function.kind == "to_csv") {
    return Register(connection, function, Direction::kPrints, kText, ToCsv::Make(type, options));
  }
  if (function.kind == "to_variant") {
    return Register(connection, function, Direction::kPrints, kBytes, ToVariant::Make(type));
  }
  if (function.kind == "variant_get") return RegisterVariantGet(connection, function);
  if (function.kind == "schema_of_json") {
    ASSIGN_OR_RETURN(auto schema, JsonSchema::Make(options));
    return RegisterSchemaOf(connection, function, [schema](std::string_view json) { return schema->Infer(json); });
  }
  if (function.kind == "schema_of_csv") {
    return RegisterSchemaOf(connection, function, [options](std::string_view line) { return SchemaOfCsv(line, options); });
  }
  if (function.kind == "hash") return RegisterRowHash(connection, function, RowHash::Kind::kMurmur3);
  if (function.kind == "xxhash64") return RegisterRowHash(connection, function, RowHash::Kind::kXxHash64);
  return Unsupported("{} is not a runtime function", function.kind);
}

}  // namespace flare::engine
