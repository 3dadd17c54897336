#pragma once

namespace flare::cli {

/// What the process returns. The same table stands in `flare --help` and docs/reference/cli.md.
enum ExitCode : int {
  kOk = 0,      ///< done; also when a signal asked a run to finish its batch and it did
  kFailed = 1,  ///< a job failed, or lint or planning found errors
  kUsage = 2,   ///< the command line is wrong: command, option, value, or a file it names
  kUnproven = 3,  ///< `checkpoint verify` found nothing wrong, and not everything could be proven
  kStopped =
      130  ///< stopped now by a second signal; the batch in flight is replayed by the next run
};

}  // namespace flare::cli
