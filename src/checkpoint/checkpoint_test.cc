#include "checkpoint/checkpoint.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/fail_point.h"
#include "base/random.h"
#include "base/test_matchers.h"
#include "checkpoint/log_names.h"

namespace flare::checkpoint {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() : directory_(fs::temp_directory_path() / ("flare-checkpoint-" + NewUuid())) {}
  ~CheckpointTest() override {
    ArmFailPoints("");
    fs::remove_all(directory_);
  }

  Result<std::unique_ptr<Checkpoint>> Open() {
    return Checkpoint::Open(io::LocalFileSystem(), directory_.string(), "job orders, process 1 on host a");
  }
  void Put(const std::string& name, const std::string& text) {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  std::string Get(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(directory_ / name, std::ios::binary).rdbuf();
    return text.str();
  }
  std::vector<std::string> Names(const std::string& folder = "") {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_ / folder)) names.push_back(entry.path().filename());
    return names;
  }
  void PutBatches(int64_t offsets, int64_t commits) {
    Put("metadata", "{\"id\":\"q\"}");
    for (int64_t id = 0; id < offsets; ++id) Put(fmt::format("offsets/{}", id), fmt::format("v1\n{{}}\n{}", id));
    for (int64_t id = 0; id < commits; ++id) Put(fmt::format("commits/{}", id), "v1\n{\"nextBatchWatermarkMs\":0}");
  }
  static OffsetEntry Entry(const std::string& offset) {
    OffsetEntry entry;
    entry.offsets = {offset};
    return entry;
  }

  fs::path directory_;
};

TEST_F(CheckpointTest, C024_MakesDirectoriesWhenNeeded) {
  auto checkpoint = Open();
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_TRUE((*checkpoint)->is_new());
  EXPECT_THAT(Names(), UnorderedElementsAre("metadata", ".flare.lock"));
  EXPECT_EQ(Get("metadata"), "{\"id\":\"" + (*checkpoint)->query_id() + "\"}");
  ASSERT_THAT((*checkpoint)->WriteSourceInitial(0, std::string("\0v1\n{\"orders\":{\"0\":0}}", 23)), IsOk());
  ASSERT_THAT((*checkpoint)->WriteOffsets(0, Entry("{\"orders\":{\"0\":5}}")), IsOk());
  ASSERT_THAT((*checkpoint)->WriteCommit(0, {}), IsOk());
  EXPECT_THAT(Names(), UnorderedElementsAre("metadata", ".flare.lock", "sources", "offsets", "commits"));
  EXPECT_THAT(Names("offsets"), ElementsAre("0"));
  EXPECT_THAT(Names("commits"), ElementsAre("0"));
}

TEST_F(CheckpointTest, C094_KeepsTheLeadingZeroByteOfAKafkaSource) {
  auto checkpoint = Open();
  const std::string bytes("\0v1\n{\"orders\":{\"0\":0,\"1\":0}}", 29);
  EXPECT_EQ(*(*checkpoint)->ReadSourceInitial(0), std::nullopt);
  ASSERT_THAT((*checkpoint)->WriteSourceInitial(0, bytes), IsOk());
  EXPECT_EQ(Get("sources/0/0"), bytes);
  EXPECT_EQ(**(*checkpoint)->ReadSourceInitial(0), bytes);
}

TEST_F(CheckpointTest, C042_KeepsTheIdOverRestarts) {
  std::string id;
  {
    auto checkpoint = Open();
    id = (*checkpoint)->query_id();
  }
  EXPECT_EQ((*Open())->query_id(), id);
}

TEST_F(CheckpointTest, C023_NeverOverwritesABatch) {
  auto checkpoint = Open();
  ASSERT_THAT((*checkpoint)->WriteOffsets(1, Entry(R"({"t":{"0":1}})")), IsOk());
  Status again = (*checkpoint)->WriteOffsets(1, Entry(R"({"t":{"0":2}})"));
  EXPECT_THAT(again, IsError(Code::kAlreadyExists));
  EXPECT_THAT(again, HasMessage(AllOf(HasSubstr("CONCURRENT_STREAM_LOG_UPDATE"), HasSubstr("offsets/1"))));
  EXPECT_EQ((*checkpoint)->ReadOffsets(1)->offsets[0], R"({"t":{"0":1}})");
}

TEST_F(CheckpointTest, C033_OnlyOneRunHoldsACheckpoint) {
  auto first = Open();
  ASSERT_THAT(first, IsOk());
  auto second = Open();
  EXPECT_THAT(second, IsError(Code::kConflict));
  EXPECT_THAT(second, HasMessage(AllOf(HasSubstr("is in use"), HasSubstr("job orders, process 1 on host a"))));
  first->reset();
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(CheckpointTest, C034_PurgesByCountWithChecksums) {
  PutBatches(10, 10);
  for (int id = 0; id < 10; ++id) Put(fmt::format("offsets/.{}.crc", id), "crc");
  auto checkpoint = Open();
  ASSERT_THAT(checkpoint, IsOk());
  ASSERT_THAT((*checkpoint)->Purge(10, 2), IsOk());
  EXPECT_THAT(Names("offsets"), UnorderedElementsAre("8", "9", ".8.crc", ".9.crc"));
  EXPECT_THAT(Names("commits"), UnorderedElementsAre("8", "9"));
}

TEST_F(CheckpointTest, C039_KeepsTheNewest101) {
  auto checkpoint = Open();
  for (int64_t id = 0; id <= 205; ++id) {
    ASSERT_THAT((*checkpoint)->WriteOffsets(id, Entry("7")), IsOk());
    ASSERT_THAT((*checkpoint)->Purge(id), IsOk());
    ASSERT_THAT((*checkpoint)->WriteCommit(id, {}), IsOk());
    if (id == 100) {
      EXPECT_EQ((*checkpoint)->Observe()->offsets.front(), 0);
    }
  }
  auto seen = (*checkpoint)->Observe();
  EXPECT_EQ(seen->offsets.front(), 105);
  EXPECT_EQ(seen->offsets.size(), 101u);
  EXPECT_EQ(seen->commits.size(), 101u);
}

TEST_F(CheckpointTest, C035_IgnoresForeignFiles) {
  PutBatches(2, 2);
  for (const char* name : {"offsets/7.txt", "offsets/x", "offsets/.8.swp", "commits/notes", "README",
                           "offsets/99999999999999999999"}) {
    Put(name, "mine");
  }
  fs::create_directories(directory_ / "offsets/12");
  auto checkpoint = Open();
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ((*checkpoint)->Start(1)->next_batch, 2);
  EXPECT_TRUE(fs::exists(directory_ / "offsets/7.txt"));
  EXPECT_TRUE(fs::exists(directory_ / "offsets/.8.swp"));
}

TEST_F(CheckpointTest, C036_RemovesTemporariesAndStaleChecksumsAtOpen) {
  PutBatches(2, 2);
  const std::string unique = "0d0c3a7e-6b1c-4c8b-9a43-0d7b1c2f9e10";
  Put(".metadata." + unique + ".tmp", "x");
  Put("offsets/.2." + unique + ".tmp", "x");
  Put("commits/.2." + unique + ".TID7.tmp", "x");
  Put("offsets/.2.crc", "stale");
  Put("offsets/.1.crc", "good");
  Put("offsets/.editor.tmp", "mine");
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Names("offsets"), UnorderedElementsAre("0", "1", ".1.crc", ".editor.tmp"));
  EXPECT_THAT(Names("commits"), UnorderedElementsAre("0", "1"));
  EXPECT_THAT(Names(), UnorderedElementsAre("metadata", ".flare.lock", "offsets", "commits"));
}

TEST_F(CheckpointTest, RefusesWithTheFilesPath) {
  struct Case {
    const char *file, *text, *message;
    Code code;
  };
  const Case cases[] = {
      {"offsets/1", "", "Incomplete log file", Code::kCorruption},
      {"offsets/1", "v9\n{}\n1", "encountered v9", Code::kUnsupported},
      {"commits/1", "v9", "maximum supported log version is v1, but encountered v9", Code::kUnsupported},
      {"offsets/0", "garbage", "not a version", Code::kCorruption},
      {"offsets/1", "v1\n{}\n{\"t\":{\"0\"", "line 3 is neither an offset in JSON", Code::kCorruption},
      {"state/0/0/1.delta", "x", "stateful Spark query", Code::kUnsupported},
      {"metadata", "", "query id", Code::kCorruption},
  };
  for (const Case& bad : cases) {
    fs::remove_all(directory_);
    PutBatches(2, 2);
    Put(bad.file, bad.text);
    auto checkpoint = Open();
    auto error = checkpoint ? (*checkpoint)->Start(1).error() : checkpoint.error();
    EXPECT_EQ(error.code(), bad.code) << bad.file;
    EXPECT_THAT(error.message(), AllOf(HasSubstr(bad.message), HasSubstr(directory_.string()))) << bad.file;
  }
}

TEST_F(CheckpointTest, RefusesHistoryWithoutMetadataAndMakesNone) {
  PutBatches(1, 1);
  fs::remove(directory_ / "metadata");
  EXPECT_THAT(Open(), IsError(Code::kCorruption));
  EXPECT_FALSE(fs::exists(directory_ / "metadata"));
}

TEST_F(CheckpointTest, TakesOverAHandMadeSparkCheckpoint) {
  PutBatches(1, 1);
  Put("sources/0/0", std::string("\0v1\n{\"orders\":{\"0\":0}}", 23));
  auto checkpoint = Open();
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ((*checkpoint)->query_id(), "q");
  auto start = (*checkpoint)->Start(1);
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->next_batch, 1);
  EXPECT_EQ(start->previous->offsets[0], "0");
}

TEST_F(CheckpointTest, ReadOnlyTouchesNothingAndTakesDamage) {
  EXPECT_THAT(Checkpoint::OpenReadOnly(io::LocalFileSystem(), directory_.string()), IsError(Code::kNotFound));
  EXPECT_FALSE(fs::exists(directory_));
  PutBatches(2, 1);
  fs::remove(directory_ / "metadata");
  auto held = Checkpoint::OpenReadOnly(io::LocalFileSystem(), directory_.string());
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ((*held)->query_id(), "");
  EXPECT_THAT((*held)->Observe()->offsets, ElementsAre(0, 1));
  EXPECT_THAT(Names(), UnorderedElementsAre("offsets", "commits"));
}

TEST_F(CheckpointTest, EveryFailPointLeavesADirectoryThatOpens) {
  for (const char* point : {"before_lock", "after_lock", "before_sync", "after_sync", "before_metadata",
                            "after_metadata", "before_source_log", "after_source_log", "before_offsets",
                            "after_offsets", "before_commits", "after_commits", "before_purge", "after_purge"}) {
    fs::remove_all(directory_);
    auto run = [&]() -> Status {
      ASSIGN_OR_RETURN(auto checkpoint, Open());
      ASSIGN_OR_RETURN(auto start, checkpoint->Start(1));
      ASSIGN_OR_RETURN(auto initial, checkpoint->ReadSourceInitial(0));
      if (!initial) RETURN_IF_ERROR(checkpoint->WriteSourceInitial(0, "0"));
      for (int64_t id = start.next_batch; id < 5; ++id) {
        if (!start.replay || id > start.next_batch) RETURN_IF_ERROR(checkpoint->WriteOffsets(id, Entry("7")));
        RETURN_IF_ERROR(checkpoint->Purge(id, 2));
        RETURN_IF_ERROR(checkpoint->WriteCommit(id, {}));
      }
      return Ok();
    };
    ArmFailPoints(fmt::format("checkpoint.{}=fail", point));
    EXPECT_FALSE(run().has_value()) << point;
    ArmFailPoints("");
    EXPECT_THAT(run(), IsOk()) << point;
    auto seen = Checkpoint::OpenReadOnly(io::LocalFileSystem(), directory_.string()).value()->Observe();
    EXPECT_EQ(seen->last_commit(), 4) << point;
    EXPECT_EQ(seen->offsets.front(), seen->commits.front()) << point;
  }
}

TEST(LogNames, BatchIds) {
  EXPECT_EQ(ParseBatchId("0"), 0);
  EXPECT_EQ(ParseBatchId("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseBatchId("-5"), -5);
  EXPECT_EQ(ParseBatchId("+5"), 5);
  EXPECT_EQ(ParseBatchId("007"), 7);
  for (const char* name : {"", "+", "-", "+-5", "5 ", " 5", "5.compact", ".5.crc", "9223372036854775808", "0x5"}) {
    EXPECT_EQ(ParseBatchId(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace flare::checkpoint
