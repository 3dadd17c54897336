#include "base/fail_point.h"
#include "base/random.h"
#include "checkpoint/checkpoint.h"
#include "cli/checkpoint_target.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "io/file_lock.h"
#include "io/file_system.h"
#include "io/rename.h"
#include "observe/units.h"
#include "verify/log_check.h"
#include "verify/standing.h"

namespace flare::cli {
namespace {

/// "20261123T094500Z": part of the backup's name.
std::string Stamp(WallTime now) {
  std::string text = observe::FormatTimestamp(now);
  std::string stamp;
  for (char c : text.substr(0, 19)) {
    if (c != '-' && c != ':') stamp += c;
  }
  return stamp + "Z";
}

class Reset {
 public:
  Reset(const CheckpointTarget& target, const CheckpointArguments& arguments, const Host& host)
      : target_(target), arguments_(arguments), host_(host), files_(io::LocalFileSystem()) {}

  Result<int> Run() {
    ASSIGN_OR_RETURN(bool there, files_.Exists(target_.folder));
    if (!there) return NotFound("there is no checkpoint in {}", target_.folder);
    FAIL_POINT("checkpoint.before_lock");
    ASSIGN_OR_RETURN(auto lock, io::FileLock::Acquire(io::JoinPath(target_.folder, ".flare.lock"), "flare checkpoint reset"));
    FAIL_POINT("checkpoint.after_lock");
    verify::Report report(target_.folder);
    ASSIGN_OR_RETURN(logs_, verify::CheckLogs(files_, target_.folder, &report));
    std::optional<verify::Standing> standing;
    if (arguments_.keep_position) {
      ASSIGN_OR_RETURN(standing, Stand());
    }
    if (!Confirmed(standing)) {
      host_.err("nothing was changed\n");
      return static_cast<int>(kFailed);
    }
    std::string backup = fmt::format("{}.backup-{}", target_.folder, Stamp(host_.clock->Now()));
    RETURN_IF_ERROR(standing ? Renew(*standing, backup) : Keep(target_.folder, backup));
    host_.out(fmt::format("the old checkpoint is in {}\n{}\n", backup,
                          standing ? "the next run goes on where the tables end, as a new query"
                                   : "the next run begins at the job's startingOffsets, as a new query"));
    return static_cast<int>(kOk);
  }

 private:
  Result<verify::Standing> Stand() {
    if (target_.plan == nullptr) {
      return InvalidArgument("--keep-position needs the job's manifest instead of its checkpoint: what a position looks like, "
                             "and where the tables stand, is known to the job");
    }
    ASSIGN_OR_RETURN(auto named, TablesOf(target_, arguments_, {}));
    std::vector<verify::JobTable> tables;
    for (const auto& one : named) {
      auto version = one.table->Load();
      if (!version && version.error().code() == Code::kNotFound) continue;
      if (!version) return std::move(version).error().With(fmt::format("while reading {}", one.name));
      tables.push_back({one.name, one.branch, std::move(version->metadata)});
    }
    ASSIGN_OR_RETURN(auto standing, verify::StandingOf(logs_, tables));
    if (standing.offsets.size() != target_.plan->sources.size()) {
      return Conflict("{} names {} sources, but the job has {}; reset without --keep-position", standing.proof,
                      standing.offsets.size(), target_.plan->sources.size());
    }
    return standing;
  }

  bool Confirmed(const std::optional<verify::Standing>& standing) {
    std::string text = fmt::format("checkpoint {}: {}\n", target_.folder,
                                   logs_.batches.empty() ? "no batch was logged"
                                                         : fmt::format("batches up to {}", logs_.batches.back().id));
    if (standing) {
      text += fmt::format("it begins anew as another query, at the position of {}:\n", standing->proof);
      for (const auto& offset : standing->offsets) text += fmt::format("  {}\n", offset.value_or("the beginning"));
      text += "nothing is read twice and nothing is left out.\n";
    } else {
      text += "the next run begins as another query, at the job's startingOffsets: what it reads again is written again.\n"
              "(--keep-position MANIFEST goes on where the tables end.)\n";
    }
    host_.err(text);
    if (arguments_.yes) return true;
    if (!host_.ask) {
      host_.err("answer with --yes, as nobody can be asked here\n");
      return false;
    }
    return host_.ask("type yes to go on: ") == "yes";
  }

  /// Makes the new checkpoint aside and swaps the two, so that a crash leaves either the old or the new one.
  Status Renew(const verify::Standing& standing, const std::string& backup) {
    std::string aside = fmt::format("{}.new-{}", target_.folder, NewUuid());
    Status made = MakeAt(aside, standing);
    if (made) made = PutInPlace(aside);
    if (made) return Keep(aside, backup);
    std::ignore = Discard(aside);
    return made;
  }

  Status PutInPlace(const std::string& aside) {
    FAIL_POINT("checkpoint.before_exchange");
    RETURN_IF_ERROR(io::Exchange(aside, target_.folder));
    FAIL_POINT("checkpoint.after_exchange");
    return Ok();
  }

  static Status Keep(const std::string& old, const std::string& backup) {
    FAIL_POINT("checkpoint.before_backup");
    RETURN_IF_ERROR(io::Rename(old, backup));
    FAIL_POINT("checkpoint.after_backup");
    return Ok();
  }

  Status Discard(const std::string& aside) {
    FAIL_POINT("checkpoint.before_discard");
    RETURN_IF_ERROR(files_.RemoveTree(aside));
    FAIL_POINT("checkpoint.after_discard");
    return Ok();
  }

  Status MakeAt(const std::string& folder, const verify::Standing& standing) {
    ASSIGN_OR_RETURN(auto fresh, checkpoint::Checkpoint::Open(files_, folder, "flare checkpoint reset"));
    connector::Environment environment;
    environment.files = &files_;
    environment.clock = host_.clock;
    environment.resources = &target_.resources();
    environment.job_name = *target_.plan->job.name;
    for (size_t i = 0; i < standing.offsets.size(); ++i) {
      if (!standing.offsets[i]) continue;
      const auto& planned = target_.plan->sources[i];
      ASSIGN_OR_RETURN(auto source, planned.connector->make_source(planned.input, planned.address, environment));
      std::string bytes = source->FormatInitial(*standing.offsets[i]);
      RETURN_IF_ERROR(source->ParseInitial(bytes));
      RETURN_IF_ERROR(fresh->WriteSourceInitial(i, bytes));
    }
    return Ok();
  }

  const CheckpointTarget& target_;
  const CheckpointArguments& arguments_;
  const Host& host_;
  io::FileSystem& files_;
  verify::Logs logs_;
};

}  // namespace

int ResetCheckpoint(const CheckpointArguments& arguments, const Host& host) {
  auto target = FindCheckpoint(arguments, host);
  if (!target) {
    PrintError(host, target.error());
    return kUsage;
  }
  auto code = Reset(*target, arguments, host).Run();
  if (code) return *code;
  PrintError(host, code.error());
  return kFailed;
}

}  // namespace flare::cli
