#include "cli/host.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern char** environ;  // NOLINT: POSIX names it so

namespace flare::cli {
namespace {

/// Writes all of it; a reader that has gone away is not our failure.
void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

int TerminalWidth(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text(*entry);
    size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace

void PrintError(const Host& host, const Error& error, std::string_view advice) {
  std::string text = fmt::format("flare: error: {}\n", error.ToText());
  if (!advice.empty()) text += fmt::format("{}\n", advice);
  host.err(text);
}

void PrintWarning(const Host& host, std::string_view text) {
  host.err(fmt::format("flare: warning: {}\n", text));
}

Host ProcessHost(std::string version, std::string program) {
  Host host;
  host.out = [](std::string_view text) { WriteAll(STDOUT_FILENO, text); };
  host.err = [](std::string_view text) { WriteAll(STDERR_FILENO, text); };
  host.environment = Environment();
  auto term = host.environment.find("TERM");
  bool dumb = term != host.environment.end() && term->second == "dumb";
  host.terminal = ::isatty(STDERR_FILENO) == 1 && !dumb;
  if (host.terminal && ::isatty(STDIN_FILENO) == 1) {
    host.ask = [](std::string_view question) {
      WriteAll(STDERR_FILENO, question);
      std::string answer;
      char letter = 0;
      while (::read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') answer += letter;
      return answer;
    };
  }
  host.width = TerminalWidth(STDERR_FILENO);
  host.clock = &SystemClock();
  host.version = std::move(version);
  host.program = std::move(program);
  return host;
}

}  // namespace flare::cli
