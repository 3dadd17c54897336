#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sql/functions.h"

namespace flare::sql {

/// Names for expressions that a DuckDB text uses several times, so that each is computed once:
/// `list_transform([expression], lambda w0_0: text)[1]`. Columns and literals stand for themselves.
class Let {
 public:
  explicit Let(const Binder& binder) : depth_(binder.lambda_depth()) {}
  /// What the text may write for `sql`.
  std::string Name(const std::string& sql);
  /// The text with its names explained; in parentheses or an atom.
  std::string In(std::string text) const;

 private:
  size_t depth_;
  std::vector<std::pair<std::string, std::string>> names_;
};

/// ExpandTemplate over arguments that are computed once each, however often the template names them.
std::string ExpandOnce(std::string_view text, const Call& call);

}  // namespace flare::sql
