#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "checkpoint/decide.h"
#include "checkpoint/log_format.h"
#include "io/file_lock.h"
#include "io/file_system.h"

namespace flare::checkpoint {

/// A checkpoint directory, exactly as Spark's. Holds the lock from Open to destruction.
/// Shape: metadata, offsets/N, commits/N, sources/I/0; folders are made when first needed; the hidden file
///        .flare.lock is ours and ignored by Spark. Files that are not a log's are left alone.
/// Threads: one caller at a time. Source: Spark's HDFSMetadataLog family.
class Checkpoint {
 public:
  /// Opens or creates the directory, takes the lock, removes stale temporaries, reads or makes the id.
  /// Errors: Conflict (locked; names the owner), Corruption, Unsupported (newer version, state), PermissionDenied.
  static Result<std::unique_ptr<Checkpoint>> Open(io::FileSystem& files, const std::string& directory,
                                                  const std::string& owner);
  /// Reads without locking or writing anything, for `flare checkpoint show`; damage is not refused here.
  /// The query id is "" when metadata is missing. NotFound when there is no checkpoint.
  static Result<std::unique_ptr<Checkpoint>> OpenReadOnly(io::FileSystem& files, const std::string& directory);

  const std::string& query_id() const { return query_id_; }
  const std::string& directory() const { return directory_; }
  bool is_new() const { return is_new_; }  ///< no batch was ever logged

  /// Decides where to begin for a query with that many sources.
  Result<StartPoint> Start(size_t source_count);

  Status WriteOffsets(int64_t batch, const OffsetEntry& entry);  ///< AlreadyExists = another run is writing
  Status WriteCommit(int64_t batch, const CommitEntry& entry);
  Result<OffsetEntry> ReadOffsets(int64_t batch);
  Result<CommitEntry> ReadCommit(int64_t batch);
  Result<Observed> Observe();

  /// `sources/<index>/0`; nullopt when there is none.
  Result<std::optional<std::string>> ReadSourceInitial(size_t index);
  Status WriteSourceInitial(size_t index, const std::string& bytes);

  /// Deletes log entries older than `keep` (at least 2) batches before `current`, with their .crc files.
  Status Purge(int64_t current, int64_t keep = kBatchesToRetain);

 private:
  Checkpoint(io::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}
  std::string LogPath(std::string_view log, int64_t batch) const;
  Status CreateInLog(std::string_view log, int64_t batch, std::string_view content);
  Result<std::vector<int64_t>> ListBatches(std::string_view log);
  Status RemoveLeftovers(const std::string& folder);
  Status LoadQueryId(bool has_metadata);
  Status PurgeLog(std::string_view log, int64_t below, int64_t& oldest);

  io::FileSystem& files_;
  std::string directory_;
  std::string query_id_;
  bool is_new_ = true;
  std::unique_ptr<io::FileLock> lock_;  ///< null = read only
  Observed at_open_;
  int64_t oldest_offsets_ = 0, oldest_commit_ = 0;  ///< nothing below is left to purge
};

}  // namespace flare::checkpoint
