#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/commit.h"
#include "lake/table_properties.h"

namespace flare::lake {

/// Writes the manifests and lists of one commit and knows which of them are of use. One object a commit;
/// Build is called once a try.
class SnapshotBuilder {
 public:
  SnapshotBuilder(const CommitRequest& request, io::FileSystem* files) : request_(request), files_(files) {}

  /// Writes what this base needs and returns the snapshot. Same snapshot id on every try. What the try before
  /// wrote for its base alone is removed first: it must be known not to have been published.
  Result<Snapshot> Build(const TableMetadata& base, int64_t now_ms);
  /// Removes what was written, when it is known not to have been published.
  void CleanUp();

 private:
  struct Totals;
  void RemoveTryFiles();
  Status CollectKept(const TableMetadata& base, const Snapshot* parent);
  Status Replace(const TableMetadata& base, const ManifestFile& row);
  Status MergeKept(const TableMetadata& base);
  Status WriteNewManifest(const TableMetadata& base);
  Result<ManifestFile> WriteManifest(const ManifestHeader& header, const std::vector<ManifestEntry>& entries,
                                     const std::string& path);
  Result<ManifestHeader> HeaderFor(const TableMetadata& base, int spec_id, ManifestContent content) const;
  Result<std::vector<ManifestEntry>> ReadManifest(const TableMetadata& base, const ManifestFile& row) const;
  bool Replaces(const ManifestEntry& entry, int spec_id) const;
  Result<std::string> WriteList(const TableMetadata& base, const Snapshot& snapshot);
  Properties Summary(const Snapshot* parent) const;
  std::string NewPath(const TableMetadata& base, const std::string& name) const;

  const CommitRequest& request_;
  io::FileSystem* files_;
  WriterProperties properties_;
  int64_t snapshot_id_ = 0;
  int64_t sequence_number_ = 0;
  int tries_ = 0;
  int manifests_written_ = 0;
  std::optional<ManifestFile> new_manifest_;
  std::vector<ManifestFile> changed_, kept_;   ///< of this try: rewritten and untouched ones
  std::vector<std::string> try_files_;         ///< local paths this try wrote
  int64_t removed_files_ = 0, removed_rows_ = 0, removed_bytes_ = 0, removed_deletes_ = 0;
  int64_t replaced_manifests_ = 0;
};

}  // namespace flare::lake
