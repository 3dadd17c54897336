#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/database.h"
#include "lake/table_scan.h"
#include "verify/batches.h"

namespace flare::verify {

/// What lies of one partition in some files.
struct Held {
  int64_t rows = 0, distinct = 0, first = 0, last = 0;  ///< distinct, first and last of the offsets
};

/// The data files of a table, by what their names tell.
struct NamedFiles {
  std::map<int64_t, std::vector<std::string>> by_batch;      ///< of the query
  std::map<int64_t, std::set<std::string>> attempts;         ///< ours name the attempt at the batch, too
  std::vector<std::string> others;                           ///< of other writers, or rewritten since
  std::map<std::string, int> repeated;                       ///< listed that many times, where more than once

  std::vector<std::string> mine() const;
};

/// Sorts the paths of a scan; each is in one of the lists once.
NamedFiles SortFiles(const std::vector<std::string>& paths, const std::string& query_id);

/// Counts Kafka's records in a table's files, where it has columns for topic, partition and offset.
/// Threads: one caller at a time.
class RowCounter {
 public:
  /// nullopt when the table has no such columns.
  static std::optional<RowCounter> For(const lake::TableScan& scan, engine::Connection& connection);

  /// Errors: what reading the files gives.
  Result<std::map<Partition, Held>> Count(const std::vector<std::string>& paths);
  /// Records that are in files of both lists: `rows` of them, all distinct.
  Result<std::map<Partition, Held>> CountShared(const std::vector<std::string>& some,
                                                const std::vector<std::string>& others);

 private:
  RowCounter(const lake::TableScan& scan, engine::Connection& connection, size_t topic, size_t partition, size_t offset)
      : scan_(scan), connection_(connection), topic_(topic), partition_(partition), offset_(offset) {}
  std::string Records(const std::vector<std::string>& paths) const;
  Result<std::map<Partition, Held>> CountRecords(const std::string& relation);

  const lake::TableScan& scan_;
  engine::Connection& connection_;
  size_t topic_, partition_, offset_;  ///< positions of the columns
};

}  // namespace flare::verify
