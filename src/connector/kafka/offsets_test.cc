#include "connector/kafka/offsets.h"

#include <nlohmann/json.hpp>

#include "base/test_matchers.h"

namespace flare::connector::kafka {
namespace {

using ::testing::HasSubstr;

TEST(OffsetsTest, WritesSparksTextInAscendingOrder) {
  EXPECT_EQ(FormatOffsets({}), "{}");
  EXPECT_EQ(FormatOffsets({{{"b", 10}, 1}, {{"b", 2}, 3}, {{"a", 0}, INT64_MAX}}),
            R"({"a":{"0":9223372036854775807},"b":{"2":3,"10":1}})");
  EXPECT_EQ(FormatOffsets({{{"say \"hi\"", 0}, 1}}), R"({"say \"hi\"":{"0":1}})");
}

/// The topics of a text, in its order.
std::string TopicsOf(const Offsets& offsets) {
  std::string names;
  auto json = nlohmann::ordered_json::parse(FormatOffsets(offsets));
  for (const auto& [name, partitions] : json.items()) {
    names += name + " ";
  }
  return names;
}

// What Scala 2.13's mutable.HashMap gives, in a JVM.
TEST(OffsetsTest, WritesTopicsInTheOrderOfSparksHashTable) {
  Offsets offsets;
  for (const char* topic : {"orders", "payments", "customers", "a-b", "returns.eu", "clicks_2024"}) {
    offsets[{topic, 0}] = offsets[{topic, 1}] = 7;
  }
  EXPECT_EQ(TopicsOf(offsets), "a-b payments clicks_2024 orders returns.eu customers ");

  offsets.clear();
  for (char c = 'k'; c <= 'u'; ++c) offsets[{std::string(1, c), 0}] = 7;
  EXPECT_EQ(TopicsOf(offsets), "p q r s t u k l m n o ");
  offsets[{"u", 1}] = 7;  // one more put, and the table has grown
  EXPECT_EQ(TopicsOf(offsets), "k l m n o p q r s t u ");
}

TEST(OffsetsTest, WritesPartitionsWithHolesInTheOrderOfSparksHashTable) {
  EXPECT_EQ(FormatOffsets({{{"t", 0}, 1}, {{"t", 1}, 2}, {{"t", 16}, 3}, {{"t", 17}, 4}, {{"t", 33}, 5}}),
            R"({"t":{"0":1,"16":3,"1":2,"17":4,"33":5}})");
  EXPECT_EQ(FormatOffsets({{{"t", 0}, 1}, {{"t", 5}, 2}, {{"t", 65536}, 3}, {{"t", 65537}, 4}, {{"t", 70000}, 5}}),
            R"({"t":{"0":1,"65537":4,"65536":3,"70000":5,"5":2}})");
  Offsets many;
  std::string expected;
  for (int i = 0; i < 400; ++i) {
    many[{"t", i}] = i;
    expected += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", i, i);
  }
  EXPECT_EQ(FormatOffsets(many), "{\"t\":{" + expected + "}}");
}

TEST(OffsetsTest, ReadsAnyOrderAndSpaces) {
  auto offsets = ParseOffsets(R"( { "b" : { "10" : 1, "2" : 3 } , "a" : { "0" : -2 } } )");
  ASSERT_THAT(offsets, IsOk());
  EXPECT_EQ(*offsets, (Offsets{{{"a", 0}, -2}, {{"b", 2}, 3}, {{"b", 10}, 1}}));
  EXPECT_EQ(*ParseOffsets("{}"), Offsets());
}

TEST(OffsetsTest, RefusesWhatIsNotOffsets) {
  for (const char* text : {"", "3", "[]", "{\"a\":3}", "{\"a\":{\"x\":1}}", "{\"a\":{\"-1\":1}}",
                           "{\"a\":{\"0\":\"1\"}}", "{\"a\":{\"0\":1.5}}", "{\"a\":{\"0\":1}",
                           "{\"a\":{\"99999999999\":1}}"}) {
    EXPECT_THAT(ParseOffsets(text), IsError(Code::kInvalidArgument)) << text;
  }
}

TEST(OffsetsTest, ReadsAnAssignment) {
  EXPECT_EQ(*ParseAssignment(R"({"b":[1,0],"a":[7]})"), (Partitions{{"a", 7}, {"b", 0}, {"b", 1}}));
  for (const char* text : {"{}", "{\"a\":1}", "{\"a\":[-1]}", "{\"a\":[\"0\"]}", "a-0"}) {
    EXPECT_THAT(ParseAssignment(text), IsError(Code::kInvalidArgument)) << text;
  }
}

TEST(InitialFileTest, C094_HasSparksBytes) {
  EXPECT_EQ(FormatInitialFile(R"({"orders":{"0":0}})"),
            std::string("\0v1\n{\"orders\":{\"0\":0}}", 22));
}

TEST(InitialFileTest, C095_ReadsBothForms) {
  EXPECT_EQ(*ParseInitialFile(std::string("\0v1\n{\"o\":{\"1\":2,\"0\":1}}", 23)),
            R"({"o":{"0":1,"1":2}})");
  EXPECT_EQ(*ParseInitialFile(std::string("\0{\"o\":{\"0\":1}}", 14)), R"({"o":{"0":1}})");
}

TEST(InitialFileTest, C095_RefusesNewerVersionsAndGarbage) {
  auto newer = ParseInitialFile(std::string("\0v99999\n{}", 10));
  EXPECT_THAT(newer, IsError(Code::kUnsupported));
  EXPECT_THAT(newer, HasMessage(HasSubstr("maximum supported log version is v1")));
  for (const std::string& bytes : {std::string(), std::string("v1\n{}"), std::string("\0vx\n{}", 6),
                                   std::string("\0v1{}", 5), std::string("\0v1\nnothing", 11)}) {
    EXPECT_THAT(ParseInitialFile(bytes), IsError(Code::kCorruption)) << bytes;
  }
}

}  // namespace
}  // namespace flare::connector::kafka
