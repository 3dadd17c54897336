#include "verify/held_rows.h"

#include <strings.h>

#include <charconv>

#include "io/file_system.h"

namespace flare::verify {
namespace {

constexpr size_t kUuidLength = 36;

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

/// Ours are called `<query>-<batch>-<attempt>-...`, Spark's `...-<query>-<batch>-...`.
struct FileName {
  int64_t batch = 0;
  std::string attempt;  ///< "" in Spark's
};

std::optional<FileName> ParseName(const std::string& path, const std::string& query_id) {
  std::string name = io::BaseName(path);
  size_t at = name.find(query_id + "-");
  if (query_id.empty() || at == std::string::npos) return std::nullopt;
  const char* number = name.data() + at + query_id.size() + 1;
  FileName parsed;
  auto [end, error] = std::from_chars(number, name.data() + name.size(), parsed.batch);
  if (error != std::errc() || parsed.batch < 0 || *end != '-') return std::nullopt;
  if (at == 0) parsed.attempt = std::string(end + 1).substr(0, kUuidLength);
  return parsed;
}

}  // namespace

std::vector<std::string> NamedFiles::mine() const {
  std::vector<std::string> all;
  for (const auto& [batch, paths] : by_batch) all.insert(all.end(), paths.begin(), paths.end());
  return all;
}

NamedFiles SortFiles(const std::vector<std::string>& paths, const std::string& query_id) {
  NamedFiles files;
  std::map<std::string, int> times;
  for (const auto& path : paths) {
    int seen = ++times[path];
    if (seen > 1) files.repeated[path] = seen;
    if (seen > 1) continue;
    auto name = ParseName(path, query_id);
    if (!name) {
      files.others.push_back(path);
      continue;
    }
    files.by_batch[name->batch].push_back(path);
    if (!name->attempt.empty()) files.attempts[name->batch].insert(name->attempt);
  }
  return files;
}

std::optional<RowCounter> RowCounter::For(const lake::TableScan& scan, engine::Connection& connection) {
  auto topic = Column(scan.schema, "topic", {sql::TypeId::kString});
  auto partition = Column(scan.schema, "partition", {sql::TypeId::kInt, sql::TypeId::kLong});
  auto offset = Column(scan.schema, "offset", {sql::TypeId::kLong});
  if (!topic || !partition || !offset) return std::nullopt;
  return RowCounter(scan, connection, *topic, *partition, *offset);
}

std::string RowCounter::Records(const std::vector<std::string>& paths) const {
  return fmt::format("SELECT c{} AS t, c{} AS p, c{} AS o FROM ({}) WHERE o IS NOT NULL", topic_, partition_, offset_,
                     scan_.SelectFrom(paths));
}

Result<std::map<Partition, Held>> RowCounter::CountRecords(const std::string& relation) {
  ASSIGN_OR_RETURN(auto found, connection_.Query(fmt::format(
      "SELECT t, p, count(*), count(DISTINCT o), min(o), max(o) FROM ({}) GROUP BY t, p", relation)));
  std::map<Partition, Held> held;
  for (const auto& row : found.rows) {
    held[{row[0].value_or(""), ToLong(row[1])}] = {ToLong(row[2]), ToLong(row[3]), ToLong(row[4]), ToLong(row[5])};
  }
  return held;
}

Result<std::map<Partition, Held>> RowCounter::Count(const std::vector<std::string>& paths) {
  return CountRecords(Records(paths));
}

Result<std::map<Partition, Held>> RowCounter::CountShared(const std::vector<std::string>& some,
                                                          const std::vector<std::string>& others) {
  return CountRecords(fmt::format("({}) INTERSECT ({})", Records(some), Records(others)));
}

}  // namespace flare::verify
