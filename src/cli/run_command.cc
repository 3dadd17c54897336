#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/random.h"
#include "base/redact.h"
#include "cli/commands.h"
#include "cli/excerpt.h"
#include "cli/dag.h"
#include "cli/exit_codes.h"
#include "cli/preparation.h"
#include "cli/run_workflow.h"
#include "cli/stop_signals.h"
#include "cli/world.h"
#include "observe/json_progress_writer.h"

namespace flare::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Where progress JSON goes: nowhere, standard output, or the end of a file.
Result<observe::Write> ProgressTarget(const std::string& target, const Host& host) {
  if (target.empty()) return observe::Write();
  if (target == "-") return host.out;
  std::shared_ptr<std::FILE> file(std::fopen(target.c_str(), "ae"), [](std::FILE* f) {
    if (f != nullptr) std::fclose(f);
  });
  if (!file) return InvalidArgument("--progress-json {}: {}", target, std::strerror(errno));
  // Flushed a line: whoever follows the file sees a batch when it is committed.
  return observe::Write([file](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), file.get());
    std::fflush(file.get());
  });
}

/// A folder for checkpoints that shall not outlive the run; not made before something is put there.
class EphemeralFolder {
 public:
  EphemeralFolder()
      : path_(std::filesystem::temp_directory_path() / ("flare-checkpoints-" + NewUuid())) {}
  ~EphemeralFolder() {
    std::error_code ignored;  // what stays lies in a folder that the system empties
    std::filesystem::remove_all(path_, ignored);
  }
  EphemeralFolder(const EphemeralFolder&) = delete;
  EphemeralFolder& operator=(const EphemeralFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void HideSecrets(const manifest::Options& options, observe::Screen* screen) {
  for (const auto& [name, value] : options) {
    if (NamesASecret(name)) screen->Hide(*value);
  }
}

/// What the world says in confidence, and what the manifest's own options do.
void HideSecrets(const Preparation& prepared, observe::Screen* screen) {
  for (const auto& name : prepared.resources->DepotNames()) {
    const auto* depot = prepared.resources->FindDepot(name);
    for (const auto* secrets : {&depot->read_secret, &depot->write_secret}) {
      for (const auto& [key, secret] : *secrets) {
        if (NamesASecret(key)) screen->Hide(secret.Reveal());
      }
    }
  }
  for (const auto& workflow : prepared.workflows) {
    for (const auto& job : workflow.jobs) {
      for (const auto& input : job.job.inputs) HideSecrets(input.options, screen);
      for (const auto& output : job.job.outputs) {
        HideSecrets(output.options, screen);
        HideSecrets(output.extra_options, screen);
      }
      HideSecrets(job.job.streaming.extra_options, screen);
    }
  }
}

}  // namespace

int Run(const RunArguments& arguments, const Host& host) {
  auto usage = [&](const Error& error) {
    PrintError(host, error);
    return static_cast<int>(kUsage);
  };
  auto world = OpenWorld(arguments.reading.world, host);
  if (!world) return usage(world.error());
  auto progress = ProgressTarget(arguments.progress_json, host);
  if (!progress) return usage(progress.error());
  EphemeralFolder checkpoints;
  Selection selection{arguments.job, arguments.trigger,
                      arguments.ephemeral_checkpoint ? checkpoints.path() : ""};
  auto prepared = Prepare(arguments.manifest, arguments.reading, selection, *world);
  if (!prepared) return usage(prepared.error());

  size_t jobs = 0;
  for (const auto& workflow : prepared->workflows) jobs += workflow.jobs.size();
  if ((arguments.assume_committed || arguments.replay || arguments.accept_changes) && jobs > 1) {
    return usage(InvalidArgument(
        "--assume-committed, --replay and --accept-changes are said of one job, and {} has {}: add --job NAME",
        arguments.manifest, jobs));
  }

  observe::Screen screen(host.err, {host.terminal, host.width});
  HideSecrets(*prepared, &screen);
  bool broken = HasErrors(prepared->diagnostics);
  Excerpts excerpts;
  for (const auto& diagnostic : prepared->diagnostics) {
    if (!arguments.quiet || diagnostic.severity != Severity::kNote)
      screen.Print(excerpts.ToText(diagnostic));
  }
  if (broken) {
    PrintError(host, InvalidArgument("{} has {}; nothing was run", arguments.manifest,
                                     CountMistakes(prepared->diagnostics)));
    return kFailed;
  }

  StopSignals signals([&](std::string_view text) { screen.Print(text); });
  WorkflowRun run{.arguments = arguments,
                  .host = host,
                  .screen = screen,
                  .resources = *prepared->resources,
                  .progress = std::move(*progress),
                  .finish_batch = signals.finish_batch(),
                  .stop_now = signals.stop_now()};
  int code = kOk;
  for (const auto& workflow : prepared->workflows) {
    if (signals.finish_batch().stop_requested()) break;
    code = std::max(code, RunWorkflow(workflow, run));
  }
  return signals.stop_now().stop_requested() ? static_cast<int>(kStopped) : code;
}

}  // namespace flare::cli
