#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "lake/table_metadata.h"

namespace flare::lake {

/// One version of a table as its catalog names it.
struct TableVersion {
  TableMetadata metadata;
  int64_t version = 0;      ///< counts up by one a commit
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

/// One table in some catalog: where its newest metadata file is known, and where the next is published.
/// Threads: one caller at a time; several objects and processes may share a table.
class Table {
 public:
  virtual ~Table() = default;
  /// Where the table is, for people: a folder, or a catalog and a name.
  virtual std::string place() const = 0;
  /// The base URI that a table made here gets, without a trailing slash.
  virtual std::string NewLocation() const = 0;
  /// InvalidArgument when a table with this metadata cannot be written through this catalog.
  virtual Status CheckPlace(const TableMetadata& metadata) const = 0;

  /// The newest version. Errors: NotFound when there is no table, Corruption, Unsupported.
  virtual Result<TableVersion> Load() const = 0;
  /// The same, reusing `known` when it still is the newest.
  virtual Result<TableVersion> Refresh(TableVersion known) const = 0;
  /// Publishes version 1. Conflict when there is a table.
  virtual PublishResult Create(TableMetadata metadata) const = 0;
  /// Publishes `next` as the version after `base`. Only then old metadata files are removed, if the
  /// table's properties ask for it.
  virtual PublishResult Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const = 0;
  /// Mends what a crash behind a publication may have left half done; best effort.
  virtual Status Repair(const TableVersion& newest) const = 0;
};

/// The local folder with a table's metadata files. Errors: Unsupported (not on the local disk).
Result<std::string> MetadataFolderOf(const TableMetadata& metadata);
/// `file:///a/b`, `file:/a/b` or `/a/b` as a path. Errors: Unsupported for other schemes.
Result<std::string> LocalPathOf(const std::string& uri);
/// An absolute path as a URI in the spelling of tables made here.
std::string UriOf(const std::string& path);

}  // namespace flare::lake
