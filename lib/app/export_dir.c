/* SPDX-License-Identifier: MIT */
/*
 * crm-export --dir: a folder of cards or calendar objects, one a file, as
 * khard, vdirsyncer and todoman keep them (INTEGRATIONS.md 2).
 *
 * A file is known by the UID inside, never by its name.  What is written stands
 * in a file of its own first, which is synced and renamed; a file that would
 * stay as it is is not touched.  No link is followed: what is no plain file
 * does not exist here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/export_int.h"
#include "app/internal.h"
#include "base/id.h"
#include "base/io.h"
#include "base/vec.h"
#include "crm/names.h"
#include "format/ical.h"
#include "format/vcard.h"

enum { FILE_MAX = 10 * 1024 * 1024, TEMP_MAX = 64 };

static const char domain[] = "@crm-utils"; /* behind the ULID of a calendar */

struct file {
	const char *name, *uid; /* uid NULL: it has none, or is no card */
	struct id id;           /* where it is one of ours */
	bool ours, wanted;
	bool alone; /* it stays as it is, and that is said */
};

struct folder {
	const char *path;
	int fd;
	bool ical;
	enum vcard_version version;
	const struct schema *schema;
	const struct clock *clock;
	struct arena own, arena;
	VEC(struct file) files;
	struct names done; /* ids that were put */
	struct buf was, text;
	char temp[TEMP_MAX];
	struct folder_counts n;
	bool left; /* a file was left alone that should not have been */
};

/* ---- what is there ---- */

static const char *
suffix_of(const struct folder *f)
{
	return f->ical ? ".ics" : ".vcf";
}

static int
fault(const struct folder *f, const char *name, struct err *err)
{
	return err_sys(err, STATUS_IO, errno, "%s/%.200s", f->path, name);
}

/* The text of a plain file: 1; 0 it is none, or too large for one; -1. */
static int
slurp(struct folder *f, const char *name, struct buf *text, struct err *err)
{
	struct stat st;
	int fd =
	    openat(f->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = 0;

	buf_clear(text);
	if (fd < 0)
		return errno == ELOOP || errno == ENOENT || errno == ENXIO
			   ? 0
			   : fault(f, name, err);
	if (fstat(fd, &st) < 0)
		rc = fault(f, name, err);
	else if (S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		rc = io_slurp_fd(fd, name, FILE_MAX, text, err) < 0 ? -1 : 1;
	close(fd);
	return rc;
}

/* Whether more than one card or calendar is in it: then it is not of ours to
 * write, and nobody else's folder either. */
static bool
has_several(const struct folder *f, struct str text)
{
	struct str begin =
	    f->ical ? STR("BEGIN:VCALENDAR") : STR("BEGIN:VCARD");
	size_t n = 0;

	while (text.p) {
		struct str line = str_trim(str_cut(&text, '\n'));

		n += str_ieq(line, begin);
	}
	return n > 1;
}

/* A UID is ours where it is an id; of a calendar with our domain behind. */
static bool
is_ours(const struct folder *f, struct str uid, struct id *id)
{
	if (f->ical) {
		if (!str_ends(uid, STR("@crm-utils")))
			return false;
		uid.n -= sizeof(domain) - 1;
	}
	return uid.n == ID_TEXT && id_parse(uid, id);
}

static int
read_file(struct folder *f, const char *name, struct err *err)
{
	struct file file = { .name = arena_dup(&f->own, name) };
	struct str uid;
	int rc = slurp(f, name, &f->was, err);

	if (rc <= 0)
		return rc;
	arena_clear(&f->arena);
	uid = f->ical ? ical_uid(buf_str(&f->was), &f->arena)
		      : vcard_uid(buf_str(&f->was), &f->arena);
	if (has_several(f, buf_str(&f->was))) {
		msg_warn(_("%s/%s: warning: it holds more than one; it is left "
			   "alone"),
		    f->path, name);
		file.alone = f->left = true;
	}
	if (uid.n) {
		file.uid = arena_str(&f->own, uid).p;
		file.ours = is_ours(f, uid, &file.id);
	}
	vec_push(&f->files, file);
	return 0;
}

/* Of a run that was killed. */
static bool
is_leftover(const char *name)
{
	return strncmp(name, ".crm-export.", 12) == 0 &&
	       str_ends(str_of(name), STR(".tmp"));
}

static int
read_names(struct folder *f, DIR *dir, struct err *err)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (is_leftover(name))
			(void)unlinkat(f->fd, name, 0); /* or it stays */
		if (name[0] == '.' ||
		    !str_ends(str_of(name), str_of(suffix_of(f))))
			continue;
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s", _("interrupted"));
		if (read_file(f, name, err) < 0)
			return -1;
	}
	return errno ? fault(f, "", err) : 0;
}

static int
by_uid(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (!x->uid || !y->uid)
		return (x->uid != NULL) - (y->uid != NULL);
	return strcmp(x->uid, y->uid);
}

static int
by_uid_and_name(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int rc = by_uid(x, y);

	return rc != 0 ? rc : strcmp(x->name, y->name);
}

/* Sorted by UID.  Two with one UID stop a sync of them: said, not written. */
static void
sort_files(struct folder *f)
{
	if (f->files.n > 1)
		qsort(f->files.v, f->files.n, sizeof(*f->files.v),
		    by_uid_and_name);
	for (size_t i = 1; i < f->files.n; i++) {
		struct file *a = &f->files.v[i - 1], *b = &f->files.v[i];

		if (!a->uid || strcmp(a->uid, b->uid) != 0)
			continue;
		a->alone = b->alone = true;
		f->left = true;
		msg_warn(_("%s: warning: %s and %s hold one UID, %s; neither "
			   "is written"),
		    f->path, a->name, b->name, a->uid);
	}
}

int
folder_open(struct folder **out, const char *path, bool ical, int version,
    const struct schema *schema, const struct clock *clock, struct err *err)
{
	struct folder *f = mem_zero(1, sizeof(*f));
	DIR *dir;
	int fd, rc;

	*out = f;
	f->path = path;
	f->ical = ical;
	f->version = (enum vcard_version)version;
	f->schema = schema;
	f->clock = clock;
	buf_init(&f->was);
	buf_init(&f->text);
	(void)snprintf(f->temp, sizeof(f->temp), ".crm-export.%ld.tmp",
	    (long)getpid()); /* it fits */
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0)
		return err_sys(err, STATUS_CANTCREAT, errno, "--dir: %s", path);
	fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		rc = fault(f, "", err);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = read_names(f, dir, err);
	closedir(dir);
	sort_files(f);
	return rc;
}

void
folder_close(struct folder **fp)
{
	struct folder *f = *fp;

	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	vec_release(&f->files);
	names_release(&f->done);
	buf_release(&f->was);
	buf_release(&f->text);
	arena_release(&f->own);
	arena_release(&f->arena);
	mem_free(f);
	*fp = NULL;
}

struct folder_counts
folder_counts(const struct folder *f)
{
	return f->n;
}

/* ---- writing ---- */

static struct file *
find_uid(struct folder *f, const char *uid)
{
	struct file key = { .uid = uid };

	return f->files.n ? bsearch(&key, f->files.v, f->files.n,
				sizeof(*f->files.v), by_uid)
			  : NULL;
}

/* The file of a record: by its id, else by the UID that it came with. */
static struct file *
find_file(struct folder *f, const struct rec *rec, struct str id)
{
	struct str prefix = f->ical ? STR("ical/") : STR("vcard/");
	struct str uid = arena_printf(
	    &f->arena, "%.*s%s", STR_ARG(id), f->ical ? domain : "");
	struct file *file = find_uid(f, uid.p);
	struct str ext;

	for (size_t i = 0; !file && rec_next(rec, STR("ext"), &i, &ext);)
		if (str_starts(ext, prefix))
			file = find_uid(f,
			    arena_str(&f->arena, str_sub(ext, prefix.n, ext.n))
				.p);
	return file;
}

/* ULID.vcf, and another where somebody has that name. */
static const char *
new_name(struct folder *f, struct str id)
{
	const char *name =
	    arena_printf(&f->arena, "%.*s%s", STR_ARG(id), suffix_of(f)).p;
	struct stat st;

	for (unsigned n = 2;
	     fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0; n++)
		name = arena_printf(
		    &f->arena, "%.*s-%u%s", STR_ARG(id), n, suffix_of(f))
			   .p;
	return name;
}

/* Beside it, synced, then in its place. */
static int
replace(struct folder *f, const char *name, bool is_new, struct err *err)
{
	struct stat st;
	int fd, rc = 0;

	fd = openat(f->fd, f->temp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, STATUS_IO, errno, "--dir: %s", f->path);
	if (!is_new && fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		(void)!fchmod(fd, st.st_mode & 0777); /* or it stays private */
	if (io_write(fd, f->text.p, f->text.n) < 0 || fsync(fd) < 0)
		rc = fault(f, name, err);
	if (close(fd) < 0 && rc == 0)
		rc = fault(f, name, err);
	if (rc == 0 && renameat(f->fd, f->temp, f->fd, name) < 0)
		rc = fault(f, name, err);
	if (rc < 0)
		(void)unlinkat(f->fd, f->temp, 0); /* what is left of it */
	return rc;
}

static int
make_text(struct folder *f, const struct rec *rec, struct err *err)
{
	struct str was = f->was.n ? buf_str(&f->was) : STR_NONE;

	buf_clear(&f->text);
	return f->ical
		   ? ical_put(&f->text, rec, f->schema, f->clock, was, err)
		   : vcard_put(&f->text, rec, f->schema, f->version, was, err);
}

static int
judge_kind(const struct folder *f, const struct rec *rec, struct err *err)
{
	struct str kind = rec_get(rec, STR("kind"));

	if (!kind.n ||
	    (f->ical ? str_eqz(kind, "task") || str_eqz(kind, "activity")
		     : str_eqz(kind, "contact")))
		return 0;
	return err_set(err, STATUS_DATA, _("kind: got '%.*s', wanted %s"),
	    STR_ARG(kind), f->ical ? _("task or activity") : "contact");
}

int
folder_put(struct folder *f, const struct rec *rec, struct err *err)
{
	struct str text = rec_get(rec, STR("id"));
	struct file *file;
	const char *name;
	char canon[ID_TEXT];
	struct id id;
	bool is_new, fresh;

	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (!id_parse(text, &id))
		return err_set(err, STATUS_DATA, "%s",
		    _("no id: a file is that of a stored record"));
	if (judge_kind(f, rec, err) < 0)
		return -1;
	arena_clear(&f->arena);
	id_format(&id, canon);
	text = str_n(canon, ID_TEXT);
	(void)names_at(&f->done, id_str(&id), &fresh);
	if (!fresh)
		return 0;
	file = find_file(f, rec, text);
	if (file && file->alone)
		return 0;
	buf_clear(&f->was);
	is_new = !file || slurp(f, file->name, &f->was, err) <= 0;
	if (err->status)
		return -1;
	if (make_text(f, rec, err) < 0)
		return -1;
	if (file)
		file->wanted = true;
	if (!is_new && str_eq(buf_str(&f->was), buf_str(&f->text))) {
		f->n.same++;
		return 0;
	}
	name = file ? file->name : new_name(f, text);
	if (replace(f, name, is_new, err) < 0)
		return -1;
	f->n.written++;
	return 0;
}

int
folder_end(struct folder *f, struct err *err)
{
	for (size_t i = 0; i < f->files.n; i++) {
		const struct file *file = &f->files.v[i];

		if (!file->ours || file->wanted || file->alone)
			continue;
		if (unlinkat(f->fd, file->name, 0) < 0 && errno != ENOENT)
			return fault(f, file->name, err);
		f->n.removed++;
	}
	if ((f->n.written || f->n.removed) && fsync(f->fd) < 0)
		return fault(f, "", err);
	return f->left ? STATUS_NO : STATUS_OK;
}
