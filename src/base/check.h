#pragma once
#include <fmt/format.h>

namespace flare {
/// Prints what was broken and stops the process; recovery from the log is safe.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const std::string& text);
}  // namespace flare

/// Our own invariants only: never what a user, a broker or a file can cause.
#define CHECK(condition, ...)                                                             \
  do {                                                                                    \
    if (!(condition)) [[unlikely]]                                                        \
      ::flare::CheckFailed(__FILE__, __LINE__, #condition, fmt::format("" __VA_ARGS__)); \
  } while (false)
