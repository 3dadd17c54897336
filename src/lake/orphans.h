#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/deletion.h"
#include "lake/table.h"

namespace flare::lake {

/// Below this age a file may well belong to a commit in flight.
inline constexpr int64_t kYoungestSafeOrphanMs = 3'600'000;
inline constexpr int64_t kDefaultOrphanAgeMs = int64_t{3} * 24 * 3'600'000;

struct OrphanResult {
  std::set<std::string> orphans;  ///< local paths, old enough
  int64_t bytes = 0;              ///< of these
  int64_t young = 0;              ///< named by nobody, but changed too recently
  int64_t unknown = 0;            ///< files of kinds that no Iceberg writer makes: left
  std::vector<std::string> left_folders;  ///< folders that were not looked into, as they may be another table's
  Deletion deletion;              ///< empty on a dry run
};

/// Finds the files in the table's metadata and data folders that an engine wrote there and that the newest
/// metadata, its snapshots and its log of metadata files do not name, and deletes those last changed before
/// `older_than_ms` (since the epoch). Age is all that tells a file of a commit in flight from one of a commit
/// that died: no writer may take longer over a commit. A data folder outside of the table's location is left
/// alone. Errors: NotFound (no table), InvalidArgument (a table that was moved), Unsupported (gc.enabled is
/// false), Corruption or NotFound when what the table needs cannot be read: nothing is deleted then.
Result<OrphanResult> RemoveOrphans(const Table& table, int64_t older_than_ms, bool dry_run, io::FileSystem* files);

}  // namespace flare::lake
