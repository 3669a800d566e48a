/* SPDX-License-Identifier: MIT */
#include "store/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"

enum { DIGITS = 8, POLL_MS = 2, NAME_TRIES = 100 };

static const char *const files[] = { "data.mdb", "lock.mdb" };
enum { DATA, LOCK, FILES };

/* ---- names ---- */

/* path without the slashes at its end */
static struct str
trimmed(const char *path)
{
	struct str s = str_of(path);

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

static struct str
parent_of(const char *path)
{
	struct str s = trimmed(path);

	while (s.n > 0 && s.p[s.n - 1] != '/')
		s.n--;
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return s.n == 0 ? STR(".") : s;
}

struct buf
aside_name(const char *path)
{
	struct buf b = BUF_INIT;
	unsigned char r[4];

	hash_random(r, sizeof(r));
	buf_adds(&b, trimmed(path));
	buf_addf(&b, ".new-%08x", (unsigned)num_get_be32(r));
	return b;
}

/* Where the old store stands between two renames: a name that nobody gives
 * to a copy of his own. */
static struct buf
exchange_name(const char *path)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, trimmed(path));
	buf_addz(&b, ".exchange");
	return b;
}

int
aside_sync_parent(const char *path, struct err *err)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	buf_adds(&b, parent_of(path));
	if (io_sync_dir(b.p) != 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", b.p);
	buf_release(&b);
	return rc;
}

uint64_t
aside_size(const char *dir)
{
	struct buf b = BUF_INIT;
	struct stat st;
	uint64_t size = 0;

	buf_addf(&b, "%s/%s", dir, files[DATA]);
	if (lstat(b.p, &st) == 0 && S_ISREG(st.st_mode))
		size = (uint64_t)st.st_size;
	buf_release(&b);
	return size;
}

/* ---- making one ---- */

/* How the files of a store are to be made: as those of another. */
struct looks {
	bool given;
	struct stat dir, file[FILES];
};

static void
looks_of(const char *like, struct looks *l)
{
	struct buf b = BUF_INIT;

	*l = (struct looks){ .given = false };
	if (like == NULL || lstat(like, &l->dir) < 0 ||
	    !S_ISDIR(l->dir.st_mode))
		return;
	l->given = true;
	for (int i = 0; i < FILES; i++) {
		buf_clear(&b);
		buf_addf(&b, "%s/%s", like, files[i]);
		if (lstat(b.p, &l->file[i]) < 0)
			l->file[i] = (struct stat){ .st_mode = 0600,
				.st_uid = l->dir.st_uid,
				.st_gid = l->dir.st_gid };
	}
	buf_release(&b);
}

/* The group has to be the same; an owner only root can give. */
static int
give_looks(int fd, const struct stat *want, const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", name);
	if (st.st_uid != want->st_uid && geteuid() == 0 &&
	    fchown(fd, want->st_uid, (gid_t)-1) < 0)
		return err_sys(err, STATUS_NOPERM, errno, "%s", name);
	if (st.st_gid != want->st_gid &&
	    fchown(fd, (uid_t)-1, want->st_gid) < 0)
		return err_sys(err, STATUS_NOPERM, errno, "%s", name);
	if (fchmod(fd, want->st_mode & 07777) < 0)
		return err_sys(err, STATUS_NOPERM, errno, "%s", name);
	return 0;
}

static int
make_dir(struct aside *a, const char *path, struct err *err)
{
	int rc = -1, e = EEXIST;

	/* Not so random where CRM_SEED says what is drawn. */
	for (int i = 0; i < NAME_TRIES && rc < 0 && e == EEXIST; i++) {
		buf_release(&a->dir);
		a->dir = aside_name(path);
		rc = mkdir(a->dir.p, 0700);
		e = errno;
	}
	if (rc < 0) {
		(void)err_sys(err,
		    e == EACCES || e == EPERM || e == EROFS  ? STATUS_NOPERM
		    : e == ENOSPC || e == EDQUOT || e == EIO ? STATUS_IO
							     : STATUS_CANTCREAT,
		    e, "%s: cannot create a copy beside it", path);
		buf_release(&a->dir);
		return -1;
	}
	return 0;
}

static int
make_file(
    struct aside *a, int i, const struct looks *l, int *out, struct err *err)
{
	int fd = openat(a->fd, files[i],
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	*out = -1;
	if (fd < 0)
		return err_sys(
		    err, STATUS_IO, errno, "%s/%s", a->dir.p, files[i]);
	rc = l->given ? give_looks(fd, &l->file[i], a->dir.p, err) : 0;
	if (rc < 0)
		(void)close(fd); /* empty: it goes */
	else
		*out = fd;
	return rc;
}

static int
fill_dir(struct aside *a, const struct looks *l, struct err *err)
{
	int lock;

	if (aside_hold(a, err) < 0)
		return -1;
	if (l->given && give_looks(a->fd, &l->dir, a->dir.p, err) < 0)
		return -1;
	if (!l->given && fchmod(a->fd, 0700) < 0) /* whatever the umask */
		return err_sys(err, STATUS_NOPERM, errno, "%s", a->dir.p);
	if (make_file(a, DATA, l, &a->data, err) < 0)
		return -1;
	if (!l->given)
		return 0; /* LMDB makes the other as it wants it */
	if (make_file(a, LOCK, l, &lock, err) < 0)
		return -1;
	(void)close(lock); /* empty */
	return 0;
}

int
aside_make(struct aside *a, const char *path, const char *like, struct err *err)
{
	struct looks l;

	looks_of(like, &l);
	if (make_dir(a, path, err) < 0)
		return -1;
	if (fill_dir(a, &l, err) == 0)
		return 0;
	aside_drop(a);
	return -1;
}

int
aside_sync(struct aside *a, struct err *err)
{
	if (a->data >= 0 && fsync(a->data) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", a->dir.p);
	if (io_sync_dir(a->dir.p) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", a->dir.p);
	return aside_sync_parent(a->dir.p, err);
}

void
aside_leave(struct aside *a)
{
	if (a->data >= 0)
		(void)close(a->data); /* flushed by aside_sync */
	if (a->fd >= 0)
		(void)close(a->fd); /* only looked at and locked */
	a->data = a->fd = -1;
}

int
aside_hold(struct aside *a, struct err *err)
{
	if (a->fd < 0)
		a->fd = open(
		    a->dir.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (a->fd < 0)
		return err_sys(err, STATUS_IO, errno, "%s", a->dir.p);
	/* Where there are no such locks nobody can sweep either. */
	if (flock(a->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return err_set(
		    err, STATUS_BUSY, "%s: it was swept away", a->dir.p);
	return 0;
}

int
aside_alone(const char *path, struct err *err)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	int rc = 0;

	if (d == NULL)
		return err_sys(err, STATUS_NOPERM, errno, "%s", path);
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, files[DATA]) != 0 &&
		    strcmp(e->d_name, files[LOCK]) != 0)
			rc = err_set(err, STATUS_CANTCREAT,
			    "%s: the folder holds other files than the "
			    "store's, for example '%s'\n"
			    "Move them out of it first.",
			    path, e->d_name);
	(void)closedir(d); /* only read from */
	return rc;
}

/* ---- removing ---- */

void
aside_remove(const char *dir)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < FILES; i++) {
		buf_clear(&b);
		buf_addf(&b, "%s/%s", dir, files[i]);
		(void)unlink(b.p);
	}
	(void)rmdir(dir);
	buf_release(&b);
}

void
aside_drop(struct aside *a)
{
	if (a->dir.n > 0)
		aside_remove(a->dir.p);
	aside_leave(a);
	buf_release(&a->dir);
}

/* It gets a name that nobody knows first: who was about to put it in place
 * fails, instead of putting half of it there. */
static void
sweep_one(const char *path, const char *dir)
{
	struct aside a = ASIDE_INIT;
	struct buf name = BUF_INIT;
	struct err busy = ERR_INIT;
	int rc = -1;

	buf_addz(&a.dir, dir);
	if (aside_hold(&a, &busy) == 0) {
		errno = EEXIST;
		for (int i = 0; i < NAME_TRIES && rc < 0 &&
				(errno == EEXIST || errno == ENOTEMPTY);
		     i++) {
			buf_release(&name);
			name = aside_name(path);
			rc = rename(dir, name.p);
		}
	}
	if (rc == 0)
		aside_remove(name.p);
	aside_leave(&a);
	buf_release(&a.dir);
	buf_release(&name);
}

static bool
is_aside(struct str name, struct str base)
{
	if (!str_starts(name, base))
		return false;
	name = str_sub(name, base.n, name.n);
	if (!str_starts(name, STR(".new-")) || name.n != 5 + DIGITS)
		return false;
	for (size_t i = 5; i < name.n; i++)
		if (!ascii_digit((unsigned char)name.p[i]) &&
		    (name.p[i] < 'a' || name.p[i] > 'f'))
			return false;
	return true;
}

void
aside_sweep(const char *path)
{
	struct str whole = trimmed(path), up = parent_of(path);
	struct buf b = BUF_INIT;
	struct stat st;
	const struct dirent *e;
	struct str base;
	DIR *d;

	b = exchange_name(path);
	if (lstat(path, &st) == 0 && lstat(b.p, &st) == 0)
		sweep_one(path, b.p);
	base = whole;
	for (size_t i = whole.n; i > 0; i--)
		if (whole.p[i - 1] == '/') {
			base = str_sub(whole, i, whole.n);
			break;
		}
	buf_clear(&b);
	buf_adds(&b, up);
	d = opendir(b.p);
	/* What is swept gets another such name, is removed, and may turn up
	 * once more in this listing: then it is no longer there. */
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (!is_aside(str_of(e->d_name), base))
			continue;
		buf_clear(&b);
		buf_addf(&b, "%.*s/%s", STR_ARG(up), e->d_name);
		if (lstat(b.p, &st) == 0 && S_ISDIR(st.st_mode) &&
		    (st.st_uid == geteuid() || geteuid() == 0))
			sweep_one(path, b.p);
	}
	if (d != NULL)
		(void)closedir(d); /* only read from */
	buf_release(&b);
}

/* ---- the exchange ---- */

/* 0; -1 with errno, and the old store at path as it was. */
static int
two_renames(const char *dir, const char *path, const char *between)
{
	int e;

	/* Left there by one that was killed after its second rename. */
	aside_remove(between);
	if (rename(path, between) < 0)
		return -1;
	if (rename(dir, path) == 0)
		return 0;
	e = errno;
	/* If this fails too, the next to open it takes it back. */
	(void)!rename(between, path);
	errno = e;
	return -1;
}

/* The names are not on disk: as it was before, if that can be.  old: where
 * the old store stands; NULL: there was none. */
static void
take_back(const char *dir, const char *path, const char *old)
{
	if (old == dir)
		(void)!io_rename_swap(dir, path);
	else if (rename(path, dir) == 0 && old != NULL)
		(void)!rename(old, path);
}

int
aside_place(struct aside *a, const char *path, struct err *err)
{
	struct buf between = exchange_name(path);
	struct str to = trimmed(path);
	struct buf name = BUF_INIT;
	const char *old = NULL; /* where the old store stands now */
	int rc;

	buf_adds(&name, to);
	if ((rc = io_rename_swap(a->dir.p, name.p)) == 0) {
		old = a->dir.p;
	} else if (errno == ENOENT) {
		rc = io_rename_new(a->dir.p, name.p);
	} else if (errno == ENOSYS || errno == EINVAL || errno == ENOTSUP) {
		if (access(name.p, F_OK) != 0 && errno == ENOENT) {
			rc = io_rename_new(a->dir.p, name.p);
		} else if ((rc = two_renames(a->dir.p, name.p, between.p)) ==
			   0) {
			old = between.p;
		}
	}
	if (rc < 0) {
		rc = err_sys(err,
		    errno == EEXIST || errno == ENOTEMPTY ? STATUS_BUSY
							  : STATUS_CANTCREAT,
		    errno, "%s", path);
		goto out;
	}
	rc = aside_sync_parent(path, err);
	if (rc < 0) {
		take_back(a->dir.p, name.p, old);
		goto out;
	}
	if (old != NULL)
		aside_remove(old);
	a->left = old != NULL && access(old, F_OK) == 0;
	aside_leave(a);
	buf_release(&a->dir);
out:
	buf_release(&name);
	buf_release(&between);
	return rc;
}

int
aside_recover(const char *path, unsigned wait_ms, struct err *err)
{
	struct timespec poll = { 0, POLL_MS * 1000000L };
	struct buf between = exchange_name(path);
	struct buf name = BUF_INIT;
	int rc = 0;
	int fd = -1;

	buf_adds(&name, trimmed(path));
	fd = open(between.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		goto out;
	/* Its lock is held by who is exchanging, if he lives. */
	for (unsigned ms = 0;
	     flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	     ms += POLL_MS) {
		if (ms >= wait_ms) {
			rc = err_set(err, STATUS_BUSY,
			    "%s: it is being replaced; try again", path);
			goto out;
		}
		(void)nanosleep(&poll, NULL); /* a shorter wait does no harm */
	}
	rc = 1;
	if (access(name.p, F_OK) == 0 || io_rename_new(between.p, name.p) == 0)
		goto out;
	if (errno != EEXIST && errno != ENOENT)
		rc = err_sys(err, STATUS_NOPERM, errno,
		    "%s: its exchange was cut short: cannot take it back",
		    path);
out:
	if (fd >= 0)
		(void)close(fd); /* only locked */
	buf_release(&name);
	buf_release(&between);
	return rc;
}
