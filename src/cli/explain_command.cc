#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/excerpt.h"
#include "cli/exit_codes.h"
#include "cli/preparation.h"

namespace flare::cli {
namespace {

std::string ToJson(const Preparation& prepared) {
  using Json = nlohmann::ordered_json;
  Json workflows = Json::array();
  for (const auto& workflow : prepared.workflows) {
    Json jobs = Json::array();
    for (const auto& job : workflow.jobs)
      jobs.push_back(Json::parse(job.plan->ToJson(), nullptr, false));
    workflows.push_back({{"workflow", *workflow.workflow.name}, {"jobs", std::move(jobs)}});
  }
  Json all = {{"workflows", std::move(workflows)}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ToText(const Preparation& prepared) {
  std::string text;
  for (const auto& workflow : prepared.workflows) {
    for (const auto& job : workflow.jobs) {
      if (!text.empty()) text += "\n";
      text += job.plan->ToText();
      if (text.empty() || text.back() != '\n') text += "\n";
    }
  }
  return text;
}

}  // namespace

int Explain(const ExplainArguments& arguments, const Host& host) {
  auto world = OpenWorld(arguments.reading.world, host);
  if (!world) {
    PrintError(host, world.error());
    return kUsage;
  }
  Selection selection{.job = arguments.job, .trigger = arguments.trigger};
  auto prepared = Prepare(arguments.manifest, arguments.reading, selection, *world);
  if (!prepared) {
    PrintError(host, prepared.error());
    return kUsage;
  }
  Excerpts excerpts;
  for (const auto& diagnostic : prepared->diagnostics) host.err(excerpts.ToText(diagnostic) + "\n");
  if (HasErrors(prepared->diagnostics)) {
    PrintError(host, InvalidArgument("{} has {}; there is no plan", arguments.manifest,
                                     CountMistakes(prepared->diagnostics)));
    return kFailed;
  }
  host.out(arguments.json ? ToJson(*prepared) : ToText(*prepared));
  return kOk;
}

}  // namespace flare::cli
