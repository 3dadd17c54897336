#include <array>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/world.h"
#include "connector/iceberg/catalog.h"
#include "connector/iceberg/epoch.h"
#include "connector/iceberg/untellable.h"
#include "io/file_system.h"
#include "lake/expire_snapshots.h"
#include "lake/json.h"
#include "lake/orphans.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

using lake::Json;
using observe::FormatBytes;
using observe::FormatCount;

std::string Counted(int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", FormatCount(count), count == 1 ? one : many);
}
std::string Files(int64_t count) { return Counted(count, "file", "files"); }
std::string Snapshots(int64_t count) { return Counted(count, "snapshot", "snapshots"); }
int64_t Size(const std::set<std::string>& paths) { return static_cast<int64_t>(paths.size()); }

std::string PathLines(const std::set<std::string>& paths) {
  std::string text;
  for (const auto& path : paths) text += fmt::format("    {}\n", path);
  return text;
}

Json PathArray(const std::set<std::string>& paths) {
  Json array = Json::array();
  for (const auto& path : paths) array.push_back(path);
  return array;
}

std::array<const std::set<std::string>*, 4> KindsOf(const lake::Garbage& garbage) {
  return {&garbage.data_files, &garbage.manifests, &garbage.manifest_lists, &garbage.statistics};
}

Json PathArrayOf(const lake::Garbage& garbage) {
  Json paths = Json::array();
  for (const auto* kind : KindsOf(garbage)) {
    for (const auto& path : *kind) paths.push_back(path);
  }
  return paths;
}

/// What `flare maintain` did, as text for people and as JSON for programs.
class Report {
 public:
  Report(const MaintainArguments& arguments, const std::string& place) : dry_run_(arguments.dry_run) {
    text_ = fmt::format("table {} in {}{}\n", arguments.dataset, place, dry_run_ ? "; nothing is changed" : "");
    json_ = {{"dataset", arguments.dataset}, {"place", place}, {"dryRun", dry_run_}};
  }

  void Add(const lake::FinishResult& result) {
    if (result.expiries == 0) return;
    int64_t count = dry_run_ ? static_cast<int64_t>(result.garbage.size()) : result.deletion.files;
    text_ += fmt::format("  finished   {} that was cut off: {} {}\n", Counted(result.expiries, "expiry", "expiries"),
                         Files(count), dry_run_ ? "would be deleted" : "deleted");
    json_["finished"] = {{"expiries", result.expiries}, {"deleted", result.deletion.files},
                         {"bytes", result.deletion.bytes}, {"failed", result.deletion.failed}};
    if (!dry_run_) return;
    json_["finished"]["paths"] = PathArrayOf(result.garbage);
    for (const auto* paths : KindsOf(result.garbage)) text_ += PathLines(*paths);
  }

  void Add(const lake::ExpireResult& result) {
    auto removed = static_cast<int64_t>(result.plan.removed.size());
    text_ += fmt::format("  snapshots  {} of {} {}, older than {}\n", FormatCount(removed),
                         FormatCount(result.snapshots_before), dry_run_ ? "would expire" : "expired",
                         observe::FormatTimestamp(WallTime(Millis(result.older_than_ms))));
    if (!result.plan.removed_refs.empty()) {
      text_ += fmt::format("  branches   {} by their age: {}\n", dry_run_ ? "would be removed" : "removed",
                           fmt::join(result.plan.removed_refs, ", "));
    }
    for (const auto& held : result.plan.held) text_ += HeldText(held);
    const lake::Garbage& garbage = result.garbage;
    text_ += fmt::format("  files      {} {}: {} manifest lists, {} manifests, {} data, {} statistics\n",
                         Files(dry_run_ ? static_cast<int64_t>(garbage.size()) : result.deletion.files),
                         dry_run_ ? "would be deleted" : "deleted, " + FormatBytes(result.deletion.bytes),
                         FormatCount(Size(garbage.manifest_lists)), FormatCount(Size(garbage.manifests)),
                         FormatCount(Size(garbage.data_files)), FormatCount(Size(garbage.statistics)));
    for (const auto* paths : KindsOf(garbage)) {
      if (dry_run_) text_ += PathLines(*paths);
    }
    if (garbage.outside > 0) {
      text_ += fmt::format("  left       {} outside of the table's folders\n", Files(garbage.outside));
    }
    if (!dry_run_ && removed > 0) {
      text_ += fmt::format("  metadata   {} before, {} now\n", FormatBytes(result.before.file_size),
                           FormatBytes(result.after.file_size));
    }
    AddJson(result);
  }

  void Add(const lake::OrphanResult& result, Millis age) {
    text_ += fmt::format("  orphans    {} {}, {}; {} younger than {}\n",
                         Files(dry_run_ ? Size(result.orphans) : result.deletion.files),
                         dry_run_ ? "would be deleted" : "deleted",
                         FormatBytes(dry_run_ ? result.bytes : result.deletion.bytes),
                         FormatCount(result.young), observe::FormatDuration(age));
    if (dry_run_) text_ += PathLines(result.orphans);
    if (result.unknown > 0) text_ += fmt::format("  left       {} that no Iceberg writer makes\n", Files(result.unknown));
    for (const auto& folder : result.left_folders) {
      text_ += fmt::format("  left       the folder {}: other tables may keep files there\n", folder);
    }
    json_["orphans"] = {{"files", Size(result.orphans)},
                        {"bytes", result.bytes},
                        {"deleted", result.deletion.files},
                        {"failed", result.deletion.failed},
                        {"young", result.young},
                        {"unknown", result.unknown},
                        {"leftFolders", result.left_folders}};
    if (dry_run_) json_["orphans"]["paths"] = PathArray(result.orphans);
  }

  const std::string& text() const { return text_; }
  std::string json() const { return lake::DumpJson(json_) + "\n"; }

 private:
  static std::string HeldText(const lake::HeldBack& held) {
    std::string what = held.snapshots > 0 ? "kept " + Snapshots(held.snapshots) + " more" : "kept the branch";
    return fmt::format("  held back  {} on {}: the newest batch of query {} is there. If that job is gone for good, "
                       "--forget-query {} lets go\n", what, held.branch, held.writer, held.writer);
  }

  void AddJson(const lake::ExpireResult& result) {
    Json held = Json::array();
    for (const auto& one : result.plan.held) {
      held.push_back({{"query", one.writer}, {"branch", one.branch}, {"snapshotId", one.snapshot_id},
                      {"snapshots", one.snapshots}});
    }
    const lake::Garbage& garbage = result.garbage;
    Json& expired = json_["expired"];
    expired = {{"snapshots", result.plan.removed.size()},
               {"snapshotsBefore", result.snapshots_before},
               {"olderThanMs", result.older_than_ms},
               {"branches", result.plan.removed_refs},
               {"heldBack", std::move(held)},
               {"dataFiles", Size(garbage.data_files)},
               {"manifests", Size(garbage.manifests)},
               {"manifestLists", Size(garbage.manifest_lists)},
               {"statistics", Size(garbage.statistics)},
               {"outside", garbage.outside},
               {"deleted", result.deletion.files},
               {"bytes", result.deletion.bytes},
               {"failed", result.deletion.failed}};
    if (!dry_run_) {
      expired["metadataBytesBefore"] = result.before.file_size;
      expired["metadataBytes"] = result.after.file_size;
      return;
    }
    expired["paths"] = PathArrayOf(garbage);
  }

  bool dry_run_;
  std::string text_;
  Json json_;
};

Result<std::unique_ptr<lake::Table>> FindTable(const MaintainArguments& arguments, const Host& host) {
  ASSIGN_OR_RETURN(auto world, OpenWorld(arguments.world, host));
  ASSIGN_OR_RETURN(auto address, world.resources.Resolve({arguments.dataset, {}}));
  return connector::iceberg::TableOf(address, world.resources, &io::LocalFileSystem());
}

lake::RetentionRequest RetentionOf(const MaintainArguments& arguments, const Host& host) {
  lake::RetentionRequest request;
  if (arguments.expire_older_than) {
    request.older_than_ms = (host.clock->Now() - *arguments.expire_older_than).time_since_epoch().count();
  }
  request.retain_last = arguments.retain_last;
  request.writers = {{connector::iceberg::kQueryIdKey, connector::iceberg::kEpochIdKey}};
  request.forgotten_writers = {arguments.forget_queries.begin(), arguments.forget_queries.end()};
  return request;
}

/// The error of files that could not be deleted, if there are any.
Status Check(const lake::Deletion& deletion, const char* what, const char* then) {
  if (deletion.failed == 0) return Ok();
  return Error(*deletion.first_failure).With(fmt::format("while deleting {}: {} could not be deleted{}", what,
                                                         Files(deletion.failed), then));
}

/// What earlier runs began and could not finish. What is in the way does not keep this one from its own work.
Status Finish(const lake::Table& table, bool dry_run, io::FileSystem* files, Report* report) {
  ASSIGN_OR_RETURN(lake::TableVersion newest, table.Load());
  ASSIGN_OR_RETURN(auto finished, lake::FinishExpiries(table, newest.metadata, dry_run, files));
  report->Add(finished);
  return Check(finished.deletion, "what an expiry that was cut off left", "; the next run tries again");
}

Status Expire(const lake::Table& table, const MaintainArguments& arguments, const Host& host, Report* report) {
  io::FileSystem& files = io::LocalFileSystem();
  auto clear = [&](const lake::TableMetadata& base, const std::set<int64_t>& removed) {
    return connector::iceberg::RemoveUntellable(base, removed, &files);
  };
  ASSIGN_OR_RETURN(auto expired, lake::ExpireSnapshots(table, RetentionOf(arguments, host), arguments.dry_run, &files,
                                                       host.clock, clear));
  report->Add(expired);
  return Check(expired.deletion, "the files of expired snapshots", "; the next run tries again");
}

Status Work(const lake::Table& table, const MaintainArguments& arguments, const Host& host, Report* report) {
  io::FileSystem& files = io::LocalFileSystem();
  Status finished = Finish(table, arguments.dry_run, &files, report);
  if (!finished && finished.error().code() == Code::kNotFound && !table.Load()) {
    return NotFound("there is no table {} (it would be in {})", arguments.dataset, table.place());
  }
  RETURN_IF_ERROR(Expire(table, arguments, host, report));
  RETURN_IF_ERROR(std::move(finished));
  if (!arguments.remove_orphans) return Ok();
  int64_t older_than_ms = (host.clock->Now() - arguments.orphan_age).time_since_epoch().count();
  ASSIGN_OR_RETURN(auto orphans, lake::RemoveOrphans(table, older_than_ms, arguments.dry_run, &files));
  report->Add(orphans, arguments.orphan_age);
  return Check(orphans.deletion, "orphans", "");
}

}  // namespace

int Maintain(const MaintainArguments& arguments, const Host& host) {
  auto table = FindTable(arguments, host);
  if (!table) {
    PrintError(host, table.error());
    return kUsage;
  }
  Report report(arguments, (*table)->place());
  Status done = Work(**table, arguments, host, &report);
  host.out(arguments.json ? report.json() : report.text());
  if (done) return kOk;
  PrintError(host, std::move(done).error().With(fmt::format("while maintaining {}", arguments.dataset)));
  return kFailed;
}

}  // namespace flare::cli
