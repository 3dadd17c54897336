#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/source_position.h"

namespace flare::manifest {

/// A value as the author wrote it, with its place. Every scalar is kept as text and converted per
/// field (D34).
template <class T>
struct Located {
  T value{};
  SourcePosition where;
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};
using Text = Located<std::string>;
/// Options of a connector: name (as written) -> value. Names are looked up without regard to case.
using Options = std::map<std::string, Text>;

enum class TriggerMode { kUnspecified, kOnce, kAvailableNow, kProcessingTime, kContinuous };
enum class OutputMode { kAppend, kUpdate, kComplete };
enum class SaveMode { kAppend, kOverwrite };
enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// How late rows may be: state older than the newest time seen minus the delay is dropped.
struct Watermark {
  Text column;
  Millis delay{0};
};

/// How bytes become columns, where the source has no schema of its own.
struct InputSchema {
  std::string type;  ///< lower case: avro, spark, sparkjson, ddl; "" = not given
  Text text;         ///< the schema itself (`schemaString` or `schema`)
  Text path;         ///< `schemaPath`: where it lies instead
  Text subject;      ///< registry subject
  std::optional<int> id;
  Text registry_url;
};

struct Input {
  Text name;
  Text dataset;  ///< `dataos://depot:collection/dataset?acl=rw`, or a path
  Text format;   ///< lower case; "" = by depot
  bool is_stream = false;
  bool is_stream_given = false;
  Text schema_string;  ///< same as schema.text
  InputSchema schema;
  std::optional<Watermark> watermark;  ///< from option `watermark: {column, delay}`
  /// Everything under `options`, forwarded to the reader. For an inline source (`inputType: kafka`)
  /// also the keys of its block: brokers as `kafka.bootstrap.servers`, others as written.
  Options options;
  SourcePosition where;
};

/// A function on a step, applied to the step's rows in order (`drop`, `rename`, ...).
/// Arguments keep their YAML shape: a scalar, a list of scalars, or a map of scalars.
struct FunctionArgument {
  std::string name;
  Text scalar;
  std::vector<Text> list;
  std::vector<std::pair<Text, Text>> map;
  enum Shape { kScalar, kList, kMap } shape = kScalar;
  SourcePosition where;
};
struct StepFunction {
  Text name;
  std::vector<FunctionArgument> arguments;
  SourcePosition where;
};

struct Step {
  Text name;
  Text sql;  ///< the statement; `where` is the first character of the text in the file (block
             ///< scalars too)
  /// Where the bytes of `sql` stand in the file: from each offset up to the next one, character by character to
  /// the right of the place; every line has an entry. Empty = contiguous from `sql.where`.
  std::vector<std::pair<size_t, SourcePosition>> sql_places;
  std::vector<StepFunction> functions;
  std::string doc;
  SourcePosition where;
};

struct PartitionField {
  Text type;  ///< identity, year, month, day, hour, bucket, truncate, void
  Text column;
  Text name;                     ///< "" = the usual name
  std::optional<int> parameter;  ///< numBuckets or width
  SourcePosition where;
};
struct SortField {
  Text column;
  bool descending = false;
  std::optional<bool> nulls_first;
};

struct Output {
  Text name;  ///< the view to write
  Text dataset;
  Text format;  ///< lower case; "" = by depot
  std::string title;
  std::string description;
  std::vector<std::string> tags;
  SaveMode save_mode = SaveMode::kAppend;
  Text save_mode_text;
  std::optional<std::string> merge_on_clause, merge_when_clause;
  std::map<std::string, Text> iceberg_properties;
  std::vector<PartitionField> partition_spec;
  std::vector<SortField> sort;
  bool sort_global = false;        ///< `sort.mode: global`; else within partitions
  std::vector<Text> partition_by;  ///< identity columns of file formats
  Options extra_options;
  Options options;  ///< everything under `options` that has no field of its own, and `driver`
  SourcePosition where;
};

struct Streaming {
  bool present = false;
  TriggerMode trigger = TriggerMode::kUnspecified;
  SourcePosition trigger_where;
  Millis trigger_interval{0};
  OutputMode output_mode = OutputMode::kAppend;
  bool for_each_batch = false;
  Text checkpoint;  ///< address or path; "" = none
  Options extra_options;
  SourcePosition where;
};

struct Retry {
  int count = 0;
  std::string strategy = "OnFailure";
  Millis duration{0};
  Millis max_duration{0};
};

/// One job of a workflow's dag.
struct Job {
  Text name;
  std::string title, description;
  std::vector<std::string> tags;
  std::vector<Text> dependencies;
  Retry retry;
  Text stack;  ///< "flare:6.0", as written
  Text compute;
  std::map<std::string, std::string> environment;  ///< `envs`
  bool dry_run = false;

  bool explain = false;
  LogLevel log_level = LogLevel::kInfo;
  int show_preview_lines = 0;
  Streaming streaming;
  std::vector<Input> inputs;
  std::vector<Step> steps;  ///< all sequences, flattened in order
  std::vector<Output> outputs;
  std::map<std::string, std::string> spark_conf;
  std::map<std::string, std::string> variables;
  std::optional<int64_t> memory_bytes;  ///< driver + executor memory, when given
  std::optional<int> cores;
  /// False when a value is missing (an unset variable, an absent or misshapen key): planning such a
  /// job would only report what follows from that.
  bool complete = true;
  SourcePosition where;
};

/// When a workflow runs. Threads: a value.
struct Schedule {
  std::string cron;
  std::string concurrency_policy = "Allow";
  std::string timezone;
  std::optional<WallTime> start_on, end_on, complete_on;
  SourcePosition where;

  /// The schedule is over: `endOn` or `completeOn` has passed; such a workflow starts no run by
  /// itself.
  bool Ended(WallTime now) const {
    return (end_on && now >= *end_on) || (complete_on && now >= *complete_on);
  }
};

struct Workflow {
  Text name;
  std::string version, title, description, owner, workspace;
  std::vector<std::string> tags;
  std::optional<Schedule> schedule;
  std::vector<Job> jobs;  ///< as written; run order is by dependencies
  std::string file;       ///< the manifest's path
  SourcePosition where;
};

}  // namespace flare::manifest
