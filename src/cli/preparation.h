#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/world.h"
#include "manifest/job.h"
#include "plan/job_plan.h"

namespace flare::cli {

/// Which jobs, and what the command line says instead of the manifest.
struct Selection {
  std::string job;  ///< "" = all
  std::optional<TriggerChoice> trigger;
  /// Where streams without a checkpoint keep one while they run; "" = they are mistakes.
  std::string ephemeral_checkpoints = {};
};

/// A job that was chosen, and its plan: nullopt when there is an error among the diagnostics.
struct PreparedJob {
  manifest::Job job;
  std::optional<plan::JobPlan> plan;
};
struct PreparedWorkflow {
  manifest::Workflow workflow;    ///< its jobs as written
  std::vector<PreparedJob> jobs;  ///< the chosen ones, each behind those it depends on
};

/// A manifest read, checked and planned, without having touched any system.
struct Preparation {
  std::unique_ptr<manifest::Resources>
      resources;  ///< the world's and the file's own; plans point into it
  std::vector<PreparedWorkflow> workflows;
  Diagnostics diagnostics;  ///< everything found, sorted by place
};

/// Reads and plans one manifest against `world`, whose connectors must outlive the plans.
/// Errors: what the command line got wrong (no such file, no such job); mistakes inside are
/// diagnostics.
Result<Preparation> Prepare(const std::string& file, const ManifestArguments& reading,
                            const Selection& selection, const World& world);

/// "2 errors and 1 warning"; "" when there is neither.
std::string CountMistakes(const Diagnostics& diagnostics);

}  // namespace flare::cli
