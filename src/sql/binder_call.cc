#include <fmt/format.h>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

Bound Binder::BindCall(const Expr& expr) {
  Report("UNRESOLVED_ROUTINE", fmt::format("there is no function {}", QuoteNameParts({expr.text})), expr.begin);
  return Bad(expr);
}

}  // namespace flare::sql
