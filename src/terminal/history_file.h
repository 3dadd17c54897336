#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace flare::terminal {

/// What was entered, one entry a line, the newest last. Line breaks within an entry stand as `\n`.
/// Only the user can read it: statements may hold what others must not see. Each entry is one
/// append, so that shells at the same time do not lose each other's.
class HistoryFile {
 public:
  explicit HistoryFile(std::string path) : path_(std::move(path)) {}

  /// The newest kMost entries; none when there is no file. Errors: what the file system says.
  Result<std::vector<std::string>> Load() const;
  /// Makes the file and its folders when they are not there.
  Status Append(const std::string& entry) const;

  static constexpr size_t kMost = 5000;

 private:
  std::string path_;
};

}  // namespace flare::terminal
