#include "engine/to_json.h"

#include "engine/spark_function_fixture.h"
#include "engine/spark_functions.h"

namespace flare::engine {
namespace {

class ToJsonTest : public SparkFunctionTest {
 protected:
  static std::string Register(const std::string& ddl, std::map<std::string, std::string> options = {}) {
    static int next = 0;
    auto type = sql::ParseTypeDdl(ddl);
    EXPECT_THAT(type, IsOk());
    sql::RuntimeFunction function{fmt::format("to_json_{}", next++), "to_json", *type, std::move(options)};
    EXPECT_THAT(RegisterRuntimeFunction(connection(), function), IsOk());
    return function.duckdb_name;
  }
};

TEST_F(ToJsonTest, PrintsAsSpark) {
  std::string name = Register("STRUCT<b: BINARY, f: FLOAT, n: DOUBLE, l: BIGINT, s: STRING>");
  EXPECT_EQ(One(name + "({'f0': '\\x01\\x02'::BLOB, 'f1': 0.1::FLOAT, 'f2': 'nan'::DOUBLE, 'f3': 10000000000, "
                       "'f4': 'q\"uo\\te' || chr(10) || '/é'})"),
            R"({"b":"AQI=","f":0.1,"n":"NaN","l":10000000000,"s":"q\"uo\\te\n/é"})");
  name = Register("STRUCT<a: INT, b: INT>");
  EXPECT_EQ(One(name + "({'f0': NULL, 'f1': 1})"), R"({"b":1})");
  EXPECT_EQ(One(name + "(NULL)"), "NULL");
  name = Register("STRUCT<a: INT, b: INT>", {{"ignorenullfields", "false"}});
  EXPECT_EQ(One(name + "({'f0': NULL, 'f1': 1})"), R"({"a":null,"b":1})");
  name = Register("ARRAY<STRUCT<d: DECIMAL(10,2), m: MAP<INT, BOOLEAN>, t: DATE>>");
  EXPECT_EQ(One(name + "([{'f0': -0.05, 'f1': MAP {1: true, 2: NULL}, 'f2': DATE '2024-01-05'}, NULL])"),
            R"([{"d":-0.05,"m":{"1":true,"2":null},"t":"2024-01-05"},null])");
}

TEST_F(ToJsonTest, PrintsTimestamps) {
  std::string value = "({'f0': TIMESTAMPTZ '2024-01-15 10:30:00.5+00'})";
  EXPECT_EQ(One(Register("STRUCT<t: TIMESTAMP>") + value), R"({"t":"2024-01-15T10:30:00.500Z"})");
  EXPECT_EQ(One(Register("STRUCT<t: TIMESTAMP>", {{"timezone", "Asia/Kolkata"}}) + value),
            R"({"t":"2024-01-15T16:00:00.500+05:30"})");
  EXPECT_EQ(One(Register("STRUCT<t: TIMESTAMP>", {{"timestampformat", "dd/MM/yyyy"}}) + value),
            R"({"t":"15/01/2024"})");
}

TEST_F(ToJsonTest, ConstantFieldsAreReadForEveryRow) {
  std::string name = Register("STRUCT<a: STRING, b: BIGINT, c: ARRAY<INT>>");
  EXPECT_EQ(One("(SELECT count(*) FROM (SELECT i, " + name +
                "({'f0': 'the same long constant', 'f1': i, 'f2': [7]}) AS j FROM range(5000) t(i)) WHERE j = "
                "'{\"a\":\"the same long constant\",\"b\":' || i || ',\"c\":[7]}')"),
            "5000");
}

}  // namespace
}  // namespace flare::engine
