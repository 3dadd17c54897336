#pragma once
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "manifest/job.h"

namespace flare::cli {

enum class JobOutcome {
  kSucceeded,
  kFailed,
  kSkipped,     ///< a job it depends on did not succeed
  kNotStarted,  ///< the run was asked to stop before its turn
};

/// Runs jobs, each on a thread of its own once all it depends on succeeded; free ones run side by
/// side, because a job that never ends must not keep others from starting. A dependency that is not
/// among `jobs` counts as done. `run` returns whether the job succeeded; it is called once a job.
/// Returns when all have ended. `jobs` must not contain a cycle.
std::vector<JobOutcome> RunDag(const std::vector<manifest::Job>& jobs, std::stop_token stop,
                               const std::function<bool(size_t index)>& run);

/// Runs `attempt` and, where `retry` asks for it, again after its duration: `OnTransientError` only
/// for errors that may go away, every other strategy for each error. Never after a stop request nor
/// beyond `max_duration` (0 = no bound). `on_retry` hears of each failure that is tried again.
Status RunWithRetry(
    const manifest::Retry& retry, Clock& clock, std::stop_token stop,
    const std::function<Status()>& attempt,
    const std::function<void(const Error& error, int next_attempt, Millis wait)>& on_retry);

}  // namespace flare::cli
