#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "manifest/job.h"

namespace flare::manifest {

/// A secret's value: prints as ***. Only Reveal gives the text, at the last moment.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// Where data lives: a system and how to reach it.
struct Depot {
  std::string name;
  std::string type;                       ///< upper case: KAFKA, FILE, S3, POSTGRESQL, ...
  std::map<std::string, Text> spec;       ///< scalars of the type's block; lists joined with ","
  std::map<std::string, Text> parameters; ///< `params` (for Kafka: `kafka.*` client options, prefix kept)
  std::map<std::string, Secret> read_secret, write_secret;  ///< by key, from acl r and rw
  SourcePosition where;
};

/// A dataset's address, resolved against the depots.
struct Address {
  std::string text;        ///< as written
  const Depot* depot = nullptr;  ///< null for a plain path
  std::string collection;  ///< "" when the address has none, or it is `none`/`default` where that means none
  std::string dataset;     ///< path behind the collection; or the plain path
  bool writable = false;   ///< acl=rw
  SourcePosition where;
};

/// Depots, secrets and computes from `--resources DIR`, ./flare.d/ and the user's folder, plus the
/// built-in `lakehouse` depot (an Iceberg warehouse in a local folder).
class Resources {
 public:
  /// Folders are searched in the order given; the first definition of a name wins.
  /// Mistakes in resource files are reported in `diagnostics`, each with its place.
  static Resources Load(const std::vector<std::string>& folders, const std::string& lakehouse_folder,
                        const std::map<std::string, std::string>& variables, Diagnostics* diagnostics);

  const Depot* FindDepot(std::string_view name) const;
  std::vector<std::string> DepotNames() const;
  /// Reads a UDL or a path. Errors: InvalidArgument (form), NotFound (unknown depot, with the nearest name).
  Result<Address> Resolve(const Text& text) const;
  /// The local folder that an address of a FILE depot (or a plain path) means.
  Result<std::string> LocalPath(const Address& address) const;

 private:
  std::map<std::string, Depot, std::less<>> depots_;
};

}  // namespace flare::manifest
