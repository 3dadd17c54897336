#pragma once
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/preparation.h"
#include "cli/world.h"
#include "verify/standing.h"

namespace flare::cli {

/// What a checkpoint command was pointed at: a folder, an address, or a job's manifest, which also says what the
/// job reads and writes.
struct CheckpointTarget {
  World world;
  Preparation prepared;         ///< empty without a manifest
  const plan::JobPlan* plan = nullptr;  ///< null without a manifest
  std::string folder;

  const manifest::Resources& resources() const { return prepared.resources ? *prepared.resources : world.resources; }
};

/// Errors: the command line's (no such file or job, several jobs and no --job), the manifest's (all its mistakes
/// are printed to `host` first).
Result<CheckpointTarget> FindCheckpoint(const CheckpointArguments& arguments, const Host& host);

/// The tables that the checkpoint's job writes: by the manifest, else by --table, else by what the newest batch
/// recorded. Errors: what opening one gives.
struct NamedTable {
  std::string name, branch;
  std::unique_ptr<lake::Table> table;
};
Result<std::vector<NamedTable>> TablesOf(const CheckpointTarget& target, const CheckpointArguments& arguments,
                                         const std::vector<std::string>& recorded);

}  // namespace flare::cli
