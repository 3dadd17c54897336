#include "cli/run_workflow.h"

#include <atomic>
#include <mutex>

#include "cli/dag.h"
#include "cli/exit_codes.h"
#include "io/file_system.h"
#include "observe/console_observer.h"
#include "observe/json_progress_writer.h"
#include "observe/tee_observer.h"
#include "observe/units.h"
#include "stream/run_job.h"

namespace flare::cli {
namespace {

observe::Level LevelOf(const manifest::Job& job, const RunArguments& arguments) {
  if (arguments.quiet) return observe::Level::kWarn;
  switch (arguments.log_level.value_or(job.log_level)) {
    case manifest::LogLevel::kDebug:
      return observe::Level::kDebug;
    case manifest::LogLevel::kInfo:
      return observe::Level::kInfo;
    case manifest::LogLevel::kWarn:
      return observe::Level::kWarn;
    case manifest::LogLevel::kError:
      return observe::Level::kError;
  }
  return observe::Level::kInfo;
}

/// Runs one job of a workflow with its own observers.
class JobRun {
 public:
  JobRun(const PreparedJob& job, const WorkflowRun& run, bool alone, std::mutex& progress_mutex)
      : job_(job),
        run_(run),
        logger_(run.screen, *run.host.clock, LevelOf(job.job, run.arguments),
                alone ? "" : fmt::format("[{}] ", *job.job.name)),
        console_(logger_, *run.host.clock, {.bar = alone}),
        json_([&run, &progress_mutex](std::string_view line) {
          std::lock_guard lock(progress_mutex);
          run.progress(line);
        }) {}

  bool Run() {
    const auto& job = job_.job;
    if (job.explain && !run_.arguments.quiet) run_.screen.Print(job_.plan->ToText());
    if (job.dry_run) {
      logger_.Info(fmt::format("{}: dryRun is true, so it was checked and not run", *job.name));
      return true;
    }
    auto on_retry = [&](const Error& error, int attempt, Millis wait) {
      logger_.Warn(fmt::format("{}\nattempt {} of {} {}", error.ToText(), attempt,
                               job.retry.count + 1,
                               wait > Millis(0) ? "in " + observe::FormatDuration(wait) : "now"));
    };
    Status status = RunWithRetry(
        job.retry, *run_.host.clock, run_.finish_batch, [&] { return Attempt(); }, on_retry);
    if (!status && !(run_.stop_now.stop_requested() && status.error().code() == Code::kCancelled)) {
      logger_.Error(fmt::format("job {} failed: {}", *job.name, status.error().ToText()));
    }
    return status.has_value();
  }

 private:
  Status Attempt() {
    std::vector<observe::RunObserver*> observers = {&console_};
    if (run_.progress) observers.push_back(&json_);
    observe::TeeObserver observer(observers);
    stream::RunOptions options;
    options.clock = run_.host.clock;
    options.files = &io::LocalFileSystem();
    options.observer = &observer;
    options.environment.files = options.files;
    options.environment.clock = options.clock;
    options.environment.resources = &run_.resources;
    options.environment.job_name = *job_.job.name;
    options.finish_batch = run_.finish_batch;
    options.stop_now = run_.stop_now;
    options.memory_bytes = run_.arguments.memory_bytes > 0 ? run_.arguments.memory_bytes
                                                           : job_.job.memory_bytes.value_or(0);
    options.threads =
        run_.arguments.threads > 0 ? run_.arguments.threads : job_.job.cores.value_or(0);
    options.overrides.accept_changes = run_.arguments.accept_changes;
    // Said of the batch in doubt now; a second attempt stands elsewhere.
    if (attempts_++ == 0) {
      options.overrides.word = {run_.arguments.assume_committed, run_.arguments.replay};
    }
    auto summary = stream::RunJob(*job_.plan, options);
    if (!summary) return std::move(summary).error();
    return Ok();
  }

  const PreparedJob& job_;
  const WorkflowRun& run_;
  observe::Logger logger_;
  observe::ConsoleObserver console_;
  observe::JsonProgressWriter json_;
  int attempts_ = 0;
};

/// One sentence on jobs that did not run.
void TellLeftOut(const PreparedWorkflow& workflow, const std::vector<JobOutcome>& outcomes,
                 JobOutcome which, std::string_view why, const WorkflowRun& run) {
  std::vector<std::string> names;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == which) names.push_back(*workflow.jobs[i].job.name);
  }
  if (names.empty()) return;
  observe::Logger(run.screen, *run.host.clock, observe::Level::kInfo)
      .Warn(fmt::format("not run: {} ({})", fmt::join(names, ", "), why));
}

}  // namespace

ScheduleAdvice AdviseSchedule(const manifest::Workflow& workflow, WallTime now, bool run_anyway) {
  if (!workflow.schedule) return {};
  const auto& schedule = *workflow.schedule;
  auto end = schedule.end_on ? schedule.end_on : schedule.complete_on;
  if (end && *end <= now && !run_anyway) {
    return {
        fmt::format("the schedule of workflow {} ended on {}: nothing to run (--now runs it once)",
                    *workflow.name, observe::FormatTimestamp(*end)),
        true};
  }
  return {fmt::format("workflow {} is scheduled by cron \"{}\"; flare runs it once, now",
                      *workflow.name, schedule.cron),
          false};
}

int RunWorkflow(const PreparedWorkflow& workflow, const WorkflowRun& run) {
  auto advice = AdviseSchedule(workflow.workflow, run.host.clock->Now(), run.arguments.now);
  if (!advice.text.empty() && !run.arguments.quiet) {
    observe::Logger(run.screen, *run.host.clock, observe::Level::kInfo).Info(advice.text);
  }
  if (advice.over) return kOk;

  std::vector<manifest::Job> jobs;
  for (const auto& job : workflow.jobs) jobs.push_back(job.job);
  std::mutex progress_mutex;
  auto outcomes = RunDag(jobs, run.finish_batch, [&](size_t index) {
    return JobRun(workflow.jobs[index], run, jobs.size() == 1, progress_mutex).Run();
  });
  TellLeftOut(workflow, outcomes, JobOutcome::kSkipped, "a job they depend on failed", run);
  TellLeftOut(workflow, outcomes, JobOutcome::kNotStarted, "the run was stopped", run);
  bool failed = std::any_of(outcomes.begin(), outcomes.end(), [](JobOutcome outcome) {
    return outcome == JobOutcome::kFailed || outcome == JobOutcome::kSkipped;
  });
  return failed ? kFailed : kOk;
}

}  // namespace flare::cli
