#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/file_system.h"
#include "lake/deletion.h"
#include "lake/retention.h"
#include "lake/table.h"

namespace flare::lake {

/// Files that no snapshot of a table needs any more, by kind, as local paths.
struct Garbage {
  std::set<std::string> data_files;  ///< delete files as well
  std::set<std::string> manifests, manifest_lists, statistics;
  int64_t outside = 0;     ///< files of removed snapshots that lie in no folder of the table: they are left
  int64_t unreadable = 0;  ///< manifests of removed snapshots that are gone: what they named is left
  size_t size() const { return data_files.size() + manifests.size() + manifest_lists.size() + statistics.size(); }
};

struct ExpireResult {
  Retention plan;
  int64_t snapshots_before = 0;
  int64_t older_than_ms = 0;   ///< what main's snapshots were measured by
  TableVersion before, after;  ///< the same where nothing was published
  Garbage garbage;             ///< what goes, or would go
  Deletion deletion;           ///< empty on a dry run
};

/// Removes the snapshots that PlanRetention lets go from the table's metadata, and only when that is published
/// deletes the files that the newest version of the table does not need. Safe beside writers, readers of what
/// is kept, and other expiries; a crash in between leaves files that RemoveOrphans finds. With `dry_run`
/// nothing is changed. Only files in the table's own folders are deleted.
/// Errors: NotFound (no table), InvalidArgument (a table that was moved), Unsupported (gc.enabled is false, a
/// format version other than 2), Conflict (after commit.retry.* tries), what the disk says. When it returns an
/// error from before the publication, nothing was deleted.
Result<ExpireResult> ExpireSnapshots(const Table& table, const RetentionRequest& request, bool dry_run,
                                     io::FileSystem* files, Clock* clock);

}  // namespace flare::lake
