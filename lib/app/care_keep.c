/* SPDX-License-Identifier: MIT */
/* crm-db compact, backup, restore and upgrade: keeping the store. */
#include "app/care.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/internal.h"
#include "app/sandbox.h"
#include "base/io.h"
#include "base/num.h"
#include "store/keep.h"

/* ---- words ---- */

/* 14.2 MB */
static const char *
size_text(uint64_t bytes, struct buf *out)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	uint64_t tenths = (bytes + 50) / 100;
	size_t unit = 0;

	while (tenths >= 10000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		tenths = (tenths + 500) / 1000;
		unit++;
	}
	buf_clear(out);
	buf_addf(out, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
	    units[unit]);
	return out->p;
}

/* ---- compact ---- */

/* That many calendar months before; the last day of a shorter one. */
static bool
months_before(
    const struct zone *zone, int64_t from, int64_t months, int64_t *ms)
{
	int32_t day;
	int secs, year, month, of_month, last;
	int64_t at;

	zone_local(zone, from, &day, &secs);
	date_to_civil(day, &year, &month, &of_month);
	at = (int64_t)year * 12 + month - 1;
	if (months < 0 || months > at - 12)
		return false;
	at -= months;
	year = (int)(at / 12);
	month = (int)(at % 12) + 1;
	last = date_month_days(year, month);
	if (of_month > last)
		of_month = last;
	day = date_from_civil(year, month, of_month);
	if (!zone_instant(zone, day, secs, ms))
		*ms = zone_day_start(zone, day);
	return true;
}

static int
keep_from(
    const struct clock *clock, const char *text, int64_t *ms, struct err *err)
{
	struct err why = ERR_INIT;
	struct span span;
	int64_t back;
	bool good = span_parse(str_of(text), &span, &why) == 0;

	if (good && span.months)
		good = months_before(clock->zone, clock->now, span.months, ms);
	else if (good)
		good = !num_mul_i64(&back, span.days, 86400) &&
		       !num_add_i64(&back, back, span.secs) &&
		       !num_mul_i64(&back, back, 1000) && back >= 0 &&
		       !num_sub_i64(ms, clock->now, back);
	if (good)
		return 0;
	return err_set(err, STATUS_USAGE,
	    _("--keep-log: got '%.200s', wanted a span, for example 90d or "
	      "2y"),
	    text);
}

static void
note_compacted(const struct kept *kept)
{
	struct buf before = BUF_INIT, after = BUF_INIT;

	(void)size_text(kept->before, &before);
	(void)size_text(kept->after, &after);
	if (kept->trimmed == 0)
		msg_note(_("compacted %s to %s"), before.p, after.p);
	else
		msg_note(
		    cmd_text_n("compacted %s to %s; %llu operation cut from "
			       "the log",
			"compacted %s to %s; %llu operations cut from the log",
			(unsigned long)kept->trimmed),
		    before.p, after.p, (unsigned long long)kept->trimmed);
	buf_release(&before);
	buf_release(&after);
}

int
care_compact(struct session **ses, const struct care_opts *o, struct err *err)
{
	int64_t from = INT64_MIN;
	struct kept kept = { 0 };

	if (session_open(ses, SESSION_MEND, err) < 0 ||
	    (o->keep_log &&
		keep_from(&(*ses)->clock, o->keep_log, &from, err) < 0))
		return -1;
	if (db_compact((*ses)->db, from, &kept, err) < 0)
		return -1;
	note_compacted(&kept);
	return 0;
}

/* ---- backup ---- */

const char *
care_tmp(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && dir[0] == '/' ? dir : "/tmp";
}

enum { PIECE = 64 * 1024 };

int
care_send(int fd, struct err *err)
{
	ssize_t n = 0;

	for (off_t at = 0;; at += n) {
		n = io_pread(fd, buf_reserve(out_buf(), PIECE), PIECE, at);
		if (n < 0)
			return err_sys(err, STATUS_IO, errno, "%s",
			    _("the backup's temporary file"));
		if (n == 0)
			return out_flush(err);
		buf_grew(out_buf(), (size_t)n);
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s", _("interrupted"));
		if (out_flush(err) < 0)
			return -1;
	}
}

static int
backup_to_pipe(struct db *db, struct kept *kept, struct err *err)
{
	int fd = -1;
	int rc = db_backup_fd(db, &fd, kept, err);

	if (rc == 0)
		rc = care_send(fd, err);
	if (fd >= 0)
		(void)close(fd); /* only read from here on */
	return rc;
}

static void
note_backup(const char *file, uint64_t bytes)
{
	struct buf size = BUF_INIT, path = BUF_INIT;

	if (strcmp(file, "-") == 0)
		msg_note(_("backed up: %s"), size_text(bytes, &size));
	else
		msg_note(_("backed up to %s: %s"), msg_path(file, &path),
		    size_text(bytes, &size));
	buf_release(&size);
	buf_release(&path);
}

/* The copy is made beside FILE, or beside the store, where it is noted too;
 * elsewhere if the store is one that we may only read. */
static void
confine_backup(struct session *ses, const char *file)
{
	static struct buf tmp;

	buf_clear(&tmp);
	buf_addf(&tmp, "%s/x", care_tmp());
	sandbox_output(ses->url);
	sandbox_output(strcmp(file, "-") == 0 ? tmp.p : file);
	session_confine(ses, SESSION_CARE);
}

int
care_backup(struct session **ses, const struct care_opts *o, struct err *err)
{
	bool pipe = strcmp(o->file, "-") == 0;
	struct kept kept = { .progress = care_progress };
	int rc;

	if (pipe && term_stdout())
		return err_set(err, STATUS_USAGE, "%s",
		    _("backup: standard output is a terminal; name a file or "
		      "send it down a pipe"));
	sandbox_needs(SANDBOX_LATER);
	if (session_open(ses, SESSION_CARE, err) < 0)
		return -1;
	confine_backup(*ses, o->file);
	if (o->text)
		rc = care_backup_text(*ses, o->file, &kept, err);
	else if (pipe)
		rc = backup_to_pipe((*ses)->db, &kept, err);
	else
		rc = db_backup((*ses)->db, o->file, &kept, err);
	progress_done();
	if (rc == 0)
		note_backup(o->file, kept.after);
	return rc;
}

/* ---- restore ---- */

/* Something to lose stands there. */
static bool
store_stands(const char *url)
{
	struct buf file = BUF_INIT;
	struct stat st;
	bool there;

	buf_addf(&file, "%s/data.mdb", url);
	there = lstat(file.p, &st) == 0 && st.st_size > 0;
	buf_release(&file);
	return there;
}

/* How many records it holds; false: it cannot be told, it may be damaged. */
static bool
count_store(const struct session *ses, uint64_t *n)
{
	struct db_opts opts = session_db_opts(ses);
	struct err none = ERR_INIT;
	struct reading *rd = NULL;
	struct db *db = NULL;
	bool known;

	*n = 0;
	known = db_open(&db, &opts, &none) == 0 && db_read(db, &rd, &none) == 0;
	if (known)
		*n = db_count(rd, NULL, &none);
	reading_close(&rd);
	db_close(&db);
	return known && none.status == 0;
}

/* 1 go on, 0 no, -1: nobody is there to be asked. */
static int
may_replace(const struct session *ses, struct err *err)
{
	struct buf path = BUF_INIT, question = BUF_INIT;
	const char *shown = msg_path(ses->url, &path);
	uint64_t n;
	int rc;

	if (write_opts.yes || !store_stands(ses->url)) {
		rc = 1;
	} else if (!term_stdin() || !term_stderr()) {
		rc = err_set(err, STATUS_USAGE,
		    _("restore over %s cannot be undone; without a terminal it "
		      "needs --yes"),
		    shown);
	} else {
		if (count_store(ses, &n))
			buf_addf(&question,
			    cmd_text_n("%s: replace %s and its %llu record? "
				       "[y/N] ",
				"%s: replace %s and its %llu records? [y/N] ",
				(unsigned long)n),
			    cmd_name(), shown, (unsigned long long)n);
		else
			buf_addf(&question,
			    _("%s: replace %s, which cannot be read? [y/N] "),
			    cmd_name(), shown);
		rc = term_ask(question.p);
	}
	buf_release(&question);
	buf_release(&path);
	return rc;
}

struct backup_input {
	int fd;
	const char *name;
};

/* A receiver of what comes slowly can be interrupted. */
static long
read_backup(void *arg, char *p, size_t n, struct err *err)
{
	const struct backup_input *in = arg;
	struct pollfd wait = { .fd = in->fd, .events = POLLIN };
	ssize_t got = -1;

	if (!cmd_interrupted() &&
	    (poll(&wait, 1, -1) >= 0 || !cmd_interrupted()))
		got = io_read(in->fd, p, n);
	if (got < 0 && cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (got < 0)
		return err_sys(err, STATUS_IO, errno, "%s", in->name);
	return (long)got;
}

static int
restore_from(struct session *ses, int fd, const char *name, struct err *err)
{
	struct backup_input in = { fd, name };
	struct db_opts opts = session_db_opts(ses);
	struct buf size = BUF_INIT, path = BUF_INIT;
	struct kept kept = { .progress = care_progress };
	int rc;

	rc = session_parents(ses, err);
	session_confine(ses, SESSION_WRITE);
	if (rc == 0)
		rc = db_restore(&opts, read_backup, &in, name, &kept, err);
	progress_done();
	if (rc == 0)
		msg_note(_("restored %s: %s"), msg_path(ses->url, &path),
		    size_text(kept.after, &size));
	buf_release(&size);
	buf_release(&path);
	return rc;
}

int
care_restore(struct session **ses, const struct care_opts *o, struct err *err)
{
	bool pipe = strcmp(o->file, "-") == 0;
	struct buf shown = BUF_INIT;
	int fd = STDIN_FILENO;
	int rc = -1;

	if (pipe && term_stdin())
		return err_set(err, STATUS_USAGE, "%s",
		    _("restore: standard input is a terminal; name a file or "
		      "send one down a pipe"));
	sandbox_needs(SANDBOX_LATER);
	if (session_open(ses, SESSION_NONE, err) < 0)
		goto out;
	if (!(*ses)->url) {
		(void)care_no_place(err);
		goto out;
	}
	if (!pipe && (fd = open(o->file, O_RDONLY | O_CLOEXEC)) < 0) {
		(void)err_sys(err,
		    errno == ENOENT   ? STATUS_NOINPUT
		    : errno == EACCES ? STATUS_NOPERM
				      : STATUS_IO,
		    errno, "%s", msg_path(o->file, &shown));
		goto out;
	}
	rc = may_replace(*ses, err);
	if (rc == 0) {
		msg_note("%s", _("nothing restored"));
		rc = STATUS_NO;
	} else if (rc > 0) {
		rc = restore_from(
		    *ses, fd, pipe ? "stdin" : msg_path(o->file, &shown), err);
	}
out:
	if (!pipe && fd >= 0)
		(void)close(fd); /* only read from */
	buf_release(&shown);
	return rc;
}

/* ---- upgrade ---- */

struct upgrading {
	size_t n;
};

static void
on_step(void *arg, const char *text)
{
	struct upgrading *u = arg;

	u->n++;
	if (com.quiet)
		return;
	buf_addz(out_buf(), text);
	buf_addc(out_buf(), '\n');
}

int
care_upgrade(struct session **ses, const struct care_opts *o, struct err *err)
{
	bool dry = write_opts.dry_run;
	struct upgrading u = { 0 };

	(void)o;
	if (session_open(ses, dry ? SESSION_CARE : SESSION_MEND, err) < 0)
		return -1;
	if (db_upgrade((*ses)->db, dry, on_step, &u, err) < 0) {
		buf_clear(out_buf()); /* nothing of it was done */
		return -1;
	}
	if (out_flush(err) < 0)
		return -1;
	if (u.n == 0)
		msg_note("%s", _("up to date"));
	else if (dry)
		msg_note(cmd_text_n("would take %zu step; nothing stored",
			     "would take %zu steps; nothing stored", u.n),
		    u.n);
	else
		msg_note(
		    cmd_text_n("took %zu step", "took %zu steps", u.n), u.n);
	return 0;
}
