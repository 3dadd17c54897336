#include "engine/row_hash.h"

#include "engine/spark_function_fixture.h"
#include "engine/spark_functions.h"

namespace flare::engine {
namespace {

class RowHashTest : public SparkFunctionTest {
 protected:
  static std::string Hash(const std::string& kind, const std::string& types, const std::string& values) {
    static int next = 0;
    sql::RuntimeFunction function;
    function.duckdb_name = fmt::format("test_hash_{}", next++);
    function.kind = kind;
    function.result = sql::Type::Struct(*sql::ParseSchemaDdl(types));
    EXPECT_THAT(RegisterRuntimeFunction(connection(), function), IsOk());
    return One(fmt::format("{}({})", function.duckdb_name, values));
  }
};

TEST_F(RowHashTest, HashesAsSparkDoes) {
  EXPECT_EQ(Hash("hash", "a STRING, b ARRAY<INT>, c INT", "struct_pack(f0 := 'Spark', f1 := [123], f2 := 2)"), "-1321691492");
  EXPECT_EQ(Hash("hash", "a INT", "struct_pack(f0 := 1)"), "-559580957");
  EXPECT_EQ(Hash("hash", "a BIGINT", "struct_pack(f0 := CAST(1 AS BIGINT))"), "-1712319331");
  EXPECT_EQ(Hash("hash", "a INT", "struct_pack(f0 := CAST(NULL AS INTEGER))"), "42");
  EXPECT_EQ(Hash("hash", "a DOUBLE", "struct_pack(f0 := CAST(1.5 AS DOUBLE))"), "1290763749");
  EXPECT_EQ(Hash("hash", "a BOOLEAN", "struct_pack(f0 := true)"), "-559580957");
  EXPECT_EQ(Hash("hash", "a STRING, b STRING", "struct_pack(f0 := 'a', f1 := 'b')"), "190734147");
  EXPECT_EQ(Hash("xxhash64", "a STRING, b ARRAY<INT>, c INT", "struct_pack(f0 := 'Spark', f1 := [123], f2 := 2)"),
            "5602566077635097486");
}

TEST_F(RowHashTest, ADecimalIsItsDigits) {
  // up to 18 digits as a BIGINT, beyond as the fewest bytes that hold it
  EXPECT_EQ(Hash("hash", "a DECIMAL(5,2)", "struct_pack(f0 := CAST(0.01 AS DECIMAL(5,2)))"), "-1712319331");
  EXPECT_EQ(Hash("hash", "a DECIMAL(38,0)", "struct_pack(f0 := CAST(258 AS DECIMAL(38,0)))"),
            Hash("hash", "a BINARY", "struct_pack(f0 := unhex('0102'))"));
  EXPECT_EQ(Hash("hash", "a DECIMAL(38,0)", "struct_pack(f0 := CAST(-1 AS DECIMAL(38,0)))"),
            Hash("hash", "a BINARY", "struct_pack(f0 := unhex('FF'))"));
  EXPECT_EQ(Hash("hash", "a DECIMAL(38,0)", "struct_pack(f0 := CAST(128 AS DECIMAL(38,0)))"),
            Hash("hash", "a BINARY", "struct_pack(f0 := unhex('0080'))"));
}

TEST_F(RowHashTest, ZeroHasOneHash) {
  EXPECT_EQ(Hash("hash", "a DOUBLE", "struct_pack(f0 := CAST('-0.0' AS DOUBLE))"),
            Hash("hash", "a DOUBLE", "struct_pack(f0 := CAST(0 AS DOUBLE))"));
}

TEST(XxHashTest, IsTheKnownHashOfBytes) {
  // the reference's values for seed 0
  EXPECT_EQ(static_cast<uint64_t>(SparkXxHash64("", 0)), 0xEF46DB3751D8E999U);
  EXPECT_EQ(static_cast<uint64_t>(SparkXxHash64("abc", 0)), 0x44BC2CF5AD770999U);
}

}  // namespace
}  // namespace flare::engine
