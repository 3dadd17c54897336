#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file_system.h"

namespace flare::lake {

/// What became of files that were to be deleted.
struct Deletion {
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t failed = 0;
  std::optional<Error> first_failure;
};

/// Deletes files, each between two fail points; one that cannot go does not keep the others. A file that was
/// gone already is not counted. Errors: only a fail point's.
Status DeleteFiles(const std::set<std::string>& paths, std::string_view before, std::string_view after,
                   io::FileSystem* files, Deletion* deletion);

}  // namespace flare::lake
