#include "checkpoint/checkpoint.h"

#include <algorithm>

#include "base/check.h"
#include "base/fail_point.h"
#include "base/random.h"
#include "checkpoint/log_names.h"

namespace flare::checkpoint {
namespace {

constexpr std::string_view kOffsets = "offsets";
constexpr std::string_view kCommits = "commits";
constexpr std::string_view kMetadata = "metadata";
constexpr std::string_view kLock = ".flare.lock";

/// Entries of a folder; none when there is no folder.
Result<std::vector<io::DirEntry>> ListIfThere(io::FileSystem& files, const std::string& folder) {
  auto entries = files.List(folder);
  if (!entries && entries.error().code() == Code::kNotFound) return std::vector<io::DirEntry>();
  return entries;
}

Result<bool> HoldsFiles(io::FileSystem& files, const std::string& folder) {
  ASSIGN_OR_RETURN(auto entries, ListIfThere(files, folder));
  for (const auto& entry : entries) {
    if (!entry.is_directory) {
      if (ChecksumOwner(entry.name).empty()) return true;
      continue;
    }
    ASSIGN_OR_RETURN(bool inside, HoldsFiles(files, io::JoinPath(folder, entry.name)));
    if (inside) return true;
  }
  return false;
}

/// Makes what an earlier run named there durable: one that was killed may not have come to syncing it.
Status SyncNames(io::FileSystem& files, const std::string& directory) {
  FAIL_POINT("checkpoint.before_sync");
  std::ignore = files.SyncDirectory(io::ParentPath(directory));  // perhaps not ours to read
  std::string sources = io::JoinPath(directory, "sources");
  std::vector<std::string> folders = {directory, io::JoinPath(directory, kOffsets), io::JoinPath(directory, kCommits), sources};
  ASSIGN_OR_RETURN(auto entries, ListIfThere(files, sources));
  for (const auto& entry : entries) {
    if (entry.is_directory) folders.push_back(io::JoinPath(sources, entry.name));
  }
  for (const auto& folder : folders) {
    Status synced = files.SyncDirectory(folder);
    if (!synced && synced.error().code() != Code::kNotFound) return synced;
  }
  FAIL_POINT("checkpoint.after_sync");
  return Ok();
}

Result<std::unique_ptr<io::FileLock>> Lock(io::FileSystem& files, const std::string& directory,
                                           const std::string& owner) {
  FAIL_POINT("checkpoint.before_lock");
  RETURN_IF_ERROR(files.CreateDirectories(directory));
  auto lock = io::FileLock::Acquire(io::JoinPath(directory, kLock), owner);
  if (!lock && lock.error().code() == Code::kConflict) {
    return Conflict(
        "checkpoint {} is in use: {}; wait for that run to end or stop it, and give each job a checkpointLocation of "
        "its own",
        directory, lock.error().message());
  }
  if (lock) FAIL_POINT("checkpoint.after_lock");
  return lock;
}

}  // namespace

Result<std::unique_ptr<Checkpoint>> Checkpoint::Open(io::FileSystem& files, const std::string& directory,
                                                     const std::string& owner) {
  std::unique_ptr<Checkpoint> checkpoint(new Checkpoint(files, directory));
  ASSIGN_OR_RETURN(checkpoint->lock_, Lock(files, directory, owner));
  ASSIGN_OR_RETURN(checkpoint->at_open_, checkpoint->Observe());
  const Observed& seen = checkpoint->at_open_;
  RETURN_IF_ERROR(CheckObserved(seen, directory));
  RETURN_IF_ERROR(SyncNames(files, directory));
  for (std::string_view folder : {std::string_view(), kOffsets, kCommits}) {
    RETURN_IF_ERROR(checkpoint->RemoveLeftovers(io::JoinPath(directory, folder)));
  }
  RETURN_IF_ERROR(checkpoint->LoadQueryId(seen.has_metadata));
  checkpoint->is_new_ = seen.offsets.empty();
  if (!seen.offsets.empty()) checkpoint->oldest_offsets_ = seen.offsets.front();
  if (!seen.commits.empty()) checkpoint->oldest_commit_ = seen.commits.front();
  return checkpoint;
}

Result<std::unique_ptr<Checkpoint>> Checkpoint::OpenReadOnly(io::FileSystem& files, const std::string& directory) {
  std::unique_ptr<Checkpoint> checkpoint(new Checkpoint(files, directory));
  ASSIGN_OR_RETURN(checkpoint->at_open_, checkpoint->Observe());
  const Observed& seen = checkpoint->at_open_;
  if (!seen.has_metadata && seen.offsets.empty() && seen.commits.empty()) {
    return NotFound("there is no checkpoint in {}: it holds neither metadata nor offsets/", directory);
  }
  if (seen.has_metadata) RETURN_IF_ERROR(checkpoint->LoadQueryId(true));
  checkpoint->is_new_ = seen.offsets.empty();
  return checkpoint;
}

Status Checkpoint::LoadQueryId(bool has_metadata) {
  std::string path = io::JoinPath(directory_, kMetadata);
  if (has_metadata) {
    ASSIGN_OR_RETURN(std::string text, files_.Read(path));
    ASSIGN_OR_RETURN(query_id_, ParseMetadata(text, path));
    return Ok();
  }
  query_id_ = NewUuid();
  FAIL_POINT("checkpoint.before_metadata");
  RETURN_IF_ERROR(files_.CreateExclusive(path, FormatMetadata(query_id_)));
  FAIL_POINT("checkpoint.after_metadata");
  return Ok();
}

Result<Observed> Checkpoint::Observe() {
  Observed seen;
  ASSIGN_OR_RETURN(seen.has_metadata, files_.Exists(io::JoinPath(directory_, kMetadata)));
  ASSIGN_OR_RETURN(seen.has_state, HoldsFiles(files_, io::JoinPath(directory_, "state")));
  ASSIGN_OR_RETURN(seen.offsets, ListBatches(kOffsets));
  ASSIGN_OR_RETURN(seen.commits, ListBatches(kCommits));
  return seen;
}

Result<std::vector<int64_t>> Checkpoint::ListBatches(std::string_view log) {
  ASSIGN_OR_RETURN(auto entries, ListIfThere(files_, io::JoinPath(directory_, log)));
  std::vector<int64_t> ids;
  for (const auto& entry : entries) {
    if (entry.is_directory) continue;
    if (auto id = ParseBatchId(entry.name)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Status Checkpoint::RemoveLeftovers(const std::string& folder) {
  ASSIGN_OR_RETURN(auto entries, ListIfThere(files_, folder));
  auto has = [&](std::string_view name) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == name; });
  };
  for (const auto& entry : entries) {
    if (entry.is_directory) continue;
    // A checksum without its file makes Hadoop refuse the file's next writing.
    std::string_view owner = ChecksumOwner(entry.name);
    bool stale = (ParseBatchId(owner) || owner == kMetadata || IsLeftoverTemporary(owner)) && !has(owner);
    if (!stale && !IsLeftoverTemporary(entry.name)) continue;
    FAIL_POINT("checkpoint.before_leftover");
    RETURN_IF_ERROR(files_.Remove(io::JoinPath(folder, entry.name)));
    FAIL_POINT("checkpoint.after_leftover");
  }
  return Ok();
}

Result<StartPoint> Checkpoint::Start(size_t source_count) {
  StartFacts facts;
  facts.observed = at_open_;
  if (auto last = at_open_.last_offsets()) {
    ASSIGN_OR_RETURN(facts.last, ReadOffsets(*last));
    if (*last > 0) {
      ASSIGN_OR_RETURN(facts.previous, ReadOffsets(*last - 1));
    }
  }
  if (auto committed = at_open_.last_commit()) {
    ASSIGN_OR_RETURN(facts.committed, ReadCommit(*committed));
  }
  return DecideStart(std::move(facts), source_count, directory_);
}

std::string Checkpoint::LogPath(std::string_view log, int64_t batch) const {
  return io::JoinPath(io::JoinPath(directory_, log), std::to_string(batch));
}

Status Checkpoint::CreateInLog(std::string_view log, int64_t batch, std::string_view content) {
  CHECK(lock_ != nullptr, "a checkpoint opened for reading is not written");
  std::string path = LogPath(log, batch);
  Status created = files_.CreateExclusive(path, content);
  if (!created && created.error().code() == Code::kNotFound) {
    RETURN_IF_ERROR(files_.CreateDirectories(io::ParentPath(path)));
    created = files_.CreateExclusive(path, content);
  }
  if (!created && created.error().code() == Code::kAlreadyExists) {
    return AlreadyExists(
        "{} exists already: another run, perhaps of Spark, is writing to this checkpoint (Spark's "
        "CONCURRENT_STREAM_LOG_UPDATE); stop that run, then start this job again",
        path);
  }
  return created;
}

Status Checkpoint::WriteOffsets(int64_t batch, const OffsetEntry& entry) {
  FAIL_POINT("checkpoint.before_offsets");
  RETURN_IF_ERROR(CreateInLog(kOffsets, batch, FormatOffsets(entry)));
  FAIL_POINT("checkpoint.after_offsets");
  return Ok();
}

Status Checkpoint::WriteCommit(int64_t batch, const CommitEntry& entry) {
  FAIL_POINT("checkpoint.before_commits");
  RETURN_IF_ERROR(CreateInLog(kCommits, batch, FormatCommit(entry)));
  FAIL_POINT("checkpoint.after_commits");
  return Ok();
}

Result<OffsetEntry> Checkpoint::ReadOffsets(int64_t batch) {
  std::string path = LogPath(kOffsets, batch);
  ASSIGN_OR_RETURN(std::string text, files_.Read(path));
  return ParseOffsets(text, path);
}

Result<CommitEntry> Checkpoint::ReadCommit(int64_t batch) {
  std::string path = LogPath(kCommits, batch);
  ASSIGN_OR_RETURN(std::string text, files_.Read(path));
  return ParseCommit(text, path);
}

Result<std::optional<std::string>> Checkpoint::ReadSourceInitial(size_t index) {
  auto text = files_.Read(fmt::format("{}/sources/{}/0", directory_, index));
  if (text) return std::optional<std::string>(std::move(*text));
  if (text.error().code() == Code::kNotFound) return std::optional<std::string>();
  return std::move(text).error();
}

Status Checkpoint::WriteSourceInitial(size_t index, const std::string& bytes) {
  CHECK(lock_ != nullptr, "a checkpoint opened for reading is not written");
  std::string folder = fmt::format("{}/sources/{}", directory_, index);
  FAIL_POINT("checkpoint.before_source_log");
  RETURN_IF_ERROR(files_.CreateDirectories(folder));
  RETURN_IF_ERROR(RemoveLeftovers(folder));
  RETURN_IF_ERROR(files_.CreateExclusive(io::JoinPath(folder, "0"), bytes));
  FAIL_POINT("checkpoint.after_source_log");
  return Ok();
}

Status Checkpoint::Purge(int64_t current, int64_t keep) {
  CHECK(lock_ != nullptr && keep >= 2, "a restart needs the last two batches");
  if (keep >= current || oldest_offsets_ >= current - keep) return Ok();
  FAIL_POINT("checkpoint.before_purge");
  RETURN_IF_ERROR(PurgeLog(kOffsets, current - keep, oldest_offsets_));
  RETURN_IF_ERROR(PurgeLog(kCommits, current - keep, oldest_commit_));
  FAIL_POINT("checkpoint.after_purge");
  return Ok();
}

Status Checkpoint::PurgeLog(std::string_view log, int64_t below, int64_t& oldest) {
  // In the steady state one id goes, and its name is computed; a folder is listed only when more would.
  std::vector<int64_t> gone;
  if (below - oldest <= 3) {
    for (int64_t id = oldest; id < below; ++id) gone.push_back(id);
  } else {
    ASSIGN_OR_RETURN(gone, ListBatches(log));
    std::erase_if(gone, [&](int64_t id) { return id >= below; });
  }
  for (int64_t id : gone) {
    std::string path = LogPath(log, id);
    RETURN_IF_ERROR(files_.Remove(path));
    RETURN_IF_ERROR(files_.Remove(io::JoinPath(io::ParentPath(path), ChecksumName(io::BaseName(path)))));
  }
  oldest = std::max(oldest, below);
  return Ok();
}

}  // namespace flare::checkpoint
