// A table's history in its metadata: the names of its snapshots, and what is forgotten of it.
#include "lake/table_metadata.h"

namespace flare::lake {
namespace {

constexpr const char* kStatisticsLists[] = {"statistics", "partition-statistics"};

Status ReadOptional(const Json& json, const char* key, std::optional<int64_t>* out) {
  if (FindMember(json, key) == nullptr) return Ok();
  ASSIGN_OR_RETURN(*out, GetLong(json, key));
  return Ok();
}

Result<SnapshotRef> ReadRef(const std::string& name, const Json& json) {
  SnapshotRef ref;
  ref.name = name;
  ASSIGN_OR_RETURN(ref.snapshot_id, GetLong(json, "snapshot-id"));
  ASSIGN_OR_RETURN(std::string type, GetString(json, "type"));
  ref.is_tag = type == "tag";
  if (!ref.is_tag && type != "branch") return Corruption("the ref '{}' is a '{}', neither a branch nor a tag", name, type);
  if (FindMember(json, "min-snapshots-to-keep") != nullptr) {
    ASSIGN_OR_RETURN(ref.min_snapshots_to_keep, GetInt(json, "min-snapshots-to-keep"));
  }
  RETURN_IF_ERROR(ReadOptional(json, "max-snapshot-age-ms", &ref.max_snapshot_age_ms));
  RETURN_IF_ERROR(ReadOptional(json, "max-ref-age-ms", &ref.max_ref_age_ms));
  return ref;
}

/// Takes out what `gone` says of each element.
template <class Gone>
void EraseFrom(Json* doc, const char* key, const Gone& gone) {
  auto list = doc->find(key);
  if (list == doc->end() || !list->is_array()) return;
  Json kept = Json::array();
  for (Json& item : *list) {
    if (!gone(item)) kept.push_back(std::move(item));
  }
  *list = std::move(kept);
}

}  // namespace

Result<std::vector<SnapshotRef>> TableMetadata::Refs() const {
  std::vector<SnapshotRef> refs;
  if (const Json* json = FindMember(doc_, "refs"); json != nullptr && json->is_object()) {
    for (const auto& [name, item] : json->items()) {
      ASSIGN_OR_RETURN(SnapshotRef ref, ReadRef(name, item));
      refs.push_back(std::move(ref));
    }
  }
  bool has_main = std::any_of(refs.begin(), refs.end(), [](const auto& ref) { return ref.name == kMainBranch; });
  if (auto head = Head(); head && !has_main) refs.push_back({kMainBranch, *head, false, {}, {}, {}});
  return refs;
}

Result<std::vector<std::pair<int64_t, std::string>>> TableMetadata::StatisticsFiles() const {
  std::vector<std::pair<int64_t, std::string>> all;
  for (const char* key : kStatisticsLists) {
    const Json* list = FindMember(doc_, key);
    if (list == nullptr || !list->is_array()) continue;
    for (const Json& item : *list) {
      ASSIGN_OR_RETURN(int64_t id, GetLong(item, "snapshot-id"));
      ASSIGN_OR_RETURN(std::string path, GetString(item, "statistics-path"));
      all.emplace_back(id, std::move(path));
    }
  }
  return all;
}

std::vector<std::string> TableMetadata::PreviousFiles() const {
  std::vector<std::string> all;
  const Json* log = FindMember(doc_, "metadata-log");
  if (log == nullptr || !log->is_array()) return all;
  for (const Json& item : *log) {
    if (auto file = GetString(item, "metadata-file")) all.push_back(std::move(*file));
  }
  return all;
}

void TableMetadata::RemoveSnapshots(const std::set<int64_t>& ids) {
  auto names_removed = [&](const Json& item) {
    auto id = GetLong(item, "snapshot-id");
    return id && ids.contains(*id);
  };
  EraseFrom(&doc_, "snapshots", names_removed);
  for (const char* key : kStatisticsLists) EraseFrom(&doc_, key, names_removed);
  // A log with holes would answer "what was the table at noon" wrongly: all before the last hole goes too.
  if (auto log = doc_.find("snapshot-log"); log != doc_.end() && log->is_array()) {
    size_t first = 0;
    for (size_t i = 0; i < log->size(); ++i) {
      if (names_removed((*log)[i])) first = i + 1;
    }
    log->erase(log->begin(), log->begin() + static_cast<Json::difference_type>(first));
  }
  snapshot_index_.clear();
  const Json& left = doc_["snapshots"];
  for (size_t i = 0; i < left.size(); ++i) {
    if (auto id = GetLong(left[i], "snapshot-id")) snapshot_index_[*id] = i;
  }
}

void TableMetadata::RemoveRef(const std::string& name) {
  if (auto refs = doc_.find("refs"); refs != doc_.end() && refs->is_object()) refs->erase(name);
}

}  // namespace flare::lake
