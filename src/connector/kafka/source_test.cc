#include "connector/kafka/source.h"

#include <thread>

#include "base/test_matchers.h"
#include "connector/kafka/connector.h"
#include "connector/kafka/mock_broker.h"
#include "engine/database.h"

namespace flare::connector::kafka {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// One source on one mock cluster, read through a real DuckDB.
class KafkaSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = engine::Database::Open(engine::DatabaseOptions{.threads = 2});
    ASSERT_THAT(database, IsOk());
    database_ = std::move(*database);
    connection_ = std::move(*database_->Connect());
    input_.is_stream = true;
    input_.options["startingOffsets"].value = "earliest";
    policy_.silence_before_asking = Millis(100);
  }
  void TearDown() override {
    if (source_ != nullptr) source_->Close();
  }

  void Option(const std::string& name, const std::string& value) { input_.options[name].value = value; }

  void Open(const std::string& topic) {
    if (source_ != nullptr) source_->Close();
    if (!input_.options.contains("kafka.bootstrap.servers")) Option("kafka.bootstrap.servers", broker_.bootstrap());
    manifest::Address address;
    address.dataset = topic;
    Diagnostics diagnostics;
    SourceOptions options = ReadSourceOptions(input_, address, &diagnostics);
    ClientConfig config = ReadClientConfig(input_.options, nullptr, {}, &diagnostics);
    for (const auto& each : diagnostics) ADD_FAILURE() << ToText(each);
    config.patience = std::min(config.patience, Millis(5000));
    auto source = KafkaSource::Make(options, config, &clock_, 16 << 20, policy_);
    ASSERT_THAT(source, IsOk());
    source_ = std::move(*source);
    ASSERT_THAT(source_->Bind(*connection_, "source_" + std::to_string(++bound_)), IsOk());
  }

  Result<std::optional<OffsetText>> Latest(std::optional<OffsetText> from = {}, ReadLimit limit = {}) {
    return source_->LatestOffset(from, limit);
  }

  /// Runs one batch and returns what `select` gave.
  Result<engine::TextResult> Read(std::optional<OffsetText> start, const OffsetText& end, const std::string& select) {
    RETURN_IF_ERROR(source_->BeginBatch({start, end}, stop_.get_token()));
    auto result = connection_->Query(select + " FROM " + source_->relation());
    auto stats = source_->EndBatch();
    if (!result) return result;
    RETURN_IF_ERROR(stats);
    stats_ = *stats;
    return result;
  }
  std::string ReadOne(std::optional<OffsetText> start, const OffsetText& end, const std::string& select) {
    auto result = Read(start, end, select);
    if (!result) return "error: " + result.error().ToText();
    std::string text;
    for (const auto& row : result->rows) {
      for (const auto& cell : row) text += (&cell == &row[0] ? (text.empty() ? "" : "; ") : "|") + cell.value_or("NULL");
    }
    return text;
  }

  MockBroker broker_;
  manifest::Input input_;
  ReadPolicy policy_;
  ManualClock clock_{WallTime(Millis(1'700'000'100'000))};
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::Connection> connection_;
  std::unique_ptr<KafkaSource> source_;
  std::stop_source stop_;
  ReadStats stats_;
  int bound_ = 0;
};

TEST_F(KafkaSourceTest, ReadsARangeOfATopic) {
  broker_.CreateTopic("orders", 2);
  broker_.ProduceMany("orders", 0, 3);
  broker_.ProduceMany("orders", 1, 2, "w");
  Open("orders");
  EXPECT_EQ(source_->description(), "KafkaV2[Subscribe[orders]]");
  EXPECT_EQ(*source_->InitialOffset(), R"({"orders":{"0":0,"1":0}})");
  auto end = Latest();
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(**end, R"({"orders":{"0":3,"1":2}})");
  EXPECT_EQ(ReadOne({}, **end, "SELECT count(*)"), "5");
  EXPECT_EQ(stats_.records, 5);
  EXPECT_EQ(ReadOne({}, **end,
                    "SELECT string_agg(concat_ws('/', c2, c3, c4, decode(c0), decode(c1), epoch_ms(c5), c6), ' ' "
                    "ORDER BY c3, c4)"),
            "orders/0/0/k0/v0/1700000000000/0 orders/0/1/k1/v1/1700000000001/0 orders/0/2/k2/v2/1700000000002/0 "
            "orders/1/0/k0/w0/1700000000000/0 orders/1/1/k1/w1/1700000000001/0");
}

}  // namespace
}  // namespace flare::connector::kafka
