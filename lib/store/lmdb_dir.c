/* SPDX-License-Identifier: MIT */
/*
 * The directory of a store: made, opened without following anything, and
 * refused where others could write it or the file system cannot keep it.
 */
#include "store/lmdb_env.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/vfs.h>
#endif

#include "store/aside.h"

int
lmdb_refused(
    const struct store *s, const char *name, const char *what, struct err *err)
{
	return err_set(err, STATUS_NOPERM, "%s%s%s: %s: refused", s->path,
	    name[0] != '\0' ? "/" : "", name, what);
}

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
		return lmdb_refused(s, "", "a symbolic link", err);
	return lmdb_refused(s, "", "no directory", err);
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

int
lmdb_dir_open(struct store *s, struct err *err)
{
	int back;

	for (int i = 0; i < 3; i++) {
		s->dir = fd_high(open(
		    s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
		if (s->dir >= 0)
			return 0;
		if (errno != ENOENT)
			return dir_wrong(s, errno, err);
		if ((back = aside_recover(s->path, s->lock_ms, err)) < 0)
			return -1;
		if (back > 0)
			continue;
		if ((s->flags & OPEN_CREATE) == 0)
			break;
		if (dir_make(s, err) < 0)
			return -1;
	}
	return err_set(err, STATUS_NOINPUT, "%s: no store there", s->path);
}

int
lmdb_dir_check_owner(const struct store *s, struct stat *st, struct err *err)
{
	if (fstat(s->dir, st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", s->path);
	if (st->st_uid != geteuid() && (st->st_mode & S_IWOTH) != 0)
		return lmdb_refused(s, "",
		    "a directory of another user that all may write", err);
	return 0;
}

int
lmdb_dir_check_fs(const struct store *s, struct err *err)
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
		off = lmdb_getenv("CRM_UNSAFE_FS");
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
int
lmdb_dir_check_empty(const struct store *s, struct err *err)
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
		    strcmp(e->d_name, "data.mdb.new") != 0 &&
		    strcmp(e->d_name, "lock.mdb") != 0)
			rc = err_set(err, STATUS_CANTCREAT,
			    "%s: cannot create the store: the folder holds "
			    "other files",
			    s->path);
	(void)closedir(d); /* only read from */
	return rc;
}
