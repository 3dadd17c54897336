#pragma once
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "observe/progress.h"

namespace flare::stream {

/// Decides whether a run keeps trying while a source or a target is out of reach: endless runs do, with growing pauses,
/// and say so once when it begins and once when it ends; bounded runs return the error.
/// Threads: the one that conducts the job.
class Outage {
 public:
  static constexpr Millis kFirstPause{250};
  static constexpr Millis kLongestPause{10'000};

  Outage(bool endless, Clock& clock, observe::RunObserver& observer, std::stop_token ending)
      : endless_(endless), clock_(clock), observer_(observer), ending_(std::move(ending)) {}

  /// Whether this error may pass by itself: something is out of reach.
  static bool MayPass(const Error& error);
  /// True after a pause when the call that failed is worth repeating; false = give the error up.
  bool TryAgain(const Error& error);
  /// Something worked again.
  void Recovered();

  /// Repeats `call` for as long as TryAgain says so.
  template <class T, class Call>
  Result<T> Persist(Call&& call) {
    for (;;) {
      Result<T> result = call();
      if (result) {
        Recovered();
        return result;
      }
      if (!TryAgain(result.error())) return result;
    }
  }

 private:
  bool endless_;
  Clock& clock_;
  observe::RunObserver& observer_;
  std::stop_token ending_;
  bool out_ = false;
  Millis pause_ = kFirstPause;
};

}  // namespace flare::stream
