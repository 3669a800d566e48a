/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program under test: counts its calls on the store's files,
 * makes one of them fail, kills at one, and logs what was written, for a power
 * cut to be played over (trace.h).  What libc calls inside itself it misses.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "trace.h"

enum { FDS = 1024, HIGH_FD = 200, MINE = 1, DSYNC = 2, DIRECTORY = 4 };
enum action { DO_ERRNO, DO_SHORT, DO_KILL, DO_LIE };

static const char *const names[CALLS] = TRACE_NAMES;
static const struct {
	const char *name;
	int value;
} errnos[] = {
	{ "EIO", EIO },
	{ "ENOSPC", ENOSPC },
	{ "EINTR", EINTR },
	{ "ENOMEM", ENOMEM },
	{ "EMFILE", EMFILE },
	{ "EACCES", EACCES },
	{ "EDQUOT", EDQUOT },
	{ "EFBIG", EFBIG },
	{ "EROFS", EROFS },
	{ "ENOLCK", ENOLCK },
};

static const char *below; /* NULL: not set up, nothing counts */
static size_t below_n;
static bool wanted[CALLS];
static unsigned long strike_at;
static bool strike_on;
static enum action action;
static int action_errno = EIO;
static int log_fd = -1;
static struct seen nobody;
static struct seen *seen = &nobody;
static unsigned char fds[FDS];
static uintptr_t libc_lo, libc_hi; /* its code; 0: not found */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

/* ---- what is asked ---- */

static void
read_calls(const char *list)
{
	size_t n;

	for (; list != NULL && *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		for (int i = 0; i < CALLS; i++)
			if ((n == 3 && memcmp(list, "all", 3) == 0 &&
				i < CALL_ANSWER) ||
			    (strlen(names[i]) == n &&
				memcmp(list, names[i], n) == 0))
				wanted[i] = true;
	}
}

static void
read_action(const char *what)
{
	if (strcmp(what, "short") == 0)
		action = DO_SHORT;
	else if (strcmp(what, "kill") == 0)
		action = DO_KILL;
	else if (strcmp(what, "lie") == 0)
		action = DO_LIE;
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (strcmp(what, errnos[i].name) == 0)
			action_errno = errnos[i].value;
}

/* A descriptor out of the way of those that the program gets. */
static int
open_high(const char *path, int flags)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
	int high = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (fd < 0 || high < 0)
		return fd;
	(void)syscall(SYS_close, fd);
	return high;
}

/*
 * Where the code of libc lies.  Its own calls of malloc are not struck: glibc
 * 2.36 ends by a signal where its table of user names wants memory
 * (getpwuid), which is no fault of the program.
 */
static void
find_libc(void)
{
	static char maps[65536];
	char *line = maps, *end;
	size_t n = 0;
	long got;
	int fd = open_high("/proc/self/maps", O_RDONLY);

	if (fd < 0)
		return;
	while (n < sizeof(maps) - 1 && (got = syscall(SYS_read, fd, maps + n,
					    sizeof(maps) - 1 - n)) > 0)
		n += (size_t)got;
	(void)syscall(SYS_close, fd);
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		char *rest;
		uintptr_t lo, hi;

		*end = '\0';
		lo = (uintptr_t)strtoull(line, &rest, 16);
		hi = (uintptr_t)strtoull(rest + 1, &rest, 16);
		if (strncmp(rest, " r-x", 4) == 0 &&
		    strstr(rest, "/libc.so.") != NULL) {
			libc_lo = lo;
			libc_hi = hi;
		}
	}
}

static void __attribute__((constructor)) set_up(void)
{
	const char *path = getenv("FAULT_SEEN"), *text;
	int fd;

	if (path != NULL && (fd = open_high(path, O_RDWR)) >= 0) {
		void *page = (void *)syscall(SYS_mmap, NULL, sizeof(*seen),
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)0);

		if (page != MAP_FAILED)
			seen = page;
		(void)syscall(SYS_close, fd);
	}
	if ((path = getenv("FAULT_LOG")) != NULL)
		log_fd = open_high(path, O_WRONLY | O_APPEND);
	read_calls(getenv("FAULT_CALLS"));
	if ((text = getenv("FAULT_DO")) != NULL)
		read_action(text);
	if ((text = getenv("FAULT_AT")) != NULL)
		strike_at = strtoul(text, NULL, 10);
	text = getenv("FAULT_FROM");
	strike_on = text != NULL && *text == '1';
	find_libc();
	if ((below = getenv("FAULT_DIR")) != NULL)
		below_n = strlen(below);
}

static bool
mine_path(int dir, const char *path)
{
	if (below == NULL)
		return false;
	if (path[0] == '/')
		return strncmp(path, below, below_n) == 0 &&
		       (path[below_n] == '/' || path[below_n] == '\0');
	return dir >= 0 && dir < FDS && (fds[dir] & MINE) != 0;
}

static bool
mine(int fd)
{
	return below != NULL && fd >= 0 && fd < FDS && (fds[fd] & MINE) != 0;
}

/* ---- striking ---- */

enum strike { GO_ON, FAIL, LIE };

/*
 * One call: whether it is struck.  size: of a write, cut where the action is
 * `short`; NULL: no write, which that action passes over.
 */
static enum strike
strike(enum call call, size_t *size)
{
	unsigned long n;

	__atomic_add_fetch(&seen->calls[call], 1, __ATOMIC_RELAXED);
	if (!wanted[call] || (action == DO_SHORT && (!size || *size < 2)))
		return GO_ON;
	n = __atomic_add_fetch(&seen->hits, 1, __ATOMIC_RELAXED);
	if (strike_at == 0 || n < strike_at || (n > strike_at && !strike_on))
		return GO_ON;
	if (__atomic_add_fetch(&seen->struck, 1, __ATOMIC_RELAXED) == 1)
		seen->first = (uint64_t)call + 1;
	switch (action) {
	case DO_SHORT:
		*size /= 2;
		return GO_ON;
	case DO_LIE:
		return LIE;
	case DO_KILL:
		(void)syscall(SYS_kill, getpid(), SIGKILL);
		(void)syscall(SYS_exit_group, 137); /* a sandbox said no */
		break;
	case DO_ERRNO:
		break;
	}
	errno = action_errno;
	return FAIL;
}

static bool
lies_of_syncs(void)
{
	return action == DO_LIE && wanted[CALL_FDATASYNC] && strike_at != 0;
}

/* ---- the log ---- */

static void
log_bytes(enum trace_type type, uint64_t ino, int64_t off,
    const struct iovec *iov, int niov, size_t len)
{
	struct trace t = { type, (uint32_t)len, ino, off };
	struct iovec all[IOV_MAX > 80 ? 80 : IOV_MAX];
	int n = 1;

	if (log_fd < 0)
		return;
	all[0].iov_base = &t;
	all[0].iov_len = sizeof(t);
	for (int i = 0; i < niov && len > 0 && n < 80; i++, n++) {
		all[n] = iov[i];
		if (all[n].iov_len > len)
			all[n].iov_len = len;
		len -= all[n].iov_len;
	}
	if (syscall(SYS_writev, log_fd, all, n) < 0)
		_exit(99);
}

static uint64_t
ino_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void
log_write(int fd, const struct iovec *iov, int n, ssize_t len, off_t off)
{
	int e = errno;

	if (log_fd < 0 || len <= 0)
		return;
	log_bytes((fds[fd] & DSYNC) != 0 ? TRACE_WRITE_DSYNC : TRACE_WRITE,
	    ino_of(fd), off, iov, n, (size_t)len);
	errno = e;
}

static void
log_paths(enum trace_type type, uint64_t ino, const char *a, const char *b)
{
	struct iovec iov[2];
	size_t la = strlen(a) + 1, lb = b != NULL ? strlen(b) + 1 : 0;
	int e = errno;

	iov[0] = (struct iovec){ (void *)(uintptr_t)a, la };
	iov[1] = (struct iovec){ (void *)(uintptr_t)b, lb };
	log_bytes(type, ino, 0, iov, b != NULL ? 2 : 1, la + lb);
	errno = e;
}

/* The file of a descriptor by its whole name, however it was opened. */
static void
log_name(enum trace_type type, uint64_t ino, int fd)
{
	char name[64], path[PATH_MAX];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	log_paths(type, ino, path, NULL);
}

static void
log_sync(int fd)
{
	int e = errno;

	if (log_fd < 0)
		return;
	if ((fds[fd] & DIRECTORY) == 0)
		log_bytes(TRACE_SYNC, ino_of(fd), 0, NULL, 0, 0);
	else
		log_name(TRACE_DIR, 0, fd);
	errno = e;
}

/* ---- opening ---- */

static int
opened(int fd, int flags)
{
	struct stat st;
	int e = errno;

	if (fd < 0 || fd >= FDS)
		return fd;
	fds[fd] = MINE;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		fds[fd] |= DIRECTORY;
	} else {
		if ((flags & O_DSYNC) != 0 && !lies_of_syncs())
			fds[fd] |= DSYNC;
		if (log_fd >= 0)
			log_name(TRACE_OPEN, st.st_ino, fd);
		if ((flags & O_TRUNC) != 0)
			log_bytes(TRACE_SIZE, st.st_ino, 0, NULL, 0, 0);
	}
	errno = e;
	return fd;
}

static int
do_open(int dir, const char *path, int flags, mode_t mode)
{
	if (!mine_path(dir, path)) {
		int fd = (int)syscall(SYS_openat, dir, path, flags, mode);

		if (fd >= 0 && fd < FDS)
			fds[fd] = 0;
		return fd;
	}
	if (strike(CALL_OPEN, NULL) == FAIL)
		return -1;
	return opened((int)syscall(SYS_openat, dir, path, flags, mode), flags);
}

#define HAS_MODE(flags)                                                        \
	(((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE)

#define OPEN(name)                                                             \
	int name(const char *path, int flags, ...)                             \
	{                                                                      \
		mode_t mode = 0;                                               \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, flags);                                           \
		if (HAS_MODE(flags))                                           \
			mode = va_arg(ap, mode_t);                             \
		va_end(ap);                                                    \
		return do_open(AT_FDCWD, path, flags, mode);                   \
	}
#define OPENAT(name)                                                           \
	int name(int dir, const char *path, int flags, ...)                    \
	{                                                                      \
		mode_t mode = 0;                                               \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, flags);                                           \
		if (HAS_MODE(flags))                                           \
			mode = va_arg(ap, mode_t);                             \
		va_end(ap);                                                    \
		return do_open(dir, path, flags, mode);                        \
	}
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
int __open_2(const char *, int);
int
__open_2(const char *path, int flags)
{
	return do_open(AT_FDCWD, path, flags, 0);
}
int __openat_2(int, const char *, int);
int
__openat_2(int dir, const char *path, int flags)
{
	return do_open(dir, path, flags, 0);
}

DIR *
opendir(const char *path)
{
	int fd = do_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	return fd >= 0 ? fdopendir(fd) : NULL;
}

int
close(int fd)
{
	if (fd >= 0 && fd < FDS)
		fds[fd] = 0;
	return (int)syscall(SYS_close, fd);
}

static int
dup_of(int fd, int copy)
{
	if (copy >= 0 && copy < FDS)
		fds[copy] = fd >= 0 && fd < FDS ? fds[fd] : 0;
	return copy;
}

int
dup(int fd)
{
	return dup_of(fd, (int)syscall(SYS_dup, fd));
}

int
dup2(int fd, int copy)
{
	return dup_of(fd, (int)syscall(SYS_dup2, fd, copy));
}

static int
do_fcntl(int fd, int cmd, void *arg)
{
	int rc;

	if (mine(fd) && (cmd == F_SETLK || cmd == F_SETLKW) &&
	    strike(CALL_FCNTL, NULL) == FAIL)
		return -1;
	rc = (int)syscall(SYS_fcntl, fd, cmd, arg);
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		return dup_of(fd, rc);
	return rc;
}

#define FCNTL(name)                                                            \
	int name(int fd, int cmd, ...)                                         \
	{                                                                      \
		void *arg;                                                     \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, cmd);                                             \
		arg = va_arg(ap, void *);                                      \
		va_end(ap);                                                    \
		return do_fcntl(fd, cmd, arg);                                 \
	}
FCNTL(fcntl)
FCNTL(fcntl64)

/* ---- reading and writing ---- */

ssize_t
read(int fd, void *p, size_t n)
{
	if (mine(fd) && strike(CALL_READ, NULL) == FAIL)
		return -1;
	return syscall(SYS_read, fd, p, n);
}

static ssize_t
do_pread(int fd, void *p, size_t n, off_t at)
{
	if (mine(fd) && strike(CALL_PREAD, NULL) == FAIL)
		return -1;
	return syscall(SYS_pread64, fd, p, n, at);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	return do_pread(fd, p, n, at);
}

ssize_t
pread64(int fd, void *p, size_t n, off64_t at)
{
	return do_pread(fd, p, n, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	struct iovec iov = { (void *)(uintptr_t)p, n };
	enum strike s = GO_ON;
	size_t cut = n;
	ssize_t done;

	if (below != NULL && (fd == STDOUT_FILENO || mine(fd)))
		s = strike(
		    fd == STDOUT_FILENO ? CALL_ANSWER : CALL_WRITE, &cut);
	if (s != GO_ON)
		return s == FAIL ? -1 : (ssize_t)n;
	done = syscall(SYS_write, fd, p, cut);
	if (done > 0 && fd == STDOUT_FILENO)
		log_bytes(TRACE_ANSWER, 0, 0, &iov, 1, (size_t)done);
	else if (mine(fd))
		log_write(fd, &iov, 1, done, lseek(fd, 0, SEEK_CUR) - done);
	return done;
}

static ssize_t
do_pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct iovec iov = { (void *)(uintptr_t)p, n };
	enum strike s;
	size_t cut = n;
	ssize_t done;

	s = mine(fd) ? strike(CALL_PWRITE, &cut) : GO_ON;
	if (s != GO_ON)
		return s == FAIL ? -1 : (ssize_t)n;
	done = syscall(SYS_pwrite64, fd, p, cut, at);
	if (mine(fd))
		log_write(fd, &iov, 1, done, at);
	return done;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return do_pwrite(fd, p, n, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return do_pwrite(fd, p, n, at);
}

/* at < 0: where the file stands. */
static ssize_t
do_writev(int fd, const struct iovec *iov, int n, off_t at)
{
	enum strike s = GO_ON;
	size_t all = 0, cut;
	ssize_t done;

	for (int i = 0; i < n; i++)
		all += iov[i].iov_len;
	cut = all;
	if (mine(fd))
		s = strike(at < 0 ? CALL_WRITEV : CALL_PWRITEV, &cut);
	if (s != GO_ON)
		return s == FAIL ? -1 : (ssize_t)all;
	if (cut < all) { /* a short count: whole pieces are short enough */
		if (n > 1)
			n /= 2;
		else
			return at < 0
				   ? syscall(SYS_write, fd, iov->iov_base, cut)
				   : syscall(SYS_pwrite64, fd, iov->iov_base,
					 cut, at);
	}
	done = at < 0 ? syscall(SYS_writev, fd, iov, n)
		      : syscall(SYS_pwritev, fd, iov, n, at, 0);
	if (mine(fd))
		log_write(fd, iov, n, done,
		    at < 0 ? lseek(fd, 0, SEEK_CUR) - done : at);
	return done;
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	return do_writev(fd, iov, n, -1);
}

ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
	return do_writev(fd, iov, n, at);
}

/* ---- to disk ---- */

static int
do_sync(int fd, enum call call, long number)
{
	enum strike s = mine(fd) ? strike(call, NULL) : GO_ON;
	int rc;

	if (s != GO_ON)
		return s == FAIL ? -1 : 0;
	rc = (int)syscall(number, fd);
	if (rc == 0 && mine(fd))
		log_sync(fd);
	return rc;
}

int
fsync(int fd)
{
	return do_sync(fd, CALL_FSYNC, SYS_fsync);
}

int
fdatasync(int fd)
{
	return do_sync(fd, CALL_FDATASYNC, SYS_fdatasync);
}

int
msync(void *p, size_t n, int flags)
{
	enum strike s = below != NULL ? strike(CALL_MSYNC, NULL) : GO_ON;

	if (s != GO_ON)
		return s == FAIL ? -1 : 0;
	return (int)syscall(SYS_msync, p, n, flags);
}

static int
do_truncate(int fd, off_t size)
{
	enum strike s = mine(fd) ? strike(CALL_FTRUNCATE, NULL) : GO_ON;
	int rc;

	if (s != GO_ON)
		return s == FAIL ? -1 : 0;
	rc = (int)syscall(SYS_ftruncate, fd, size);
	if (rc == 0 && mine(fd))
		log_bytes(TRACE_SIZE, ino_of(fd), size, NULL, 0, 0);
	return rc;
}

int
ftruncate(int fd, off_t size)
{
	return do_truncate(fd, size);
}

int
ftruncate64(int fd, off64_t size)
{
	return do_truncate(fd, size);
}

static void *
do_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	if (mine(fd) && strike(CALL_MMAP, NULL) == FAIL)
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, at);
}

void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	return do_mmap(p, n, prot, flags, fd, at);
}

void *
mmap64(void *p, size_t n, int prot, int flags, int fd, off64_t at)
{
	return do_mmap(p, n, prot, flags, fd, at);
}

int
flock(int fd, int how)
{
	if (mine(fd) && strike(CALL_FLOCK, NULL) == FAIL)
		return -1;
	return (int)syscall(SYS_flock, fd, how);
}

/* ---- names ---- */

/* Whether a call on a name is made; *rc is its answer else. */
static bool
goes_on(enum call call, int dir, const char *path, int *rc)
{
	enum strike s = mine_path(dir, path) ? strike(call, NULL) : GO_ON;

	*rc = s == FAIL ? -1 : 0;
	return s == GO_ON;
}

int
mkdir(const char *path, mode_t mode)
{
	int rc;

	return goes_on(CALL_MKDIR, -1, path, &rc)
		   ? (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode)
		   : rc;
}

int
rmdir(const char *path)
{
	int rc;

	return goes_on(CALL_RMDIR, -1, path, &rc)
		   ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)
		   : rc;
}

int
unlink(const char *path)
{
	int rc;

	return goes_on(CALL_UNLINK, -1, path, &rc)
		   ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0)
		   : rc;
}

int
unlinkat(int dir, const char *path, int flags)
{
	int rc;

	return goes_on(CALL_UNLINK, dir, path, &rc)
		   ? (int)syscall(SYS_unlinkat, dir, path, flags)
		   : rc;
}

int
link(const char *from, const char *to)
{
	int rc;

	return goes_on(CALL_LINK, -1, to, &rc)
		   ? (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)
		   : rc;
}

static int
do_rename(int a, const char *from, int b, const char *to, unsigned flags)
{
	int rc;

	if (!goes_on(CALL_RENAME, a, from, &rc))
		return rc;
	rc = (int)syscall(SYS_renameat2, a, from, b, to, flags);
	if (rc == 0 && mine_path(a, from))
		log_paths(
		    (flags & RENAME_EXCHANGE) != 0 ? TRACE_SWAP : TRACE_RENAME,
		    0, from, to);
	return rc;
}

int
rename(const char *from, const char *to)
{
	return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat(int a, const char *from, int b, const char *to)
{
	return do_rename(a, from, b, to, 0);
}

int
renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
	return do_rename(a, from, b, to, flags);
}

/* ---- memory ---- */

/* caller: where the call returns to. */
static bool
no_memory(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (below == NULL || (at >= libc_lo && at < libc_hi) ||
	    strike(CALL_MALLOC, NULL) == GO_ON)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL
						      : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return no_memory(__builtin_return_address(0)) ? NULL
						      : __libc_realloc(p, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
	if (no_memory(__builtin_return_address(0)) ||
	    (*p = __libc_memalign(align, n)) == NULL)
		return ENOMEM;
	return 0;
}
