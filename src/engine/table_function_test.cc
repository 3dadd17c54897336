#include "engine/table_function.h"

#include <condition_variable>

#include "base/test_matchers.h"
#include "engine/vector_writer.h"

namespace flare::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kLong = "a value that is longer than twelve bytes, number ";

struct FakeOptions {
  uint64_t partitions = 1;
  uint64_t rows = 1000;                ///< per partition
  std::optional<uint64_t> fails_at = {};    ///< row of partition 0
  bool endless = false;                ///< waits for the stop token instead of ending
};

/// Partitions of (partition INTEGER, number BIGINT, text VARCHAR). The text of a chunk lies in a buffer
/// that is wiped at the next Fill, as a client's would be.
class FakeProvider final : public ScanProvider {
 public:
  explicit FakeProvider(FakeOptions options) : options_(options) {}

  const std::vector<ScanColumn>& columns() const override { return columns_; }
  Result<std::unique_ptr<Scan>> Begin(const std::vector<uint64_t>& projected) override {
    if (refuse_) return Unavailable("the broker is away");
    std::lock_guard lock(mutex_);
    projections_.push_back(projected);
    return std::make_unique<FakeScan>(*this, projected);
  }

  std::vector<std::vector<uint64_t>> projections() {
    std::lock_guard lock(mutex_);
    return projections_;
  }

  FakeOptions options_;
  bool refuse_ = false;
  std::stop_source stop_;
  std::atomic<uint64_t> threads_made_{0};
  std::atomic<uint64_t> chunks_filled_{0};
  std::atomic<int> alive_threads_{0};
  std::atomic<bool> scan_died_before_thread_{false};

 private:
  struct FakeScan final : public Scan {
    FakeScan(FakeProvider& reads, std::vector<uint64_t> columns)
        : provider(reads), projected(std::move(columns)) {}
    ~FakeScan() override {
      if (alive != 0) provider.scan_died_before_thread_ = true;
    }
    uint64_t MaxThreads() const override { return provider.options_.partitions; }
    Result<std::unique_ptr<ScanThread>> NewThread() override {
      ++provider.threads_made_;
      return std::make_unique<FakeThread>(*this);
    }
    FakeProvider& provider;
    std::vector<uint64_t> projected;
    std::atomic<uint64_t> next_partition{0};
    std::atomic<int> alive{0};
  };

  struct FakeThread final : public ScanThread {
    explicit FakeThread(FakeScan& owner) : scan(owner) {
      ++scan.alive;
      ++scan.provider.alive_threads_;
    }
    ~FakeThread() override {
      Wipe();
      --scan.alive;
      --scan.provider.alive_threads_;
    }
    void Wipe() {
      for (auto& text : texts) std::fill(text.begin(), text.end(), '#');
    }
    Result<uint64_t> Fill(duckdb_data_chunk chunk) override {
      Wipe();
      const FakeOptions& options = scan.provider.options_;
      while (!partition.has_value() || row == options.rows) {
        if (options.endless && partition.has_value()) return WaitForStop();
        uint64_t next = scan.next_partition++;
        if (next >= options.partitions) return uint64_t{0};
        partition = next;
        row = 0;
      }
      uint64_t count = std::min<uint64_t>(duckdb_vector_size(), options.rows - row);
      for (uint64_t i = 0; i < count; ++i) {
        if (partition == 0u && options.fails_at == row + i) {
          return Corruption("record {} of partition 0 is broken", row + i).With("while reading t");
        }
      }
      for (size_t i = 0; i < scan.projected.size(); ++i) {
        FillColumn(duckdb_data_chunk_get_vector(chunk, i), scan.projected[i], count);
      }
      row += count;
      ++scan.provider.chunks_filled_;
      return count;
    }
    Result<uint64_t> WaitForStop() {
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock lock(mutex);
      if (!wake.wait_for(lock, scan.provider.stop_.get_token(), std::chrono::milliseconds(100),
                         [] { return false; }) &&
          scan.provider.stop_.stop_requested()) {
        return Cancelled("stopped while waiting for records");
      }
      return Cancelled("nothing came");
    }
    void FillColumn(duckdb_vector vector, uint64_t column, uint64_t count) {
      if (column == 0) {
        ValueWriter<int32_t> writer(vector);
        for (int32_t& value : writer.Values(count)) value = static_cast<int32_t>(*partition);
      } else if (column == 1) {
        ValueWriter<int64_t> writer(vector);
        for (uint64_t i = 0; i < count; ++i) {
          if ((row + i) % 10 == 9) writer.SetNull(i);
          writer.Set(i, static_cast<int64_t>(row + i));
        }
      } else {
        StringWriter writer(vector);
        texts.resize(count);
        for (uint64_t i = 0; i < count; ++i) {
          uint64_t number = row + i;
          texts[i] = number % 3 == 0 ? "" : number % 3 == 1 ? "short" : kLong + std::to_string(number);
          writer.SetPointer(i, texts[i].data(), texts[i].size());
        }
      }
    }
    FakeScan& scan;
    std::optional<uint64_t> partition;
    uint64_t row = 0;
    std::vector<std::string> texts;
  };

  std::vector<ScanColumn> columns_ = {
      {"p", "INTEGER"}, {"n", "BIGINT"}, {"t", "VARCHAR"}};
  std::mutex mutex_;
  std::vector<std::vector<uint64_t>> projections_;
};

class TableFunctionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = std::move(*Database::Open({.threads = 4}));
    connection_ = std::move(*database_->Connect());
  }
  std::shared_ptr<FakeProvider> Register(const std::string& name, FakeOptions options) {
    auto provider = std::make_shared<FakeProvider>(options);
    EXPECT_THAT(RegisterTableFunction(*connection_, name, provider), IsOk());
    return provider;
  }
  std::vector<TextRow> Rows(const std::string& sql) {
    auto result = connection_->Query(sql);
    EXPECT_THAT(result, IsOk());
    return result.has_value() ? result->rows : std::vector<TextRow>();
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(TableFunctionTest, ReadsEveryPartitionOnce) {
  auto provider = Register("t", {.partitions = 64, .rows = 5000});
  EXPECT_THAT(Rows("SELECT count(*), count(n), sum(n), count(DISTINCT p), count(DISTINCT t) FROM t()"),
              ElementsAre(ElementsAre("320000", "288000", "719712000", "64", "1668")));
  EXPECT_LE(provider->threads_made_, 64u);
  EXPECT_EQ(provider->alive_threads_, 0);
}

TEST_F(TableFunctionTest, PushesTheProjectionDown) {
  auto provider = Register("t", {});
  Rows("SELECT t, p FROM t()");
  Rows("SELECT count(*) FROM t()");
  Rows("SELECT sum(n) FROM t() WHERE p = 0");
  auto projections = provider->projections();
  ASSERT_THAT(projections, SizeIs(3));
  EXPECT_THAT(projections[0], ::testing::UnorderedElementsAre(0, 2));
  EXPECT_THAT(projections[1], ElementsAre(0));
  EXPECT_THAT(projections[2], ::testing::UnorderedElementsAre(0, 1));
}

TEST_F(TableFunctionTest, ReadingNoColumnCounts) {
  Register("t", {.partitions = 3, .rows = 3000});
  EXPECT_THAT(Rows("SELECT count(*) FROM t()"), ElementsAre(ElementsAre("9000")));
  EXPECT_THAT(Rows("SELECT 1 FROM t()"), SizeIs(9000));
}

TEST_F(TableFunctionTest, StringsByPointerSurviveOperatorsThatKeepThem) {
  Register("t", {.partitions = 4, .rows = 6000});
  EXPECT_THAT(Rows("SELECT t FROM t() WHERE n = 5998 + 0 AND p = 1"), SizeIs(1));
  EXPECT_THAT(Rows("SELECT t FROM t() ORDER BY length(t) DESC, t DESC, p LIMIT 1")[0][0], kLong + std::string("5999"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t() a JOIN t() b USING (p, t) WHERE t LIKE 'a value%'"),
              ElementsAre(ElementsAre("8000")));
  EXPECT_THAT(Rows("SELECT count(*) FROM (SELECT DISTINCT p, t FROM t()) WHERE t LIKE '%#%'"),
              ElementsAre(ElementsAre("0")));
}

TEST_F(TableFunctionTest, LimitStopsEarly) {
  auto provider = Register("t", {.partitions = 1, .rows = 100'000'000});
  EXPECT_THAT(Rows("SELECT n FROM t() LIMIT 5"), SizeIs(5));
  EXPECT_LT(provider->chunks_filled_, 2000u);
  EXPECT_EQ(provider->alive_threads_, 0);
}

TEST_F(TableFunctionTest, AScansErrorComesBackUnchanged) {
  auto provider = Register("t", {.partitions = 8, .rows = 50'000, .fails_at = 30'000});
  auto expect_own = [](const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorruption);
    EXPECT_EQ(error.blame(), Blame::kExternal);
    EXPECT_EQ(error.message(), "record 30000 of partition 0 is broken");
    EXPECT_THAT(error.context(), ElementsAre("while reading t"));
  };
  auto query = connection_->Query("SELECT sum(n) FROM t()");
  ASSERT_FALSE(query.has_value());
  expect_own(query.error());
  Status executed = connection_->Execute("CREATE TABLE copied AS SELECT * FROM t()");
  ASSERT_FALSE(executed.has_value());
  expect_own(executed.error());
  Status streamed =
      connection_->Stream("SELECT * FROM t()", [](duckdb_data_chunk) { return Ok(); });
  ASSERT_FALSE(streamed.has_value());
  expect_own(streamed.error());
  EXPECT_EQ(provider->alive_threads_, 0);
  EXPECT_FALSE(provider->scan_died_before_thread_);
  EXPECT_THAT(Rows("SELECT 1"), SizeIs(1));
}

TEST_F(TableFunctionTest, AnErrorAtTheStartComesBackUnchanged) {
  auto provider = Register("t", {});
  provider->refuse_ = true;
  EXPECT_THAT(connection_->Execute("SELECT * FROM t()"), IsError(Code::kUnavailable));
  EXPECT_THAT(connection_->Execute("SELECT * FROM t()"), HasMessage("the broker is away"));
}

TEST_F(TableFunctionTest, StopEndsAWaitingScan) {
  auto provider = Register("t", {.partitions = 4, .rows = 10, .endless = true});
  provider->stop_.request_stop();
  EXPECT_THAT(connection_->Execute("SELECT sum(n) FROM t()"), IsError(Code::kCancelled));
  EXPECT_EQ(provider->alive_threads_, 0);
}

TEST_F(TableFunctionTest, InterruptDestroysThreadsBeforeTheirScan) {
  auto provider = Register("t", {.partitions = 4, .rows = 1'000'000'000});
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) {
      if (provider->chunks_filled_ > 10) connection_->Interrupt();
      std::this_thread::yield();
    }
  });
  EXPECT_THAT(connection_->Execute("SELECT sum(n) FROM t()"), IsError(Code::kCancelled));
  done = true;
  other.join();
  EXPECT_EQ(provider->alive_threads_, 0);
  EXPECT_FALSE(provider->scan_died_before_thread_);
}

TEST_F(TableFunctionTest, TwoConnectionsReadTheSameFunctionAtOnce) {
  Register("t", {.partitions = 4, .rows = 20'000});
  std::vector<std::thread> threads;
  std::array<std::string, 2> counts;
  for (auto& count : counts) {
    threads.emplace_back([&] {
      auto connection = std::move(*database_->Connect());
      for (int i = 0; i < 20; ++i) {
        auto result = connection->Query("SELECT count(t) FROM t()");
        count = result.has_value() ? result->rows[0][0].value_or("NULL") : result.error().ToText();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(counts, ElementsAre("80000", "80000"));
}

TEST_F(TableFunctionTest, ASecondProviderReplacesTheFirst) {
  Register("t", {.rows = 10});
  ASSERT_THAT(connection_->Execute("CREATE VIEW v AS SELECT n FROM t()"), IsOk());
  auto second = Register("t", {.rows = 20});
  EXPECT_THAT(Rows("SELECT count(*) FROM v"), ElementsAre(ElementsAre("20")));
  std::weak_ptr<FakeProvider> weak = second;
  second.reset();
  ReleaseTableFunction(*connection_, "t");
  EXPECT_TRUE(weak.expired());
  EXPECT_THAT(connection_->Execute("SELECT * FROM v"), IsError(Code::kNotFound));
}

TEST_F(TableFunctionTest, ATypeThatDuckDbDoesNotKnowIsRefused) {
  struct Odd final : ScanProvider {
    std::vector<ScanColumn> list = {{"a", "WIBBLE"}};
    const std::vector<ScanColumn>& columns() const override { return list; }
    Result<std::unique_ptr<Scan>> Begin(const std::vector<uint64_t>&) override { return NotFound("x"); }
  };
  EXPECT_THAT(RegisterTableFunction(*connection_, "odd", std::make_shared<Odd>()),
              HasMessage(HasSubstr("WIBBLE")));
}

}  // namespace
}  // namespace flare::engine
