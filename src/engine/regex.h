#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::engine {

/// A Java regular expression, run by PCRE2 with JIT and a limit on its steps.
/// Threads: one (it holds the state of its last match).
class Regex {
 public:
  /// Errors: kInvalidArgument with Spark's condition; kUnsupported for Java's flag U, which means another
  /// thing to PCRE2. `function` is named in the message.
  static Result<Regex> Compile(std::string_view pattern, std::string_view function);
  ~Regex();
  Regex(Regex&&) noexcept;

  /// Looks for a match from byte `start` on. Errors: kInvalidArgument when the limit is hit.
  Result<bool> Find(std::string_view text, size_t start) const;
  /// Byte range of group `group` of the last match; nullopt when it took no part.
  std::optional<std::pair<size_t, size_t>> Group(size_t group) const;
  size_t group_count() const;
  /// Number of a named group; nullopt when there is none.
  std::optional<size_t> GroupNumber(const std::string& name) const;
  /// Where the next search starts after the last match: one character on when it was empty.
  size_t NextStart(std::string_view text) const;

 private:
  struct Compiled;
  explicit Regex(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

/// Java's pattern text in PCRE2's words.
Result<std::string> TranslateJavaPattern(std::string_view pattern);

}  // namespace flare::engine
