#pragma once
#include <chrono>
#include <stop_token>

namespace flare {

using Millis = std::chrono::milliseconds;
/// Wall-clock time in milliseconds since the epoch (UTC).
using WallTime = std::chrono::time_point<std::chrono::system_clock, Millis>;

/// Time and waiting, injected so that tests never sleep. Threads: safe from any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;
  /// Milliseconds of a clock that never goes back; for durations.
  virtual Millis Monotonic() const = 0;
  /// Waits until wall time `until` or a stop request, whichever comes first.
  /// Returns false when stopped.
  virtual bool WaitUntil(WallTime until, std::stop_token stop) = 0;
};

/// The machine's clock.
Clock& SystemClock();

/// A clock that stands still until told; WaitUntil jumps to the time asked for.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{}) : now_(start) {}
  WallTime Now() const override { return now_; }
  Millis Monotonic() const override { return now_.time_since_epoch(); }
  bool WaitUntil(WallTime until, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    if (until > now_) now_ = until;
    return true;
  }
  void Advance(Millis by) { now_ += by; }

 private:
  WallTime now_;
};

}  // namespace flare
