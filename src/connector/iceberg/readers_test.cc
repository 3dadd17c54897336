// Tables of every kind, read back by other programs. Needs a Python with PyIceberg and DuckDB: the one of
// FLARE_READERS_PYTHON, else the one the test bed installs; skipped where there is none.
#include <cstdlib>

#include "connector/iceberg/sink_fixture.h"

namespace flare::connector::iceberg {
namespace {

std::string Python() {
  if (const char* given = std::getenv("FLARE_READERS_PYTHON")) return given;
  const char* home = std::getenv("HOME");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  std::string base = cache != nullptr ? cache : std::string(home == nullptr ? "" : home) + "/.cache";
  std::string python = base + "/flare/bed/python/bin/python3";
  return std::filesystem::exists(python) ? python : "";
}

std::string Script() {
  // This file lies in src/connector/iceberg/.
  auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  return (root / "tests" / "readers" / "iceberg_equal.py").string();
}

class ReadersTest : public SinkFixture {
 protected:
  void SetUp() override {
    if (Python().empty()) GTEST_SKIP() << "no Python with pyiceberg and duckdb";
    SinkFixture::SetUp();
  }
  void ExpectReadersAgree() {
    std::string command = fmt::format("'{}' '{}' '{}'", Python(), Script(), table_);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }
  void WriteOnce(TableOptions options, const sql::Schema& schema, const std::string& select) {
    auto sink = NewSink(std::move(options));
    ASSERT_THAT(sink->Open(schema), IsOk());
    ASSERT_THAT(Write(*sink, Batch(0), select), IsOk());
  }
};

sql::StructField Column(std::string name, sql::Type type) { return {std::move(name), std::move(type), true, ""}; }
sql::Type T(sql::TypeId id) { return sql::Type(id); }

TEST_F(ReadersTest, EveryPrimitiveTypeWithExtremesAndNulls) {
  sql::Schema schema = {
      Column("b", T(sql::TypeId::kBoolean)),     Column("by", T(sql::TypeId::kByte)),
      Column("sh", T(sql::TypeId::kShort)),      Column("i", T(sql::TypeId::kInt)),
      Column("l", T(sql::TypeId::kLong)),        Column("f", T(sql::TypeId::kFloat)),
      Column("d", T(sql::TypeId::kDouble)),      Column("d9", sql::Type::Decimal(9, 2)),
      Column("d18", sql::Type::Decimal(18, 0)),  Column("d38", sql::Type::Decimal(38, 10)),
      Column("s", T(sql::TypeId::kString)),      Column("bin", T(sql::TypeId::kBinary)),
      Column("dt", T(sql::TypeId::kDate)),       Column("ts", T(sql::TypeId::kTimestamp)),
      Column("tn", T(sql::TypeId::kTimestampNtz)), Column("odd name-1.ä", T(sql::TypeId::kInt))};
  std::string select =
      "SELECT * FROM (VALUES "
      "(true, 127::TINYINT, 32767::SMALLINT, 2147483647, 9223372036854775807::BIGINT, '-0.0'::FLOAT, 'nan'::DOUBLE, "
      "9999999.99::DECIMAL(9,2), 999999999999999999::DECIMAL(18,0), '-1234567890123456789012345678.0123456789'::DECIMAL(38,10), "
      "'zzzzzzzzzzzzzzzzzzzzz😀', '\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF'::BLOB, "
      "DATE '1969-12-31', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', TIMESTAMP '2024-02-29 12:00:00.000001', 1), "
      "(false, (-128)::TINYINT, (-32768)::SMALLINT, -2147483648, (-9223372036854775808)::BIGINT, 0.0::FLOAT, 1.5::DOUBLE, "
      "-0.01::DECIMAL(9,2), -128::DECIMAL(18,0), 0::DECIMAL(38,10), '', ''::BLOB, DATE '9999-12-31', "
      "TIMESTAMPTZ '2024-01-01 00:00:00+00', TIMESTAMP '1960-01-01', NULL), "
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3)) "
      "AS v(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15)";
  WriteOnce({}, schema, select);
  ExpectReadersAgree();
}

TEST_F(ReadersTest, NestedTypesWithTheirOwnNames) {
  sql::Type item = sql::Type::Struct({Column("sku x", T(sql::TypeId::kString)), Column("n", T(sql::TypeId::kShort))});
  sql::Schema schema = {Column("id", T(sql::TypeId::kLong)), Column("items", sql::Type::Array(item)),
                        Column("by_name", sql::Type::Map(T(sql::TypeId::kString), item)),
                        Column("deep", sql::Type::Struct({Column("inner", item), Column("list", sql::Type::Array(T(sql::TypeId::kInt)))}))};
  std::string item_sql = "{'f0': 'a', 'f1': 3::SMALLINT}";
  std::string select = fmt::format(
      "SELECT 1::BIGINT AS c0, [{0}, NULL] AS c1, MAP {{'k': {0}}} AS c2, {{'f0': {0}, 'f1': [1, NULL]}} AS c3 "
      "UNION ALL SELECT 2, [], MAP {{}}, {{'f0': NULL, 'f1': []}} UNION ALL SELECT 3, NULL, NULL, NULL", item_sql);
  WriteOnce({}, schema, select);
  ExpectReadersAgree();
}

TEST_F(ReadersTest, EveryTransformWithNullsAndDatesBefore1970) {
  sql::Schema schema = {Column("id", T(sql::TypeId::kLong)), Column("s", T(sql::TypeId::kString)),
                        Column("ts", T(sql::TypeId::kTimestamp)), Column("dt", T(sql::TypeId::kDate)),
                        Column("tn", T(sql::TypeId::kTimestampNtz)), Column("dec", sql::Type::Decimal(9, 2)),
                        Column("bin", T(sql::TypeId::kBinary))};
  TableOptions options;
  options.properties["write.metadata.compression-codec"] = "gzip";
  options.partitions = {{"identity", "s", "", {}},   {"bucket", "id", "", 4},     {"day", "ts", "", {}},
                        {"month", "dt", "", {}},     {"hour", "tn", "", {}},      {"truncate", "dec", "", 50},
                        {"bucket", "dec", "dec_b", 3}, {"truncate", "bin", "", 1}, {"void", "dt", "nothing", {}}};
  std::string select =
      "SELECT range AS c0, CASE WHEN range % 4 = 0 THEN NULL WHEN range % 4 = 1 THEN '' ELSE 'a/b =' || range % 4 END AS c1, "
      "to_timestamp(range * 20000 - 40000) AS c2, DATE '1970-01-01' + CAST(range - 2 AS INTEGER) * 20 AS c3, "
      "TIMESTAMP '1970-01-01' + INTERVAL (range * 1000 - 5000) SECOND AS c4, "
      "CAST(range * 0.3 - 1 AS DECIMAL(9,2)) AS c5, encode('x' || range) AS c6 FROM range(12) "
      "UNION ALL SELECT 99, NULL, NULL, NULL, NULL, NULL, NULL";
  WriteOnce(options, schema, select);
  ExpectReadersAgree();
}

TEST_F(ReadersTest, ManyBatchesWithMergedManifestsThenAnOverwrite) {
  sql::Schema schema = {Column("id", T(sql::TypeId::kLong)), Column("region", T(sql::TypeId::kString))};
  TableOptions options;
  options.properties["commit.manifest.min-count-to-merge"] = "5";
  options.properties["write.metadata.previous-versions-max"] = "3";
  options.properties["write.metadata.delete-after-commit.enabled"] = "true";
  options.partitions = {{"identity", "region", "", {}}};
  std::string select = "SELECT range AS c0, CASE WHEN range % 2 = 0 THEN 'eu' ELSE 'us' END AS c1 FROM range({})";
  {
    auto sink = NewSink(options);
    ASSERT_THAT(sink->Open(schema), IsOk());
    for (int i = 0; i < 12; ++i) ASSERT_THAT(Write(*sink, Batch(i), fmt::format(fmt::runtime(select), 10)), IsOk());
  }
  ExpectReadersAgree();
  options.mode = lake::WriteMode::kReplacePartitions;
  auto sink = NewSink(options);
  ASSERT_THAT(sink->Open(schema), IsOk());
  ASSERT_THAT(Write(*sink, Batch(12), "SELECT 7::BIGINT AS c0, 'eu' AS c1"), IsOk());
  ExpectReadersAgree();
  EXPECT_EQ(Load().metadata.FindSnapshot(*Load().metadata.Head()).value().summary["total-records"], "61");
}

}  // namespace
}  // namespace flare::connector::iceberg
