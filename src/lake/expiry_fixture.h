#pragma once
// Tables whose files are really there, and what their metadata reach. Included by tests only.
#include <set>

#include "lake/directory_catalog.h"
#include "lake/expire_snapshots.h"
#include "lake/orphans.h"
#include "lake/reachable.h"
#include "lake/table_fixture.h"

namespace flare::lake {

/// A table that lets a test do something just before or after it is read, or before it is published.
class WatchedTable final : public Table {
 public:
  explicit WatchedTable(const Table& table) : table_(table) {}
  std::function<void(int load)> before_load, after_load;  ///< the number counts from 1
  std::string metadata_file;                              ///< shown instead of the real one
  std::function<void()> before_publish;                   ///< once

  std::string place() const override { return table_.place(); }
  std::string NewLocation() const override { return table_.NewLocation(); }
  Status CheckPlace(const TableMetadata& metadata) const override { return table_.CheckPlace(metadata); }
  Result<TableVersion> Load() const override {
    int load = ++loads_;
    if (before_load) before_load(load);
    auto loaded = table_.Load();
    if (after_load) after_load(load);
    if (loaded && !metadata_file.empty()) loaded->file = metadata_file;
    return loaded;
  }
  Result<TableVersion> Refresh(TableVersion known) const override { return table_.Refresh(std::move(known)); }
  PublishResult Create(TableMetadata metadata) const override { return table_.Create(std::move(metadata)); }
  PublishResult Publish(const TableVersion& base, TableMetadata next, int64_t now_ms) const override {
    if (before_publish && !std::exchange(published_, true)) before_publish();
    return table_.Publish(base, std::move(next), now_ms);
  }
  Status Repair(const TableVersion& newest) const override { return table_.Repair(newest); }

 private:
  const Table& table_;
  mutable int loads_ = 0;
  mutable bool published_ = false;
};

class ExpiryFixture : public TableFixture {
 protected:
  static constexpr int64_t kStart = 1'700'000'000'000, kMinute = 60'000;
  ExpiryFixture() : TableFixture(kStart) {}

  const Table& tested() const override { return table_; }
  void MakeTable(Properties properties = {}) {
    properties.try_emplace("commit.retry.num-retries", "100000");
    TableFixture::MakeTable(std::move(properties));
    ASSERT_THAT(files_.CreateDirectories(folder_ + "/data"), IsOk());
  }
  static CommitRequest Append(const std::string& folder, const std::string& name) { return AppendAt(folder, 1, name); }

  /// Writes the data files of a commit and commits it, a minute after the one before.
  void Write(CommitRequest request, const std::string& query = "", int64_t epoch = 0) {
    for (const DataFile& file : request.files) {
      ASSERT_THAT(files_.Replace(LocalPathOf(file.path).value(), "rows"), IsOk());
    }
    if (!query.empty()) request.summary = {{"query", query}, {"epoch", fmt::format("{}", epoch)}};
    clock_.Advance(Millis(kMinute));
    CommitResult result = Run(request);
    ASSERT_EQ(result.outcome, CommitResult::Outcome::kCommitted) << result.reason->ToText();
    ids_.push_back(result.snapshot_id);
  }
  void Write(const std::string& name, const std::string& query = "", int64_t epoch = 0) {
    Write(Append(folder_, name), query, epoch);
  }

  RetentionRequest Newest(int count = 1) {
    RetentionRequest request;
    request.older_than_ms = Now();
    request.retain_last = count;
    request.writers = {{"query", "epoch"}};
    return request;
  }
  Result<ExpireResult> Expire(const RetentionRequest& request) {
    return ExpireSnapshots(table_, request, false, &files_, &clock_);
  }
  Json Doc() { return ParseJson(Metadata().ToText(), "metadata").value(); }

  /// Publishes a hand-made change of the metadata's JSON.
  void Change(const std::function<void(Json*)>& change) {
    TableVersion base = tested().Load().value();
    Json doc = ParseJson(base.metadata.ToText(), "metadata").value();
    change(&doc);
    auto next = TableMetadata::Parse(DumpJson(doc), "metadata").value();
    ASSERT_EQ(tested().Publish(base, next, Now()).outcome, PublishResult::Outcome::kPublished);
  }

  std::set<int64_t> Snapshots() {
    std::set<int64_t> ids;
    auto all = Metadata().Snapshots().value();
    for (const auto& snapshot : all) ids.insert(snapshot.id);
    return ids;
  }
  /// The snapshots of the commits with these numbers, counted from 0.
  std::set<int64_t> Of(std::initializer_list<size_t> commits) {
    std::set<int64_t> ids;
    for (size_t commit : commits) ids.insert(ids_[commit]);
    return ids;
  }

  /// Every file that a snapshot of the newest metadata needs. A failure when one is missing.
  std::set<std::string> Needed() {
    PathNames names;
    Reachable reachable(&files_, &names);
    TableMetadata metadata = Metadata();
    auto snapshots = metadata.Snapshots().value();
    for (const auto& snapshot : snapshots) EXPECT_THAT(reachable.AddSnapshot(snapshot), IsOk());
    std::set<std::string> needed = reachable.lists();
    for (const auto& [path, row] : reachable.manifests()) {
      needed.insert(path);
      auto live = reachable.LiveFiles(metadata, row);
      EXPECT_THAT(live, IsOk());
      if (live) needed.insert(live->begin(), live->end());
    }
    for (const auto& path : needed) EXPECT_TRUE(files_.Exists(path).value()) << path << " is missing";
    return needed;
  }
  /// Data files, manifests and lists that lie in the table's folders.
  std::set<std::string> There() {
    std::set<std::string> there;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      std::string path = entry.path().string();
      if (entry.is_regular_file() && (path.ends_with(".parquet") || path.ends_with(".avro"))) there.insert(path);
    }
    return there;
  }

  DirectoryTable table_{&files_, folder_};
  std::vector<int64_t> ids_;
};

}  // namespace flare::lake
