/* SPDX-License-Identifier: MIT */
#include "mail/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

enum { HOST_BYTES = 128, TRIES = 100 };

/* ---- folders ---- */

static int
make_one(const char *path, const char *part, struct err *err)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int rc = 0;

	buf_addf(&b, "%s%s", path, part);
	if (mkdir(b.p, 0700) < 0 &&
	    (errno != EEXIST || stat(b.p, &st) < 0 || !S_ISDIR(st.st_mode)))
		rc = err_sys(err, STATUS_CANTCREAT,
		    errno == EEXIST ? ENOTDIR : errno, "%s", b.p);
	buf_release(&b);
	return rc;
}

int
maildir_make(const char *path, struct err *err)
{
	static const char *const parts[] = { "", "/tmp", "/new", "/cur" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (make_one(path, parts[i], err) < 0)
			return -1;
	return 0;
}

/* ---- one mail ---- */

/* TIME.PID_N.HOST, as maildir(5) has it. */
static void
name_it(struct buf *b, unsigned n)
{
	char host[HOST_BYTES] = "";
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	(void)gethostname(host, sizeof(host) - 1); /* or none: still unique */
	for (char *p = host; *p; p++)
		if (*p == '/' || *p == ':')
			*p = '_';
	buf_clear(b);
	buf_addf(b, "%lld.M%ldP%ld_%u.%s", (long long)now.tv_sec,
	    now.tv_nsec / 1000, (long)getpid(), n,
	    host[0] ? host : "localhost");
}

static void
path_of(const struct maildir_file *f, const char *part, struct buf *out)
{
	buf_clear(out);
	buf_addf(out, "%s/%s/%s", f->folder, part, f->name.p);
}

int
maildir_begin(struct maildir_file *f, const char *folder, struct err *err)
{
	static unsigned count;
	struct buf path = BUF_INIT;

	f->folder = folder;
	f->fd = -1;
	buf_init(&f->name);
	for (unsigned i = 0; i < TRIES && f->fd < 0; i++) {
		name_it(&f->name, count++);
		path_of(f, "tmp", &path);
		f->fd = open(path.p,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (f->fd < 0 && errno != EEXIST)
			break;
	}
	if (f->fd < 0) {
		err_sys(err, STATUS_CANTCREAT, errno, "%s", path.p);
		buf_release(&f->name);
	}
	buf_release(&path);
	return f->fd < 0 ? -1 : 0;
}

int
maildir_write(struct maildir_file *f, struct str bytes, struct err *err)
{
	if (io_write(f->fd, bytes.p, bytes.n) < 0)
		return err_sys(err, STATUS_IO, errno, "%s", f->folder);
	return 0;
}

int
maildir_end(struct maildir_file *f, struct err *err)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	int rc = -1;

	path_of(f, "tmp", &from);
	path_of(f, "new", &to);
	if (fsync(f->fd) < 0 || close(f->fd) < 0) {
		err_sys(err, STATUS_IO, errno, "%s", from.p);
		goto out;
	}
	f->fd = -1;
	if (io_rename_new(from.p, to.p) < 0) {
		err_sys(err, STATUS_IO, errno, "%s", to.p);
		goto out;
	}
	buf_clear(&to);
	buf_addf(&to, "%s/new", f->folder);
	if (io_sync_dir(to.p) < 0) {
		err_sys(err, STATUS_IO, errno, "%s", to.p);
		goto out;
	}
	buf_release(&f->name);
	rc = 0;
out:
	buf_release(&from);
	buf_release(&to);
	if (rc < 0)
		maildir_drop(f);
	return rc;
}

void
maildir_drop(struct maildir_file *f)
{
	struct buf path = BUF_INIT;

	if (f->fd >= 0)
		(void)close(f->fd); /* it is removed */
	f->fd = -1;
	if (f->name.n) {
		path_of(f, "tmp", &path);
		(void)unlink(path.p); /* it may be gone */
	}
	buf_release(&path);
	buf_release(&f->name);
}
