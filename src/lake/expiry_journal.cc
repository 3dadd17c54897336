#include "lake/expiry_journal.h"

#include "base/fail_point.h"
#include "base/random.h"
#include "lake/json.h"
#include "lake/table.h"

namespace flare::lake {
namespace {

constexpr const char* kPrefix = ".flare-expired-";
constexpr const char* kSuffix = ".json";
constexpr int kFormat = 1;

Json ArrayOf(const std::vector<std::string>& uris) {
  Json array = Json::array();
  for (const std::string& uri : uris) array.push_back(uri);
  return array;
}

Status ReadUris(const Json& document, const char* key, std::vector<std::string>* uris) {
  ASSIGN_OR_RETURN(const Json* array, GetArray(document, key));
  for (const Json& uri : *array) {
    if (!uri.is_string()) return Corruption("'{}' holds something that is no text", key);
    uris->push_back(uri.get<std::string>());
  }
  return Ok();
}

/// Somebody who looked for journals had it in hand before it was locked, found nothing superfluous and let it go.
bool WasTaken(const Error& error) { return error.code() == Code::kNotFound || error.code() == Code::kConflict; }

}  // namespace

Result<std::unique_ptr<ExpiryJournal>> ExpiryJournal::Write(const TableMetadata& table, const Expired& expired,
                                                            io::FileSystem* files) {
  ASSIGN_OR_RETURN(std::string folder, MetadataFolderOf(table));
  Json document = {{"format", kFormat},
                   {"table-uuid", table.uuid()},
                   {"manifest-lists", ArrayOf(expired.manifest_lists)},
                   {"statistics", ArrayOf(expired.statistics)}};
  std::string text = DumpJson(document);
  for (int tries = 0;; ++tries) {
    std::string path = io::JoinPath(folder, fmt::format("{}{}{}", kPrefix, NewUuid(), kSuffix));
    std::unique_ptr<ExpiryJournal> journal(new ExpiryJournal(path, files));
    FAIL_POINT("lake.before_expiry_journal");
    Status written = files->CreateExclusive(path, text);
    if (written) {
      auto lock = io::FileLock::TakeExisting(path);
      if (lock) journal->lock_ = std::move(*lock);
      if (!lock) written = std::move(lock).error();
    }
    FAIL_POINT("lake.after_expiry_journal");
    if (written) return journal;
    if (tries == 3 || !WasTaken(written.error())) return std::move(written).error();
  }
}

Result<std::vector<std::string>> ExpiryJournal::Find(const std::string& metadata_folder, bool look_only,
                                                     io::FileSystem* files) {
  ASSIGN_OR_RETURN(auto entries, files->List(metadata_folder));
  std::vector<std::string> found;
  for (const io::DirEntry& entry : entries) {
    std::string path = io::JoinPath(metadata_folder, entry.name);
    if (entry.name.starts_with(kPrefix) && entry.name.ends_with(kSuffix)) found.push_back(path);
    // Where a file cannot be made without a name. Its writer, if there still is one, tries again.
    bool temporary = entry.name.starts_with(fmt::format(".{}", kPrefix)) && entry.name.ends_with(".tmp");
    if (!temporary || look_only) continue;
    FAIL_POINT("lake.before_expiry_end");
    RETURN_IF_ERROR(files->Remove(path));
    FAIL_POINT("lake.after_expiry_end");
  }
  return found;
}

Result<std::unique_ptr<ExpiryJournal>> ExpiryJournal::Take(const std::string& path, io::FileSystem* files) {
  std::unique_ptr<ExpiryJournal> journal(new ExpiryJournal(path, files));
  ASSIGN_OR_RETURN(journal->lock_, io::FileLock::TakeExisting(path));
  ASSIGN_OR_RETURN(std::string text, files->Read(path));
  if (Status parsed = journal->Parse(text); !parsed) {
    return std::move(parsed).error().With(fmt::format(
        "while reading {}, in which an expiry noted what to delete: remove it and run flare maintain --remove-orphans", path));
  }
  return journal;
}

Status ExpiryJournal::Parse(const std::string& text) {
  ASSIGN_OR_RETURN(Json document, ParseJson(text, path_));
  ASSIGN_OR_RETURN(int format, GetInt(document, "format"));
  if (format != kFormat) return Unsupported("it has the format {}, and this flare knows {}", format, kFormat);
  ASSIGN_OR_RETURN(table_uuid_, GetString(document, "table-uuid"));
  RETURN_IF_ERROR(ReadUris(document, "manifest-lists", &expired_.manifest_lists));
  return ReadUris(document, "statistics", &expired_.statistics);
}

Status ExpiryJournal::Remove() {
  FAIL_POINT("lake.before_expiry_end");
  RETURN_IF_ERROR(files_->Remove(path_));
  FAIL_POINT("lake.after_expiry_end");
  return Ok();
}

}  // namespace flare::lake
