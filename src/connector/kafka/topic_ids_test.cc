#include "connector/kafka/topic_ids.h"

#include "base/test_matchers.h"

namespace flare::connector::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TopicIdsTest, OnlyAnotherIdIsAnotherTopic) {
  const TopicIds before = {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"elsewhere", "4"}};
  const TopicIds now = {{"a", "1"}, {"b", "9"}, {"d", "5"}, {"elsewhere", "8"}};
  EXPECT_THAT(MadeAnew(before, now, {"a", "b", "c", "d"}), ElementsAre("b"));
  EXPECT_THAT(MadeAnew({}, now, {"a", "b"}), IsEmpty()) << "what is unknown proves nothing";
  EXPECT_THAT(MadeAnew(before, {}, {"a", "b"}), IsEmpty());
}

TEST(TopicIdsTest, OnlyTheSameIdIsProof) {
  EXPECT_THAT(Proven({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"a", "1"}, {"b", "9"}, {"d", "5"}}),
              ElementsAre("a"));
}

TEST(TopicIdsTest, TakesTopicsOutOfOffsets) {
  EXPECT_EQ(Without({{{"a", 0}, 1}, {{"a", 1}, 2}, {{"b", 0}, 3}}, {"a"}),
            (Offsets{{{"b", 0}, 3}}));
}

TEST(TopicIdsTest, IncarnationsSurviveTheirText) {
  for (const Incarnation& each : {Incarnation{}, Incarnation{{{"a", "x_-1"}}, {}},
                                  Incarnation{{{"a", "1"}, {"b", "2"}}, {"b"}}}) {
    auto parsed = ParseIncarnation(FormatIncarnation(each));
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(*parsed, each);
  }
  EXPECT_EQ(FormatIncarnation({{{"b", "2"}, {"a", "1"}}, {"b"}}),
            R"({"ids":{"a":"1","b":"2"},"anew":["b"]})");
}

TEST(TopicIdsTest, RefusesWhatIsNoIncarnation) {
  for (const char* text : {"x", "[]", "{}", R"({"ids":[]})", R"({"ids":{"a":1}})",
                           R"({"ids":{},"anew":{}})", R"({"ids":{},"anew":[1]})"})
    EXPECT_THAT(ParseIncarnation(text), IsError(Code::kInvalidArgument)) << text;
}

TEST(TopicIdsTest, TellsBothIds) {
  EXPECT_EQ(TellMadeAnew("a", {{"a", "1"}}, {{"a", "2"}}),
            "topic a was deleted and made anew: its id was 1 and is 2 now");
  EXPECT_EQ(TellMadeAnew("a", {{"a", "2"}}, {{"a", "2"}}), "topic a was deleted and made anew");
}

}  // namespace
}  // namespace flare::connector::kafka
