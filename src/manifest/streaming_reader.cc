#include <fmt/format.h>

#include <algorithm>

#include "manifest/job_draft.h"
#include "manifest/letter_case.h"
#include "manifest/values.h"

namespace flare::manifest {
namespace {

void ReadTrigger(const Node& node, const std::string& path, Reporter* reporter, JobDraft* draft) {
  Streaming& streaming = draft->job.streaming;
  auto text = AsText(node, path, reporter);
  streaming.trigger_where = node.where;
  if (!text || node.unresolved) {
    draft->trigger_broken = true;
    return;
  }
  std::string lower = Lower(text->value);
  if (lower == "once") {
    streaming.trigger = TriggerMode::kOnce;
  } else if (lower == "onetime") {
    streaming.trigger = TriggerMode::kOnce;
    reporter->Warn(node.where, "trigger-spelling",
                   fmt::format("`{}`: {} is read as Once", path, text->value), "", "Once");
  } else if (lower == "availablenow") {
    streaming.trigger = TriggerMode::kAvailableNow;
  } else if (lower == "processingtime") {
    streaming.trigger = TriggerMode::kProcessingTime;
  } else if (lower == "continuous") {
    streaming.trigger = TriggerMode::kContinuous;
  } else if (lower == "continous") {
    streaming.trigger = TriggerMode::kContinuous;
    reporter->Warn(node.where, "trigger-spelling",
                   fmt::format("`{}`: {} is read as Continuous", path, text->value), "",
                   "Continuous");
  } else {
    draft->trigger_broken = true;
    const std::vector<std::string> known = {"Once", "AvailableNow", "ProcessingTime", "Continuous"};
    std::string near = NearestName(text->value, known);
    reporter->Error(
        node.where, "unknown-trigger", fmt::format("`{}` is not a trigger mode", path),
        node.Describe(),
        "Once, AvailableNow, ProcessingTime or Continuous; without it batches follow each other",
        near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

void ReadOutputMode(const Node& node, const std::string& path, Reporter* reporter,
                    Streaming* streaming) {
  auto text = AsText(node, path, reporter);
  if (!text || node.unresolved) return;
  std::string lower = Lower(text->value);
  if (lower == "append") {
    streaming->output_mode = OutputMode::kAppend;
  } else if (lower == "update") {
    streaming->output_mode = OutputMode::kUpdate;
  } else if (lower == "complete") {
    streaming->output_mode = OutputMode::kComplete;
  } else if (lower == "replace") {
    streaming->output_mode = OutputMode::kComplete;
    reporter->Warn(node.where, "deprecated",
                   fmt::format("`{}`: replace is the old name of complete", path), "", "complete");
  } else {
    std::string near = NearestName(lower, {"append", "update", "complete"});
    reporter->Error(node.where, "bad-output-mode", fmt::format("`{}` is not an output mode", path),
                    node.Describe(), "append, update or complete",
                    near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

}  // namespace

void ReadStreaming(const Node& node, const ReadContext& context, JobDraft* draft) {
  Streaming& streaming = draft->job.streaming;
  MapReader reader(&node, draft->job_path + ".streaming", context.reporter);
  streaming.present = true;
  streaming.where = node.where;
  streaming.trigger_where = node.where;
  if (const Node* mode = reader.Take("triggerMode")) {
    ReadTrigger(*mode, reader.Path("triggerMode"), context.reporter, draft);
  }
  if (const Node* duration = reader.Take("triggerDuration")) {
    WrittenDuration written{
        {duration->text, duration->where}, reader.Path("triggerDuration"), std::nullopt};
    written.value = reader.TakeDuration("triggerDuration");
    draft->duration = std::move(written);
  }
  if (const Node* mode = reader.Take("outputMode")) {
    ReadOutputMode(*mode, reader.Path("outputMode"), context.reporter, &streaming);
  }
  const Text checkpoint = reader.TakeText("checkpointLocation");
  if (!checkpoint->empty())
    draft->checkpoints.push_back({checkpoint, reader.Path("checkpointLocation")});
  if (const Node* flag =
          reader.TakeAny({"forEachBatchMode", "foreachBatchMode", "ForeachBatchMode"})) {
    draft->for_each_batch = AsBool(*flag, reader.Path("forEachBatchMode"), context.reporter);
    draft->for_each_batch_where = flag->where;
  }
  draft->batch_mode = reader.TakeBool("batchMode");
  draft->batch_mode_where = reader.KeyPlace("batchMode");
  if (auto preview = reader.TakeInt("showPreviewLines", 0, 1'000'000)) {
    draft->job.show_preview_lines = static_cast<int>(*preview);
  }
  if (const Node* extra = reader.Take("extraOptions")) {
    for (auto& [key, value] : AsPairs(*extra, reader.Path("extraOptions"), context.reporter)) {
      streaming.extra_options.emplace(key.value, value);
    }
  }
  reader.Finish();
}

}  // namespace flare::manifest
