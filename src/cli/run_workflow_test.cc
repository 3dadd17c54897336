#include "cli/run_workflow.h"

#include <gtest/gtest.h>

namespace flare::cli {
namespace {

constexpr WallTime kNow{Millis(1770113700000)};  // 2026-02-03 10:15:00

manifest::Workflow Scheduled(std::optional<WallTime> end) {
  manifest::Workflow workflow;
  workflow.name.value = "nightly";
  workflow.schedule.emplace();
  workflow.schedule->cron = "*/5 * * * *";
  workflow.schedule->end_on = end;
  return workflow;
}

TEST(AdviseSchedule, NothingToSayWithoutOne) {
  auto advice = AdviseSchedule(manifest::Workflow(), kNow, false);
  EXPECT_EQ(advice.text, "");
  EXPECT_FALSE(advice.over);
}

TEST(AdviseSchedule, ARunIsOneRun) {
  for (auto end : {std::optional<WallTime>(), std::optional(kNow + Millis(1))}) {
    auto advice = AdviseSchedule(Scheduled(end), kNow, false);
    EXPECT_EQ(advice.text,
              "workflow nightly is scheduled by cron \"*/5 * * * *\"; flare runs it once, now");
    EXPECT_FALSE(advice.over);
  }
}

TEST(AdviseSchedule, AnEndedOneDoesNotRunUnlessAsked) {
  auto advice = AdviseSchedule(Scheduled(kNow), kNow, false);
  EXPECT_EQ(advice.text,
            "the schedule of workflow nightly ended on 2026-02-03T10:15:00.000Z: nothing to run "
            "(--now runs it once)");
  EXPECT_TRUE(advice.over);
  EXPECT_FALSE(AdviseSchedule(Scheduled(kNow), kNow, true).over);
}

}  // namespace
}  // namespace flare::cli
