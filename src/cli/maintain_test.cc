// `flare maintain` on a table whose files are really there.
#include "cli/app.h"
#include "cli/arguments.h"
#include "lake/expiry_fixture.h"
#include "lake/table_scan.h"

namespace flare::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MaintainTest : public lake::ExpiryFixture {
 protected:
  void WriteMany(int count) {
    for (int i = 0; i < count; ++i) Write(fmt::format("f{}", ids_.size()));
  }
  /// Runs `flare maintain TABLE ...`; what it prints is in out_ and err_.
  int Maintain(std::vector<std::string> words) { return MaintainAt(folder_, std::move(words)); }
  int MaintainAt(const std::string& dataset, std::vector<std::string> words) {
    out_.clear();
    err_.clear();
    Host host;
    host.out = [&](std::string_view more) { out_ += more; };
    host.err = [&](std::string_view more) { err_ += more; };
    host.clock = &clock_;
    host.environment = {{"HOME", "/nonexistent"}};
    words.insert(words.begin(), {"maintain", dataset});
    return RunApp(words, host);
  }
  lake::Json Printed() { return lake::ParseJson(out_, "what was printed").value(); }

  std::string out_, err_;
};

TEST_F(MaintainTest, ExpiresAndSaysWhatWent) {
  MakeTable();
  WriteMany(5);
  EXPECT_EQ(Maintain({"--expire-older-than", "0s", "--retain-last", "2"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("snapshots  3 of 5 expired"));
  EXPECT_THAT(out_, HasSubstr("3 files deleted"));
  EXPECT_THAT(out_, HasSubstr("3 manifest lists, 0 manifests, 0 data"));
  EXPECT_EQ(Snapshots(), Of({3, 4}));
  EXPECT_EQ(There(), Needed());
  EXPECT_EQ(Maintain({"--expire-older-than", "0s", "--retain-last", "2"}), 0);
  EXPECT_THAT(out_, HasSubstr("snapshots  0 of 2 expired"));
}

TEST_F(MaintainTest, ByDefaultFollowsTheTable) {
  MakeTable({{"history.expire.max-snapshot-age-ms", "60000"}});
  WriteMany(4);
  EXPECT_EQ(Maintain({"--json"}), 0) << err_;
  EXPECT_EQ(Printed()["expired"]["snapshots"], 2);
  EXPECT_EQ(Printed()["expired"]["snapshotsBefore"], 4);
  EXPECT_EQ(Snapshots(), Of({2, 3}));
}

TEST_F(MaintainTest, ADryRunListsAndChangesNothing) {
  MakeTable();
  WriteMany(3);
  auto there = There();
  EXPECT_EQ(Maintain({"--expire-older-than", "0s", "--remove-orphans", "--dry-run"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("nothing is changed"));
  EXPECT_THAT(out_, HasSubstr("2 of 3 would expire"));
  EXPECT_THAT(out_, HasSubstr(folder_ + "/metadata/snap-"));
  EXPECT_EQ(There(), there);
  EXPECT_EQ(Snapshots(), Of({0, 1, 2}));
}

TEST_F(MaintainTest, FinishesAnExpiryThatWasCutOffWhateverItIsAskedFor) {
  MakeTable();
  WriteMany(3);
  ArmFailPoints("lake.after_expire=fail");
  EXPECT_EQ(Maintain({"--expire-older-than", "0s"}), 1);
  ArmFailPoints("");
  EXPECT_EQ(There().size(), Needed().size() + 2);
  EXPECT_EQ(Maintain({"--dry-run"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("finished   1 expiry that was cut off: 2 files would be deleted"));
  EXPECT_EQ(There().size(), Needed().size() + 2);
  EXPECT_EQ(Maintain({}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("finished   1 expiry that was cut off: 2 files deleted"));
  EXPECT_EQ(There(), Needed());
  EXPECT_EQ(Maintain({"--json"}), 0) << err_;
  EXPECT_FALSE(Printed().contains("finished"));
}

TEST_F(MaintainTest, OrphansGoByTheirAge) {
  MakeTable();
  WriteMany(1);
  for (const char* name : {"a", "b"}) {
    ASSERT_THAT(files_.CreateExclusive(fmt::format("{}/data/stray-{}.parquet", folder_, name), "rows"), IsOk());
  }
  clock_.Advance(SystemClock().Now() - clock_.Now() + std::chrono::minutes(5));
  EXPECT_EQ(Maintain({"--remove-orphans", "--older-than", "1h"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("0 files deleted, 0 B; 2 younger than 1 h"));
  EXPECT_EQ(Maintain({"--remove-orphans", "--older-than", "0s", "--no-writers", "--json"}), 0) << err_;
  EXPECT_EQ(Printed()["orphans"]["deleted"], 2);
  EXPECT_EQ(There(), Needed());
}

TEST_F(MaintainTest, KeepsTheNewestBatchOfAQueryUntilToldToForgetIt) {
  MakeTable();
  lake::CommitRequest batch = Append(folder_, "batch");
  batch.summary = {{"spark.sql.streaming.queryId", "q-1"}, {"spark.sql.streaming.epochId", "7"}};
  ids_.push_back(lake::Commit(table_, std::nullopt, batch, &files_, &clock_).snapshot_id);
  WriteMany(3);
  EXPECT_EQ(Maintain({"--expire-older-than", "0s"}), 0) << err_;
  EXPECT_EQ(Snapshots(), Of({0, 1, 2, 3}));
  EXPECT_THAT(out_, HasSubstr("kept 3 snapshots more on main: the newest batch of query q-1 is there"));
  EXPECT_EQ(Maintain({"--expire-older-than", "0s", "--forget-query", "q-1"}), 0) << err_;
  EXPECT_EQ(Snapshots(), Of({3}));
}

TEST_F(MaintainTest, SaysWhatIsWrongWithTheTable) {
  EXPECT_EQ(Maintain({}), 1);
  EXPECT_THAT(err_, HasSubstr(fmt::format("there is no table {0} (it would be in {0})", folder_)));
  EXPECT_EQ(MaintainAt("dataos://nosuch:a/b", {}), 2);
  EXPECT_THAT(err_, HasSubstr("nosuch"));
  MakeTable({{"gc.enabled", "false"}});
  EXPECT_EQ(Maintain({}), 1);
  EXPECT_THAT(err_, HasSubstr("gc.enabled is false"));
}

TEST_F(MaintainTest, FindsATableOfTheLakehouse) {
  folder_ += "/db/t";
  table_ = lake::DirectoryTable(&files_, folder_);
  MakeTable();
  WriteMany(2);
  std::string lakehouse = io::ParentPath(io::ParentPath(folder_));
  EXPECT_EQ(MaintainAt("dataos://lakehouse:db/t?acl=rw", {"--lakehouse", lakehouse, "--expire-older-than", "0s"}), 0) << err_;
  EXPECT_EQ(Snapshots(), Of({1}));
  folder_ = lakehouse;
}

TEST(MaintainArguments, AreChecked) {
  auto error = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"maintain", "t"});
    auto arguments = ParseArguments(words);
    return arguments ? "" : arguments.error().message();
  };
  EXPECT_EQ(error({"--expire-older-than", "5d", "--retain-last", "3", "--forget-query", "a", "--forget-query", "b"}), "");
  EXPECT_EQ(error({"--remove-orphans", "--older-than", "3d"}), "");
  EXPECT_EQ(error({"--remove-orphans", "--older-than", "0s", "--no-writers"}), "");
  EXPECT_THAT(error({"--remove-orphans", "--older-than", "30m"}), HasSubstr("--no-writers"));
  EXPECT_THAT(error({"--older-than", "3d"}), HasSubstr("--remove-orphans"));
  for (const char* age : {"5", "x", "-1d", "5dd", "d", "99999999999999d", "1.5h"}) {
    EXPECT_THAT(error({"--expire-older-than", age}), HasSubstr("give an age such as")) << age;
  }
  EXPECT_NE(error({"--retain-last", "0"}), "");
  auto parsed = std::get<MaintainArguments>(
      ParseArguments({"maintain", "t", "--expire-older-than", "2d", "--forget-query", "a", "--forget-query", "b"}).value());
  EXPECT_EQ(parsed.dataset, "t");
  EXPECT_EQ(parsed.expire_older_than, std::chrono::hours(48));
  EXPECT_THAT(parsed.forget_queries, ElementsAre("a", "b"));
  EXPECT_EQ(parsed.retain_last, std::nullopt);
}

}  // namespace
}  // namespace flare::cli
