#pragma once
#include <string_view>

#include "base/clock.h"
#include "observe/screen.h"

namespace flare::observe {

/// In the order of RunObserver::OnMessage's severities, 0 to 3.
enum class Level { kDebug, kInfo, kWarn, kError };

/// Lines with a time and a level, below a minimum dropped.
/// In a file or pipe: `2026-02-03T10:15:00.000Z INFO  text`; on a terminal: `10:15:00 text`, with
/// `warning:` or `error:` before the text. Further lines of a text are indented.
/// Threads: safe from any.
class Logger {
 public:
  Logger(Screen& screen, const Clock& clock, Level minimum, std::string prefix = "")
      : screen_(screen), clock_(clock), minimum_(minimum), prefix_(std::move(prefix)) {}

  bool Shows(Level level) const { return level >= minimum_; }
  void Log(Level level, std::string_view text);
  void Debug(std::string_view text) { Log(Level::kDebug, text); }
  void Info(std::string_view text) { Log(Level::kInfo, text); }
  void Warn(std::string_view text) { Log(Level::kWarn, text); }
  void Error(std::string_view text) { Log(Level::kError, text); }

  Screen& screen() { return screen_; }

 private:
  Screen& screen_;
  const Clock& clock_;
  const Level minimum_;
  const std::string prefix_;  ///< "[job] " where several jobs run, else ""
};

}  // namespace flare::observe
