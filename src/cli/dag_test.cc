#include "cli/dag.h"

#include <atomic>
#include <latch>
#include <mutex>

#include "base/test_matchers.h"

namespace flare::cli {
namespace {

using ::testing::ElementsAre;

manifest::Job Job(std::string name, std::vector<std::string> needs = {}) {
  manifest::Job job;
  job.name.value = std::move(name);
  for (auto& need : needs) job.dependencies.push_back({std::move(need), {}});
  return job;
}

TEST(RunDag, EachJobFollowsWhatItDependsOn) {
  std::vector<manifest::Job> jobs = {Job("c", {"a", "b"}), Job("a"), Job("b", {"a"})};
  std::mutex mutex;
  std::vector<std::string> ran;
  auto outcomes = RunDag(jobs, {}, [&](size_t i) {
    std::lock_guard lock(mutex);
    ran.push_back(*jobs[i].name);
    return true;
  });
  EXPECT_THAT(ran, ElementsAre("a", "b", "c"));
  EXPECT_THAT(outcomes,
              ElementsAre(JobOutcome::kSucceeded, JobOutcome::kSucceeded, JobOutcome::kSucceeded));
}

TEST(RunDag, AFailureStopsItsDependantsOnly) {
  std::vector<manifest::Job> jobs = {Job("a"), Job("b", {"a"}), Job("c", {"b"}), Job("d")};
  auto outcomes = RunDag(jobs, {}, [&](size_t i) { return i != 0; });
  EXPECT_THAT(outcomes, ElementsAre(JobOutcome::kFailed, JobOutcome::kSkipped, JobOutcome::kSkipped,
                                    JobOutcome::kSucceeded));
}

TEST(RunDag, FreeJobsRunSideBySide) {
  std::vector<manifest::Job> jobs = {Job("a"), Job("b")};
  std::latch both(2);  // each ends only once the other has begun
  auto outcomes = RunDag(jobs, {}, [&](size_t) {
    both.arrive_and_wait();
    return true;
  });
  EXPECT_THAT(outcomes, ElementsAre(JobOutcome::kSucceeded, JobOutcome::kSucceeded));
}

TEST(RunDag, AStopKeepsLaterJobsFromStarting) {
  std::vector<manifest::Job> jobs = {Job("a"), Job("b", {"a"}), Job("c", {"b"})};
  std::stop_source stop;
  auto outcomes = RunDag(jobs, stop.get_token(), [&](size_t) {
    stop.request_stop();
    return true;
  });
  EXPECT_THAT(outcomes, ElementsAre(JobOutcome::kSucceeded, JobOutcome::kNotStarted,
                                    JobOutcome::kNotStarted));
}

TEST(RunDag, ADependencyThatWasNotChosenCountsAsDone) {
  std::vector<manifest::Job> jobs = {Job("b", {"a"})};
  EXPECT_THAT(RunDag(jobs, {}, [](size_t) { return true; }), ElementsAre(JobOutcome::kSucceeded));
}

class Retrying : public ::testing::Test {
 protected:
  Status RunIt(const Error& error) {
    return RunWithRetry(
        retry_, clock_, stop_.get_token(),
        [&]() -> Status {
          ++attempts_;
          return error;
        },
        [&](const Error&, int, Millis) { ++told_; });
  }

  manifest::Retry retry_{2, "OnFailure", Millis(1000), Millis(0)};
  ManualClock clock_;
  std::stop_source stop_;
  int attempts_ = 0;
  int told_ = 0;
};

TEST_F(Retrying, TriesAsOftenAsAskedAndWaitsBetween) {
  EXPECT_THAT(RunIt(NotFound("x")), IsError(Code::kNotFound));
  EXPECT_EQ(attempts_, 3);
  EXPECT_EQ(told_, 2);
  EXPECT_EQ(clock_.Monotonic(), Millis(2000));
}

TEST_F(Retrying, EndsAtTheFirstSuccess) {
  auto status = RunWithRetry(
      retry_, clock_, {},
      [&]() -> Status { return ++attempts_ < 2 ? Status(NotFound("x")) : Ok(); },
      [](const Error&, int, Millis) {});
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(attempts_, 2);
}

TEST_F(Retrying, OnTransientErrorLeavesLastingOnesAlone) {
  retry_.strategy = "OnTransientError";
  EXPECT_THAT(RunIt(NotFound("x")), IsError(Code::kNotFound));
  EXPECT_EQ(attempts_, 1);
  EXPECT_THAT(RunIt(Unavailable("y")), IsError(Code::kUnavailable));
  EXPECT_EQ(attempts_, 4);
}

TEST_F(Retrying, RespectsTheLongestDurationAndAStop) {
  retry_ = {10, "Always", Millis(1000), Millis(2500)};
  EXPECT_THAT(RunIt(Unavailable("y")), IsError(Code::kUnavailable));
  EXPECT_EQ(attempts_, 3);
  stop_.request_stop();
  EXPECT_THAT(RunIt(Unavailable("y")), IsError(Code::kUnavailable));
  EXPECT_EQ(attempts_, 4);
  EXPECT_THAT(RunIt(Cancelled("z")), IsError(Code::kCancelled));
  EXPECT_EQ(attempts_, 5);
}

}  // namespace
}  // namespace flare::cli
