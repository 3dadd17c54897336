#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace flare::io {

/// "cannot sync /a/b: No space left on device" with the code that fits: the one place where errno becomes an Error.
Error FromErrno(int number, std::string_view what, const std::string& path);

}  // namespace flare::io
