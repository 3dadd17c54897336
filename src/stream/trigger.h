#pragma once
#include <functional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "manifest/job.h"

namespace flare::stream {

/// When batches start and when a run ends. A property of the run, not of the checkpoint.
struct Trigger {
  enum Kind { kOnce, kAvailableNow, kProcessingTime };
  Kind kind = kProcessingTime;
  Millis interval{0};  ///< kProcessingTime; 0 = back to back (the unspecified trigger)

  bool endless() const { return kind == kProcessingTime; }
  /// For people: "AvailableNow", "ProcessingTime(5000 ms)", "as soon as data arrives".
  std::string ToText() const;
};

/// Unsupported for Continuous, which is not a trigger of micro-batches.
Result<Trigger> TriggerOf(const manifest::Streaming& streaming);

/// The boundary after `now`: multiples of `interval` since the epoch; a time on a boundary gets the next one.
WallTime NextBoundary(WallTime now, Millis interval);

enum class TriggerAnswer { kContinue, kEnd };

/// What runs a trigger and hears that one took longer than the interval.
struct TriggerCalls {
  std::function<Result<TriggerAnswer>()> on_trigger;
  std::function<void(Millis took)> on_falling_behind = [](Millis) {};
};

/// Fires at once, then at each boundary fixed before the trigger began (at once when it is past), until a
/// trigger answers kEnd or fails, or `stop` is asked for. kOnce fires once; interval 0 fires back to back.
/// Source: Spark's ProcessingTimeExecutor.
Status RunTriggers(const Trigger& trigger, Clock& clock, std::stop_token stop, const TriggerCalls& calls);

}  // namespace flare::stream
