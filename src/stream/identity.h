#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/decide.h"
#include "plan/job_plan.h"

namespace flare::stream {

/// What a job reads, computes and writes, as recorded with each batch under keys of our own in the offset log's conf.
/// Spark ignores them, and drops them when it goes on with the checkpoint.
struct JobIdentity {
  std::vector<std::string> sources;  ///< one a source, in order: "KafkaV2[Subscribe[orders]]"
  std::vector<std::string> outputs;  ///< one an output, in order: "lakehouse:stream/orders"
  std::vector<std::pair<std::string, std::string>> steps;  ///< name and fingerprint, in order

  void Record(std::map<std::string, std::string>& conf) const;
};

/// What the sources say of the data behind their offsets (Source::Incarnation), one a source, and back; nullopt
/// when nothing, or something else, was recorded.
void RecordIncarnations(const std::vector<std::string>& incarnations, std::map<std::string, std::string>& conf);
std::optional<std::vector<std::string>> RecordedIncarnations(const std::map<std::string, std::string>& conf,
                                                             size_t source_count);

/// Whether a batch with this conf was logged by flare; Spark drops our keys when it goes on.
bool WrittenByFlare(const std::map<std::string, std::string>& recorded);

/// "depot:collection/dataset" or the path: what stays the same when acl or name in the manifest change.
std::string DatasetName(const manifest::Address& address);

/// One sentence on each thing that the checkpoint's batches did otherwise than this job does: what it reads,
/// what it writes, how a step computes. Nothing is said of what was not recorded.
struct Changes {
  bool sources = false;  ///< among them: the logged offsets are of something else
  std::vector<std::string> sentences;
};
Changes ChangesOf(const JobIdentity& now, const std::map<std::string, std::string>& recorded);

}  // namespace flare::stream
