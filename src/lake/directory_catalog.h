#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/table_metadata.h"

namespace flare::lake {

/// One version of a table as it lies in its folder.
struct TableVersion {
  TableMetadata metadata;
  int64_t version = 0;
  std::string file;         ///< path of the metadata file
  int64_t file_size = 0;
};

/// What became of an attempt to publish a version.
struct PublishResult {
  enum class Outcome {
    kPublished,
    kConflict,  ///< somebody else published that version first
    kRejected,  ///< proven not published
    kUnknown,
  };
  Outcome outcome = Outcome::kUnknown;
  std::optional<Error> reason;          ///< where it is not kPublished
  std::optional<TableVersion> table;    ///< where it is
};

/// A table in a folder of its own ("hadoop" layout): metadata/v<N>.metadata.json and version-hint.text.
/// Flare beside flare is safe; a Java writer on the same folder is not (it renames over files).
/// Threads: one caller at a time; several objects and processes may share a folder.
class DirectoryTable {
 public:
  DirectoryTable(io::FileSystem* files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  std::string metadata_folder() const { return io::JoinPath(folder_, "metadata"); }

  /// The newest version. Errors: NotFound when there is no table, Corruption, Unsupported.
  Result<TableVersion> Load() const;
  /// The same, reusing `known` when it still is the newest.
  Result<TableVersion> Refresh(TableVersion known) const;
  /// Publishes version 1. Conflict when there is a table.
  PublishResult Create(TableMetadata metadata) const;
  /// Publishes `next` as the version after `base`. Only then old metadata files are removed, if the
  /// table's properties ask for it.
  PublishResult Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const;

  /// Points version-hint.text at `newest` when it names another version or is missing.
  Status RepairHint(const TableVersion& newest) const;

 private:
  std::string FileOf(int64_t version, bool gzip) const;
  Result<std::optional<std::string>> FindFile(int64_t version) const;
  Result<std::optional<int64_t>> ReadHint() const;
  Result<int64_t> HighestListed() const;
  Result<TableVersion> LoadFile(int64_t version, const std::string& file) const;
  PublishResult PublishFile(int64_t version, const std::string& file, TableMetadata metadata) const;
  PublishResult ConfirmReachable(PublishResult result) const;
  Status WriteHint(int64_t version) const;

  io::FileSystem* files_;
  std::string folder_;
};

/// `file:///a/b`, `file:/a/b` or `/a/b` as a path. Errors: Unsupported for other schemes.
Result<std::string> LocalPathOf(const std::string& uri);
/// An absolute path as a URI in the spelling of tables made here.
std::string UriOf(const std::string& path);

}  // namespace flare::lake
