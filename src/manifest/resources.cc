#include "manifest/resources.h"

#include <fmt/format.h>

#include <algorithm>

#include "manifest/file_text.h"
#include "manifest/interpolate.h"
#include "manifest/loader.h"
#include "manifest/resource_reader.h"
#include "manifest/source_text.h"

namespace flare::manifest {
namespace {

/// Depots whose addresses have no collection level, whatever stands in its place.
bool HasNoCollections(const std::string& type) {
  return type == "KAFKA" || type == "EVENTHUB" || type == "ELASTICSEARCH" || type == "OPENSEARCH" ||
         type == "REDIS";
}

std::string Joined(std::string folder, std::string_view part) {
  if (part.empty()) return folder;
  if (!folder.empty() && folder.back() != '/') folder += '/';
  return folder.append(part);
}

Depot Lakehouse(const std::string& folder) {
  Depot depot;
  depot.name = "lakehouse";
  depot.type = "FILE";
  depot.spec["path"] = {folder, {}};
  depot.spec["format"] = {"ICEBERG", {}};
  return depot;
}

void ReadResourceFile(const std::string& path, const std::map<std::string, std::string>& variables,
                      ResourceReader* reader, Diagnostics* diagnostics) {
  auto bytes = ReadTextFile(path);
  if (!bytes) {
    diagnostics->push_back(
        {Severity::kError, {path, 1, 1}, "unreadable-file", bytes.error().message(), "", "", ""});
    return;
  }
  auto source = SourceText::Make(*bytes, path, diagnostics);
  if (!source) return;
  YamlFile yaml = ParseYaml(*source, diagnostics);
  InterpolateFile(&yaml, variables, false, diagnostics);
  Reporter reporter(diagnostics, false);
  for (const auto& document : yaml.documents) {
    const Node* type = document->Find("type");
    if (type != nullptr && ResourceReader::Reads(type->text)) {
      reader->Read(*document, path, &reporter);
    } else {
      std::string name = type != nullptr      ? type->Describe()
                         : document->is_map() ? "no `type`"
                                              : document->Describe();
      reporter.Warn(type != nullptr ? type->where : document->where, "unknown-type",
                    "a document of a resource folder is ignored", name,
                    "type: depot, secret, instance-secret or compute");
    }
  }
}

}  // namespace

Resources Resources::Load(const std::vector<std::string>& folders,
                          const std::string& lakehouse_folder,
                          const std::map<std::string, std::string>& variables,
                          Diagnostics* diagnostics) {
  ResourceReader reader;
  for (const auto& folder : folders) {
    for (const auto& path : YamlFilesIn(folder))
      ReadResourceFile(path, variables, &reader, diagnostics);
  }
  Reporter reporter(diagnostics, false);
  Resources resources = reader.Finish(&reporter);
  if (!lakehouse_folder.empty())
    resources.depots_.emplace("lakehouse", Lakehouse(lakehouse_folder));
  SortAndDeduplicate(diagnostics);
  return resources;
}

void Resources::Override(const Resources& others) {
  for (const auto& [name, depot] : others.depots_) depots_.insert_or_assign(name, depot);
  for (const auto& [name, compute] : others.computes_) computes_.insert_or_assign(name, compute);
}

const Depot* Resources::FindDepot(std::string_view name) const {
  auto found = depots_.find(name);
  return found == depots_.end() ? nullptr : &found->second;
}

std::vector<std::string> Resources::DepotNames() const {
  std::vector<std::string> names;
  for (const auto& [name, depot] : depots_) names.push_back(name);
  return names;
}

const Compute* Resources::FindCompute(std::string_view name) const {
  auto found = computes_.find(name);
  return found == computes_.end() ? nullptr : &found->second;
}

Result<Address> Resources::Resolve(const Text& text) const {
  ASSIGN_OR_RETURN(AddressParts parts, ParseAddress(text.value));
  Address address;
  address.text = text.value;
  address.where = text.where;
  address.writable = parts.writable;
  address.dataset = parts.dataset;
  if (parts.depot.empty()) return address;
  address.depot = FindDepot(parts.depot);
  if (address.depot == nullptr) {
    auto names = DepotNames();
    std::string near = NearestName(parts.depot, names);
    return NotFound("there is no depot {}; {}known depots: {}", parts.depot,
                    near.empty() ? std::string() : fmt::format("did you mean {}? ", near),
                    fmt::join(names, ", "));
  }
  bool none = parts.collection == "none" || HasNoCollections(address.depot->type);
  if (!none) address.collection = parts.collection;
  return address;
}

std::optional<Address> Resources::ResolveOrReport(const Text& text,
                                                  Diagnostics* diagnostics) const {
  auto address = Resolve(text);
  if (address) return std::move(*address);
  diagnostics->push_back(
      {Severity::kError, text.where, "bad-address", address.error().message(), text.value, "", ""});
  return std::nullopt;
}

Result<std::string> Resources::LocalPath(const Address& address) const {
  if (address.depot == nullptr) {
    if (address.dataset.empty()) return InvalidArgument("the path is empty");
    return address.dataset;
  }
  if (address.depot->type != "FILE") {
    return Unsupported("address {} lies in depot {} of type {}, not in a local folder",
                       address.text, address.depot->name, address.depot->type);
  }
  auto setting = [&](const char* key) -> std::string {
    auto found = address.depot->spec.find(key);
    return found == address.depot->spec.end() ? "" : found->second.value;
  };
  std::string path = Joined(setting("path"), setting("relativePath"));
  return Joined(Joined(path, address.collection), address.dataset);
}

}  // namespace flare::manifest
