/* SPDX-License-Identifier: MIT */
/*
 * Opening a store: the order of what is looked at before LMDB sees the file
 * (STORE.md, LMDB rules), the map's size, the writers' lock.
 */
#include "store/lmdb_env.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"

enum {
	MAX_READERS = 1022,
	OPEN_TRIES = 10, /* against swaps and half-seen commits */
	GUARD_MS = 1000, /* an opening takes less than one */
	POLL_FIRST_MS = 1,
	POLL_MAX_MS = 5,
	FEW_BYTES_LEFT = 65536,
};

#define MAP_MAX ((size_t)1 << (sizeof(size_t) >= 8 ? 40 : 30))
#define MAP_MIN ((size_t)1 << 20)
#define MIB ((size_t)1 << 20)

/* ---- small pieces ---- */

/* A CRM_* variable; none for a program that runs with others' rights. */
const char *
lmdb_getenv(const char *name)
{
#if defined(__linux__)
	if (getauxval(AT_SECURE) != 0)
		return NULL;
#else
	if (getuid() != geteuid() || getgid() != getegid())
		return NULL;
#endif
	return getenv(name);
}

void
lmdb_sleep(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL); /* a shorter wait does no harm */
}

static int64_t
now_ms(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* always there */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* EIO of a full tmpfs and the like is no fault of the disk. */
static bool
disk_full(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 &&
	       (uint64_t)fs.f_bavail * fs.f_frsize < FEW_BYTES_LEFT;
}

/* LMDB takes a write that was cut short for EIO: why it was cut is asked. */
static int
cause_of_eio(const struct store *s)
{
	struct rlimit limit;
	struct stat st;
	int fd = -1;

	if (disk_full(s->path))
		return ENOSPC;
	if (s->env != NULL && mdb_env_get_fd(s->env, &fd) == 0 &&
	    fstat(fd, &st) == 0 && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY &&
	    (uint64_t)st.st_size + MIB > limit.rlim_cur)
		return EFBIG;
	return EIO;
}

/* In words of our own. */
static int
system_fail(struct err *err, int rc, const char *path, const char *what)
{
	(void)err_set(err, STATUS_IO, "%s: %s", path, err_text(what));
	if (err != NULL)
		err->sys = rc;
	return -1;
}

int
lmdb_fail(const struct store *s, int rc, const char *doing, struct err *err)
{
	if (rc == EIO)
		rc = cause_of_eio(s);
	switch (rc) {
	case ENOSPC:
		return system_fail(err, rc, s->path, "no space left");
	case ENOMEM:
		return system_fail(err, rc, s->path, "out of memory");
	case EACCES:
	case EPERM:
	case EROFS:
		return err_sys(
		    err, STATUS_NOPERM, rc, "%s: %s", s->path, err_text(doing));
	case MDB_READERS_FULL:
		return err_set(err, STATUS_BUSY,
		    "%s: %d programs read it already; try again", s->path,
		    (int)MAX_READERS);
	case MDB_VERSION_MISMATCH:
		return err_set(err, STATUS_CONFIG,
		    "%s: made by another version of LMDB", s->path);
	case MDB_MAP_FULL:
		return err_set(err, STATUS_IO,
		    "%s: the map of %zu MiB is full, and %zu MiB is the limit",
		    s->path, s->map_size / MIB, s->map_limit / MIB);
	default:
		break;
	}
	if (rc < 0) {
		(void)err_set(err, STATUS_IO, "%s: %s: %s\nTry crm-db check.",
		    s->path, err_text(doing), mdb_strerror(rc));
		if (err != NULL)
			err->sys = rc;
		return -1;
	}
	return err_sys(err, STATUS_IO, rc, "%s: %s", s->path, err_text(doing));
}

/* PATH/NAME for a message or a call. */
static void
name_in(const struct store *s, const char *name, struct buf *out)
{
	buf_addf(out, "%s/%s", s->path, name);
}

/* ---- the environment ---- */

/* The largest map to ask for; tests make it small: SIZE or SIZE,LIMIT. */
static void
map_wanted(struct store *s)
{
	const char *test = lmdb_getenv("CRM_TEST_MAPSIZE");
	struct str rest = str_of(test);
	struct str first;
	size_t n;

	s->map_limit = MAP_MAX;
	s->map_size = MAP_MAX;
	if (test == NULL)
		return;
	first = str_cut(&rest, ',');
	if (num_size(first, &n) && n >= 65536 && n <= MAP_MAX)
		s->map_size = n;
	if (rest.p != NULL && num_size(rest, &n) && n >= s->map_size &&
	    n <= MAP_MAX)
		s->map_limit = n;
}

static unsigned
env_flags(const struct store *s)
{
	unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;

	if ((s->flags & OPEN_WRITE) == 0)
		flags |= MDB_RDONLY;
	if ((s->flags & OPEN_NOSYNC) != 0)
		flags |= MDB_NOSYNC;
	return flags;
}

static int
env_open_once(struct store *s, size_t size, unsigned flags, mode_t mode)
{
	mode_t old;
	int rc;

	if ((rc = mdb_env_create(&s->env)) != 0) {
		s->env = NULL;
		return rc;
	}
	if ((rc = mdb_env_set_mapsize(s->env, size)) == 0 &&
	    (rc = mdb_env_set_maxdbs(s->env, TREES)) == 0 &&
	    (rc = mdb_env_set_maxreaders(s->env, MAX_READERS)) == 0 &&
	    (rc = mdb_env_set_assert(s->env, fault_assert)) == 0) {
		old = umask(0); /* the mode is ours, whatever the umask */
		fault_enter();
		rc = mdb_env_open(s->env, s->path, flags, mode);
		fault_leave();
		(void)umask(old);
	}
	if (rc != 0) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

/* Whether the descriptor is still of the file at that path. */
static bool
is_file_at(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * One process at a time opens a data file.  The first to come fills LMDB's
 * lock file; where it is killed half-way, who waits beside it takes the file
 * for filled, begins at transaction 0 again and overwrites what others have
 * committed.  The lock is on the data file, on which LMDB has none, and is
 * given back by closing.  *fd -1: there is no file, or no such lock here.
 */
static int
guard_take(const struct store *s, int *fd, struct err *err)
{
	int64_t until =
	    now_ms() + (s->lock_ms > GUARD_MS ? s->lock_ms : GUARD_MS);
	struct buf name = BUF_INIT;
	int rc = 0;

	*fd = -1;
	buf_addf(&name, "%s/data.mdb", s->path);
	for (;;) {
		if (*fd < 0)
			*fd = open(name.p,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (*fd < 0)
			break; /* LMDB says why */
		if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
			if (is_file_at(*fd, name.p))
				break;
			(void)close(*fd); /* only locked */
			*fd = -1;
			continue;
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		if (now_ms() >= until) {
			rc = err_set(err, STATUS_BUSY,
			    "%s: another program is opening it; try again",
			    s->path);
			break;
		}
		lmdb_sleep(POLL_FIRST_MS);
	}
	buf_release(&name);
	return rc;
}

/*
 * Address space may be short (ulimit -v, sanitizers): the map is halved until
 * it fits, and once more, since the program needs some too.
 */
static int
env_open_sized(struct store *s, size_t size, off_t file, mode_t mode)
{
	size_t least =
	    (size_t)file > SIZE_MAX / 2 ? SIZE_MAX : (size_t)file * 2;
	unsigned flags = env_flags(s);
	bool halved = false;
	int rc;

	if (least < MAP_MIN)
		least = MAP_MIN < size ? MAP_MIN : size;
	if (size < least)
		size = least;
	for (;;) {
		rc = env_open_once(s, size, flags, mode);
		if (rc == EROFS && (flags & MDB_RDONLY) != 0 &&
		    (flags & MDB_NOLOCK) == 0) {
			flags |= MDB_NOLOCK;
			continue;
		}
		if ((rc != ENOMEM && rc != EINVAL) || size / 2 < least)
			break;
		size /= 2;
		halved = true;
	}
	if (rc == 0 && halved && size / 2 >= least) {
		mdb_env_close(s->env);
		size /= 2;
		rc = env_open_once(s, size, flags, mode);
	}
	s->map_size = size;
	return rc;
}

static int
env_open(struct store *s, size_t size, off_t file, mode_t mode, struct err *err)
{
	int guard, rc;

	if (guard_take(s, &guard, err) < 0)
		return -1;
	rc = env_open_sized(s, size, file, mode);
	if (guard >= 0)
		(void)close(guard); /* only locked */
	return rc == 0 ? 0 : lmdb_fail(s, rc, "cannot open it", err);
}

/* Knows the file that is open; the data descriptor is the one that LMDB
 * leaves to be inherited. */
static int
env_identify(struct store *s, struct err *err)
{
	struct stat st;
	int fd = -1;
	int rc;

	if ((rc = mdb_env_get_fd(s->env, &fd)) != 0)
		return lmdb_fail(s, rc, "cannot open it", err);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fstat(fd, &st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s/data.mdb", s->path);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

bool
lmdb_replaced(const struct store *s)
{
	struct buf name = BUF_INIT;
	struct stat st;
	bool other;

	name_in(s, "data.mdb", &name);
	other = lstat(name.p, &st) < 0 || st.st_dev != s->dev ||
		st.st_ino != s->ino;
	buf_release(&name);
	return other;
}

void
lmdb_close_env(struct store *s)
{
	fault_enter();
	if (s->env != NULL)
		mdb_env_close(s->env);
	fault_leave();
	s->env = NULL;
	s->trees = false;
	if (s->base != NULL)
		fault_unmap(s->base);
	s->base = NULL;
}

int
lmdb_reopen_env(struct store *s, size_t size, struct err *err)
{
	struct buf name = BUF_INIT;
	struct stat st;
	int rc;

	lmdb_close_env(s);
	name_in(s, "data.mdb", &name);
	rc = lstat(name.p, &st);
	buf_release(&name);
	if (rc < 0)
		return err_sys(err, STATUS_IO, errno, "%s/data.mdb", s->path);
	if (env_open(s, size != 0 ? size : MAP_MAX, st.st_size, 0600, err) < 0)
		return -1;
	return env_identify(s, err);
}

/* ---- the lock ---- */

int
lmdb_lock(struct store *s, struct err *err)
{
	int64_t until = now_ms() + s->lock_ms;
	long wait = POLL_FIRST_MS;

	while (flock(s->dir, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return 0; /* no such locks here: LMDB's alone holds */
		if (now_ms() >= until)
			return err_set(err, STATUS_BUSY,
			    "%s: another program is writing to it; try again",
			    s->path);
		lmdb_sleep(wait);
		wait = wait < POLL_MAX_MS ? wait + 1 : POLL_MAX_MS;
	}
	s->locked = true;
	return 0;
}

void
lmdb_unlock(struct store *s)
{
	/* Of a store that is built aside it says that somebody works there,
	 * until it is closed. */
	if ((s->flags & OPEN_NOSYNC) != 0)
		return;
	if (s->locked)
		(void)flock(s->dir, LOCK_UN); /* closing would do it too */
	s->locked = false;
}

int
lmdb_sync_names(struct store *s, struct err *err)
{
	struct buf up = BUF_INIT;
	int e = 0;

	buf_addf(&up, "%s/..", s->path);
	if (fsync(s->dir) < 0 && errno != EINVAL && errno != EROFS)
		e = errno;
	/* The folder above may be one that we may not read. */
	if (io_sync_dir(up.p) < 0 && errno != EACCES && errno != EINVAL &&
	    e == 0)
		e = errno;
	buf_release(&up);
	return e == 0 ? 0 : err_sys(err, STATUS_IO, e, "%s", s->path);
}

/* ---- all of it ---- */

/* A new store: its folder becomes ours alone, unless a group was given. */
static int
make_ready(struct store *s, struct stat *dir, struct err *err)
{
	if (lmdb_dir_check_empty(s, err) < 0)
		return -1;
	if ((dir->st_mode & 07777) != 0700 && (dir->st_mode & S_ISGID) == 0 &&
	    dir->st_uid == geteuid() && fchmod(s->dir, 0700) < 0)
		return err_sys(err, STATUS_NOPERM, errno, "%s", s->path);
	return 0;
}

/* 0; 1: something was swapped meanwhile, again; -1. */
static int
open_checked(struct store *s, struct err *err)
{
	struct stat dir, data;
	mode_t mode;
	bool tail;
	int there;

	memset(&data, 0, sizeof(data));
	if (lmdb_dir_open(s, err) < 0 ||
	    lmdb_dir_check_owner(s, &dir, err) < 0 ||
	    lmdb_dir_check_fs(s, err) < 0 || lmdb_lock_file_check(s, err) < 0)
		return -1;
	if ((there = lmdb_data_check(s, &data, &tail, err)) < 0)
		return -1;
	mode = (dir.st_mode & S_ISGID) != 0 && (dir.st_mode & S_IWGRP) != 0
		   ? 0660
		   : 0600;
	map_wanted(s);
	if (there > 0 && (s->flags & OPEN_NEW) != 0)
		return err_set(err, STATUS_CANTCREAT,
		    "%s: a store is there already", s->path);
	if (there == 0) {
		if ((s->flags & OPEN_CREATE) == 0)
			return err_set(
			    err, STATUS_NOINPUT, "%s: no store there", s->path);
		/* One makes it; who comes second sees it whole. */
		if (lmdb_lock(s, err) < 0)
			return -1;
		there = lmdb_data_check(s, &data, &tail, err);
		if (there < 0 ||
		    (there == 0 && (make_ready(s, &dir, err) < 0 ||
				       lmdb_data_make(s, mode, err) < 0)))
			return -1;
	}
	if (env_open(s, s->map_size, data.st_size, mode, err) < 0)
		return -1;
	if (env_identify(s, err) < 0)
		return -1;
	if (there > 0 && (s->dev != data.st_dev || s->ino != data.st_ino))
		return 1;
	if (tail && lmdb_tail_check(s, err) < 0)
		return -1;
	return lmdb_replaced(s) ? 1 : 0;
}

int
lmdb_open_path(struct store *s, struct err *err)
{
	int rc = 1;

	fault_guard(s->path);
	for (int i = 0; i < OPEN_TRIES && rc > 0; i++) {
		rc = open_checked(s, err);
		if (rc != 0)
			lmdb_close_path(s);
		if (rc > 0)
			lmdb_sleep(POLL_FIRST_MS);
	}
	if (rc > 0)
		return err_set(err, STATUS_BUSY,
		    "%s: it is being replaced; try again", s->path);
	if (rc < 0)
		return -1;
	if ((s->flags & OPEN_NOSYNC) != 0 && lmdb_lock(s, err) < 0) {
		lmdb_close_path(s);
		return -1;
	}
	lmdb_unlock(s);
	if ((s->flags & OPEN_WRITE) == 0) {
		(void)close(s->dir); /* only looked at */
		s->dir = -1;
	}
	return 0;
}

void
lmdb_close_path(struct store *s)
{
	lmdb_close_env(s);
	if (s->dir >= 0)
		(void)close(s->dir); /* only looked at; its lock goes too */
	s->dir = -1;
	s->locked = false;
}
