#include "cli/dag.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace flare::cli {
namespace {

/// The jobs of one run; what has become of them is guarded by mutex_.
class Dag {
 public:
  Dag(const std::vector<manifest::Job>& jobs, std::stop_token stop,
      const std::function<bool(size_t)>& run)
      : jobs_(jobs),
        stop_(std::move(stop)),
        run_(run),
        outcomes_(jobs.size()),
        running_(jobs.size(), false) {}

  std::vector<JobOutcome> Run() {
    std::unique_lock lock(mutex_);
    while (!AllDecided()) {
      bool changed = false;
      for (size_t i = 0; i < jobs_.size(); ++i) changed |= Advance(i);
      if (!changed) ended_.wait(lock);
    }
    lock.unlock();
    threads_.clear();
    std::vector<JobOutcome> outcomes;
    for (const auto& outcome : outcomes_) outcomes.push_back(*outcome);
    return outcomes;
  }

 private:
  bool AllDecided() const {
    return std::all_of(outcomes_.begin(), outcomes_.end(),
                       [](const auto& o) { return o.has_value(); });
  }

  /// Decides or starts job i if its time has come; whether anything changed.
  bool Advance(size_t i) {
    if (outcomes_[i] || running_[i]) return false;
    bool ready = true;
    for (const auto& name : jobs_[i].dependencies) {
      auto needed = Find(*name);
      if (!needed) continue;
      if (outcomes_[*needed] && *outcomes_[*needed] != JobOutcome::kSucceeded) {
        bool stopped = *outcomes_[*needed] == JobOutcome::kNotStarted;
        outcomes_[i] = stopped ? JobOutcome::kNotStarted : JobOutcome::kSkipped;
        return true;
      }
      ready = ready && outcomes_[*needed].has_value();
    }
    if (!ready) return false;
    if (stop_.stop_requested()) {
      outcomes_[i] = JobOutcome::kNotStarted;
      return true;
    }
    running_[i] = true;
    threads_.emplace_back([this, i] {
      bool succeeded = run_(i);
      std::lock_guard lock(mutex_);
      outcomes_[i] = succeeded ? JobOutcome::kSucceeded : JobOutcome::kFailed;
      ended_.notify_one();
    });
    return true;
  }

  std::optional<size_t> Find(const std::string& name) const {
    for (size_t i = 0; i < jobs_.size(); ++i) {
      if (*jobs_[i].name == name) return i;
    }
    return std::nullopt;
  }

  const std::vector<manifest::Job>& jobs_;
  const std::stop_token stop_;
  const std::function<bool(size_t)>& run_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<std::optional<JobOutcome>> outcomes_;
  std::vector<bool> running_;
  std::vector<std::jthread> threads_;
};

}  // namespace

std::vector<JobOutcome> RunDag(const std::vector<manifest::Job>& jobs, std::stop_token stop,
                               const std::function<bool(size_t)>& run) {
  // One job needs no thread of its own, and its stack traces are simpler.
  if (jobs.size() == 1 && !stop.stop_requested()) {
    return {run(0) ? JobOutcome::kSucceeded : JobOutcome::kFailed};
  }
  return Dag(jobs, std::move(stop), run).Run();
}

Status RunWithRetry(const manifest::Retry& retry, Clock& clock, std::stop_token stop,
                    const std::function<Status()>& attempt,
                    const std::function<void(const Error&, int, Millis)>& on_retry) {
  Millis started = clock.Monotonic();
  for (int done = 1;; ++done) {
    Status status = attempt();
    if (status || done > retry.count || stop.stop_requested()) return status;
    const Error& error = status.error();
    if (error.code() == Code::kCancelled) return status;
    if (retry.strategy == "OnTransientError" && error.retry() == Retry::kNever) return status;
    Millis spent = clock.Monotonic() - started;
    if (retry.max_duration > Millis(0) && spent + retry.duration > retry.max_duration)
      return status;
    on_retry(error, done + 1, retry.duration);
    if (!clock.WaitUntil(clock.Now() + retry.duration, stop)) return status;
  }
}

}  // namespace flare::cli
