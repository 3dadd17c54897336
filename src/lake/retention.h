#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/table_metadata.h"

namespace flare::lake {

/// Keys of snapshot summaries by which some kind of writer knows its own commits again: who it is, and how
/// far it is. A snapshot that has both is a mark of that writer.
struct WriterKeys {
  std::string id;
  std::string progress;
};

/// What is asked for beyond the table's own properties and the settings of its branches and tags.
struct RetentionRequest {
  std::optional<int64_t> older_than_ms;    ///< time since the epoch, instead of history.expire.max-snapshot-age-ms
  std::optional<int> retain_last;          ///< instead of history.expire.min-snapshots-to-keep
  std::vector<WriterKeys> writers;         ///< whose newest mark is kept on every branch, with all after it
  std::set<std::string> forgotten_writers; ///< except of these
};

/// Snapshots that are kept only because a writer must find its newest mark by going back from the head.
struct HeldBack {
  std::string writer, branch;
  int64_t snapshot_id = 0;  ///< the mark
  int64_t snapshots = 0;    ///< how many more than the rules ask for; 0 where the branch itself would be gone
};

struct Retention {
  std::set<int64_t> removed;
  std::vector<std::string> removed_refs;
  std::vector<HeldBack> held;
};

/// Which snapshots and refs Iceberg's rules let go: a branch keeps its newest snapshots, back to the first
/// that is both old and more than enough; main is never removed, other refs by their age; snapshots that no
/// branch leads to are kept while they are young. On top of it no writer loses its newest mark on a branch,
/// nor the way to it. Errors: InvalidArgument (bad properties), Unsupported (gc.enabled is false), Corruption.
Result<Retention> PlanRetention(const TableMetadata& table, const RetentionRequest& request, int64_t now_ms);

}  // namespace flare::lake
