#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace flare::io {

/// An exclusive advisory lock (flock) on a file, held until destruction or the process's end.
/// Errors: Conflict when another process holds it; the message carries what that one wrote.
class FileLock {
 public:
  /// Takes the lock, creating the file when absent, and writes `owner` into it for people to read.
  static Result<std::unique_ptr<FileLock>> Acquire(const std::string& path, const std::string& owner);
  /// Takes the lock on a file that is there, which stays as it is. Errors: NotFound when there is none, or none any
  /// more; Conflict when somebody holds it.
  static Result<std::unique_ptr<FileLock>> TakeExisting(const std::string& path);
  /// Who holds the lock at `path` just now, as that one wrote it; nullopt when nobody does, also when
  /// there is no such file. Changes nothing.
  static Result<std::optional<std::string>> Holder(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace flare::io
