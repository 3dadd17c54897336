#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/decide.h"
#include "plan/job_plan.h"

namespace flare::stream {

/// What a job reads and writes, as recorded with each batch under keys of our own in the offset log's conf.
/// Spark ignores them, and drops them when it goes on with the checkpoint.
struct JobIdentity {
  std::vector<std::string> sources;  ///< one a source, in order: "KafkaV2[Subscribe[orders]]"
  std::vector<std::string> outputs;  ///< one an output, in order: "lakehouse:stream/orders"

  void Record(std::map<std::string, std::string>& conf) const;
};

/// Whether a batch with this conf was logged by flare; Spark drops our keys when it goes on.
bool WrittenByFlare(const std::map<std::string, std::string>& recorded);

/// "depot:collection/dataset" or the path: what stays the same when acl or name in the manifest change.
std::string DatasetName(const manifest::Address& address);

/// InvalidArgument when the checkpoint was written by a job that reads or writes something else.
Status CheckSameJob(const JobIdentity& now, const std::map<std::string, std::string>& recorded,
                    const std::string& directory);

}  // namespace flare::stream
