#include "lake/directory_catalog.h"

#include <charconv>
#include <filesystem>

#include "base/fail_point.h"
#include "lake/metadata_file.h"
#include "lake/table_properties.h"

namespace flare::lake {
namespace {

using Outcome = PublishResult::Outcome;
constexpr const char* kHintFile = "version-hint.text";
constexpr const char* kSuffixes[] = {kMetadataSuffix, kGzipMetadataSuffix, kOldGzipMetadataSuffix};

std::optional<int64_t> VersionOf(std::string_view name) {
  if (!name.starts_with("v")) return std::nullopt;
  int64_t version = 0;
  auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), version);
  if (error != std::errc() || version < 1) return std::nullopt;
  std::string_view rest = name.substr(static_cast<size_t>(end - name.data()));
  for (const char* suffix : kSuffixes) {
    if (rest == suffix) return version;
  }
  return std::nullopt;
}

bool SameFolder(const std::string& a, const std::string& b) {
  std::error_code error;
  auto left = std::filesystem::weakly_canonical(a, error);
  auto right = std::filesystem::weakly_canonical(b, error);
  return !error && left == right;
}

PublishResult Failed(Outcome outcome, Error reason) { return {outcome, std::move(reason), std::nullopt}; }

}  // namespace

std::string DirectoryTable::NewLocation() const { return UriOf(folder_); }

Status DirectoryTable::CheckPlace(const TableMetadata& metadata) const {
  ASSIGN_OR_RETURN(std::string place, LocalPathOf(metadata.location()));
  if (SameFolder(place, folder_)) return Ok();
  return InvalidArgument("the table in {} says that it lies in {}: it was copied or moved. Its files name the old place, so "
                         "it cannot be written here; move it back, or write to a new table", folder_, place);
}

std::string DirectoryTable::FileOf(int64_t version, bool gzip) const {
  return io::JoinPath(metadata_folder(), fmt::format("v{}{}", version, gzip ? kSuffixes[1] : kSuffixes[0]));
}

Result<std::optional<std::string>> DirectoryTable::FindFile(int64_t version) const {
  for (const char* suffix : kSuffixes) {
    std::string file = io::JoinPath(metadata_folder(), fmt::format("v{}{}", version, suffix));
    ASSIGN_OR_RETURN(bool exists, files_->Exists(file));
    if (exists) return std::optional(file);
  }
  return std::optional<std::string>();
}

Result<std::optional<int64_t>> DirectoryTable::ReadHint() const {
  Result<std::string> text = files_->Read(io::JoinPath(metadata_folder(), kHintFile));
  if (!text && text.error().code() == Code::kNotFound) return std::optional<int64_t>();
  if (!text) return std::move(text).error();
  while (!text->empty() && (text->back() == '\n' || text->back() == ' ' || text->back() == '\r')) text->pop_back();
  int64_t version = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), version);
  if (error != std::errc() || end != text->data() + text->size()) return std::optional<int64_t>();
  return std::optional(version);
}

Result<int64_t> DirectoryTable::HighestListed() const {
  auto entries = files_->List(metadata_folder());
  if (!entries && entries.error().code() != Code::kNotFound) return std::move(entries).error();
  int64_t highest = 0;
  if (entries) {
    for (const auto& entry : *entries) highest = std::max(highest, VersionOf(entry.name).value_or(0));
  }
  if (highest == 0) return NotFound("there is no Iceberg table in {}", folder_);
  return highest;
}

Result<TableVersion> DirectoryTable::Load() const {
  ASSIGN_OR_RETURN(std::optional<int64_t> hint, ReadHint());
  std::optional<std::string> file;
  int64_t version = hint.value_or(0);
  if (hint) {
    ASSIGN_OR_RETURN(file, FindFile(version));
  }
  if (!file) {
    ASSIGN_OR_RETURN(version, HighestListed());
    ASSIGN_OR_RETURN(file, FindFile(version));
    if (!file) return Unavailable("the version v{} of the table in {} vanished while it was read", version, folder_);
  }
  for (;;) {  // The hint may be behind.
    ASSIGN_OR_RETURN(std::optional<std::string> next, FindFile(version + 1));
    if (!next) break;
    ++version;
    file = std::move(next);
  }
  return ReadMetadataFile(files_, *file, version);
}

Result<TableVersion> DirectoryTable::LoadVersion(int64_t version) const {
  ASSIGN_OR_RETURN(std::optional<std::string> file, FindFile(version));
  if (!file) return Unavailable("the version v{} of the table in {} vanished while it was read", version, folder_);
  return ReadMetadataFile(files_, *file, version);
}

Result<TableVersion> DirectoryTable::Refresh(TableVersion known) const {
  ASSIGN_OR_RETURN(std::optional<std::string> next, FindFile(known.version + 1));
  if (next) return Load();
  Result<int64_t> size = files_->Size(known.file);
  if (!size || *size != known.file_size) return Load();  // dropped, or made anew
  return known;
}

PublishResult DirectoryTable::Create(TableMetadata metadata) const {
  if (Status made = MakeTableFolder(files_, metadata_folder()); !made) {
    return Failed(Outcome::kRejected, std::move(made).error());
  }
  Result<TableVersion> there = Load();
  if (there) return Failed(Outcome::kConflict, AlreadyExists("there is a table in {} already", folder_));
  if (there.error().code() != Code::kNotFound) return Failed(Outcome::kRejected, std::move(there).error());
  auto properties = ParseWriterProperties(metadata.properties());
  if (!properties) return Failed(Outcome::kRejected, std::move(properties).error());
  std::string file = FileOf(1, properties->gzip_metadata);
  PublishResult result = PublishFile(1, file, std::move(metadata));
  if (result.outcome == Outcome::kPublished) std::ignore = WriteHint(1);  // readers probe upwards from an older hint
  return result;
}

PublishResult DirectoryTable::Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const {
  // The codec is the base's: two writers on one base then race for one and the same name.
  auto codec = ParseWriterProperties(base.metadata.properties());
  auto properties = ParseWriterProperties(next.properties());
  if (!codec) return Failed(Outcome::kRejected, std::move(codec).error());
  if (!properties) return Failed(Outcome::kRejected, std::move(properties).error());
  auto previous = base.metadata.location() + "/metadata/" + io::BaseName(base.file);
  std::vector<std::string> dropped = next.Touch(previous, now_ms, properties->previous_versions_max);
  auto taken = FindFile(base.version + 1);
  if (!taken) return Failed(Outcome::kRejected, std::move(taken).error());
  if (*taken) return Failed(Outcome::kConflict, Conflict("{} was published by another writer", **taken));
  PublishResult result =
      PublishFile(base.version + 1, FileOf(base.version + 1, codec->gzip_metadata), std::move(next));
  if (result.outcome != Outcome::kPublished) return result;
  if (auto exists = files_->Exists(base.file); !exists || !*exists) result = ConfirmReachable(std::move(result));
  if (result.outcome != Outcome::kPublished) return result;
  std::ignore = WriteHint(base.version + 1);  // readers probe upwards from an older hint
  if (!properties->delete_after_commit) return result;
  for (const std::string& old : dropped) {
    auto path = LocalPathOf(old);
    if (path && VersionOf(io::BaseName(*path)) && io::ParentPath(*path) == metadata_folder()) {
      RemoveMetadataFile(files_, *path, "lake.before_old_metadata", "lake.after_old_metadata");
    }
  }
  return result;
}

PublishResult DirectoryTable::ConfirmReachable(PublishResult result) const {
  // A writer that was paused for very long may find its version's name free again, because later commits
  // removed old metadata files, oldest first: then the base is gone too. The hint is not asked, and does not name
  // this version yet: were it to, readers would be led back to a past in which the later commits never happened.
  auto highest = HighestListed();
  if (!highest) return Failed(Outcome::kUnknown, std::move(highest).error());
  const TableVersion& mine = *result.table;
  if (*highest <= mine.version) return result;
  auto newest = LoadVersion(*highest);
  if (!newest) return Failed(Outcome::kUnknown, std::move(newest).error());
  if (newest->metadata.Follows(io::BaseName(mine.file), mine.metadata.Head())) return result;
  std::string file = mine.file;
  auto remove = [&]() -> Status {
    FAIL_POINT("lake.before_lost_metadata");
    RETURN_IF_ERROR(files_->Remove(file));
    FAIL_POINT("lake.after_lost_metadata");
    return Ok();
  };
  if (Status removed = remove(); !removed) return Failed(Outcome::kUnknown, std::move(removed).error());
  return Failed(Outcome::kConflict, Conflict("the table went on to version {} before {} was written", newest->version, file));
}

PublishResult DirectoryTable::PublishFile(int64_t version, const std::string& file, TableMetadata metadata) const {
  auto encoded = EncodeMetadata(metadata, file);
  if (!encoded) return Failed(Outcome::kRejected, std::move(encoded).error());
  const std::string& bytes = *encoded;
  if (Status go = FailPoint("lake.before_metadata_swap"); !go) return Failed(Outcome::kRejected, std::move(go).error());
  Status created = files_->CreateExclusive(file, bytes);
  if (!created && created.error().code() == Code::kAlreadyExists) {
    return Failed(Outcome::kConflict, Conflict("{} was published by another writer", file));
  }
  if (!created) {
    // The link may have been made before something failed: the file itself tells.
    Error reason = std::move(created).error();
    auto content = files_->Read(file);
    if (!content && content.error().code() == Code::kNotFound) return Failed(Outcome::kRejected, std::move(reason));
    if (!content) return Failed(Outcome::kUnknown, std::move(reason));
    if (*content != bytes) return Failed(Outcome::kConflict, std::move(reason));
    if (!files_->SyncDirectory(metadata_folder())) return Failed(Outcome::kUnknown, std::move(reason));
  }
  if (Status go = FailPoint("lake.after_metadata_swap"); !go) return Failed(Outcome::kUnknown, std::move(go).error());
  TableVersion table{std::move(metadata), version, file, static_cast<int64_t>(bytes.size())};
  return {Outcome::kPublished, std::nullopt, std::move(table)};
}

Status DirectoryTable::Repair(const TableVersion& newest) const {
  ASSIGN_OR_RETURN(std::optional<int64_t> hint, ReadHint());
  return hint == newest.version ? Ok() : WriteHint(newest.version);
}

Status DirectoryTable::WriteHint(int64_t version) const {
  FAIL_POINT("lake.before_version_hint");
  ASSIGN_OR_RETURN(std::optional<std::string> newer, FindFile(version + 1));
  if (newer) return Ok();  // its writer will point there
  ASSIGN_OR_RETURN(std::optional<int64_t> there, ReadHint());
  if (there && *there > version) {
    // Never back: a later writer's hint stands, unless its table is gone.
    ASSIGN_OR_RETURN(std::optional<std::string> hinted, FindFile(*there));
    if (hinted) return Ok();
  }
  std::string hint = io::JoinPath(metadata_folder(), kHintFile);
  // Java checks its own checksum file against the hint; a stale one would make it distrust ours.
  RETURN_IF_ERROR(files_->Remove(io::JoinPath(metadata_folder(), fmt::format(".{}.crc", kHintFile))));
  RETURN_IF_ERROR(files_->Replace(hint, fmt::format("{}", version)));
  FAIL_POINT("lake.after_version_hint");
  return Ok();
}

}  // namespace flare::lake
