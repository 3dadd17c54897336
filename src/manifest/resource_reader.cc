#include "manifest/resource_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "manifest/file_text.h"
#include "manifest/job_draft.h"
#include "manifest/values.h"

namespace flare::manifest {
namespace {

std::string Cased(std::string text, int (*convert)(int)) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [&](unsigned char c) { return convert(c); });
  return text;
}

bool IsDepotName(std::string_view name) {
  if (name.empty() || !std::isalpha(static_cast<unsigned char>(name.front()))) return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

/// A value of a depot's block as text: scalars as they are, lists joined with ",".
void AddSetting(const std::string& key, const Node& node, const std::string& path,
                Reporter* reporter, std::map<std::string, Text>* settings) {
  if (node.is_null()) return;
  if (node.is_scalar()) {
    settings->emplace(key, Text{node.text, node.where});
    return;
  }
  Text joined{"", node.where};
  for (const auto& text : AsTexts(node, path, reporter))
    joined.value += (joined->empty() ? "" : ",") + text.value;
  settings->emplace(key, std::move(joined));
}

void ReadBlock(const Node& block, const std::string& path, Reporter* reporter, Depot* depot) {
  if (!block.is_map()) return reporter->WrongShape(block, path, "a map (`key: value` lines)");
  for (const auto& entry : block.entries) {
    std::string at = path + "." + entry.key;
    if (entry.key == "params" && !entry.value->is_null()) {
      for (auto& [key, value] : AsPairs(*entry.value, at, reporter))
        depot->parameters.emplace(key.value, value);
    } else if (entry.key.compare(0, 6, "kafka.") == 0) {
      AddSetting(entry.key, *entry.value, at, reporter, &depot->parameters);
    } else if (entry.value->is_map()) {
      for (auto& [key, value] : AsPairs(*entry.value, at, reporter)) {
        depot->spec.emplace(entry.key + "." + key.value, value);
      }
    } else {
      AddSetting(entry.key, *entry.value, at, reporter, &depot->spec);
    }
  }
}

/// `data`, `stringData` and `files` of a secret. Nothing of it is ever shown.
std::map<std::string, Secret> ReadSecretValues(MapReader* reader, const std::string& file,
                                               Reporter* reporter) {
  std::map<std::string, Secret> values;
  reporter->HideValues(true);
  std::string encoding = Cased(reader->TakeText("encoding").value, std::tolower);
  if (!encoding.empty() && encoding != "base64" && encoding != "plain") {
    reporter->Error(reader->KeyPlace("encoding"), "bad-secret",
                    fmt::format("`{}` is not an encoding", reader->Path("encoding")), "",
                    "base64 or plain");
  }
  for (auto& [key, value] : reader->TakePairs("data")) {
    if (encoding != "base64") {
      values.emplace(key.value, Secret(value.value));
      continue;
    }
    auto decoded = DecodeBase64(value.value);
    if (decoded) {
      values.emplace(key.value, Secret(*decoded));
    } else {
      reporter->Error(
          value.where, "bad-secret",
          fmt::format("`{}.{}`: {}", reader->Path("data"), key.value, decoded.error().message()));
    }
  }
  for (auto& [key, value] : reader->TakePairs("stringData"))
    values.insert_or_assign(key.value, Secret(value.value));
  for (auto& [key, value] : reader->TakePairs("files")) {
    values.insert_or_assign(key.value, Secret(BesideFile(value.value, file)));
  }
  reporter->HideValues(false);
  return values;
}

std::string ReadAcl(MapReader* reader, Reporter* reporter) {
  Text acl = reader->TakeText("acl");
  if (acl->empty() || *acl == "r" || *acl == "rw") return acl.value;
  reporter->Error(acl.where, "bad-acl",
                  fmt::format("`{}` is not an access mode", reader->Path("acl")), "",
                  "r (read) or rw (read and write)");
  return "";
}

/// Gives a depot a secret; one for writing serves reading too unless there is one for that.
void Grant(const std::string& acl, const std::map<std::string, Secret>& values, Depot* depot) {
  if (acl == "r") {
    for (const auto& [key, value] : values) depot->read_secret.insert_or_assign(key, value);
    return;
  }
  for (const auto& [key, value] : values) {
    depot->write_secret.insert_or_assign(key, value);
    depot->read_secret.emplace(key, value);
  }
}

}  // namespace

bool ResourceReader::Reads(std::string_view type) {
  return type == "depot" || type == "secret" || type == "instance-secret" || type == "compute";
}

void ResourceReader::Read(const Node& document, const std::string& file, Reporter* reporter) {
  MapReader top(&document, "", reporter);
  Text name = top.NeedText("name", "the name that manifests use");
  std::string type = top.TakeText("type").value;
  top.Accept({"version", "tags", "description", "owner", "layer", "workspace", "title"});
  const Node* section = top.Take(type);
  top.Finish();
  if (section == nullptr || !section->is_map()) {
    reporter->Error(section == nullptr ? document.where : section->where, "missing-key",
                    fmt::format("`{}` is missing or empty", type), "",
                    fmt::format("a map named {}", type));
    return;
  }
  if (name->empty()) return;
  if (type == "depot") {
    ReadDepot(*section, name, file, reporter);
  } else if (type == "compute") {
    ReadCompute(*section, name, reporter);
  } else {
    ReadSecret(*section, name, type, file, reporter);
  }
}

void ResourceReader::ReadReferences(MapReader* reader, Reporter* reporter,
                                    std::vector<SecretReference>* references) {
  const char* key = reader->Has("secrets") || !reader->Has("secret") ? "secrets" : "secret";
  for (const Node* node : reader->TakeMaps(key)) {
    MapReader item(node, reader->Path(key), reporter);
    SecretReference reference;
    reference.name = item.NeedText("name", "the secret's name");
    reference.keys = item.TakeStrings("keys");
    auto all = item.TakeBool("allkeys");
    if (!all) all = item.TakeBool("allKeys");
    reference.all_keys = all.value_or(reference.keys.empty());
    item.Accept({"workspace", "key", "consumptionType"});
    item.Finish();
    references->push_back(std::move(reference));
  }
}

void ResourceReader::ReadDepot(const Node& section, const Text& name, const std::string& file,
                               Reporter* reporter) {
  if (!IsDepotName(*name)) {
    reporter->Error(name.where, "bad-name", "`name` cannot be a depot's", *name,
                    "letters and digits, starting with a letter");
    return;
  }
  MapReader reader(&section, "depot", reporter);
  Depot depot;
  depot.name = name.value;
  depot.where = name.where;
  depot.type =
      Cased(reader.NeedText("type", "KAFKA, FILE, S3, POSTGRESQL, ...").value, std::toupper);
  depot.source = reader.TakeText("source").value;
  if (depot.source.empty()) depot.source = depot.name;
  reader.Accept({"external", "description", "compute", "name", "owner"});
  const Node* block = reader.Take("spec");
  for (const auto& entry : section.entries) {
    if (block == nullptr && !entry.value->is_null() &&
        Cased(entry.key, std::toupper) == depot.type) {
      block = reader.Take(entry.key);
    }
  }
  if (block != nullptr) {
    ReadBlock(*block, reader.Path("spec"), reporter, &depot);
  } else {
    reporter->Error(name.where, "missing-key",
                    fmt::format("depot {} does not say where its data is", *name), "",
                    fmt::format("`spec`, or `{}`, with the settings of a {} depot",
                                Cased(depot.type, std::tolower), depot.type));
  }
  if (depot.type == "FILE") {
    auto path = depot.spec.find("path");
    if (path != depot.spec.end()) {
      auto parts = ParseAddress(path->second.value);
      if (parts) path->second.value = BesideFile(parts->dataset, file);
    } else if (block != nullptr) {
      reporter->Error(name.where, "missing-key", fmt::format("depot {} has no `path`", *name), "",
                      "the folder with the data");
    }
  }
  if (depot.type == "KAFKA" && block != nullptr && depot.spec.count("brokers") == 0) {
    reporter->Error(name.where, "missing-key", fmt::format("depot {} has no `brokers`", *name), "",
                    "brokers: [host:9092], or one text with commas");
  }
  reporter->HideValues(true);
  auto connection_secrets = reader.TakeMaps("connectionSecret");
  reporter->HideValues(false);
  for (const Node* node : connection_secrets) {
    MapReader item(node, reader.Path("connectionSecret"), reporter);
    std::string acl = ReadAcl(&item, reporter);
    item.Accept({"type"});
    auto values = ReadSecretValues(&item, file, reporter);
    item.Finish();
    Grant(acl, values, &depot);
  }
  ReadReferences(&reader, reporter, &references_[depot.name]);
  reader.Finish();
  auto [first, is_new] = resources_.depots_.emplace(depot.name, depot);
  if (!is_new && first->second.where.file == depot.where.file) {
    reporter->Error(name.where, "duplicate-name", fmt::format("two depots are called {}", *name),
                    "", fmt::format("one; the first is on line {}", first->second.where.line));
  }
}

void ResourceReader::ReadSecret(const Node& section, const Text& name, std::string_view type,
                                const std::string& file, Reporter* reporter) {
  MapReader reader(&section, std::string(type), reporter);
  SecretDocument document;
  document.acl = ReadAcl(&reader, reporter);
  reader.Accept({"type"});
  document.values = ReadSecretValues(&reader, file, reporter);
  reader.Finish();
  if (document.acl.empty()) document.acl = name->ends_with("-r") ? "r" : "rw";
  secrets_.emplace(name.value, std::move(document));
}

void ResourceReader::ReadCompute(const Node& section, const Text& name, Reporter* reporter) {
  Compute compute;
  compute.name = name.value;
  compute.where = name.where;
  Options settings;
  for (const auto& entry : section.entries) {
    AddOption(entry.key, *entry.value, "compute." + entry.key, reporter, &settings);
  }
  for (const auto& [key, value] : settings) compute.settings.emplace(key, value.value);
  resources_.computes_.emplace(compute.name, std::move(compute));
}

void ResourceReader::Join(const std::string& depot_name, const SecretReference& reference,
                          Depot* depot, Reporter* reporter) {
  auto found = secrets_.find(reference.name.value);
  if (found == secrets_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, secret] : secrets_) names.push_back(name);
    std::string near = NearestName(*reference.name, names);
    reporter->Error(reference.name.where, "unknown-secret",
                    fmt::format("depot {} names a secret that does not exist", depot_name),
                    *reference.name, "a document of type secret or instance-secret with that name",
                    near.empty() ? "" : fmt::format("did you mean {}?", near));
    return;
  }
  std::map<std::string, Secret> chosen;
  for (const auto& [key, value] : found->second.values) {
    bool listed =
        std::find(reference.keys.begin(), reference.keys.end(), key) != reference.keys.end();
    if (listed && !reference.all_keys) chosen.emplace(key, value);
  }
  // Published depots list the secret's own name under `keys`; that means all of them.
  Grant(found->second.acl, chosen.empty() ? found->second.values : chosen, depot);
}

Resources ResourceReader::Finish(Reporter* reporter) {
  for (auto& [name, depot] : resources_.depots_) {
    for (const auto& reference : references_[name]) Join(name, reference, &depot, reporter);
  }
  return std::move(resources_);
}

}  // namespace flare::manifest
