#include "checkpoint/log_format.h"

#include "base/test_matchers.h"

namespace flare::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

constexpr const char* kPath = "/c/offsets/7";

TEST(LogFormat, WritesOffsetsByteForByte) {
  OffsetEntry entry;
  entry.watermark_ms = 5;
  entry.timestamp_ms = 1760000000123;
  entry.conf = {{"spark.sql.shuffle.partitions", "200"}, {"spark.sql.streaming.multipleWatermarkPolicy", "min"}};
  entry.offsets = {R"({"orders":{"0":1500,"1":1498}})", std::nullopt};
  EXPECT_EQ(FormatOffsets(entry),
            "v1\n"
            "{\"batchWatermarkMs\":5,\"batchTimestampMs\":1760000000123,\"conf\":{\"spark.sql.shuffle.partitions\":"
            "\"200\",\"spark.sql.streaming.multipleWatermarkPolicy\":\"min\"}}\n"
            "{\"orders\":{\"0\":1500,\"1\":1498}}\n"
            "-");
}

TEST(LogFormat, OffsetsRoundTrip) {
  OffsetEntry entry;
  entry.timestamp_ms = 42;
  entry.conf = FreshConf();
  entry.offsets = {std::nullopt, "17"};
  auto read = ParseOffsets(FormatOffsets(entry), kPath);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(FormatOffsets(*read), FormatOffsets(entry));
  EXPECT_EQ(read->conf.size(), 11u);
}

TEST(LogFormat, C021_MissingMetadataFieldsMeanZero) {
  auto read = ParseOffsets("v1\n{}\n0", kPath);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->watermark_ms, 0);
  EXPECT_EQ(read->timestamp_ms, 0);
  EXPECT_THAT(read->conf, IsEmpty());
}

TEST(LogFormat, C022_NumbersInConfAreTextsAndUnknownFieldsAreIgnored) {
  auto read = ParseOffsets("v1\n{\"conf\":{\"a\":200,\"b\":true,\"c\":\"x\"},\"new\":[1]}\n-", kPath);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->conf, (std::map<std::string, std::string>{{"a", "200"}, {"b", "true"}, {"c", "x"}}));
}

TEST(LogFormat, C025_RefusesANewerVersion) {
  for (const char* text : {"v99999\n{}\n-", "v3\n{}\n0:-"}) {
    auto read = ParseOffsets(text, kPath);
    EXPECT_THAT(read, IsError(Code::kUnsupported));
    EXPECT_THAT(read, HasMessage(AllOf(HasSubstr(kPath), HasSubstr("maximum supported log version is v2"),
                                       HasSubstr("newer version of Spark"))));
  }
}

TEST(LogFormat, C026_ReadsASpark21File) {
  auto read = ParseOffsets(
      "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1480981499528}\n0\n{\"topic-0\":{\"0\":1}}", kPath);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->timestamp_ms, 1480981499528);
  EXPECT_THAT(read->conf, IsEmpty());
  EXPECT_THAT(read->offsets, ElementsAre(Optional(std::string("0")), Optional(std::string("{\"topic-0\":{\"0\":1}}"))));
}

TEST(LogFormat, C027_ReadsVersion2) {
  const std::string text =
      "v2\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1760000000123,\"conf\":{},\"sourceMetadataInfo\":{\"0\":"
      "{\"sourceId\":\"0\"}}}\n0:{\"orders\":{\"0\":3}}";
  auto read = ParseOffsets(text, kPath);
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->source_ids, ElementsAre("0"));
  EXPECT_THAT(read->offsets, ElementsAre(Optional(std::string("{\"orders\":{\"0\":3}}"))));
  EXPECT_EQ(FormatOffsets(*read), text);
  EXPECT_THAT(ParseOffsets("v2\n\n0:-", kPath), IsError(Code::kCorruption));  // its metadata line is mandatory
}

TEST(LogFormat, TakesWhatSparkTakes) {
  EXPECT_THAT(ParseOffsets("v1\n{}\n-\n", kPath)->offsets, ElementsAre(std::nullopt));  // one trailing newline
  EXPECT_THAT(ParseOffsets("v1\n\n5", kPath)->offsets, ElementsAre(Optional(std::string("5"))));
  EXPECT_THAT(ParseOffsets("v1\r\n{}\r\n5", kPath)->offsets, ElementsAre(Optional(std::string("5"))));
}

TEST(LogFormat, RefusesDamagedOffsets) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "Incomplete log file"},
      {"v1", "Incomplete log file"},
      {"1\n{}", "not a version such as v1"},
      {"v0\n{}", "not a version such as v1"},
      {"vx\n{}", "not a version such as v1"},
      {"v\n{}", "not a version such as v1"},
      {"v1\n{\"batch", "is not a JSON object"},
      {"v1\n[]", "is not a JSON object"},
      {"v1\n{\"batchWatermarkMs\":\"x\"}", "not a whole number"},
      {"v1\n{\"batchTimestampMs\":18446744073709551615}", "not a whole number"},
      {"v1\n{\"conf\":7}", "conf is not a JSON object"},
      {"v1\n{}\n{}\n\n", "line 4 is blank"},
      {"v2\n{}\nnocolon", "no source id"},
  };
  for (const auto& [text, message] : cases) {
    auto read = ParseOffsets(text, kPath);
    EXPECT_THAT(read, IsError(Code::kCorruption)) << text;
    EXPECT_THAT(read, HasMessage(AllOf(HasSubstr(message), HasSubstr(kPath)))) << text;
  }
}

TEST(LogFormat, C030_CommitsRoundTrip) {
  EXPECT_EQ(FormatCommit({1}), "v1\n{\"nextBatchWatermarkMs\":1}");
  EXPECT_EQ(ParseCommit(FormatCommit({1759999990000}), "/c/commits/0")->next_watermark_ms, 1759999990000);
}

TEST(LogFormat, C030_C031_RefusesStatefulCommits) {
  auto read = ParseCommit("v2\n{\"nextBatchWatermarkMs\":0,\"stateUniqueIds\":{}}", "/c/commits/0");
  EXPECT_THAT(read, IsError(Code::kUnsupported));
  EXPECT_THAT(read, HasMessage(AllOf(HasSubstr("/c/commits/0"), HasSubstr("encountered v2"))));
}

TEST(LogFormat, C032_CommitsWithoutMetadataMeanNoWatermark) {
  for (const char* text : {"v1", "v1\n", "v1\n{}"}) {
    auto read = ParseCommit(text, "/c/commits/0");
    ASSERT_THAT(read, IsOk()) << text;
    EXPECT_EQ(read->next_watermark_ms, 0);
  }
  EXPECT_THAT(ParseCommit("", "/c/commits/0"), HasMessage(HasSubstr("Incomplete log file in the offset commit log")));
}

TEST(LogFormat, Metadata) {
  EXPECT_EQ(FormatMetadata("6f1f0c1e-5f43-4c8b-9a43-0d7b1c2f9e10"),
            "{\"id\":\"6f1f0c1e-5f43-4c8b-9a43-0d7b1c2f9e10\"}");
  EXPECT_EQ(*ParseMetadata("{\"id\" : \"a\", \"more\": 1}\n", "/c/metadata"), "a");
  for (const char* text : {"", "{}", "{\"id\":7}", "{\"id\":\"\"}", "[]", "id"}) {
    EXPECT_THAT(ParseMetadata(text, "/c/metadata"), IsError(Code::kCorruption)) << text;
  }
}

TEST(LogFormat, FreshConfIsSparks) {
  auto conf = FreshConf();
  EXPECT_EQ(conf.size(), 11u);
  EXPECT_EQ(conf["spark.sql.shuffle.partitions"], "200");
  EXPECT_EQ(conf["spark.sql.streaming.stateStore.encodingFormat"], "unsaferow");
}

}  // namespace
}  // namespace flare::checkpoint
