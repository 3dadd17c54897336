/* A disk that gets full, for LD_PRELOAD: below $FULL_DISK_FOLDER only $FULL_DISK_BYTES bytes may be written,
   then every write fails with ENOSPC. Stands in for a small file system, which needs rights to mount. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_llong written;

static int is_full(int fd, size_t bytes) {
  static const char* folder;
  static long long limit;
  if (folder == NULL) {
    folder = getenv("FULL_DISK_FOLDER");
    const char* text = getenv("FULL_DISK_BYTES");
    limit = text != NULL ? atoll(text) : 0;
    if (folder == NULL) folder = "";
  }
  if (folder[0] == '\0') return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  if (strncmp(path, folder, strlen(folder)) != 0) return 0;
  if (atomic_fetch_add(&written, (long long)bytes) + (long long)bytes <= limit) return 0;
  errno = ENOSPC;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* data, size_t size) {
  return is_full(fd, size) ? -1 : REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return is_full(fd, size) ? -1 : REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return is_full(fd, size) ? -1 : REAL(pwrite64)(fd, data, size, at);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  return is_full(fd, size) ? -1 : REAL(writev)(fd, parts, count);
}
