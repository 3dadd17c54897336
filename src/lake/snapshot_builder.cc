#include "lake/snapshot_builder.h"

#include <charconv>
#include <set>

#include "base/fail_point.h"
#include "base/random.h"

namespace flare::lake {
namespace {

int64_t NewSnapshotId(const TableMetadata& base) {
  for (;;) {
    auto id = static_cast<int64_t>(RandomBits() & 0x7fffffffffffffff);
    if (id > 0 && !base.HasSnapshot(id)) return id;
  }
}

void PutCount(const char* key, int64_t value, Properties* summary) {
  if (value > 0) (*summary)[key] = fmt::format("{}", value);
}

/// A total carried on from the parent's; left out when the parent's is not known.
void PutTotal(const char* key, const Snapshot* parent, int64_t change, Properties* summary) {
  int64_t before = 0;
  if (parent != nullptr) {
    auto found = parent->summary.find(key);
    if (found == parent->summary.end()) return;
    const std::string& text = found->second;
    if (std::from_chars(text.data(), text.data() + text.size(), before).ec != std::errc()) return;
  }
  (*summary)[key] = fmt::format("{}", before + change);
}

}  // namespace

Result<Snapshot> SnapshotBuilder::Build(const TableMetadata& base, int64_t now_ms) {
  // Now, not behind the commit: a death there would leave them with the name of the attempt that is kept.
  if (tries_++ > 0) RemoveTryFiles();
  ASSIGN_OR_RETURN(properties_, ParseWriterProperties(base.properties()));
  if (snapshot_id_ == 0) snapshot_id_ = NewSnapshotId(base);
  sequence_number_ = base.last_sequence_number() + 1;
  Snapshot snapshot;
  snapshot.id = snapshot_id_;
  snapshot.parent_id = base.Head(request_.branch);
  if (!snapshot.parent_id && !base.HasBranch(request_.branch)) snapshot.parent_id = base.Head();  // a new branch
  snapshot.sequence_number = sequence_number_;
  snapshot.timestamp_ms = std::max(now_ms, base.last_updated_ms());
  snapshot.schema_id = base.schema().schema_id;
  std::optional<Snapshot> parent;
  if (snapshot.parent_id) {
    ASSIGN_OR_RETURN(parent, base.FindSnapshot(*snapshot.parent_id));
  }
  const Snapshot* before = parent ? &*parent : nullptr;
  RETURN_IF_ERROR(WriteNewManifest(base));
  RETURN_IF_ERROR(CollectKept(base, before));
  RETURN_IF_ERROR(MergeKept(base));
  snapshot.summary = Summary(before);
  ASSIGN_OR_RETURN(snapshot.manifest_list, WriteList(base, snapshot));
  return snapshot;
}

void SnapshotBuilder::RemoveTryFiles() {
  if (try_files_.empty() || !FailPoint("lake.before_refused_try")) return;
  for (const auto& path : try_files_) std::ignore = files_->Remove(path);  // an orphan does no harm
  try_files_.clear();
  std::ignore = FailPoint("lake.after_refused_try");
}

void SnapshotBuilder::CleanUp() {
  if (new_manifest_) {
    if (auto path = LocalPathOf(new_manifest_->path)) try_files_.push_back(*path);
    new_manifest_.reset();
  }
  RemoveTryFiles();
}

std::string SnapshotBuilder::NewPath(const TableMetadata& base, const std::string& name) const {
  return base.location() + "/metadata/" + name;
}

Result<ManifestHeader> SnapshotBuilder::HeaderFor(const TableMetadata& base, int spec_id, ManifestContent content) const {
  const PartitionSpec* spec = base.FindSpec(spec_id);
  if (spec == nullptr) {
    return Conflict("the table's partition spec {}, by which the files were written, is gone", spec_id);
  }
  return ManifestHeader{base.schema(), base.schema_json(), *spec, content};
}

Result<ManifestFile> SnapshotBuilder::WriteManifest(const ManifestHeader& header, const std::vector<ManifestEntry>& entries,
                                                    const std::string& path) {
  ASSIGN_OR_RETURN(EncodedManifest encoded, EncodeManifest(header, entries, properties_.manifest_codec));
  ASSIGN_OR_RETURN(std::string local, LocalPathOf(path));
  FAIL_POINT("lake.before_manifest");
  try_files_.push_back(local);
  RETURN_IF_ERROR(files_->CreateExclusive(local, encoded.bytes));
  FAIL_POINT("lake.after_manifest");
  encoded.row.path = path;
  encoded.row.added_snapshot_id = snapshot_id_;
  return std::move(encoded.row);
}

Status SnapshotBuilder::WriteNewManifest(const TableMetadata& base) {
  if (request_.files.empty() || new_manifest_) return Ok();
  ASSIGN_OR_RETURN(ManifestHeader header, HeaderFor(base, request_.spec_id, ManifestContent::kData));
  std::vector<ManifestEntry> entries;
  for (const DataFile& file : request_.files) {
    entries.push_back({EntryStatus::kAdded, snapshot_id_, std::nullopt, std::nullopt, file});
  }
  std::string path = NewPath(base, fmt::format("{}-m{}.avro", request_.name, manifests_written_++));
  ASSIGN_OR_RETURN(new_manifest_, WriteManifest(header, entries, path));
  try_files_.pop_back();  // kept for every try
  return Ok();
}

Result<std::vector<ManifestEntry>> SnapshotBuilder::ReadManifest(const TableMetadata& base, const ManifestFile& row) const {
  ASSIGN_OR_RETURN(ManifestHeader header, HeaderFor(base, row.spec_id, row.content));
  Schema schema = header.schema;
  for (const auto& field : header.spec.fields) {
    // A partition column that was dropped since still types its values.
    if (schema.FindById(field.source_id) != nullptr) continue;
    const Schema* older = base.FindSchemaWithField(field.source_id);
    if (older != nullptr) schema.fields.push_back(*older->FindById(field.source_id));
  }
  ASSIGN_OR_RETURN(std::string local, LocalPathOf(row.path));
  ASSIGN_OR_RETURN(std::string bytes, files_->Read(local));
  return DecodeManifest(bytes, row, header.spec, schema);
}

Status SnapshotBuilder::CollectKept(const TableMetadata& base, const Snapshot* parent) {
  kept_.clear();
  changed_.clear();
  removed_files_ = removed_rows_ = removed_bytes_ = removed_deletes_ = replaced_manifests_ = 0;
  if (parent == nullptr) return Ok();
  ASSIGN_OR_RETURN(std::string local, LocalPathOf(parent->manifest_list));
  ASSIGN_OR_RETURN(std::string bytes, files_->Read(local));
  ASSIGN_OR_RETURN(std::vector<ManifestFile> rows, DecodeManifestList(bytes, local));
  for (ManifestFile& row : rows) {
    // Without live files a manifest was only a note for the snapshot that emptied it.
    if (row.added_files + row.existing_files == 0) continue;
    if (request_.mode == WriteMode::kAppend) {
      kept_.push_back(std::move(row));
    } else {
      RETURN_IF_ERROR(Replace(base, row));
    }
  }
  return Ok();
}

bool SnapshotBuilder::Replaces(const ManifestEntry& entry, int spec_id) const {
  if (request_.mode == WriteMode::kReplaceAll) return true;
  if (spec_id != request_.spec_id) return false;
  for (const DataFile& file : request_.files) {
    if (file.partition == entry.file.partition) return true;
  }
  return false;
}

Status SnapshotBuilder::Replace(const TableMetadata& base, const ManifestFile& row) {
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, ReadManifest(base, row));
  std::vector<ManifestEntry> live;
  bool any = false;
  for (ManifestEntry& entry : entries) {
    if (entry.status == EntryStatus::kDeleted) continue;
    entry.status = EntryStatus::kExisting;
    if (Replaces(entry, row.spec_id)) {
      any = true;
      entry.status = EntryStatus::kDeleted;
      entry.snapshot_id = snapshot_id_;
      bool data = entry.file.content == FileContent::kData;
      removed_files_ += data ? 1 : 0;
      removed_rows_ += data ? entry.file.record_count : 0;
      removed_deletes_ += data ? 0 : 1;
      removed_bytes_ += entry.file.size_bytes;
    }
    live.push_back(std::move(entry));
  }
  if (!any) {
    kept_.push_back(row);
    return Ok();
  }
  ++replaced_manifests_;
  ASSIGN_OR_RETURN(ManifestHeader header, HeaderFor(base, row.spec_id, row.content));
  std::string path = NewPath(base, fmt::format("{}-m{}.avro", request_.name, manifests_written_++));
  ASSIGN_OR_RETURN(ManifestFile written, WriteManifest(header, live, path));
  changed_.push_back(std::move(written));
  return Ok();
}

Status SnapshotBuilder::MergeKept(const TableMetadata& base) {
  if (!properties_.merge_manifests) return Ok();
  // The newest manifests of the default spec, as many as fit one target size: merged once there are enough,
  // so that a list stays short and each old manifest is rewritten a bounded number of times.
  std::vector<size_t> picked;
  int64_t bytes = 0;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const ManifestFile& row = kept_[i];
    if (row.content != ManifestContent::kData || row.spec_id != base.spec().spec_id) continue;
    if (bytes + row.length > properties_.merge_target_bytes) break;
    bytes += row.length;
    picked.push_back(i);
  }
  if (picked.size() < static_cast<size_t>(properties_.merge_min_count)) return Ok();
  std::vector<ManifestEntry> entries;
  for (size_t i : picked) {
    ASSIGN_OR_RETURN(std::vector<ManifestEntry> more, ReadManifest(base, kept_[i]));
    for (ManifestEntry& entry : more) {
      if (entry.status == EntryStatus::kDeleted) continue;
      entry.status = EntryStatus::kExisting;
      entries.push_back(std::move(entry));
    }
  }
  ASSIGN_OR_RETURN(ManifestHeader header, HeaderFor(base, base.spec().spec_id, ManifestContent::kData));
  std::string path = NewPath(base, fmt::format("{}-m{}.avro", request_.name, manifests_written_++));
  ASSIGN_OR_RETURN(ManifestFile merged, WriteManifest(header, entries, path));
  replaced_manifests_ += static_cast<int64_t>(picked.size());
  std::vector<ManifestFile> rest;
  std::set<size_t> gone(picked.begin(), picked.end());
  for (size_t i = 0; i < kept_.size(); ++i) {
    if (!gone.contains(i)) rest.push_back(std::move(kept_[i]));
  }
  kept_ = std::move(rest);
  changed_.push_back(std::move(merged));
  return Ok();
}

Result<std::string> SnapshotBuilder::WriteList(const TableMetadata& base, const Snapshot& snapshot) {
  std::vector<ManifestFile> rows;
  if (new_manifest_) rows.push_back(*new_manifest_);
  rows.insert(rows.end(), changed_.begin(), changed_.end());
  for (ManifestFile& row : rows) {
    row.sequence_number = sequence_number_;
    if (row.min_sequence_number < 0) row.min_sequence_number = sequence_number_;
  }
  rows.insert(rows.end(), kept_.begin(), kept_.end());
  ASSIGN_OR_RETURN(std::string bytes,
                   EncodeManifestList({snapshot.id, snapshot.parent_id, sequence_number_}, rows, properties_.manifest_codec));
  std::string path = NewPath(base, fmt::format("snap-{}-{}-{}.avro", snapshot.id, tries_, request_.name));
  ASSIGN_OR_RETURN(std::string local, LocalPathOf(path));
  FAIL_POINT("lake.before_manifest_list");
  try_files_.push_back(local);
  RETURN_IF_ERROR(files_->CreateExclusive(local, bytes));
  FAIL_POINT("lake.after_manifest_list");
  return path;
}

Properties SnapshotBuilder::Summary(const Snapshot* parent) const {
  Properties summary = request_.summary;
  int64_t rows = 0, bytes = 0;
  auto count = static_cast<int64_t>(request_.files.size());
  std::vector<const std::vector<Literal>*> partitions;
  for (const DataFile& file : request_.files) {
    rows += file.record_count;
    bytes += file.size_bytes;
    bool seen = std::any_of(partitions.begin(), partitions.end(), [&](const auto* p) { return *p == file.partition; });
    if (!seen) partitions.push_back(&file.partition);
  }
  bool removes = removed_files_ + removed_deletes_ > 0;
  summary["operation"] = request_.mode == WriteMode::kAppend ? "append" : removes || count > 0 ? "overwrite" : "append";
  if (request_.mode == WriteMode::kReplacePartitions) summary["replace-partitions"] = "true";
  PutCount("added-data-files", count, &summary);
  PutCount("added-records", rows, &summary);
  PutCount("added-files-size", bytes, &summary);
  PutCount("deleted-data-files", removed_files_, &summary);
  PutCount("deleted-records", removed_rows_, &summary);
  PutCount("removed-delete-files", removed_deletes_, &summary);
  PutCount("removed-files-size", removed_bytes_, &summary);
  PutCount("changed-partition-count", static_cast<int64_t>(partitions.size()), &summary);
  PutTotal("total-data-files", parent, count - removed_files_, &summary);
  PutTotal("total-records", parent, rows - removed_rows_, &summary);
  PutTotal("total-files-size", parent, bytes - removed_bytes_, &summary);
  PutTotal("total-delete-files", parent, -removed_deletes_, &summary);
  if (removed_deletes_ == 0) {
    PutTotal("total-position-deletes", parent, 0, &summary);
    PutTotal("total-equality-deletes", parent, 0, &summary);
  }
  int64_t created = static_cast<int64_t>(changed_.size()) + (new_manifest_ ? 1 : 0);
  summary["manifests-created"] = fmt::format("{}", created);
  summary["manifests-kept"] = fmt::format("{}", kept_.size());
  summary["manifests-replaced"] = fmt::format("{}", replaced_manifests_);
  return summary;
}

}  // namespace flare::lake
