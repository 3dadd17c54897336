#include "verify/table_check.h"

#include <algorithm>

#include "connector/iceberg/epoch.h"
#include "connector/offset_list.h"

namespace flare::verify {
namespace {

using connector::iceberg::kEndOffsetsKey;
using connector::iceberg::kStartOffsetsKey;

std::string ValueOf(const lake::Properties& map, const std::string& key) {
  auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

/// "3, 4, 5 and 12 more".
std::string Listed(const std::vector<int64_t>& ids) {
  size_t shown = std::min<size_t>(ids.size(), 5);
  std::string text = fmt::format("{}", fmt::join(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return ids.size() > shown ? text + fmt::format(" and {} more", ids.size() - shown) : text;
}

class TableCheck {
 public:
  TableCheck(const std::string& subject, const Logs& logs, Report* report)
      : subject_(subject), logs_(logs), report_(report) {}

  Status Run(const lake::TableMetadata& table, const std::string& branch) {
    if (logs_.query_id.empty()) {
      Add(Verdict::kUnproven, "its batches: without the query's id nothing tells which are its own");
      return Ok();
    }
    RETURN_IF_ERROR(Walk(table, branch));
    CheckOrder();
    CheckOffsets();
    CheckCommitted();
    CheckAhead();
    return Ok();
  }

 private:
  void Add(Verdict verdict, std::string text) { report_->Add(verdict, subject_, std::move(text)); }

  Status Walk(const lake::TableMetadata& table, const std::string& branch) {
    auto at = table.Head(branch);
    while (at) {
      if (!table.HasSnapshot(*at)) {
        cut_ = true;
        break;
      }
      ASSIGN_OR_RETURN(lake::Snapshot snapshot, table.FindSnapshot(*at));
      at = snapshot.parent_id;
      auto epoch = connector::iceberg::EpochOf(snapshot, logs_.query_id);
      if (!epoch) {
        ++foreign_;
        continue;
      }
      marks_.emplace_back(*epoch, std::move(snapshot));
    }
    std::reverse(marks_.begin(), marks_.end());
    if (foreign_ > 0) Add(Verdict::kNote, fmt::format("{} snapshots are of other writers", foreign_));
    if (cut_) Add(Verdict::kNote, "older snapshots were expired");
    return Ok();
  }

  void CheckOrder() {
    bool straight = true;
    for (size_t i = 1; i < marks_.size(); ++i) {
      int64_t before = marks_[i - 1].first, epoch = marks_[i].first;
      if (epoch == before) {
        Add(Verdict::kContradicted, fmt::format("batch {} was committed twice: snapshots {} and {}", epoch,
                                                marks_[i - 1].second.id, marks_[i].second.id));
        straight = false;
      } else if (epoch < before) {
        Add(Verdict::kContradicted, fmt::format("batch {} was committed behind batch {}", epoch, before));
        straight = false;
      }
    }
    if (straight && !marks_.empty()) {
      Add(Verdict::kProven, fmt::format("its history has each batch of the query at most once: {} to {}",
                                        marks_.front().first, marks_.back().first));
    }
  }

  void CheckOffsets() {
    size_t equal = 0;
    std::vector<int64_t> silent;
    for (const auto& [epoch, snapshot] : marks_) {
      const BatchRange* batch = logs_.Find(epoch);
      if (batch == nullptr) continue;
      if (!snapshot.summary.contains(kEndOffsetsKey)) {
        silent.push_back(epoch);
        continue;
      }
      bool same = ValueOf(snapshot.summary, kEndOffsetsKey) == connector::JoinOffsets(batch->end) &&
                  (!batch->start_known || ValueOf(snapshot.summary, kStartOffsetsKey) == connector::JoinOffsets(batch->start));
      if (same) {
        ++equal;
        continue;
      }
      Add(Verdict::kContradicted,
          fmt::format("batch {} covers {} to {} in the table, but {} to {} in the checkpoint", epoch,
                      ValueOf(snapshot.summary, kStartOffsetsKey), ValueOf(snapshot.summary, kEndOffsetsKey),
                      batch->start_known ? connector::JoinOffsets(batch->start) : "?", connector::JoinOffsets(batch->end)));
    }
    if (equal > 0) Add(Verdict::kProven, fmt::format("{} batches cover the offsets that were logged for them", equal));
    if (!silent.empty()) {
      Add(Verdict::kUnproven, fmt::format("which offsets the batches {} cover: their snapshots carry none (written by Spark)",
                                          Listed(silent)));
    }
  }

  bool HasMark(int64_t epoch) const {
    return std::any_of(marks_.begin(), marks_.end(), [&](const auto& mark) { return mark.first == epoch; });
  }

  void CheckCommitted() {
    std::vector<int64_t> missing, expired, unmarked;
    size_t found = 0;
    for (const BatchRange& batch : logs_.batches) {
      if (!batch.committed) continue;
      if (HasMark(batch.id)) {
        ++found;
      } else if (!batch.by_flare) {
        unmarked.push_back(batch.id);
      } else if (cut_ && (marks_.empty() || batch.id < marks_.front().first)) {
        expired.push_back(batch.id);
      } else {
        missing.push_back(batch.id);
      }
    }
    if (found > 0) Add(Verdict::kProven, fmt::format("{} batches that the checkpoint calls committed are there", found));
    if (!expired.empty()) {
      Add(Verdict::kUnproven, fmt::format("whether the batches {} are there: their snapshots were expired", Listed(expired)));
    }
    if (!unmarked.empty()) {
      Add(Verdict::kUnproven, fmt::format("whether the batches {} are there: Spark wrote them and left no mark (foreachBatch)",
                                          Listed(unmarked)));
    }
    if (!missing.empty()) {
      Add(Verdict::kContradicted,
          fmt::format("the checkpoint calls the batches {} committed, but they are not in its history", Listed(missing)));
    }
  }

  void CheckAhead() {
    if (marks_.empty() || logs_.batches.empty()) return;
    int64_t newest = marks_.back().first, logged = logs_.batches.back().id;
    if (newest > logged) {
      Add(Verdict::kContradicted,
          fmt::format("it holds batch {}, but the checkpoint only knows batches up to {}: it was restored from a backup, or "
                      "another run is ahead",
                      newest, logged));
    } else if (!logs_.batches.back().committed) {
      Add(Verdict::kNote, fmt::format("the unfinished batch {} is {}", logged,
                                      newest == logged ? "in it already; the next run only records that" : "not in it"));
    }
  }

  const std::string& subject_;
  const Logs& logs_;
  Report* report_;
  std::vector<std::pair<int64_t, lake::Snapshot>> marks_;  ///< of this query, oldest first
  size_t foreign_ = 0;
  bool cut_ = false;
};

}  // namespace

Status CheckTable(const lake::TableMetadata& table, const std::string& branch, const std::string& subject,
                  const Logs& logs, Report* report) {
  return TableCheck(subject, logs, report).Run(table, branch);
}

}  // namespace flare::verify
