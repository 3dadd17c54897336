#include "cli/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>

namespace flare::cli {
namespace {

/// Waits until the watcher said `count` things.
class Said {
 public:
  void Say(std::string_view text) {
    std::lock_guard lock(mutex_);
    last_ = text;
    ++count_;
    changed_.notify_all();
  }
  std::string Wait(int count) {
    std::unique_lock lock(mutex_);
    bool there = changed_.wait_for(lock, std::chrono::seconds(30), [&] { return count_ >= count; });
    return there ? last_ : "nothing was said";
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string last_;
  int count_ = 0;
};

TEST(StopSignals, FirstFinishesTheBatchSecondStopsNow) {
  Said said;
  StopSignals signals([&](std::string_view text) { said.Say(text); });
  EXPECT_FALSE(signals.finish_batch().stop_requested());
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(said.Wait(1), "stopping: the batch is finished and committed first (again: stop now)");
  EXPECT_FALSE(signals.stop_now().stop_requested());
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(said.Wait(2), "stopping now: the batch in flight is left to the next run");
}

TEST(StopSignals, AThirdEndsTheProcess) {
  EXPECT_EXIT(
      {
        Said said;
        StopSignals signals([&](std::string_view text) { said.Say(text); });
        ::kill(::getpid(), SIGINT);
        said.Wait(1);
        ::kill(::getpid(), SIGINT);
        said.Wait(2);
        ::kill(::getpid(), SIGINT);
        ::pause();
      },
      ::testing::ExitedWithCode(130), "");
}

TEST(StopSignals, ComesAndGoesQuietly) {
  for (int i = 0; i < 3; ++i) StopSignals signals([](std::string_view) {});
}

}  // namespace
}  // namespace flare::cli
