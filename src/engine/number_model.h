#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::engine {

/// A number format model of to_number and to_char: [MI|S] [$] 0 9 G , [. D] 0 9 [$] [PR|MI|S].
/// Threads: immutable, safe from any.
class NumberModel {
 public:
  /// `format` in any case. Errors: kInvalidArgument with Spark's condition INVALID_FORMAT.
  static Result<NumberModel> Parse(std::string_view format);

  /// The plain decimal that `text` stands for, with the model's scale; nullopt when it does not fit.
  std::optional<std::string> Read(std::string_view text) const;
  /// Plain decimal text in the model's form; '#' for every digit when there are too few of them.
  std::string Write(std::string_view plain) const;

 private:
  enum class Kind { kDigits, kPoint, kDollar, kSign, kMinus, kOpen, kClose };
  struct Part {
    size_t digits = 0;  ///< 0 = a thousands separator
    bool exact = false;
  };
  struct Token {
    Kind kind;
    std::vector<Part> parts;  ///< of kDigits
  };
  Status Check(std::string_view format) const;
  std::optional<size_t> ReadDigits(const Token& token, std::string_view text, size_t at, std::string* digits) const;
  size_t DigitsOf(bool after_point) const;

  std::vector<Token> tokens_;
};

}  // namespace flare::engine
