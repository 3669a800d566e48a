/* SPDX-License-Identifier: MIT */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/os.h"

int
io_write(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t k = write(fd, at, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		at += k;
		n -= (size_t)k;
	}
	return 0;
}

ssize_t
io_read(int fd, void *p, size_t n)
{
	ssize_t k;

	do
		k = read(fd, p, n);
	while (k < 0 && errno == EINTR);
	return k;
}

int
io_pwrite(int fd, const void *p, size_t n, off_t at)
{
	const char *from = p;

	while (n > 0) {
		ssize_t k = pwrite(fd, from, n, at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		from += k;
		at += k;
		n -= (size_t)k;
	}
	return 0;
}

ssize_t
io_pread(int fd, void *p, size_t n, off_t at)
{
	char *to = p;
	size_t got = 0;

	while (got < n) {
		ssize_t k = pread(fd, to + got, n - got, at + (off_t)got);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		if (k == 0)
			break;
		got += (size_t)k;
	}
	return (ssize_t)got;
}

static int
open_status(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return STATUS_NOINPUT;
	case EACCES:
	case EPERM:
	case ELOOP:
		return STATUS_NOPERM;
	default:
		return STATUS_IO;
	}
}

int
io_slurp_fd(
    int fd, const char *path, size_t max, struct buf *b, struct err *err)
{
	const size_t start = b->n;
	ssize_t k = 1;

	while (k > 0) {
		size_t want = 16384;

		/* one byte more than allowed shows that there is more */
		if (want > max - (b->n - start) && max != SIZE_MAX)
			want = max - (b->n - start) + 1;
		k = io_read(fd, buf_reserve(b, want), want);
		if (k < 0) {
			buf_cut(b, start);
			return err_sys(err, STATUS_IO, errno, "%s", path);
		}
		buf_grew(b, (size_t)k);
		if (b->n - start > max) {
			buf_cut(b, start);
			return err_set(err, STATUS_DATA,
			    "%s: too large, wanted at most %zu bytes", path,
			    max);
		}
	}
	return 0;
}

int
io_slurp(const char *path, size_t max, struct buf *b, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_sys(err, open_status(errno), errno, "%s", path);
	rc = io_slurp_fd(fd, path, max, b, err);
	(void)close(fd); /* only read from */
	return rc;
}

int
io_judge_own(int fd, const char *shown, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", shown);
	if (!S_ISREG(st.st_mode))
		return err_set(
		    err, STATUS_NOPERM, "%s: no regular file", shown);
	if (st.st_uid != 0 && st.st_uid != getuid())
		return err_set(
		    err, STATUS_NOPERM, "%s: belongs to another user", shown);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, STATUS_NOPERM,
		    "%s: others may write it; chmod go-w %s", shown, shown);
	return 0;
}

int
io_slurp_own(const char *path, size_t max, struct buf *b, struct err *err)
{
	/* A FIFO in its place is refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return err_sys(err, open_status(errno), errno, "%s", path);
	rc = io_judge_own(fd, path, err);
	if (rc == 0)
		rc = io_slurp_fd(fd, path, max, b, err);
	(void)close(fd);
	return rc;
}

/* Each step of the path by itself, where there is no openat2. */
static int
open_steps(int dir, char *path)
{
	int fd = dir, next, sys;
	char *end;

	for (;;) {
		end = strchr(path, '/');
		if (end != NULL)
			*end = '\0';
		next = openat(fd, path,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
			(end != NULL ? O_DIRECTORY : 0));
		sys = errno;
		if (fd != dir)
			(void)close(fd); /* a folder */
		errno = sys;
		if (next < 0 || end == NULL)
			return next;
		fd = next;
		path = end + 1;
	}
}

/* Neither empty nor `.` nor `..`, between slashes. */
static bool
is_below(struct str path)
{
	struct str part;

	if (path.n == 0 || memchr(path.p, '\0', path.n) != NULL)
		return false;
	while (path.p != NULL) {
		part = str_cut(&path, '/');
		if (part.n == 0 || str_eq(part, STR(".")) ||
		    str_eq(part, STR("..")))
			return false;
	}
	return true;
}

int
io_open_below(int dir, struct str path)
{
	struct buf name = BUF_INIT;
	struct stat st = { 0 };
	int fd = -1, sys = EINVAL;

	if (!is_below(path))
		goto out;
	buf_adds(&name, path);
	fd = os_open_below(dir, name.p);
	/* A filter of system calls says EPERM of those it never heard of. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open_steps(dir, name.p);
	sys = errno;
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		sys = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
		(void)close(fd); /* not used */
		fd = -1;
	}
out:
	buf_release(&name);
	errno = sys;
	return fd;
}

bool
io_would_block(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 0;
}

int
io_tmpfile(const char *dir, struct err *err)
{
	struct buf path = BUF_INIT;
	int fd;

	fd = os_tmpfile(dir);
	if (fd >= 0)
		goto out;
	/* NFS and others have no O_TMPFILE; the errno differs by kernel. */
	buf_addf(&path, "%s/.tmp-XXXXXX", dir);
	fd = mkstemp(path.p);
	if (fd < 0) {
		err_sys(err, STATUS_CANTCREAT, errno,
		    "%s: cannot create a temporary file", dir);
		goto out;
	}
	if (unlink(path.p) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		err_sys(err, STATUS_CANTCREAT, errno, "%s", path.p);
		(void)close(fd); /* given up, nothing was written */
		fd = -1;
	}
out:
	buf_release(&path);
	return fd;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
io_mkdirs(const char *path, struct err *err)
{
	char *part = mem_dup(path);
	char *at = part;
	int rc = -1;

	if (is_dir(path)) {
		rc = 0;
		goto out;
	}
	while (*at == '/')
		at++;
	for (;;) {
		char c;

		at += strcspn(at, "/");
		c = *at;
		*at = '\0';
		if (mkdir(part, 0700) < 0) {
			int why = errno;

			/* EEXIST, but also EROFS or EACCES on what is there */
			if (!is_dir(part)) {
				err_sys(err,
				    why == EACCES || why == EPERM
					? STATUS_NOPERM
					: STATUS_CANTCREAT,
				    why == EEXIST ? ENOTDIR : why, "%s", part);
				goto out;
			}
		}
		*at = c;
		while (*at == '/')
			at++;
		if (*at == '\0')
			break;
	}
	rc = 0;
out:
	mem_free(part);
	return rc;
}

int
io_rename_new(const char *from, const char *to)
{
	struct stat st;

	if (os_rename_new(from, to) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return -1;
	/* A link to what exists fails in one step; a folder has no links, and
	 * of it another process could come between the look and the rename:
	 * then rename itself refuses unless the other is empty. */
	if (link(from, to) == 0)
		return unlink(from);
	if (errno == EEXIST)
		return -1;
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return errno == ENOENT ? rename(from, to) : -1;
}

int
io_rename_swap(const char *a, const char *b)
{
	return os_rename_swap(a, b);
}

int
io_sync_dir(const char *path)
{
	int rc, why, fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	why = errno;
	if (rc < 0 && why == EINVAL)
		rc = 0;  /* a file system where folders need none */
	(void)close(fd); /* only read from */
	errno = why;
	return rc;
}
