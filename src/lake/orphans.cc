#include "lake/orphans.h"

#include <array>

#include "base/fail_point.h"
#include "lake/data_writer.h"
#include "lake/reachable.h"
#include "lake/table_properties.h"

namespace flare::lake {
namespace {

bool IsHidden(std::string_view name) { return name.starts_with("."); }
bool IsChecksum(std::string_view name) { return IsHidden(name) && name.ends_with(".crc"); }

/// Whether the name is one that Iceberg writers, flare among them, give to files of a table.
bool IsTableFile(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kEndings = {
      ".parquet", ".orc", ".avro", ".puffin", ".stats", ".metadata.json", ".metadata.json.gz", ".gz.metadata.json"};
  if (IsHidden(name)) return name.ends_with(".tmp");  // a crash left it
  return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return name.ends_with(ending); });
}

struct ListedFile {
  std::string path;
  int64_t size = 0, modified_ms = 0;
};

/// Everything in the folders of one table.
class Listing {
 public:
  Listing(io::FileSystem* files, PathNames* names, OrphanResult* result)
      : files_(files), names_(names), result_(result) {}

  Status Add(const std::string& folder) {
    ASSIGN_OR_RETURN(std::string real, names_->OfFolder(folder));
    if (!seen_.insert(real).second) return Ok();  // a link back
    auto entries = files_->List(real);
    if (!entries && entries.error().code() == Code::kNotFound) return Ok();
    if (!entries) return std::move(entries).error();
    for (const io::DirEntry& entry : *entries) {
      std::string path = io::JoinPath(real, entry.name);
      if (!entry.is_directory) {
        found_.push_back({std::move(path), entry.size_bytes, entry.modified_ms});
      } else {
        RETURN_IF_ERROR(AddBelow(path, real));
      }
    }
    return Ok();
  }
  const std::vector<ListedFile>& found() const { return found_; }

 private:
  Status AddBelow(const std::string& path, const std::string& parent) {
    ASSIGN_OR_RETURN(std::string real, names_->OfFolder(path));
    ASSIGN_OR_RETURN(bool table, IsTable(path));
    if (table || !LiesIn(real, parent)) {
      result_->left_folders.push_back(path);
      return Ok();
    }
    return Add(path);
  }

  /// A table may have been put into another one's data folder.
  Result<bool> IsTable(const std::string& folder) {
    auto entries = files_->List(io::JoinPath(folder, "metadata"));
    if (!entries && entries.error().code() == Code::kNotFound) return false;
    if (!entries) return std::move(entries).error();
    return std::any_of(entries->begin(), entries->end(), [](const io::DirEntry& entry) {
      return entry.name.find(".metadata.json") != std::string::npos;
    });
  }

  io::FileSystem* files_;
  PathNames* names_;
  OrphanResult* result_;
  std::set<std::string> seen_;
  std::vector<ListedFile> found_;
};

/// Every file that a version of the table names.
Result<std::set<std::string>> Named(const TableVersion& version, io::FileSystem* files, PathNames* names) {
  const TableMetadata& table = version.metadata;
  std::set<std::string> named;
  std::vector<std::string> uris = table.PreviousFiles();
  uris.push_back(version.file);
  ASSIGN_OR_RETURN(auto statistics, table.StatisticsFiles());
  for (auto& [id, uri] : statistics) uris.push_back(std::move(uri));
  for (const std::string& uri : uris) {
    ASSIGN_OR_RETURN(std::string path, names->Of(uri));
    named.insert(std::move(path));
  }
  Reachable reachable(files, names);
  ASSIGN_OR_RETURN(std::vector<Snapshot> snapshots, table.Snapshots());
  for (const Snapshot& snapshot : snapshots) RETURN_IF_ERROR(reachable.AddSnapshot(snapshot));
  named.insert(reachable.lists().begin(), reachable.lists().end());
  for (const auto& [path, row] : reachable.manifests()) {
    ASSIGN_OR_RETURN(std::vector<std::string> live, reachable.LiveFiles(table, row));
    named.insert(live.begin(), live.end());
    named.insert(path);
  }
  return named;
}

/// The file that a Hadoop checksum is of.
std::string CheckedFile(const std::string& path) {
  std::string name = io::BaseName(path);
  return io::JoinPath(io::ParentPath(path), name.substr(1, name.size() - 5));
}

void Sort(const std::vector<ListedFile>& found, const std::set<std::string>& named, int64_t older_than_ms,
          OrphanResult* result) {
  std::set<std::string> stay;
  auto judge = [&](const ListedFile& file, bool known, bool needed) {
    bool young = file.modified_ms >= older_than_ms;
    if (!known || needed || young) {
      stay.insert(file.path);
      result->unknown += known || needed ? 0 : 1;
      result->young += known && !needed && young ? 1 : 0;
      return;
    }
    result->orphans.insert(file.path);
    result->bytes += file.size;
  };
  for (const ListedFile& file : found) {
    std::string name = io::BaseName(file.path);
    bool hint = name == "version-hint.text";
    if (!IsChecksum(name)) judge(file, hint || IsTableFile(name), hint || named.contains(file.path));
  }
  for (const ListedFile& file : found) {
    if (IsChecksum(io::BaseName(file.path))) judge(file, true, stay.contains(CheckedFile(file.path)));
  }
}

Status CheckAllowed(const Table& table, const TableVersion& version, PathNames* names) {
  RETURN_IF_ERROR(table.CheckPlace(version.metadata));
  RETURN_IF_ERROR(CheckMetadataInLocation(version, names));
  ASSIGN_OR_RETURN(RetentionProperties properties, ParseRetentionProperties(version.metadata.properties()));
  if (properties.gc_enabled) return Ok();
  return Unsupported("the table property gc.enabled is false: its files may belong to another table as well, so no orphan is "
                     "removed. Set it to true if this table alone owns its files");
}

Status ListFolders(const TableMetadata& metadata, PathNames* names, Listing* listing, OrphanResult* result) {
  ASSIGN_OR_RETURN(std::string location, names->OfFolder(metadata.location()));
  ASSIGN_OR_RETURN(std::string data_uri, DataFolderUri(metadata));
  ASSIGN_OR_RETURN(std::string data, names->OfFolder(data_uri));
  RETURN_IF_ERROR(listing->Add(io::JoinPath(location, "metadata")));
  RETURN_IF_ERROR(listing->Add(io::JoinPath(location, "data")));
  if (LiesIn(data, location)) return listing->Add(data);
  result->left_folders.push_back(data);  // other tables may keep their files there
  return Ok();
}

}  // namespace

Result<OrphanResult> RemoveOrphans(const Table& table, int64_t older_than_ms, bool dry_run, io::FileSystem* files) {
  OrphanResult result;
  PathNames names;
  ASSIGN_OR_RETURN(TableVersion version, table.Load());
  RETURN_IF_ERROR(CheckAllowed(table, version, &names));
  // First what is there, then what is named: a file that a commit names in between is seen as named.
  Listing listing(files, &names, &result);
  RETURN_IF_ERROR(ListFolders(version.metadata, &names, &listing, &result));
  auto named = LookAtNewest<std::set<std::string>>(table, [&](const TableVersion& newest) -> Result<std::set<std::string>> {
    RETURN_IF_ERROR(CheckAllowed(table, newest, &names));
    return Named(newest, files, &names);
  });
  if (!named) return std::move(named).error().With("while looking for what the table needs: no orphan was removed");
  Sort(listing.found(), *named, older_than_ms, &result);
  if (dry_run) return result;
  RETURN_IF_ERROR(DeleteFiles(result.orphans, "lake.before_orphan", "lake.after_orphan", files, &result.deletion));
  return result;
}

}  // namespace flare::lake
