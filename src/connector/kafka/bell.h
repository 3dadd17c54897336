#pragma once
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace flare::connector::kafka {

/// Tells one waiting thread that something came, whoever brought it. Threads: safe from any.
class Bell {
 public:
  void Ring() {
    {
      std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_one();
  }
  /// Waits until it rang since the last Wait, at most so long; ends early on `stop`.
  void Wait(Millis at_most, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, at_most, [&] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool rung_ = false;
};

}  // namespace flare::connector::kafka
