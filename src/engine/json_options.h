#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/date_time_pattern.h"

namespace flare::engine {

/// Reads Spark's JSON options, whose names are in lower case. Threads: immutable.
class JsonOptions {
 public:
  /// `function` is named in errors.
  JsonOptions(const std::map<std::string, std::string>& options, std::string function)
      : options_(options), function_(std::move(function)) {}

  std::optional<std::string> Text(const std::string& name) const;
  /// Leaves *flag as it is where the option is absent.
  Status Flag(const std::string& name, bool* flag) const;
  Status Pattern(const std::string& name, PatternUse use, std::optional<DateTimePattern>* pattern) const;

 private:
  const std::map<std::string, std::string>& options_;
  std::string function_;
};

}  // namespace flare::engine
