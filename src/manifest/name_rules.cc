#include <fmt/format.h>

#include <algorithm>

#include "manifest/job_draft.h"
#include "manifest/letter_case.h"

namespace flare::manifest {
namespace {

struct View {
  std::string folded;
  std::string kind;  ///< "input" or "step"
  const Text* name;
};

std::vector<View> Views(const Job& job) {
  std::vector<View> views;
  for (const auto& input : job.inputs) views.push_back({Lower(*input.name), "input", &input.name});
  for (const auto& step : job.steps) views.push_back({Lower(*step.name), "step", &step.name});
  return views;
}

void CheckOutputName(const Output& output, const std::vector<View>& views, const Job& job,
                     Reporter* reporter) {
  std::string folded = Lower(*output.name);
  auto found = std::find_if(views.begin(), views.end(),
                            [&](const View& view) { return view.folded == folded; });
  if (found == views.end()) {
    std::vector<std::string> names;
    for (const auto& view : views) names.push_back(**view.name);
    std::string near = NearestName(*output.name, names);
    reporter->Error(output.name.where, "unknown-view",
                    fmt::format("output {} is neither a step nor an input", *output.name),
                    *output.name, fmt::format("{}", fmt::join(names, ", ")),
                    near.empty() ? "" : fmt::format("did you mean {}?", near));
  } else if (found->kind == "input" && !job.steps.empty()) {
    reporter->Warn(
        output.name.where, "input-as-output",
        fmt::format("output {} writes the input as it is, without the steps", *output.name));
  }
}

/// Two addresses that mean one dataset.
bool SamePlace(const Text& a, const Text& b) {
  auto left = ParseAddress(*a), right = ParseAddress(*b);
  if (!left || !right) return false;
  auto collection = [](const AddressParts& parts) {
    return parts.collection == "none" ? "" : parts.collection;
  };
  return left->depot == right->depot && collection(*left) == collection(*right) &&
         left->dataset == right->dataset;
}

std::string Branch(const Options& options) {
  auto found = options.find("branch");
  return found == options.end() ? "main" : *found->second;
}

/// Reports an address that cannot be read; with resources also one whose depot is not known.
void CheckAddress(const Text& text, bool unresolved, const ReadContext& context) {
  if (text->empty() || unresolved) return;
  auto parts = ParseAddress(*text);
  if (!parts)
    return context.reporter->Error(text.where, "bad-address", parts.error().message(), *text);
  if (parts->depot.empty() || context.options.resources == nullptr) return;
  if (context.own.FindDepot(parts->depot) != nullptr) return;
  Resources known = *context.options.resources;
  known.Override(context.own);  // as the planner sees them, who would say the same in other words
  auto address = known.Resolve(text);
  if (!address)
    context.reporter->Error(text.where, "bad-address", address.error().message(), *text);
}

bool IsUdl(const Text& text) {
  return text->compare(0, 9, "dataos://") == 0;
}

/// An output's address may leave its dataset out; then it has the output's name.
void CompleteAddress(Output* output) {
  auto parts = ParseAddress(*output->dataset);
  if (!parts || !IsUdl(output->dataset) || !parts->dataset.empty() || output->name->empty()) return;
  std::string& address = output->dataset.value;
  size_t at = std::min(address.find('?'), address.size());
  bool slash = at > 0 && address[at - 1] == '/';
  address.insert(at, (slash ? "" : "/") + *output->name);
}

void CheckInputAddress(const Input& input, const InputDraft& notes, const ReadContext& context) {
  CheckAddress(input.dataset, notes.dataset_unresolved, context);
  auto parts = ParseAddress(*input.dataset);
  bool subscribes = false;
  for (const auto& [name, value] : input.options) {
    std::string folded = Lower(name);
    subscribes =
        subscribes || folded == "subscribe" || folded == "subscribepattern" || folded == "assign";
  }
  if (notes.dataset_unresolved || !parts || !IsUdl(input.dataset) || !parts->dataset.empty() ||
      subscribes)
    return;
  context.reporter->Error(input.dataset.where, "bad-address",
                          fmt::format("input {} names a depot, but no dataset in it", *input.name),
                          *input.dataset, "dataos://depot:collection/dataset");
}

}  // namespace

void CheckNames(const ReadContext& context, const JobDraft& draft) {
  const Job& job = draft.job;
  std::vector<View> views = Views(job);
  for (size_t i = 0; i < views.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (views[i].folded.empty() || views[i].folded != views[j].folded) continue;
      context.reporter->Error(
          views[i].name->where, "duplicate-name",
          fmt::format("{} {} has the name of {} {}", views[i].kind, **views[i].name,
                      views[i].kind == views[j].kind ? "another" : "an", views[j].kind),
          "", fmt::format("a name of its own; the first is on line {}", views[j].name->where.line));
      break;
    }
  }
  for (size_t i = 0; i < job.outputs.size(); ++i) {
    bool known = draft.outputs[i].name_unresolved || job.outputs[i].name->empty();
    if (!known) CheckOutputName(job.outputs[i], views, job, context.reporter);
  }
}

void CheckAddresses(const ReadContext& context, JobDraft* draft) {
  Job& job = draft->job;
  for (size_t i = 0; i < job.inputs.size(); ++i)
    CheckInputAddress(job.inputs[i], draft->inputs[i], context);
  for (size_t i = 0; i < job.outputs.size(); ++i) {
    Output& output = job.outputs[i];
    CheckAddress(output.dataset, draft->outputs[i].dataset_unresolved, context);
    CompleteAddress(&output);
    for (const auto& input : job.inputs) {
      if (output.dataset->empty() || !SamePlace(input.dataset, output.dataset)) continue;
      if (Branch(input.options) != Branch(output.extra_options)) continue;
      context.reporter->Error(
          output.dataset.where, "reads-what-it-writes",
          fmt::format("output {} writes what input {} reads", *output.name, *input.name),
          *output.dataset, "another dataset, or another branch of it");
    }
    for (size_t j = 0; j < i; ++j) {
      if (output.dataset->empty() || !SamePlace(job.outputs[j].dataset, output.dataset)) continue;
      if (Branch(job.outputs[j].extra_options) != Branch(output.extra_options)) continue;
      context.reporter->Error(output.dataset.where, "written-twice",
                              fmt::format("outputs {} and {} write the same dataset",
                                          *job.outputs[j].name, *output.name),
                              *output.dataset,
                              "a dataset of its own, or a UNION ALL of both in a step");
    }
  }
  for (const auto& checkpoint : draft->checkpoints) {
    CheckAddress(checkpoint.text, checkpoint.text->find("${") != std::string::npos, context);
  }
}

}  // namespace flare::manifest
