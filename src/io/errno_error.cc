#include "io/errno_error.h"

#include <cerrno>
#include <system_error>

namespace flare::io {

Error FromErrno(int number, std::string_view what, const std::string& path) {
  std::string text = fmt::format("{} {}: {}", what, path, std::generic_category().message(number));
  switch (number) {
    case ENOENT:
    case ENOTDIR: return NotFound("{}", text);
    case EEXIST: return AlreadyExists("{}", text);
    case EACCES:
    case EPERM:
    case EROFS: return PermissionDenied("{}", text);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE: return ResourceExhausted("{}", text);
    default: return Unavailable("{}", text);
  }
}

}  // namespace flare::io
