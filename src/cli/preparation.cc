#include "cli/preparation.h"

#include "base/random.h"
#include "io/file_system.h"
#include "manifest/loader.h"

namespace flare::cli {
namespace {

void Append(Diagnostics* to, Diagnostics from) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// The chosen job's position, or every job in an order that respects dependencies.
std::vector<size_t> Chosen(const manifest::Workflow& workflow, const Selection& selection) {
  if (selection.job.empty()) {
    // A cycle or an unknown dependency is in the loader's diagnostics already.
    auto order = manifest::RunOrder(workflow);
    return order ? *order : std::vector<size_t>();
  }
  for (size_t i = 0; i < workflow.jobs.size(); ++i) {
    if (*workflow.jobs[i].name == selection.job) return {i};
  }
  return {};
}

bool IsStreaming(const manifest::Job& job) {
  return job.streaming.present || std::any_of(job.inputs.begin(), job.inputs.end(),
                                              [](const manifest::Input& i) { return i.is_stream; });
}

/// Puts the command line's trigger in the place of the manifest's.
Status ApplyTrigger(const TriggerChoice& choice, manifest::Job* job) {
  manifest::Streaming& streaming = job->streaming;
  bool has_interval = streaming.trigger == choice.mode || streaming.trigger_interval > Millis(0);
  if (choice.mode == manifest::TriggerMode::kProcessingTime && !choice.interval && !has_interval) {
    return InvalidArgument(
        "--trigger ProcessingTime: job {} has no triggerDuration; give the interval, such as --trigger "
        "ProcessingTime=10s",
        *job->name);
  }
  streaming.present = true;
  streaming.trigger = choice.mode;
  if (choice.interval) streaming.trigger_interval = *choice.interval;
  return Ok();
}

Result<PreparedJob> PrepareJob(manifest::Job job, const Selection& selection,
                               const manifest::Resources& resources, const connector::Registry& registry,
                               Diagnostics* diagnostics) {
  if (selection.trigger && IsStreaming(job)) RETURN_IF_ERROR(ApplyTrigger(*selection.trigger, &job));
  const std::string& folder = selection.ephemeral_checkpoints;
  if (!folder.empty() && IsStreaming(job) && job.streaming.checkpoint->empty()) {
    job.streaming.checkpoint = {io::JoinPath(folder, NewUuid()), job.where};
  }
  PreparedJob prepared;
  // What is missing has been reported; a plan without it would only repeat that in other words.
  if (job.complete) prepared.plan = plan::Plan(job, resources, registry, diagnostics);
  prepared.job = std::move(job);
  return prepared;
}

Error NoSuchJob(const std::string& job, const std::vector<manifest::Workflow>& workflows) {
  std::vector<std::string> names;
  for (const auto& workflow : workflows) {
    for (const auto& other : workflow.jobs) names.push_back(*other.name);
  }
  std::string nearest = NearestName(job, names);
  return NotFound("--job {}: the manifest has no such job{}", job,
                  nearest.empty() ? fmt::format("; it has {}", fmt::join(names, ", "))
                                  : fmt::format("; did you mean {}?", nearest));
}

}  // namespace

Result<Preparation> Prepare(const std::string& file, const ManifestArguments& reading,
                            const Selection& selection, const World& world) {
  manifest::LoadOptions options;
  options.strict = reading.strict;
  options.allow_unset = reading.allow_unset;
  options.interpolate = !reading.disable_interpolation;
  options.allow_ephemeral_checkpoint = !selection.ephemeral_checkpoints.empty();
  options.variables = world.variables;
  options.resources = &world.resources;
  ASSIGN_OR_RETURN(auto loaded, manifest::LoadFile(file, options));

  Preparation preparation;
  preparation.resources = std::make_unique<manifest::Resources>(world.resources);
  preparation.resources->Override(loaded.resources);
  preparation.diagnostics = world.resource_diagnostics;
  Append(&preparation.diagnostics, std::move(loaded.diagnostics));
  bool found = false;
  for (const auto& workflow : loaded.workflows) {
    PreparedWorkflow prepared{workflow, {}};
    for (size_t index : Chosen(workflow, selection)) {
      found = true;
      ASSIGN_OR_RETURN(auto job, PrepareJob(workflow.jobs[index], selection, *preparation.resources,
                                            world.registry, &preparation.diagnostics));
      prepared.jobs.push_back(std::move(job));
    }
    preparation.workflows.push_back(std::move(prepared));
  }
  if (!selection.job.empty() && !found && !loaded.workflows.empty()) {
    return NoSuchJob(selection.job, loaded.workflows);
  }
  manifest::SortAndDeduplicate(&preparation.diagnostics);
  return preparation;
}

std::string CountMistakes(const Diagnostics& diagnostics) {
  auto count = [&](Severity severity) {
    return std::count_if(diagnostics.begin(), diagnostics.end(),
                         [&](const Diagnostic& d) { return d.severity == severity; });
  };
  auto errors = count(Severity::kError);
  auto warnings = count(Severity::kWarning);
  std::string text;
  if (errors > 0) text = fmt::format("{} {}", errors, errors == 1 ? "error" : "errors");
  if (warnings > 0) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " and ", warnings,
                        warnings == 1 ? "warning" : "warnings");
  }
  return text;
}

}  // namespace flare::cli
