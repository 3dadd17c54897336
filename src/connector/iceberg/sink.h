#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "connector/iceberg/table_options.h"
#include "connector/sink.h"
#include "io/file_system.h"
#include "lake/commit.h"
#include "lake/data_writer.h"
#include "lake/table.h"

namespace flare::connector::iceberg {

/// Writes batches into one Iceberg table, each exactly once: the token is part
/// of the snapshot, and is looked for on the very state of the table that the commit asserts.
class IcebergSink final : public Sink {
 public:
  IcebergSink(std::unique_ptr<lake::Table> table, std::string name, TableOptions options, io::FileSystem* files, Clock* clock);

  std::string description() const override { return fmt::format("Iceberg[{}]", name_); }
  Guarantee guarantee() const override { return Guarantee::kExactlyOnce; }
  Status Open(const sql::Schema& schema) override;
  Result<bool> Find(const BatchInfo& batch) override;
  Result<std::unique_ptr<StagedBatch>> Stage(const BatchInfo& batch, engine::Connection& connection,
                                             const std::string& relation) override;
  Status CleanUp(const Token& token) override;

 private:
  friend class IcebergStagedBatch;

  Result<lake::TableVersion> OpenOrCreate(const sql::Schema& schema);
  Result<lake::TableMetadata> NewTable(const sql::Schema& schema) const;
  Result<lake::TableVersion> BringUpToDate(lake::TableVersion table, const sql::Schema& schema);
  Result<bool> Evolve(lake::TableMetadata* metadata, const sql::Schema& schema) const;
  /// The newest state of the table. Errors: the table vanished or was made anew.
  Result<lake::TableVersion> Refresh();
  Status CheckSameTable(const lake::TableMetadata& metadata) const;
  Result<bool> IsCommittedIn(const lake::TableMetadata& metadata, const BatchInfo& batch) const;
  Result<CommitOutcome> CommitStaged(const BatchInfo& batch, const std::string& attempt, int spec_id,
                                     const std::vector<lake::DataFile>& files);
  Status RemoveAttempt(const Token& token, const std::string& attempt);
  Result<std::string> DataFolder() const;

  std::unique_ptr<lake::Table> table_;
  std::string name_;
  TableOptions options_;
  io::FileSystem* files_;
  Clock* clock_;
  sql::Schema schema_;
  std::string uuid_;
  std::optional<lake::TableVersion> known_;
  bool leftovers_ = true;   ///< files of an attempt that failed may lie about: at the start, nobody knows
  bool has_bucket_function_ = false;
  std::optional<std::pair<int64_t, std::string>> committed_;  ///< batch and attempt of this process's last commit
};

}  // namespace flare::connector::iceberg
