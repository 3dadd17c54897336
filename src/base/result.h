#pragma once
#include <tl/expected.hpp>
#include <tuple>
#include <utility>

#include "base/error.h"

namespace flare {

/// A value or an Error. Dropping one is a compile error; on purpose: `std::ignore = Call();  // why`.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}  // NOLINT: sentences
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}  // NOLINT
};

using Status = Result<void>;

/// The value of success for Status.
inline Status Ok() { return Status(); }

}  // namespace flare

#define FLARE_CONCAT_INNER(a, b) a##b
#define FLARE_CONCAT(a, b) FLARE_CONCAT_INNER(a, b)

/// Returns the error of `expr` from the calling function, if there is one.
#define RETURN_IF_ERROR(expr)                                            \
  do {                                                                   \
    auto&& flare_status = (expr);                                        \
    if (!flare_status.has_value()) return std::move(flare_status).error(); \
  } while (false)

/// `ASSIGN_OR_RETURN(auto table, catalog.Load(name));`
#define ASSIGN_OR_RETURN(lhs, expr) \
  FLARE_ASSIGN_OR_RETURN(FLARE_CONCAT(flare_result_, __LINE__), lhs, expr)
#define FLARE_ASSIGN_OR_RETURN(tmp, lhs, expr)            \
  auto tmp = (expr);                                      \
  if (!tmp.has_value()) return std::move(tmp).error();    \
  lhs = std::move(tmp).value()
