#include "base/result.h"

#include "base/diagnostic.h"
#include "base/random.h"
#include "base/test_matchers.h"

namespace flare {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return InvalidArgument("{} is odd", n);
  return n / 2;
}

Result<int> Quarter(int n) {
  ASSIGN_OR_RETURN(int half, Half(n));
  auto quarter = Half(half);
  if (!quarter) return std::move(quarter).error().With("while halving twice");
  return quarter;
}

TEST(ResultTest, CarriesTheValueOrTheErrorWithItsContext) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_THAT(Quarter(6), IsError(Code::kInvalidArgument));
  EXPECT_THAT(Quarter(6), HasMessage("3 is odd\n  while halving twice"));
  EXPECT_EQ(Quarter(3).error().blame(), Blame::kUser);
}

TEST(DiagnosticTest, NearestNameFindsATypingErrorAndNothingFar) {
  EXPECT_EQ(NearestName("triggermode", {"triggerMode", "triggerDuration"}), "triggerMode");
  EXPECT_EQ(NearestName("chekpointLocation", {"checkpointLocation", "name"}), "checkpointLocation");
  EXPECT_EQ(NearestName("zebra", {"triggerMode", "name"}), "");
}

TEST(DiagnosticTest, PrintsPlaceMessageFoundExpectedAndHint) {
  Diagnostic d{Severity::kError, {"job.yaml", 12, 7}, "unknown-key", "unknown key `stram`", "stram", "isStream", ""};
  EXPECT_EQ(ToText(d), "job.yaml:12:7: error: [unknown-key] unknown key `stram`\n    found:    stram\n    expected: isStream");
}

TEST(RandomTest, UuidsAreVersionFourAndDiffer) {
  std::string a = NewUuid();
  EXPECT_THAT(a, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(a, NewUuid());
}

}  // namespace
}  // namespace flare
