#include "io/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "io/errno_error.h"

namespace flare::io {
namespace {

/// What the holder wrote into the file.
std::string OwnerIn(int fd) {
  char holder[256] = {};
  ssize_t got = ::pread(fd, holder, sizeof(holder) - 1, 0);
  std::string by(holder, got > 0 ? static_cast<size_t>(got) : 0);
  while (!by.empty() && by.back() == '\n') by.pop_back();
  return by.empty() ? "another process" : by;
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::Acquire(const std::string& path, const std::string& owner) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) {
    std::string reason = std::generic_category().message(errno);
    if (errno == EACCES || errno == EROFS || errno == EPERM) {
      return PermissionDenied("cannot open the lock file {}: {}", path, reason);
    }
    return Unavailable("cannot open the lock file {}: {}", path, reason);
  }
  std::unique_ptr<FileLock> lock(new FileLock(fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return Conflict("{} is locked by {}", path, OwnerIn(fd));
  }
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, owner.data(), owner.size(), 0) < 0) {
    // The lock itself holds; only the note for people could not be written.
  }
  return lock;
}

Result<std::unique_ptr<FileLock>> FileLock::TakeExisting(const std::string& path) {
  std::unique_ptr<FileLock> lock;
  int fd = -1, locked = -1;
  for (int mode : {O_RDONLY, O_RDWR}) {  // NFS locks only what is open for writing
    fd = ::open(path.c_str(), mode | O_CLOEXEC);
    if (fd < 0) return FromErrno(errno, "cannot open", path);
    lock.reset(new FileLock(fd));
    locked = ::flock(fd, LOCK_EX | LOCK_NB);
    if (locked == 0 || errno != EBADF) break;
  }
  if (locked != 0 && errno == EWOULDBLOCK) return Conflict("{} is locked by another process", path);
  if (locked != 0) return FromErrno(errno, "cannot lock", path);
  struct stat info {};
  if (::fstat(fd, &info) != 0) return FromErrno(errno, "cannot look at", path);
  if (info.st_nlink == 0) return NotFound("{} was removed", path);  // by the one who held the lock before
  return lock;
}

Result<std::optional<std::string>> FileLock::Holder(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return PermissionDenied("cannot open the lock file {}: {}", path, std::generic_category().message(errno));
  }
  std::unique_ptr<FileLock> closes(new FileLock(fd));
  if (::flock(fd, LOCK_SH | LOCK_NB) == 0) return std::optional<std::string>();
  return std::optional(OwnerIn(fd));
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace flare::io
