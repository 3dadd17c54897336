#pragma once
// A table in a temporary folder, an engine, and a sink to write batches with. Included by tests only.
// With FLARE_TEST_TABLES=FOLDER the tables stay there, one warehouse a test, for other readers to look at.
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "base/random.h"
#include "base/test_matchers.h"
#include "connector/iceberg/sink.h"
#include "engine/database.h"
#include "io/file_system.h"
#include "lake/directory_catalog.h"

namespace flare::connector::iceberg {

class SinkFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    engine::DatabaseOptions options;
    options.threads = 2;
    database_ = engine::Database::Open(options).value();
    connection_ = database_->Connect().value();
  }
  void TearDown() override {
    if (std::getenv("FLARE_TEST_TABLES") == nullptr) std::ignore = io::LocalFileSystem().RemoveTree(folder_);
  }

  static std::string NewFolder() {
    if (const char* kept = std::getenv("FLARE_TEST_TABLES")) {
      return std::string(kept) + "/" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    }
    return (std::filesystem::temp_directory_path() / ("flare_sink_" + NewUuid())).string();
  }

  std::unique_ptr<IcebergSink> NewSink(TableOptions options = {}) {
    options.properties.try_emplace("commit.retry.min-wait-ms", "5");
    return std::make_unique<IcebergSink>(std::make_unique<lake::DirectoryTable>(&io::LocalFileSystem(), table_), "db.orders",
                                         std::move(options), &io::LocalFileSystem(), &clock());
  }
  static Clock& clock() { return SystemClock(); }

  static BatchInfo Batch(int64_t id, std::string start = "[null]", std::string end = "") {
    if (end.empty()) end = fmt::format("[{{\"t\":{{\"0\":{}}}}}]", id + 1);
    return {{"11111111-2222-3333-4444-555555555555", "orders", id}, std::move(start), std::move(end), 0};
  }

  /// Runs a SELECT of columns c0, c1, ... as one batch.
  Result<CommitOutcome> Write(IcebergSink& sink, const BatchInfo& batch, const std::string& select) {
    RETURN_IF_ERROR(connection_->Execute("CREATE OR REPLACE VIEW step AS " + select));
    ASSIGN_OR_RETURN(auto staged, sink.Stage(batch, *connection_, "step"));
    return staged->Commit();
  }

  lake::TableVersion Load() { return lake::DirectoryTable(&io::LocalFileSystem(), table_).Load().value(); }
  std::vector<std::string> FilesIn(const std::string& sub) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(table_ + "/" + sub)) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    }
    return names;
  }

  std::string folder_ = NewFolder();
  std::string table_ = folder_ + "/db/orders";
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::Connection> connection_;
};

}  // namespace flare::connector::iceberg
