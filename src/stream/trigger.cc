#include "stream/trigger.h"

#include "manifest/values.h"

namespace flare::stream {

std::string Trigger::ToText() const {
  switch (kind) {
    case kOnce: return "Once";
    case kAvailableNow: return "AvailableNow";
    case kProcessingTime: break;
  }
  return interval > Millis(0) ? fmt::format("ProcessingTime({})", manifest::DurationText(interval)) : "as soon as data arrives";
}

Result<Trigger> TriggerOf(const manifest::Streaming& streaming) {
  switch (streaming.trigger) {
    case manifest::TriggerMode::kUnspecified: return Trigger{};
    case manifest::TriggerMode::kOnce: return Trigger{Trigger::kOnce};
    case manifest::TriggerMode::kAvailableNow: return Trigger{Trigger::kAvailableNow};
    case manifest::TriggerMode::kProcessingTime:
      return Trigger{Trigger::kProcessingTime, streaming.trigger_interval};
    case manifest::TriggerMode::kContinuous: break;
  }
  return Unsupported(
      "{}:{}: triggerMode Continuous cannot run yet; `flare run --trigger AvailableNow` or `--trigger "
      "ProcessingTime=1s` runs this job in micro-batches",
      streaming.trigger_where.file, streaming.trigger_where.line);
}

WallTime NextBoundary(WallTime now, Millis interval) {
  auto since = now.time_since_epoch();
  auto past = since % interval;
  if (past < Millis(0)) past += interval;  // before 1970 the remainder is negative
  return now - past + interval;
}

Status RunTriggers(const Trigger& trigger, Clock& clock, std::stop_token stop, const TriggerCalls& calls) {
  while (!stop.stop_requested()) {
    WallTime started = clock.Now();
    ASSIGN_OR_RETURN(TriggerAnswer answer, calls.on_trigger());
    if (answer == TriggerAnswer::kEnd || trigger.kind == Trigger::kOnce) return Ok();
    if (answer == TriggerAnswer::kAgain || trigger.interval <= Millis(0)) continue;
    Millis took = clock.Now() - started;
    if (took > trigger.interval) calls.on_falling_behind(took);
    WallTime boundary = NextBoundary(started, trigger.interval);
    if (boundary > clock.Now() && !clock.WaitUntil(boundary, stop)) return Ok();
  }
  return Ok();
}

}  // namespace flare::stream
