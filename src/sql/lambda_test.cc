#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/compile_fixture.h"

namespace flare::sql {
namespace {

using ::testing::ElementsAre;

TEST(LambdaTest, TypesFollowTheElements) {
  EXPECT_EQ(Names(Translate("SELECT transform(tags, (t, i) -> i) AS a, filter(items, i -> i.sku = status) AS b, "
                            "transform_values(attrs, (k, v) -> length(v)) AS c FROM orders")),
            "a array<int>, b array<struct<sku:string>>, c map<string,int>");
}

TEST(LambdaTest, AreSpelledAsSparkSpellsThem) {
  EXPECT_EQ(Names(Translate("SELECT transform(array(1, 2), (x, i) -> x + i)")),
            "transform(array(1, 2), lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), "
            "namedlambdavariable())) array<int>");
}

TEST(LambdaTest, VariablesHideColumns) {
  EXPECT_EQ(Names(Translate("SELECT transform(array('a'), qty -> qty) AS a FROM orders")), "a array<string>");
}

TEST(LambdaTest, InnerVariablesHideOuterOnes) {
  EXPECT_EQ(Names(Translate("SELECT transform(array(array(1)), x -> transform(x, x -> CAST(x AS STRING))) AS a")), "a array<array<string>>");
}

TEST(LambdaTest, VariablesEndWithTheirLambda) {
  EXPECT_THAT(Translate("SELECT transform(tags, t -> t), t FROM orders").Codes(), ElementsAre("UNRESOLVED_COLUMN.WITH_SUGGESTION"));
}

TEST(LambdaTest, MistakesAreNamed) {
  EXPECT_THAT(Translate("SELECT transform(array(1), (x, y, z) -> x)").Codes(), ElementsAre("INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH"));
  EXPECT_THAT(Translate("SELECT zip_with(array(1), array(2), (x, X) -> x)").Codes(), ElementsAre("INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES"));
  EXPECT_THAT(Translate("SELECT upper(x -> x)").Codes(), ElementsAre("INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION"));
  EXPECT_THAT(Translate("SELECT exists(array(1), x -> x + 1)").Codes(), ElementsAre("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"));
  EXPECT_THAT(Translate("SELECT aggregate(array(1), 0, (s, x) -> s + 1.5)").Codes(), ElementsAre("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"));
}

TEST(LambdaTest, AStarMayHideALambdaButNeverCrashes) {
  EXPECT_FALSE(Translate("SELECT aggregate(*, x -> x) FROM (SELECT tags, qty, id FROM orders)").query);
  EXPECT_TRUE(Translate("SELECT map_zip_with(*) FROM (SELECT attrs, attrs AS more, id FROM orders)").query);
}

TEST(LambdaTest, ColumnsInABodyMustBeGrouped) {
  EXPECT_THAT(Translate("SELECT transform(array(1), x -> x + qty) FROM orders GROUP BY status").Codes(), ElementsAre("MISSING_AGGREGATION"));
  EXPECT_TRUE(Translate("SELECT transform(tags, x -> upper(x)) FROM orders GROUP BY transform(tags, x -> upper(x))").query);
}

TEST(LambdaTest, OrdersInsideAggregatesAreTheirOwn) {
  EXPECT_EQ(Names(Translate("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY qty DESC), listagg(status) WITHIN GROUP (ORDER BY id) FROM orders")),
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY qty DESC) double, listagg(status, NULL) WITHIN GROUP (ORDER BY id ASC NULLS FIRST) string");
  EXPECT_THAT(Translate("SELECT sum(qty) WITHIN GROUP (ORDER BY id) FROM orders").Codes(),
              ElementsAre("INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX"));
  EXPECT_THAT(Translate("SELECT mode() FROM orders").Codes(), ElementsAre("INVALID_INVERSE_DISTRIBUTION_FUNCTION.WITHIN_GROUP_MISSING"));
}

}  // namespace
}  // namespace flare::sql
