#pragma once
#include <map>
#include <string>
#include <vector>

#include "manifest/reader.h"
#include "manifest/resources.h"
#include "manifest/yaml_tree.h"

namespace flare::manifest {

/// Gathers depots, secrets and computes from documents, then joins depots with their secrets.
class ResourceReader {
 public:
  /// Whether a document of this `type` is a resource that is read here.
  static bool Reads(std::string_view type);

  /// Reads a document; `file` is where its relative paths start.
  void Read(const Node& document, const std::string& file, Reporter* reporter);
  /// Everything read so far; names that occur twice keep their first meaning.
  Resources Finish(Reporter* reporter);

 private:
  struct SecretDocument {
    std::string acl;  ///< "r", "rw", "" = by the name's ending
    std::map<std::string, Secret> values;
  };
  struct SecretReference {
    Text name;
    std::vector<std::string> keys;
    bool all_keys = true;
  };

  void ReadDepot(const Node& document, const Text& name, const std::string& file,
                 Reporter* reporter);
  void ReadSecret(const Node& document, const Text& name, std::string_view type,
                  const std::string& file, Reporter* reporter);
  void ReadCompute(const Node& document, const Text& name, Reporter* reporter);
  void ReadReferences(MapReader* reader, Reporter* reporter,
                      std::vector<SecretReference>* references);
  void Join(const std::string& depot_name, const SecretReference& reference, Depot* depot,
            Reporter* reporter);

  Resources resources_;
  std::map<std::string, SecretDocument> secrets_;
  std::map<std::string, std::vector<SecretReference>> references_;  ///< by depot
};

}  // namespace flare::manifest
