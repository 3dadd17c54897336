#include "connector/iceberg/sink.h"

#include "base/fail_point.h"
#include "base/random.h"
#include "connector/iceberg/epoch.h"
#include "connector/iceberg/leftovers.h"
#include "lake/bucket_function.h"
#include "lake/expire_snapshots.h"
#include "lake/schema_match.h"

namespace flare::connector::iceberg {

using lake::TableMetadata;
using lake::TableVersion;

namespace {

constexpr const char* kEngineName = "flare";
constexpr const char* kEngineVersion = "0.1.0";

/// Start of the names of all files of one attempt at a batch.
std::string NameOf(const Token& token, const std::string& attempt) {
  return BatchName(token.query_id, token.batch_id) + attempt;
}

int64_t NowMs(const Clock& clock) {
  return clock.Now().time_since_epoch().count();
}

}  // namespace

/// Data files of one attempt, written and synced, named by nobody yet.
class IcebergStagedBatch final : public StagedBatch {
 public:
  IcebergStagedBatch(IcebergSink* sink, BatchInfo batch, std::string attempt, int spec_id,
                     std::vector<lake::DataFile> files)
      : sink_(sink),
        batch_(std::move(batch)),
        attempt_(std::move(attempt)),
        spec_id_(spec_id),
        files_(std::move(files)) {
    for (const auto& file : files_) {
      stats_.rows += file.record_count;
      stats_.bytes += file.size_bytes;
      ++stats_.files;
    }
  }

  const WriteStats& stats() const override { return stats_; }
  Result<CommitOutcome> Commit() override {
    return sink_->CommitStaged(batch_, attempt_, spec_id_, files_);
  }
  Status Abort() override { return sink_->RemoveAttempt(batch_.token, attempt_); }

 private:
  IcebergSink* sink_;
  BatchInfo batch_;
  std::string attempt_;
  int spec_id_;
  std::vector<lake::DataFile> files_;
  WriteStats stats_;
};

IcebergSink::IcebergSink(std::unique_ptr<lake::Table> table, std::string name, TableOptions options,
                         io::FileSystem* files, Clock* clock)
    : table_(std::move(table)),
      name_(std::move(name)),
      options_(std::move(options)),
      files_(files),
      clock_(clock) {}

Status IcebergSink::Open(const sql::Schema& schema) {
  schema_ = schema;
  Result<TableVersion> opened = OpenOrCreate(schema);
  if (!opened)
    return std::move(opened).error().With(fmt::format("while opening the table {}", name_));
  // A run that was killed between naming a version and syncing its folder: what it is taken for now
  // must stay.
  ASSIGN_OR_RETURN(std::string metadata_folder, lake::MetadataFolderOf(opened->metadata));
  std::string table_folder = io::ParentPath(metadata_folder);
  FAIL_POINT("lake.before_table_sync");
  RETURN_IF_ERROR(files_->SyncDirectory(metadata_folder));
  RETURN_IF_ERROR(files_->SyncDirectory(table_folder));
  std::ignore = files_->SyncDirectory(io::ParentPath(table_folder));  // perhaps not ours to read
  FAIL_POINT("lake.after_table_sync");
  // A crash behind the swap may have left the hint behind, and some readers trust it to the letter.
  // Where it cannot be written the first commit will say so.
  std::ignore = table_->Repair(*opened);
  uuid_ = opened->metadata.uuid();
  known_ = std::move(*opened);
  return Ok();
}

Result<TableVersion> IcebergSink::OpenOrCreate(const sql::Schema& schema) {
  Result<TableVersion> there = table_->Load();
  if (!there && there.error().code() != Code::kNotFound) return std::move(there).error();
  if (!there) {
    ASSIGN_OR_RETURN(TableMetadata fresh, NewTable(schema));
    lake::PublishResult created = table_->Create(std::move(fresh));
    if (created.outcome == lake::PublishResult::Outcome::kPublished)
      return std::move(*created.table);
    if (created.outcome != lake::PublishResult::Outcome::kConflict)
      return std::move(*created.reason);
    there = table_->Load();  // another job made it first
    if (!there) return std::move(there).error();
  }
  return BringUpToDate(std::move(*there), schema);
}

Result<TableMetadata> IcebergSink::NewTable(const sql::Schema& schema) const {
  TableMetadata::Creation creation;
  creation.location = table_->NewLocation();
  ASSIGN_OR_RETURN(creation.schema, lake::FromSqlSchema(schema, &creation.last_column_id));
  ASSIGN_OR_RETURN(creation.spec, lake::BuildPartitionSpec(options_.partitions, creation.schema,
                                                           &creation.last_partition_id));
  creation.properties = {{"write.parquet.compression-codec", "zstd"}};
  for (const auto& [key, value] : options_.properties) creation.properties[key] = value;
  creation.now_ms = NowMs(*clock_);
  return TableMetadata::Create(creation);
}

Result<bool> IcebergSink::Evolve(TableMetadata* metadata, const sql::Schema& schema) const {
  ASSIGN_OR_RETURN(lake::SchemaMatch match,
                   lake::MatchSchema(metadata->schema(), schema, options_.merge_schema, name_));
  bool changed = false;
  if (!match.to_promote.empty()) {
    lake::Schema wider = metadata->schema();
    for (lake::Field& field : wider.fields) {
      for (const auto& promoted : match.to_promote) {
        if (promoted.id == field.id) field.type = promoted.type;
      }
    }
    RETURN_IF_ERROR(metadata->SetSchema(wider));
    changed = true;
  }
  if (!match.to_add.empty()) {
    RETURN_IF_ERROR(metadata->AddColumns(match.to_add));
    changed = true;
  }
  return changed;
}

Result<TableVersion> IcebergSink::BringUpToDate(TableVersion table, const sql::Schema& schema) {
  RETURN_IF_ERROR(table_->CheckPlace(table.metadata));
  auto change = [&](TableMetadata* metadata) -> Result<bool> {
    ASSIGN_OR_RETURN(bool changed, Evolve(metadata, schema));
    lake::Properties updates;
    for (const auto& [key, value] : options_.properties) {
      auto found = metadata->properties().find(key);
      if (found == metadata->properties().end() || found->second != value) updates[key] = value;
    }
    if (!updates.empty()) metadata->SetProperties(updates);
    bool respecified = false;
    if (!options_.partitions.empty()) {
      int last = metadata->last_partition_id();
      ASSIGN_OR_RETURN(lake::PartitionSpec spec,
                       lake::BuildPartitionSpec(options_.partitions, metadata->schema(), &last, metadata->specs()));
      respecified = !metadata->spec().SameFields(spec);
      if (respecified) RETURN_IF_ERROR(metadata->SetSpec(std::move(spec)));
    }
    return changed || respecified || !updates.empty();
  };
  return lake::ChangeMetadata(*table_, std::move(table), change, clock_);
}

Status IcebergSink::CheckSameTable(const TableMetadata& metadata) const {
  if (metadata.uuid() == uuid_) return Ok();
  return Conflict(
      "the table {} was dropped and made anew while the job ran (its id was {}, now it is {}); "
      "start the job "
      "again if it is to write to the new table",
      name_, uuid_, metadata.uuid());
}

Result<TableVersion> IcebergSink::Refresh() {
  Result<TableVersion> newest = known_ ? table_->Refresh(std::move(*known_)) : table_->Load();
  known_.reset();
  if (!newest && newest.error().code() == Code::kNotFound) {
    return NotFound("the table {} vanished while the job ran: there is none in {} any more", name_,
                    table_->place());
  }
  if (!newest) return newest;
  RETURN_IF_ERROR(CheckSameTable(newest->metadata));
  known_ = std::move(*newest);
  return *known_;
}

Result<bool> IcebergSink::IsCommittedIn(const TableMetadata& metadata,
                                        const BatchInfo& batch) const {
  RETURN_IF_ERROR(CheckSameTable(metadata));
  return IsCommitted(metadata, options_.branch, batch, name_);
}

Result<bool> IcebergSink::Find(const BatchInfo& batch) {
  ASSIGN_OR_RETURN(TableVersion table, Refresh());
  return IsCommittedIn(table.metadata, batch);
}

Result<std::unique_ptr<StagedBatch>> IcebergSink::Stage(const BatchInfo& batch,
                                                        engine::Connection& connection,
                                                        const std::string& relation) {
  ASSIGN_OR_RETURN(TableVersion table, Refresh());
  // Another writer may have changed the schema since.
  ASSIGN_OR_RETURN(lake::SchemaMatch match,
                   lake::MatchSchema(table.metadata.schema(), schema_, false, name_));
  if (table.metadata.spec().is_partitioned() && !has_bucket_function_) {
    RETURN_IF_ERROR(lake::RegisterBucketFunction(connection));
    has_bucket_function_ = true;
  }
  std::string attempt = NewUuid();
  lake::WriteTask task{relation, match.columns, NameOf(batch.token, attempt)};
  Result<std::vector<lake::DataFile>> files =
      lake::WriteDataFiles(table.metadata, task, connection, files_);
  if (!files) {
    leftovers_ = true;
    return std::move(files).error().With(
        fmt::format("while writing batch {} of {}", batch.token.batch_id, name_));
  }
  return std::unique_ptr<StagedBatch>(new IcebergStagedBatch(
      this, batch, std::move(attempt), table.metadata.spec().spec_id, std::move(*files)));
}

Result<CommitOutcome> IcebergSink::CommitStaged(const BatchInfo& batch, const std::string& attempt,
                                                int spec_id,
                                                const std::vector<lake::DataFile>& files) {
  lake::CommitRequest request;
  request.mode = options_.mode;
  request.branch = options_.branch;
  request.spec_id = spec_id;
  request.files = files;
  request.summary = {{"engine-name", kEngineName},
                     {"engine-version", kEngineVersion},
                     {kQueryIdKey, batch.token.query_id},
                     {kEpochIdKey, fmt::format("{}", batch.token.batch_id)},
                     {kStartOffsetsKey, batch.start_offsets},
                     {kEndOffsetsKey, batch.end_offsets},
                     {kOutputKey, batch.token.output},
                     {kAttemptKey, attempt}};
  request.properties = [&](int64_t snapshot_id) {
    return lake::Properties{
        {WatermarkKey(batch.token.query_id, options_.branch), WatermarkValue(batch, snapshot_id)}};
  };
  request.name = NameOf(batch.token, attempt);
  request.check = [&](const TableMetadata& base) -> Result<bool> {
    ASSIGN_OR_RETURN(bool already, IsCommittedIn(base, batch));
    return !already;
  };
  lake::CommitResult result = lake::Commit(*table_, std::move(known_), request, files_, clock_);
  known_ = std::move(result.table);
  switch (result.outcome) {
    case lake::CommitResult::Outcome::kCommitted:
      committed_ = {batch.token.batch_id, attempt};
      return CommitOutcome::kCommitted;
    case lake::CommitResult::Outcome::kAlready:
      RETURN_IF_ERROR(RemoveAttempt(batch.token, attempt));
      return CommitOutcome::kAlready;
    case lake::CommitResult::Outcome::kUnknown:
      known_.reset();
      leftovers_ = true;
      return CommitOutcome::kUnknown;
    case lake::CommitResult::Outcome::kRejected:
      break;
  }
  std::ignore = RemoveAttempt(batch.token, attempt);  // the reason of the rejection tells more
  return std::move(*result.reason)
      .With(fmt::format("while committing batch {} to {}", batch.token.batch_id, name_));
}

Result<std::string> IcebergSink::DataFolder() const {
  if (!known_) return NotFound("the table {} is not open", name_);
  ASSIGN_OR_RETURN(std::string uri, lake::DataFolderUri(known_->metadata));
  return lake::LocalPathOf(uri);
}

Status IcebergSink::RemoveAttempt(const Token& token, const std::string& attempt) {
  if (committed_ && committed_->second == attempt) return Ok();  // they are the table's now
  ASSIGN_OR_RETURN(std::string folder, DataFolder());
  return lake::RemoveFilesNamed(folder, NameOf(token, attempt), files_);
}

Status IcebergSink::CleanUp(const Token& token) {
  // Attempts leave files behind only when a process died, an outcome stayed unknown or a file could
  // not be removed: one look after the start, or after such a failure, is enough, and the cost of a
  // batch does not grow with the table.
  if (!leftovers_) return Ok();
  FAIL_POINT("lake.before_cleanup");
  ASSIGN_OR_RETURN(TableVersion table, Refresh());
  ASSIGN_OR_RETURN(bool all,
                   RemoveLeftovers(table.metadata, token.query_id, token.batch_id, files_));
  FAIL_POINT("lake.after_cleanup");
  ASSIGN_OR_RETURN(lake::FinishResult finished,
                   lake::FinishExpiries(*table_, table.metadata, false, files_));
  if (finished.deletion.failed > 0) {
    return std::move(*finished.deletion.first_failure)
        .With("while finishing an expiry of snapshots that was cut off");
  }
  leftovers_ = !all;
  return Ok();
}

}  // namespace flare::connector::iceberg
