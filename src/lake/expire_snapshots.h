#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/file_system.h"
#include "lake/deletion.h"
#include "lake/garbage.h"
#include "lake/retention.h"
#include "lake/table.h"

namespace flare::lake {

struct ExpireResult {
  Retention plan;
  int64_t snapshots_before = 0;
  int64_t older_than_ms = 0;   ///< what main's snapshots were measured by
  TableVersion before, after;  ///< the same where nothing was published
  Garbage garbage;             ///< what goes, or would go
  Deletion deletion;           ///< empty on a dry run
};

/// Asked before snapshots are taken out of `base`, for each base that is tried: does what can only be done while they
/// are there. An error stops the expiry.
using BeforeExpiry = std::function<Status(const TableMetadata& base, const std::set<int64_t>& removed)>;

/// Removes the snapshots that PlanRetention lets go from the table's metadata, and only when that is published
/// deletes the files that the newest version of the table does not need. Safe beside writers, readers of what
/// is kept, and other expiries. What was begun and not finished, by a crash or as a file could not be deleted, is
/// noted in the table's metadata folder for FinishExpiries. With `dry_run` nothing is changed. Only files in the
/// table's own folders are deleted.
/// Errors: NotFound (no table), InvalidArgument (a table that was moved), Unsupported (gc.enabled is false, a
/// format version other than 2), Conflict (after commit.retry.* tries), what `before` and the disk say. When it
/// returns an error from before the publication, no file of a snapshot was deleted.
Result<ExpireResult> ExpireSnapshots(const Table& table, const RetentionRequest& request, bool dry_run,
                                     io::FileSystem* files, Clock* clock, const BeforeExpiry& before = {});

struct FinishResult {
  int64_t expiries = 0;  ///< that were cut off, whether before or after their publication
  Garbage garbage;       ///< what they left, or what would go
  Deletion deletion;     ///< empty on a dry run
};

/// Finishes the expiries of a table that were cut off: deletes what they would have, except what the newest version
/// needs; nothing where one was never published. One listing of the metadata folder where there are none. Leaves
/// those that are at work, and all where gc.enabled is false. `metadata` is any version of the table.
/// Errors: as ExpireSnapshots; what was not finished is found again.
Result<FinishResult> FinishExpiries(const Table& table, const TableMetadata& metadata, bool dry_run,
                                    io::FileSystem* files);

}  // namespace flare::lake
