#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/manifest.h"
#include "lake/table.h"

namespace flare::lake {

/// Turns URIs into local paths in one spelling: without a scheme, links in folders followed. Two names of one
/// file are equal then, which deciding what nobody needs depends on.
class PathNames {
 public:
  /// Errors: Unsupported (not on the local disk), Unavailable (the folder cannot be looked at).
  Result<std::string> Of(const std::string& uri);
  /// The same for a folder, following a link that it is itself.
  Result<std::string> OfFolder(const std::string& uri);

 private:
  std::map<std::string, std::string> folders_;
};

/// Whether a path lies below a folder.
bool LiesIn(const std::string& path, const std::string& folder);

/// InvalidArgument when the metadata of a table lie outside of its location: the files there may be another
/// table's, from which it was copied or registered.
Status CheckMetadataInLocation(const TableVersion& version, PathNames* names);

/// The files that some snapshots of a table need, by PathNames. Built step by step, since data files are the
/// costly ones to find out about.
class Reachable {
 public:
  Reachable(io::FileSystem* files, PathNames* names) : files_(files), names_(names) {}

  /// Adds a snapshot's manifest list and the manifests in it. Errors: NotFound when the list is gone.
  Status AddSnapshot(const Snapshot& snapshot);

  const std::set<std::string>& lists() const { return lists_; }
  const std::map<std::string, ManifestFile>& manifests() const { return manifests_; }
  /// The files that are alive in a manifest. Errors: NotFound when it is gone, Corruption.
  Result<std::vector<std::string>> LiveFiles(const TableMetadata& table, const ManifestFile& row) const;

 private:
  io::FileSystem* files_;
  PathNames* names_;
  std::set<std::string> lists_;
  std::map<std::string, ManifestFile> manifests_;
};

/// The entries of a manifest whose files are alive. Their partition values stay unread.
/// Errors: NotFound when the manifest is gone, Corruption.
Result<std::vector<ManifestEntry>> LiveEntries(const TableMetadata& table, const ManifestFile& row, io::FileSystem* files);

/// Asks `look` about the newest version, and again about a newer one as long as something it names is gone
/// because the table went on meanwhile. Errors: what `look` says of a version that stays the newest.
template <class T>
Result<T> LookAtNewest(const Table& table, const std::function<Result<T>(const TableVersion&)>& look) {
  ASSIGN_OR_RETURN(TableVersion newest, table.Load());
  for (;;) {
    Result<T> found = look(newest);
    if (found || found.error().code() != Code::kNotFound) return found;
    ASSIGN_OR_RETURN(TableVersion next, table.Load());
    if (next.file == newest.file) return found;
    newest = std::move(next);
  }
}

}  // namespace flare::lake
