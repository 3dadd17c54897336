#include "cli/stop_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/check.h"
#include "cli/exit_codes.h"

namespace flare::cli {
namespace {

sigset_t Watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals(std::function<void(std::string_view)> say) : say_(std::move(say)) {
  sigset_t set = Watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  CHECK(signals_ >= 0 && end_ >= 0, "no file descriptor for signals");
  watcher_ = std::thread([this] { Watch(); });
}

StopSignals::~StopSignals() {
  uint64_t one = 1;
  CHECK(::write(end_, &one, sizeof(one)) == sizeof(one));
  watcher_.join();
  ::close(signals_);
  ::close(end_);
  sigset_t set = Watched();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignals::Watch() {
  while (true) {
    std::array<pollfd, 2> waits = {pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) <= 0) continue;
    if (waits[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof(signal)) == sizeof(signal)) OnSignal();
  }
}

void StopSignals::OnSignal() {
  if (!finish_batch_.stop_requested()) {
    say_("stopping: the batch is finished and committed first (again: stop now)");
    finish_batch_.request_stop();
  } else if (!stop_now_.stop_requested()) {
    say_("stopping now: the batch in flight is left to the next run");
    stop_now_.request_stop();
  } else {
    std::_Exit(kStopped);
  }
}

}  // namespace flare::cli
