#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/table.h"

namespace flare::lake {

/// A table in a folder of its own ("hadoop" layout): metadata/v<N>.metadata.json and version-hint.text.
/// Flare beside flare is safe; a Java writer on the same folder is not (it renames over files).
/// Threads: one caller at a time; several objects and processes may share a folder.
class DirectoryTable final : public Table {
 public:
  DirectoryTable(io::FileSystem* files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  std::string place() const override { return folder_; }
  std::string NewLocation() const override;
  Status CheckPlace(const TableMetadata& metadata) const override;
  Result<TableVersion> Load() const override;
  Result<TableVersion> Refresh(TableVersion known) const override;
  PublishResult Create(TableMetadata metadata) const override;
  PublishResult Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const override;
  /// Points version-hint.text at `newest` when it names another version or is missing.
  Status Repair(const TableVersion& newest) const override;

 private:
  std::string metadata_folder() const { return io::JoinPath(folder_, "metadata"); }
  std::string FileOf(int64_t version, bool gzip) const;
  Result<std::optional<std::string>> FindFile(int64_t version) const;
  Result<std::optional<int64_t>> ReadHint() const;
  Result<int64_t> HighestListed() const;
  Result<TableVersion> LoadVersion(int64_t version) const;
  PublishResult PublishFile(int64_t version, const std::string& file, TableMetadata metadata) const;
  PublishResult ConfirmReachable(PublishResult result) const;
  Status WriteHint(int64_t version) const;

  io::FileSystem* files_;
  std::string folder_;
};

}  // namespace flare::lake
