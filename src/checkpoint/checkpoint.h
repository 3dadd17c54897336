#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/file_lock.h"
#include "io/file_system.h"

namespace flare::checkpoint {

/// One file of offsets/: what batch N reads, and under which watermark and clock.
struct OffsetEntry {
  int version = 1;  ///< 1, or 2 when the checkpoint was begun so (Spark 4.2)
  int64_t watermark_ms = 0;
  int64_t timestamp_ms = 0;
  std::map<std::string, std::string> conf;         ///< Spark's recorded settings, carried forward
  std::vector<std::optional<std::string>> offsets; ///< one a source, in order; nullopt = `-`
  std::vector<std::string> source_ids;             ///< version 2 only
  std::string extra_metadata;                      ///< version 2: JSON of keys carried through unchanged
};

/// One file of commits/.
struct CommitEntry {
  int64_t next_watermark_ms = 0;
};

/// Text of a log file, byte for byte as Spark writes it, and back.
std::string FormatOffsets(const OffsetEntry& entry);
Result<OffsetEntry> ParseOffsets(std::string_view text, const std::string& path);
std::string FormatCommit(const CommitEntry& entry);
Result<CommitEntry> ParseCommit(std::string_view text, const std::string& path);

/// The conf of a fresh Spark 4.0 query (11 keys).
std::map<std::string, std::string> FreshConf();

/// Where a run begins, decided from what the logs hold.
struct StartPoint {
  int64_t next_batch = 0;
  bool replay = false;  ///< next_batch is logged but not committed: run it over `logged` unchanged
  std::optional<OffsetEntry> logged;    ///< offsets/<next_batch>, when replay
  std::optional<OffsetEntry> previous;  ///< offsets/<next_batch - 1>: where the batch starts
  int64_t watermark_ms = 0;
  std::map<std::string, std::string> conf;
  std::optional<int64_t> last_committed;
};

/// What was seen in the directory; the decision is a pure function of it.
struct Observed {
  bool has_metadata = false;
  bool has_state = false;
  std::vector<int64_t> offsets, commits;  ///< ids, ascending
};
/// Batches that must be read before deciding, then the decision. Stricter than Spark where Spark loses data.
/// Errors (Corruption, blame user): each says what happened and what to do.
Status CheckObserved(const Observed& observed, const std::string& directory);

/// A checkpoint directory, exactly as Spark's. Holds the lock from Open to destruction.
/// Threads: one caller at a time. Source: Spark's HDFSMetadataLog family.
class Checkpoint {
 public:
  /// Opens or creates the directory, takes the lock, removes stale temporaries, reads or makes the id.
  /// Errors: Conflict (locked; names the owner), Corruption, Unsupported (newer version, state), PermissionDenied.
  static Result<std::unique_ptr<Checkpoint>> Open(io::FileSystem& files, const std::string& directory,
                                                  const std::string& owner);
  /// Reads without locking or writing anything, for `flare checkpoint show`. NotFound when there is none.
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

  /// Deletes log entries older than `keep` batches before `current`, with their .crc files.
  Status Purge(int64_t current, int64_t keep = 100);

 private:
  Checkpoint(io::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}
  io::FileSystem& files_;
  std::string directory_;
  std::string query_id_;
  bool is_new_ = true;
  bool read_only_ = false;
  std::unique_ptr<io::FileLock> lock_;
};

}  // namespace flare::checkpoint
