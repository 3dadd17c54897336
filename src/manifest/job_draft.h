#pragma once
#include <optional>
#include <string>
#include <vector>

#include "manifest/job.h"
#include "manifest/loader.h"
#include "manifest/reader.h"
#include "manifest/source_text.h"

namespace flare::manifest {

/// What readers of one file share.
struct ReadContext {
  const SourceText& source;
  const LoadOptions& options;
  const Resources& own;  ///< resources of the same file
  Reporter* reporter;

  /// The depot of an address, or null.
  const Depot* DepotOf(const std::string& address) const;
};

/// A checkpoint as found at one of its three places.
struct WrittenCheckpoint {
  Text text;
  std::string path;  ///< "streaming.checkpointLocation"
};
struct WrittenDuration {
  Text text;
  std::string path;
  std::optional<Millis> value;
};

/// What was written about an output beside what the job keeps.
struct OutputDraft {
  std::string path;
  bool dataset_unresolved = false;
  bool name_unresolved = false;
};
struct InputDraft {
  std::string path;
  std::optional<bool> is_stream;
  bool dataset_unresolved = false;
  bool needs_dataset = true;
};

/// A job while it is read: the job, and what the rules between fields need to know. Vectors run
/// parallel to job.inputs and job.outputs.
struct JobDraft {
  Job job;
  std::string path;      ///< "workflow.dag[0]"
  std::string job_path;  ///< "workflow.dag[0].spec.stackSpec.job"
  std::vector<InputDraft> inputs;
  std::vector<OutputDraft> outputs;
  std::optional<bool> for_each_batch, batch_mode;
  SourcePosition for_each_batch_where, batch_mode_where;
  std::optional<WrittenDuration> duration;
  std::vector<WrittenDuration> output_durations;
  std::vector<WrittenCheckpoint> checkpoints;  ///< in order of precedence
  bool trigger_broken = false;
  bool has_job = false;
};

// Each reads one part of a job into the draft and reports what is wrong with it.
void ReadSpec(const Node& spec, const ReadContext& context, JobDraft* draft);
void ReadStreaming(const Node& node, const ReadContext& context, JobDraft* draft);
void ReadInput(const Node& node, const std::string& path, const ReadContext& context,
               JobDraft* draft);
void ReadOutput(const Node& node, const std::string& path, const ReadContext& context,
                JobDraft* draft);
void ReadSteps(const Node& node, const ReadContext& context, JobDraft* draft);
Retry ReadRetry(const Node& node, const std::string& path, Reporter* reporter);
/// `options` of an output, also the legacy `outputOptions` of a sink.
void ReadOutputOptions(const Node& node, const std::string& path, const ReadContext& context,
                       Output* output, JobDraft* draft);
/// A scalar option, or a nested map or list flattened as `outer.inner` and "a,b".
void AddOption(const std::string& name, const Node& node, const std::string& path,
               Reporter* reporter, Options* options);

/// The rules between fields: streams, triggers, checkpoints, save modes, names and addresses.
void ApplyRules(const Workflow& workflow, const ReadContext& context, JobDraft* draft);
/// Names of views, and that outputs name one.
void CheckNames(const ReadContext& context, const JobDraft& draft);
/// Addresses: their form, their depots, and that nothing is written where it is read.
void CheckAddresses(const ReadContext& context, JobDraft* draft);

}  // namespace flare::manifest
