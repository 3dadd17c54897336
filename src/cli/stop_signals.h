#pragma once
#include <functional>
#include <stop_token>
#include <string_view>

#include "terminal/signal_watcher.h"

namespace flare::cli {

/// Turns SIGINT and SIGTERM into stop requests while it lives: the first asks to finish the batch,
/// the second to stop now, a third ends the process at once (the next run recovers from the
/// checkpoint). Make it before any other thread: threads made later inherit that the signals are
/// blocked in them. One at a time in a process.
class StopSignals {
 public:
  /// `say` hears what a signal did; called from the watching thread.
  explicit StopSignals(std::function<void(std::string_view)> say);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token finish_batch() const { return finish_batch_.get_token(); }
  std::stop_token stop_now() const { return stop_now_.get_token(); }

 private:
  void OnSignal();

  std::function<void(std::string_view)> say_;
  std::stop_source finish_batch_;
  std::stop_source stop_now_;
  terminal::SignalWatcher watcher_;  ///< last: it ends before what its thread uses
};

}  // namespace flare::cli
