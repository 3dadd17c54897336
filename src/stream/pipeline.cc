#include "stream/pipeline.h"

#include <algorithm>

#include "engine/memory_budget.h"
#include "engine/spark_functions.h"

namespace flare::stream {
namespace {

constexpr const char* kSharedRows = "flare_batch.main.flare_rows";

std::string SharedSource(const plan::PlannedSource& source) { return "flare_batch.main." + source.unique_name; }
std::string StreamName(const plan::PlannedSource& source) { return source.unique_name + "_stream"; }

engine::MemoryBudget BudgetOf(const plan::JobPlan& plan, const RunOptions& options) {
  return engine::DivideMemory(options.memory_bytes > 0 ? options.memory_bytes : plan.job.memory_bytes.value_or(0),
                              options.threads > 0 ? options.threads : plan.job.cores.value_or(0));
}

std::string TableDdl(const std::string& name, const sql::Schema& schema) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < schema.size(); ++i) {
    columns.push_back(fmt::format("{} {}", sql::DuckDbColumnName(i), schema[i].type.ToDuckDb()));
  }
  return fmt::format("CREATE OR REPLACE TABLE {} ({})", name, fmt::join(columns, ", "));
}

}  // namespace

Pipeline::Pipeline(const plan::JobPlan& plan, const RunOptions& options)
    : plan_(plan), options_(options), environment_(options.environment) {
  if (environment_.files == nullptr) environment_.files = options.files;
  if (environment_.clock == nullptr) environment_.clock = options.clock;
  if (environment_.job_name.empty()) environment_.job_name = plan.job.name.value;
  environment_.prefetch_budget_bytes =
      std::min(environment_.prefetch_budget_bytes, BudgetOf(plan, options).prefetch_bytes) /
      static_cast<int64_t>(plan.sources.size());
  if (plan.outputs.size() < 2) return;
  bool same = std::all_of(plan.outputs.begin(), plan.outputs.end(), [&](const plan::PlannedOutput& output) {
    return output.relation == plan.outputs.front().relation;
  });
  sharing_ = same ? Sharing::kRows : Sharing::kSources;
}

Result<std::unique_ptr<Pipeline>> Pipeline::Open(const plan::JobPlan& plan, const RunOptions& options,
                                                 Outage& outage) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(plan, options));
  RETURN_IF_ERROR(pipeline->OpenDatabase());
  RETURN_IF_ERROR(pipeline->OpenSources(outage));
  RETURN_IF_ERROR(pipeline->CreateViews());
  return pipeline;
}

Pipeline::~Pipeline() {
  sinks_.clear();
  for (auto& source : sources_) source->Close();
}

Status Pipeline::OpenDatabase() {
  engine::DatabaseOptions wanted;
  engine::MemoryBudget budget = BudgetOf(plan_, options_);
  wanted.memory_limit_bytes = budget.duckdb_bytes;
  wanted.threads = budget.threads;
  wanted.time_zone = plan_.time_zone;
  ASSIGN_OR_RETURN(database_, engine::Database::Open(wanted));
  ASSIGN_OR_RETURN(connection_, database_->Connect());
  if (sharing_ != Sharing::kNone) RETURN_IF_ERROR(connection_->Execute("ATTACH ':memory:' AS flare_batch"));
  // Before any view is made: its type is looked up then.
  return SetBatchTimestamp(0);
}

Status Pipeline::OpenSources(Outage& outage) {
  for (const plan::PlannedSource& planned : plan_.sources) {
    auto made = outage.Persist<std::unique_ptr<connector::Source>>(
        [&] { return planned.connector->make_source(planned.input, planned.address, environment_); });
    if (!made) return std::move(made).error().With(fmt::format("while opening input {}", planned.input.name.value));
    sources_.push_back(*std::move(made));
    Status bound = BindSource(sources_.size() - 1);
    if (!bound) return std::move(bound).error().With(fmt::format("while opening input {}", planned.input.name.value));
  }
  return Ok();
}

Status Pipeline::BindSource(size_t index) {
  const plan::PlannedSource& planned = plan_.sources[index];
  if (sharing_ != Sharing::kSources) return sources_[index]->Bind(*connection_, planned.unique_name);
  // The steps read the name; here it means the table that the batch is put into, not the stream.
  RETURN_IF_ERROR(sources_[index]->Bind(*connection_, StreamName(planned)));
  RETURN_IF_ERROR(connection_->Execute(TableDdl(SharedSource(planned), planned.schema)));
  return connection_->Execute(
      fmt::format("CREATE MACRO {}() AS TABLE SELECT * FROM {}", planned.unique_name, SharedSource(planned)));
}

Status Pipeline::CreateViews() {
  for (const plan::PlannedView& view : plan_.views) {
    for (const auto& function : view.functions) {
      RETURN_IF_ERROR(engine::RegisterRuntimeFunction(*connection_, function));
    }
    Status created = connection_->Execute(fmt::format("CREATE VIEW {} AS {}", view.view, view.duckdb_sql));
    if (!created) return std::move(created).error().With(fmt::format("while preparing step {}", view.name));
  }
  return Ok();
}

Status Pipeline::OpenSinks(Outage& outage) {
  for (const plan::PlannedOutput& planned : plan_.outputs) {
    auto open = [&]() -> Status {
      ASSIGN_OR_RETURN(auto sink, planned.connector->make_sink(planned.output, planned.address, environment_));
      RETURN_IF_ERROR(sink->Open(planned.schema));
      sinks_.push_back(std::move(sink));
      return Ok();
    };
    Status opened = outage.Persist<void>(open);
    if (!opened) {
      return std::move(opened).error().With(fmt::format("while opening output {}", planned.output.name.value));
    }
  }
  return Ok();
}

Status Pipeline::SetBatchTimestamp(int64_t timestamp_ms) {
  auto time = std::chrono::sys_time<Millis>(Millis(timestamp_ms));
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  return connection_->Execute(fmt::format(
      "SET VARIABLE flare_batch_timestamp = TIMESTAMPTZ '{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}+00'",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      clock.hours().count(), clock.minutes().count(), clock.seconds().count(), clock.subseconds().count()));
}

Status Pipeline::BeginBatch(const std::vector<connector::OffsetRange>& ranges, std::stop_token stop) {
  for (size_t i = 0; i < sources_.size(); ++i) RETURN_IF_ERROR(sources_[i]->BeginBatch(ranges[i], stop));
  return Ok();
}

Status Pipeline::Materialise() {
  if (sharing_ == Sharing::kRows) {
    return connection_->Execute(fmt::format("CREATE OR REPLACE TABLE {} AS SELECT * FROM {}", kSharedRows,
                                            plan_.outputs.front().relation));
  }
  for (const plan::PlannedSource& source : plan_.sources) {
    RETURN_IF_ERROR(connection_->Execute(fmt::format("CREATE OR REPLACE TABLE {} AS SELECT * FROM {}()",
                                                     SharedSource(source), StreamName(source))));
  }
  return Ok();
}

Status Pipeline::DropMaterialised() {
  if (sharing_ == Sharing::kNone) return Ok();
  if (sharing_ == Sharing::kRows) return connection_->Execute(fmt::format("DROP TABLE IF EXISTS {}", kSharedRows));
  for (const plan::PlannedSource& source : plan_.sources) {
    RETURN_IF_ERROR(connection_->Execute(TableDdl(SharedSource(source), source.schema)));
  }
  return Ok();
}

Result<std::vector<std::unique_ptr<connector::StagedBatch>>> Pipeline::Stage(
    const std::vector<connector::BatchInfo>& batches, const std::vector<bool>& wanted) {
  std::vector<std::unique_ptr<connector::StagedBatch>> staged(sinks_.size());
  if (sharing_ != Sharing::kNone) RETURN_IF_ERROR(Materialise());
  for (size_t i = 0; i < sinks_.size(); ++i) {
    if (!wanted[i]) continue;
    const std::string relation = sharing_ == Sharing::kRows ? kSharedRows : plan_.outputs[i].relation;
    auto written = sinks_[i]->Stage(batches[i], *connection_, relation);
    if (!written) {
      AbortAll(staged);
      return std::move(written).error().With(fmt::format("while writing output {}", plan_.outputs[i].output.name.value));
    }
    staged[i] = *std::move(written);
  }
  return staged;
}

Result<engine::TextResult> Pipeline::Preview(size_t view, int lines) {
  return connection_->Query(fmt::format("SELECT * FROM ({}) LIMIT {}", plan_.views[view].preview_sql, lines + 1));
}

Result<std::vector<connector::ReadStats>> Pipeline::EndBatch() {
  std::vector<connector::ReadStats> stats;
  std::optional<Error> first;
  for (auto& source : sources_) {
    auto read = source->EndBatch();
    if (read) {
      stats.push_back(*std::move(read));
    } else if (!first) {
      first = std::move(read).error();
    }
  }
  if (first) return *std::move(first);
  return stats;
}

void AbortAll(std::vector<std::unique_ptr<connector::StagedBatch>>& staged) {
  for (auto& batch : staged) {
    if (batch != nullptr) std::ignore = batch->Abort();  // the sink's next clean-up finds what is left
    batch.reset();
  }
}

}  // namespace flare::stream
