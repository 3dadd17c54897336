#pragma once
#include <stop_token>

#include "cli/arguments.h"
#include "cli/host.h"
#include "cli/preparation.h"
#include "observe/screen.h"

namespace flare::cli {

/// What a workflow's jobs need to run.
struct WorkflowRun {
  const RunArguments& arguments;
  const Host& host;
  observe::Screen& screen;
  const manifest::Resources& resources;
  observe::Write progress;  ///< takes JSON lines; empty = nobody
  std::stop_token finish_batch;
  std::stop_token stop_now;
};

/// Runs the jobs of a workflow that has no errors: in the order of their dependencies, retried as
/// they ask, each told on the screen. Returns kOk or kFailed.
int RunWorkflow(const PreparedWorkflow& workflow, const WorkflowRun& run);

/// What to say about a schedule before a single run, and whether to run at all.
struct ScheduleAdvice {
  std::string text;  ///< "" = nothing
  bool over = false;
};
ScheduleAdvice AdviseSchedule(const manifest::Workflow& workflow, WallTime now, bool run_anyway);

}  // namespace flare::cli
