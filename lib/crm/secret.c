/* SPDX-License-Identifier: MIT */
#include "crm/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/os.h"
#include "store/erased.h"

enum { OTHERS = 07, GROUP = 070, MODE = 0600, MODE_GROUP = 0660 };

/* ---- reading ---- */

/* A store that a group shares has a key that the group shares. */
static mode_t
group_bits(const char *url)
{
	struct stat st;

	return stat(url, &st) == 0 ? st.st_mode & GROUP : 0;
}

static int
check_file(const char *path, int fd, mode_t group, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(
		    err, STATUS_NOPERM, "%s: no regular file: refused", path);
	if (group == 0 && st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(
		    err, STATUS_NOPERM, "%s: another user's: refused", path);
	if ((st.st_mode & OTHERS) != 0 ||
	    (group == 0 && (st.st_mode & GROUP) != 0))
		return err_set(err, STATUS_NOPERM,
		    "%s: others may read or write it: refused\n"
		    "chmod 600 mends that; who has read it can tell which "
		    "addresses are suppressed.",
		    path);
	if (st.st_size != SECRET_BYTES)
		return err_set(err, STATUS_CONFIG,
		    "%s: got %lld bytes, wanted the %d of a key", path,
		    (long long)st.st_size, SECRET_BYTES);
	return 0;
}

/* 1, 0 there is none, -1. */
static int
read_key(const char *path, mode_t group, struct secret *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int rc = -1;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(err,
		    errno == EACCES || errno == EPERM || errno == ELOOP
			? STATUS_NOPERM
			: STATUS_IO,
		    errno, "%s", path);
	if (check_file(path, fd, group, err) == 0) {
		if (io_pread(fd, out->b, SECRET_BYTES, 0) == SECRET_BYTES)
			rc = 1;
		else
			err_sys(err, STATUS_IO, errno, "%s", path);
	}
	(void)close(fd); /* only read from */
	return rc;
}

/* ---- making ---- */

static int
cannot(const char *path, struct err *err)
{
	return err_sys(err,
	    errno == EACCES || errno == EPERM || errno == EROFS
		? STATUS_NOPERM
		: STATUS_CANTCREAT,
	    errno, "%s: cannot make the key", path);
}

/* Written beside its place, synced, then put there unless another was
 * quicker. */
static int
write_key(const char *path, char *temp, const char *url, mode_t group,
    struct err *err)
{
	struct secret key;
	struct stat st;
	int fd = mkstemp(temp); /* 0600 */
	bool good;

	if (fd < 0)
		return cannot(path, err);
	/* Never from CRM_SEED: a key that can be guessed is none. */
	if (!os_random(key.b, SECRET_BYTES))
		bug("the system has no random bytes");
	good = io_write(fd, key.b, SECRET_BYTES) == 0;
	if (good && group != 0)
		good = stat(url, &st) == 0 &&
		       fchown(fd, (uid_t)-1, st.st_gid) == 0 &&
		       fchmod(fd, MODE_GROUP) == 0;
	good = good && fsync(fd) == 0;
	secret_forget(&key);
	if (close(fd) < 0)
		good = false;
	if (good && io_rename_new(temp, path) < 0 && errno != EEXIST)
		good = false;
	if (!good)
		(void)cannot(path, err);
	/* Gone where it was renamed. */
	(void)unlink(temp);
	return good ? 0 : -1;
}

static int
make_key(const char *path, const char *url, mode_t group, struct err *err)
{
	struct buf temp = BUF_INIT;
	struct buf dir = BUF_INIT;
	struct str folder = str_of(path);
	int rc;

	while (folder.n > 0 && folder.p[folder.n - 1] != '/')
		folder.n--;
	buf_adds(&dir, folder.n > 0 ? folder : STR("."));
	buf_addf(&temp, "%s-XXXXXX", path);
	rc = write_key(path, temp.p, url, group, err);
	if (rc == 0 && io_sync_dir(dir.p) < 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", dir.p);
	buf_release(&temp);
	buf_release(&dir);
	return rc;
}

int
secret_get(const char *url, bool make, struct secret *out, struct err *err)
{
	struct buf path = BUF_INIT;
	mode_t group;
	int rc = 0;

	if (!store_beside(url, ".key", &path))
		goto out;
	/* Where the system cannot, it is read all the same. */
	(void)os_no_dump();
	group = group_bits(url);
	rc = read_key(path.p, group, out, err);
	if (rc == 0 && make)
		rc = make_key(path.p, url, group, err) == 0
			 ? read_key(path.p, group, out, err)
			 : -1;
out:
	buf_release(&path);
	return rc;
}

void
secret_forget(struct secret *s)
{
	hash_wipe(s->b, SECRET_BYTES);
}
