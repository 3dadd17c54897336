#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::engine {

/// Spark's schema_of_json: the type of one text as DDL. `options` are Spark's in lower case.
/// Errors: kInvalidArgument for a text that cannot be read or an option that means nothing.
class JsonSchema {
 public:
  static Result<std::shared_ptr<const JsonSchema>> Make(const std::map<std::string, std::string>& options);
  ~JsonSchema();
  Result<std::string> Infer(std::string_view json) const;

  struct Plan;

 private:
  explicit JsonSchema(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

}  // namespace flare::engine
