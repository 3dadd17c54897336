#include "terminal/keyboard_interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <thread>

#include "base/check.h"

namespace flare::terminal {
namespace {

sigset_t Watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

KeyboardInterrupt::KeyboardInterrupt(std::function<void()> on_interrupt)
    : on_interrupt_(std::move(on_interrupt)) {
  sigset_t set = Watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  CHECK(signals_ >= 0 && end_ >= 0, "no file descriptor for signals");
  watcher_ = std::thread([this] { Watch(); });
}

KeyboardInterrupt::~KeyboardInterrupt() {
  uint64_t one = 1;
  CHECK(::write(end_, &one, sizeof(one)) == sizeof(one));
  watcher_.join();
  ::close(signals_);
  ::close(end_);
  sigset_t set = Watched();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void KeyboardInterrupt::Watch() {
  while (true) {
    std::array<pollfd, 2> waits = {pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) <= 0) continue;
    if (waits[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof(signal)) == sizeof(signal)) on_interrupt_();
  }
}

}  // namespace flare::terminal
