#include "connector/iceberg/leftovers.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <map>
#include <set>

#include "connector/iceberg/epoch.h"
#include "lake/data_writer.h"
#include "lake/reachable.h"
#include "lake/table.h"

namespace flare::connector::iceberg {

namespace {

using lake::Snapshot;
using lake::TableMetadata;

/// A query id as part of file names: Spark's are UUIDs, others lose what a name cannot hold.
std::string NamePart(std::string text) {
  for (char& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
  }
  return text;
}

/// What the retained snapshots tell of a query's batches.
struct Batch {
  std::set<std::string> attempts;  ///< that committed it; none when another engine did
  int64_t sequence_number = 0;     ///< of its first snapshot
};
using Batches = std::map<int64_t, Batch>;

Batches BatchesOf(const std::vector<Snapshot>& snapshots, const std::string& query_id) {
  Batches batches;
  for (const Snapshot& snapshot : snapshots) {
    std::optional<int64_t> id = EpochOf(snapshot, query_id);
    if (!id) continue;
    auto [batch, is_new] = batches.try_emplace(*id);
    if (is_new) batch->second.sequence_number = snapshot.sequence_number;
    auto attempt = snapshot.summary.find(kAttemptKey);
    if (attempt != snapshot.summary.end()) batch->second.attempts.insert(attempt->second);
  }
  return batches;
}

/// What a file system without unnamed files is given instead, until the file has its name.
bool IsTemporary(std::string_view name) { return name.starts_with('.') && name.ends_with(".tmp"); }

/// The batch of a file that this query wrote. Data files and manifests start with the batch's name,
/// manifest lists have it behind "snap-<snapshot id>-<try>-".
std::optional<int64_t> BatchOfFile(std::string_view name, std::string_view query) {
  if (IsTemporary(name)) name.remove_prefix(1);
  size_t at = name.starts_with("snap-") ? name.find(fmt::format("-{}", query)) : 0;
  if (at == std::string_view::npos) return std::nullopt;
  if (name.starts_with("snap-")) ++at;
  name.remove_prefix(at);
  if (!name.starts_with(query)) return std::nullopt;
  name.remove_prefix(query.size());
  int64_t batch = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), batch);
  if (error != std::errc() || end == name.data() + name.size() || *end != '-') return std::nullopt;
  return batch;
}

/// Finds files of attempts that no retained snapshot's summary names.
class Search {
 public:
  Search(const Batches& batches, std::string query, int64_t last_batch, io::FileSystem* files)
      : batches_(batches), query_(std::move(query)), last_batch_(last_batch), files_(files) {}

  Status LookInto(const std::string& folder) {
    auto entries = files_->List(folder);
    if (!entries && entries.error().code() == Code::kNotFound) return Ok();
    if (!entries) return std::move(entries).error();
    for (const auto& entry : *entries) {
      std::string path = io::JoinPath(folder, entry.name);
      if (entry.is_directory) {
        RETURN_IF_ERROR(LookInto(path));
      } else if (std::optional<int64_t> batch = BatchOfFile(entry.name, query_);
                 batch && IsLeft(entry.name, *batch)) {
        found_.push_back(std::move(path));
        first_batch_ = std::min(first_batch_, *batch);
      }
    }
    return Ok();
  }

  const std::vector<std::string>& found() const { return found_; }
  int64_t first_batch() const { return first_batch_; }

 private:
  bool IsLeft(std::string_view name, int64_t id) const {
    // Of batches from before the first that is retained, what was expired since cannot be told from
    // what was left.
    if (id > last_batch_ || id < batches_.begin()->first) return false;
    if (IsTemporary(name)) return true;
    auto batch = batches_.find(id);
    if (batch == batches_.end()) return true;  // committed on a person's word, or without rows
    return std::ranges::none_of(batch->second.attempts, [&](const std::string& attempt) {
      return name.find(attempt) != std::string_view::npos;
    });
  }

  const Batches& batches_;
  std::string query_;
  int64_t last_batch_;
  io::FileSystem* files_;
  std::vector<std::string> found_;
  int64_t first_batch_ = std::numeric_limits<int64_t>::max();
};

/// Whatever the snapshots from `sequence_number` on need, by lake::PathNames.
Result<std::set<std::string>> NeededSince(const TableMetadata& metadata,
                                          const std::vector<Snapshot>& snapshots,
                                          int64_t sequence_number, lake::PathNames* names,
                                          io::FileSystem* files) {
  ASSIGN_OR_RETURN(std::vector<lake::SnapshotRef> refs, metadata.Refs());
  std::set<int64_t> named;
  for (const auto& ref : refs) named.insert(ref.snapshot_id);
  lake::Reachable reachable(files, names);
  for (const Snapshot& snapshot : snapshots) {
    if (snapshot.sequence_number < sequence_number && !named.contains(snapshot.id)) continue;
    RETURN_IF_ERROR(reachable.AddSnapshot(snapshot));
  }
  std::set<std::string> needed = reachable.lists();
  for (const auto& [path, row] : reachable.manifests()) {
    needed.insert(path);
    ASSIGN_OR_RETURN(std::vector<std::string> live, reachable.LiveFiles(metadata, row));
    needed.insert(live.begin(), live.end());
  }
  return needed;
}

}  // namespace

std::string BatchName(const std::string& query_id, int64_t batch_id) {
  return fmt::format("{}-{}-", NamePart(query_id), batch_id);
}

Result<bool> RemoveLeftovers(const TableMetadata& metadata, const std::string& query_id,
                             int64_t last_batch, io::FileSystem* files) {
  ASSIGN_OR_RETURN(std::vector<Snapshot> snapshots, metadata.Snapshots());
  Batches batches = BatchesOf(snapshots, query_id);
  if (batches.empty()) return false;
  Search search(batches, NamePart(query_id) + "-", last_batch, files);
  ASSIGN_OR_RETURN(std::string data_uri, lake::DataFolderUri(metadata));
  ASSIGN_OR_RETURN(std::string data_folder, lake::LocalPathOf(data_uri));
  ASSIGN_OR_RETURN(std::string metadata_folder, lake::MetadataFolderOf(metadata));
  RETURN_IF_ERROR(search.LookInto(data_folder));
  if (!lake::LiesIn(metadata_folder, data_folder))
    RETURN_IF_ERROR(search.LookInto(metadata_folder));
  bool known = batches.rbegin()->first >= last_batch;
  if (search.found().empty()) return known;

  // A batch that was committed, lost its snapshot to expiry and was then replayed on a person's
  // word has two attempts in the table, of which the summaries name one. So what nobody names is
  // read, not concluded. An attempt begins after the batch before it was committed: older snapshots
  // cannot name its files.
  auto first = batches.lower_bound(search.first_batch());
  int64_t since = first == batches.begin() ? 0 : std::prev(first)->second.sequence_number;
  lake::PathNames names;
  ASSIGN_OR_RETURN(std::set<std::string> needed,
                   NeededSince(metadata, snapshots, since, &names, files));
  std::set<std::string> changed;
  for (const std::string& path : search.found()) {
    ASSIGN_OR_RETURN(std::string name, names.Of(path));
    if (needed.contains(name)) continue;
    RETURN_IF_ERROR(files->Remove(path));
    changed.insert(io::ParentPath(path));
  }
  for (const std::string& folder : changed) RETURN_IF_ERROR(files->SyncDirectory(folder));
  return known;
}

}  // namespace flare::connector::iceberg
