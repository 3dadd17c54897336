// What Spark SQL costs beside hand-written DuckDB SQL for the same job: CPU seconds of both on one thread, by turns, over
// the same rows in memory.
//
//   sql_speed SPARK.sql DUCKDB.sql [ROWS [RUNS]]
//
// Both read `input` with one binary column `value`. Prints JSON: for each the CPU-seconds of every run, the ratios
// (Spark SQL's over DuckDB's) of the runs, smallest, median and largest, and the milliseconds that reading and binding ten
// such steps take, the first time in the process and then again.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bed/event_generator.h"
#include "engine/database.h"
#include "engine/spark_functions.h"
#include "sql/compile.h"

namespace flare {
namespace {

constexpr int64_t kSeed = 7;

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Status Fill(engine::Connection& connection, int64_t rows) {
  RETURN_IF_ERROR(connection.Execute("CREATE TABLE input (value BLOB)"));
  bed::EventGenerator generator(kSeed);
  duckdb_appender appender = nullptr;
  if (duckdb_appender_create(connection.handle(), nullptr, "input", &appender) != DuckDBSuccess) {
    return Internal("no appender");
  }
  for (int64_t id = 0; id < rows; ++id) {
    const std::string& value = generator.Make(id).value;
    duckdb_append_blob(appender, value.data(), value.size());
    duckdb_appender_end_row(appender);
  }
  bool done = duckdb_appender_destroy(&appender) == DuckDBSuccess;
  return done ? Ok() : Status(Internal("the rows could not be appended"));
}

/// CPU-seconds of running `sql` once; `rows` becomes the number of rows it gave.
Result<double> Cost(engine::Connection& connection, const std::string& sql, int64_t* rows) {
  *rows = 0;
  double before = CpuSeconds();
  RETURN_IF_ERROR(connection.Stream(sql, [&](duckdb_data_chunk chunk) {
    *rows += static_cast<int64_t>(duckdb_data_chunk_get_size(chunk));
    return Ok();
  }));
  return CpuSeconds() - before;
}

std::optional<sql::CompiledQuery> Bind(const std::string& spark, Diagnostics* mistakes) {
  sql::Scope scope;
  scope.relations = {{"input", "(SELECT value AS c0 FROM input)", {{"value", sql::Type(sql::TypeId::kBinary), true, ""}}}};
  return sql::Compile(spark, sql::TextPlace(), scope, mistakes);
}

/// Milliseconds of CPU to read and bind ten such steps.
double BindTen(const std::string& spark) {
  double before = CpuSeconds();
  for (int step = 0; step < 10; ++step) {
    Diagnostics mistakes;
    std::ignore = Bind(spark, &mistakes);
  }
  return (CpuSeconds() - before) * 1000;
}

Result<std::string> Translate(engine::Connection& connection, const std::string& spark) {
  Diagnostics mistakes;
  auto query = Bind(spark, &mistakes);
  if (!query) return InvalidArgument("{}", mistakes.empty() ? "no plan" : ToText(mistakes.front()));
  for (const auto& function : query->functions) RETURN_IF_ERROR(engine::RegisterRuntimeFunction(connection, function));
  return query->duckdb_sql;
}

Status Measure(const char* spark_file, const char* duckdb_file, int64_t rows, int runs) {
  engine::DatabaseOptions options;
  options.threads = 1;
  options.memory_limit_bytes = int64_t{4} << 30;
  ASSIGN_OR_RETURN(auto database, engine::Database::Open(options));
  ASSIGN_OR_RETURN(auto connection, database->Connect());
  RETURN_IF_ERROR(Fill(*connection, rows));
  ASSIGN_OR_RETURN(std::string spark, Translate(*connection, ReadAll(spark_file)));
  std::string by_hand = ReadAll(duckdb_file);
  std::vector<double> binds = {BindTen(ReadAll(spark_file))};  // the first one pays for what is made once
  for (int run = 0; run < runs; ++run) binds.push_back(BindTen(ReadAll(spark_file)));
  std::vector<double> translated, hand_written, ratios;
  for (int run = 0; run < runs; ++run) {
    int64_t spark_rows = 0, duckdb_rows = 0;
    ASSIGN_OR_RETURN(double ours, Cost(*connection, spark, &spark_rows));
    ASSIGN_OR_RETURN(double theirs, Cost(*connection, by_hand, &duckdb_rows));
    if (spark_rows != duckdb_rows) return Internal("{} rows and {} rows are not the same job", spark_rows, duckdb_rows);
    translated.push_back(ours);
    hand_written.push_back(theirs);
    ratios.push_back(ours / theirs);
  }
  std::ranges::sort(ratios);
  fmt::print("{{\"rows\": {}, \"spark_cpu_s\": [{:.4f}], \"duckdb_cpu_s\": [{:.4f}], \"ratio\": [{:.3f}, {:.3f}, {:.3f}], "
             "\"bind_ten_ms\": [{:.3f}]}}\n", rows,
             fmt::join(translated, ", "), fmt::join(hand_written, ", "), ratios.front(), ratios[ratios.size() / 2],
             ratios.back(), fmt::join(binds, ", "));
  return Ok();
}

}  // namespace
}  // namespace flare

int main(int count, char** words) {
  if (count < 3) {
    fmt::print(stderr, "usage: sql_speed SPARK.sql DUCKDB.sql [ROWS [RUNS]]\n");
    return 2;
  }
  auto done = flare::Measure(words[1], words[2], count > 3 ? std::atoll(words[3]) : 500'000, count > 4 ? std::atoi(words[4]) : 5);
  if (!done) fmt::print(stderr, "sql_speed: {}\n", done.error().ToText());
  return done ? 0 : 1;
}
