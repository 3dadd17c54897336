#include "engine/database.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/test_matchers.h"

namespace flare::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = (std::filesystem::temp_directory_path() / ("flare-engine-" + NewUuid())).string();
    std::filesystem::create_directories(directory_);
    DatabaseOptions options;
    options.threads = 2;
    options.spill_directory = directory_;
    Open(options);
  }
  void TearDown() override {
    connection_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Open(const DatabaseOptions& options) {
    connection_.reset();
    auto database = Database::Open(options);
    ASSERT_THAT(database, IsOk());
    database_ = std::move(*database);
    auto connection = database_->Connect();
    ASSERT_THAT(connection, IsOk());
    connection_ = std::move(*connection);
  }
  std::string One(const std::string& sql) {
    auto result = connection_->Query(sql);
    if (!result.has_value()) return "error: " + result.error().ToText();
    if (result->rows.size() != 1 || result->rows[0].size() != 1) return "not one value";
    return result->rows[0][0].value_or("NULL");
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(DatabaseTest, SettingsAreAsDeclared) {
  EXPECT_EQ(One("SELECT current_setting('preserve_insertion_order')"), "false");
  EXPECT_EQ(One("SELECT current_setting('autoload_known_extensions')"), "false");
  EXPECT_EQ(One("SELECT current_setting('autoinstall_known_extensions')"), "false");
  EXPECT_EQ(One("SELECT current_setting('threads')"), "2");
  EXPECT_EQ(One("SELECT current_setting('memory_limit')"), "512.0 MiB");
  EXPECT_EQ(One("SELECT current_setting('TimeZone')"), "UTC");
}

TEST_F(DatabaseTest, TimeZoneHoldsForEveryConnection) {
  Open({.time_zone = "Asia/Kolkata"});
  EXPECT_EQ(One("SELECT CAST(TIMESTAMPTZ '2024-01-01 00:00:00+00' AS VARCHAR)"),
            "2024-01-01 05:30:00+05:30");
  EXPECT_THAT(Database::Open({.time_zone = "Mars/Base"}), HasMessage(HasSubstr("Mars/Base")));
  Open({.time_zone = "+05:30"});
}

TEST_F(DatabaseTest, QueryRendersEveryType) {
  auto result = connection_->Query(
      "SELECT 1::TINYINT, 12345678901234567890123456789012345678::HUGEINT, 1.50::DECIMAL(10,2), "
      "'\\x00A'::BLOB, DATE '2024-02-29', TIMESTAMP '2024-01-01 00:00:00.5', "
      "TIMESTAMPTZ '2024-01-01 00:00:00+00', [1, NULL], {'a': 'x', 'b': {'c': 1}}, "
      "MAP {'k': [1.5]}, NULL::VARCHAR, 'naive'::VARCHAR, 'nan'::DOUBLE, INTERVAL 1 DAY");
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->rows.size(), 1u);
  EXPECT_THAT(result->rows[0],
              ElementsAre("1", "12345678901234567890123456789012345678", "1.50", "\\x00A",
                          "2024-02-29", "2024-01-01 00:00:00.5", "2024-01-01 00:00:00+00",
                          "[1, NULL]", "{'a': x, 'b': {'c': 1}}", "{k=[1.5]}", std::nullopt,
                          "naive", "nan", "1 day"));
  EXPECT_EQ(result->types[1], "HUGEINT");
  EXPECT_EQ(result->types[2], "DECIMAL(10,2)");
  EXPECT_EQ(result->types[8], "STRUCT(a VARCHAR, b STRUCT(c INTEGER))");
}

TEST_F(DatabaseTest, QueryOfManyRowsKeepsThemAll) {
  auto result = connection_->Query("SELECT i FROM range(10000) t(i) ORDER BY i");
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->rows.size(), 10000u);
  EXPECT_EQ(result->rows[9999][0], "9999");
  EXPECT_THAT(connection_->Query("CREATE VIEW v AS SELECT 1"), IsOk());
}

TEST_F(DatabaseTest, EmptyResultHasNamesAndTypes) {
  auto result = connection_->Query("SELECT 1::BIGINT AS \"a\"\"b\" WHERE false");
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->names, ElementsAre("a\"b"));
  EXPECT_THAT(result->types, ElementsAre("BIGINT"));
  EXPECT_TRUE(result->rows.empty());
}

TEST_F(DatabaseTest, StreamHandsOverChunksAndStopsAtAnError) {
  uint64_t rows = 0;
  EXPECT_THAT(connection_->Stream("SELECT * FROM range(100000)",
                                  [&](duckdb_data_chunk chunk) {
                                    rows += duckdb_data_chunk_get_size(chunk);
                                    return Ok();
                                  }),
              IsOk());
  EXPECT_EQ(rows, 100000u);
  Status stopped = connection_->Stream("SELECT * FROM range(1000000000000)",
                                       [](duckdb_data_chunk) -> Status { return NotFound("enough"); });
  EXPECT_THAT(stopped, HasMessage("enough"));
  EXPECT_EQ(One("SELECT 42"), "42");
}

TEST_F(DatabaseTest, StreamReportsAnErrorOfALaterChunk) {
  Status status = connection_->Stream(
      "SELECT CAST(CASE WHEN i = 5000000 THEN 'x' ELSE '1' END AS INTEGER) FROM range(6000000) t(i)",
      [](duckdb_data_chunk) { return Ok(); });
  EXPECT_THAT(status, IsError(Code::kInvalidArgument));
  EXPECT_THAT(connection_->Stream("CREATE TABLE a (i INTEGER); SELECT 1",
                                  [](duckdb_data_chunk) { return Ok(); }),
              ::testing::Not(IsOk()));
  EXPECT_THAT(connection_->Execute("SELECT * FROM a"), IsError(Code::kInvalidArgument));
  EXPECT_THAT(connection_->Stream("SELECT nothing", [](duckdb_data_chunk) { return Ok(); }),
              IsError(Code::kInvalidArgument));
}

TEST_F(DatabaseTest, ErrorsAreMapped) {
  EXPECT_THAT(connection_->Execute("SELECT CAST('x' AS INTEGER)"), IsError(Code::kInvalidArgument));
  EXPECT_THAT(connection_->Execute("SELEC 1"), IsError(Code::kInvalidArgument));
  EXPECT_THAT(connection_->Execute("INSTALL nothing_of_that_name FROM '/no/such/place'"),
              ::testing::Not(IsOk()));
  EXPECT_THAT(connection_->Execute("COPY (SELECT 1) TO '/no/such/folder/x.parquet'"),
              IsError(Code::kNotFound));
  EXPECT_EQ(MapDuckDbError(DUCKDB_ERROR_IO, "IO Error: No space left on device").code(),
            Code::kResourceExhausted);
  EXPECT_EQ(MapDuckDbError(DUCKDB_ERROR_INVALID, "INTERRUPT Error: Interrupted!").code(),
            Code::kCancelled);
  EXPECT_EQ(MapDuckDbError(DUCKDB_ERROR_INTERNAL, "x").blame(), Blame::kInternal);
}

TEST_F(DatabaseTest, TooLittleMemoryIsResourceExhausted) {
  Open({.memory_limit_bytes = 4 << 20, .threads = 1, .spill_directory = directory_});
  EXPECT_THAT(connection_->Execute("SELECT list(i) FROM range(10000000) t(i)"),
              IsError(Code::kResourceExhausted));
}

TEST_F(DatabaseTest, SpillFolderIsMadeWhenNeededAndRemovedAtClose) {
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  Open({.memory_limit_bytes = 40 << 20, .threads = 2, .spill_directory = directory_});
  ASSERT_THAT(connection_->Execute("CREATE TABLE t AS SELECT i, hash(i) AS h, hash(i + 1) AS g FROM "
                                   "range(4000000) t(i)"),
              IsOk());
  EXPECT_FALSE(std::filesystem::is_empty(directory_));
  connection_.reset();
  database_.reset();
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(DatabaseTest, InterruptCancelsFromAnotherThread) {
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) {
      connection_->Interrupt();
      std::this_thread::yield();
    }
  });
  Status status = connection_->Execute("SELECT max(hash(a.i + b.i)) FROM range(1000000) a(i), range(100000) b(i)");
  done = true;
  other.join();
  EXPECT_THAT(status, IsError(Code::kCancelled));
}

TEST_F(DatabaseTest, CopyStatisticsComeAsJson) {
  std::string file = directory_ + "/it's.parquet";
  auto result = connection_->QueryJson(fmt::format(
      "COPY (SELECT i::BIGINT AS c0, CASE WHEN i = 0 THEN 'nan'::DOUBLE ELSE i::DOUBLE END AS c1, "
      "'\\x01\\xFF'::BLOB AS c2, {{'f0': i::INTEGER, 'f1': ['a']}} AS c3, "
      "MAP {{'k': i::INTEGER}} AS c4 FROM range(10) t(i)) TO {} (FORMAT PARQUET, RETURN_STATS, "
      "FIELD_IDS {{c0: 1, c1: 2, c2: 3, c3: {{__duckdb_field_id: 4, f0: 5, f1: {{__duckdb_field_id: 6, "
      "element: 7}}}}, c4: {{__duckdb_field_id: 8, key: 9, value: 10}}}})",
      QuoteLiteral(file)));
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->rows.size(), 1u);
  nlohmann::json row;
  for (size_t i = 0; i < result->names.size(); ++i) {
    row[result->names[i]] = nlohmann::json::parse(result->rows[0][i].value_or("null"));
  }
  EXPECT_EQ(row["filename"], file);
  EXPECT_EQ(row["count"], 10);
  EXPECT_EQ(row["file_size_bytes"], std::filesystem::file_size(file));
  const nlohmann::json& columns = row["column_statistics"];
  EXPECT_EQ(columns["\"c0\""]["min"], "0");
  EXPECT_EQ(columns["\"c0\""]["max"], "9");
  EXPECT_EQ(columns["\"c0\""]["null_count"], "0");
  EXPECT_EQ(columns["\"c1\""]["has_nan"], "true");
  EXPECT_EQ(columns["\"c2\""]["min"], "01FF");
  EXPECT_EQ(columns["\"c3\".\"f0\""]["max"], "9");
  EXPECT_TRUE(columns.contains("\"c3\".\"f1\".\"element\""));
  EXPECT_TRUE(columns.contains("\"c4\".\"key\""));
  EXPECT_EQ(One(fmt::format("SELECT string_agg(field_id, ',' ORDER BY field_id) FROM parquet_schema({}) "
                            "WHERE field_id IS NOT NULL",
                            QuoteLiteral(file))),
            "1,2,3,4,5,6,7,8,9,10");
}

TEST(Quoting, DoublesTheQuote) {
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace flare::engine
