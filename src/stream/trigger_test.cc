#include "stream/trigger.h"

#include "base/test_matchers.h"

namespace flare::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

WallTime At(int64_t ms) { return WallTime(Millis(ms)); }

/// Records where the loop waits for and when triggers fire.
class RecordingClock final : public Clock {
 public:
  WallTime Now() const override { return now_; }
  Millis Monotonic() const override { return now_.time_since_epoch(); }
  bool WaitUntil(WallTime until, std::stop_token stop) override {
    waits.push_back(until.time_since_epoch().count());
    now_ = until;
    return !stop.stop_requested();
  }
  void Advance(int64_t ms) { now_ += Millis(ms); }
  std::vector<int64_t> waits;

 private:
  WallTime now_{};
};

/// Fires with these durations and then ends; returns when each trigger fired.
std::vector<int64_t> Fire(const Trigger& trigger, RecordingClock& clock, std::vector<int64_t> durations,
                          std::vector<int64_t>* behind = nullptr) {
  std::vector<int64_t> fired;
  TriggerCalls calls;
  calls.on_trigger = [&]() -> Result<TriggerAnswer> {
    fired.push_back(clock.Now().time_since_epoch().count());
    if (fired.size() > durations.size()) return TriggerAnswer::kEnd;
    clock.Advance(durations[fired.size() - 1]);
    return TriggerAnswer::kContinue;
  };
  if (behind != nullptr) calls.on_falling_behind = [&](Millis took) { behind->push_back(took.count()); };
  EXPECT_THAT(RunTriggers(trigger, clock, {}, calls), IsOk());
  return fired;
}

TEST(Trigger, C001_BoundariesAreMultiplesOfTheInterval) {
  const std::pair<int64_t, int64_t> cases[] = {{0, 100}, {1, 100}, {99, 100}, {100, 200}, {101, 200}, {150, 200},
                                               {-1, 0},  {-100, 0}};
  for (auto [now, next] : cases) EXPECT_EQ(NextBoundary(At(now), Millis(100)), At(next)) << now;
}

TEST(Trigger, C002_BoundariesFedBack) {
  WallTime time = At(0);
  for (int i = 0; i < 10; ++i) time = NextBoundary(time, Millis(100));
  EXPECT_EQ(time, At(1000));
}

TEST(Trigger, C003_C004_C005_TheFirstFiresAtOnceAndAnOverrunIsNotCaughtUp) {
  RecordingClock clock;
  std::vector<int64_t> behind;
  auto fired = Fire({Trigger::kProcessingTime, Millis(1000)}, clock, {0, 500, 1500, 100}, &behind);
  EXPECT_THAT(fired, ElementsAre(0, 1000, 2000, 3500, 4000));
  EXPECT_THAT(clock.waits, ElementsAre(1000, 2000, 4000));
  EXPECT_THAT(behind, ElementsAre(1500));  // C007
}

TEST(Trigger, C006_EndsWhenTheTriggerSaysSo) {
  for (int64_t interval : {0, 10}) {
    RecordingClock clock;
    EXPECT_EQ(Fire({Trigger::kProcessingTime, Millis(interval)}, clock, {0, 0}).size(), 3u) << interval;
  }
}

TEST(Trigger, C007_FallingBehindIsHeard) {
  RecordingClock clock;
  std::vector<int64_t> behind;
  Fire({Trigger::kProcessingTime, Millis(100)}, clock, {200}, &behind);
  EXPECT_THAT(behind, ElementsAre(200));
}

TEST(Trigger, AFurtherTryComesAtOnceAndItsPauseIsNoFallingBehind) {
  RecordingClock clock;
  std::vector<int64_t> fired, behind;
  TriggerCalls calls;
  calls.on_trigger = [&]() -> Result<TriggerAnswer> {
    fired.push_back(clock.Now().time_since_epoch().count());
    if (fired.size() == 4) return TriggerAnswer::kEnd;
    clock.Advance(fired.size() == 1 ? 2'500 : 30);
    return fired.size() < 3 ? TriggerAnswer::kAgain : TriggerAnswer::kContinue;
  };
  calls.on_falling_behind = [&](Millis took) { behind.push_back(took.count()); };
  EXPECT_THAT(RunTriggers({Trigger::kProcessingTime, Millis(1000)}, clock, {}, calls), IsOk());
  EXPECT_THAT(fired, ElementsAre(0, 2'500, 2'530, 3'000));
  EXPECT_THAT(behind, IsEmpty());
}

TEST(Trigger, TextsForPeople) {
  EXPECT_EQ((Trigger{Trigger::kProcessingTime, Millis(600'000)}).ToText(), "ProcessingTime(10 minutes)");
  EXPECT_EQ(Trigger{}.ToText(), "as soon as data arrives");
}

TEST(Trigger, OnceFiresOnce) {
  RecordingClock clock;
  EXPECT_EQ(Fire({Trigger::kOnce}, clock, {0, 0, 0}).size(), 1u);
}

TEST(Trigger, StopEndsTheWait) {
  RecordingClock clock;
  std::stop_source stop;
  int fired = 0;
  TriggerCalls calls;
  calls.on_trigger = [&]() -> Result<TriggerAnswer> {
    ++fired;
    stop.request_stop();
    return TriggerAnswer::kContinue;
  };
  EXPECT_THAT(RunTriggers({Trigger::kProcessingTime, Millis(1000)}, clock, stop.get_token(), calls), IsOk());
  EXPECT_EQ(fired, 1);
  EXPECT_THAT(RunTriggers({}, clock, stop.get_token(), calls), IsOk());
  EXPECT_EQ(fired, 1);
}

TEST(Trigger, AFailureEndsTheLoop) {
  RecordingClock clock;
  TriggerCalls calls;
  calls.on_trigger = []() -> Result<TriggerAnswer> { return Unavailable("gone"); };
  EXPECT_THAT(RunTriggers({}, clock, {}, calls), IsError(Code::kUnavailable));
}

TEST(Trigger, C118_C119_C120_C121_C122_ContinuousIsRefusedWithAWayOut) {
  manifest::Streaming streaming;
  streaming.trigger = manifest::TriggerMode::kContinuous;
  streaming.trigger_where = {"job.yaml", 12, 3};
  auto trigger = TriggerOf(streaming);
  EXPECT_THAT(trigger, IsError(Code::kUnsupported));
  EXPECT_THAT(trigger, HasMessage(HasSubstr("--trigger AvailableNow")));
  EXPECT_THAT(trigger, HasMessage(HasSubstr("job.yaml:12")));
}

}  // namespace
}  // namespace flare::stream
