#include <unistd.h>

#include <atomic>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/sql_shell.h"
#include "io/file_system.h"
#include "terminal/signal_watcher.h"

namespace flare::cli {
namespace {

bool IsInteractive(const Host& host) {
  return host.terminal && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

/// "" where the user has no folder.
std::string HistoryPath(const Host& host) {
  auto variable = [&](const char* name) {
    auto found = host.environment.find(name);
    return found == host.environment.end() ? std::string() : found->second;
  };
  std::string state = variable("XDG_STATE_HOME");
  if (!state.starts_with('/')) {
    std::string home = variable("HOME");
    if (home.empty()) return "";
    state = io::JoinPath(home, ".local/state");
  }
  return io::JoinPath(state, "flare/sql_history");
}

Status RunShell(const SqlArguments& arguments, const Host& host) {
  std::atomic<SqlShell*> shell = nullptr;
  // Before the engine's threads: they inherit that the signal is not theirs.
  terminal::SignalWatcher interrupt({SIGINT}, [&] {
    if (SqlShell* running = shell.load()) running->Interrupt();
  });
  ASSIGN_OR_RETURN(auto world, OpenWorld(arguments.world, host));
  manifest::Resources resources = world.resources;
  ASSIGN_OR_RETURN(auto session,
                   SqlSession::Open(std::move(world), host.clock, arguments.settings));
  SqlShell person(arguments, host, *session, resources, HistoryPath(host));
  shell = &person;
  Status ended = person.Run();
  shell = nullptr;
  return ended;
}

}  // namespace

int Sql(const SqlArguments& arguments, const Host& host) {
  if (!IsInteractive(host)) {
    QueryArguments script;
    script.file = "-";
    script.settings = arguments.settings;
    script.world = arguments.world;
    script.format = arguments.format;
    return Query(script, host);
  }
  auto ended = RunShell(arguments, host);
  if (!ended) PrintError(host, ended.error());
  return ended ? kOk : kFailed;
}

}  // namespace flare::cli
