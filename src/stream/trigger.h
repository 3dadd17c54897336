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
  /// For people: "AvailableNow", "ProcessingTime(5 seconds)", "as soon as data arrives".
  std::string ToText() const;
};

/// Unsupported for Continuous, which is not a trigger of micro-batches.
Result<Trigger> TriggerOf(const manifest::Streaming& streaming);

/// The boundary after `now`: multiples of `interval` since the epoch; a time on a boundary gets the next one.
WallTime NextBoundary(WallTime now, Millis interval);

/// kAgain = nothing was done, and a pause has been made: fire again at once.
enum class TriggerAnswer { kContinue, kAgain, kEnd };

/// What runs a trigger and hears that one took longer than the interval, pauses not counted.
struct TriggerCalls {
  std::function<Result<TriggerAnswer>()> on_trigger;
  std::function<void(Millis took)> on_falling_behind = [](Millis) {};
};

/// Fires at once, then at each boundary fixed before the trigger began (at once when it is past), until a
/// trigger answers kEnd or fails, or `stop` is asked for. kOnce fires once; interval 0 fires back to back; a
/// trigger that answers kAgain is fired again without waiting for a boundary.
/// Source: Spark's ProcessingTimeExecutor.
Status RunTriggers(const Trigger& trigger, Clock& clock, std::stop_token stop, const TriggerCalls& calls);

}  // namespace flare::stream
