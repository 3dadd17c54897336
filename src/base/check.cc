#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace flare {
void CheckFailed(const char* file, int line, const char* condition, const std::string& text) {
  std::fprintf(stderr, "flare: broken invariant at %s:%d: %s %s\nThis is a bug in flare; nothing was lost: "
               "the next start continues from the checkpoint.\n", file, line, condition, text.c_str());
  std::abort();
}
}  // namespace flare
