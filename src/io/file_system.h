#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::io {

struct DirEntry {
  std::string name;  ///< last path component
  bool is_directory = false;
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;  ///< since the epoch, UTC
};

/// Durable files, by absolute path without a scheme.
/// Errors: NotFound, AlreadyExists, PermissionDenied, ResourceExhausted (no space, quota), Unavailable.
/// Threads: safe from any.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::string> Read(const std::string& path) = 0;
  virtual Result<bool> Exists(const std::string& path) = 0;
  virtual Result<int64_t> Size(const std::string& path) = 0;
  /// Entries of a directory in no order; NotFound when there is none.
  virtual Result<std::vector<DirEntry>> List(const std::string& directory) = 0;
  /// Makes the directory and its parents, each synced into its parent; fine when it exists.
  virtual Status CreateDirectories(const std::string& directory) = 0;

  /// Creates the file whole or not at all; AlreadyExists when there is one. The content is on disk
  /// and the name is synced when this returns. A crash leaves nothing where the file system knows files without
  /// a name (O_TMPFILE), else perhaps a hidden temporary `.NAME.UUID.tmp`.
  virtual Status CreateExclusive(const std::string& path, std::string_view content) = 0;
  /// Puts `content` in place of what was there, atomically and durably. A crash may leave `.NAME.tmp`, which the
  /// next Replace takes away.
  virtual Status Replace(const std::string& path, std::string_view content) = 0;
  /// Syncs a file that another part wrote (a Parquet file), not its folder.
  virtual Status SyncFile(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& directory) = 0;
  /// Removes a file; fine when it is gone already.
  virtual Status Remove(const std::string& path) = 0;
  /// Removes a directory with all that is in it; fine when it is gone already.
  virtual Status RemoveTree(const std::string& directory) = 0;
};

/// The local disk. Lives as long as the program.
FileSystem& LocalFileSystem();

/// `base` / `name`, with exactly one slash between.
std::string JoinPath(std::string_view base, std::string_view name);
/// The path up to the last slash ("" when there is none).
std::string ParentPath(std::string_view path);
/// The part behind the last slash.
std::string BaseName(std::string_view path);

}  // namespace flare::io
