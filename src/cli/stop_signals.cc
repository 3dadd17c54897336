#include "cli/stop_signals.h"

#include <csignal>
#include <cstdlib>

#include "cli/exit_codes.h"

namespace flare::cli {
StopSignals::StopSignals(std::function<void(std::string_view)> say)
    : say_(std::move(say)), watcher_({SIGINT, SIGTERM}, [this] { OnSignal(); }) {}

void StopSignals::OnSignal() {
  if (!finish_batch_.stop_requested()) {
    say_("stopping: the batch is finished and committed first (again: stop now)");
    finish_batch_.request_stop();
  } else if (!stop_now_.stop_requested()) {
    say_("stopping now: the batch in flight is left to the next run");
    stop_now_.request_stop();
  } else {
    std::_Exit(kStopped);
  }
}

}  // namespace flare::cli
