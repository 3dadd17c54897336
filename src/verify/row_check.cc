#include "verify/row_check.h"

#include <strings.h>

#include <charconv>

#include "lake/table_scan.h"

namespace flare::verify {
namespace {

/// What lies in the table of one partition and one batch.
struct Held {
  int64_t rows = 0, distinct = 0, first = 0, last = 0;
};
/// By partition, then by batch.
using Holdings = std::map<Partition, std::map<int64_t, Held>>;

int64_t ToLong(const std::optional<std::string>& text) {
  int64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

/// The position of a column of that name and type; nullopt when there is none.
std::optional<size_t> Column(const sql::Schema& schema, const char* name, std::initializer_list<sql::TypeId> types) {
  for (size_t i = 0; i < schema.size(); ++i) {
    if (::strcasecmp(schema[i].name.c_str(), name) != 0) continue;
    for (sql::TypeId type : types) {
      if (schema[i].type.id() == type) return i;
    }
  }
  return std::nullopt;
}

struct Columns {
  size_t topic, partition, offset;
};

std::optional<Columns> FindColumns(const sql::Schema& schema) {
  auto topic = Column(schema, "topic", {sql::TypeId::kString});
  auto partition = Column(schema, "partition", {sql::TypeId::kInt, sql::TypeId::kLong});
  auto offset = Column(schema, "offset", {sql::TypeId::kLong});
  if (!topic || !partition || !offset) return std::nullopt;
  return Columns{*topic, *partition, *offset};
}

class RowCheck {
 public:
  RowCheck(const std::string& subject, const Logs& logs, Report* report)
      : subject_(subject), logs_(logs), report_(report) {}

  Status Run(const lake::TableScan& scan, engine::Connection& connection) {
    auto columns = FindColumns(scan.schema);
    if (!columns) {
      Add(Verdict::kUnproven, "its rows: it has no columns topic, partition and offset");
      return Ok();
    }
    std::vector<std::string> mine;
    for (const auto& path : scan.paths) {
      if (path.find(logs_.query_id + "-") != std::string::npos) mine.push_back(path);
    }
    if (size_t others = scan.paths.size() - mine.size(); others > 0) {
      Add(Verdict::kNote, fmt::format("{} data files are of other writers or were rewritten since; their rows tell nothing of "
                                      "this query", others));
    }
    if (mine.empty()) return Ok();
    RETURN_IF_ERROR(Count(scan, *columns, mine, connection));
    CheckRepeats();
    CheckRanges();
    CheckComplete();
    return Ok();
  }

 private:
  void Add(Verdict verdict, std::string text) { report_->Add(verdict, subject_, std::move(text)); }

  Status Count(const lake::TableScan& scan, const Columns& columns, const std::vector<std::string>& mine,
               engine::Connection& connection) {
    // A file at a time has its batch in its name; they are grouped by it so that each batch is one statement's group.
    std::map<int64_t, std::vector<std::string>> by_batch;
    for (const auto& path : mine) {
      auto at = path.rfind(logs_.query_id + "-") + logs_.query_id.size() + 1;
      int64_t batch = -1;
      std::from_chars(path.data() + at, path.data() + path.size(), batch);
      by_batch[batch].push_back(path);
    }
    for (const auto& [batch, paths] : by_batch) {
      std::string list;
      for (const auto& path : paths) list += (list.empty() ? "" : ", ") + engine::QuoteLiteral(path);
      std::string sql = fmt::format(
          "SELECT c{0}, c{1}, count(*), count(DISTINCT c{2}), min(c{2}), max(c{2}) FROM ({3}) WHERE c{2} IS NOT NULL GROUP BY "
          "c{0}, c{1}",
          columns.topic, columns.partition, columns.offset, scan.SelectFrom(paths));
      ASSIGN_OR_RETURN(auto found, connection.Query(sql));
      for (const auto& row : found.rows) {
        Partition partition{row[0].value_or(""), ToLong(row[1])};
        held_[partition][batch] = {ToLong(row[2]), ToLong(row[3]), ToLong(row[4]), ToLong(row[5])};
      }
    }
    return Ok();
  }

  void CheckRepeats() {
    int64_t rows = 0;
    bool apart = true;
    for (const auto& [partition, batches] : held_) {
      const Held* before = nullptr;
      int64_t before_id = 0;
      for (const auto& [batch, held] : batches) {
        rows += held.rows;
        if (held.rows != held.distinct) {
          apart = false;
          Add(Verdict::kUnproven,
              fmt::format("whether batch {} has each record of {} once: {} of its {} rows repeat an offset, which a step that "
                          "makes several rows of one record does",
                          batch, NameOf(partition), held.rows - held.distinct, held.rows));
        }
        if (before != nullptr && held.first <= before->last) {
          apart = false;
          Add(Verdict::kContradicted, fmt::format("records of {} are there twice: batch {} reaches offset {}, batch {} has offset {}",
                                                  NameOf(partition), before_id, before->last, batch, held.first));
        }
        before = &held;
        before_id = batch;
      }
    }
    if (apart) Add(Verdict::kProven, fmt::format("no record is there twice: {} rows, each offset once", rows));
  }

  /// The first offset and the end that a batch covers of a partition; nullopt where the logs do not say.
  std::optional<std::pair<int64_t, int64_t>> RangeOf(const BatchRange& batch, const Partition& partition) const {
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
      return std::pair(first == start->end() ? 0 : first->second, end->at(partition));  // a new partition is read from 0
    }
    return std::nullopt;
  }

  void CheckRanges() {
    size_t inside = 0;
    bool good = true;
    for (const auto& [partition, batches] : held_) {
      for (const auto& [id, held] : batches) {
        const BatchRange* batch = logs_.Find(id);
        auto range = batch != nullptr ? RangeOf(*batch, partition) : std::nullopt;
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
    for (const BatchRange& batch : logs_.batches) {
      if (!batch.committed || !batch.start_known) continue;
      ++batches;
      for (const auto& end : batch.end) {
        auto ends = end ? ParseKafkaOffsets(*end) : std::nullopt;
        if (!ends) continue;
        for (const auto& [partition, unused] : *ends) {
          auto range = RangeOf(batch, partition);
          if (!range) continue;
          offsets += range->second - range->first;
          auto there = held_.find(partition);
          if (there == held_.end()) continue;
          auto held = there->second.find(batch.id);
          if (held != there->second.end()) rows += held->second.distinct;
        }
      }
    }
    if (offsets == 0) return;
    if (rows == offsets) {
      Add(Verdict::kProven, fmt::format("no record is missing: all {} offsets of the {} logged batches have a row", offsets, batches));
    } else {
      Add(Verdict::kUnproven,
          fmt::format("whether a record is missing: {} of the {} offsets of the logged batches have no row, which filters, "
                      "compaction of the topic, transactions and rewritten files do",
                      offsets - rows, offsets));
    }
  }

  const std::string& subject_;
  const Logs& logs_;
  Report* report_;
  Holdings held_;
};

}  // namespace

Status CheckRows(const lake::Table& table, const std::string& branch, const std::string& subject, const Logs& logs,
                 io::FileSystem& files, engine::Connection& connection, Report* report) {
  auto scan = lake::TableScanSql(table, &files, std::nullopt, branch);
  if (!scan) {
    report->Add(Verdict::kUnproven, subject, fmt::format("its rows: {}", scan.error().message()));
    return Ok();
  }
  return RowCheck(subject, logs, report).Run(*scan, connection);
}

}  // namespace flare::verify
