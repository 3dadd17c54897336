#pragma once
#include <cstdint>

namespace flare::engine {

/// How a job's memory and cores are divided: the one place that says it. Bytes.
struct MemoryBudget {
  int64_t total_bytes = 0;
  int64_t prefetch_bytes = 0;  ///< records received and not yet read, over all partitions
  int64_t duckdb_bytes = 0;    ///< DuckDB's memory_limit: joins, sorts, aggregates; beyond it spills
  int64_t state_bytes = 0;     ///< keyed state held in memory; beyond it spills
  int64_t writer_bytes = 0;    ///< row groups being encoded, over all threads
  int threads = 1;

  /// The ROW_GROUP_SIZE_BYTES of one writing thread.
  int64_t row_group_bytes() const;
};

/// What a job gets that asks for nothing.
inline constexpr int64_t kDefaultMemoryBytes = int64_t{512} << 20;

/// With less no batch of any size goes through.
inline constexpr int64_t kLeastMemoryBytes = int64_t{64} << 20;

/// Divides `total_bytes` (0 = the default; at least kLeastMemoryBytes is assumed) and `cores` (0 = the machine's).
/// Prefetch and writers have ceilings: beyond them more memory gains no speed, and goes to DuckDB.
MemoryBudget DivideMemory(int64_t total_bytes, int cores);

}  // namespace flare::engine
