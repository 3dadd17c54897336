#include "connector/kafka/options.h"

#include "base/test_matchers.h"
#include "connector/kafka/topic_pattern.h"

namespace flare::connector::kafka {
namespace {

using ::testing::HasSubstr;

class OptionsTest : public ::testing::Test {
 protected:
  OptionsTest() {
    input_.is_stream = true;
    address_.dataset = "orders";
  }
  SourceOptions Read(std::map<std::string, std::string> options) {
    for (const auto& [name, value] : options) input_.options[name] = {value, {"job.yaml", 7, 3}};
    diagnostics_.clear();
    return ReadSourceOptions(input_, address_, &diagnostics_);
  }
  std::string Problems() const {
    std::string text;
    for (const auto& each : diagnostics_) text += ToText(each) + "\n";
    return text;
  }
  manifest::Input input_;
  manifest::Address address_;
  Diagnostics diagnostics_;
};

TEST_F(OptionsTest, TheAddressNamesTheTopic) {
  EXPECT_EQ(Read({}).subscription.ToText(), "Subscribe[orders]");
  EXPECT_EQ(Read({}).starting.kind, PositionSpec::kLatestOffset);
  EXPECT_EQ(Problems(), "");
}

TEST_F(OptionsTest, AnInlineSourceNamesItsTopicsInItsBlock) {
  // The manifest gives the block's keys as options, and its topic as the address too.
  EXPECT_EQ(Read({{"topic", "orders"}}).subscription.ToText(), "Subscribe[orders]");
  EXPECT_EQ(Problems(), "");
  address_.dataset = "orders, returns";
  EXPECT_EQ(Read({{"topic", "orders, returns"}}).subscription.ToText(),
            "Subscribe[orders, returns]");
  EXPECT_EQ(Problems(), "");
  EXPECT_EQ(Read({{"subscribe", "others"}}).subscription.ToText(), "Subscribe[others]");
  EXPECT_THAT(Problems(), HasSubstr("option `topic` is not one of a Kafka input"));
  input_.options.erase("subscribe");
  manifest::Depot depot;
  address_.depot = &depot;
  Read({{"topic", "orders, returns"}});
  EXPECT_THAT(Problems(), HasSubstr("option `topic` is not one of a Kafka input"))
      << "a depot's address names the topic, not this option";
}

TEST_F(OptionsTest, NamesAndWordsIgnoreCase) {
  auto options = Read(
      {{"SUBSCRIBE", " a , ,b,a"}, {"startingoffsets", "EARLIEST"}, {"FailOnDataLoss", "False"}});
  EXPECT_EQ(options.subscription.ToText(), "Subscribe[a, b]");
  EXPECT_EQ(options.starting.kind, PositionSpec::kEarliestOffset);
  EXPECT_FALSE(options.fail_on_data_loss);
  EXPECT_EQ(Problems(), "");
}

TEST_F(OptionsTest, OtherSubscriptions) {
  EXPECT_EQ(Read({{"subscribePattern", "ord.*"}}).subscription.ToText(), "SubscribePattern[ord.*]");
  input_.options.clear();
  EXPECT_EQ(Read({{"assign", R"({"a":[1,0]})"}}).subscription.ToText(), "Assign[a-0, a-1]");
}

TEST_F(OptionsTest, OnlyOneSubscription) {
  Read({{"subscribe", "a"}, {"assign", R"({"a":[1,0]})"}});
  EXPECT_THAT(Problems(),
              HasSubstr("only one of the options `subscribe`, `subscribePattern`, `assign`"));
}

TEST_F(OptionsTest, StartPrecedence) {
  auto options = Read({{"startingOffsets", "earliest"},
                       {"startingOffsetsByTimestamp", R"({"orders":{"0":5}})"},
                       {"startingTimestamp", "17"}});
  EXPECT_EQ(options.starting.kind, PositionSpec::kTimestamp);
  EXPECT_EQ(options.starting.timestamp_ms, 17);
  EXPECT_EQ(Problems(), "");
}

TEST_F(OptionsTest, EndsBelongToBoundedReads) {
  Read({{"endingOffsets", "latest"}});
  EXPECT_THAT(Problems(), HasSubstr("option `endingOffsets` is not valid for a stream"));
  input_.is_stream = false;
  auto options = Read({{"endingOffsets", R"({"orders":{"0":5}})"}});
  EXPECT_EQ(Problems(), "");
  EXPECT_EQ(options.starting.kind, PositionSpec::kEarliestOffset);
  EXPECT_EQ(options.ending.kind, PositionSpec::kOffsets);
  Read({{"startingOffsets", "latest"}});
  EXPECT_THAT(Problems(), HasSubstr("a bounded read cannot start at the end"));
}

TEST_F(OptionsTest, EveryMistakeAtItsPlace) {
  Read({{"startingOffsets", "begining"},
        {"failOnDataLoss", "maybe"},
        {"minPartitions", "0"},
        {"kafkaConsumer.pollTimeoutMs", "soon"},
        {"startingOffsetsByTimestampStrategy", "guess"},
        {"includeHeader", "true"}});
  EXPECT_EQ(diagnostics_.size(), 6u) << Problems();
  EXPECT_THAT(Problems(), HasSubstr("job.yaml:7:3: error: [bad-option] option `startingOffsets` "
                                    "has a value that is not valid"));
  EXPECT_THAT(Problems(), HasSubstr("did you mean `includeHeaders`?"));
}

TEST(TopicPatternTest, MatchesWholeNamesAsJavaDoes) {
  auto pattern = TopicPattern::Compile("ord(?!er-old).*");
  ASSERT_THAT(pattern, IsOk());
  EXPECT_TRUE(pattern->Matches("orders"));
  EXPECT_FALSE(pattern->Matches("order-old"));
  EXPECT_FALSE(pattern->Matches("my-orders"));
  EXPECT_FALSE(TopicPattern::Compile("a|ab")->Matches("abc"));
  EXPECT_THAT(TopicPattern::Compile("a("), IsError(Code::kInvalidArgument));
}

}  // namespace
}  // namespace flare::connector::kafka
