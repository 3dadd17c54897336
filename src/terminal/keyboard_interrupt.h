#pragma once
#include <functional>
#include <thread>

namespace flare::terminal {

/// Hands SIGINT to a callback while it lives. Make it before any other thread: threads made later
/// inherit that the signal is blocked in them. One at a time in a process.
class KeyboardInterrupt {
 public:
  /// `on_interrupt` is called from the watching thread, once for each signal.
  explicit KeyboardInterrupt(std::function<void()> on_interrupt);
  ~KeyboardInterrupt();
  KeyboardInterrupt(const KeyboardInterrupt&) = delete;
  KeyboardInterrupt& operator=(const KeyboardInterrupt&) = delete;

 private:
  void Watch();

  std::function<void()> on_interrupt_;
  int signals_ = -1;
  int end_ = -1;  ///< written to when the watcher shall go
  std::thread watcher_;
};

}  // namespace flare::terminal
