#include <fmt/format.h>

#include <algorithm>

#include "manifest/loader.h"

namespace flare::manifest {
namespace {

/// Names one cycle among the jobs that could not be placed: "a -> b -> a".
std::string NameCycle(const Workflow& workflow, const std::vector<std::vector<size_t>>& needs,
                      const std::vector<bool>& placed) {
  size_t at = static_cast<size_t>(std::find(placed.begin(), placed.end(), false) - placed.begin());
  std::vector<size_t> path;
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    at = *std::find_if(needs[at].begin(), needs[at].end(),
                       [&](size_t other) { return !placed[other]; });
  }
  std::string text;
  for (auto from = std::find(path.begin(), path.end(), at); from != path.end(); ++from) {
    text += *workflow.jobs[*from].name + " -> ";
  }
  return text + *workflow.jobs[at].name;
}

}  // namespace

Result<std::vector<size_t>> RunOrder(const Workflow& workflow) {
  const auto& jobs = workflow.jobs;
  std::vector<std::vector<size_t>> needs(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    for (const auto& dependency : jobs[i].dependencies) {
      auto found = std::find_if(jobs.begin(), jobs.end(),
                                [&](const Job& job) { return *job.name == *dependency; });
      if (found == jobs.end()) {
        return NotFound("job {} depends on {}, which does not exist", *jobs[i].name, *dependency);
      }
      needs[i].push_back(static_cast<size_t>(found - jobs.begin()));
    }
  }
  std::vector<size_t> order;
  std::vector<bool> placed(jobs.size(), false);
  while (order.size() < jobs.size()) {
    size_t next = 0;
    for (; next < jobs.size(); ++next) {
      bool ready = std::all_of(needs[next].begin(), needs[next].end(),
                               [&](size_t other) { return placed[other]; });
      if (!placed[next] && ready) break;
    }
    if (next == jobs.size()) {
      return InvalidArgument("jobs depend on each other in a circle: {}",
                             NameCycle(workflow, needs, placed));
    }
    placed[next] = true;
    order.push_back(next);
  }
  return order;
}

}  // namespace flare::manifest
