#include "verify/row_check.h"

#include <algorithm>

#include "io/file_system.h"
#include "lake/table_scan.h"
#include "verify/held_rows.h"

namespace flare::verify {
namespace {

/// By partition, then by batch.
using Holdings = std::map<Partition, std::map<int64_t, Held>>;
/// The first offset and the end.
using Range = std::pair<int64_t, int64_t>;

class RowCheck {
 public:
  RowCheck(const std::string& subject, const Logs& logs, Report* report)
      : subject_(subject), logs_(logs), report_(report) {}

  Status Run(const lake::TableScan& scan, io::FileSystem& files, engine::Connection& connection) {
    auto counter = RowCounter::For(scan, connection);
    if (!counter) {
      Add(Verdict::kUnproven, "its rows: it has no columns topic, partition and offset");
      return Ok();
    }
    if (logs_.query_id.empty()) {
      Add(Verdict::kUnproven, "its rows: without the query's id nothing tells which files are its own");
      return Ok();
    }
    ASSIGN_OR_RETURN(auto there, FilesThatAreThere(scan.paths, files));
    files_ = SortFiles(there, logs_.query_id);
    RETURN_IF_ERROR(Count(&*counter));
    CheckFiles();
    CheckRepeats();
    CheckShared();
    if (apart_ && rows_ > 0) {
      Add(Verdict::kProven, fmt::format("no record is there twice: {} rows, each offset once", rows_));
    }
    CheckRanges();
    CheckComplete();
    return Ok();
  }

 private:
  void Add(Verdict verdict, std::string text) { report_->Add(verdict, subject_, std::move(text)); }

  Result<std::vector<std::string>> FilesThatAreThere(const std::vector<std::string>& paths, io::FileSystem& files) {
    std::vector<std::string> there, gone;
    for (const auto& path : paths) {
      ASSIGN_OR_RETURN(bool exists, files.Exists(path));
      (exists ? there : gone).push_back(path);
    }
    if (!gone.empty()) {
      Add(Verdict::kContradicted, fmt::format("its data files are not all there: {} of {} are gone, the first is {}", gone.size(),
                                              paths.size(), gone.front()));
    }
    return there;
  }

  Status Count(RowCounter* counter) {
    for (const auto& [batch, paths] : files_.by_batch) {
      ASSIGN_OR_RETURN(auto found, counter->Count(paths));
      for (const auto& [partition, held] : found) held_[partition][batch] = held;
    }
    if (files_.others.empty()) return Ok();
    ASSIGN_OR_RETURN(others_, counter->Count(files_.others));
    bool near = std::any_of(others_.begin(), others_.end(), [&](const auto& other) {
      auto mine = held_.find(other.first);
      if (mine == held_.end()) return false;
      return std::any_of(mine->second.begin(), mine->second.end(), [&](const auto& batch) {
        return batch.second.first <= other.second.last && other.second.first <= batch.second.last;
      });
    });
    if (near) {
      ASSIGN_OR_RETURN(shared_, counter->CountShared(files_.mine(), files_.others));
    }
    return Ok();
  }

  void CheckFiles() {
    for (const auto& [path, times] : files_.repeated) {
      apart_ = false;
      Add(Verdict::kContradicted,
          fmt::format("records are there {} times: the data file {} was added again and again", times, path));
    }
    for (const auto& [batch, attempts] : files_.attempts) {
      if (attempts.size() < 2) continue;
      apart_ = false;
      Add(Verdict::kContradicted, fmt::format("records are there twice: batch {} is in it from {} attempts, of which one "
                                              "alone was to be committed", batch, attempts.size()));
    }
    if (!files_.others.empty()) {
      Add(Verdict::kNote, fmt::format("{} data files are of other writers or were rewritten since: which batch their rows "
                                      "belong to cannot be told", files_.others.size()));
    }
  }

  void CheckRepeats() {
    for (const auto& [partition, batches] : held_) {
      const Held* reach = nullptr;
      int64_t reach_id = 0;
      for (const auto& [batch, held] : batches) {
        rows_ += held.rows;
        TellRepeats(held, partition, fmt::format("batch {} has", batch));
        if (reach != nullptr && held.first <= reach->last) {
          apart_ = false;
          Add(Verdict::kContradicted, fmt::format("records of {} are there twice: batch {} reaches offset {}, batch {} has offset {}",
                                                  NameOf(partition), reach_id, reach->last, batch, held.first));
        }
        if (reach != nullptr && held.last <= reach->last) continue;
        reach = &held;
        reach_id = batch;
      }
    }
    for (const auto& [partition, held] : others_) {
      rows_ += held.rows;
      TellRepeats(held, partition, "files of other writers have");
    }
  }

  void TellRepeats(const Held& held, const Partition& partition, const std::string& who) {
    if (held.rows == held.distinct) return;
    apart_ = false;
    Add(Verdict::kUnproven, fmt::format("whether {} each record of {} once: {} of the {} rows repeat an offset, which a step "
                                        "that makes several rows of one record does",
                                        who, NameOf(partition), held.rows - held.distinct, held.rows));
  }

  void CheckShared() {
    for (const auto& [partition, held] : shared_) {
      apart_ = false;
      Add(Verdict::kUnproven,
          fmt::format("whether each record of {} is there once: {} records, offsets {} to {}, are in files of this query and "
                      "in files of another writer as well; if that writer was not meant to add them, they are there twice",
                      NameOf(partition), held.distinct, held.first, held.last));
    }
  }

  /// What a batch covers of a partition; nullopt where the logs do not say.
  std::optional<Range> RangeOf(const BatchRange& batch, const Partition& partition) const {
    for (size_t i = 0; i < batch.end.size(); ++i) {
      if (!batch.end[i]) continue;
      auto end = ParseKafkaOffsets(*batch.end[i]);
      if (!end || !end->contains(partition)) continue;
      if (!batch.start_known) return std::nullopt;
      std::optional<KafkaOffsets> start;
      if (batch.start[i]) {
        start = ParseKafkaOffsets(*batch.start[i]);
      } else if (i < logs_.initial.size()) {
        start = logs_.initial[i];
      }
      if (!start) return std::nullopt;
      auto first = start->find(partition);
      return Range(first == start->end() ? 0 : first->second, end->at(partition));  // a new partition is read from 0
    }
    return std::nullopt;
  }

  /// Whether the logs can say that the batch does not read this partition; `topic` = though it reads its topic.
  static bool LacksPartition(const BatchRange& batch, const Partition& partition, bool* topic) {
    *topic = false;
    for (const auto& end : batch.end) {
      auto ends = end ? ParseKafkaOffsets(*end) : std::nullopt;
      if (end && !ends) return false;  // not Kafka's
      if (!ends) continue;
      if (ends->contains(partition)) return false;
      *topic = *topic || std::any_of(ends->begin(), ends->end(),
                                     [&](const auto& one) { return one.first.first == partition.first; });
    }
    return true;
  }

  void CheckRanges() {
    size_t inside = 0;
    bool good = true;
    for (const auto& [partition, batches] : held_) {
      for (const auto& [id, held] : batches) {
        const BatchRange* batch = logs_.Find(id);
        if (batch == nullptr) continue;
        bool of_its_topic = false;
        if (LacksPartition(*batch, partition, &of_its_topic)) {
          good = false;
          Add(of_its_topic ? Verdict::kContradicted : Verdict::kUnproven,
              fmt::format("{}batch {} has {} rows of {}, which is not among what was logged for it{}",
                          of_its_topic ? "" : "whether its rows lie in their batches' ranges: ", id, held.rows,
                          NameOf(partition), of_its_topic ? "" : "; a step may have changed its name"));
          continue;
        }
        auto range = RangeOf(*batch, partition);
        if (!range) continue;
        if (held.first >= range->first && held.last < range->second) {
          ++inside;
          continue;
        }
        good = false;
        Add(Verdict::kContradicted, fmt::format("batch {} has offsets {} to {} of {}, outside its range {} to {}", id, held.first,
                                                held.last, NameOf(partition), range->first, range->second - 1));
      }
    }
    if (good && inside > 0) Add(Verdict::kProven, "every row of a logged batch lies in that batch's range");
  }

  void CheckComplete() {
    int64_t offsets = 0, rows = 0, batches = 0;
    std::map<Partition, Range> covered;
    std::string first_gap;
    for (const BatchRange& batch : logs_.batches) {
      if (!batch.committed || !batch.start_known) continue;
      ++batches;
      for (const auto& end : batch.end) {
        auto ends = end ? ParseKafkaOffsets(*end) : std::nullopt;
        if (!ends) continue;
        for (const auto& [partition, unused] : *ends) {
          auto range = RangeOf(batch, partition);
          if (!range) continue;
          int64_t wanted = range->second - range->first, found = RowsOf(partition, batch.id);
          offsets += wanted;
          rows += found;
          covered.try_emplace(partition, *range).first->second.second = range->second;
          if (found == wanted || !first_gap.empty()) continue;
          first_gap = fmt::format("batch {} has {} of its {} of {}", batch.id, found, wanted, NameOf(partition));
        }
      }
    }
    if (offsets == 0) return;
    rows += RowsOfOthers(covered);
    if (rows == offsets) {
      Add(Verdict::kProven, fmt::format("no record is missing: all {} offsets of the {} logged batches have a row", offsets, batches));
    } else {
      Add(Verdict::kUnproven,
          fmt::format("whether a record is missing: {} of the {} offsets of the logged batches have no row, which filters, "
                      "compaction of the topic, transactions and deletes do{}",
                      offsets - rows, offsets, others_.empty() ? " (" + first_gap + ")" : ""));
    }
  }

  int64_t RowsOf(const Partition& partition, int64_t batch) const {
    auto there = held_.find(partition);
    if (there == held_.end()) return 0;
    auto held = there->second.find(batch);
    return held == there->second.end() ? 0 : held->second.distinct;
  }

  /// Offsets that other files alone have, of partitions where all of them lie in what was logged.
  int64_t RowsOfOthers(const std::map<Partition, Range>& covered) const {
    int64_t rows = 0;
    for (const auto& [partition, held] : others_) {
      auto range = covered.find(partition);
      if (range == covered.end() || held.first < range->second.first || held.last >= range->second.second) continue;
      auto twice = shared_.find(partition);
      rows += held.distinct - (twice == shared_.end() ? 0 : twice->second.distinct);
    }
    return rows;
  }

  const std::string& subject_;
  const Logs& logs_;
  Report* report_;
  NamedFiles files_;
  Holdings held_;
  std::map<Partition, Held> others_, shared_;
  int64_t rows_ = 0;
  bool apart_ = true;  ///< no record was found twice
};

}  // namespace

Status CheckRows(const lake::Table& table, const std::string& branch, const std::string& subject, const Logs& logs,
                 io::FileSystem& files, engine::Connection& connection, Report* report) {
  auto scan = lake::TableScanSql(table, &files, std::nullopt, branch);
  if (!scan) {
    report->Add(Verdict::kUnproven, subject, fmt::format("its rows: {}", scan.error().message()));
    return Ok();
  }
  return RowCheck(subject, logs, report).Run(*scan, files, connection);
}

}  // namespace flare::verify
