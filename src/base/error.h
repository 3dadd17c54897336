#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace flare {

/// What a caller can act on. Everything finer is in the message.
enum class Code {
  kInvalidArgument,
  kNotFound,
  kAlreadyExists,
  kConflict,
  kUnavailable,
  kTimeout,
  kCorruption,
  kUnsupported,
  kPermissionDenied,
  kCancelled,
  kResourceExhausted,
  kInternal,
};

/// Who has to act: the author of the manifest, the world outside, or us.
enum class Blame { kUser, kExternal, kInternal };

/// Whether the same call may succeed later.
enum class Retry { kNever, kBackoff };

std::string_view ToString(Code code);

/// A failure, with enough to decide (code, blame, retry) and enough to tell a person.
/// `message` is one sentence; `context` holds where it happened, innermost first.
class [[nodiscard]] Error {
 public:
  Error(Code code, Blame blame, Retry retry, std::string message)
      : code_(code), blame_(blame), retry_(retry), message_(std::move(message)) {}

  Code code() const { return code_; }
  Blame blame() const { return blame_; }
  Retry retry() const { return retry_; }
  const std::string& message() const { return message_; }
  const std::vector<std::string>& context() const { return context_; }

  /// Adds where it happened ("while committing batch 41 to lake.orders"); once for each layer.
  Error&& With(std::string where) && {
    context_.push_back(std::move(where));
    return std::move(*this);
  }

  /// The message, then one indented line for each context.
  std::string ToText() const;

 private:
  Code code_;
  Blame blame_;
  Retry retry_;
  std::string message_;
  std::vector<std::string> context_;
};

// Factories that read as sentences: `return NotFound("topic {} does not exist", topic);`
// Blame and retry are the usual ones of the code; build an Error by hand where they differ.
#define FLARE_ERROR_FACTORY(name, code, blame, retry)                                  \
  template <class... Args>                                                             \
  Error name(fmt::format_string<Args...> format, Args&&... args) {                     \
    return Error(code, blame, retry, fmt::format(format, std::forward<Args>(args)...)); \
  }
FLARE_ERROR_FACTORY(InvalidArgument, Code::kInvalidArgument, Blame::kUser, Retry::kNever)
FLARE_ERROR_FACTORY(NotFound, Code::kNotFound, Blame::kUser, Retry::kNever)
FLARE_ERROR_FACTORY(AlreadyExists, Code::kAlreadyExists, Blame::kUser, Retry::kNever)
FLARE_ERROR_FACTORY(Conflict, Code::kConflict, Blame::kExternal, Retry::kBackoff)
FLARE_ERROR_FACTORY(Unavailable, Code::kUnavailable, Blame::kExternal, Retry::kBackoff)
FLARE_ERROR_FACTORY(Timeout, Code::kTimeout, Blame::kExternal, Retry::kBackoff)
FLARE_ERROR_FACTORY(Corruption, Code::kCorruption, Blame::kExternal, Retry::kNever)
FLARE_ERROR_FACTORY(Unsupported, Code::kUnsupported, Blame::kUser, Retry::kNever)
FLARE_ERROR_FACTORY(PermissionDenied, Code::kPermissionDenied, Blame::kUser, Retry::kNever)
FLARE_ERROR_FACTORY(Cancelled, Code::kCancelled, Blame::kUser, Retry::kNever)
FLARE_ERROR_FACTORY(ResourceExhausted, Code::kResourceExhausted, Blame::kExternal, Retry::kBackoff)
FLARE_ERROR_FACTORY(Internal, Code::kInternal, Blame::kInternal, Retry::kNever)
#undef FLARE_ERROR_FACTORY

}  // namespace flare
