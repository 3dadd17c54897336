#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "manifest/job.h"
#include "manifest/resources.h"

namespace flare::manifest {

struct LoadOptions {
  bool strict = false;       ///< unknown keys, and streams without a written checkpoint, are errors
  bool interpolate = true;   ///< replace `${NAME}` and `$NAME`; `$${NAME}` stays as `${NAME}`
  bool allow_unset = false;  ///< an unset variable is empty text instead of an error
  bool allow_ephemeral_checkpoint = false;  ///< a stream without a checkpoint is a warning only
  /// What `${NAME}` may name: -e over --env-file over the environment, merged by the caller.
  std::map<std::string, std::string> variables;
  /// Depots to check addresses against; null = only their form is checked.
  const Resources* resources = nullptr;
};

/// A manifest's file, read as far as it could be. Where `diagnostics` has errors the workflows may
/// lack what the errors name, and must not be run.
struct LoadedManifest {
  std::vector<Workflow> workflows;
  Resources resources;      ///< depots, secrets and computes that stand in the same file
  Diagnostics diagnostics;  ///< sorted by place
};

/// Reads a manifest's file. Every mistake is in `diagnostics`; the Error is for a file that cannot
/// be read.
Result<LoadedManifest> LoadFile(const std::string& path, const LoadOptions& options);
/// The same from text; `file` is what positions name, and where relative paths start.
LoadedManifest LoadText(std::string_view text, const std::string& file, const LoadOptions& options);

/// Sorts by file, line and column and drops repeats of one code at one place.
void SortAndDeduplicate(Diagnostics* diagnostics);

/// Positions in `workflow.jobs` in an order in which every job follows its dependencies; jobs keep
/// the written order where they are free to. Errors: NotFound (dependency), InvalidArgument (cycle,
/// named).
Result<std::vector<size_t>> RunOrder(const Workflow& workflow);

}  // namespace flare::manifest
