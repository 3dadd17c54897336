#include "stream/outage.h"

#include <algorithm>

namespace flare::stream {

bool Outage::MayPass(const Error& error) {
  return (error.code() == Code::kUnavailable || error.code() == Code::kTimeout) && error.retry() == Retry::kBackoff;
}

bool Outage::TryAgain(const Error& error) {
  if (!endless_ || !MayPass(error) || ending_.stop_requested()) return false;
  if (!out_) {
    observer_.OnMessage(2, fmt::format("{}; trying again until it works or the job is stopped", error.ToText()));
  }
  out_ = true;
  bool go_on = clock_.WaitUntil(clock_.Now() + pause_, ending_);
  pause_ = std::min(pause_ * 2, kLongestPause);
  return go_on;
}

void Outage::Recovered() {
  if (!out_) return;
  out_ = false;
  pause_ = kFirstPause;
  observer_.OnMessage(1, "within reach again; the job goes on where it was");
}

}  // namespace flare::stream
