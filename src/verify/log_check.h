#pragma once
#include <string>

#include "base/result.h"
#include "io/file_system.h"
#include "verify/batches.h"
#include "verify/report.h"

namespace flare::verify {

/// Reads a checkpoint's logs and holds them against each other: names without gaps, texts that can be read, each
/// batch starting where the one before ended, no offset or watermark that goes back.
/// Errors: NotFound (no checkpoint), PermissionDenied. Damage is a finding, not an error.
Result<Logs> CheckLogs(io::FileSystem& files, const std::string& directory, Report* report);

}  // namespace flare::verify
