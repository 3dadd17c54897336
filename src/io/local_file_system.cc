#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/random.h"
#include "io/errno_error.h"
#include "io/file_system.h"

namespace flare::io {
namespace {

constexpr int kReplaceTries = 100;  ///< of one that meets others who replace the same file

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Close() {
    int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    ssize_t wrote = ::write(fd, content.data(), content.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return FromErrno(errno, "cannot write", path);
    }
    content.remove_prefix(static_cast<size_t>(wrote));
  }
  return Ok();
}

Status SyncPath(const std::string& path, int flags) {
  Descriptor fd(::open(path.c_str(), flags | O_CLOEXEC));
  if (!fd.valid()) return FromErrno(errno, "cannot open", path);
  if (::fsync(fd.get()) != 0) return FromErrno(errno, "cannot sync", path);
  return Ok();
}

class LocalDisk final : public FileSystem {
 public:
  Result<std::string> Read(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) return FromErrno(errno, "cannot read", path);
    std::string content;
    char buffer[1 << 16];
    for (;;) {
      ssize_t got = ::read(fd.get(), buffer, sizeof(buffer));
      if (got < 0) {
        if (errno == EINTR) continue;
        return FromErrno(errno, "cannot read", path);
      }
      if (got == 0) return content;
      content.append(buffer, static_cast<size_t>(got));
    }
  }

  Result<bool> Exists(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return FromErrno(errno, "cannot look at", path);
  }

  Result<int64_t> Size(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return FromErrno(errno, "cannot look at", path);
    return static_cast<int64_t>(info.st_size);
  }

  Result<std::vector<DirEntry>> List(const std::string& directory) override {
    DIR* dir = ::opendir(directory.c_str());
    if (dir == nullptr) return FromErrno(errno, "cannot list", directory);
    std::unique_ptr<DIR, int (*)(DIR*)> closer(dir, ::closedir);
    std::vector<DirEntry> entries;
    errno = 0;
    while (dirent* entry = ::readdir(dir)) {
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat info {};
      if (::fstatat(::dirfd(dir), entry->d_name, &info, 0) != 0) {
        errno = 0;  // gone meanwhile; at the end of the folder errno tells whether readdir failed
        continue;
      }
      entries.push_back({std::move(name), S_ISDIR(info.st_mode), static_cast<int64_t>(info.st_size),
                         static_cast<int64_t>(info.st_mtim.tv_sec) * 1000 + info.st_mtim.tv_nsec / 1000000});
      errno = 0;
    }
    if (errno != 0) return FromErrno(errno, "cannot list", directory);
    return entries;
  }

  Status CreateDirectories(const std::string& directory) override {
    ASSIGN_OR_RETURN(bool exists, Exists(directory));
    if (exists) return Ok();
    std::string parent = ParentPath(directory);
    if (!parent.empty()) RETURN_IF_ERROR(CreateDirectories(parent));
    if (::mkdir(directory.c_str(), 0777) != 0) {
      if (errno == EEXIST) return Ok();
      return FromErrno(errno, "cannot make the folder", directory);
    }
    return parent.empty() ? Ok() : SyncDirectory(parent);
  }

  Status CreateExclusive(const std::string& path, std::string_view content) override {
    ASSIGN_OR_RETURN(bool created, CreateNameless(path, content));
    if (created) return SyncDirectory(ParentPath(path));
    ASSIGN_OR_RETURN(std::string temporary, WriteTemporary(path, content));
    // link(2) fails when the name is taken; rename(2) would overwrite.
    int linked = ::link(temporary.c_str(), path.c_str());
    int number = errno;
    ::unlink(temporary.c_str());
    if (linked != 0) return FromErrno(number, "cannot create", path);
    return SyncDirectory(ParentPath(path));
  }

  Status Replace(const std::string& path, std::string_view content) override {
    // One name for all who replace this file: what a crash leaves, the next one takes away. Two at a time may
    // put each other's content in place, which is what one behind the other would have done.
    std::string temporary = JoinPath(ParentPath(path), fmt::format(".{}.tmp", BaseName(path)));
    for (int tries = 0;; ++tries) {
      if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) return FromErrno(errno, "cannot remove", temporary);
      auto created = CreateNameless(temporary, content);
      if (!created && created.error().code() == Code::kAlreadyExists && tries < kReplaceTries) continue;
      if (!created) return std::move(created).error();
      if (!*created) {
        ASSIGN_OR_RETURN(temporary, WriteTemporary(path, content));
      }
      if (::rename(temporary.c_str(), path.c_str()) == 0) return SyncDirectory(ParentPath(path));
      int number = errno;
      if (number == ENOENT && tries < kReplaceTries) continue;  // another one's rename took it
      ::unlink(temporary.c_str());
      return FromErrno(number, "cannot replace", path);
    }
  }

  Status SyncFile(const std::string& path) override { return SyncPath(path, O_RDONLY); }
  Status SyncDirectory(const std::string& directory) override {
    return SyncPath(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FromErrno(errno, "cannot remove", path);
    return Ok();
  }

  Status RemoveTree(const std::string& directory) override {
    std::error_code error;
    std::filesystem::remove_all(directory, error);
    if (error) return FromErrno(error.value(), "cannot remove", directory);
    return Ok();
  }

 private:
  /// Creates a file that has no name until it is whole and on disk, so that a crash leaves nothing behind; the
  /// name is not synced. False, and nothing is done, where the file system or the kernel cannot do so.
  static Result<bool> CreateNameless(const std::string& path, std::string_view content) {
    std::string folder = ParentPath(path);
    Descriptor fd(::open(folder.empty() ? "." : folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666));
    if (!fd.valid()) {
      if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return false;
      return FromErrno(errno, "cannot create", path);
    }
    std::string self = fmt::format("/proc/self/fd/{}", fd.get());
    if (::access(self.c_str(), F_OK) != 0) return false;  // no /proc
    RETURN_IF_ERROR(WriteAll(fd.get(), content, path));
    if (::fsync(fd.get()) != 0) return FromErrno(errno, "cannot sync", path);
    // link(2) fails when the name is taken; rename(2) would overwrite.
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return FromErrno(errno, "cannot create", path);
    }
    return true;
  }

  static Result<std::string> WriteTemporary(const std::string& path, std::string_view content) {
    std::string temporary = JoinPath(ParentPath(path), fmt::format(".{}.{}.tmp", BaseName(path), NewUuid()));
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!fd.valid()) return FromErrno(errno, "cannot create", path);
    Status written = WriteAll(fd.get(), content, path);
    if (written && ::fsync(fd.get()) != 0) written = FromErrno(errno, "cannot sync", path);
    if (fd.Close() != 0 && written) written = FromErrno(errno, "cannot close", path);
    if (!written) {
      ::unlink(temporary.c_str());
      return std::move(written).error();
    }
    return temporary;
  }
};

}  // namespace

FileSystem& LocalFileSystem() {
  static LocalDisk disk;
  return disk;
}

std::string JoinPath(std::string_view base, std::string_view name) {
  if (base.empty()) return std::string(name);
  std::string path(base);
  if (path.back() != '/') path += '/';
  while (!name.empty() && name.front() == '/') name.remove_prefix(1);
  return path.append(name);
}

std::string ParentPath(std::string_view path) {
  auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string BaseName(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace flare::io
