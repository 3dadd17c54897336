// Tables of a SQL catalog in a SQLite file: rows, commits, their conflicts, and commits whose answer is lost.
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "lake/directory_catalog.h"
#include "lake/sql_catalog.h"
#include "lake/table_fixture.h"
#include "lake/table_scan.h"

namespace flare::lake {
namespace {

using Commits = CommitResult::Outcome;
using Publishes = PublishResult::Outcome;
using ::testing::HasSubstr;

constexpr const char* kTablesOfV0 =
    "CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, "
    "table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), "
    "PRIMARY KEY (catalog_name, table_namespace, table_name))";

class SqlCatalogTest : public TableFixture {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  const Table& tested() const override { return table_; }
  std::string location() const override { return FolderOf("orders"); }

  std::string FolderOf(const std::string& name) const { return folder_ + "/shop/eu/" + name; }
  SqlTable TableNamed(const std::string& name, const std::string& catalog = "lake", Millis timeout = Millis(50)) {
    return {&files_, {database_, catalog, "shop.eu", name}, FolderOf(name), timeout};
  }
  /// One value of a query, read as any other program would.
  std::string Value(const std::string& sql) {
    auto rows = Connect().Query(sql);
    EXPECT_THAT(rows, IsOk());
    return rows && !rows->empty() ? (*rows)[0][0].value_or("NULL") : "nothing";
  }
  CatalogDatabase Connect() {
    return CatalogDatabase::Open(database_, CatalogDatabase::Mode::kCreate, Millis(50)).value();
  }
  /// Runs `child` in a process of its own and gives what waitpid says.
  template <class Child>
  static int InProcess(Child&& child) {
    pid_t pid = fork();
    if (pid == 0) _exit(child() ? 0 : 1);
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
  }

  std::string database_ = folder_ + "/catalog.db";
  std::string metadata_folder_ = FolderOf("orders") + "/metadata";
  SqlTable table_ = TableNamed("orders");
};

TEST_F(SqlCatalogTest, ATableIsMadeWithItsCatalogAndNamespace) {
  EXPECT_THAT(table_.Load(), IsError(Code::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(database_));  // looking makes nothing
  MakeTable();
  auto table = table_.Load();
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->version, 0);
  EXPECT_TRUE(io::BaseName(table->file).starts_with("00000-"));
  EXPECT_EQ(Value("SELECT metadata_location FROM iceberg_tables"), UriOf(table->file));
  EXPECT_EQ(Value("SELECT catalog_name || '|' || table_namespace || '|' || table_name || '|' || iceberg_type || '|' || "
                  "(previous_metadata_location IS NULL) FROM iceberg_tables"), "lake|shop.eu|orders|TABLE|1");
  EXPECT_EQ(Value("SELECT catalog_name || '|' || namespace || '|' || property_key || '|' || property_value "
                  "FROM iceberg_namespace_properties"), "lake|shop.eu|exists|true");
  EXPECT_EQ(table_.Create(Fresh()).outcome, Publishes::kConflict);
  EXPECT_EQ(Files(".metadata.json"), 1);
}

TEST_F(SqlCatalogTest, CommitsExchangeTheRow) {
  MakeTable();
  std::string first = table_.Load().value().file;
  MustCommit("a");
  auto table = table_.Load().value();
  EXPECT_EQ(table.version, 1);
  EXPECT_TRUE(io::BaseName(table.file).starts_with("00001-"));
  EXPECT_EQ(Value("SELECT previous_metadata_location FROM iceberg_tables"), UriOf(first));
  Json doc = ParseJson(table.metadata.ToText(), "t").value();
  EXPECT_EQ(doc["metadata-log"][0]["metadata-file"], UriOf(first));
  auto same = table_.Refresh(table);
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ(same->file, table.file);
  MustCommit("b");
  EXPECT_EQ(table_.Refresh(table).value().version, 2);
  EXPECT_EQ(TableScanSql(table_, &files_).value().rows, 2);
}

TEST_F(SqlCatalogTest, ADatabaseOfTheOldLayoutIsUsedAsItIs) {
  ASSERT_THAT(Connect().Execute(kTablesOfV0), IsOk());
  MakeTable();
  MustCommit("a");
  EXPECT_EQ(Total(), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM pragma_table_info('iceberg_tables')"), "5");
  EXPECT_EQ(Value("SELECT count(*) FROM iceberg_namespace_properties"), "1");
}

TEST_F(SqlCatalogTest, RowsOfOlderWritersHaveNoType) {
  MakeTable();
  ASSERT_THAT(Connect().Execute("UPDATE iceberg_tables SET iceberg_type = NULL"), IsOk());
  MustCommit("a");
  EXPECT_EQ(Total(), "1");
}

TEST_F(SqlCatalogTest, AViewIsNotATable) {
  MakeTable();
  ASSERT_THAT(Connect().Execute("UPDATE iceberg_tables SET iceberg_type = 'VIEW'"), IsOk());
  EXPECT_THAT(table_.Load(), IsError(Code::kUnsupported));
  EXPECT_EQ(table_.Create(Fresh()).outcome, Publishes::kRejected);
}

TEST_F(SqlCatalogTest, AnotherCatalogNameSeesNothingAndCannotTakeTheFolder) {
  MakeTable();
  SqlTable stranger = TableNamed("orders", "pond");
  EXPECT_THAT(stranger.Load(), IsError(Code::kNotFound));
  PublishResult created = stranger.Create(Fresh());
  EXPECT_EQ(created.outcome, Publishes::kRejected);
  EXPECT_THAT(created.reason->message(), HasSubstr("belongs to the table shop.eu.orders of the catalog lake"));
  EXPECT_EQ(Value("SELECT count(*) FROM iceberg_tables"), "1");
  EXPECT_EQ(Files(".metadata.json"), 1);
}

TEST_F(SqlCatalogTest, ATableOfADirectoryCatalogIsNotHidden) {
  ASSERT_EQ(DirectoryTable(&files_, folder_ + "/shop/eu/orders").Create(Fresh()).outcome, Publishes::kPublished);
  PublishResult created = table_.Create(Fresh());
  EXPECT_EQ(created.outcome, Publishes::kRejected);
  EXPECT_THAT(created.reason->message(), HasSubstr("directory catalog"));
  EXPECT_FALSE(std::filesystem::exists(database_));
}

TEST_F(SqlCatalogTest, LocationsInOtherSpellingsAreKept) {
  MakeTable();
  std::string java = "file:" + table_.Load().value().file;
  ASSERT_THAT(Connect().Execute("UPDATE iceberg_tables SET metadata_location = ?", {java}), IsOk());
  MustCommit("a");
  EXPECT_EQ(Value("SELECT previous_metadata_location FROM iceberg_tables"), java);
}

TEST_F(SqlCatalogTest, OfTwoWritersOnOneBaseOneWins) {
  MakeTable();
  TableVersion base = table_.Load().value();
  MustCommit("theirs");
  PublishResult late = table_.Publish(base, base.metadata, 3'000'000);
  EXPECT_EQ(late.outcome, Publishes::kConflict);
  EXPECT_EQ(Files(".metadata.json"), 2);
  CommitResult again = Run(Append(1, "mine"), base);  // with a retry on the new base
  EXPECT_EQ(again.outcome, Commits::kCommitted);
  EXPECT_EQ(Total(), "2");
}

TEST_F(SqlCatalogTest, AFailureBehindTheMetadataFileRemovesIt) {
  MakeTable();
  ArmFailPoints("lake.before_catalog_swap=fail");
  TableVersion base = table_.Load().value();
  EXPECT_EQ(table_.Publish(base, base.metadata, 3'000'000).outcome, Publishes::kRejected);
  EXPECT_EQ(Files(".metadata.json"), 1);  // what was not published is gone
}

TEST_F(SqlCatalogTest, ALostAnswerIsLookedUp) {
  MakeTable();
  ArmFailPoints("lake.after_catalog_swap=fail");  // committed, but the writer is not told
  MustCommit("a");
  ArmFailPoints("lake.during_catalog_swap=fail");  // not committed, and the writer is not told either
  CommitResult lost = Run(Append(1, "b"));
  EXPECT_EQ(lost.outcome, Commits::kRejected);
  ArmFailPoints("");
  EXPECT_EQ(Total(), "1");
  EXPECT_EQ(Files(".metadata.json"), 2);
  EXPECT_EQ(Files("b.avro") + Files("b-m"), 0);
}

TEST_F(SqlCatalogTest, ALostAnswerOfACreationIsLookedUp) {
  ArmFailPoints("lake.during_catalog_swap=fail");
  EXPECT_EQ(table_.Create(Fresh()).outcome, Publishes::kRejected);
  EXPECT_EQ(Files(".metadata.json"), 0);
  ArmFailPoints("lake.after_catalog_swap=fail");
  EXPECT_EQ(table_.Create(Fresh()).outcome, Publishes::kPublished);
}

/// Files that let a test act while a writer is between two steps.
class SlyFiles final : public io::FileSystem {
 public:
  explicit SlyFiles(io::FileSystem* files) : files_(files) {}
  std::function<void()> on_exists;   ///< before the catalog's file is looked for
  std::function<void()> on_written;  ///< once behind the first new file

  Result<std::string> Read(const std::string& path) override { return files_->Read(path); }
  Result<bool> Exists(const std::string& path) override {
    if (on_exists && path.ends_with(".db")) on_exists();
    return files_->Exists(path);
  }
  Result<int64_t> Size(const std::string& path) override { return files_->Size(path); }
  Result<std::vector<io::DirEntry>> List(const std::string& path) override { return files_->List(path); }
  Status CreateDirectories(const std::string& path) override { return files_->CreateDirectories(path); }
  Status CreateExclusive(const std::string& path, std::string_view content) override {
    Status created = files_->CreateExclusive(path, content);
    if (auto act = std::exchange(on_written, nullptr)) act();
    return created;
  }
  Status Replace(const std::string& path, std::string_view content) override { return files_->Replace(path, content); }
  Status SyncFile(const std::string& path) override { return files_->SyncFile(path); }
  Status SyncDirectory(const std::string& path) override { return files_->SyncDirectory(path); }
  Status Remove(const std::string& path) override { return files_->Remove(path); }
  Status RemoveTree(const std::string& path) override { return files_->RemoveTree(path); }

 private:
  io::FileSystem* files_;
};

class LookUpTest : public SqlCatalogTest {
 protected:
  /// Publishes with a new snapshot while the answer is lost at `point`; `meanwhile` runs before the look-up.
  PublishResult PublishMeanwhile(const char* point, const std::function<void()>& meanwhile, bool with_snapshot = true) {
    TableVersion base = table_.Load().value();
    TableMetadata next = base.metadata;
    if (with_snapshot) {
      Snapshot snapshot;
      snapshot.id = 4711;
      snapshot.parent_id = base.metadata.Head();
      snapshot.sequence_number = base.metadata.last_sequence_number() + 1;
      snapshot.timestamp_ms = 2'500'000;
      snapshot.manifest_list = UriOf(metadata_folder_) + "/none.avro";
      snapshot.summary = {{"operation", "append"}};
      next.AddSnapshot(snapshot, kMainBranch);
    }
    next.SetProperties({{"mine", "yes"}});
    int looks = 0;
    sly_.on_exists = [&] {
      if (++looks != 2) return;  // the first look finds the base
      ArmFailPoints("");
      meanwhile();
    };
    ArmFailPoints(fmt::format("{}=fail", point));
    PublishResult result = SqlTable(&sly_, {database_, "lake", "shop.eu", "orders"}, folder_, Millis(50))
                               .Publish(base, std::move(next), 3'000'000);
    sly_.on_exists = nullptr;
    EXPECT_GE(looks, 2);
    return result;
  }
  void ChangeProperties(int times) {
    for (int i = 0; i < times; ++i) {
      TableVersion base = table_.Load().value();
      TableMetadata next = base.metadata;
      next.SetProperties({{"theirs", fmt::format("{}", i)}});
      ASSERT_EQ(table_.Publish(base, std::move(next), 3'500'000).outcome, Publishes::kPublished);
    }
  }
  SlyFiles sly_{&files_};
};

TEST_F(LookUpTest, AWriterBetweenTheMetadataFileAndTheSwapWins) {
  MakeTable();
  TableVersion base = table_.Load().value();
  sly_.on_written = [&] { ChangeProperties(1); };
  PublishResult late = SqlTable(&sly_, {database_, "lake", "shop.eu", "orders"}, folder_, Millis(50))
                           .Publish(base, base.metadata, 3'000'000);
  EXPECT_EQ(late.outcome, Publishes::kConflict);
  EXPECT_EQ(Files("00001-"), 1);  // theirs
  EXPECT_EQ(table_.Load().value().metadata.properties().at("theirs"), "0");
}

TEST_F(LookUpTest, OursUnderLaterOnesIsCommitted) {
  MakeTable();
  EXPECT_EQ(PublishMeanwhile("lake.after_catalog_swap", [&] { ChangeProperties(3); }).outcome, Publishes::kPublished);
  EXPECT_EQ(table_.Load().value().version, 4);
}

TEST_F(LookUpTest, ASnapshotProvesItWhereTheLogIsShort) {
  MakeTable({{"write.metadata.previous-versions-max", "1"}});
  EXPECT_EQ(PublishMeanwhile("lake.after_catalog_swap", [&] { ChangeProperties(3); }).outcome, Publishes::kPublished);
}

TEST_F(LookUpTest, ALogFromTheBaseWithoutOursIsAConflict) {
  MakeTable();
  EXPECT_EQ(PublishMeanwhile("lake.during_catalog_swap", [&] { ChangeProperties(3); }).outcome, Publishes::kConflict);
  EXPECT_EQ(Files("00001-"), 1);  // theirs
}

TEST_F(LookUpTest, WithoutAnyProofItStaysUnknownAndTheFileStays) {
  MakeTable({{"write.metadata.previous-versions-max", "1"}});
  EXPECT_EQ(PublishMeanwhile("lake.during_catalog_swap", [&] { ChangeProperties(3); }, false).outcome, Publishes::kUnknown);
  EXPECT_EQ(Files("00001-"), 2);
}

TEST_F(LookUpTest, ACatalogOutOfReachLeavesItUnknown) {
  MakeTable();
  auto hide = [&] { std::filesystem::rename(database_, database_ + ".away"); };
  EXPECT_EQ(PublishMeanwhile("lake.after_catalog_swap", hide).outcome, Publishes::kUnknown);
  std::filesystem::rename(database_ + ".away", database_);
  EXPECT_EQ(table_.Load().value().metadata.properties().at("mine"), "yes");
}

TEST_F(LookUpTest, ALockedCatalogLeavesItUnknown) {
  MakeTable();
  CatalogDatabase other = Connect();
  auto lock = [&] { ASSERT_THAT(other.Execute("BEGIN EXCLUSIVE"), IsOk()); };
  EXPECT_EQ(PublishMeanwhile("lake.after_catalog_swap", lock).outcome, Publishes::kUnknown);
  other.Rollback();
  EXPECT_EQ(table_.Load().value().version, 1);
}

TEST_F(SqlCatalogTest, ALockBeyondTheTimeoutRejects) {
  MakeTable();
  CatalogDatabase other = Connect();
  ASSERT_THAT(other.Execute("BEGIN IMMEDIATE"), IsOk());
  CommitResult result = Run(Append(1, "a"));
  EXPECT_EQ(result.outcome, Commits::kRejected);
  EXPECT_THAT(Result<int>(*result.reason), IsError(Code::kUnavailable));
  EXPECT_THAT(result.reason->message(), HasSubstr("locked by another program"));
  EXPECT_EQ(Files(".metadata.json"), 1);
  other.Rollback();
  MustCommit("a");
}

TEST_F(SqlCatalogTest, AReaderThatBlocksTheCommitRejects) {
  MakeTable();
  CatalogDatabase other = Connect();
  ASSERT_THAT(other.Execute("BEGIN"), IsOk());
  ASSERT_THAT(other.Query("SELECT * FROM iceberg_tables"), IsOk());  // a shared lock, kept
  CommitResult result = Run(Append(1, "a"));
  EXPECT_EQ(result.outcome, Commits::kRejected);
  EXPECT_EQ(Total(), "0");
  EXPECT_EQ(Files(".metadata.json"), 1);
  other.Rollback();
  MustCommit("a");
}

TEST_F(SqlCatalogTest, TheJournalModeStaysAsItWas) {
  MakeTable();
  MustCommit("a");
  EXPECT_EQ(Value("PRAGMA journal_mode"), "delete");
  ASSERT_EQ(Value("PRAGMA journal_mode = WAL"), "wal");
  MustCommit("b");
  EXPECT_EQ(Value("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(Total(), "2");
}

TEST_F(SqlCatalogTest, WhatIsNoDatabaseIsNamed) {
  MakeTable();
  std::ofstream(database_, std::ios::trunc) << "rubbish, and quite a lot of it, to be more than a header's worth of it";
  EXPECT_THAT(table_.Load(), IsError(Code::kCorruption));
  EXPECT_THAT(table_.Load(), HasMessage(HasSubstr(database_)));
  EXPECT_EQ(table_.Create(Fresh()).outcome, Publishes::kRejected);
}

TEST_F(SqlCatalogTest, AnEmptyFileIsACatalogToBe) {
  std::ofstream(database_, std::ios::trunc).flush();
  EXPECT_THAT(table_.Load(), IsError(Code::kNotFound));
  MakeTable();
}

TEST_F(SqlCatalogTest, AMissingMetadataFileIsNotAMissingTable) {
  MakeTable();
  ASSERT_THAT(files_.Remove(table_.Load().value().file), IsOk());
  EXPECT_THAT(table_.Load(), IsError(Code::kCorruption));
}

TEST_F(SqlCatalogTest, AReadOnlyFileIsReadAndNotWritten) {
  MakeTable();
  MustCommit("a");
  ASSERT_EQ(chmod(database_.c_str(), 0444), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (entry.is_directory()) std::filesystem::permissions(entry.path(), std::filesystem::perms::all);
  }
  int status = InProcess([&] {
    if (geteuid() == 0 && setuid(65534) != 0) return false;  // root may write anything
    CommitResult result = Run(Append(1, "b"));
    return table_.Load().has_value() && result.outcome == Commits::kRejected &&
           result.reason->code() == Code::kPermissionDenied;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Files(".metadata.json"), 2);
}

TEST_F(SqlCatalogTest, AFullDiskRejects) {
  MakeTable();
  int status = InProcess([&] {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{4096, 4096};  // the metadata file is smaller, SQLite's journal is not
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    CommitResult result = Run(Append(1, "a"));
    return result.outcome == Commits::kRejected && result.reason->code() == Code::kResourceExhausted;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Total(), "0");
  EXPECT_EQ(Files(".metadata.json"), 1);
  MustCommit("a");
}

TEST_F(SqlCatalogTest, AKillAtEachPointLeavesAWholeTable) {
  MakeTable();
  const std::pair<const char*, int> points[] = {{"lake.before_metadata_file", 0}, {"lake.before_catalog_swap", 0},
                                                {"lake.during_catalog_swap", 0}, {"lake.after_catalog_swap", 1}};
  int expected = 0;
  for (const auto& [point, committed] : points) {
    int status = InProcess([&] {
      ArmFailPoints(fmt::format("{}=kill", point));
      return Run(Append(1, point)).outcome == Commits::kCommitted;
    });
    EXPECT_TRUE(WIFSIGNALED(status)) << point;
    expected += committed;
    EXPECT_EQ(Total(), fmt::format("{}", expected)) << point;
    MustCommit(fmt::format("{}-again", point));
    ++expected;
  }
}

TEST_F(SqlCatalogTest, AJournalOfADeadWriterIsRolledBackByAReader) {
  MakeTable();
  // A transaction too big for SQLite's cache has changed the file itself when its writer dies.
  int status = InProcess([&] {
    CatalogDatabase other = Connect();
    auto big = other.Execute("PRAGMA cache_size = 1") ? other.Execute("BEGIN IMMEDIATE") : Result<int64_t>(0);
    for (int i = 0; big && i < 200; ++i) {
      big = other.Execute("INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) "
                          "VALUES ('x', 'y', ?, ?)", {std::to_string(i), std::string(900, 'z')});
    }
    raise(SIGKILL);
    return true;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  ASSERT_GT(std::filesystem::file_size(database_ + "-journal"), 0u);
  EXPECT_EQ(Total(), "0");
  MustCommit("a");
  EXPECT_EQ(Value("SELECT count(*) FROM iceberg_tables"), "1");
}

TEST_F(SqlCatalogTest, OldMetadataFilesGoOnlyWhereThePropertiesAsk) {
  MakeTable({{"write.metadata.previous-versions-max", "2"}, {"write.metadata.delete-after-commit.enabled", "true"},
             {"write.metadata.compression-codec", "gzip"}});
  for (int i = 0; i < 5; ++i) MustCommit(fmt::format("f{}", i));
  EXPECT_EQ(Files(".gz.metadata.json"), 3);  // the newest and two before
  EXPECT_EQ(table_.Load().value().version, 5);
}

TEST_F(SqlCatalogTest, TwoProcessesLoseNothing) {
  MakeTable({{"commit.retry.num-retries", "10000"}});
  constexpr int kWriters = 2, kCommits = 10;
  std::vector<pid_t> writers;
  for (int w = 0; w < kWriters; ++w) {
    pid_t pid = fork();
    if (pid == 0) {
      SqlTable own = TableNamed("orders", "lake", SqlTable::kBusyTimeout);
      bool all = true;
      for (int i = 0; i < kCommits; ++i) {
        CommitRequest request = Append(1, fmt::format("w{}-{}", w, i));
        all = all && Commit(own, std::nullopt, request, &files_, &SystemClock()).outcome == Commits::kCommitted;
      }
      _exit(all ? 0 : 1);
    }
    writers.push_back(pid);
  }
  for (pid_t pid : writers) {
    int status = -1;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Total(), fmt::format("{}", kWriters * kCommits));
  EXPECT_EQ(table_.Load().value().version, kWriters * kCommits);
  EXPECT_EQ(Files(".metadata.json"), kWriters * kCommits + 1);
  EXPECT_EQ(Files("snap-"), kWriters * kCommits);
}

}  // namespace
}  // namespace flare::lake
