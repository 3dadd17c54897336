#include "manifest/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "manifest/file_text.h"
#include "manifest/interpolate.h"
#include "manifest/resource_reader.h"
#include "manifest/workflow_reader.h"

namespace flare::manifest {
namespace {

std::string TypeOf(const Node& document) {
  const Node* type = document.Find("type");
  if (type != nullptr && type->is_scalar()) return type->text;
  return document.Find("workflow") != nullptr || document.Find("dag") != nullptr ? "workflow" : "";
}

/// A document that is neither a workflow nor a resource. Beside a workflow a foreign type does no
/// harm.
void ReportDocument(const Node& document, const std::string& type, bool beside_workflow,
                    Reporter* reporter) {
  if (!document.is_map()) {
    reporter->Error(document.where, "not-a-manifest", "this is YAML, but not a manifest",
                    document.Describe(), "keys such as name, version, type and workflow");
  } else if (type.empty()) {
    reporter->Error(document.where, "missing-key", "`type` is missing, and there is no `workflow`",
                    "", "type: workflow, and a workflow map with a dag");
  } else {
    std::string near =
        NearestName(type, {"workflow", "depot", "secret", "instance-secret", "compute"});
    const Node* node = document.Find("type");
    std::string expected = "workflow, depot, secret, instance-secret or compute";
    std::string hint = near.empty() ? "" : fmt::format("did you mean {}?", near);
    if (beside_workflow) {
      reporter->Warn(node->where, "unknown-type",
                     fmt::format("a resource of type {} is ignored", type), "", expected, hint);
    } else {
      reporter->Error(node->where, "unknown-type",
                      fmt::format("a resource of type {} cannot be run here", type), "", expected,
                      hint);
    }
  }
}

/// What follows a break of the YAML is guesswork: only its first is shown. False when there is
/// none.
bool KeepFirstBreak(Diagnostics* diagnostics) {
  SortAndDeduplicate(diagnostics);
  auto first =
      std::find_if(diagnostics->begin(), diagnostics->end(),
                   [](const Diagnostic& diagnostic) { return diagnostic.code == "broken-yaml"; });
  if (first == diagnostics->end()) return false;
  *diagnostics = {Diagnostic(*first)};
  return true;
}

}  // namespace

const Depot* ReadContext::DepotOf(const std::string& address) const {
  auto parts = ParseAddress(address);
  if (!parts || parts->depot.empty()) return nullptr;
  const Depot* depot = own.FindDepot(parts->depot);
  return depot != nullptr || options.resources == nullptr
             ? depot
             : options.resources->FindDepot(parts->depot);
}

Result<LoadedManifest> LoadFile(const std::string& path, const LoadOptions& options) {
  ASSIGN_OR_RETURN(std::string bytes, ReadTextFile(path));
  return LoadText(bytes, path, options);
}

LoadedManifest LoadText(std::string_view text, const std::string& file,
                        const LoadOptions& options) {
  LoadedManifest loaded;
  Reporter reporter(&loaded.diagnostics, options.strict);
  auto source = SourceText::Make(text, file, &loaded.diagnostics);
  if (!source) return loaded;
  YamlFile yaml = ParseYaml(*source, &loaded.diagnostics);
  if (KeepFirstBreak(&loaded.diagnostics)) return loaded;
  if (options.interpolate)
    InterpolateFile(&yaml, options.variables, options.allow_unset, &loaded.diagnostics);
  if (yaml.documents.empty()) {
    reporter.Error({file, 1, 1}, "empty-file", "the file holds no manifest", "",
                   "keys such as name, version, type and workflow");
  }
  ResourceReader resources;
  for (const auto& document : yaml.documents) {
    if (ResourceReader::Reads(TypeOf(*document))) resources.Read(*document, file, &reporter);
  }
  loaded.resources = resources.Finish(&reporter);
  ReadContext context{*source, options, loaded.resources, &reporter};
  bool has_workflow =
      std::any_of(yaml.documents.begin(), yaml.documents.end(),
                  [](const NodePtr& document) { return TypeOf(*document) == "workflow"; });
  for (const auto& document : yaml.documents) {
    std::string type = TypeOf(*document);
    if (document->is_map() && type == "workflow") {
      loaded.workflows.push_back(ReadWorkflow(*document, context));
    } else if (!ResourceReader::Reads(type)) {
      ReportDocument(*document, type, has_workflow, &reporter);
    }
  }
  SortAndDeduplicate(&loaded.diagnostics);
  return loaded;
}

void SortAndDeduplicate(Diagnostics* diagnostics) {
  std::stable_sort(diagnostics->begin(), diagnostics->end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.where.file, a.where.line, a.where.column) <
                            std::tie(b.where.file, b.where.line, b.where.column);
                   });
  std::set<std::tuple<std::string, int, int, std::string, std::string>> seen;
  std::erase_if(*diagnostics, [&](const Diagnostic& d) {
    return !seen.emplace(d.where.file, d.where.line, d.where.column, d.code, d.message).second;
  });
}

}  // namespace flare::manifest
