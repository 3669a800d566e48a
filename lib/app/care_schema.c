/* SPDX-License-Identifier: MIT */
/* crm-db schema and init: what changes the store's rules. */
#include "app/care.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/internal.h"
#include "base/io.h"
#include "base/num.h"
#include "crm/schema_apply.h"

enum { SCHEMA_FILE_MAX = 256 * 1024, FAULTS_SHOWN = 20 };

/* ---- schema ---- */

static int
read_stdin(struct buf *text, struct err *err)
{
	ssize_t n = 1;

	while (n > 0 && text->n <= SCHEMA_FILE_MAX) {
		n = io_read(STDIN_FILENO, buf_reserve(text, 4096), 4096);
		if (n < 0)
			return err_sys(
			    err, STATUS_IO, errno, "%s", _("standard input"));
		buf_grew(text, (size_t)n);
	}
	return 0;
}

int
care_file_read(struct care_file *f, const char *path, struct err *err)
{
	buf_init(&f->text);
	buf_init(&f->shown);
	if (strcmp(path, "-") == 0) {
		f->name = "stdin";
		return read_stdin(&f->text, err);
	}
	f->name = msg_path(path, &f->shown);
	return io_slurp(path, SCHEMA_FILE_MAX, &f->text, err);
}

void
care_file_release(struct care_file *f)
{
	buf_release(&f->text);
	buf_release(&f->shown);
}

/* "NAME:LINE:COL: what", counted in the file as its writer has it. */
static void
put_fault(struct str line, const struct care_file *f, struct err *one)
{
	struct str rest = str_sub(line, strlen(f->name) + 1, line.n);
	struct str at = str_cut(&rest, ':'), col = str_cut(&rest, ':');
	int64_t l, c;

	if ((f->lines == 0 && f->columns == 0) ||
	    !str_starts(line, str_of(f->name)) || !num_i64(at, &l) ||
	    !num_i64(col, &c)) {
		err_set(one, STATUS_DATA, "%.*s", STR_ARG(line));
		return;
	}
	l -= (int64_t)f->lines;
	c -= (int64_t)f->columns;
	err_set(one, STATUS_DATA, "%s:%lld:%lld:%.*s", f->name,
	    (long long)(l < 1 ? 1 : l), (long long)(c < 1 ? 1 : c),
	    STR_ARG(rest));
}

/* Each fault is a message of its own; the status is all that is left. */
static void
show_faults(const struct schema_apply *ap, const struct care_file *f)
{
	struct str rest = buf_str(&ap->faults.lines);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		struct err one = ERR_INIT;

		put_fault(line, f, &one);
		msg_err(&one);
	}
	if (ap->faults.n > FAULTS_SHOWN) {
		size_t more = ap->faults.n - FAULTS_SHOWN;
		struct err one = ERR_INIT;

		err_set(&one, STATUS_DATA,
		    cmd_text_n(
			"and %zu more fault", "and %zu more faults", more),
		    more);
		msg_err(&one);
	}
}

static void
note_applied(const struct schema_apply *ap)
{
	size_t n = ap->nchanges;

	if (n == 0)
		msg_note("%s", _("nothing to change"));
	else if (ap->dry_run)
		msg_note(cmd_text_n("would make %zu change; nothing stored",
			     "would make %zu changes; nothing stored", n),
		    n);
	else
		msg_note(cmd_text_n("made %zu change to the schema",
			     "made %zu changes to the schema", n),
		    n);
}

int
care_apply(struct session *ses, const struct care_file *f, struct err *err)
{
	struct schema_apply ap = SCHEMA_APPLY_INIT;
	int rc;

	ap.yaml = buf_str(&f->text);
	ap.name = f->name;
	ap.dry_run = write_opts.dry_run;
	rc = schema_apply(ses->db, &ses->env, &ap, err);
	show_faults(&ap, f);
	if (rc == 0 && !com.quiet)
		buf_adds(out_buf(), buf_str(&ap.changes));
	if (rc == 0)
		rc = out_flush(err);
	if (rc == 0)
		note_applied(&ap);
	schema_apply_release(&ap);
	return rc;
}

static int
apply_file(struct session **ses, const char *path, struct err *err)
{
	struct care_file f = { BUF_INIT, BUF_INIT, NULL, 0, 0 };
	int rc = -1;

	if (care_file_read(&f, path, err) == 0 &&
	    session_open(ses, SESSION_WRITE, err) == 0)
		rc = care_apply(*ses, &f, err);
	care_file_release(&f);
	return rc;
}

int
care_schema(struct session **ses, const struct care_opts *o, struct err *err)
{
	if (o->apply)
		return apply_file(ses, o->apply, err);
	if (!o->built_in && session_open(ses, SESSION_READ, err) < 0)
		return -1;
	if (!com.quiet)
		schema_print(
		    o->built_in ? schema_builtin() : session_schema(*ses),
		    out_buf());
	return 0;
}

/* ---- init ---- */

/* 77 before anything is made: chown would refuse it afterwards. */
static int
find_group(const char *name, gid_t *gid, struct err *err)
{
	const struct group *g = getgrnam(name);
	gid_t mine[1024];
	uint64_t number;
	int n;

	if (g) {
		*gid = g->gr_gid;
	} else if (num_u64(str_of(name), &number) && number < UINT32_MAX) {
		*gid = (gid_t)number;
	} else {
		return err_set(err, STATUS_USAGE,
		    _("--group: there is no group '%.200s'"), name);
	}
	if (geteuid() == 0 || getegid() == *gid)
		return 0;
	n = getgroups((int)(sizeof(mine) / sizeof(mine[0])), mine);
	for (int i = 0; i < n; i++)
		if (mine[i] == *gid)
			return 0;
	return err_set(err, STATUS_NOPERM,
	    _("--group: you are no member of '%.200s'"), name);
}

/* 2770 and 0660 (RELIABILITY.md, Modes); nothing is followed. */
static int
give_group(const char *path, gid_t gid, struct err *err)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = -1;

	if (dir < 0)
		goto out;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (fchownat(dir, files[i], (uid_t)-1, gid,
			AT_SYMLINK_NOFOLLOW) < 0 ||
		    fchmodat(dir, files[i], 0660, 0) < 0)
			goto out;
	}
	if (fchown(dir, (uid_t)-1, gid) < 0 || fchmod(dir, 02770) < 0)
		goto out;
	rc = 0;
out:
	if (rc < 0)
		err_sys(err, errno == EPERM ? STATUS_NOPERM : STATUS_IO, errno,
		    "--group: %s", path);
	if (dir >= 0)
		close(dir);
	return rc;
}

/* A bad schema file makes no store. */
static int
try_schema(struct care_file *f, const char *path, struct err *err)
{
	struct schema_apply ap = SCHEMA_APPLY_INIT;
	int rc = -1;

	if (care_file_read(f, path, err) == 0) {
		ap.yaml = buf_str(&f->text);
		ap.name = f->name;
		rc = schema_try(&ap, err);
		show_faults(&ap, f);
	}
	schema_apply_release(&ap);
	return rc;
}

int
care_init(struct session **ses, const struct care_opts *o, struct err *err)
{
	struct care_file f = { BUF_INIT, BUF_INIT, NULL, 0, 0 };
	struct buf path = BUF_INIT;
	gid_t gid = 0;
	int rc = -1;

	if (o->group && find_group(o->group, &gid, err) < 0)
		goto out;
	if (o->schema && try_schema(&f, o->schema, err) < 0)
		goto out;
	if (session_open(ses, SESSION_NEW, err) < 0)
		goto out;
	if (o->schema && care_apply(*ses, &f, err) < 0)
		goto out;
	if (o->group && give_group((*ses)->url, gid, err) < 0)
		goto out;
	msg_note(_("made an empty store at %s"), msg_path((*ses)->url, &path));
	rc = 0;
out:
	care_file_release(&f);
	buf_release(&path);
	return rc;
}
