#include "observe/logger.h"

#include <fmt/format.h>

#include "observe/units.h"

namespace flare::observe {
namespace {

std::string_view Name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
      return "ERROR";
  }
  return "ERROR";
}

std::string_view Word(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug: ";
    case Level::kInfo:
      return "";
    case Level::kWarn:
      return "warning: ";
    case Level::kError:
      return "error: ";
  }
  return "error: ";
}

}  // namespace

void Logger::Log(Level level, std::string_view text) {
  if (!Shows(level)) return;
  std::string time = FormatTimestamp(clock_.Now());
  std::string line = screen_.terminal() ? fmt::format("{} {}{}", time.substr(time.find('T') + 1, 8),
                                                      Word(level), prefix_)
                                        : fmt::format("{} {:<5} {}", time, Name(level), prefix_);
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  for (char c : text) {
    line += c;
    if (c == '\n') line += "    ";
  }
  screen_.Print(line);
}

}  // namespace flare::observe
