#pragma once
#include <map>
#include <memory>
#include <string>

#include "engine/scalar_function.h"
#include "sql/types.h"

namespace flare::engine {

/// Spark's from_json for one schema: JSON text straight into typed vectors.
/// `options` are Spark's in lower case: mode, timestampformat, timestampntzformat, dateformat, timezone
/// (default UTC), columnnameofcorruptrecord, allowsinglequotes, allowunquotedfieldnames,
/// allownonnumericnumbers, allownumericleadingzeros, allowbackslashescapinganycharacter,
/// allowunquotedcontrolchars, allowcomments.
/// Errors: kInvalidArgument for an option's value that means nothing, kUnsupported for a type.
class FromJson {
 public:
  static Result<std::shared_ptr<const FromJson>> Make(const sql::Type& type,
                                                      const std::map<std::string, std::string>& options);
  ~FromJson();
  /// Parses a chunk. Threads: safe from any.
  void Run(ScalarCall& call) const;

  struct Plan;

 private:
  explicit FromJson(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

}  // namespace flare::engine
