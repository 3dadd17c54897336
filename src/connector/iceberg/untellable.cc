#include "connector/iceberg/untellable.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/fail_point.h"
#include "connector/iceberg/epoch.h"
#include "connector/iceberg/leftovers.h"

namespace flare::connector::iceberg {
namespace {

/// The batches of one query in a table's snapshots.
struct Span {
  int64_t first = 0, last = 0;
  std::optional<int64_t> first_kept;  ///< none: no snapshot of the query stays
};

Result<std::map<std::string, Span>> SpansOf(const lake::TableMetadata& metadata, const std::set<int64_t>& removed) {
  ASSIGN_OR_RETURN(std::vector<lake::Snapshot> snapshots, metadata.Snapshots());
  std::map<std::string, Span> spans;
  for (const lake::Snapshot& snapshot : snapshots) {
    auto query = snapshot.summary.find(kQueryIdKey);
    if (query == snapshot.summary.end()) continue;
    std::optional<int64_t> batch = EpochOf(snapshot, query->second);
    if (!batch) continue;
    auto [found, is_new] = spans.try_emplace(query->second, Span{*batch, *batch, std::nullopt});
    Span& span = found->second;
    span.first = std::min(span.first, *batch);
    span.last = std::max(span.last, *batch);
    if (!removed.contains(snapshot.id)) span.first_kept = std::min(span.first_kept.value_or(*batch), *batch);
  }
  return spans;
}

Status Remove(const lake::TableMetadata& metadata, const std::string& query, int64_t last_batch, io::FileSystem* files) {
  FAIL_POINT("lake.before_cleanup");
  ASSIGN_OR_RETURN(std::ignore, RemoveLeftovers(metadata, query, last_batch, files));
  FAIL_POINT("lake.after_cleanup");
  return Ok();
}

}  // namespace

Status RemoveUntellable(const lake::TableMetadata& metadata, const std::set<int64_t>& removed, io::FileSystem* files) {
  ASSIGN_OR_RETURN(auto spans, SpansOf(metadata, removed));
  for (const auto& [query, span] : spans) {
    int64_t last = span.first_kept ? *span.first_kept - 1 : span.last;
    if (last < span.first) continue;
    if (Status done = Remove(metadata, query, last, files); !done) {
      return std::move(done).error().With(fmt::format(
          "while removing what died attempts of query {} left, which nothing could tell from other files once the "
          "snapshots of its batches {} to {} are expired", query, span.first, last));
    }
  }
  return Ok();
}

}  // namespace flare::connector::iceberg
