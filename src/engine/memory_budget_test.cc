#include "engine/memory_budget.h"

#include <gtest/gtest.h>

namespace flare::engine {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

int64_t Sum(const MemoryBudget& budget) {
  return budget.prefetch_bytes + budget.duckdb_bytes + budget.state_bytes + budget.writer_bytes;
}

TEST(MemoryBudgetTest, PartsNeverExceedTheWhole) {
  for (int64_t total : {int64_t{0}, kMiB, 64 * kMiB, 200 * kMiB, 512 * kMiB, 64 * 1024 * kMiB}) {
    for (int cores : {0, 1, 2, 64}) {
      MemoryBudget budget = DivideMemory(total, cores);
      EXPECT_LT(Sum(budget), budget.total_bytes);
      EXPECT_GT(budget.prefetch_bytes, kMiB);
      EXPECT_GT(budget.duckdb_bytes, 8 * kMiB);
      EXPECT_GT(budget.state_bytes, kMiB);
      EXPECT_GT(budget.row_group_bytes(), 0);
      EXPECT_GE(budget.threads, 1);
    }
  }
}

TEST(MemoryBudgetTest, DefaultKeepsTheStreamingPathSmall) {
  MemoryBudget budget = DivideMemory(0, 2);
  EXPECT_EQ(budget.total_bytes, kDefaultMemoryBytes);
  EXPECT_EQ(budget.threads, 2);
  EXPECT_LE(budget.prefetch_bytes + budget.writer_bytes, 64 * kMiB);
}

TEST(MemoryBudgetTest, MoreMemoryGoesToDuckDb) {
  MemoryBudget large = DivideMemory(8192 * kMiB, 4);
  EXPECT_EQ(large.prefetch_bytes, 16 * kMiB);
  EXPECT_EQ(large.row_group_bytes(), 16 * kMiB);
  EXPECT_GT(large.duckdb_bytes, 4096 * kMiB);
}

}  // namespace
}  // namespace flare::engine
