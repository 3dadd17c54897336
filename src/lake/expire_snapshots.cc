#include "lake/expire_snapshots.h"

#include "base/fail_point.h"
#include "lake/commit.h"
#include "lake/data_writer.h"
#include "lake/reachable.h"
#include "lake/table_properties.h"

namespace flare::lake {
namespace {

/// What was taken out of the metadata.
struct Expired {
  std::vector<Snapshot> snapshots;
  std::vector<std::string> statistics;  ///< URIs
};

/// Finds the files of expired snapshots that a version of the table does not need.
class GarbageFinder {
 public:
  GarbageFinder(const TableMetadata& table, const Expired& expired, io::FileSystem* files)
      : table_(table), expired_(expired), kept_(files, &names_), gone_(files, &names_) {}

  Result<Garbage> Find() {
    ASSIGN_OR_RETURN(std::string location, names_.OfFolder(table_.location()));
    ASSIGN_OR_RETURN(std::string data, DataFolderUri(table_));
    ASSIGN_OR_RETURN(data, names_.OfFolder(data));
    folders_ = {std::move(location), std::move(data)};
    ASSIGN_OR_RETURN(std::vector<Snapshot> snapshots, table_.Snapshots());
    for (const Snapshot& snapshot : snapshots) RETURN_IF_ERROR(kept_.AddSnapshot(snapshot));
    for (const Snapshot& snapshot : expired_.snapshots) RETURN_IF_ERROR(AddExpired(snapshot));
    RETURN_IF_ERROR(FindData());
    RETURN_IF_ERROR(FindStatistics());
    return std::move(garbage_);
  }

 private:
  Status AddExpired(const Snapshot& snapshot) {
    Status read = gone_.AddSnapshot(snapshot);
    // Another expiry, or one that was killed, may have been there: the rest is for the orphan removal.
    if (!read && read.error().code() != Code::kNotFound) return read;
    if (!read) ++garbage_.unreadable;
    return Ok();
  }

  void Add(const std::string& path, std::set<std::string>* kind) {
    bool own = std::any_of(folders_.begin(), folders_.end(), [&](const auto& folder) { return LiesIn(path, folder); });
    if (own) kind->insert(path);
    if (!own) ++garbage_.outside;
  }

  Status FindData() {
    for (const std::string& list : gone_.lists()) {
      if (!kept_.lists().contains(list)) Add(list, &garbage_.manifest_lists);
    }
    std::set<std::string> data;
    for (const auto& [path, row] : gone_.manifests()) {
      if (kept_.manifests().contains(path)) continue;
      Add(path, &garbage_.manifests);
      auto live = gone_.LiveFiles(table_, row);
      if (!live && live.error().code() != Code::kNotFound) return std::move(live).error();
      if (!live) ++garbage_.unreadable;
      if (live) data.insert(live->begin(), live->end());
    }
    for (const auto& [path, row] : kept_.manifests()) {
      if (data.empty()) break;
      ASSIGN_OR_RETURN(std::vector<std::string> live, kept_.LiveFiles(table_, row));
      for (const std::string& file : live) data.erase(file);
    }
    for (const std::string& file : data) Add(file, &garbage_.data_files);
    return Ok();
  }

  Status FindStatistics() {
    std::set<std::string> needed;
    ASSIGN_OR_RETURN(auto files, table_.StatisticsFiles());
    for (const auto& [id, uri] : files) {
      ASSIGN_OR_RETURN(std::string path, names_.Of(uri));
      needed.insert(std::move(path));
    }
    for (const std::string& uri : expired_.statistics) {
      ASSIGN_OR_RETURN(std::string path, names_.Of(uri));
      if (!needed.contains(path)) Add(path, &garbage_.statistics);
    }
    return Ok();
  }

  const TableMetadata& table_;
  const Expired& expired_;
  PathNames names_;
  Reachable kept_, gone_;
  std::vector<std::string> folders_;
  Garbage garbage_;
};

class Expiry {
 public:
  Expiry(const Table& table, const RetentionRequest& request, io::FileSystem* files, Clock* clock)
      : table_(table), request_(request), files_(files), clock_(clock) {}

  Result<ExpireResult> Run(bool dry_run) {
    ASSIGN_OR_RETURN(result_.before, table_.Load());
    RETURN_IF_ERROR(table_.CheckPlace(result_.before.metadata));
    PathNames names;
    RETURN_IF_ERROR(CheckMetadataInLocation(result_.before, &names));
    RETURN_IF_ERROR(dry_run ? Imagine() : Publish());
    if (expired_.snapshots.empty()) return std::move(result_);
    if (dry_run) {
      ASSIGN_OR_RETURN(result_.garbage, GarbageFinder(result_.after.metadata, expired_, files_).Find());
      return std::move(result_);
    }
    RETURN_IF_ERROR(Clean());
    return std::move(result_);
  }

 private:
  Result<bool> Change(TableMetadata* metadata) {
    int64_t now_ms = clock_->Now().time_since_epoch().count();
    ASSIGN_OR_RETURN(RetentionProperties properties, ParseRetentionProperties(metadata->properties()));
    result_.older_than_ms = request_.older_than_ms.value_or(now_ms - properties.max_snapshot_age_ms);
    result_.snapshots_before = static_cast<int64_t>(metadata->snapshot_count());
    ASSIGN_OR_RETURN(result_.plan, PlanRetention(*metadata, request_, now_ms));
    expired_ = {};
    for (int64_t id : result_.plan.removed) {
      ASSIGN_OR_RETURN(Snapshot snapshot, metadata->FindSnapshot(id));
      expired_.snapshots.push_back(std::move(snapshot));
    }
    ASSIGN_OR_RETURN(auto statistics, metadata->StatisticsFiles());
    for (auto& [id, uri] : statistics) {
      if (result_.plan.removed.contains(id)) expired_.statistics.push_back(std::move(uri));
    }
    for (const std::string& ref : result_.plan.removed_refs) metadata->RemoveRef(ref);
    metadata->RemoveSnapshots(result_.plan.removed);
    return !result_.plan.removed.empty() || !result_.plan.removed_refs.empty();
  }

  Status Imagine() {
    result_.after = result_.before;
    ASSIGN_OR_RETURN(std::ignore, Change(&result_.after.metadata));
    return Ok();
  }

  Status Publish() {
    FAIL_POINT("lake.before_expire");
    auto change = [&](TableMetadata* metadata) { return Change(metadata); };
    auto published = ChangeMetadata(table_, result_.before, change, clock_);
    if (!published) return std::move(published).error().With("while expiring snapshots: no file was deleted");
    result_.after = std::move(*published);
    FAIL_POINT("lake.after_expire");
    return Ok();
  }

  Status Clean() {
    // Asked of the newest version: what others committed since must be kept as well.
    auto garbage = LookAtNewest<Garbage>(table_, [&](const TableVersion& newest) -> Result<Garbage> {
      if (newest.metadata.uuid() == result_.after.metadata.uuid()) {
        return GarbageFinder(newest.metadata, expired_, files_).Find();
      }
      return Conflict("the table was dropped and made anew meanwhile");
    });
    if (!garbage) {
      return std::move(garbage).error().With(
          "while looking for what the expired snapshots alone needed: they are expired, but no file was deleted");
    }
    result_.garbage = std::move(*garbage);
    for (const auto* paths : {&result_.garbage.data_files, &result_.garbage.manifests,
                              &result_.garbage.manifest_lists, &result_.garbage.statistics}) {
      RETURN_IF_ERROR(DeleteFiles(*paths, "lake.before_expired_file", "lake.after_expired_file", files_,
                                  &result_.deletion));
    }
    return Ok();
  }

  const Table& table_;
  const RetentionRequest& request_;
  io::FileSystem* files_;
  Clock* clock_;
  Expired expired_;
  ExpireResult result_;
};

}  // namespace

Result<ExpireResult> ExpireSnapshots(const Table& table, const RetentionRequest& request, bool dry_run,
                                     io::FileSystem* files, Clock* clock) {
  return Expiry(table, request, files, clock).Run(dry_run);
}

}  // namespace flare::lake
