#pragma once
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "connector/registry.h"
#include "io/file_system.h"
#include "observe/progress.h"
#include "plan/job_plan.h"

namespace flare::stream {

/// What a person said so that a run goes on where it would stop and ask.
struct Overrides {
  connector::PersonsWord word;   ///< of the batch in doubt
  bool accept_changes = false;   ///< the job reads, writes or computes something else than before, on purpose
};

/// What a run needs beside its plan.
struct RunOptions {
  Clock* clock = nullptr;
  io::FileSystem* files = nullptr;
  observe::RunObserver* observer = nullptr;
  connector::Environment environment;
  std::stop_token finish_batch;  ///< first Ctrl-C or SIGTERM: finish the batch, commit, return ok
  std::stop_token stop_now;      ///< second Ctrl-C: abandon the batch (it is replayed next time)
  int64_t memory_bytes = 0;      ///< 0 = the default budget
  int threads = 0;
  Overrides overrides;
};

struct RunSummary {
  int64_t batches = 0;
  int64_t input_rows = 0;
  int64_t output_rows = 0;
  int64_t last_batch = -1;
  bool stopped = false;  ///< ended by finish_batch
};

/// Runs one planned job to its end (bounded triggers) or until asked to stop.
/// Order of one batch: plan offsets -> offsets/N -> read and stage -> sinks commit -> commits/N -> purge.
/// Endless jobs keep trying while the source is unreachable and say so; bounded ones return its error.
/// Threads: the caller's thread conducts; returns when everything it started has ended.
Result<RunSummary> RunJob(const plan::JobPlan& plan, const RunOptions& options);

}  // namespace flare::stream
