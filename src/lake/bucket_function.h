#pragma once
#include "base/result.h"
#include "engine/database.h"

namespace flare::lake {

/// Registers kBucketFunction and its decimal sister, which bucket partitions of a COPY call. Once a database.
Status RegisterBucketFunction(engine::Connection& connection);

}  // namespace flare::lake
