#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/scalar_function.h"
#include "sql/types.h"

namespace flare::engine {

/// Spark's from_csv for one schema, a struct of scalars. `options` are Spark's in lower case. Threads: safe.
/// Errors: kInvalidArgument for an option that means nothing, kUnsupported for a type.
class FromCsv {
 public:
  static Result<std::shared_ptr<const FromCsv>> Make(const sql::Type& type,
                                                     const std::map<std::string, std::string>& options);
  ~FromCsv();
  void Run(ScalarCall& call) const;

  struct Plan;

 private:
  explicit FromCsv(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

/// Spark's to_csv for a struct of strings, binaries, dates and timestamps: other fields are cast to STRING before.
class ToCsv {
 public:
  static Result<std::shared_ptr<const ToCsv>> Make(const sql::Type& type,
                                                   const std::map<std::string, std::string>& options);
  ~ToCsv();
  void Run(ScalarCall& call) const;

  struct Plan;

 private:
  explicit ToCsv(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

/// Spark's schema_of_csv: the types of one line's values as DDL.
Result<std::string> SchemaOfCsv(std::string_view line, const std::map<std::string, std::string>& options);

}  // namespace flare::engine
