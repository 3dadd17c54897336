// What older versions of Spark left for a Kafka source. A test's number is the item's in
// docs/conformance.
#include "base/test_matchers.h"
#include "connector/kafka/offsets.h"

namespace flare::connector::kafka {
namespace {

TEST(KafkaConformance, C095_Spark210WroteALengthWhereLaterVersionsWriteAZeroByte) {
  const std::string offsets = R"({"first-of-all":{"2":0,"1":0,"0":0}})";
  const std::string ascending = R"({"first-of-all":{"0":0,"1":0,"2":0}})";
  EXPECT_EQ(*ParseInitialFile(static_cast<char>(offsets.size()) + offsets), ascending);
  for (char first : {'\0', '\xff', 'v', '{', '\n'}) {
    EXPECT_EQ(*ParseInitialFile(first + offsets), ascending) << static_cast<int>(first);
    EXPECT_EQ(*ParseInitialFile(first + ("v1\n" + offsets)), ascending) << static_cast<int>(first);
  }
  // Without that byte the first letter of what matters is gone: never half understood.
  EXPECT_THAT(ParseInitialFile(offsets), IsError(Code::kCorruption));
  EXPECT_THAT(ParseInitialFile("v1\n" + offsets), IsError(Code::kCorruption));
  EXPECT_THAT(ParseInitialFile("\n"), IsError(Code::kCorruption));
}

}  // namespace
}  // namespace flare::connector::kafka
