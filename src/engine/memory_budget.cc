#include "engine/memory_budget.h"

#include <algorithm>
#include <thread>

namespace flare::engine {
namespace {
constexpr int64_t kMiB = int64_t{1} << 20;
/// The program, its libraries and the allocator's slack.
constexpr int64_t kOverhead = 24 * kMiB;
/// Measured: a 16 MiB queue feeds two cores as fast as a larger one.
constexpr int64_t kMostPrefetch = 16 * kMiB;
constexpr int64_t kMostRowGroup = 16 * kMiB;
}  // namespace

int64_t MemoryBudget::row_group_bytes() const { return writer_bytes / threads; }

MemoryBudget DivideMemory(int64_t total_bytes, int cores) {
  MemoryBudget budget;
  budget.threads =
      cores > 0 ? cores : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  budget.total_bytes = std::max(total_bytes > 0 ? total_bytes : kDefaultMemoryBytes, kLeastMemoryBytes);
  int64_t usable = budget.total_bytes - kOverhead;
  budget.prefetch_bytes = std::min(usable / 8, kMostPrefetch);
  budget.writer_bytes = std::min(usable / 4, kMostRowGroup * budget.threads);
  int64_t rest = usable - budget.prefetch_bytes - budget.writer_bytes;
  budget.state_bytes = rest / 4;
  budget.duckdb_bytes = rest - budget.state_bytes;
  return budget;
}

}  // namespace flare::engine
