/* A disk that fails, or a death, at chosen calls, for LD_PRELOAD. $FAILING_DISK is

     CALL WHEN ERRNO FIRST COUNT FOLDER [NAME]

   CALL   link, rename, create, write, sync or unlink
   WHEN   before: nothing is done; after: it is done, and the answer is lost;
          dies-before, dies-after: the process is killed there
   ERRNO  a number; FIRST, COUNT: the first call that fails, counted from 1, and how many fail
   FOLDER only names below it count; NAME: only those whose last part holds this text. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char call[16], when[16], folder[4096], part[256];
static int number, first, count;
static atomic_int calls;

__attribute__((constructor)) static void begin(void) {
  const char* text = getenv("FAILING_DISK");
  if (text == NULL) return;
  const int found = sscanf(text, "%15s %15s %d %d %d %4095s %255s", call, when, &number, &first, &count, folder, part);
  if (found < 6) call[0] = '\0';
}

/* Whether this call is one that fails. */
static int fails(const char* what, const char* path) {
  if (strcmp(what, call) != 0 || path == NULL || strncmp(path, folder, strlen(folder)) != 0) return 0;
  const char* slash = strrchr(path, '/');
  if (part[0] != '\0' && strstr(slash != NULL ? slash : path, part) == NULL) return 0;
  const int visit = atomic_fetch_add(&calls, 1) + 1;
  return visit >= first && visit < first + count;
}

static int path_of(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, 4095);
  if (length < 0) return 0;
  path[length] = '\0';
  return 1;
}

/* Makes the call unless it is to fail before; answers with the failure. */
#define MAYBE(what, path, make)                                       \
  do {                                                                \
    if (call[0] == '\0' || !fails(what, path)) return (make);         \
    if (strcmp(when, "dies-before") == 0) raise(SIGKILL);             \
    if (strstr(when, "after") != NULL && (make) < 0) return -1;       \
    if (strcmp(when, "dies-after") == 0) raise(SIGKILL);              \
    errno = number;                                                   \
    return -1;                                                        \
  } while (0)

int linkat(int from_at, const char* from, int to_at, const char* to, int flags) {
  MAYBE("link", to, REAL(linkat)(from_at, from, to_at, to, flags));
}
int link(const char* from, const char* to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  MAYBE("rename", to, REAL(renameat2)(from_at, from, to_at, to, flags));
}
int renameat(int from_at, const char* from, int to_at, const char* to) { return renameat2(from_at, from, to_at, to, 0); }
int rename(const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int at, const char* name, int flags) { MAYBE("unlink", name, REAL(unlinkat)(at, name, flags)); }
int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }

static int open_maybe(int at, const char* path, int flags, mode_t mode) {
  if (!(flags & O_CREAT) && (flags & O_TMPFILE) != O_TMPFILE) return REAL(openat)(at, path, flags, mode);
  MAYBE("create", path, REAL(openat)(at, path, flags, mode));
}

#define OPENS(name, parameters, at)                                                                \
  int name parameters {                                                                            \
    va_list arguments;                                                                             \
    va_start(arguments, flags);                                                                    \
    const mode_t mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);                                                                             \
    return open_maybe(at, path, flags, mode);                                                      \
  }
OPENS(open, (const char* path, int flags, ...), AT_FDCWD)
OPENS(open64, (const char* path, int flags, ...), AT_FDCWD)
OPENS(openat, (int at, const char* path, int flags, ...), at)
OPENS(openat64, (int at, const char* path, int flags, ...), at)

#define ON_DESCRIPTOR(what, make)                                  \
  do {                                                             \
    char path[4096];                                               \
    if (call[0] == '\0' || !path_of(fd, path)) return (make);      \
    MAYBE(what, path, make);                                       \
  } while (0)
ssize_t write(int fd, const void* data, size_t size) { ON_DESCRIPTOR("write", REAL(write)(fd, data, size)); }
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  ON_DESCRIPTOR("write", REAL(pwrite)(fd, data, size, at));
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  ON_DESCRIPTOR("write", REAL(pwrite64)(fd, data, size, at));
}
int fsync(int fd) { ON_DESCRIPTOR("sync", REAL(fsync)(fd)); }
int fdatasync(int fd) { ON_DESCRIPTOR("sync", REAL(fdatasync)(fd)); }
