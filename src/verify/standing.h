#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lake/table.h"
#include "verify/batches.h"

namespace flare::verify {

/// A table of the job, as it is now.
struct JobTable {
  std::string name;  ///< its address
  std::string branch;
  lake::TableMetadata metadata;
};

/// Up to where everything is written.
struct Standing {
  std::vector<std::optional<std::string>> offsets;  ///< one a source; nullopt = at its beginning
  std::string proof;                                ///< where that was read
};

/// Where the tables of a query stand, told by their snapshots first and by the logs where these carry no offsets.
/// With damaged logs the tables alone are enough.
/// Errors: NotFound (nothing was ever committed), Conflict (the tables and the logs, or two tables, disagree, or
/// nothing can tell).
Result<Standing> StandingOf(const Logs& logs, const std::vector<JobTable>& tables);

}  // namespace flare::verify
