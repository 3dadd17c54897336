#include "terminal/pager.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "observe/units.h"

extern char** environ;  // NOLINT: POSIX names it so

namespace flare::terminal {
namespace {

/// Whether all of it was written; a pager that was left early takes no more.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

/// Keys arrive one by one and unseen while it lives.
class KeyMode {
 public:
  KeyMode() {
    known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    if (known_) ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  }
  ~KeyMode() {
    if (known_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  KeyMode(const KeyMode&) = delete;
  KeyMode& operator=(const KeyMode&) = delete;

  /// q when there is no key to come.
  static char Next() {
    char key = 'q';
    ssize_t count = 0;
    do {
      count = ::read(STDIN_FILENO, &key, 1);
    } while (count < 0 && errno == EINTR);
    return count == 1 ? key : 'q';
  }

 private:
  termios before_{};
  bool known_ = false;
};

int RowsOfLine(std::string_view line, int columns) {
  return std::max(1, (observe::DisplayWidth(line) + columns - 1) / std::max(1, columns));
}

}  // namespace

ScreenSize CurrentScreen() {
  winsize size{};
  ScreenSize screen;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
    screen = {size.ws_row, size.ws_col};
  return screen;
}

int RowsOf(std::string_view text, int columns) {
  int rows = 0;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    rows += RowsOfLine(text.substr(0, end), columns);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rows;
}

size_t FirstPage(std::string_view text, int rows, int columns) {
  size_t taken = 0;
  int used = 0;
  while (taken < text.size()) {
    size_t end = std::min(text.find('\n', taken), text.size());
    used += RowsOfLine(text.substr(taken, end - taken), columns);
    if (used > rows && taken > 0) break;
    taken = std::min(end + 1, text.size());
  }
  return taken;
}

void Pager::Show(std::string_view text) const {
  ScreenSize screen = CurrentScreen();
  // One row stays for the prompt.
  if (!enabled_ || RowsOf(text, screen.columns) < screen.rows) {
    WriteAll(STDOUT_FILENO, text);
  } else if (program_.empty() || !ShowInProgram(text)) {
    ShowByPages(text, screen);
  }
}

bool Pager::ShowInProgram(std::string_view text) const {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return false;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, pipe[0], STDIN_FILENO);
  // The program's own signals: what this process blocks or ignores is none of its business.
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGINT);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string command = program_;
  std::string shell = "sh";
  std::string option = "-c";
  std::array<char*, 4> words = {shell.data(), option.data(), command.data(), nullptr};
  pid_t child = 0;
  bool started = ::posix_spawn(&child, "/bin/sh", &files, &attributes, words.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  ::close(pipe[0]);
  if (started) WriteAll(pipe[1], text);
  ::close(pipe[1]);
  if (!started) return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kNoSuchCommand = 127;
  return !(WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchCommand);
}

void Pager::ShowByPages(std::string_view text, const ScreenSize& screen) {
  constexpr std::string_view kMore = "-- more: Space, Enter, q --";
  constexpr std::string_view kWipe = "\r\033[K";
  KeyMode keys;
  int rows = screen.rows - 1;
  while (true) {
    size_t page = FirstPage(text, rows, screen.columns);
    if (!WriteAll(STDOUT_FILENO, text.substr(0, page))) return;
    text.remove_prefix(page);
    if (text.empty()) return;
    WriteAll(STDOUT_FILENO, kMore);
    char key = KeyMode::Next();
    while (std::string_view(" \r\nqQ\x03\x04").find(key) == std::string_view::npos)
      key = KeyMode::Next();
    WriteAll(STDOUT_FILENO, kWipe);
    if (key != ' ' && key != '\r' && key != '\n') return;
    rows = key == ' ' ? screen.rows - 1 : 1;
  }
}

}  // namespace flare::terminal
