/* SPDX-License-Identifier: MIT */
/*
 * A backup: a compacting copy of one snapshot, read again as a store before
 * it gets its name, and the notes of where backups went.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "store/erased.h"
#include "store/keep_int.h"
#include "store/seal.h"

enum { NOTES_MAX = 64 * 1024 * 1024, HERE_MAX = 4096 };

/* ---- the copy ---- */

/* The data file of a copy, checked, sealed, on disk; *lsn: its newest
 * operation. */
static int
finish_copy(struct db *db, struct aside *a, int *fd, uint64_t *lsn,
    const struct kept *kept, struct err *err)
{
	struct buf file = BUF_INIT;
	struct db *copy = NULL;
	int rc = -1;

	*fd = -1;
	if (keep_open(&copy, a, db, err) < 0 ||
	    keep_check(copy, true, kept, STATUS_IO, db->url, err) < 0)
		goto out;
	*lsn = copy->head.lsn;
	db_close(&copy);
	buf_addf(&file, "%s/data.mdb", a->dir.p);
	*fd = open(file.p, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0 || fchmod(*fd, 0600) < 0) {
		(void)err_sys(err, STATUS_IO, errno, "%s", file.p);
		goto out;
	}
	if (seal_put(*fd, file.p, err) < 0)
		goto out;
	rc = fsync(*fd) == 0 ? 0 : err_sys(err, STATUS_IO, errno, "%s", file.p);
out:
	db_close(&copy);
	if (rc < 0 && *fd >= 0) {
		(void)close(*fd); /* it goes */
		*fd = -1;
	}
	buf_release(&file);
	return rc;
}

static int
copy_aside(struct db *db, const char *path, struct aside *a, int *fd,
    uint64_t *lsn, struct kept *kept, struct err *err)
{
	struct stat st;

	aside_sweep(path);
	if (keep_copy(db, a, path, NULL, err) < 0 ||
	    finish_copy(db, a, fd, lsn, kept, err) < 0)
		return -1;
	kept->before = aside_size(db->url);
	kept->after = fstat(*fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

static int
must_have_files(const struct db *db, struct err *err)
{
	if (db->store == NULL)
		return err_set(
		    err, STATUS_NOINPUT, "%s: no store there", db->url);
	return keep_files(db, err);
}

int
db_backup_fd(struct db *db, int *fd, struct kept *kept, struct err *err)
{
	struct aside a = ASIDE_INIT;
	struct err first = ERR_INIT;
	struct buf tmp = BUF_INIT;
	const char *dir = getenv("TMPDIR");
	uint64_t lsn;
	int rc;

	kept->before = kept->after = 0;
	*fd = -1;
	if (must_have_files(db, err) < 0)
		return -1;
	rc = copy_aside(db, db->url, &a, fd, &lsn, kept, &first);
	if (rc < 0 && first.status == STATUS_NOPERM) {
		/* Who may only read the store has room elsewhere. */
		aside_drop(&a);
		buf_addf(&tmp, "%s/crm-backup",
		    dir != NULL && dir[0] == '/' ? dir : "/tmp");
		rc = copy_aside(db, tmp.p, &a, fd, &lsn, kept, err);
	} else if (rc < 0) {
		*err = first;
	}
	/* Its name goes; the file stays as long as it is open. */
	aside_drop(&a);
	if (rc == 0)
		backups_note(db->url, db->clock->now, lsn, "-");
	buf_release(&tmp);
	return rc;
}

/* ---- under a name ---- */

/* What a backup must not take the place of. */
static int
judge_target(const struct db *db, const char *path, struct err *err)
{
	struct str dir = str_of(path);
	struct stat st, up, store;
	struct buf b = BUF_INIT;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, STATUS_CANTCREAT,
		    "%s: no regular file; `-` is for a pipe", path);
	while (dir.n > 0 && dir.p[dir.n - 1] != '/')
		dir.n--;
	buf_adds(&b, dir.n == 0 ? STR(".") : dir);
	if (stat(b.p, &up) == 0 && stat(db->url, &store) == 0 &&
	    up.st_dev == store.st_dev && up.st_ino == store.st_ino)
		(void)err_set(err, STATUS_CANTCREAT,
		    "%s: a store holds nothing but its own files", path);
	else if (dir.n == str_of(path).n)
		(void)err_set(err, STATUS_CANTCREAT,
		    "'%s': wanted the name of a file", path);
	buf_release(&b);
	return err->status == 0 ? 0 : -1;
}

int
backup_begin(
    const struct db *db, const char *path, struct aside *a, struct err *err)
{
	if (judge_target(db, path, err) < 0)
		return -1;
	aside_sweep(path);
	return aside_make(a, path, NULL, err);
}

int
backup_end(const struct db *db, struct aside *a, uint64_t lsn, const char *path,
    struct err *err)
{
	struct buf file = BUF_INIT;
	int rc = -1;

	buf_addf(&file, "%s/data.mdb", a->dir.p);
	if (a->data >= 0 && fsync(a->data) < 0)
		(void)err_sys(err, STATUS_IO, errno, "%s", path);
	else if (rename(file.p, path) < 0)
		(void)err_sys(err, STATUS_CANTCREAT, errno, "%s", path);
	else
		rc = aside_sync_parent(path, err);
	if (rc == 0)
		backups_note(db->url, db->clock->now, lsn, path);
	buf_release(&file);
	return rc;
}

int
db_backup(struct db *db, const char *path, struct kept *kept, struct err *err)
{
	struct aside a = ASIDE_INIT;
	uint64_t lsn = 0;
	int fd = -1;
	int rc = -1;

	kept->before = kept->after = 0;
	if (must_have_files(db, err) == 0 && judge_target(db, path, err) == 0 &&
	    copy_aside(db, path, &a, &fd, &lsn, kept, err) == 0)
		rc = backup_end(db, &a, lsn, path, err);
	if (fd >= 0)
		(void)close(fd); /* flushed */
	aside_drop(&a);
	return rc;
}

/* ---- NAME.backups ---- */

/* A name may hold anything: TAB, LF and backslash as in a record line. */
static void
add_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++)
		if (*name == '\t')
			buf_addz(out, "\\t");
		else if (*name == '\n')
			buf_addz(out, "\\n");
		else if (*name == '\\')
			buf_addz(out, "\\\\");
		else
			buf_addc(out, *name);
}

static struct str
take_name(struct str s, struct arena *arena)
{
	struct buf b = BUF_INIT;
	struct str out;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\\' || i + 1 == s.n)
			buf_addc(&b, s.p[i]);
		else if (s.p[++i] == 't')
			buf_addc(&b, '\t');
		else
			buf_addc(&b, s.p[i] == 'n' ? '\n' : s.p[i]);
	out = str_of(arena_dup(arena, b.p));
	buf_release(&b);
	return out;
}

/* The name from the root on, with nothing resolved. */
static void
add_whole_name(struct buf *out, const char *path)
{
	char here[HERE_MAX];

	if (path[0] != '/' && strcmp(path, "-") != 0 &&
	    getcwd(here, sizeof(here)) != NULL) {
		add_name(out, here);
		buf_addc(out, '/');
	}
	add_name(out, path);
}

void
backups_note(const char *url, int64_t ms, uint64_t lsn, const char *path)
{
	struct buf name = BUF_INIT;
	struct buf line = BUF_INIT;
	char time[DATETIME_TEXT];
	int fd;

	if (!store_beside(url, ".backups", &name))
		goto out;
	buf_add(&line, time, datetime_format(ms, time));
	buf_addf(&line, "\t%llu\t", (unsigned long long)lsn);
	add_whole_name(&line, path);
	buf_addc(&line, '\n');
	fd = open(name.p,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		/* Best effort, as the header says. */
		if (io_write(fd, line.p, line.n) == 0)
			(void)fsync(fd);
		(void)close(fd);
	}
out:
	buf_release(&line);
	buf_release(&name);
}

int
backups_read(const char *url, struct arena *arena, struct backup_note **out,
    size_t *n, struct err *err)
{
	struct buf name = BUF_INIT;
	struct buf text = BUF_INIT;
	struct err why = ERR_INIT;
	struct str rest, line, time;
	VEC(struct backup_note) notes = VEC_INIT;
	struct backup_note note;
	int rc = 0;

	*out = NULL;
	*n = 0;
	if (!store_beside(url, ".backups", &name))
		goto out;
	if (io_slurp(name.p, NOTES_MAX, &text, &why) < 0) {
		rc = why.status == STATUS_NOINPUT ? 0 : -1;
		if (rc < 0)
			*err = why;
		goto out;
	}
	rest = buf_str(&text);
	while (rest.n > 0) {
		line = str_cut(&rest, '\n');
		time = str_cut(&line, '\t');
		/* A line that a crash cut short tells nothing. */
		if (!datetime_parse_canon(time, &note.ms) ||
		    !num_u64(str_cut(&line, '\t'), &note.lsn) || line.n == 0)
			continue;
		note.path = take_name(line, arena);
		vec_push(&notes, note);
	}
	*n = notes.n;
	if (notes.n > 0) {
		*out = arena_alloc(arena, notes.n * sizeof(**out));
		memcpy(*out, notes.v, notes.n * sizeof(**out));
	}
out:
	vec_release(&notes);
	buf_release(&name);
	buf_release(&text);
	return rc;
}
