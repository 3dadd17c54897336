#pragma once
// A table in a temporary folder, of whichever catalog, and commits to it. Included by tests only.
#include <filesystem>

#include "base/fail_point.h"
#include "base/random.h"
#include "base/test_matchers.h"
#include "lake/commit.h"
#include "lake/table.h"

namespace flare::lake {

class TableFixture : public ::testing::Test {
 protected:
  explicit TableFixture(int64_t now_ms = 2'000'000) : clock_(WallTime(Millis(now_ms))) {}
  void TearDown() override {
    ArmFailPoints("");
    std::ignore = files_.RemoveTree(folder_);
  }

  /// What is tested, and the folder where it lies.
  virtual const Table& tested() const = 0;
  virtual std::string location() const { return folder_; }
  std::string metadata_folder() const { return location() + "/metadata"; }

  TableMetadata Fresh(Properties properties = {}) const { return FreshAt(location(), std::move(properties)); }
  TableMetadata FreshAt(const std::string& folder, Properties properties = {}) const {
    TableMetadata::Creation creation;
    creation.location = UriOf(folder);
    creation.schema.fields = {{1, "id", false, Type(TypeId::kLong), ""}, {2, "day", false, Type(TypeId::kDate), ""}};
    creation.last_column_id = 2;
    creation.properties = std::move(properties);
    creation.properties.try_emplace("commit.retry.min-wait-ms", "1");
    creation.now_ms = Now() / 2;  // long before any commit
    return TableMetadata::Create(creation);
  }
  void MakeTable(Properties properties = {}) {
    PublishResult created = tested().Create(Fresh(std::move(properties)));
    ASSERT_EQ(created.outcome, PublishResult::Outcome::kPublished) << created.reason->ToText();
  }

  /// One data file, which need not be there for a commit.
  CommitRequest Append(int64_t rows, const std::string& name) const { return AppendAt(location(), rows, name); }
  static CommitRequest AppendAt(const std::string& folder, int64_t rows, const std::string& name) {
    CommitRequest request;
    DataFile file;
    file.path = UriOf(folder) + "/data/" + name + ".parquet";
    file.record_count = rows;
    file.size_bytes = 100;
    request.files = {file};
    request.name = name;
    return request;
  }
  CommitResult Run(const CommitRequest& request, std::optional<TableVersion> known = std::nullopt) {
    return Commit(tested(), std::move(known), request, &files_, &clock_);
  }
  void MustCommit(const CommitRequest& request) {
    CommitResult result = Run(request);
    ASSERT_EQ(result.outcome, CommitResult::Outcome::kCommitted) << (result.reason ? result.reason->ToText() : "");
  }
  void MustCommit(const std::string& name) { MustCommit(Append(1, name)); }

  TableMetadata Metadata() const { return tested().Load().value().metadata; }
  /// A value of the newest snapshot's summary; "0" before the first.
  std::string Total(const char* key = "total-records") const {
    TableMetadata metadata = Metadata();
    return metadata.Head() ? metadata.FindSnapshot(*metadata.Head()).value().summary[key] : "0";
  }
  /// What lies in the metadata folder.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    auto entries = files_.List(metadata_folder()).value();
    for (const auto& entry : entries) names.push_back(entry.name);
    return names;
  }
  int64_t Files(std::string_view part) const {
    auto names = Names();
    return std::count_if(names.begin(), names.end(), [&](const auto& name) { return name.find(part) != name.npos; });
  }
  int64_t Now() const { return clock_.Now().time_since_epoch().count(); }

  io::FileSystem& files_ = io::LocalFileSystem();
  ManualClock clock_;
  std::string folder_ = (std::filesystem::temp_directory_path() / ("flare_lake_" + NewUuid())).string();
};

}  // namespace flare::lake
