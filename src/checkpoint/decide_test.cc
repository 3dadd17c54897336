#include "checkpoint/decide.h"

#include "base/test_matchers.h"

namespace flare::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

OffsetEntry Entry(int64_t end, size_t sources = 1) {
  OffsetEntry entry;
  entry.watermark_ms = end * 10;
  entry.timestamp_ms = end * 1000;
  entry.conf = {{"k", std::to_string(end)}};
  entry.offsets.assign(sources, std::to_string(end));
  return entry;
}

std::vector<int64_t> Ids(int64_t first, int64_t last) {
  std::vector<int64_t> ids;
  for (int64_t id = first; id <= last; ++id) ids.push_back(id);
  return ids;
}

StartFacts Facts(Observed observed) {
  StartFacts facts;
  facts.observed = std::move(observed);
  if (auto last = facts.observed.last_offsets()) {
    facts.last = Entry(*last);
    if (*last > 0) facts.previous = Entry(*last - 1);
  }
  if (auto committed = facts.observed.last_commit()) facts.committed = CommitEntry{*committed * 10 + 7};
  return facts;
}

TEST(Decide, FreshStart) {
  auto start = DecideStart(Facts({true, false, {}, {}}), 2, "/c");
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->next_batch, 0);
  EXPECT_FALSE(start->replay);
  EXPECT_EQ(start->conf, FreshConf());
  EXPECT_EQ(start->newest(), nullptr);
}

TEST(Decide, GoesOnAfterACommittedBatch) {
  auto start = DecideStart(Facts({true, false, Ids(0, 7), Ids(0, 7)}), 1, "/c");
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->next_batch, 8);
  EXPECT_FALSE(start->replay);
  EXPECT_EQ(start->previous->offsets[0], "7");
  EXPECT_EQ(start->watermark_ms, 77);  // the commit's, being ahead
  EXPECT_EQ(start->conf.at("k"), "7");
}

TEST(Decide, ReplaysAnUnfinishedBatchUnchanged) {
  auto start = DecideStart(Facts({true, false, Ids(0, 7), Ids(0, 6)}), 1, "/c");
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->next_batch, 7);
  EXPECT_TRUE(start->replay);
  EXPECT_EQ(start->previous->offsets[0], "6");
  EXPECT_EQ(start->logged->offsets[0], "7");
  EXPECT_EQ(start->logged->timestamp_ms, 7000);
  EXPECT_EQ(start->watermark_ms, 70);  // the logged one, not the newer commit's
}

TEST(Decide, ReplaysBatch0FromTheInitialOffset) {
  auto start = DecideStart(Facts({true, false, {0}, {}}), 1, "/c");
  ASSERT_THAT(start, IsOk());
  EXPECT_TRUE(start->replay);
  EXPECT_EQ(start->next_batch, 0);
  EXPECT_FALSE(start->previous.has_value());
}

TEST(Decide, TakesPurgedHistory) { EXPECT_THAT(CheckObserved({true, false, {6, 7}, {7}}, "/c"), IsOk()); }

TEST(Decide, TakesHolesThatAnInterruptedPurgeLeft) {
  auto ids = Ids(200, 400);
  ids.insert(ids.begin(), {3, 50});
  EXPECT_THAT(CheckObserved({true, false, ids, ids}, "/c"), IsOk());
}

TEST(Decide, C040_RefusesALostPreviousBatch) {
  EXPECT_THAT(CheckObserved({true, false, {7}, {7}}, "/c"),
              HasMessage(AllOf(HasSubstr("batch 6 doesn't exist"), HasSubstr("/c"))));
}

TEST(Decide, C046_RefusesHistoryWithoutMetadata) {
  Status checked = CheckObserved({false, false, {0}, {0}}, "/c");
  EXPECT_THAT(checked, IsError(Code::kCorruption));
  EXPECT_THAT(checked, HasMessage(HasSubstr("STREAMING_CHECKPOINT_MISSING_METADATA_FILE")));
  EXPECT_THAT(CheckObserved({false, false, {}, {}}, "/c"), IsOk());
}

TEST(Decide, C034_C047_RefusesTheGapsOfAsyncProgress) {
  EXPECT_THAT(CheckObserved({true, false, {0, 2, 4, 5}, {0, 2, 4}}, "/c"),
              HasMessage(AllOf(HasSubstr("not 1, 3"), HasSubstr("asyncProgressTracking"))));
}

TEST(Decide, RefusesWhatNoCrashLeaves) {
  const std::pair<Observed, const char*> cases[] = {
      {{true, true, {0}, {0}}, "stateful"},
      {{true, false, {}, {0}}, "ahead of offsets/"},
      {{true, false, {0, 1}, {0, 1, 2}}, "ahead of offsets/"},
      {{true, false, {0, 1, 2}, {0}}, "commits/ ends at batch 0"},
      {{true, false, {6, 7}, {}}, "commits/ holds nothing"},
      {{true, false, {5, 6, 7}, {5, 7}}, "commits/ holds batches up to 7 but not 6"},
      {{true, false, {-3, 0}, {}}, "negative batch id"},
  };
  for (const auto& [observed, message] : cases) {
    Status checked = CheckObserved(observed, "/c");
    EXPECT_FALSE(checked.has_value()) << message;
    EXPECT_THAT(checked, HasMessage(AllOf(HasSubstr(message), HasSubstr("checkpoint /c"))));
  }
}

TEST(Decide, RefusesAnotherNumberOfSources) {
  auto start = DecideStart(Facts({true, false, {0}, {0}}), 2, "/c");
  EXPECT_THAT(start, IsError(Code::kInvalidArgument));
  EXPECT_THAT(start, HasMessage(HasSubstr("there are [1] sources in the checkpoint offsets and now there are [2]")));
}

TEST(Decide, C028_Version2IsOrderedByPositionAndContinued) {
  StartFacts facts = Facts({true, false, {0}, {0}});
  facts.last->version = 2;
  facts.last->offsets = {"b", "a"};
  facts.last->source_ids = {"1", "0"};
  facts.last->extra_metadata = R"({"sourceMetadataInfo":{"0":{}},"controlBatchInfo":{"operationType":"x"}})";
  auto start = DecideStart(facts, 2, "/c");
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->previous->offsets, (std::vector<std::optional<std::string>>{"a", "b"}));
  OffsetEntry next = NextEntry(*start);
  EXPECT_EQ(next.version, 2);  // C028: the version begun with goes on
  EXPECT_EQ(next.extra_metadata, R"({"sourceMetadataInfo":{"0":{}}})");
  facts.last->source_ids = {"payments", "0"};
  EXPECT_THAT(DecideStart(facts, 2, "/c"), HasMessage(HasSubstr("payments")));
}

/// Every state that a crash of one writer can leave, for any history: the decision never loses a batch.
TEST(Decide, PropertyOfEveryCrashState) {
  for (int64_t last = 0; last < 250; ++last) {
    for (int64_t oldest : {int64_t{0}, std::max<int64_t>(0, last - 100), std::max<int64_t>(0, last - 1)}) {
      for (bool committed : {true, false}) {
        Observed seen{true, false, Ids(oldest, last), Ids(oldest, committed ? last : last - 1)};
        if (last > 0 && seen.commits.empty()) continue;
        ASSERT_THAT(CheckObserved(seen, "/c"), IsOk()) << last << " " << oldest;
        auto start = DecideStart(Facts(seen), 1, "/c");
        ASSERT_THAT(start, IsOk());
        EXPECT_EQ(start->replay, !committed);
        EXPECT_EQ(start->next_batch, committed ? last + 1 : last);
        EXPECT_EQ(start->previous.has_value(), start->next_batch > 0);
        if (start->previous) {
          EXPECT_EQ(start->previous->offsets[0], std::to_string(start->next_batch - 1));
        }
      }
    }
  }
}

/// Any subset of a short history is either refused or continues from a batch whose start is known.
TEST(Decide, PropertyOfAnyDamage) {
  for (unsigned offsets = 0; offsets < 32; ++offsets) {
    for (unsigned commits = 0; commits < 32; ++commits) {
      Observed seen{true, false, {}, {}};
      for (int64_t id = 0; id < 5; ++id) {
        if (offsets >> id & 1) seen.offsets.push_back(id);
        if (commits >> id & 1) seen.commits.push_back(id);
      }
      if (!CheckObserved(seen, "/c")) continue;
      auto start = DecideStart(Facts(seen), 1, "/c");
      ASSERT_THAT(start, IsOk());
      EXPECT_EQ(start->previous.has_value(), start->next_batch > 0);
      EXPECT_GT(start->next_batch, start->last_committed.value_or(-1));
      EXPECT_LE(start->next_batch, start->last_committed.value_or(-1) + 1);
    }
  }
}

}  // namespace
}  // namespace flare::checkpoint
