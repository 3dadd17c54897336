#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/json_options.h"

namespace flare::engine {

/// How one line of CSV is cut and put together, as Spark's options say. Threads: immutable.
struct CsvFormat {
  std::string separator = ",";
  char quote = '"';    ///< '\0' = none
  char escape = '\\';
  char comment = '\0';
  bool trim_left = false;
  bool trim_right = false;
  std::string null_value;
  std::string empty_value;  ///< what quotes with nothing between them are

  /// Errors: kInvalidArgument for an option that means nothing, kUnsupported for one that is not known here.
  static Result<CsvFormat> Make(const JsonOptions& options, bool writing);

  /// The values of one line, nullopt for a line that is none: an empty one or a comment. A line break is a
  /// character like others.
  std::optional<std::vector<std::string>> Split(std::string_view line) const;
  /// `text` as it stands in a line, in quotes where it must be.
  void Append(std::string_view text, bool quote_all, bool escape_quotes, std::string* line) const;

 private:
  bool TakeQuoted(std::string_view line, size_t* at, std::string* value) const;
};

}  // namespace flare::engine
