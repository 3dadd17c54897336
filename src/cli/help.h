#pragma once
#include <string>

namespace CLI {
class App;
}

namespace flare::cli {

/// What `flare --help` prints.
std::string MainHelp();
/// What `flare <command> --help` prints: usage, options as `app` declares them, examples.
/// What `flare checkpoint` can do.
std::string CheckpointHelp();
std::string CommandHelp(const std::string& command, const CLI::App& app);

}  // namespace flare::cli
