#pragma once
#include <cstdint>
#include <set>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/table_metadata.h"

namespace flare::connector::iceberg {

/// Removes what dead attempts left of batches whose snapshots are about to be taken out of `metadata`: of batches from
/// before the first that a table holds, nobody can tell any more what was left from what was expired. Batches that stay
/// tellable are not touched, so no attempt in flight is either. For lake::BeforeExpiry.
/// Errors: as RemoveLeftovers, with what it means for the expiry.
Status RemoveUntellable(const lake::TableMetadata& metadata, const std::set<int64_t>& removed, io::FileSystem* files);

}  // namespace flare::connector::iceberg
