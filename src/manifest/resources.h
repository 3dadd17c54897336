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
  std::string type;                  ///< upper case: KAFKA, FILE, S3, POSTGRESQL, ...
  std::string source;                ///< its name in catalogs: the depot's own unless given
  std::map<std::string, Text> spec;  ///< scalars of the type's block; lists joined with ","
  std::map<std::string, Text>
      parameters;  ///< `params` (for Kafka: `kafka.*` client options, prefix kept)
  std::map<std::string, Secret> read_secret, write_secret;  ///< by key, from acl r and rw
  SourcePosition where;
};

/// Where jobs run: `type: compute` documents. The embedded engine ignores it; a Spark runner reads
/// it.
struct Compute {
  std::string name;
  std::map<std::string, std::string> settings;  ///< nested keys joined with "."
  SourcePosition where;
};

/// The parts of an address, before any depot is looked up.
struct AddressParts {
  std::string depot;       ///< "" for a plain path
  std::string collection;  ///< as written, also `none` and `default`; "" = absent
  std::string dataset;     ///< without leading or trailing slash; for a plain path the path itself
  bool writable = false;
};

/// Reads `dataos://depot:collection/dataset?acl=rw`, `file:///path` or a plain path.
/// Error: InvalidArgument naming the part that is wrong and what would work.
Result<AddressParts> ParseAddress(std::string_view text);

/// A dataset's address, resolved against the depots.
struct Address {
  std::string text;              ///< as written
  const Depot* depot = nullptr;  ///< null for a plain path
  std::string collection;  ///< "" when the address has none, or it is `none`/`default` where that
                           ///< means none
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
  /// A folder that does not exist is skipped. An empty lakehouse_folder leaves the built-in depot
  /// out.
  static Resources Load(const std::vector<std::string>& folders,
                        const std::string& lakehouse_folder,
                        const std::map<std::string, std::string>& variables,
                        Diagnostics* diagnostics);

  /// Adds the resources that stand in a manifest's own file; they win over those already here.
  void Override(const Resources& others);

  const Depot* FindDepot(std::string_view name) const;
  std::vector<std::string> DepotNames() const;
  const Compute* FindCompute(std::string_view name) const;
  /// Reads a UDL or a path. Errors: InvalidArgument (form), NotFound (unknown depot, with the
  /// nearest name).
  Result<Address> Resolve(const Text& text) const;
  /// The same, reporting a mistake (code bad-address) instead of returning it; nullopt then.
  std::optional<Address> ResolveOrReport(const Text& text, Diagnostics* diagnostics) const;
  /// The local folder that an address of a FILE depot (or a plain path) means.
  Result<std::string> LocalPath(const Address& address) const;

 private:
  friend class ResourceReader;
  std::map<std::string, Depot, std::less<>> depots_;
  std::map<std::string, Compute, std::less<>> computes_;
};

}  // namespace flare::manifest
