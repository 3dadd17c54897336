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

  void Option(const std::string& name, const std::string& value) {
    input_.options[name].value = value;
  }

  void Open(const std::string& topic) {
    if (source_ != nullptr) source_->Close();
    if (!input_.options.contains("kafka.bootstrap.servers"))
      Option("kafka.bootstrap.servers", broker_.bootstrap());
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

  Result<std::optional<OffsetText>> Latest(std::optional<OffsetText> from = {},
                                           ReadLimit limit = {}) {
    return source_->LatestOffset(from, limit);
  }

  /// Runs one batch and returns what `select` gave.
  Result<engine::TextResult> Read(std::optional<OffsetText> start, const OffsetText& end,
                                  const std::string& select) {
    RETURN_IF_ERROR(source_->BeginBatch({start, end}, stop_.get_token()));
    auto result = connection_->Query(select + " FROM " + source_->relation());
    auto stats = source_->EndBatch();
    if (!result) return result;
    RETURN_IF_ERROR(stats);
    stats_ = *stats;
    return result;
  }
  std::string ReadOne(std::optional<OffsetText> start, const OffsetText& end,
                      const std::string& select) {
    auto result = Read(start, end, select);
    if (!result) return "error: " + result.error().ToText();
    std::string text;
    for (const auto& row : result->rows) {
      for (const auto& cell : row)
        text += (&cell == &row[0] ? (text.empty() ? "" : "; ") : "|") + cell.value_or("NULL");
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
                    "SELECT string_agg(concat_ws('/', c2, c3, c4, decode(c0), decode(c1), "
                    "epoch_ms(c5), c6), ' ' "
                    "ORDER BY c3, c4)"),
            "orders/0/0/k0/v0/1700000000000/0 orders/0/1/k1/v1/1700000000001/0 "
            "orders/0/2/k2/v2/1700000000002/0 "
            "orders/1/0/k0/w0/1700000000000/0 orders/1/1/k1/w1/1700000000001/0");
}

TEST_F(KafkaSourceTest, ReadsOnBeyondARangesEndWithoutFetchingAgain) {
  broker_.CreateTopic("orders", 1);
  broker_.ProduceMany("orders", 0, 5000);
  Open("orders");
  const char* select = "SELECT concat(count(*), '/', min(c4), '/', max(c4))";
  EXPECT_EQ(ReadOne(R"({"orders":{"0":0}})", R"({"orders":{"0":3}})", select), "3/0/2");
  EXPECT_EQ(ReadOne(R"({"orders":{"0":3}})", R"({"orders":{"0":2500}})", select), "2497/3/2499");
  EXPECT_EQ(ReadOne(R"({"orders":{"0":2500}})", R"({"orders":{"0":5000}})", select),
            "2500/2500/4999");
  // A range that was read before is read again, as after a crash.
  EXPECT_EQ(ReadOne(R"({"orders":{"0":3}})", R"({"orders":{"0":2500}})", select), "2497/3/2499");
  broker_.ProduceMany("orders", 0, 10);
  EXPECT_EQ(ReadOne(R"({"orders":{"0":5000}})", R"({"orders":{"0":5010}})", select),
            "10/5000/5009");
  EXPECT_EQ(ReadOne(R"({"orders":{"0":5010}})", R"({"orders":{"0":5010}})", "SELECT count(*)"),
            "0");
}

TEST_F(KafkaSourceTest, KeepsNullsEmptyValuesAndHeadersApart) {
  broker_.CreateTopic("t", 1);
  broker_.Produce("t", 0,
                  {{std::nullopt, std::nullopt, 1, {}},
                   {"",
                    "",
                    2,
                    {{"a", "1"},
                     {"a", std::nullopt},
                     {"long header name beyond inline", std::string(40, 'x')}}},
                   {"key that is longer than twelve bytes", "v", 3, {{"bad\xff", ""}}}});
  Option("includeHeaders", "true");
  Open("t");
  EXPECT_EQ(source_->schema().back().type.ToSimpleString(),
            "array<struct<key:string,value:binary>>");
  EXPECT_EQ(ReadOne(R"({"t":{"0":0}})", R"({"t":{"0":3}})",
                    "SELECT c4, c0, c1, epoch_us(c5), c7::VARCHAR"),
            "0|NULL|NULL|1000|NULL; "
            "1|||2000|[{'f0': a, 'f1': 1}, {'f0': a, 'f1': NULL}, {'f0': long header name beyond "
            "inline, 'f1': "
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}]; "
            "2|key that is longer than twelve bytes|v|3000|[{'f0': bad\xEF\xBF\xBD, 'f1': ''}]");
  EXPECT_EQ(stats_.replaced_text, 1);
  EXPECT_EQ(stats_.bytes, 36 + 1);
}

TEST_F(KafkaSourceTest, ReadsManyPartitionsSomeEmpty) {
  broker_.CreateTopic("wide", 64);
  for (int32_t p = 0; p < 64; p += 3) broker_.ProduceMany("wide", p, 10 + p);
  Open("wide");
  auto end = Latest();
  ASSERT_THAT(end, IsOk());
  int64_t expected = 0;
  for (int32_t p = 0; p < 64; p += 3) expected += 10 + p;
  EXPECT_EQ(
      ReadOne({}, **end,
              "SELECT concat(count(*), '/', count(DISTINCT (c3, c4)), '/', count(DISTINCT c3))"),
      fmt::format("{0}/{0}/22", expected));
}

TEST_F(KafkaSourceTest, ReadsSeveralTopicsAndFindsNewOnes) {
  broker_.CreateTopic("ord-a", 1);
  broker_.CreateTopic("other", 1);
  broker_.ProduceMany("ord-a", 0, 2);
  Option("subscribePattern", "ord-.");
  Option("startingOffsets", "latest");
  Open("");
  EXPECT_EQ(*source_->InitialOffset(), R"({"ord-a":{"0":2}})");
  broker_.CreateTopic("ord-b", 1);
  broker_.ProduceMany("ord-b", 0, 3);
  auto end = Latest(R"({"ord-a":{"0":2}})");
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(**end, R"({"ord-a":{"0":2},"ord-b":{"0":3}})")
      << "a new partition begins at its earliest offset";
  EXPECT_EQ(
      ReadOne(R"({"ord-a":{"0":2}})", **end, "SELECT string_agg(concat(c2, c4), ' ' ORDER BY c4)"),
      "ord-b0 ord-b1 ord-b2");
}

TEST_F(KafkaSourceTest, CarriesLargeValuesInSmallChunks) {
  broker_.CreateTopic("large", 1);
  broker_.Produce(
      "large", 0,
      {{"a", std::string(2 << 20, 'a'), 1, {}}, {"b", std::string(2 << 20, 'b'), 1, {}}});
  Open("large");
  EXPECT_EQ(ReadOne(R"({"large":{"0":0}})", R"({"large":{"0":2}})", "SELECT c0, octet_length(c1)"),
            "a|2097152; b|2097152");
}

TEST_F(KafkaSourceTest, StopsWhenAskedAndReadsTheSameRangeAgain) {
  broker_.CreateTopic("orders", 1);
  broker_.ProduceMany("orders", 0, 3);
  Open("orders");
  ASSERT_THAT(
      source_->BeginBatch({R"({"orders":{"0":0}})", R"({"orders":{"0":3}})"}, stop_.get_token()),
      IsOk());
  stop_.request_stop();
  EXPECT_THAT(connection_->Query("SELECT count(*) FROM " + source_->relation()),
              IsError(Code::kCancelled));
  EXPECT_THAT(source_->EndBatch(), IsError(Code::kInternal)) << "not read to its end";
  stop_ = std::stop_source();
  EXPECT_EQ(ReadOne(R"({"orders":{"0":0}})", R"({"orders":{"0":3}})", "SELECT count(*)"), "3");
}

TEST_F(KafkaSourceTest, ABatchMayBeReadTwiceInTurn) {
  broker_.CreateTopic("orders", 1);
  broker_.ProduceMany("orders", 0, 3);
  Open("orders");
  ASSERT_THAT(
      source_->BeginBatch({R"({"orders":{"0":0}})", R"({"orders":{"0":3}})"}, stop_.get_token()),
      IsOk());
  for (int i = 0; i < 2; ++i) {
    auto result = connection_->Query("SELECT count(*) FROM " + source_->relation());
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(result->rows[0][0], "3");
  }
  ASSERT_THAT(source_->EndBatch(), IsOk());
}

TEST_F(KafkaSourceTest, ABatchWhoseRowsCannotMatterIsWholeUnread) {
  broker_.CreateTopic("orders", 1);
  broker_.ProduceMany("orders", 0, 3);
  Open("orders");
  const char* begin = R"({"orders":{"0":0}})";
  const char* end = R"({"orders":{"0":3}})";
  ASSERT_THAT(source_->BeginBatch({begin, end}, stop_.get_token()), IsOk());
  auto result =
      connection_->Query("SELECT c1 FROM " + source_->relation() + " WHERE false AND c4 > 1");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->rows.size(), 0u);
  auto stats = source_->EndBatch();
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->records, 0);
  // A replay runs statements only for outputs that lack the batch, so a source may go unread.
  ASSERT_THAT(source_->BeginBatch({begin, end}, stop_.get_token()), IsOk());
  EXPECT_THAT(source_->EndBatch(), IsOk());
  EXPECT_EQ(ReadOne(begin, end, "SELECT count(*)"), "3") << "nothing was skipped";
}

TEST_F(KafkaSourceTest, ABatchJoinedWithNothingIsWhole) {
  broker_.CreateTopic("orders", 3);
  for (int32_t p = 0; p < 3; ++p) broker_.ProduceMany("orders", p, 5000);
  Open("orders");
  ASSERT_THAT(connection_->Execute("CREATE TABLE empty_dimension (id BIGINT)"), IsOk());
  ASSERT_THAT(source_->BeginBatch({R"({"orders":{"0":0,"1":0,"2":0}})",
                                   R"({"orders":{"0":5000,"1":5000,"2":5000}})"},
                                  stop_.get_token()),
              IsOk());
  auto result = connection_->Query("SELECT c1 FROM " + source_->relation() +
                                   " JOIN empty_dimension ON id = c4");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->rows.size(), 0u);
  EXPECT_THAT(source_->EndBatch(), IsOk());
}

TEST_F(KafkaSourceTest, WaitsUntilARecordComes) {
  broker_.CreateTopic("orders", 3);
  broker_.ProduceMany("orders", 0, 2);
  Open("orders");
  EXPECT_FALSE(source_->WaitForData(Millis(1), {})) << "nothing was asked yet";
  std::string position = R"({"orders":{"0":0,"1":0,"2":0}})";
  for (int32_t partition : {2, 0, 1}) {  // one that was never read, one that was, another
    auto end = Latest(position);
    ASSERT_THAT(end, IsOk());
    ASSERT_THAT(Read(position, **end, "SELECT count(*)"), IsOk());
    position = **end;
    ASSERT_EQ(**Latest(position), position) << "all is read";
    std::jthread producer([&] { broker_.ProduceMany("orders", partition, 1, "later"); });
    EXPECT_TRUE(source_->WaitForData(Millis(3'600'000), {}));
    end = Latest(position);
    ASSERT_THAT(end, IsOk());
    EXPECT_NE(**end, position);
    EXPECT_EQ(ReadOne(position, **end, "SELECT c3, decode(c1)"),
              std::to_string(partition) + "|later0");
    position = **end;
  }
  EXPECT_EQ(position, R"({"orders":{"0":3,"1":1,"2":1}})");
}

TEST_F(KafkaSourceTest, WaitsNoLongerThanTold) {
  broker_.CreateTopic("orders", 1);
  Open("orders");
  ASSERT_THAT(Latest(), IsOk());
  EXPECT_TRUE(source_->WaitForData(Millis(30), {}));
  std::jthread stopper([&] { stop_.request_stop(); });
  EXPECT_TRUE(source_->WaitForData(Millis(3'600'000), stop_.get_token()));
}

TEST_F(KafkaSourceTest, DoesNotWaitWhereALimitHoldsRecordsBack) {
  broker_.CreateTopic("orders", 1);
  broker_.ProduceMany("orders", 0, 2);
  Open("orders");
  ReadLimit limit;
  limit.all_available = false;
  limit.min_records = 10;
  ASSERT_THAT(Latest({}, limit), IsOk());
  std::string start = R"({"orders":{"0":0}})";
  ASSERT_EQ(**Latest(start, limit), start);
  EXPECT_FALSE(source_->WaitForData(Millis(3'600'000), {}));
}

TEST_F(KafkaSourceTest, CountsRecordsWhileTheyAreRead) {
  broker_.CreateTopic("orders", 1);
  broker_.ProduceMany("orders", 0, 3);
  Open("orders");
  EXPECT_EQ(source_->records_read(), 0);
  ASSERT_THAT(
      source_->BeginBatch({R"({"orders":{"0":0}})", R"({"orders":{"0":3}})"}, stop_.get_token()),
      IsOk());
  EXPECT_EQ(source_->records_read(), 0);
  ASSERT_THAT(connection_->Query("SELECT count(*) FROM " + source_->relation()), IsOk());
  EXPECT_EQ(source_->records_read(), 3);
  ASSERT_THAT(source_->EndBatch(), IsOk());
  EXPECT_EQ(source_->records_read(), 0);
}

TEST_F(KafkaSourceTest, StartsWhereToldTo) {
  broker_.CreateTopic("t", 3);
  for (int32_t p = 0; p < 3; ++p) broker_.ProduceMany("t", p, 5);
  Option("startingOffsets", R"({"t":{"0":3,"1":-1,"2":-2}})");
  Open("t");
  EXPECT_EQ(*source_->InitialOffset(), R"({"t":{"0":3,"1":5,"2":0}})");
  Option("startingOffsets", R"({"t":{"0":3}})");
  Open("t");
  EXPECT_THAT(
      source_->InitialOffset(),
      HasMessage(AllOf(HasSubstr("option `startingOffsets` must name exactly the partitions"),
                       HasSubstr("it names t-0; there are t-0, t-1, t-2"))));
  ASSERT_THAT(source_->SetInitial(R"({"t":{"0":1,"1":1,"2":1}})"), IsOk());
  EXPECT_EQ(*source_->InitialOffset(), R"({"t":{"0":1,"1":1,"2":1}})") << "what was stored wins";
}

TEST_F(KafkaSourceTest, C090_C091_C092_LimitsShapeBatches) {
  broker_.CreateTopic("t", 3);
  broker_.ProduceMany("t", 0, 101);
  broker_.ProduceMany("t", 1, 11);
  broker_.ProduceMany("t", 2, 1);
  Open("t");
  ReadLimit limit;
  limit.all_available = false;
  limit.max_records = 10;
  auto first = Latest({}, limit);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(**first, R"({"t":{"0":8,"1":1,"2":1}})");
  EXPECT_EQ(*source_->newest(), R"({"t":{"0":101,"1":11,"2":1}})");
  EXPECT_EQ(**Latest(**first, limit), R"({"t":{"0":17,"1":2,"2":1}})");
  Lag lag = source_->LagBehind(**first);
  EXPECT_EQ(lag.records, 103);
  EXPECT_EQ(lag.metrics["maxOffsetsBehindLatest"], "93");
  EXPECT_EQ(lag.metrics["minOffsetsBehindLatest"], "0");
  limit.min_records = 200;
  EXPECT_EQ(**Latest(**first, limit), R"({"t":{"0":17,"1":2,"2":1}})")
      << "the first question passes";
  EXPECT_EQ(**Latest(**first, limit), **first) << "too few";
  clock_.Advance(limit.max_delay);
  EXPECT_EQ(**Latest(**first, limit), R"({"t":{"0":17,"1":2,"2":1}})");
}

TEST_F(KafkaSourceTest, C012_AFrozenEndStaysWhereItWas) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 4);
  Open("t");
  ASSERT_THAT(source_->FreezeEnd(), IsOk());
  broker_.ProduceMany("t", 0, 4);
  EXPECT_EQ(**Latest(), R"({"t":{"0":4}})");
  EXPECT_EQ(**Latest(R"({"t":{"0":4}})"), R"({"t":{"0":4}})");
}

TEST_F(KafkaSourceTest, ABoundedReadEndsWhereToldTo) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 4);
  input_.is_stream = false;
  Option("endingOffsets", R"({"t":{"0":3}})");
  Open("t");
  EXPECT_EQ(**Latest(), R"({"t":{"0":3}})");
}

TEST_F(KafkaSourceTest, AMissingTopicIsNamedWithItsNeighbours) {
  broker_.CreateTopic("orders", 1);
  Open("order");
  EXPECT_THAT(Latest(), IsError(Code::kNotFound));
  EXPECT_THAT(Latest(), HasMessage(AllOf(HasSubstr("has no topic `order`"),
                                         HasSubstr("did you mean `orders`?"))));
}

TEST_F(KafkaSourceTest, C097_NothingToReadIsNoOffset) {
  Option("subscribePattern", "nothing.*");
  Open("");
  auto end = Latest();
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(*end, std::nullopt) << "an empty offset must never be logged";
}

TEST_F(KafkaSourceTest, AnUnreachableBrokerIsAnErrorInBoundedTime) {
  Option("kafka.bootstrap.servers", "127.0.0.1:1");
  Option("kafka.socket.connection.setup.timeout.ms", "1000");
  Open("orders");
  EXPECT_THAT(Latest(), IsError(Code::kUnavailable));
  EXPECT_THAT(Latest(),
              HasMessage(AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("check that the brokers run"))));
}

TEST_F(KafkaSourceTest, RecordsThatAgedOutAreALoss) {
  broker_.CreateTopic("t", 1);
  // The mock keeps 5 MiB a partition.
  for (int i = 0; i < 8; ++i) broker_.Produce("t", 0, {{"k", std::string(1 << 20, 'x'), 1, {}}});
  Open("t");
  auto earliest = ParseOffsets(*source_->InitialOffset());
  ASSERT_THAT(earliest, IsOk());
  int64_t first = earliest->begin()->second;
  ASSERT_GT(first, 0);
  std::string loss = fmt::format(
      "partition t-0: expected offset 0 (reading up to 8), but the earliest available is {}",
      first);
  EXPECT_THAT(Read(R"({"t":{"0":0}})", R"({"t":{"0":8}})", "SELECT count(*)"),
              HasMessage(AllOf(HasSubstr(loss), HasSubstr("`failOnDataLoss: false`"))));
  Option("failOnDataLoss", "false");
  Open("t");
  EXPECT_EQ(ReadOne(R"({"t":{"0":0}})", R"({"t":{"0":8}})", "SELECT count(*)"),
            std::to_string(8 - first));
  EXPECT_THAT(stats_.lost, ElementsAre(HasSubstr(loss)));
}

TEST_F(KafkaSourceTest, C098_AnEndThatWentBackIsALoss) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 1);
  Open("t");
  EXPECT_THAT(Latest(R"({"t":{"0":2}})"), HasMessage(HasSubstr("was changed from 2 to 1")));
  EXPECT_THAT(Read(R"({"t":{"0":0}})", R"({"t":{"0":5}})", "SELECT count(*)"),
              HasMessage(HasSubstr("it now ends at 1")));
  EXPECT_THAT(Latest(R"({"t":{"0":1},"u":{"3":9}})"),
              HasMessage(HasSubstr("partition u-3 is gone")));
  Option("failOnDataLoss", "false");
  Open("t");
  EXPECT_EQ(**Latest(R"({"t":{"0":2},"u":{"3":9}})"), R"({"t":{"0":1}})");
  EXPECT_EQ(ReadOne(R"({"t":{"0":2},"u":{"3":9}})", R"({"t":{"0":1}})", "SELECT count(*)"), "0");
  EXPECT_THAT(stats_.lost,
              ElementsAre(HasSubstr("u-3 is gone"), HasSubstr("was changed from 2 to 1")));
  EXPECT_EQ(ReadOne(R"({"t":{"0":0}})", R"({"t":{"0":5}})", "SELECT count(*)"), "1");
  EXPECT_THAT(stats_.lost, ElementsAre(HasSubstr("it now ends at 1")));
}

/// The mock cannot delete a topic; it answers as if the topic was not there.
void SetGone(const MockBroker& broker, const std::string& topic, bool gone) {
  rd_kafka_mock_topic_set_error(
      broker.cluster(), topic.c_str(),
      gone ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(KafkaSourceTest, C097_TheOnlyTopicVanishingIsALoss) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 2);
  Open("t");
  ASSERT_EQ(**Latest(), R"({"t":{"0":2}})");
  SetGone(broker_, "t", true);
  EXPECT_THAT(Latest(R"({"t":{"0":2}})"), IsError(Code::kNotFound));
  EXPECT_THAT(Latest(R"({"t":{"0":2}})"),
              HasMessage(AllOf(HasSubstr("partition t-0 is gone (read up to offset 2 so far"),
                               HasSubstr("`failOnDataLoss: false`"))));
  SetGone(broker_, "t", false);
  Option("failOnDataLoss", "false");
  Open("t");
  ASSERT_EQ(**Latest(), R"({"t":{"0":2}})");
  SetGone(broker_, "t", true);
  auto end = Latest(R"({"t":{"0":2}})");
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(*end, std::nullopt) << "an empty offset must never be logged";
  EXPECT_EQ(source_->newest(), std::nullopt);
  SetGone(broker_, "t", false);
  EXPECT_EQ(**Latest(R"({"t":{"0":2}})"), R"({"t":{"0":2}})") << "it goes on when there is one";
}

TEST_F(KafkaSourceTest, APartitionWithoutALeaderIsNoLoss) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 2);
  Option("kafka.default.api.timeout.ms", "300");
  Open("t");
  ASSERT_EQ(**Latest(), R"({"t":{"0":2}})");
  rd_kafka_mock_partition_set_leader(broker_.cluster(), "t", 0, -1);
  EXPECT_THAT(Latest(R"({"t":{"0":1}})"), IsError(Code::kUnavailable));
  rd_kafka_mock_partition_set_leader(broker_.cluster(), "t", 0, 1);
  EXPECT_EQ(**Latest(R"({"t":{"0":1}})"), R"({"t":{"0":2}})");
}

TEST_F(KafkaSourceTest, ATopicThatVanishesWhileWaitedForIsSeenByTheNextQuestion) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 2);
  Open("t");
  std::string start = R"({"t":{"0":0}})", position = R"({"t":{"0":2}})";
  ASSERT_EQ(**Latest(start), position);
  ASSERT_EQ(ReadOne(start, position, "SELECT count(*)"), "2");
  ASSERT_EQ(**Latest(position), position);
  SetGone(broker_, "t", true);
  EXPECT_TRUE(source_->WaitForData(Millis(50), {}));
  EXPECT_THAT(Latest(position), HasMessage(HasSubstr("partition t-0 is gone")));
}

TEST_F(KafkaSourceTest, ClosesAfterItsTopicVanished) {
  broker_.CreateTopic("t", 2);
  broker_.ProduceMany("t", 0, 2);
  // The client believes at once that a topic is gone, and asks often.
  Option("kafka.topic.metadata.propagation.max.ms", "0");
  Option("kafka.topic.metadata.refresh.interval.ms", "10");
  const int threads_before = rd_kafka_thread_cnt();
  Open("t");
  std::string start = R"({"t":{"0":0,"1":0}})", position = R"({"t":{"0":2,"1":0}})";
  ASSERT_EQ(**Latest(start), position);
  ASSERT_EQ(ReadOne(start, position, "SELECT count(*)"), "2");
  ASSERT_EQ(**Latest(position), position);
  ASSERT_TRUE(source_->WaitForData(Millis(10), {}));
  SetGone(broker_, "t", true);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(source_->WaitForData(Millis(50), {}));
  source_->Close();
  EXPECT_EQ(rd_kafka_thread_cnt(), threads_before) << "a client was left behind";
}

TEST_F(KafkaSourceTest, C100_AFrozenTopicVanishingFailsWhateverTheOptionSays) {
  broker_.CreateTopic("t", 1);
  broker_.ProduceMany("t", 0, 2);
  Option("failOnDataLoss", "false");
  Open("t");
  ASSERT_THAT(source_->FreezeEnd(), IsOk());
  SetGone(broker_, "t", true);
  EXPECT_THAT(Latest(R"({"t":{"0":1}})"),
              HasMessage(HasSubstr("is gone now; start the run again")));
}

TEST_F(KafkaSourceTest, ComparesOffsetsByMeaning) {
  broker_.CreateTopic("t", 1);
  Open("t");
  EXPECT_TRUE(*source_->SameOffset(R"({"t":{"1":2,"0":1}})", R"({ "t" : {"0":1,"1":2}})"));
  EXPECT_FALSE(*source_->SameOffset(R"({"t":{"0":1}})", R"({"t":{"0":2}})"));
  EXPECT_THAT(source_->SameOffset("x", "{}"), IsError(Code::kInvalidArgument));
}

TEST(KafkaConnectorTest, ReadsAnInlineSource) {
  MockBroker broker;
  broker.CreateTopic("orders", 1);
  broker.ProduceMany("orders", 0, 2);
  manifest::Input input;
  input.is_stream = true;
  input.format.value = "kafkajson";
  input.options["kafka.bootstrap.servers"].value = broker.bootstrap();
  input.options["topic"].value = "orders";
  input.options["startingOffsets"].value = "earliest";
  manifest::Address address;  // no depot
  address.text = address.dataset = "orders";
  Connector connector = MakeKafkaConnector();
  Diagnostics diagnostics;
  EXPECT_EQ(connector.source_schema(input, address, &diagnostics).size(), 7u);
  EXPECT_EQ(diagnostics.size(), 0u);
  Environment environment;
  environment.clock = &SystemClock();
  auto source = connector.make_source(input, address, environment);
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ((*source)->description(), "KafkaV2[Subscribe[orders]]");
  EXPECT_EQ(*(*source)->InitialOffset(), R"({"orders":{"0":0}})");
  auto end = (*source)->LatestOffset({}, {});
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(**end, R"({"orders":{"0":2}})");
  (*source)->Close();

  input.options.erase("kafka.bootstrap.servers");
  EXPECT_THAT(connector.make_source(input, address, environment),
              HasMessage(AllOf(HasSubstr("does not say where its brokers are"),
                               HasSubstr("`brokers` in the depot or in the `kafka` block"))));
}

TEST(KafkaConnectorTest, TellsItsSchemaAndMistakesWithoutConnecting) {
  Connector connector = MakeKafkaConnector();
  manifest::Input input;
  input.is_stream = true;
  input.format.value = "kafkaavro";
  input.options["kafka.bootstrap.servers"].value = "nowhere:1";
  input.options["includeHeaders"].value = "true";
  manifest::Address address;
  address.dataset = "t";
  Diagnostics diagnostics;
  sql::Schema schema = connector.source_schema(input, address, &diagnostics);
  ASSERT_EQ(schema.size(), 8u);
  EXPECT_EQ(schema[6].name, "timestampType");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_THAT(diagnostics[0].message, HasSubstr("kafkaavro cannot be read yet"));
  diagnostics.clear();
  connector.check_output(manifest::Output(), address, &diagnostics);
  EXPECT_THAT(diagnostics[0].message, HasSubstr("writing to Kafka is not there yet"));
}

}  // namespace
}  // namespace flare::connector::kafka
