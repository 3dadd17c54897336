#include "cli/checkpoint_target.h"

#include "cli/excerpt.h"

#include <filesystem>

#include "cli/excerpt.h"
#include "connector/iceberg/catalog.h"
#include "connector/iceberg/table_options.h"
#include "io/file_system.h"

namespace flare::cli {
namespace {

bool IsManifest(const std::string& operand) {
  std::error_code ignored;
  return operand.ends_with(".yaml") || operand.ends_with(".yml") || std::filesystem::is_regular_file(operand, ignored);
}

/// The one job with a checkpoint that is meant.
Result<const plan::JobPlan*> ChooseJob(const Preparation& prepared, const std::string& manifest) {
  std::vector<const plan::JobPlan*> found;
  std::vector<std::string> names;
  for (const auto& workflow : prepared.workflows) {
    for (const auto& job : workflow.jobs) {
      if (!job.plan || job.plan->checkpoint_directory.empty()) continue;
      found.push_back(&*job.plan);
      names.push_back(*job.job.name);
    }
  }
  if (found.empty()) return InvalidArgument("{} has no job with a checkpointLocation", manifest);
  if (found.size() > 1) {
    return InvalidArgument("{} has several jobs with a checkpoint: add --job NAME, one of {}", manifest, fmt::join(names, ", "));
  }
  return found.front();
}

Status FindByManifest(const CheckpointArguments& arguments, const Host& host, CheckpointTarget* target) {
  ASSIGN_OR_RETURN(target->prepared, Prepare(arguments.operand, arguments.reading, {arguments.job, std::nullopt}, target->world));
  Excerpts excerpts;
  for (const auto& diagnostic : target->prepared.diagnostics) {
    if (diagnostic.severity == Severity::kError) host.err(excerpts.ToText(diagnostic) + "\n");
  }
  if (HasErrors(target->prepared.diagnostics)) {
    return InvalidArgument("{} has {}", arguments.operand, CountMistakes(target->prepared.diagnostics));
  }
  ASSIGN_OR_RETURN(target->plan, ChooseJob(target->prepared, arguments.operand));
  target->folder = target->plan->checkpoint_directory;
  return Ok();
}

/// "lakehouse:stream/orders" as the offset log records it, and an address or path as a person writes it.
std::string AddressOf(const std::string& recorded) {
  bool complete = recorded.starts_with("/") || recorded.starts_with("dataos://") || recorded.starts_with("file:");
  return complete ? recorded : "dataos://" + recorded;
}

}  // namespace

Result<CheckpointTarget> FindCheckpoint(const CheckpointArguments& arguments, const Host& host) {
  CheckpointTarget target;
  ASSIGN_OR_RETURN(target.world, OpenWorld(arguments.reading.world, host));
  if (arguments.operand.starts_with("dataos://")) {
    ASSIGN_OR_RETURN(auto address, target.world.resources.Resolve({arguments.operand, {}}));
    ASSIGN_OR_RETURN(target.folder, target.world.resources.LocalPath(address));
  } else if (IsManifest(arguments.operand)) {
    RETURN_IF_ERROR(FindByManifest(arguments, host, &target));
  } else {
    target.folder = AbsolutePath(arguments.operand);
  }
  return target;
}

Result<std::vector<NamedTable>> TablesOf(const CheckpointTarget& target, const CheckpointArguments& arguments,
                                         const std::vector<std::string>& recorded) {
  std::vector<NamedTable> tables;
  auto add = [&](const manifest::Address& address, std::string branch) -> Status {
    ASSIGN_OR_RETURN(auto table, connector::iceberg::TableOf(address, target.resources(), &io::LocalFileSystem()));
    tables.push_back({address.text, std::move(branch), std::move(table)});
    return Ok();
  };
  if (target.plan != nullptr && arguments.tables.empty()) {
    for (const auto& output : target.plan->outputs) {
      if (output.connector->name != "iceberg") continue;
      Diagnostics ignored;  // the planner reported them
      RETURN_IF_ERROR(add(output.address, connector::iceberg::ReadTableOptions(output.output, &ignored).branch));
    }
    return tables;
  }
  for (const auto& name : arguments.tables.empty() ? recorded : arguments.tables) {
    ASSIGN_OR_RETURN(auto address, target.resources().Resolve({AddressOf(name), {}}));
    RETURN_IF_ERROR(add(address, arguments.branch));
  }
  return tables;
}

}  // namespace flare::cli
