#include "engine/spark_function_fixture.h"

namespace flare::engine {
namespace {

class ValueKeyFunctionsTest : public SparkFunctionTest {
 protected:
  static std::string Less(const std::string& a, const std::string& b) {
    return One("spark_order_key(" + a + ") < spark_order_key(" + b + ")");
  }
};

TEST_F(ValueKeyFunctionsTest, OrdersNullsBeforeValuesInside) {
  EXPECT_EQ(Less("[1, NULL]", "[1, 2]"), "true");
  EXPECT_EQ(Less("struct_pack(a := NULL::INTEGER, b := 1)", "struct_pack(a := -5, b := 0)"), "true");
}

TEST_F(ValueKeyFunctionsTest, OrdersShorterBeforeLonger) {
  EXPECT_EQ(Less("[1]", "[1, 0]"), "true");
  EXPECT_EQ(Less("[[1], [2]]", "[[1, 0]]"), "true");
  EXPECT_EQ(Less("['a']", "['a' || chr(1)]"), "true");
}

TEST_F(ValueKeyFunctionsTest, OrdersNumbersBySign) {
  EXPECT_EQ(Less("[-1]", "[1]"), "true");
  EXPECT_EQ(Less("[-2.5::DOUBLE]", "[-1::DOUBLE]"), "true");
  EXPECT_EQ(Less("['infinity'::DOUBLE]", "['nan'::DOUBLE]"), "true");
  EXPECT_EQ(Less("[-1.5::DECIMAL(38,1)]", "[0.5::DECIMAL(38,1)]"), "true");
  EXPECT_EQ(One("spark_order_key([0.0::DOUBLE]) = spark_order_key([-0.0::DOUBLE])"), "true");
}

TEST_F(ValueKeyFunctionsTest, NullHasNoKey) { EXPECT_EQ(One("spark_order_key(NULL::INTEGER[])"), "NULL"); }

TEST_F(ValueKeyFunctionsTest, PlacesAreThoseOfTheHashTables) {
  // 17 shares the bucket of 1 in a table of 16 and comes behind it
  EXPECT_EQ(One("spark_scala_set_place(17, 2) > spark_scala_set_place(1, 2)"), "true");
  EXPECT_EQ(One("spark_scala_set_place(17, 2) < spark_scala_set_place(2, 2)"), "true");
  EXPECT_EQ(One("spark_open_set_place(0, 3) < least(spark_open_set_place(-10, 3), spark_open_set_place(10, 3))"), "true");
}

}  // namespace
}  // namespace flare::engine
