#include "lake/retention.h"

#include <unordered_map>

#include "lake/table_properties.h"

namespace flare::lake {
namespace {

class Planner {
 public:
  Planner(const TableMetadata& table, const RetentionRequest& request, int64_t now_ms)
      : table_(table), request_(request), now_ms_(now_ms) {}

  Result<Retention> Plan() {
    ASSIGN_OR_RETURN(properties_, ParseRetentionProperties(table_.properties()));
    if (!properties_.gc_enabled) {
      return Unsupported("the table property gc.enabled is false: its files may belong to another table as well, so nothing "
                         "is expired or removed. Set it to true if this table alone owns its files");
    }
    ASSIGN_OR_RETURN(std::vector<Snapshot> snapshots, table_.Snapshots());
    for (Snapshot& snapshot : snapshots) snapshots_.emplace(snapshot.id, std::move(snapshot));
    ASSIGN_OR_RETURN(std::vector<SnapshotRef> refs, table_.Refs());
    for (const SnapshotRef& ref : refs) {
      if (ref.name == kMainBranch) main_ = Ancestors(ref.snapshot_id);
    }
    for (const SnapshotRef& ref : refs) KeepRef(ref);
    for (const auto& [id, snapshot] : snapshots_) {
      bool young = snapshot.timestamp_ms >= OlderThan();
      if (kept_.contains(id) || (young && !referenced_.contains(id))) continue;
      plan_.removed.insert(id);
    }
    return std::move(plan_);
  }

 private:
  int64_t OlderThan() const { return request_.older_than_ms.value_or(now_ms_ - properties_.max_snapshot_age_ms); }

  /// The head and what it came from, newest first, as far as the table still knows.
  std::vector<int64_t> Ancestors(int64_t head) const {
    std::vector<int64_t> all;
    std::set<int64_t> seen;
    for (std::optional<int64_t> at = head; at && seen.insert(*at).second;) {
      auto found = snapshots_.find(*at);
      if (found == snapshots_.end()) break;
      all.push_back(*at);
      at = found->second.parent_id;
    }
    return all;
  }

  std::optional<std::string> WriterOf(int64_t id) const {
    const Properties& summary = snapshots_.at(id).summary;
    for (const WriterKeys& keys : request_.writers) {
      auto writer = summary.find(keys.id);
      if (writer == summary.end() || !summary.contains(keys.progress)) continue;
      if (!request_.forgotten_writers.contains(writer->second)) return writer->second;
    }
    return std::nullopt;
  }

  /// How many of a branch's snapshots the settings ask for.
  size_t Asked(const SnapshotRef& ref, const std::vector<int64_t>& ancestors) const {
    int64_t older_than = ref.max_snapshot_age_ms ? now_ms_ - *ref.max_snapshot_age_ms : OlderThan();
    int least = ref.min_snapshots_to_keep.value_or(request_.retain_last.value_or(properties_.min_snapshots_to_keep));
    size_t count = 0;
    while (count < ancestors.size() && (count < static_cast<size_t>(std::max(1, least)) ||
                                        snapshots_.at(ancestors[count]).timestamp_ms >= older_than)) {
      ++count;
    }
    return count;
  }

  /// How many have to be kept so that every writer finds its newest mark; the oldest such mark.
  size_t Needed(const SnapshotRef& ref, const std::vector<int64_t>& ancestors, HeldBack* oldest) const {
    std::set<std::string> found;
    size_t count = 0;
    const std::set<int64_t> on_main(main_.begin(), main_.end());
    for (size_t i = 0; i < ancestors.size(); ++i) {
      // What a branch shares with main was written to main, where it is kept.
      if (ref.name != kMainBranch && on_main.contains(ancestors[i])) break;
      auto writer = WriterOf(ancestors[i]);
      if (!writer || !found.insert(*writer).second) continue;
      count = i + 1;
      *oldest = {*writer, ref.name, ancestors[i], 0};
    }
    return count;
  }

  bool TooOld(const SnapshotRef& ref) const {
    auto head = snapshots_.find(ref.snapshot_id);
    if (head == snapshots_.end()) return true;  // it points at nothing
    auto max_age = ref.max_ref_age_ms ? ref.max_ref_age_ms : properties_.max_ref_age_ms;
    return max_age && now_ms_ - head->second.timestamp_ms > *max_age;
  }

  void KeepRef(const SnapshotRef& ref) {
    std::vector<int64_t> ancestors = Ancestors(ref.snapshot_id);
    HeldBack held;
    size_t needed = ref.is_tag ? 0 : Needed(ref, ancestors, &held);
    bool gone = ref.name != kMainBranch && TooOld(ref);
    if (gone && needed == 0) {
      plan_.removed_refs.push_back(ref.name);
      return;
    }
    // Every snapshot behind a ref is its to keep or let go, however young.
    if (!ref.is_tag) referenced_.insert(ancestors.begin(), ancestors.end());
    size_t asked = ref.is_tag ? 1 : Asked(ref, ancestors);
    if (gone || needed > asked) {
      held.snapshots = needed > asked ? static_cast<int64_t>(needed - asked) : 0;
      plan_.held.push_back(held);
    }
    size_t count = std::min(ancestors.size(), std::max(asked, needed));
    kept_.insert(ancestors.begin(), ancestors.begin() + static_cast<std::ptrdiff_t>(count));
  }

  const TableMetadata& table_;
  const RetentionRequest& request_;
  int64_t now_ms_;
  RetentionProperties properties_;
  std::unordered_map<int64_t, Snapshot> snapshots_;
  std::vector<int64_t> main_;
  std::set<int64_t> kept_, referenced_;
  Retention plan_;
};

}  // namespace

Result<Retention> PlanRetention(const TableMetadata& table, const RetentionRequest& request, int64_t now_ms) {
  return Planner(table, request, now_ms).Plan();
}

}  // namespace flare::lake
