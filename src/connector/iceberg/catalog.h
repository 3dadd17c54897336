#pragma once
#include <memory>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/table.h"
#include "manifest/resources.h"

namespace flare::connector::iceberg {

/// The table that an address of a FILE depot, or a plain path, means. Touches no file.
/// Errors: InvalidArgument, Unsupported (the depot's catalog).
Result<std::unique_ptr<lake::Table>> TableOf(const manifest::Address& address, const manifest::Resources& resources,
                                             io::FileSystem* files);

}  // namespace flare::connector::iceberg
