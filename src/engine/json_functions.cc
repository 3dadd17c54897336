// JSON functions whose signature is fixed; from_json and to_json are made for a statement.
#include "engine/function_lists.h"
#include "engine/json_path.h"
#include "engine/recent.h"

namespace flare::engine {
namespace {

/// A malformed path selects nothing.
TextResultOf GetJsonObject(std::string_view json, std::string_view path) {
  static thread_local Recent<std::optional<JsonPath>> paths;
  ASSIGN_OR_RETURN(const std::optional<JsonPath>* parsed, paths.Get(path, [](std::string_view text) {
    return Result<std::optional<JsonPath>>(JsonPath::Parse(text));
  }));
  if (!parsed->has_value()) return std::optional<std::string>();
  return (*parsed)->Get(json);
}

}  // namespace

std::vector<ScalarFunction> JsonFunctions() {
  return {{"spark_get_json_object", {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARCHAR,
           Checked<std::string_view, std::string_view, std::string_view>(GetJsonObject)}};
}

}  // namespace flare::engine
