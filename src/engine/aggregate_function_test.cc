#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

class AggregateFunctionTest : public SparkFunctionTest {
 protected:
  /// An aggregate over rows written as VALUES.
  static std::string Over(const std::string& aggregate, const std::string& values) {
    return One(aggregate + " FROM (VALUES " + values + ") t(x, y)");
  }
};

TEST_F(AggregateFunctionTest, MomentsAreThoseOfThePopulation) {
  const std::string rows = "(-10::DOUBLE, 0), (-20, 0), (100, 0), (1000, 0)";
  EXPECT_EQ(Over("round(spark_skewness(x), 12)", rows), "1.113565746902");
  EXPECT_EQ(Over("round(spark_kurtosis(x), 12)", rows), "-0.701436804753");
  EXPECT_EQ(Over("spark_var_samp(x)", "(1::DOUBLE, 0), (2, 0), (3, 0)"), "1.0");
}

TEST_F(AggregateFunctionTest, TooFewRowsAreNull) {
  EXPECT_EQ(Over("spark_stddev_samp(x)", "(1::DOUBLE, 0)"), "NULL");
  EXPECT_EQ(Over("spark_stddev_pop(x)", "(1::DOUBLE, 0)"), "0.0");
  EXPECT_EQ(Over("spark_skewness(x)", "(NULL::DOUBLE, 0)"), "NULL");
  EXPECT_EQ(Over("spark_corr(x, y)", "(1::DOUBLE, 2::DOUBLE)"), "NULL");
}

TEST_F(AggregateFunctionTest, NotANumberIsNoError) {
  EXPECT_EQ(Over("spark_var_pop(x)", "('nan'::DOUBLE, 0), (1, 0)"), "nan");
}

TEST_F(AggregateFunctionTest, PairsWithNullAreLeftOut) {
  const std::string rows = "(1::DOUBLE, 2::DOUBLE), (2, NULL), (NULL, 3), (2, 4)";
  EXPECT_EQ(Over("spark_regr_avgx(x, y)", rows), "3.0");
  EXPECT_EQ(Over("spark_regr_sxy(x, y)", rows), "1.0");
  EXPECT_EQ(Over("spark_regr_r2(x, y)", rows), "1.0");
}

TEST_F(AggregateFunctionTest, GroupsAndPartsAreMerged) {
  EXPECT_EQ(One("count(DISTINCT round(v, 9)) FROM (SELECT i % 7, spark_var_pop((i % 10)::DOUBLE) AS v FROM range(70000) t(i) GROUP BY i % 7)"), "1");
}

TEST_F(AggregateFunctionTest, BitmapsHaveTheirFullLength) {
  EXPECT_EQ(Over("octet_length(spark_bitmap_construct_agg(x))", "(0::BIGINT, 0)"), "4096");
  EXPECT_EQ(Over("hex(spark_bitmap_or_agg(x))[1:4]", "('\\x10'::BLOB, 0), ('\\x20'::BLOB, 0), (NULL, 0)"), "3000");
}

TEST_F(AggregateFunctionTest, HistogramsMergeTheNearestBins) {
  EXPECT_EQ(Over("spark_histogram_numeric(x, 2)", "(0::DOUBLE, 0), (1, 0), (10, 0)"), "[{'f0': 0.5, 'f1': 2.0}, {'f0': 10.0, 'f1': 1.0}]");
  EXPECT_EQ(Over("spark_histogram_numeric(x, 2)", "(NULL::DOUBLE, 0)"), "NULL");
}

}  // namespace
}  // namespace flare::engine
