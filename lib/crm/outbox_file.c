/* SPDX-License-Identifier: MIT */
/* NAME.outbox/ULID.eml: rendered mails that wait (RELIABILITY.md, Paths: the
 * names are ours, never from what came in). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/os.h"
#include "crm/outbox_int.h"
#include "store/erased.h"

enum {
	FOLDER_MODE = 0700,
	FILE_MODE = 0600,
	GROUP_FOLDER = 02770, /* of a store that a group shares */
	GROUP_FILE = 0660,
	SYNC_ALL = 64,
};
static const char ending[] = ".eml";
static const char part[] = ".part";
static const char lock_name[] = "lock";

void
files_path(const struct outbox *o, const struct id *id, struct buf *out)
{
	char text[ID_TEXT];

	id_format(id, text);
	buf_clear(out);
	buf_addf(out, "%s/%.*s%s", o->folder.p, ID_TEXT, text, ending);
}

static int
cannot(const char *path, struct err *err)
{
	return err_sys(err,
	    errno == EACCES || errno == EPERM || errno == EROFS ? STATUS_NOPERM
	    : errno == ENOSPC || errno == EDQUOT || errno == EFBIG ||
		    errno == EIO
		? STATUS_IO
		: STATUS_CANTCREAT,
	    errno, "%s", path);
}

/* ---- the folder, and who writes in it ---- */

/* A store that a group shares has an outbox that the group shares, as it has
 * a key (crm/secret.c). */
static bool
is_shared(const struct outbox *o, gid_t *gid)
{
	struct stat st;

	if (stat(db_url(o->db), &st) < 0 || (st.st_mode & S_IRWXG) == 0)
		return false;
	*gid = st.st_gid;
	return true;
}

static int
check_folder(struct outbox *o, struct err *err)
{
	struct stat st;
	gid_t gid = 0;

	o->shared = is_shared(o, &gid);
	if (lstat(o->folder.p, &st) < 0)
		return cannot(o->folder.p, err);
	if (S_ISDIR(st.st_mode) && (st.st_mode & S_IRWXO) == 0 &&
	    (o->shared ? st.st_gid == gid
		       : st.st_uid == geteuid() && (st.st_mode & S_IRWXG) == 0))
		return 0;
	return err_set(err, STATUS_NOPERM,
	    "%s: others may read or write it: refused\n"
	    "chmod %o mends that; mails to be sent lie in it.",
	    o->folder.p, o->shared ? GROUP_FOLDER : FOLDER_MODE);
}

/* What lies in a folder is lost with its name.  The one above may be one that
 * we may not read. */
static int
sync_above(const struct outbox *o, struct err *err)
{
	struct buf up = BUF_INIT;
	int rc = 0;

	buf_addf(&up, "%s/..", o->folder.p);
	if (io_sync_dir(up.p) < 0 && errno != EACCES && errno != EINVAL)
		rc = cannot(up.p, err);
	buf_release(&up);
	return rc;
}

static int
make_folder(const struct outbox *o, struct err *err)
{
	gid_t gid;

	if (mkdir(o->folder.p, FOLDER_MODE) < 0)
		return errno == EEXIST ? 0 : cannot(o->folder.p, err);
	if (is_shared(o, &gid) && (chown(o->folder.p, (uid_t)-1, gid) < 0 ||
				      chmod(o->folder.p, GROUP_FOLDER) < 0))
		return cannot(o->folder.p, err);
	return sync_above(o, err);
}

/* Whatever the umask. */
static int
open_file(const struct outbox *o, const char *path, int flags)
{
	int fd =
	    open(path, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	struct stat st;

	if (fd >= 0 && o->shared && fstat(fd, &st) == 0 &&
	    st.st_uid == geteuid())
		(void)fchmod(
		    fd, GROUP_FILE); /* else it is its writer's alone */
	return fd;
}

static int
set_lock(struct outbox *o, short type)
{
	struct flock all = { .l_type = type, .l_whence = SEEK_SET };
	struct buf path = BUF_INIT;
	int rc = -1;

	buf_addf(&path, "%s/%s", o->folder.p, lock_name);
	if (o->lock < 0)
		o->lock = open_file(o, path.p, O_RDWR);
	if (o->lock >= 0)
		rc = fcntl(o->lock, type == F_WRLCK ? F_SETLK : F_SETLKW, &all);
	buf_release(&path);
	return rc;
}

void
files_unlock(struct outbox *o)
{
	if (o->lock >= 0)
		(void)close(o->lock); /* which lets go */
	o->lock = -1;
}

/* Made, and held against files_tidy of another run until they are queued. */
static int
enter(struct outbox *o, struct err *err)
{
	if (o->made && o->lock >= 0)
		return 0;
	if (make_folder(o, err) < 0 || check_folder(o, err) < 0)
		return -1;
	o->made = true;
	while (set_lock(o, F_RDLCK) < 0)
		if (errno != EINTR)
			return cannot(o->folder.p, err);
	return 0;
}

/* ---- one file ---- */

static int
put_file(const struct outbox *o, const char *path, struct str bytes, bool sync,
    struct err *err)
{
	int fd = open_file(o, path, O_WRONLY | O_TRUNC);
	int rc = 0;

	if (fd < 0)
		return cannot(path, err);
	if (io_write(fd, bytes.p, bytes.n) < 0 || (sync && fsync(fd) < 0))
		rc = cannot(path, err);
	if (close(fd) < 0 && rc == 0)
		rc = cannot(path, err);
	return rc;
}

int
outbox_write(
    struct outbox *o, const struct id *id, struct str bytes, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = enter(o, err);

	if (rc == 0) {
		vec_push(&o->fresh, *id);
		files_path(o, id, &path);
		rc = put_file(o, path.p, bytes, false, err);
	}
	buf_release(&path);
	return rc;
}

int
outbox_replace(
    struct outbox *o, const struct id *id, struct str bytes, struct err *err)
{
	struct buf path = BUF_INIT, temp = BUF_INIT;
	int rc = enter(o, err);

	if (rc == 0) {
		files_path(o, id, &path);
		buf_addf(&temp, "%s%s", path.p, part);
		rc = put_file(o, temp.p, bytes, true, err);
	}
	if (rc == 0 &&
	    (rename(temp.p, path.p) < 0 || io_sync_dir(o->folder.p) < 0))
		rc = cannot(path.p, err);
	buf_release(&path);
	buf_release(&temp);
	return rc;
}

bool
outbox_has_file(const struct outbox *o, const struct id *id)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool is;

	files_path(o, id, &path);
	is = lstat(path.p, &st) == 0 && S_ISREG(st.st_mode);
	buf_release(&path);
	return is;
}

int
outbox_file(const struct outbox *o, const struct id *id, struct err *err)
{
	struct buf path = BUF_INIT;
	int fd;

	files_path(o, id, &path);
	fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		err_sys(err, errno == ENOENT ? STATUS_NOINPUT : STATUS_IO,
		    errno, "%s", path.p);
	buf_release(&path);
	return fd;
}

void
outbox_drop(struct outbox *o, const struct id *id)
{
	struct buf path = BUF_INIT;
	size_t n = 0;

	files_path(o, id, &path);
	(void)unlink(path.p); /* what stays is removed by the next run */
	for (size_t i = 0; i < o->fresh.n; i++)
		if (id_cmp(&o->fresh.v[i], id) != 0)
			o->fresh.v[n++] = o->fresh.v[i];
	o->fresh.n = n;
	buf_release(&path);
}

void
outbox_forget(const char *url, const struct id *id)
{
	struct buf path = BUF_INIT;
	char text[ID_TEXT];

	if (store_beside(url, ".outbox", &path)) {
		id_format(id, text);
		buf_addf(&path, "/%.*s%s", ID_TEXT, text, ending);
		(void)unlink(path.p); /* few have one */
	}
	buf_release(&path);
}

/* ---- all of them ---- */

static int
sync_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = cannot(path, err);
	if (fd >= 0)
		(void)close(fd); /* only read from */
	return rc;
}

static int
sync_each(struct outbox *o, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->fresh.n; i++) {
		files_path(o, &o->fresh.v[i], &path);
		rc = sync_file(path.p, err);
	}
	if (rc == 0 && io_sync_dir(o->folder.p) < 0)
		rc = cannot(o->folder.p, err);
	buf_release(&path);
	return rc;
}

/* A flush for each of 10,000 files takes most of a minute: many are flushed
 * with all else that the file system has. */
int
files_sync(struct outbox *o, struct err *err)
{
	if (o->fresh.n == 0)
		return 0;
	if (o->fresh.n >= SYNC_ALL && o->lock >= 0) {
		if (os_sync_all(o->lock) == 0)
			return 0;
		if (errno != ENOSYS)
			return cannot(o->folder.p, err);
	}
	return sync_each(o, err);
}

/* Whether the file of that name is of a message that will want it. */
static int
is_wanted(
    struct outbox *o, struct reading *rd, struct str name, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct outbox_message m = { .state = OUTBOX_SENT };
	struct id id;
	int rc = 0;

	if (name.n == ID_TEXT + sizeof(ending) - 1 &&
	    str_ends(name, STR(".eml")) &&
	    id_parse(str_sub(name, 0, ID_TEXT), &id))
		rc = outbox_get(o, rd, &id, &a, &m, err);
	if (rc > 0)
		rc = m.state == OUTBOX_QUEUED || m.state == OUTBOX_SENDING ||
		     m.state == OUTBOX_FAILED || m.state == OUTBOX_IN_DOUBT;
	arena_release(&a);
	return rc;
}

static bool
is_ours(struct str name)
{
	return str_ends(name, STR(".eml")) || str_ends(name, STR(".part"));
}

int
files_tidy(struct outbox *o, struct err *err)
{
	struct buf path = BUF_INIT;
	struct reading *rd = NULL;
	DIR *d = opendir(o->folder.p);
	struct dirent *e;
	int rc = 0;

	if (!d)
		return 0;
	if (check_folder(o, err) < 0) {
		rc = -1;
		goto out;
	}
	/* Another run is about to queue what it has written: another time. */
	if (set_lock(o, F_WRLCK) < 0)
		goto out;
	/* From now on nobody queues: what is no message now is none later. */
	rc = db_read(o->db, &rd, err);
	while (rc >= 0 && (e = readdir(d))) {
		if (!is_ours(str_of(e->d_name)))
			continue;
		rc = is_wanted(o, rd, str_of(e->d_name), err);
		if (rc != 0)
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/%s", o->folder.p, e->d_name);
		(void)unlink(path.p); /* what stays harms nobody */
	}
out:
	reading_close(&rd);
	files_unlock(o);
	closedir(d);
	buf_release(&path);
	return rc < 0 ? -1 : 0;
}
