#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/date_time_pattern.h"
#include "engine/json_reader.h"
#include "sql/types.h"

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

/// How dates and timestamps are written as text by to_json and to_csv. Threads: immutable.
struct TemporalFormats {
  const TimeZone* zone = nullptr;
  const TimeZone* utc = nullptr;
  std::optional<DateTimePattern> timestamp;
  std::optional<DateTimePattern> timestamp_ntz;
  std::optional<DateTimePattern> date;  ///< none = as a cast to text
};
Result<TemporalFormats> ReadTemporalFormats(const JsonOptions& options);

/// What the options let through beyond standard JSON.
Status ReadLeniency(const JsonOptions& options, JsonLeniency* leniency);
/// PERMISSIVE (the default) or FAILFAST; another mode is Spark's error for `function`.
Status ReadParseMode(const JsonOptions& options, std::string_view function, bool* fail_fast);
/// The field of `type` that takes the text of a bad record. Errors: kInvalidArgument when it is no string.
Result<std::optional<size_t>> FindCorruptField(const sql::Type& type, const JsonOptions& options);

}  // namespace flare::engine
