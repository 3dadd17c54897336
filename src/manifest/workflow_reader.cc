#include "manifest/workflow_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "manifest/values.h"

namespace flare::manifest {
namespace {

constexpr size_t kMaxName = 48;
constexpr size_t kComfortableName = 30;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void CheckName(const Text& name, const std::string& path, Reporter* reporter) {
  if (name->empty() || name->find("${") != std::string::npos) return;
  bool fits = IsAlphanumeric(name->front()) && IsAlphanumeric(name->back());
  for (char c : *name) fits = fits && (IsAlphanumeric(c) || c == '-' || c == '_');
  if (!fits || name->size() > kMaxName) {
    reporter->Error(name.where, "bad-name", fmt::format("`{}` is not a valid name", path), *name,
                    "at most 48 of a-z, 0-9 and -, not starting or ending with -");
  } else if (name->find('_') != std::string::npos) {
    reporter->Warn(name.where, "name-form",
                   fmt::format("`{}` holds `_`, which the platform refuses", path), *name,
                   "a-z, 0-9 and -");
  } else if (name->size() > kComfortableName) {
    reporter->Warn(
        name.where, "long-name",
        fmt::format("`{}` has {} characters; above 30 the platform's generated names may not fit",
                    path, name->size()),
        *name);
  }
}

std::optional<WallTime> ReadTime(MapReader* reader, std::string_view key, Reporter* reporter) {
  const Node* node = reader->Take(key);
  if (node == nullptr) return std::nullopt;
  auto text = AsText(*node, reader->Path(key), reporter);
  if (!text || node->unresolved) return std::nullopt;
  auto time = ParseTimestamp(text->value);
  if (time) return *time;
  reporter->Error(node->where, "bad-timestamp",
                  fmt::format("`{}`: {}", reader->Path(key), time.error().message()));
  return std::nullopt;
}

void CheckZone(const Text& zone, const std::string& path, Reporter* reporter) {
  if (zone->empty() || zone->find("${") != std::string::npos) return;
  static constexpr std::string_view kZones = "/usr/share/zoneinfo";
  std::error_code error;
  if (!std::filesystem::is_directory(kZones, error)) return;  // nothing to check against
  bool plain = zone->front() != '/' && zone->find("..") == std::string::npos;
  if (plain && std::filesystem::is_regular_file(fmt::format("{}/{}", kZones, *zone), error)) return;
  reporter->Error(zone.where, "bad-timezone", fmt::format("`{}` is not a time zone", path), *zone,
                  "an IANA name such as Europe/Lisbon or UTC");
}

Schedule ReadSchedule(const Node& node, const std::string& path, Reporter* reporter) {
  MapReader reader(&node, path, reporter);
  Schedule schedule;
  schedule.where = node.where;
  const Node* cron_node = reader.Take("cron");
  Text cron =
      reader.NeedText("cron", "five fields: minute hour day month weekday, such as '30 1 * * *'");
  schedule.cron = cron.value;
  if (!cron->empty() && !cron_node->unresolved) {
    if (auto status = CheckCron(*cron); !status) {
      reporter->Error(
          cron.where, "bad-cron",
          fmt::format("`{}` is not a schedule: {}", reader.Path("cron"), status.error().message()),
          *cron, "minute hour day month weekday, such as '30 1 * * *'");
    }
  }
  if (Text policy = reader.TakeText("concurrencyPolicy"); !policy->empty()) {
    const std::vector<std::string> known = {"Allow", "Forbid", "Replace"};
    std::string near = NearestName(*policy, known);
    auto same = [&](const std::string& name) {
      return name.size() == policy->size() && near == name &&
             std::equal(name.begin(), name.end(), policy->begin(),
                        [](unsigned char a, unsigned char b) {
                          return std::tolower(a) == std::tolower(b);
                        });
    };
    auto found = std::find_if(known.begin(), known.end(), same);
    if (found != known.end()) {
      schedule.concurrency_policy = *found;
    } else {
      reporter->Error(policy.where, "bad-policy",
                      fmt::format("`{}` is not a policy", reader.Path("concurrencyPolicy")),
                      *policy, "Allow, Forbid or Replace",
                      near.empty() ? "" : fmt::format("did you mean {}?", near));
    }
  }
  Text zone = reader.TakeText("timezone");
  CheckZone(zone, reader.Path("timezone"), reporter);
  schedule.timezone = zone.value;
  schedule.start_on = ReadTime(&reader, "startOn", reporter);
  schedule.end_on = ReadTime(&reader, "endOn", reporter);
  schedule.complete_on = ReadTime(&reader, "completeOn", reporter);
  if (schedule.start_on && schedule.end_on && *schedule.end_on <= *schedule.start_on) {
    reporter->Error(
        reader.KeyPlace("endOn"), "bad-schedule",
        fmt::format("`{}` does not come after `{}`", reader.Path("endOn"), reader.Path("startOn")));
  }
  reader.Finish();
  return schedule;
}

std::vector<Text> ReadDependencies(MapReader* reader, Reporter* reporter) {
  const Node* node = reader->Take("dependencies");
  if (node == nullptr) return {};
  if (node->is_scalar()) return {{node->text, node->where}};
  return AsTexts(*node, reader->Path("dependencies"), reporter);
}

JobDraft ReadJob(const Node& node, const std::string& path, const ReadContext& context) {
  Reporter* reporter = context.reporter;
  JobDraft draft;
  draft.path = path;
  draft.job_path = path;
  Job& job = draft.job;
  job.where = node.where;
  MapReader reader(&node, path, reporter);
  job.name = reader.NeedText("name", "a-z, 0-9 and -");
  CheckName(job.name, reader.Path("name"), reporter);
  job.title = reader.TakeText("title").value;
  job.description = reader.TakeText("description").value;
  job.tags = reader.TakeStrings("tags");
  job.dependencies = ReadDependencies(&reader, reporter);
  const Node* spec = reader.Take("spec");
  if (spec != nullptr) ReadSpec(*spec, context, &draft);
  if (const Node* retry = reader.Take("retry"))
    job.retry = ReadRetry(*retry, reader.Path("retry"), reporter);
  if (reader.Take("file") != nullptr) {
    reporter->Error(
        reader.KeyPlace("file"), "not-supported",
        fmt::format("`{}`: a job cannot be pulled from another file", reader.Path("file")), "",
        "`spec` in this file, or a run of that file by itself");
  } else if (spec == nullptr) {
    reporter->Error(reader.KeyPlace("spec"), "missing-key",
                    fmt::format("`{}` is missing", reader.Path("spec")), "",
                    "a map with stack, compute and stackSpec");
  }
  reader.Accept({"gcWhenComplete"});
  reader.Finish();
  return draft;
}

void CheckOrder(const Workflow& workflow, Reporter* reporter) {
  std::vector<std::string> names;
  for (const auto& job : workflow.jobs) {
    if (!job.name->empty() && std::find(names.begin(), names.end(), *job.name) != names.end()) {
      reporter->Error(job.name.where, "duplicate-name",
                      fmt::format("two jobs are called {}", *job.name));
    }
    names.push_back(*job.name);
  }
  bool known = true;
  for (const auto& job : workflow.jobs) {
    for (const auto& dependency : job.dependencies) {
      if (std::find(names.begin(), names.end(), *dependency) != names.end()) continue;
      known = false;
      std::string near = NearestName(*dependency, names);
      reporter->Error(dependency.where, "unknown-job",
                      fmt::format("job {} depends on a job that does not exist", *job.name),
                      *dependency, fmt::format("one of {}", fmt::join(names, ", ")),
                      near.empty() ? "" : fmt::format("did you mean {}?", near));
    }
  }
  if (!known) return;
  if (auto order = RunOrder(workflow); !order) {
    auto first = std::find_if(workflow.jobs.begin(), workflow.jobs.end(),
                              [](const Job& job) { return !job.dependencies.empty(); });
    reporter->Error(first->dependencies.front().where, "dependency-cycle", order.error().message());
  }
}

/// Two jobs on one checkpoint would each believe the other's progress.
void CheckSharedCheckpoints(const Workflow& workflow, Reporter* reporter) {
  for (size_t i = 0; i < workflow.jobs.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Text& mine = workflow.jobs[i].streaming.checkpoint;
      if (mine->empty() || *mine != *workflow.jobs[j].streaming.checkpoint) continue;
      reporter->Error(mine.where, "shared-checkpoint",
                      fmt::format("jobs {} and {} share a checkpoint", *workflow.jobs[j].name,
                                  *workflow.jobs[i].name),
                      *mine, "a place of its own for each job");
    }
  }
}

void ReadDag(MapReader* reader, const ReadContext& context, Workflow* workflow) {
  const Node* dag = reader->Take("dag");
  auto jobs = reader->TakeMaps("dag");
  if (dag == nullptr || (dag->is_list() && dag->items.empty())) {
    context.reporter->Error(reader->KeyPlace("dag"), "missing-key",
                            fmt::format("`{}` is missing", reader->Path("dag")), "",
                            "a list with at least one job");
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    size_t missing = context.reporter->missing_values();
    JobDraft draft = ReadJob(*jobs[i], fmt::format("{}[{}]", reader->Path("dag"), i), context);
    if (draft.has_job) ApplyRules(*workflow, context, &draft);
    draft.job.complete = context.reporter->missing_values() == missing && !jobs[i]->HasUnresolved();
    workflow->jobs.push_back(std::move(draft.job));
  }
  CheckOrder(*workflow, context.reporter);
  CheckSharedCheckpoints(*workflow, context.reporter);
}

}  // namespace

Workflow ReadWorkflow(const Node& document, const ReadContext& context) {
  Reporter* reporter = context.reporter;
  MapReader top(&document, "", reporter);
  Workflow workflow;
  workflow.file = context.source.file();
  workflow.where = document.where;
  bool bare = !top.Has("workflow") && top.Has("dag");
  if (bare) {
    workflow.name = top.TakeText("name");
    reporter->Warn(top.KeyPlace("dag"), "deprecated",
                   "`dag` stands without its `workflow`; it is read as one", "",
                   "name, version, type: workflow and workflow: around it");
  } else {
    workflow.name = top.NeedText("name", "a-z, 0-9 and -");
    if (!top.Has("version")) {
      reporter->Warn(top.where(), "missing-key", "`version` is missing", "", "version: v1");
    }
  }
  CheckName(workflow.name, "name", reporter);
  workflow.version = top.TakeText("version").value;
  Text type = top.TakeText("type");
  if (type->empty() && !bare)
    reporter->Warn(top.where(), "missing-key", "`type` is missing", "", "type: workflow");
  workflow.tags = top.TakeStrings("tags");
  workflow.description = top.TakeText("description").value;
  workflow.owner = top.TakeText("owner").value;
  workflow.workspace = top.TakeText("workspace").value;
  workflow.title = top.TakeText("title").value;
  top.Accept({"layer"});
  const Node* section = bare ? &document : top.Take("workflow");
  if (section == nullptr) {
    reporter->Error(top.KeyPlace("workflow"), "missing-key", "`workflow` is missing", "",
                    "a map with dag, a list of jobs");
    top.Finish();
    return workflow;
  }
  if (bare) {
    if (const Node* schedule = top.Take("schedule"))
      workflow.schedule = ReadSchedule(*schedule, "schedule", reporter);
    ReadDag(&top, context, &workflow);
  } else {
    MapReader reader(section, "workflow", reporter);
    if (Text title = reader.TakeText("title"); !title->empty()) workflow.title = title.value;
    if (const Node* schedule = reader.Take("schedule")) {
      workflow.schedule = ReadSchedule(*schedule, reader.Path("schedule"), reporter);
    }
    if (section->is_map() || section->is_null()) ReadDag(&reader, context, &workflow);
    reader.Finish();
  }
  top.Finish();
  if (workflow.name->empty() && !workflow.jobs.empty()) workflow.name = workflow.jobs.front().name;
  return workflow;
}

}  // namespace flare::manifest
