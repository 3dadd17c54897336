/* A disk that forgets what was not synced, for LD_PRELOAD: writes down every change below $LOSSY_DISK_FOLDER in
   $LOSSY_DISK_JOURNAL/journal, so that after kill -9 lossy_disk.py can undo what a power cut might have undone. What
   unlink and rename take away is kept by hard links beside the journal. With $LOSSY_DISK_IGNORES_SYNC set, syncing does
   nothing and is not written down: what a program that forgot to sync would leave.

   A line is one change, tab-separated, written before the change is made (the other side copes with one that was not
   made), or behind it for F and S:
     N inode               a new file; nothing of it is durable
     W inode size path     an old file was opened for writing
     T inode size          a file was cut
     C path                a name was made by creating a file
     L inode path          a name was made by linking
     R inode from to kept  a name was changed; kept = a hard link to what was replaced, or -
     U path kept           a name was removed
     D path, X path        a folder was made, removed
     F inode size          a file was synced
     S path                a folder was synced
   Bytes that overwrite durable ones in place are not tracked. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define SIZE 4096

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static char folder[SIZE], journal_folder[SIZE];
static int journal = -1, ignores_sync, kept_count;

__attribute__((constructor)) static void begin(void) {
  const char* below = getenv("LOSSY_DISK_FOLDER");
  const char* into = getenv("LOSSY_DISK_JOURNAL");
  if (below == NULL || into == NULL) return;
  snprintf(folder, SIZE, "%s/", below);
  snprintf(journal_folder, SIZE, "%s", into);
  ignores_sync = getenv("LOSSY_DISK_IGNORES_SYNC") != NULL;
  char path[SIZE + 16];
  snprintf(path, sizeof path, "%s/journal", into);
  journal = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void note(const char* format, ...) {
  char line[4 * SIZE];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (length <= 0 || REAL(write)(journal, line, (size_t)length) != length) abort();
}

/* Whether a name is ours; `full` gets its absolute path. */
static int ours(int at, const char* name, char* full) {
  if (journal < 0 || name == NULL) return 0;
  if (name[0] == '/') {
    snprintf(full, SIZE, "%s", name);
  } else {
    char base[SIZE];
    if (at == AT_FDCWD) {
      if (getcwd(base, sizeof base) == NULL) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", at);
      const ssize_t length = readlink(link, base, sizeof base - 1);
      if (length < 0) return 0;
      base[length] = '\0';
    }
    if (snprintf(full, SIZE, "%s/%s", base, name) >= SIZE) return 0;
  }
  return strncmp(full, folder, strlen(folder)) == 0;
}

static int exists(const char* path, struct stat* info) { return lstat(path, info) == 0; }

/* A hard link to what a name is about to lose; "-" when there is nothing. */
static void keep(const char* path, char* kept) {
  struct stat info;
  snprintf(kept, SIZE, "-");
  if (!exists(path, &info) || S_ISDIR(info.st_mode)) return;
  char name[64], to[SIZE + 80];
  snprintf(name, sizeof name, "kept-%d-%d", (int)getpid(), kept_count++);
  snprintf(to, sizeof to, "%s/%s", journal_folder, name);
  if (REAL(link)(path, to) == 0) snprintf(kept, SIZE, "%s", name);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int open_noted(int at, const char* name, int flags, mode_t mode) {
  char path[SIZE];
  if ((flags & O_ACCMODE) == O_RDONLY || !ours(at, name, path)) return REAL(openat)(at, name, flags, mode);
  pthread_mutex_lock(&one_at_a_time);
  const int nameless = (flags & O_TMPFILE) == O_TMPFILE;
  struct stat before, after;
  const int old = !nameless && stat(path, &before) == 0;
  if (!old && !nameless && (flags & O_CREAT)) note("C\t%s\n", path);
  const int fd = REAL(openat)(at, name, flags, mode);
  const int number = errno;
  if (fd >= 0 && fstat(fd, &after) == 0) {
    if (!old) note("N\t%lu\n", (unsigned long)after.st_ino);
    if (old) note("W\t%lu\t%ld\t%s\n", (unsigned long)after.st_ino, (long)before.st_size, path);
    if (old && (flags & O_TRUNC)) note("T\t%lu\t0\n", (unsigned long)after.st_ino);
  }
  pthread_mutex_unlock(&one_at_a_time);
  errno = number;
  return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

#define OPENS(name, parameters, at, path)        \
  int name parameters {                          \
    va_list arguments;                           \
    va_start(arguments, flags);                  \
    const mode_t mode = mode_of(flags, arguments); \
    va_end(arguments);                           \
    return open_noted(at, path, flags, mode);    \
  }
OPENS(open, (const char* path, int flags, ...), AT_FDCWD, path)
OPENS(open64, (const char* path, int flags, ...), AT_FDCWD, path)
OPENS(openat, (int at, const char* path, int flags, ...), at, path)
OPENS(openat64, (int at, const char* path, int flags, ...), at, path)
int __open_2(const char* path, int flags) { return open_noted(AT_FDCWD, path, flags, 0); }
int __open64_2(const char* path, int flags) { return open_noted(AT_FDCWD, path, flags, 0); }
int creat(const char* path, mode_t mode) { return open_noted(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char* path, mode_t mode) { return creat(path, mode); }

static int cut(int fd, off_t size) {
  char link[64], path[SIZE], full[SIZE];
  struct stat info;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length > 0) path[length] = '\0';
  if (length > 0 && ours(AT_FDCWD, path, full) && fstat(fd, &info) == 0)
    note("T\t%lu\t%ld\n", (unsigned long)info.st_ino, (long)size);
  return REAL(ftruncate)(fd, size);
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

/* --- names -------------------------------------------------------------------------------------------------------- */

int linkat(int from_at, const char* from, int to_at, const char* to, int flags) {
  char path[SIZE];
  if (!ours(to_at, to, path)) return REAL(linkat)(from_at, from, to_at, to, flags);
  pthread_mutex_lock(&one_at_a_time);
  struct stat info;
  if (fstatat(from_at, from, &info, flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) == 0)
    note("L\t%lu\t%s\n", (unsigned long)info.st_ino, path);
  const int done = REAL(linkat)(from_at, from, to_at, to, flags);
  const int number = errno;
  pthread_mutex_unlock(&one_at_a_time);
  errno = number;
  return done;
}
int link(const char* from, const char* to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  char old[SIZE], path[SIZE], kept[SIZE];
  if (!ours(to_at, to, path) || !ours(from_at, from, old)) return REAL(renameat2)(from_at, from, to_at, to, flags);
  pthread_mutex_lock(&one_at_a_time);
  struct stat info;
  if (exists(old, &info)) {
    keep(path, kept);
    note("R\t%lu\t%s\t%s\t%s\n", (unsigned long)info.st_ino, old, path, kept);
  }
  const int done = REAL(renameat2)(from_at, from, to_at, to, flags);
  const int number = errno;
  pthread_mutex_unlock(&one_at_a_time);
  errno = number;
  return done;
}
int renameat(int from_at, const char* from, int to_at, const char* to) { return renameat2(from_at, from, to_at, to, 0); }
int rename(const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int at, const char* name, int flags) {
  char path[SIZE], kept[SIZE];
  if (!ours(at, name, path)) return REAL(unlinkat)(at, name, flags);
  pthread_mutex_lock(&one_at_a_time);
  struct stat info;
  if (flags & AT_REMOVEDIR) {
    note("X\t%s\n", path);
  } else if (exists(path, &info)) {
    keep(path, kept);
    note("U\t%s\t%s\n", path, kept);
  }
  const int done = REAL(unlinkat)(at, name, flags);
  const int number = errno;
  pthread_mutex_unlock(&one_at_a_time);
  errno = number;
  return done;
}
int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char* path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char* path) {
  const int done = unlink(path);
  return done != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : done;
}

int mkdirat(int at, const char* name, mode_t mode) {
  char path[SIZE];
  if (!ours(at, name, path)) return REAL(mkdirat)(at, name, mode);
  pthread_mutex_lock(&one_at_a_time);
  struct stat info;
  if (!exists(path, &info)) note("D\t%s\n", path);
  const int done = REAL(mkdirat)(at, name, mode);
  const int number = errno;
  pthread_mutex_unlock(&one_at_a_time);
  errno = number;
  return done;
}
int mkdir(const char* path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* --- syncing ------------------------------------------------------------------------------------------------------ */

static int sync_noted(int fd, int (*sync_it)(int)) {
  char link[64], path[SIZE], full[SIZE + 1];
  struct stat info;
  if (journal < 0) return sync_it(fd);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length > 0) path[length] = '\0';
  const int known = length > 0 && fstat(fd, &info) == 0;
  if (!known) return sync_it(fd);
  snprintf(full, sizeof full, "%s/", path);
  if (strncmp(full, folder, strlen(folder)) != 0) return sync_it(fd);
  if (ignores_sync) return 0;
  const int done = sync_it(fd);
  if (done != 0) return done;
  pthread_mutex_lock(&one_at_a_time);
  if (S_ISDIR(info.st_mode)) note("S\t%s\n", path);
  if (S_ISREG(info.st_mode)) note("F\t%lu\t%ld\n", (unsigned long)info.st_ino, (long)info.st_size);
  pthread_mutex_unlock(&one_at_a_time);
  return 0;
}
int fsync(int fd) { return sync_noted(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_noted(fd, REAL(fdatasync)); }
