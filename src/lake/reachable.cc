#include "lake/reachable.h"

#include <filesystem>

namespace flare::lake {

Result<std::string> PathNames::OfFolder(const std::string& uri) {
  ASSIGN_OR_RETURN(std::string folder, LocalPathOf(uri));
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  auto known = folders_.find(folder);
  if (known == folders_.end()) {
    std::error_code error;
    std::filesystem::path real = std::filesystem::weakly_canonical(folder, error);
    if (error) return Unavailable("the folder {} cannot be looked at: {}", folder, error.message());
    known = folders_.emplace(std::move(folder), real.string()).first;
  }
  return known->second;
}

Result<std::string> PathNames::Of(const std::string& uri) {
  ASSIGN_OR_RETURN(std::string path, LocalPathOf(uri));
  std::string parent = io::ParentPath(path);
  ASSIGN_OR_RETURN(std::string folder, OfFolder(parent.empty() ? "/" : parent));
  return io::JoinPath(folder, io::BaseName(path));
}

bool LiesIn(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

Status CheckMetadataInLocation(const TableVersion& version, PathNames* names) {
  ASSIGN_OR_RETURN(std::string location, names->OfFolder(version.metadata.location()));
  ASSIGN_OR_RETURN(std::string file, names->Of(version.file));
  if (LiesIn(file, location)) return Ok();
  return InvalidArgument("the table says that it lies in {}, but its metadata file is {}: the files there may be another "
                         "table's, from which it was copied or registered, so nothing is deleted", location, file);
}

Status Reachable::AddSnapshot(const Snapshot& snapshot) {
  ASSIGN_OR_RETURN(std::string list, names_->Of(snapshot.manifest_list));
  ASSIGN_OR_RETURN(std::string bytes, files_->Read(list));
  ASSIGN_OR_RETURN(std::vector<ManifestFile> rows, DecodeManifestList(bytes, list));
  for (ManifestFile& row : rows) {
    ASSIGN_OR_RETURN(std::string path, names_->Of(row.path));
    manifests_.try_emplace(std::move(path), std::move(row));
  }
  lists_.insert(std::move(list));
  return Ok();
}

Result<std::vector<std::string>> Reachable::LiveFiles(const TableMetadata& table, const ManifestFile& row) const {
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, LiveEntries(table, row, files_));
  std::vector<std::string> live;
  for (const ManifestEntry& entry : entries) {
    ASSIGN_OR_RETURN(std::string path, names_->Of(entry.file.path));
    live.push_back(std::move(path));
  }
  return live;
}

Result<std::vector<ManifestEntry>> LiveEntries(const TableMetadata& table, const ManifestFile& row, io::FileSystem* files) {
  const PartitionSpec* spec = table.FindSpec(row.spec_id);
  if (spec == nullptr) return Corruption("the manifest {} names the unknown partition spec {}", row.path, row.spec_id);
  PartitionSpec untyped = *spec;
  untyped.fields.clear();  // the values of a dropped column could not be typed, and nobody here needs any
  ASSIGN_OR_RETURN(std::string local, LocalPathOf(row.path));
  ASSIGN_OR_RETURN(std::string bytes, files->Read(local));
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, DecodeManifest(bytes, row, untyped, table.schema()));
  std::erase_if(entries, [](const ManifestEntry& entry) { return entry.status == EntryStatus::kDeleted; });
  return entries;
}

}  // namespace flare::lake
