#include "verify/standing.h"

#include <nlohmann/json.hpp>

#include "connector/iceberg/epoch.h"

namespace flare::verify {
namespace {

using connector::iceberg::kEndOffsetsKey;
using connector::iceberg::kQueryIdKey;

/// The newest batch of the query in a table.
struct Newest {
  const JobTable* table = nullptr;
  int64_t epoch = -1;
  lake::Snapshot snapshot;
};

Result<std::optional<Newest>> NewestOf(const JobTable& table, const std::string& query_id) {
  auto at = table.metadata.Head(table.branch);
  while (at && table.metadata.HasSnapshot(*at)) {
    ASSIGN_OR_RETURN(lake::Snapshot snapshot, table.metadata.FindSnapshot(*at));
    at = snapshot.parent_id;
    auto query = snapshot.summary.find(kQueryIdKey);
    if (query == snapshot.summary.end()) continue;
    // Without its metadata file a checkpoint does not know its query: the newest batch of ours counts.
    if (query_id.empty() && !snapshot.summary.contains(kEndOffsetsKey)) continue;
    auto epoch = connector::iceberg::EpochOf(snapshot, query_id.empty() ? query->second : query_id);
    if (!epoch) continue;
    return std::optional(Newest{&table, *epoch, std::move(snapshot)});
  }
  return std::optional<Newest>();
}

Result<std::vector<std::optional<std::string>>> SplitOffsets(const std::string& text, const std::string& table) {
  auto list = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!list.is_array()) return Corruption("the newest batch in {} has offsets that cannot be read: {}", table, text);
  std::vector<std::optional<std::string>> offsets;
  for (const auto& one : list) {
    offsets.push_back(one.is_null() ? std::nullopt : std::optional<std::string>(one.dump()));
  }
  return offsets;
}

Result<Standing> ByLogs(const Logs& logs) {
  if (!logs.batches.empty() && !logs.batches.back().committed) {
    return Conflict("whether batch {} was written cannot be told: the logs call it unfinished, and no table has a mark of this "
                    "query. Finish it first, by a run with --assume-committed {} or --replay {}",
                    logs.batches.back().id, logs.batches.back().id, logs.batches.back().id);
  }
  const BatchRange* last = logs.last_committed();
  if (last == nullptr) return NotFound("nothing was ever committed, so there is no position to keep");
  return Standing{last->end, fmt::format("commits/{}", last->id)};
}

}  // namespace

Result<Standing> StandingOf(const Logs& logs, const std::vector<JobTable>& tables) {
  std::vector<Newest> newest;
  std::vector<std::string> without;
  for (const JobTable& table : tables) {
    ASSIGN_OR_RETURN(auto found, NewestOf(table, logs.query_id));
    if (found) {
      newest.push_back(std::move(*found));
    } else {
      without.push_back(table.name);
    }
  }
  if (newest.empty()) return ByLogs(logs);
  for (const auto& one : newest) {
    if (without.empty() && one.epoch == newest.front().epoch) continue;
    return Conflict("the job's tables stand at different batches ({} at {}, {}): run the job once so that it finishes its batch, "
                    "then reset", newest.front().table->name, newest.front().epoch,
                    without.empty() ? fmt::format("{} at {}", one.table->name, one.epoch)
                                    : fmt::format("{} has none", fmt::join(without, ", ")));
  }
  const Newest& at = newest.front();
  if (const BatchRange* last = logs.last_committed(); last != nullptr && last->id > at.epoch) {
    return Conflict("the checkpoint calls batch {} committed, but {} holds batches up to {} only; put the table back, or reset "
                    "without keeping the position", last->id, at.table->name, at.epoch);
  }
  auto stored = at.snapshot.summary.find(kEndOffsetsKey);
  if (stored != at.snapshot.summary.end()) {
    ASSIGN_OR_RETURN(auto offsets, SplitOffsets(stored->second, at.table->name));
    return Standing{std::move(offsets), fmt::format("snapshot {} of {}, which is batch {}", at.snapshot.id, at.table->name, at.epoch)};
  }
  const BatchRange* batch = logs.Find(at.epoch);
  if (batch == nullptr) {
    return Conflict("{} ends with batch {}, whose snapshot carries no offsets, and offsets/{} is not there to tell them",
                    at.table->name, at.epoch, at.epoch);
  }
  return Standing{batch->end, fmt::format("offsets/{}, which {} holds", batch->id, at.table->name)};
}

}  // namespace flare::verify
