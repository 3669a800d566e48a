/* SPDX-License-Identifier: MIT */
/*
 * Opening a store directory: what is looked at before LMDB sees the file
 * (STORE.md, LMDB rules), the map's size, the writers' lock.
 */
#include "store/lmdb_env.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/vfs.h>
#endif

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"

enum {
	MAX_READERS = 1022,
	OPEN_TRIES = 10, /* against swaps and half-seen commits */
	POLL_FIRST_MS = 1,
	POLL_MAX_MS = 5,
	FEW_BYTES_LEFT = 65536,
};

#define MAP_MAX ((size_t)1 << (sizeof(size_t) >= 8 ? 40 : 30))
#define MAP_MIN ((size_t)1 << 20)
#define MIB ((size_t)1 << 20)

/* The head of LMDB's data file, as LMDB 0.9 lays it out on this machine. */
enum {
	LMDB_MAGIC = 0xBEEFC0DE & 0x7FFFFFFF,
	LMDB_VERSION = 1,
	PAGE_META = 0x08,
	FREE_FLAGS = 0x08 /* MDB_INTEGERKEY */,
	NOSUBDIR = 0x4000,
	DEPTH_MAX = 32
};
struct disk_page {
	size_t pgno;
	uint16_t pad, flags;
	uint16_t lower, upper;
};
struct disk_db {
	uint32_t pad;
	uint16_t flags, depth;
	size_t branch, leaf, overflow, entries, root;
};
struct disk_meta {
	struct disk_page page;
	uint32_t magic, version;
	size_t address, map_size;
	struct disk_db db[2]; /* free pages (pad: page size), names */
	size_t last_page, txnid;
};

/* ---- small pieces ---- */

/* A CRM_* variable; none for a program that runs with others' rights. */
static const char *
env_get(const char *name)
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

static void
sleep_ms(long ms)
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

int
lmdb_fail(const struct store *s, int rc, const char *doing, struct err *err)
{
	switch (rc) {
	case EIO:
		if (!disk_full(s->path))
			break;
		/* fall through */
	case ENOSPC:
		return err_set(err, STATUS_IO, "%s: no space left", s->path);
	case ENOMEM:
		return err_set(err, STATUS_IO, "%s: out of memory", s->path);
	case EACCES:
	case EPERM:
	case EROFS:
		return err_sys(
		    err, STATUS_NOPERM, rc, "%s: cannot %s", s->path, doing);
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
		(void)err_set(err, STATUS_IO,
		    "%s: cannot %s: %s\nTry crm-db check.", s->path, doing,
		    mdb_strerror(rc));
		if (err != NULL)
			err->sys = rc;
		return -1;
	}
	return err_sys(err, STATUS_IO, rc, "%s: cannot %s", s->path, doing);
}

/* PATH/NAME for a message or a call. */
static void
name_in(const struct store *s, const char *name, struct buf *out)
{
	buf_addf(out, "%s/%s", s->path, name);
}

static int
refused(
    const struct store *s, const char *name, const char *what, struct err *err)
{
	return err_set(err, STATUS_NOPERM, "%s%s%s: %s: refused", s->path,
	    name[0] != '\0' ? "/" : "", name, what);
}

/* ---- the directory ---- */

static int
dir_missing(const struct store *s, struct err *err)
{
	struct str path = str_of(s->path);
	size_t n = path.n;

	while (n > 1 && path.p[n - 1] == '/')
		n--;
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	while (n > 1 && path.p[n - 1] == '/')
		n--;
	(void)err_sys(err, STATUS_CANTCREAT, ENOENT,
	    "%s: cannot create the store", s->path);
	return err_add(err,
	    "\nMake %.*s first, or name another place with -D or CRM_DB.",
	    (int)n, s->path);
}

static int
dir_make(const struct store *s, struct err *err)
{
	mode_t old = umask(0);
	int rc = mkdir(s->path, 0700);
	int e = errno;

	(void)umask(old);
	if (rc == 0 || e == EEXIST)
		return 0;
	if (e == ENOENT)
		return dir_missing(s, err);
	if (e == EACCES || e == EPERM || e == EROFS)
		return err_sys(err, STATUS_NOPERM, e,
		    "%s: cannot create the store", s->path);
	return err_sys(
	    err, STATUS_CANTCREAT, e, "%s: cannot create the store", s->path);
}

/* What stands at path that is no directory to be opened. */
static int
dir_wrong(const struct store *s, int e, struct err *err)
{
	struct stat st;

	if (e == EACCES || e == EPERM)
		return err_sys(err, STATUS_NOPERM, e, "%s", s->path);
	if (e != ENOTDIR && e != ELOOP)
		return err_sys(err, STATUS_IO, e, "%s", s->path);
	if (lstat(s->path, &st) < 0)
		return err_sys(err, STATUS_NOINPUT, errno, "%s", s->path);
	if (S_ISLNK(st.st_mode))
		return refused(s, "", "a symbolic link", err);
	return refused(s, "", "no directory", err);
}

/* Descriptors 0 to 2 must not become the data file: a stray write to stderr
 * would go into it. */
static int
fd_high(int fd)
{
	int high;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void)close(fd); /* only a directory */
	while (high >= 0 && (fd = open("/dev/null", O_RDWR)) >= 0 &&
	       fd <= STDERR_FILENO)
		continue;
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return high;
}

static int
dir_open(struct store *s, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		s->dir = fd_high(open(
		    s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
		if (s->dir >= 0)
			return 0;
		if (errno != ENOENT)
			return dir_wrong(s, errno, err);
		if ((s->flags & OPEN_CREATE) == 0)
			break;
		if (dir_make(s, err) < 0)
			return -1;
	}
	return err_set(err, STATUS_NOINPUT, "%s: no store there", s->path);
}

static int
dir_check_owner(const struct store *s, struct stat *st, struct err *err)
{
	if (fstat(s->dir, st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", s->path);
	if (st->st_uid != geteuid() && (st->st_mode & S_IWOTH) != 0)
		return refused(s, "",
		    "a directory of another user that all may write", err);
	return 0;
}

static int
dir_check_fs(const struct store *s, struct err *err)
{
#if defined(__linux__)
	/* clang-format off */
	static const struct {
		uint32_t type;
		const char *name;
	} unsafe[] = {
		{ 0x6969, "NFS" }, { 0xFF534D42, "CIFS" }, { 0x517B, "SMB" },
		{ 0xFE534D42, "SMB" }, { 0x01021997, "9p" },
	};
	/* clang-format on */
	enum { FUSE = 0x65735546 };
	struct statfs fs;
	const char *off;

	if (fstatfs(s->dir, &fs) < 0)
		return 0; /* not known: what follows will tell */
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if ((uint32_t)fs.f_type != unsafe[i].type)
			continue;
		off = env_get("CRM_UNSAFE_FS");
		if (off != NULL && strcmp(off, "1") == 0)
			return 0;
		return err_set(err, STATUS_CONFIG,
		    "%s: is on %s, which a store does not survive\n"
		    "Keep it on a local disk; CRM_UNSAFE_FS=1 opens it all the "
		    "same.",
		    s->path, unsafe[i].name);
	}
	if ((uint32_t)fs.f_type == (uint32_t)FUSE)
		driver_note("%s: is on FUSE: it depends on that file system "
			    "whether locks and flushes hold",
		    s->path);
#else
	(void)s;
	(void)err;
#endif
	return 0;
}

/* Nothing but ours may stand where a store is made: -D . in a full folder is
 * a slip. */
static int
dir_check_empty(const struct store *s, struct err *err)
{
	DIR *d = opendir(s->path);
	const struct dirent *e;
	int rc = 0;

	if (d == NULL)
		return err_sys(err, STATUS_NOPERM, errno, "%s", s->path);
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, "data.mdb") != 0 &&
		    strcmp(e->d_name, "lock.mdb") != 0)
			rc = err_set(err, STATUS_CANTCREAT,
			    "%s: cannot create the store: the folder holds "
			    "other files",
			    s->path);
	(void)closedir(d); /* only read from */
	return rc;
}

/* ---- the data file ---- */

enum head { HEAD_OK, HEAD_ODD, HEAD_FOREIGN, HEAD_CUT };

static bool
meta_is(const struct disk_meta *m)
{
	return (m->page.flags & PAGE_META) != 0 &&
	       (m->magic & 0x7FFFFFFF) == LMDB_MAGIC && m->magic >> 31 == 1;
}

static bool
page_size_fits(uint32_t n)
{
	return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

/* Numbers that LMDB follows without a question. */
static const char *
meta_odd(const struct disk_meta *m, unsigned no)
{
	if (m->page.pgno != no)
		return "the number of a page is wrong";
	if (!page_size_fits(m->db[0].pad))
		return "its page size is wrong";
	if ((m->db[0].flags & ~NOSUBDIR) != FREE_FLAGS || m->db[1].flags != 0)
		return "its flags are wrong";
	for (int i = 0; i < 2; i++)
		if (m->db[i].depth > DEPTH_MAX ||
		    (m->db[i].root > m->last_page && m->db[i].root != SIZE_MAX))
			return "the root of a tree is wrong";
	if (m->last_page < 1)
		return "its last page is wrong";
	/* A commit k goes to page k mod 2, and is on disk before the next. */
	if (m->txnid != 0 && m->txnid % 2 != no)
		return "its transaction number is wrong";
	return NULL;
}

static const char *
metas_odd(const struct disk_meta m[2], uint64_t size)
{
	const char *odd;
	size_t a = m[0].txnid, b = m[1].txnid;
	size_t last;

	for (unsigned i = 0; i < 2; i++)
		if ((odd = meta_odd(&m[i], i)) != NULL)
			return odd;
	if (m[0].db[0].pad != m[1].db[0].pad)
		return "its page size is wrong";
	if ((a > b ? a - b : b - a) > 1)
		return "its transaction numbers are wrong";
	last =
	    m[0].last_page > m[1].last_page ? m[0].last_page : m[1].last_page;
	if (last > SIZE_MAX / m[0].db[0].pad - 1)
		return "its last page is wrong";
	if (size < ((uint64_t)last + 1) * m[0].db[0].pad)
		return "the file is cut short";
	return NULL;
}

/* Reads both meta pages of the file and judges them. */
static enum head
head_read(int fd, uint64_t size, const char **what)
{
	enum { GUESS = 4096 };
	_Alignas(16) unsigned char b[GUESS + sizeof(struct disk_meta)];
	struct disk_meta m[2];
	uint32_t step = GUESS;
	ssize_t n;

	memset(b, 0, sizeof(b));
	*what = "the file is cut short";
	n = io_pread(fd, b, sizeof(b), 0);
	if (n < 0) {
		*what = "it cannot be read";
		return HEAD_CUT;
	}
	memcpy(&m[0], b, sizeof(m[0]));
	if (meta_is(&m[0]) && page_size_fits(m[0].db[0].pad))
		step = m[0].db[0].pad;
	if (step != GUESS) {
		memset(b, 0, sizeof(b));
		if (io_pread(fd, b + GUESS, sizeof(m[1]), step) < 0)
			return HEAD_CUT;
	}
	memcpy(&m[1], b + GUESS, sizeof(m[1]));
	if (!meta_is(&m[0]) && !meta_is(&m[1])) {
		*what = "no store";
		return size < GUESS ? HEAD_CUT : HEAD_FOREIGN;
	}
	if (size < (uint64_t)step * 2)
		return HEAD_CUT;
	if (!meta_is(&m[0]) || !meta_is(&m[1])) {
		*what = "a meta page is damaged";
		return HEAD_ODD;
	}
	if (m[0].version != LMDB_VERSION && m[1].version != LMDB_VERSION) {
		*what = "made by another version of LMDB";
		return HEAD_FOREIGN;
	}
	if (m[0].version != m[1].version)
		*what = "its version is wrong";
	else
		*what = metas_odd(m, size);
	return *what == NULL ? HEAD_OK : HEAD_ODD;
}

/* 1 good (*st is its), 0 none or empty yet, -1. */
static int
data_check(const struct store *s, struct stat *st, struct err *err)
{
	enum head head = HEAD_OK;
	const char *what = NULL;
	int fd;

	fd = openat(s->dir, "data.mdb",
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno == ELOOP)
			return refused(s, "data.mdb", "a symbolic link", err);
		return err_sys(err, errno == EACCES ? STATUS_NOPERM : STATUS_IO,
		    errno, "%s/data.mdb", s->path);
	}
	/* What a commit is just writing may be seen half: look again. */
	for (int i = 0; i < OPEN_TRIES; i++) {
		if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))
			break;
		if (st->st_size == 0)
			break;
		head = head_read(fd, (uint64_t)st->st_size, &what);
		if (head == HEAD_OK || head == HEAD_FOREIGN)
			break;
		sleep_ms(POLL_FIRST_MS);
	}
	(void)close(fd); /* only read from */
	if (!S_ISREG(st->st_mode))
		return refused(s, "data.mdb", "no regular file", err);
	if (st->st_size == 0)
		return 0;
	if (head == HEAD_FOREIGN)
		return err_set(
		    err, STATUS_CONFIG, "%s/data.mdb: %s", s->path, what);
	if (head != HEAD_OK)
		return err_set(err, STATUS_IO,
		    "%s/data.mdb: damaged: %s\n"
		    "Restore it from a backup: crm-db restore.",
		    s->path, what);
	return 1;
}

static int
lock_file_check(const struct store *s, struct err *err)
{
	struct stat st;

	if (fstatat(s->dir, "lock.mdb", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode))
		return refused(s, "lock.mdb", "no regular file", err);
	return 0;
}

/* ---- the environment ---- */

/* The largest map to ask for; tests make it small: SIZE or SIZE,LIMIT. */
static void
map_wanted(struct store *s)
{
	const char *test = env_get("CRM_TEST_MAPSIZE");
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

/*
 * Address space may be short (ulimit -v, sanitizers): the map is halved until
 * it fits, and once more, since the program needs some too.
 */
static int
env_open(struct store *s, size_t size, off_t file, mode_t mode)
{
	size_t least =
	    (size_t)file > SIZE_MAX / 2 ? SIZE_MAX : (size_t)file * 2;
	unsigned flags = env_flags(s);
	bool short_of = false;
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
		if (rc != ENOMEM && !short_of)
			break;
		if (rc != ENOMEM && rc != 0)
			break;
		if (rc == 0) {
			if (size / 2 < least)
				break;
			mdb_env_close(s->env);
			s->env = NULL;
			size /= 2;
			short_of = false;
			continue;
		}
		if (size / 2 < least)
			break;
		size /= 2;
		short_of = true;
	}
	s->map_size = size;
	return rc;
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
		return lmdb_fail(s, rc, "open it", err);
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
	if (s->env != NULL)
		mdb_env_close(s->env);
	s->env = NULL;
	s->trees = false;
	s->base = NULL;
	fault_map(NULL, 0);
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
	rc = env_open(s, size != 0 ? size : MAP_MAX, st.st_size, 0600);
	if (rc != 0)
		return lmdb_fail(s, rc, "open it", err);
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
		sleep_ms(wait);
		wait = wait < POLL_MAX_MS ? wait + 1 : POLL_MAX_MS;
	}
	s->locked = true;
	return 0;
}

void
lmdb_unlock(struct store *s)
{
	if (s->locked)
		(void)flock(s->dir, LOCK_UN); /* closing would do it too */
	s->locked = false;
}

int
lmdb_sync_names(struct store *s, struct err *err)
{
	struct buf up = BUF_INIT;
	int rc = 0;

	buf_addf(&up, "%s/..", s->path);
	if (fsync(s->dir) < 0 && errno != EINVAL && errno != EROFS)
		rc = err_sys(err, STATUS_IO, errno, "%s", s->path);
	/* The folder above may be one that we may not read. */
	else if (io_sync_dir(up.p) < 0 && errno != EACCES && errno != EINVAL)
		rc = err_sys(err, STATUS_IO, errno, "%s", s->path);
	buf_release(&up);
	return rc;
}

/* ---- all of it ---- */

/* A new store: its folder becomes ours alone, unless a group was given. */
static int
make_ready(struct store *s, struct stat *dir, struct err *err)
{
	if (dir_check_empty(s, err) < 0)
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
	int there, rc;

	memset(&data, 0, sizeof(data));
	if (dir_open(s, err) < 0 || dir_check_owner(s, &dir, err) < 0 ||
	    dir_check_fs(s, err) < 0 || lock_file_check(s, err) < 0)
		return -1;
	if ((there = data_check(s, &data, err)) < 0)
		return -1;
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
		there = data_check(s, &data, err);
		if (there < 0 || (there == 0 && make_ready(s, &dir, err) < 0))
			return -1;
	}
	mode = (dir.st_mode & S_ISGID) != 0 && (dir.st_mode & S_IWGRP) != 0
		   ? 0660
		   : 0600;
	map_wanted(s);
	rc = env_open(s, s->map_size, data.st_size, mode);
	if (rc != 0)
		return lmdb_fail(s, rc, "open it", err);
	if (env_identify(s, err) < 0)
		return -1;
	if (there > 0 && (s->dev != data.st_dev || s->ino != data.st_ino))
		return 1;
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
			sleep_ms(POLL_FIRST_MS);
	}
	if (rc > 0)
		return err_set(err, STATUS_BUSY,
		    "%s: it is being replaced; try again", s->path);
	if (rc < 0)
		return -1;
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
	lmdb_unlock(s);
	if (s->dir >= 0)
		(void)close(s->dir); /* only looked at and locked */
	s->dir = -1;
}
