#include <fmt/format.h>

#include <algorithm>

#include "manifest/job_draft.h"
#include "manifest/values.h"

namespace flare::manifest {
namespace {

struct Machine {
  std::optional<int64_t> memory;
  std::optional<int64_t> cores;
  int64_t instances = 1;
};

Machine ReadMachine(const Node& node, const std::string& path, Reporter* reporter) {
  MapReader reader(&node, path, reporter);
  Machine machine;
  if (const Node* memory = reader.Take("memory")) {
    auto text = AsText(*memory, reader.Path("memory"), reporter);
    if (text && !memory->unresolved) {
      auto bytes = ParseMemory(text->value);
      if (bytes) machine.memory = *bytes;
      if (!bytes)
        reporter->Error(memory->where, "bad-memory",
                        fmt::format("`{}`: {}", reader.Path("memory"), bytes.error().message()));
    }
  }
  if (const Node* limit = reader.Take("coreLimit")) {
    auto text = AsText(*limit, reader.Path("coreLimit"), reporter);
    if (text && !limit->unresolved) {
      auto cores = ParseCpu(text->value);
      if (!cores)
        reporter->Error(limit->where, "bad-cpu",
                        fmt::format("`{}`: {}", reader.Path("coreLimit"), cores.error().message()));
    }
  }
  machine.cores = reader.TakeInt("cores", 1, 4096);
  machine.instances = reader.TakeInt("instances", 0, 100'000).value_or(1);
  reader.Finish();
  return machine;
}

void ReadMachines(MapReader* stack_spec, const ReadContext& context, Job* job) {
  auto add = [&](const Machine& machine) {
    if (machine.memory)
      job->memory_bytes = job->memory_bytes.value_or(0) + *machine.memory * machine.instances;
  };
  std::optional<int64_t> cores;
  if (const Node* node = stack_spec->Take("driver")) {
    Machine driver = ReadMachine(*node, stack_spec->Path("driver"), context.reporter);
    add(driver);
    cores = driver.cores;
  }
  if (const Node* node = stack_spec->Take("executor")) {
    Machine executor = ReadMachine(*node, stack_spec->Path("executor"), context.reporter);
    add(executor);
    if (executor.cores) cores = std::max<int64_t>(1, *executor.cores * executor.instances);
  }
  if (cores) job->cores = static_cast<int>(std::min<int64_t>(*cores, 4096));
}

/// `sparkConf`: a list of single-key maps, or one map.
void ReadSparkConf(const Node& node, const std::string& path, Reporter* reporter, Job* job) {
  auto add = [&](const Node& map, const std::string& at) {
    for (auto& [key, value] : AsPairs(map, at, reporter)) job->spark_conf[key.value] = value.value;
  };
  if (node.is_map()) return add(node, path);
  if (!node.is_list()) {
    return reporter->WrongShape(node, path,
                                "a list of single-key maps (`- spark.sql.shuffle.partitions: 8`)");
  }
  for (size_t i = 0; i < node.items.size(); ++i)
    add(*node.items[i], fmt::format("{}[{}]", path, i));
}

std::optional<LogLevel> ReadLogLevel(MapReader* reader, Reporter* reporter) {
  const Node* node = reader->Take("logLevel");
  if (node == nullptr) return std::nullopt;
  auto text = AsText(*node, reader->Path("logLevel"), reporter);
  if (!text || node->unresolved) return std::nullopt;
  std::string upper = text->value;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  if (upper == "DEBUG" || upper == "TRACE" || upper == "ALL") return LogLevel::kDebug;
  if (upper == "INFO") return LogLevel::kInfo;
  if (upper == "WARN" || upper == "WARNING") return LogLevel::kWarn;
  if (upper == "ERROR" || upper == "FATAL" || upper == "OFF") return LogLevel::kError;
  std::string near = NearestName(upper, {"DEBUG", "INFO", "WARN", "ERROR"});
  reporter->Error(node->where, "bad-log-level",
                  fmt::format("`{}` is not a log level", reader->Path("logLevel")),
                  node->Describe(), "DEBUG, INFO, WARN or ERROR",
                  near.empty() ? "" : fmt::format("did you mean {}?", near));
  return std::nullopt;
}

/// Sections that Flare knows and this engine does not run.
void ReadUnrun(MapReader* reader, Reporter* reporter) {
  if (reader->Take("udfs") != nullptr) {
    reporter->Error(
        reader->KeyPlace("udfs"), "not-portable",
        fmt::format("`{}` holds Scala functions, which need a JVM", reader->Path("udfs")), "",
        "the same in SQL, in the steps");
  }
  for (auto key : {"assertions", "actions", "profile", "rewriteDataset"}) {
    const Node* node = reader->Take(key);
    if (node == nullptr || (node->is_list() && node->items.empty())) continue;
    reporter->Warn(
        reader->KeyPlace(key), "not-run",
        fmt::format("`{}` is known but not run: the job goes on without it", reader->Path(key)));
  }
  if (reader->Take("options") != nullptr) {
    reporter->Warn(reader->KeyPlace("options"), "unknown-key",
                   fmt::format("`{}` has no effect", reader->Path("options")), "", "",
                   "options belong to an input or an output");
  }
}

void ReadJobSection(const Node& node, const std::string& path, const ReadContext& context,
                    JobDraft* draft) {
  Job& job = draft->job;
  draft->job_path = path;
  draft->has_job = node.is_map();
  MapReader reader(&node, path, context.reporter);
  job.explain = reader.TakeBool("explain").value_or(false);
  if (auto level = ReadLogLevel(&reader, context.reporter)) job.log_level = *level;
  auto preview = reader.TakeInt("showPreviewLines", 0, 1'000'000);
  if (const Node* streaming = reader.Take("streaming")) ReadStreaming(*streaming, context, draft);
  if (preview) job.show_preview_lines = static_cast<int>(*preview);
  if (const Node* conf = reader.TakeAny({"sparkConf", "sparkConfig"})) {
    ReadSparkConf(*conf, reader.Path("sparkConf"), context.reporter, &job);
  }
  for (auto& [key, value] : reader.TakePairs("variables")) job.variables[key.value] = value.value;
  ReadUnrun(&reader, context.reporter);

  auto inputs = reader.TakeMaps("inputs");
  if (inputs.empty() && draft->has_job &&
      (reader.Take("inputs") == nullptr || reader.Take("inputs")->is_list())) {
    context.reporter->Error(
        reader.KeyPlace("inputs"), "missing-key",
        fmt::format("`{}` is missing: the job reads nothing", reader.Path("inputs")), "", "",
        "- name: events / dataset: dataos://depot:collection/dataset / isStream: true");
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    ReadInput(*inputs[i], fmt::format("{}[{}]", reader.Path("inputs"), i), context, draft);
  }
  auto outputs = reader.TakeMaps("outputs");
  for (size_t i = 0; i < outputs.size(); ++i) {
    ReadOutput(*outputs[i], fmt::format("{}[{}]", reader.Path("outputs"), i), context, draft);
  }
  if (const Node* steps = reader.Take("steps")) ReadSteps(*steps, context, draft);
  if (job.outputs.empty() && draft->has_job &&
      (reader.Take("outputs") == nullptr || reader.Take("outputs")->is_list())) {
    context.reporter->Error(
        reader.KeyPlace("outputs"), "missing-key",
        fmt::format("`{}` is missing: the job writes nothing", reader.Path("outputs")), "", "",
        "- name: <step> / dataset: dataos://depot:collection/dataset?acl=rw / format: Iceberg");
  }
  reader.Finish();
}

void ReadStackSpec(const Node& node, const std::string& path, const ReadContext& context,
                   JobDraft* draft) {
  MapReader reader(&node, path, context.reporter);
  ReadMachines(&reader, context, &draft->job);
  if (const Node* conf = reader.TakeAny({"sparkConf", "sparkConfig"})) {
    ReadSparkConf(*conf, reader.Path("sparkConf"), context.reporter, &draft->job);
  }
  reader.Accept({"configs"});
  if (const Node* job = reader.Take("job")) {
    ReadJobSection(*job, reader.Path("job"), context, draft);
  } else {
    context.reporter->Error(reader.KeyPlace("job"), "missing-key",
                            fmt::format("`{}` is missing", reader.Path("job")), "",
                            "a map with inputs, steps and outputs");
  }
  reader.Finish();
}

void CheckStack(const Text& stack, MapReader* reader, Reporter* reporter) {
  std::string lower = stack.value;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (stack->empty()) {
    reporter->Warn(reader->where(), "missing-key",
                   fmt::format("`{}` is missing; flare is meant", reader->Path("stack")), "",
                   "stack: flare:7.0");
  } else if (lower != "flare" && lower.compare(0, 6, "flare:") != 0) {
    std::string near = NearestName(lower.substr(0, lower.find(':')), {"flare"});
    reporter->Error(stack.where, "unknown-stack",
                    fmt::format("stack {} cannot be run here", stack.value), "",
                    "flare, or flare:<version>", near.empty() ? "" : "did you mean flare?");
  }
}

}  // namespace

Retry ReadRetry(const Node& node, const std::string& path, Reporter* reporter) {
  MapReader reader(&node, path, reporter);
  Retry retry;
  retry.count = static_cast<int>(reader.TakeInt("count", 0, 1'000'000).value_or(0));
  Text strategy = reader.TakeText("strategy");
  if (!strategy->empty()) {
    const std::vector<std::string> known = {"OnFailure", "Always", "OnError", "OnTransientError"};
    retry.strategy = strategy.value;
    if (std::find(known.begin(), known.end(), strategy.value) == known.end()) {
      std::string near = NearestName(strategy.value, known);
      reporter->Error(strategy.where, "bad-retry",
                      fmt::format("`{}` is not a retry strategy", reader.Path("strategy")),
                      strategy.value, fmt::format("{}", fmt::join(known, ", ")),
                      near.empty() ? "" : fmt::format("did you mean {}?", near));
    }
  }
  retry.duration = reader.TakeDuration("duration").value_or(Millis{0});
  retry.max_duration = reader.TakeDuration("maxDuration").value_or(Millis{0});
  reader.Finish();
  return retry;
}

void AddOption(const std::string& name, const Node& node, const std::string& path,
               Reporter* reporter, Options* options) {
  if (node.is_null()) return;
  if (node.is_scalar()) {
    options->emplace(name, Text{node.text, node.where});
  } else if (node.is_map()) {
    for (const auto& entry : node.entries) {
      AddOption(name + "." + entry.key, *entry.value, path + "." + entry.key, reporter, options);
    }
  } else {
    Text joined{"", node.where};
    for (const auto& text : AsTexts(node, path, reporter)) {
      joined.value += (joined.value.empty() ? "" : ",") + text.value;
    }
    options->emplace(name, std::move(joined));
  }
}

void ReadSpec(const Node& spec, const ReadContext& context, JobDraft* draft) {
  Job& job = draft->job;
  MapReader reader(&spec, draft->path + ".spec", context.reporter);
  job.stack = reader.TakeText("stack");
  CheckStack(job.stack, &reader, context.reporter);
  job.compute = reader.TakeText("compute");
  for (auto& tag : reader.TakeStrings("tags")) job.tags.push_back(std::move(tag));
  std::string title = reader.TakeText("title").value;
  std::string description = reader.TakeText("description").value;
  if (job.title.empty()) job.title = std::move(title);
  if (job.description.empty()) job.description = std::move(description);
  for (auto& [key, value] : reader.TakePairs("envs")) job.environment[key.value] = value.value;
  if (const Node* retry = reader.Take("retry"))
    job.retry = ReadRetry(*retry, reader.Path("retry"), context.reporter);
  job.dry_run = reader.TakeBool("dryRun").value_or(false);
  if (auto level = ReadLogLevel(&reader, context.reporter)) job.log_level = *level;
  reader.Accept({"secrets", "dataosSecrets", "dataosVolumes", "tempVolume", "persistentVolume",
                 "configs", "resources", "resource", "runAsUser", "runAsApiKey", "topology",
                 "tier"});
  const char* key = reader.Has("stackSpec") || !reader.Has("flare") ? "stackSpec" : "flare";
  if (std::string_view(key) == "flare") {
    context.reporter->Warn(reader.KeyPlace(key), "deprecated",
                           fmt::format("`{}` is the old name of `stackSpec`", reader.Path(key)), "",
                           "stackSpec:");
  }
  if (const Node* stack_spec = reader.Take(key)) {
    ReadStackSpec(*stack_spec, reader.Path(key), context, draft);
  } else {
    context.reporter->Error(reader.KeyPlace(key), "missing-key",
                            fmt::format("`{}` is missing", reader.Path(key)), "",
                            "a map with job, and optionally driver, executor and sparkConf");
  }
  reader.Finish();
}

}  // namespace flare::manifest
