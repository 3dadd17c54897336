#include "stream/stream_story.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/fail_point.h"
#include "base/random.h"
#include "engine/table_function.h"

namespace flare::stream {
namespace {

namespace fs = std::filesystem;

int64_t Number(const std::string& text) { return std::stoll(text); }  // also of " 5", the other spelling

/// The range of the running batch, read by a real table function on DuckDB's workers.
struct Range {
  FakeTopic* topic;
  std::atomic<int64_t> next = 0;
  int64_t end = 0;
  std::stop_token stop;
  std::atomic<int64_t> read = 0;
  bool finished() const { return next >= end; }
};

class FakeScanThread final : public engine::ScanThread {
 public:
  explicit FakeScanThread(Range& range) : range_(range) {}
  Result<uint64_t> Fill(duckdb_data_chunk chunk) override {
    while (range_.topic->blocks) {
      if (range_.stop.stop_requested()) return Cancelled("the scan was stopped");
      std::this_thread::yield();
    }
    if (range_.topic->unreachable_reads > 0 && range_.read > 0) {
      --range_.topic->unreachable_reads;
      return Unavailable("the broker went away");
    }
    int64_t first = range_.next;
    int64_t count = std::min<int64_t>({range_.end - first, 3, static_cast<int64_t>(duckdb_vector_size())});
    if (count <= 0) return 0;
    auto* values = static_cast<int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
    for (int64_t i = 0; i < count; ++i) values[i] = first + i;
    range_.next += count;
    range_.read += count;
    return static_cast<uint64_t>(count);
  }

 private:
  Range& range_;
};

class FakeScan final : public engine::Scan {
 public:
  explicit FakeScan(Range& range) : range_(range) {}
  uint64_t MaxThreads() const override { return 1; }
  Result<std::unique_ptr<engine::ScanThread>> NewThread() override { return std::make_unique<FakeScanThread>(range_); }

 private:
  Range& range_;
};

class FakeProvider final : public engine::ScanProvider {
 public:
  explicit FakeProvider(Range& range) : range_(range) {}
  const std::vector<engine::ScanColumn>& columns() const override { return columns_; }
  Result<std::unique_ptr<engine::Scan>> Begin(const std::vector<uint64_t>&) override {
    ++range_.topic->reads;
    range_.topic->on_read();
    return std::make_unique<FakeScan>(range_);
  }

 private:
  Range& range_;
  std::vector<engine::ScanColumn> columns_ = {{"c0", "BIGINT"}};
};

class FakeSource final : public connector::Source {
 public:
  explicit FakeSource(FakeTopic& topic) : topic_(topic) { range_.topic = &topic; }
  std::string description() const override { return "Fake[numbers]"; }
  const sql::Schema& schema() const override { return schema_; }
  Status Bind(engine::Connection& connection, const std::string& name) override {
    name_ = name;
    return engine::RegisterTableFunction(connection, name, std::make_shared<FakeProvider>(range_));
  }
  std::string relation() const override { return name_ + "()"; }
  Result<connector::OffsetText> InitialOffset() override {
    initial_ = topic_.starts_at;
    return std::to_string(initial_);
  }
  std::string FormatInitial(const connector::OffsetText& offset) const override { return "v1\n" + offset; }
  Result<connector::OffsetText> ParseInitial(std::string_view bytes) const override {
    if (!bytes.starts_with("v1\n")) return Corruption("not an initial offset");
    return std::string(bytes.substr(3));
  }
  Status SetInitial(const connector::OffsetText& offset) override {
    initial_ = Number(offset);
    return Ok();
  }
  Status FreezeEnd() override {
    frozen_ = topic_.end;
    return Ok();
  }
  Result<std::optional<connector::OffsetText>> LatestOffset(const std::optional<connector::OffsetText>& from,
                                                            const connector::ReadLimit& limit) override {
    topic_.on_plan();
    if (topic_.unreachable_plans > 0) {
      --topic_.unreachable_plans;
      return Unavailable("no broker answers");
    }
    int64_t start = from ? Number(*from) : initial_;
    int64_t end = frozen_.value_or(topic_.end);
    if (!limit.all_available && limit.max_records) end = std::min(end, start + *limit.max_records);
    return std::optional<connector::OffsetText>((topic_.respells ? " " : "") + std::to_string(end));
  }
  std::string Incarnation() const override { return topic_.incarnation; }
  Status RestoreIncarnation(std::string_view recorded) override {
    topic_.restored.emplace_back(recorded);
    return Ok();
  }
  Result<bool> SameOffset(const connector::OffsetText& a, const connector::OffsetText& b) const override {
    return Number(a) == Number(b);
  }
  std::optional<connector::OffsetText> newest() const override { return std::to_string(topic_.end); }
  connector::Lag LagBehind(const connector::OffsetText& position) const override {
    return {frozen_.value_or(topic_.end) - Number(position), std::nullopt, {}};
  }
  Status BeginBatch(const connector::OffsetRange& range, std::stop_token stop) override {
    range_.next = range.start ? Number(*range.start) : initial_;
    range_.end = Number(range.end);
    range_.stop = std::move(stop);
    range_.read = 0;
    return Ok();
  }
  Result<connector::ReadStats> EndBatch() override {
    if (!range_.finished()) return Unavailable("the range was not read to its end");
    connector::ReadStats stats;
    stats.records = range_.read;
    return stats;
  }
  Status Acknowledge(const connector::OffsetText& offset) override {
    topic_.acknowledged.push_back(offset);
    return Ok();
  }
  void Close() override {}

 private:
  FakeTopic& topic_;
  Range range_;
  sql::Schema schema_ = {{"id", sql::Type(sql::TypeId::kLong), true, ""}};
  std::string name_;
  int64_t initial_ = 0;
  std::optional<int64_t> frozen_;
};

std::string KeyOf(const connector::Token& token) {
  return fmt::format("{}/{}/{}", token.query_id, token.output, token.batch_id);
}

class FakeStaged final : public connector::StagedBatch {
 public:
  FakeStaged(FakeTable& table, const connector::BatchInfo& batch, std::vector<int64_t> rows, std::string clock)
      : table_(table), batch_(batch), rows_(std::move(rows)), clock_(std::move(clock)) {
    stats_.rows = static_cast<int64_t>(rows_.size());
  }
  const connector::WriteStats& stats() const override { return stats_; }
  Result<connector::CommitOutcome> Commit() override {
    if (table_.unreachable_commits-- > 0) return Unavailable("the table is locked");
    if (table_.reject) return connector::CommitOutcome::kRejected;
    bool inserted = table_.tokens.emplace(KeyOf(batch_.token), std::pair(batch_.start_offsets, batch_.end_offsets)).second;
    if (!inserted) return connector::CommitOutcome::kAlready;
    table_.rows.insert(table_.rows.end(), rows_.begin(), rows_.end());
    table_.clocks.push_back(clock_);
    return std::exchange(table_.lose_reply, false) ? connector::CommitOutcome::kUnknown
                                                   : connector::CommitOutcome::kCommitted;
  }
  Status Abort() override {
    ++table_.aborts;
    return Ok();
  }

 private:
  FakeTable& table_;
  connector::BatchInfo batch_;
  std::vector<int64_t> rows_;
  std::string clock_;
  connector::WriteStats stats_;
};

class FakeSink final : public connector::Sink {
 public:
  explicit FakeSink(FakeTable& table) : table_(table) {}
  std::string description() const override { return "FakeTable"; }
  connector::Guarantee guarantee() const override { return connector::Guarantee::kExactlyOnce; }
  Status Open(const sql::Schema&) override {
    if (table_.unreachable_opens-- > 0) return Unavailable("the table is locked");
    if (!table_.fail_open.empty()) return InvalidArgument("{}", std::exchange(table_.fail_open, ""));
    return Ok();
  }
  Result<bool> Find(const connector::BatchInfo& batch) override {
    if (table_.unreachable_finds-- > 0) return Unavailable("the table is locked");
    if (batch.may_be_unmarked) table_.asked_as_foreign.push_back(batch.token.batch_id);
    connector::Token later = batch.token;
    ++later.batch_id;
    if (table_.refuses_older && table_.tokens.contains(KeyOf(later))) {
      return Conflict("the table is ahead of the checkpoint at batch {}", later.batch_id);
    }
    auto found = table_.tokens.find(KeyOf(batch.token));
    if (found == table_.tokens.end()) return false;
    if (found->second == std::pair(batch.start_offsets, batch.end_offsets)) return true;
    return Conflict("the table has batch {} over other offsets", batch.token.batch_id);
  }
  Result<std::unique_ptr<connector::StagedBatch>> Stage(const connector::BatchInfo& batch,
                                                        engine::Connection& connection,
                                                        const std::string& relation) override {
    ++table_.stages;
    ASSIGN_OR_RETURN(auto read, connection.Query("SELECT c0 FROM " + relation));
    if (!table_.fail_stage.empty()) return ResourceExhausted("{}", std::exchange(table_.fail_stage, ""));
    std::vector<int64_t> rows;
    for (const auto& row : read.rows) rows.push_back(Number(*row[0]));
    ASSIGN_OR_RETURN(auto clock, connection.Query("SELECT epoch_ms(getvariable('flare_batch_timestamp'))"));
    return std::make_unique<FakeStaged>(table_, batch, std::move(rows), *clock.rows[0][0]);
  }
  Status CleanUp(const connector::Token&) override {
    ++table_.clean_ups;
    table_.on_clean_up();
    return Ok();
  }

 private:
  FakeTable& table_;
};

}  // namespace

void RecordingObserver::OnStart(const std::string& query, const std::string& run, const std::string&) {
  queries.push_back(query);
  runs.push_back(run);
}

void RecordingObserver::OnPreview(const std::string& step, const std::vector<std::string>& names,
                                  const std::vector<std::vector<std::optional<std::string>>>& rows, bool more) {
  std::string text = step + ":" + fmt::format("{}", fmt::join(names, ","));
  for (const auto& row : rows) {
    text += "|";
    for (const auto& value : row) text += value.value_or("NULL") + ";";
  }
  previews.push_back(text + (more ? "|..." : ""));
}

bool RecordingObserver::Heard(const std::string& fragment) const {
  return std::any_of(messages.begin(), messages.end(),
                     [&](const auto& message) { return message.second.find(fragment) != std::string::npos; });
}

Story::Story(size_t outputs) {
  connector_.name = "fake";
  connector_.make_source = [this](const auto&, const auto&,
                                  const auto& environment) -> Result<std::unique_ptr<connector::Source>> {
    topic.environment_stop = environment.stop;
    topic.on_open();
    if (topic.unreachable_opens-- > 0) return Unavailable("no broker answers");
    return std::make_unique<FakeSource>(topic);
  };
  connector_.make_sink = [this](const manifest::Output& output, const auto&,
                                const auto&) -> Result<std::unique_ptr<connector::Sink>> {
    return std::make_unique<FakeSink>(*tables[Number(output.dataset.value)]);
  };
  const sql::Schema schema = {{"id", sql::Type(sql::TypeId::kLong), true, ""}};
  plan.job.name.value = "numbers";
  plan.job.streaming.trigger = manifest::TriggerMode::kAvailableNow;
  plan::PlannedSource source;
  source.input.name.value = "input";
  source.connector = &connector_;
  source.schema = schema;
  source.unique_name = "flare_source_0";
  plan.sources.push_back(source);
  plan.views.push_back({"step", "flare_view_0", "SELECT c0 FROM flare_source_0()", schema, {},
                        "SELECT CAST(c0 AS VARCHAR) FROM flare_view_0"});
  for (size_t i = 0; i < outputs; ++i) {
    tables.push_back(std::make_unique<FakeTable>());
    plan::PlannedOutput output;
    output.output.name.value = fmt::format("output{}", i);
    output.output.dataset.value = std::to_string(i);
    output.address.dataset = fmt::format("table{}", i);
    output.connector = &connector_;
    output.relation = "flare_view_0";
    output.schema = schema;
    plan.outputs.push_back(output);
  }
  plan.checkpoint_directory = (fs::temp_directory_path() / ("flare-stream-" + NewUuid())).string();
}

Story::~Story() {
  ArmFailPoints("");
  fs::remove_all(directory());
}

Story& Story::Add(int64_t records) {
  topic.end += records;
  return *this;
}

Story& Story::Limit(int64_t records_a_batch) {
  plan.sources[0].limit.all_available = false;
  plan.sources[0].limit.max_records = records_a_batch;
  return *this;
}

Story& Story::Trigger(manifest::TriggerMode mode, Millis interval) {
  plan.job.streaming.trigger = mode;
  plan.job.streaming.trigger_interval = interval;
  return *this;
}

Result<RunSummary> Story::Run(const std::string& fail_points) {
  heard = RecordingObserver();
  finish = std::stop_source();
  stop = std::stop_source();
  RunOptions options;
  options.clock = &clock;
  options.observer = &heard;
  options.finish_batch = finish.get_token();
  options.stop_now = stop.get_token();
  options.threads = 1;
  options.overrides = overrides;
  ArmFailPoints(fail_points);
  auto summary = RunJob(plan, options);
  ArmFailPoints("");
  return summary;
}

void Story::ExpectAllOnce(int64_t from) const {
  std::vector<int64_t> all;
  for (int64_t id = from; id < topic.end; ++id) all.push_back(id);
  for (const auto& table : tables) {
    std::vector<int64_t> rows = table->rows;
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, all);
  }
}

std::vector<std::string> Story::Log(const std::string& log) const {
  std::vector<std::string> names;
  if (!fs::exists(fs::path(directory()) / log)) return names;
  for (const auto& entry : fs::directory_iterator(fs::path(directory()) / log)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return std::pair(a.size(), a) < std::pair(b.size(), b); });
  return names;
}

std::string Story::ReadLog(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(fs::path(directory()) / name, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace flare::stream
