#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/deletion.h"
#include "lake/table_metadata.h"

namespace flare::lake {

/// What removed snapshots named, as URIs: enough to find all that only they needed, as long as the lists are there.
struct Expired {
  std::vector<std::string> manifest_lists;
  std::vector<std::string> statistics;
};

/// Files that no snapshot of a table needs any more, by kind, as local paths.
struct Garbage {
  std::set<std::string> data_files;  ///< delete files as well
  std::set<std::string> manifests, manifest_lists, statistics;
  int64_t outside = 0;     ///< files of removed snapshots that lie in no folder of the table: they are left
  int64_t unreadable = 0;  ///< lists and manifests of removed snapshots that are gone, and with them what they named
  size_t size() const { return data_files.size() + manifests.size() + manifest_lists.size() + statistics.size(); }
};

/// What a version of the table does not need of what expired snapshots named. Errors: NotFound when a file that is
/// needed to tell is gone, Corruption.
Result<Garbage> FindGarbage(const TableMetadata& table, const Expired& expired, io::FileSystem* files);

/// Deletes data files first, then the manifests that name them, then the lists that name those, each kind synced
/// before the next: whatever stops it, the rest can be found from the lists. Files that cannot go keep the kinds
/// behind theirs. Errors: of a sync, and fail points'.
Status DeleteGarbage(const Garbage& garbage, io::FileSystem* files, Deletion* deletion);

}  // namespace flare::lake
