#include <fmt/format.h>

#include <algorithm>

#include "manifest/job_draft.h"

namespace flare::manifest {
namespace {

enum class SourceKind { kQueue, kFiles, kTable, kUnknown };

/// What an input reads, as far as its format, depot and options tell.
SourceKind KindOf(const Input& input, const ReadContext& context) {
  static const std::vector<std::string> kFileFormats = {"csv",  "json", "parquet", "orc",
                                                        "avro", "text", "xml",     "xlsx"};
  static const std::vector<std::string> kTableFormats = {
      "iceberg",  "delta",   "jdbc",          "snowflake",  "bigquery",
      "redshift", "mongodb", "elasticsearch", "opensearch", "hudi"};
  const std::string& format = input.format.value;
  auto is_in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), format) != list.end();
  };
  if (is_in(kFileFormats)) return SourceKind::kFiles;
  if (is_in(kTableFormats)) return SourceKind::kTable;
  if (format.compare(0, 5, "kafka") == 0 || format == "pulsar" || format == "eventhub")
    return SourceKind::kQueue;
  if (const Depot* depot = context.DepotOf(input.dataset.value)) {
    bool queue = depot->type == "KAFKA" || depot->type == "PULSAR" || depot->type == "EVENTHUB";
    return queue ? SourceKind::kQueue : SourceKind::kTable;
  }
  return input.options.count("startingOffsets") != 0 ? SourceKind::kQueue : SourceKind::kUnknown;
}

class StreamRules {
 public:
  StreamRules(const Workflow& workflow, const ReadContext& context, JobDraft* draft)
      : workflow_(workflow),
        context_(context),
        reporter_(*context.reporter),
        draft_(*draft),
        job_(draft->job) {}

  void Apply() {
    for (size_t i = 0; i < job_.inputs.size(); ++i) DecideStream(&job_.inputs[i], draft_.inputs[i]);
    is_stream_ = std::any_of(job_.inputs.begin(), job_.inputs.end(),
                             [](const Input& input) { return input.is_stream; });
    MergeCheckpoints();
    MergeDurations();
    DecideForEachBatch();
    for (auto& output : job_.outputs) DecideSaveMode(&output);
    if (!is_stream_) return;
    DecideTrigger();
    CheckSchedule();
    DecideCheckpoint();
    CheckOutputCount();
  }

 private:
  Streaming& streaming() { return job_.streaming; }

  void DecideStream(Input* input, const InputDraft& notes) {
    SourceKind kind = KindOf(*input, context_);
    input->is_stream = notes.is_stream.value_or(false);
    if (notes.is_stream) {
      if (!*notes.is_stream && kind == SourceKind::kQueue && streaming().present) {
        reporter_.Warn(
            input->where, "bounded-read",
            fmt::format(
                "input {} has isStream: false: it is read once, up to what is there at the start, "
                "although the job has a streaming section",
                *input->name),
            "", "", "isStream: true to read it as a stream");
      }
      return;
    }
    if (input->is_stream_given) {  // given, but not a boolean that could be read
      input->is_stream = streaming().present;
      return;
    }
    const char* hint = "isStream: true for a stream, isStream: false to read what is there and end";
    if (kind == SourceKind::kQueue || (kind == SourceKind::kUnknown && streaming().present)) {
      input->is_stream = streaming().present;
      reporter_.Warn(
          input->where, "missing-is-stream",
          streaming().present
              ? fmt::format("input {} does not say `isStream`; it is read as a stream, because the "
                            "job has a "
                            "streaming section",
                            *input->name)
              : fmt::format(
                    "input {} does not say `isStream`; it is read once, from its start to its end, "
                    "because the job has no streaming section",
                    *input->name),
          "", "", hint);
    } else if (kind == SourceKind::kFiles && streaming().present) {
      input->is_stream = true;
      reporter_.Warn(input->where, "missing-is-stream",
                     fmt::format("input {} does not say `isStream`; its files are read as a "
                                 "stream, because the job has "
                                 "a streaming section",
                                 *input->name),
                     "", "", hint);
    } else if (streaming().present && job_.inputs.size() == 1) {
      reporter_.Warn(
          input->where, "missing-is-stream",
          fmt::format(
              "input {} does not say `isStream`; it is read once, and the streaming section has no "
              "effect",
              *input->name),
          "", "", hint);
    }
  }

  void MergeCheckpoints() {
    if (draft_.checkpoints.empty()) return;
    const WrittenCheckpoint& first = draft_.checkpoints.front();
    streaming().checkpoint = first.text;
    for (const auto& other : draft_.checkpoints) {
      if (*other.text == *first.text) continue;
      reporter_.Warn(other.text.where, "two-checkpoints",
                     fmt::format("`{}` differs from `{}`, which wins", other.path, first.path),
                     *other.text, *first.text);
    }
  }

  void MergeDurations() {
    for (const auto& other : draft_.output_durations) {
      if (!draft_.duration) {
        draft_.duration = other;
        if (!other.value) {
          reporter_.Error(other.text.where, "bad-duration",
                          fmt::format("`{}` is not a duration", other.path), *other.text,
                          "a whole number and a unit, such as 10 seconds");
        }
      } else if (other.value != draft_.duration->value || !other.value) {
        reporter_.Warn(
            other.text.where, "two-durations",
            fmt::format("`{}` differs from `{}`, which wins", other.path, draft_.duration->path),
            *other.text, *draft_.duration->text);
      }
    }
    if (draft_.duration && draft_.duration->value)
      streaming().trigger_interval = *draft_.duration->value;
  }

  void DecideForEachBatch() {
    bool continuous = streaming().trigger == TriggerMode::kContinuous;
    streaming().for_each_batch =
        draft_.for_each_batch.value_or(!continuous && draft_.batch_mode.value_or(false));
    if (draft_.batch_mode) {
      std::string message = "`batchMode` is the old name of `forEachBatchMode`";
      if (draft_.for_each_batch && *draft_.for_each_batch != *draft_.batch_mode) {
        message +=
            fmt::format("; the two differ, and forEachBatchMode: {} wins", *draft_.for_each_batch);
      } else if (continuous) {
        message += "; it has no effect with Continuous";
      }
      reporter_.Warn(draft_.batch_mode_where, "deprecated", message, "", "",
                     continuous || draft_.for_each_batch
                         ? "leave it out"
                         : fmt::format("forEachBatchMode: {}", *draft_.batch_mode));
    }
    if (continuous && draft_.for_each_batch.value_or(false)) {
      reporter_.Warn(draft_.for_each_batch_where, "no-effect",
                     "`forEachBatchMode` does not work with Continuous; it is ignored", "", "",
                     "leave it out, or use ProcessingTime");
      streaming().for_each_batch = false;
    }
  }

  void DecideSaveMode(Output* output) {
    const Text& written = output->save_mode_text;
    if (written->empty()) output->save_mode = is_stream_ ? SaveMode::kAppend : SaveMode::kOverwrite;
    if (!is_stream_) return;
    if (output->save_mode == SaveMode::kOverwrite && !streaming().for_each_batch) {
      output->save_mode = SaveMode::kAppend;
      reporter_.WarnOrRefuse(
          written.where, "overwrite-stream",
          fmt::format("output {}: a stream cannot overwrite; it appends", *output->name), "", "",
          "saveMode: append, or forEachBatchMode: true to replace the table with each batch");
    } else if (output->save_mode == SaveMode::kOverwrite && !output->merge_on_clause) {
      reporter_.Warn(written.where, "overwrite-stream",
                     fmt::format("output {}: each batch replaces the whole table", *output->name),
                     "", "", "saveMode: append to keep what is there");
    }
    bool merges = output->merge_on_clause.has_value();
    if ((merges || output->iceberg_properties.count("overwrite-mode") != 0) &&
        !streaming().for_each_batch) {
      reporter_.Error(output->where, "needs-for-each-batch",
                      fmt::format("output {}: `{}` on a stream needs forEachBatchMode: true",
                                  *output->name, merges ? "merge" : "overwrite-mode"));
    }
  }

  void DecideTrigger() {
    const SourcePosition& where = streaming().trigger_where;
    bool timed = streaming().trigger == TriggerMode::kProcessingTime ||
                 streaming().trigger == TriggerMode::kContinuous;
    if (timed && !draft_.duration) {
      if (streaming().trigger == TriggerMode::kProcessingTime) {
        reporter_.Error(where, "missing-key",
                        "triggerMode ProcessingTime needs a `triggerDuration`", "", "",
                        "triggerDuration: 10 seconds");
      } else {
        streaming().trigger_interval = Millis{1000};
        reporter_.Warn(where, "missing-key",
                       "triggerMode Continuous has no `triggerDuration`; 1 second is used", "", "",
                       "triggerDuration: 1 second");
      }
    }
    if (streaming().trigger == TriggerMode::kContinuous && draft_.duration &&
        draft_.duration->value == Millis{0}) {
      reporter_.Error(draft_.duration->text.where, "bad-duration",
                      "triggerMode Continuous needs a `triggerDuration` above 0",
                      *draft_.duration->text, "how often to commit, such as 1 second");
    }
    if (!timed && draft_.duration && !draft_.trigger_broken) {
      reporter_.Warn(
          draft_.duration->text.where, "no-effect",
          "`triggerDuration` has no effect without triggerMode ProcessingTime or Continuous");
    }
  }

  /// A schedule starts runs; a run that never ends would pile up with the next.
  void CheckSchedule() {
    if (!workflow_.schedule || draft_.trigger_broken) return;
    bool allow = workflow_.schedule->concurrency_policy == "Allow";
    if (!streaming().present) {
      streaming().trigger = TriggerMode::kAvailableNow;
      streaming().trigger_where = job_.where;
      reporter_.WarnOrRefuse(
          job_.where, "scheduled-stream",
          fmt::format(
              "job {} is scheduled and has no streaming section: each run reads what is available "
              "and ends",
              *job_.name),
          "", "", "streaming: triggerMode: AvailableNow");
      if (allow) {
        reporter_.WarnOrRefuse(workflow_.schedule->where, "concurrent-stream",
                               "the schedule lets runs overlap, but runs of one stream share a "
                               "checkpoint: one that finds it "
                               "in use ends at once",
                               "", "", "concurrencyPolicy: Forbid");
      }
      return;
    }
    auto trigger = streaming().trigger;
    if (trigger == TriggerMode::kOnce || trigger == TriggerMode::kAvailableNow) return;
    std::string message =
        fmt::format("job {} never ends by itself, and its workflow is scheduled", *job_.name);
    if (allow) {
      reporter_.Error(workflow_.schedule->where, "endless-schedule",
                      message + "; with concurrencyPolicy Allow its runs pile up", "", "",
                      "triggerMode: AvailableNow, or no schedule");
    } else {
      reporter_.Warn(workflow_.schedule->where, "endless-schedule", message, "", "",
                     "triggerMode: AvailableNow, or no schedule");
    }
  }

  std::string SuggestedCheckpoint() const {
    std::string folder;
    for (char c : workflow_.name.value + "/" + job_.name.value) {
      bool fits = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '/';
      folder += fits ? c : '_';
    }
    return fmt::format("dataos://lakehouse:checkpoints/{}?acl=rw", folder);
  }

  void DecideCheckpoint() {
    if (!streaming().checkpoint->empty()) return;
    const SourcePosition& where = streaming().present ? streaming().where : job_.where;
    std::string suggested = SuggestedCheckpoint();
    if (workflow_.schedule && !streaming().present) {
      streaming().checkpoint = {suggested, job_.where};
      reporter_.WarnOrRefuse(
          where, "missing-checkpoint",
          fmt::format("job {} has no checkpoint; {} is used", *job_.name, suggested), "", "",
          fmt::format("streaming: checkpointLocation: {}", suggested));
    } else if (context_.options.allow_ephemeral_checkpoint) {
      reporter_.Warn(where, "missing-checkpoint",
                     fmt::format("job {} has no checkpoint: each run starts anew", *job_.name), "",
                     "", fmt::format("checkpointLocation: {}", suggested));
    } else {
      reporter_.Error(where, "missing-checkpoint",
                      fmt::format("job {} reads a stream but has no `checkpointLocation`, so it "
                                  "could not go on where it "
                                  "stopped",
                                  *job_.name),
                      "", "", fmt::format("streaming: checkpointLocation: {}", suggested));
    }
  }

  void CheckOutputCount() {
    if (job_.outputs.size() < 2 || streaming().for_each_batch) return;
    std::vector<std::string> names;
    for (const auto& output : job_.outputs)
      names.push_back(fmt::format("{} to {}", *output.name, *output.dataset));
    reporter_.Error(job_.outputs[1].where, "needs-for-each-batch",
                    fmt::format("a stream with several outputs ({}) needs forEachBatchMode: true",
                                fmt::join(names, ", ")),
                    "", "", "streaming: forEachBatchMode: true");
  }

  const Workflow& workflow_;
  const ReadContext& context_;
  Reporter& reporter_;
  JobDraft& draft_;
  Job& job_;
  bool is_stream_ = false;
};

}  // namespace

void ApplyRules(const Workflow& workflow, const ReadContext& context, JobDraft* draft) {
  StreamRules(workflow, context, draft).Apply();
  CheckNames(context, *draft);
  CheckAddresses(context, draft);
}

}  // namespace flare::manifest
