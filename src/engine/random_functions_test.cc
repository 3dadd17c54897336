#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

class RandomFunctionsTest : public SparkFunctionTest {};

TEST_F(RandomFunctionsTest, AreFunctionsOfSeedAndRow) {
  EXPECT_EQ(One("spark_rand(1, 2) = spark_rand(1, 2)"), "true");
  EXPECT_EQ(One("spark_rand(1, 2) = spark_rand(1, 3)"), "false");
  EXPECT_EQ(One("spark_rand(1, 2) = spark_rand(2, 2)"), "false");
  EXPECT_EQ(One("spark_uuid(7, 1)"), One("spark_uuid(7, 1)"));
}

TEST_F(RandomFunctionsTest, AreSpreadAsTheyShould) {
  auto over_rows = [](const std::string& what) {
    return One("(SELECT " + what + " FROM (SELECT spark_rand(42, i) AS u, spark_randn(42, i) AS n FROM range(20000) t(i)))");
  };
  EXPECT_EQ(over_rows("min(u) >= 0 AND max(u) < 1 AND abs(avg(u) - 0.5) < 0.02"), "true");
  EXPECT_EQ(over_rows("abs(avg(n)) < 0.05 AND abs(stddev(n) - 1) < 0.05"), "true");
  EXPECT_EQ(One("(SELECT count(DISTINCT spark_uuid(1, i)) FROM range(10000) t(i))"), "10000");
}

TEST_F(RandomFunctionsTest, MakeUuidsOfVersion4AndTexts) {
  EXPECT_EQ(One("regexp_full_match(spark_uuid(1, 1), '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')"), "true");
  EXPECT_EQ(One("regexp_full_match(spark_randstr(1, 1, 12), '[0-9a-zA-Z]{12}')"), "true");
  EXPECT_EQ(One("spark_randstr(1, 1, 0)"), "");
  EXPECT_THAT(One("spark_randstr(1, 1, -1)"), ::testing::HasSubstr("INVALID_PARAMETER_VALUE"));
}

}  // namespace
}  // namespace flare::engine
