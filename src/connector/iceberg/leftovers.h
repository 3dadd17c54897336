#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/table_metadata.h"

namespace flare::connector::iceberg {

/// Start of the names of all files that a query writes for one batch, whichever attempt writes
/// them.
std::string BatchName(const std::string& query_id, int64_t batch_id);

/// Removes the data files, manifests and manifest lists that attempts at a query's batches up to
/// `last_batch` left behind: those of batches since the first that a retained snapshot holds, and
/// that no retained snapshot names. Syncs the folders, so that a power cut does not bring them
/// back. `last_batch` is proven committed, so nobody writes such files any more except a paused run
/// whose commit will be refused. Returns whether a snapshot holds `last_batch`; without one, its
/// files are left. Errors: of the disk, Corruption or NotFound when a snapshot cannot be read; what
/// was not removed is found again the next time.
Result<bool> RemoveLeftovers(const lake::TableMetadata& metadata, const std::string& query_id,
                             int64_t last_batch, io::FileSystem* files);

}  // namespace flare::connector::iceberg
