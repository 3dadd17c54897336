#pragma once
#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "observe/screen.h"

namespace flare::cli {

/// The world outside as a command sees it; tests hand in their own.
struct Host {
  observe::Write out;     ///< results: what another program may read
  observe::Write err;     ///< everything that is said to a person
  bool terminal = false;  ///< whether a person watches `err`
  int width = 80;
  std::map<std::string, std::string> environment;
  Clock* clock = nullptr;
  std::string version;
  /// Asks the person at the keyboard and gives the answer; empty where nobody can be asked.
  std::function<std::string(std::string_view question)> ask;
  std::string program = "flare";  ///< as it was called, for commands that are printed
};

/// `flare: error: message`, the places it passed through, and where to read on (empty = nothing).
void PrintError(const Host& host, const Error& error, std::string_view advice = "");
void PrintWarning(const Host& host, std::string_view text);

/// The process's own streams, environment and clock.
Host ProcessHost(std::string version, std::string program);

}  // namespace flare::cli
