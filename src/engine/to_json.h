#pragma once
#include <map>
#include <memory>
#include <string>

#include "engine/scalar_function.h"
#include "sql/types.h"

namespace flare::engine {

/// Spark's to_json for values of one type. `options` are Spark's in lower case: ignorenullfields (default
/// true), timestampformat, timestampntzformat, dateformat, timezone (default UTC).
/// Errors: kInvalidArgument for an option's value that means nothing, kUnsupported for a type.
class ToJson {
 public:
  static Result<std::shared_ptr<const ToJson>> Make(const sql::Type& type,
                                                    const std::map<std::string, std::string>& options);
  ~ToJson();
  /// Prints a chunk. Threads: safe from any.
  void Run(ScalarCall& call) const;

  struct Plan;

 private:
  explicit ToJson(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

}  // namespace flare::engine
