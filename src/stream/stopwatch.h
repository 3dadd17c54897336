#pragma once
#include <map>
#include <string>

#include "base/clock.h"

namespace flare::stream {

/// Adds up how long the named parts of one trigger took (Spark's durationMs).
class Stopwatch {
 public:
  explicit Stopwatch(Clock& clock) : clock_(clock) {}

  void Reset() { parts_.clear(); }
  const std::map<std::string, int64_t>& parts() const { return parts_; }

  /// Runs `call` and adds its time to `part`.
  template <class Call>
  auto Time(const char* part, Call&& call) {
    struct Adder {
      Stopwatch& watch;
      const char* part;
      Millis begin;
      ~Adder() { watch.parts_[part] += (watch.clock_.Monotonic() - begin).count(); }
    } adder{*this, part, clock_.Monotonic()};
    return call();
  }

 private:
  Clock& clock_;
  std::map<std::string, int64_t> parts_;
};

}  // namespace flare::stream
