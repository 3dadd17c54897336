#include "io/rename.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

#include "io/errno_error.h"
#include "io/file_system.h"

namespace flare::io {
namespace {

Status RenameAndSync(const std::string& from, const std::string& to, unsigned flags, const char* what) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
    int number = errno;
    if (number == EINVAL || number == ENOSYS) {
      return Unsupported("{} {} and {}: their file system cannot do that in one step", what, from, to);
    }
    return FromErrno(number, what, from);
  }
  RETURN_IF_ERROR(LocalFileSystem().SyncDirectory(ParentPath(from)));
  return LocalFileSystem().SyncDirectory(ParentPath(to));
}

}  // namespace

Status Rename(const std::string& from, const std::string& to) {
  return RenameAndSync(from, to, RENAME_NOREPLACE, "cannot rename");
}

Status Exchange(const std::string& a, const std::string& b) { return RenameAndSync(a, b, RENAME_EXCHANGE, "cannot swap"); }

}  // namespace flare::io
