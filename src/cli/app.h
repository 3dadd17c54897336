#pragma once
#include <string>
#include <vector>

#include "cli/host.h"

namespace flare::cli {

/// The whole program but for its process: reads `words` (without the program's name), does it,
/// returns the exit code (cli/exit_codes.h). Threads: one call at a time.
int RunApp(const std::vector<std::string>& words, const Host& host);

}  // namespace flare::cli
