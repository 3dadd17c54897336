#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/file_system.h"
#include "lake/manifest.h"
#include "lake/table.h"

namespace flare::lake {

enum class WriteMode {
  kAppend,
  kReplaceAll,         ///< the new files are all that is left
  kReplacePartitions,  ///< every partition that a new file is in; an unpartitioned table is one partition
};

/// A change of a table: files that lie written and synced, to become one snapshot.
struct CommitRequest {
  WriteMode mode = WriteMode::kAppend;
  std::string branch = kMainBranch;
  int spec_id = 0;                ///< of the files' partition values
  std::vector<DataFile> files;    ///< may be empty: a snapshot without new files
  Properties summary;             ///< added to the snapshot's summary
  /// Table properties to set in the same commit, given the new snapshot's id.
  std::function<Properties(int64_t snapshot_id)> properties;
  std::string name;               ///< part of the manifests' file names, unique to this attempt
  /// Asked on the very base that each try asserts: true = go on, false = it is in the table already.
  std::function<Result<bool>(const TableMetadata& base)> check;
};

struct CommitResult {
  enum class Outcome { kCommitted, kAlready, kRejected, kUnknown };
  Outcome outcome = Outcome::kRejected;
  int64_t snapshot_id = 0;             ///< where it is kCommitted
  int tries = 0;
  std::optional<Error> reason;         ///< where it is kRejected or kUnknown
  std::optional<TableVersion> table;   ///< the newest version seen
};

/// Commits with retries on conflict (`commit.retry.*`): manifests are written once, the manifest list
/// once a try. After kCommitted, kAlready and kRejected no manifest of a failed try is left; the data
/// files stay: they are the caller's. `known` saves reading the table again.
CommitResult Commit(const Table& table, std::optional<TableVersion> known, const CommitRequest& request,
                    io::FileSystem* files, Clock* clock);

/// A change of metadata alone (properties, schema, spec), retried in the same way. `change` sees each new
/// base and returns false when there is nothing to do.
Result<TableVersion> ChangeMetadata(const Table& table, TableVersion base,
                                    const std::function<Result<bool>(TableMetadata*)>& change, Clock* clock);

}  // namespace flare::lake
