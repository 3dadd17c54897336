#include "base/clock.h"

#include <condition_variable>
#include <mutex>

namespace flare {
namespace {

class RealClock final : public Clock {
 public:
  WallTime Now() const override {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
  Millis Monotonic() const override {
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
  }
  bool WaitUntil(WallTime until, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    // Waits by the monotonic clock, so that a jump of the wall clock cannot hang the job.
    auto left = until - Now();
    if (left > Millis(0)) wake.wait_for(lock, stop, left, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

Clock& SystemClock() {
  static RealClock clock;
  return clock;
}

}  // namespace flare
