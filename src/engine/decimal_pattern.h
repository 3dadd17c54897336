#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace flare::engine {

/// A pattern of Java's DecimalFormat: `#,##0.00`, `0.0%`, `'no' #`, `0;(0)`. Rounds HALF_EVEN.
/// Threads: immutable, safe from any.
class DecimalPattern {
 public:
  /// Errors: kInvalidArgument for what Java refuses, kUnsupported for exponents (`0.#E0`).
  static Result<DecimalPattern> Parse(std::string_view pattern);
  /// Plain decimal text ("-12.5") in the pattern's form.
  std::string Write(std::string_view plain) const;

 private:
  struct Affixes {
    std::string prefix;
    std::string suffix;
  };
  Affixes positive_;
  Affixes negative_;
  size_t least_whole_ = 0;
  size_t least_fraction_ = 0;
  size_t most_fraction_ = 0;
  size_t group_ = 0;  ///< 0 = digits are not grouped
  int shift_ = 0;     ///< 2 for per cent, 3 for per mille
  bool always_point_ = false;
};

}  // namespace flare::engine
