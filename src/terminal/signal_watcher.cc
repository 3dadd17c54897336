#include "terminal/signal_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include "base/check.h"

namespace flare::terminal {
SignalWatcher::SignalWatcher(std::initializer_list<int> signals, std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)) {
  sigemptyset(&watched_);
  for (int signal : signals) sigaddset(&watched_, signal);
  pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
  signals_ = ::signalfd(-1, &watched_, SFD_CLOEXEC);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  CHECK(signals_ >= 0 && end_ >= 0, "no file descriptor for signals");
  watcher_ = std::thread([this] { Watch(); });
}

SignalWatcher::~SignalWatcher() {
  uint64_t one = 1;
  CHECK(::write(end_, &one, sizeof(one)) == sizeof(one));
  watcher_.join();
  ::close(signals_);
  ::close(end_);
  pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr);
}

void SignalWatcher::Watch() {
  while (true) {
    std::array<pollfd, 2> waits = {pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) <= 0) continue;
    if (waits[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof(signal)) == sizeof(signal)) on_signal_();
  }
}

}  // namespace flare::terminal
