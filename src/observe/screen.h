#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace flare::observe {

/// Takes bytes that are ready to be shown. Never fails: a closed pipe swallows them.
using Write = std::function<void(std::string_view)>;

/// Where a run's text goes: lines, and on a terminal one status line that stays below them and is
/// wiped whenever a line is printed. Known secrets are replaced by *** in everything.
/// Threads: safe from any; each call is one write, so that lines never mix.
class Screen {
 public:
  struct Options {
    bool terminal = false;  ///< false: no status line, no escape sequence is ever written
    int width = 80;         ///< columns of the terminal
  };
  Screen(Write write, Options options) : write_(std::move(write)), options_(options) {}
  ~Screen() { ClearStatus(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Prints whole lines; a final line feed is added where it is missing.
  void Print(std::string_view text);
  /// Shows `text` (one line) as the status, cut to the width.
  void SetStatus(std::string_view text);
  void ClearStatus();
  /// From now on this text shows as ***. Texts shorter than 4 bytes are not hidden: they are
  /// parts of too many words.
  void Hide(const std::string& secret);

  bool terminal() const { return options_.terminal; }
  int width() const { return options_.width; }

 private:
  std::string Masked(std::string_view text) const;

  const Write write_;
  const Options options_;
  mutable std::mutex mutex_;
  std::string status_;                ///< guarded by mutex_
  std::vector<std::string> secrets_;  ///< guarded by mutex_; longest first
};

}  // namespace flare::observe
