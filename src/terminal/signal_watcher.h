#pragma once
#include <csignal>
#include <functional>
#include <initializer_list>
#include <thread>

namespace flare::terminal {

/// Hands signals to a callback while it lives. Make it before any other thread: threads made later
/// inherit that the signals are blocked in them. One at a time in a process for each signal.
class SignalWatcher {
 public:
  /// `on_signal` is called from the watching thread, once for each signal.
  SignalWatcher(std::initializer_list<int> signals, std::function<void()> on_signal);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void Watch();

  sigset_t watched_;
  std::function<void()> on_signal_;
  int signals_ = -1;
  int end_ = -1;  ///< written to when the watcher shall go
  std::thread watcher_;
};

}  // namespace flare::terminal
