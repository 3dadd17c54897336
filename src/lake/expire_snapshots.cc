#include "lake/expire_snapshots.h"

#include "base/fail_point.h"
#include "lake/commit.h"
#include "lake/expiry_journal.h"
#include "lake/reachable.h"
#include "lake/table_properties.h"

namespace flare::lake {
namespace {

class Expiry {
 public:
  Expiry(const Table& table, const RetentionRequest& request, const BeforeExpiry& before, io::FileSystem* files,
         Clock* clock)
      : table_(table), request_(request), before_(before), files_(files), clock_(clock) {}

  Result<ExpireResult> Run(bool dry_run) {
    ASSIGN_OR_RETURN(result_.before, table_.Load());
    RETURN_IF_ERROR(table_.CheckPlace(result_.before.metadata));
    PathNames names;
    RETURN_IF_ERROR(CheckMetadataInLocation(result_.before, &names));
    RETURN_IF_ERROR(dry_run ? Imagine() : Publish());
    if (result_.plan.removed.empty()) return std::move(result_);
    if (dry_run) {
      ASSIGN_OR_RETURN(result_.garbage, FindGarbage(result_.after.metadata, expired_, files_));
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
      expired_.manifest_lists.push_back(std::move(snapshot.manifest_list));
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

  /// What must be done before anything is published on top of `base`.
  Status Prepare(const TableMetadata& base) {
    // A try before this one was refused: nothing will come of what its journal says.
    if (auto refused = std::exchange(journal_, nullptr)) RETURN_IF_ERROR(refused->Remove());
    if (result_.plan.removed.empty() || base.format_version() != 2) return Ok();  // nothing to publish, or refused
    if (before_) RETURN_IF_ERROR(before_(base, result_.plan.removed));
    ASSIGN_OR_RETURN(journal_, ExpiryJournal::Write(base, expired_, files_));
    return Ok();
  }

  Status Publish() {
    FAIL_POINT("lake.before_expire");
    auto change = [&](TableMetadata* metadata) -> Result<bool> {
      const TableMetadata base = *metadata;
      ASSIGN_OR_RETURN(bool changed, Change(metadata));
      RETURN_IF_ERROR(Prepare(base));
      return changed;
    };
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
        return FindGarbage(newest.metadata, expired_, files_);
      }
      return Conflict("the table was dropped and made anew meanwhile");
    });
    if (!garbage) {
      return std::move(garbage).error().With(
          "while looking for what the expired snapshots alone needed: they are expired, but no file was deleted");
    }
    result_.garbage = std::move(*garbage);
    RETURN_IF_ERROR(DeleteGarbage(result_.garbage, files_, &result_.deletion));
    return result_.deletion.failed == 0 ? journal_->Remove() : Ok();
  }

  const Table& table_;
  const RetentionRequest& request_;
  const BeforeExpiry& before_;
  io::FileSystem* files_;
  Clock* clock_;
  Expired expired_;
  std::unique_ptr<ExpiryJournal> journal_;
  ExpireResult result_;
};

void Add(const Garbage& more, Garbage* sum) {
  sum->data_files.insert(more.data_files.begin(), more.data_files.end());
  sum->manifests.insert(more.manifests.begin(), more.manifests.end());
  sum->manifest_lists.insert(more.manifest_lists.begin(), more.manifest_lists.end());
  sum->statistics.insert(more.statistics.begin(), more.statistics.end());
  sum->outside += more.outside;
  sum->unreadable += more.unreadable;
}

/// Whether the files that a journal of this version's table names are the table's to delete.
Result<bool> MayDelete(const Table& table, const TableVersion& version) {
  RETURN_IF_ERROR(table.CheckPlace(version.metadata));
  PathNames names;
  RETURN_IF_ERROR(CheckMetadataInLocation(version, &names));
  ASSIGN_OR_RETURN(RetentionProperties properties, ParseRetentionProperties(version.metadata.properties()));
  return properties.gc_enabled;
}

/// Does what one journal still asks for. False: it is not this table's to do.
Result<bool> FinishOne(const Table& table, ExpiryJournal* journal, bool dry_run, io::FileSystem* files,
                       FinishResult* result) {
  bool ours = false;
  auto garbage = LookAtNewest<Garbage>(table, [&](const TableVersion& newest) -> Result<Garbage> {
    ASSIGN_OR_RETURN(ours, MayDelete(table, newest));
    ours = ours && newest.metadata.uuid() == journal->table_uuid();  // a table dropped and made anew is another one
    if (!ours) return Garbage();
    return FindGarbage(newest.metadata, journal->expired(), files);
  });
  if (!garbage) return std::move(garbage).error().With("while looking for what an expiry that was cut off has left");
  if (!ours) return false;
  Add(*garbage, &result->garbage);
  if (dry_run) return true;
  Deletion deletion;
  RETURN_IF_ERROR(DeleteGarbage(*garbage, files, &deletion));
  result->deletion.files += deletion.files;
  result->deletion.bytes += deletion.bytes;
  result->deletion.failed += deletion.failed;
  if (!result->deletion.first_failure) result->deletion.first_failure = std::move(deletion.first_failure);
  if (deletion.failed == 0) RETURN_IF_ERROR(journal->Remove());
  return true;
}

}  // namespace

Result<ExpireResult> ExpireSnapshots(const Table& table, const RetentionRequest& request, bool dry_run,
                                     io::FileSystem* files, Clock* clock, const BeforeExpiry& before) {
  return Expiry(table, request, before, files, clock).Run(dry_run);
}

Result<FinishResult> FinishExpiries(const Table& table, const TableMetadata& metadata, bool dry_run,
                                    io::FileSystem* files) {
  FinishResult result;
  ASSIGN_OR_RETURN(std::string folder, MetadataFolderOf(metadata));
  ASSIGN_OR_RETURN(std::vector<std::string> journals, ExpiryJournal::Find(folder, dry_run, files));
  for (const std::string& path : journals) {
    auto journal = ExpiryJournal::Take(path, files);
    bool taken = !journal && (journal.error().code() == Code::kConflict || journal.error().code() == Code::kNotFound);
    if (taken) continue;  // somebody is at it, or was
    if (!journal) return std::move(journal).error();
    ASSIGN_OR_RETURN(bool ours, FinishOne(table, journal->get(), dry_run, files, &result));
    result.expiries += ours ? 1 : 0;
  }
  return result;
}

}  // namespace flare::lake
