#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/literal.h"
#include "lake/schema.h"

namespace flare::lake {

/// How much a manifest keeps about a column (`write.metadata.metrics.*`).
struct MetricsMode {
  enum class Kind { kNone, kCounts, kTruncate, kFull };
  Kind kind = Kind::kTruncate;
  int length = 16;

  /// "truncate(16)", any case. nullopt when it is none of the four.
  static std::optional<MetricsMode> Parse(std::string_view text);
};

/// What DuckDB reports about one leaf column of a file it wrote.
struct ColumnStatistics {
  std::optional<int64_t> column_size, value_count, null_count;
  std::optional<std::string> min, max;  ///< as DuckDB prints them
  bool has_nan = false;
};

/// The per-column part of a data file's manifest entry, by field id.
struct ColumnMetrics {
  std::map<int, int64_t> column_sizes, value_counts, null_value_counts, nan_value_counts;
  std::map<int, std::string> lower_bounds, upper_bounds;  ///< single-value form
};

/// The mode of each leaf field, from the table's properties.
std::map<int, MetricsMode> MetricsModes(const Schema& schema, const std::map<std::string, std::string>& properties);

/// Types DuckDB's statistics by the schema. `by_path` is keyed by DuckDB's quoted path ("a"."b").
/// Leaves under lists and maps get sizes only. What cannot be read exactly is left out.
ColumnMetrics TypeMetrics(const Schema& schema, const std::map<int, MetricsMode>& modes,
                          const std::map<std::string, ColumnStatistics>& by_path);

/// The largest prefix bound below a value: its first `length` code points (string) or bytes (binary).
std::string TruncateLower(const Type& type, const std::string& value, int length);
/// The smallest such bound above it; nullopt when there is none.
std::optional<std::string> TruncateUpper(const Type& type, const std::string& value, int length);

}  // namespace flare::lake
