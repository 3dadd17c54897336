#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "cli/host.h"
#include "connector/registry.h"
#include "manifest/resources.h"

namespace flare::cli {

/// What a manifest is read against: variables, depots, connectors.
struct World {
  std::map<std::string, std::string> variables;
  std::string lakehouse;  ///< absolute
  manifest::Resources resources;
  Diagnostics resource_diagnostics;
  connector::Registry registry;
};

/// Gathers it from options, environment and folders. Errors (the user's): a -e that is no
/// NAME=VALUE, an unreadable --env-file, a --resources folder that is none, no folder for the
/// lakehouse.
Result<World> OpenWorld(const WorldArguments& arguments, const Host& host);

/// -e over --env-file over the environment.
Result<std::map<std::string, std::string>> MergeVariables(const WorldArguments& arguments,
                                                          const Host& host);
/// Lines `NAME=VALUE`, `export NAME=VALUE`, `# comment`; a value may stand in single or double
/// quotes. `path` is for messages.
Result<std::map<std::string, std::string>> ParseEnvFile(std::string_view text,
                                                        const std::string& path);
/// --lakehouse, else $FLARE_LAKEHOUSE, else ${XDG_DATA_HOME:-$HOME/.local/share}/flare/lakehouse. A
/// default that does not depend on the working folder: a job started from elsewhere must find its
/// checkpoint.
Result<std::string> LakehouseFolder(const WorldArguments& arguments, const Host& host);
/// Those given, then ./flare.d and ${XDG_CONFIG_HOME:-$HOME/.config}/flare where they exist.
Result<std::vector<std::string>> ResourceFolders(const WorldArguments& arguments, const Host& host);

/// A relative path of the command line as an absolute one.
std::string AbsolutePath(const std::string& path);

}  // namespace flare::cli
