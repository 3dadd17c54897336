#include "lake/garbage.h"

#include <algorithm>

#include "base/fail_point.h"
#include "lake/data_writer.h"
#include "lake/reachable.h"

namespace flare::lake {
namespace {

/// Finds the files of expired snapshots that a version of the table does not need.
class GarbageFinder {
 public:
  GarbageFinder(const TableMetadata& table, const Expired& expired, io::FileSystem* files)
      : table_(table), expired_(expired), kept_(files, &names_), gone_(files, &names_) {}

  Result<Garbage> Find() {
    ASSIGN_OR_RETURN(std::string location, names_.OfFolder(table_.location()));
    ASSIGN_OR_RETURN(std::string data, DataFolderUri(table_));
    ASSIGN_OR_RETURN(data, names_.OfFolder(data));
    folders_ = {std::move(location), std::move(data)};
    ASSIGN_OR_RETURN(std::vector<Snapshot> snapshots, table_.Snapshots());
    for (const Snapshot& snapshot : snapshots) RETURN_IF_ERROR(kept_.AddSnapshot(snapshot));
    for (const std::string& list : expired_.manifest_lists) RETURN_IF_ERROR(AddExpired(list));
    RETURN_IF_ERROR(FindData());
    RETURN_IF_ERROR(FindStatistics());
    return std::move(garbage_);
  }

 private:
  Status AddExpired(const std::string& manifest_list) {
    Snapshot snapshot;
    snapshot.manifest_list = manifest_list;
    Status read = gone_.AddSnapshot(snapshot);
    // Another expiry, or one that was killed, was there: lists go last.
    if (!read && read.error().code() != Code::kNotFound) return read;
    if (!read) ++garbage_.unreadable;
    return Ok();
  }

  void Add(const std::string& path, std::set<std::string>* kind) {
    bool own = std::any_of(folders_.begin(), folders_.end(), [&](const auto& folder) { return LiesIn(path, folder); });
    if (own) kind->insert(path);
    if (!own) ++garbage_.outside;
  }

  Status FindData() {
    for (const std::string& list : gone_.lists()) {
      if (!kept_.lists().contains(list)) Add(list, &garbage_.manifest_lists);
    }
    std::set<std::string> data;
    for (const auto& [path, row] : gone_.manifests()) {
      if (kept_.manifests().contains(path)) continue;
      Add(path, &garbage_.manifests);
      auto live = gone_.LiveFiles(table_, row);
      if (!live && live.error().code() != Code::kNotFound) return std::move(live).error();
      if (!live) ++garbage_.unreadable;
      if (live) data.insert(live->begin(), live->end());
    }
    for (const auto& [path, row] : kept_.manifests()) {
      if (data.empty()) break;
      ASSIGN_OR_RETURN(std::vector<std::string> live, kept_.LiveFiles(table_, row));
      for (const std::string& file : live) data.erase(file);
    }
    for (const std::string& file : data) Add(file, &garbage_.data_files);
    return Ok();
  }

  Status FindStatistics() {
    std::set<std::string> needed;
    ASSIGN_OR_RETURN(auto files, table_.StatisticsFiles());
    for (const auto& [id, uri] : files) {
      ASSIGN_OR_RETURN(std::string path, names_.Of(uri));
      needed.insert(std::move(path));
    }
    for (const std::string& uri : expired_.statistics) {
      ASSIGN_OR_RETURN(std::string path, names_.Of(uri));
      if (!needed.contains(path)) Add(path, &garbage_.statistics);
    }
    return Ok();
  }

  const TableMetadata& table_;
  const Expired& expired_;
  PathNames names_;
  Reachable kept_, gone_;
  std::vector<std::string> folders_;
  Garbage garbage_;
};

/// Makes it last that files are gone.
Status SyncFoldersOf(const std::set<std::string>& paths, io::FileSystem* files) {
  FAIL_POINT("lake.before_expired_sync");
  std::set<std::string> folders;
  for (const std::string& path : paths) folders.insert(io::ParentPath(path));
  for (const std::string& folder : folders) {
    Status synced = files->SyncDirectory(folder);
    if (!synced && synced.error().code() != Code::kNotFound) return synced;
  }
  FAIL_POINT("lake.after_expired_sync");
  return Ok();
}

}  // namespace

Result<Garbage> FindGarbage(const TableMetadata& table, const Expired& expired, io::FileSystem* files) {
  return GarbageFinder(table, expired, files).Find();
}

Status DeleteGarbage(const Garbage& garbage, io::FileSystem* files, Deletion* deletion) {
  for (const auto* paths : {&garbage.data_files, &garbage.manifests, &garbage.manifest_lists, &garbage.statistics}) {
    if (paths->empty()) continue;
    RETURN_IF_ERROR(DeleteFiles(*paths, "lake.before_expired_file", "lake.after_expired_file", files, deletion));
    if (deletion->failed > 0) return Ok();
    RETURN_IF_ERROR(SyncFoldersOf(*paths, files));
  }
  return Ok();
}

}  // namespace flare::lake
