#pragma once
#include <string>

#include "base/result.h"

namespace flare::io {

/// Gives a file or folder of the local disk another name there, durably.
/// Errors: AlreadyExists when that name is taken; NotFound, PermissionDenied; Unsupported (not in one step there).
Status Rename(const std::string& from, const std::string& to);

/// Swaps two names of the local disk in one step, durably: at every moment both exist. Errors: as Rename.
Status Exchange(const std::string& a, const std::string& b);

}  // namespace flare::io
