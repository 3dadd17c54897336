#include "base/fail_point.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "base/check.h"
#include "base/clock.h"
#include "base/fail_point_names.h"

namespace flare {
namespace {

struct Action {
  enum Kind { kFail, kKill, kDelay } kind = kFail;
  int at_visit = 1;  // acts at this visit and, for fail and delay, at all later ones
  Millis delay{0};
  int visits = 0;
};

class FailPoints {
 public:
  FailPoints() {
    const char* text = std::getenv("FLARE_FAIL_POINTS");
    if (text != nullptr) Parse(text);
    const char* trace = std::getenv("FLARE_FAIL_POINTS_TRACE");
    if (trace != nullptr) trace_ = ::open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    armed_ = !actions_.empty() || trace_ >= 0;
  }
  bool armed() const { return armed_.load(std::memory_order_relaxed); }
  void Arm(std::string_view text) {
    std::lock_guard lock(mutex_);
    actions_.clear();
    Parse(text);
    armed_ = !actions_.empty() || trace_ >= 0;
  }
  Status Visit(std::string_view name) {
    std::unique_lock lock(mutex_);
    Trace(name);
    auto found = actions_.find(std::string(name));
    if (found == actions_.end()) return Ok();
    Action& action = found->second;
    if (++action.visits < action.at_visit) return Ok();
    switch (action.kind) {
      case Action::kFail: return Internal("fail point {} was told to fail", name);
      case Action::kKill: std::raise(SIGKILL); return Ok();
      case Action::kDelay: {
        Millis delay = action.delay;
        lock.unlock();
        std::ignore = SystemClock().WaitUntil(SystemClock().Now() + delay, {});  // only waits
        return Ok();
      }
    }
    return Ok();
  }

 private:
  void Trace(std::string_view name) const {
    if (trace_ < 0) return;
    std::string line = fmt::format("P\t{}\n", name);
    CHECK(::write(trace_, line.data(), line.size()) == static_cast<ssize_t>(line.size()), "FLARE_FAIL_POINTS_TRACE is full");
  }
  void Parse(std::string_view text) {
    while (!text.empty()) {
      auto item = text.substr(0, text.find(';'));
      text.remove_prefix(std::min(text.size(), item.size() + 1));
      auto equals = item.find('=');
      if (equals == std::string_view::npos) continue;
      std::string name(item.substr(0, equals));
      CHECK(std::find(kFailPointNames.begin(), kFailPointNames.end(), name) != kFailPointNames.end(),
            "FLARE_FAIL_POINTS names {}, which is not in base/fail_point_names.h", name);
      auto what = item.substr(equals + 1);
      Action action;
      auto at = what.find('@');
      if (at != std::string_view::npos) action.at_visit = std::atoi(std::string(what.substr(at + 1)).c_str());
      if (what.starts_with("kill")) action.kind = Action::kKill;
      if (what.starts_with("delay:")) {
        action.kind = Action::kDelay;
        action.delay = Millis(std::atoi(std::string(what.substr(6)).c_str()));
      }
      actions_[name] = action;
    }
  }
  std::mutex mutex_;
  std::atomic<bool> armed_ = false;
  std::map<std::string, Action> actions_;
  int trace_ = -1;  // a file, open as long as the program
};

FailPoints& Points() {
  static FailPoints points;
  return points;
}

}  // namespace

Status FailPoint(std::string_view name) {
  FailPoints& points = Points();
  if (!points.armed()) [[likely]] return Ok();
  return points.Visit(name);
}

void ArmFailPoints(std::string_view text) { Points().Arm(text); }

}  // namespace flare
