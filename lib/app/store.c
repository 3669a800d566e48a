/* SPDX-License-Identifier: MIT */
#include "app/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "app/internal.h"
#include "base/io.h"
#include "base/mem.h"
#include "crm/changes.h"

enum { FOLLOW_PAUSE_MS = 50, FOLLOW_LINES = 1000 };

/* ---- what the batch tells ---- */

static void
forget_late(struct storing *s)
{
	for (size_t i = 0; i < s->late.n; i++)
		mem_free(s->late.v[i].msg);
	vec_clear(&s->late);
}

static void
on_restart(void *arg)
{
	struct storing *s = arg;

	forget_late(s);
	buf_clear(&s->changes);
	s->nchanges = 0;
}

static void
on_refused(void *arg, size_t line, size_t number, const struct err *err)
{
	struct storing *s = arg;
	struct refusal r = { .line = line, .number = number,
		.msg = mem_dup(err->msg), .status = err->status };

	vec_push(&s->late, r);
}

static int
put_change(void *arg, const struct rec *rec, struct err *err)
{
	struct storing *s = arg;

	return writer_put(s->change_writer, rec, &s->changes, err);
}

static int
on_changed(void *arg, struct op *op, const struct row *before,
    const struct row *after, struct err *err)
{
	struct storing *s = arg;
	struct arena a = ARENA_INIT;
	char at[DATETIME_TEXT];
	const struct passwd *pw = getpwuid(getuid());
	struct change_meta meta = {
		.at = str_n(at, datetime_format(s->ses->clock.now, at)),
		.by = str_of(pw ? pw->pw_name : NULL),
		.prog = str_of(cmd_name()),
	};
	int rc;

	(void)op;
	s->nchanges++;
	rc = change_lines(s->ses->db, before, after, before != NULL, &meta, &a,
	    put_change, s, err);
	arena_release(&a);
	return rc;
}

/* ---- opening ---- */

static int
open_reject(struct storing *s, struct err *err)
{
	if (!write_opts.reject)
		return 0;
	s->reject_fd = open(write_opts.reject,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (s->reject_fd < 0)
		return err_sys(err, STATUS_CANTCREAT, errno, "--reject: %s",
		    write_opts.reject);
	return 0;
}

int
storing_open(struct storing *s, struct err *err)
{
	const struct schema *schema = session_schema(s->ses);
	const struct kind *kind = NULL;
	size_t n = 0;

	s->reject_fd = -1;
	buf_init(&s->changes);
	buf_init(&s->total.made);
	spool_init(&s->raw, NULL);
	if (s->opts.kind)
		kind = schema_kind(schema, str_of(s->opts.kind));
	if (kind && s->opts.kind_fixed)
		n = 1;
	s->opts.dry_run = write_opts.dry_run;
	s->opts.keep_going = write_opts.keep_going;
	s->opts.force = write_opts.force;
	s->opts.refused = on_refused;
	s->opts.restart = on_restart;
	s->opts.changed = write_opts.dry_run ? on_changed : NULL;
	s->opts.arg = s;
	if (!s->opts.summary)
		s->opts.summary = cmd_name();
	if (open_reject(s, err) < 0 ||
	    batch_new(&s->batch, s->ses->db, &s->ses->env, &s->opts, err) < 0)
		return -1;
	/* Change lines have labels of their own, so any -F goes there. */
	if (lines_open(&s->lines, s->ses, &kind, write_opts.dry_run ? 0 : n,
		err) < 0)
		return -1;
	if (write_opts.dry_run) {
		s->change_writer = s->lines.writer;
		s->lines.writer = NULL;
	}
	return 0;
}

void
storing_close(struct storing *s)
{
	reader_close(&s->reader);
	batch_free(&s->batch);
	lines_close(&s->lines);
	writer_close(&s->change_writer);
	arena_release(&s->arena);
	spool_release(&s->raw);
	forget_late(s);
	vec_release(&s->late);
	vec_release(&s->raws);
	buf_release(&s->changes);
	buf_release(&s->total.made);
	if (s->reject_fd >= 0)
		close(s->reject_fd);
	s->reject_fd = -1;
}

/* ---- refused lines ---- */

static int
write_reject(struct storing *s, const struct rec *rec, const struct err *why,
    struct err *err)
{
	struct buf out = BUF_INIT;
	int rc = 0;

	if (s->reject_fd < 0 || !s->reader)
		return 0;
	reader_reject(s->reader, rec, why, &out);
	if (io_write(s->reject_fd, out.p, out.n) < 0)
		rc = err_sys(err, STATUS_IO, errno, "--reject: %s",
		    write_opts.reject);
	buf_release(&out);
	return rc;
}

static void
refuse(struct storing *s, const struct err *why)
{
	s->refused++;
	if (!s->status || why->status == STATUS_BUSY)
		s->status = why->status;
	msg_refused(why);
}

static int
refuse_line(struct storing *s, const struct rec *rec, struct err *why,
    struct err *err)
{
	if (write_reject(s, rec, why, err) < 0)
		return -1;
	if (rec->line)
		err_prefix(why, "stdin:%zu", rec->line);
	refuse(s, why);
	return 0;
}

static int
keep_raw(struct storing *s, const struct rec *rec, size_t lines,
    struct err *err)
{
	struct raw_at at = { .at = spool_at(&s->raw), .n = rec->raw.n,
		.line = rec->line };

	if (s->reject_fd < 0)
		return 0;
	if (spool_add(&s->raw, rec->raw.p, rec->raw.n, err) < 0)
		return -1;
	while (lines-- > 0)
		vec_push(&s->raws, at);
	return 0;
}

/* Those that the transaction refused, in input order of its rounds. */
static int
refuse_late(struct storing *s, struct err *err)
{
	for (size_t i = 0; i < s->late.n; i++) {
		const struct refusal *r = &s->late.v[i];
		struct err why = ERR_INIT;
		struct rec rec = REC_INIT;

		err_set(&why, r->status, "%s", r->msg);
		if (r->line < s->raws.n) {
			const struct raw_at *at = &s->raws.v[r->line];

			if (spool_get(&s->raw, at->at, at->n, &rec.raw, err) <
			    0)
				return -1;
			rec.line = at->line;
		} else {
			rec.line = r->number;
		}
		if (refuse_line(s, &rec, &why, err) < 0)
			return -1;
	}
	forget_late(s);
	return 0;
}

/* ---- commit and print ---- */

static int
print_id(void *arg, const struct id *id, struct err *err)
{
	void **both = arg;

	return lines_put_stored(both[0], both[1], id, err);
}

static int
print_stored(struct storing *s, struct err *err)
{
	struct reading *rd = NULL;
	void *both[2] = { &s->lines, NULL };
	int rc = -1;

	if (com.quiet)
		return 0;
	if (db_read(s->ses->db, &rd, err) < 0)
		return -1;
	both[1] = rd;
	if (batch_each(s->batch, print_id, both, err) < 0)
		goto out;
	/* --follow: what is committed is seen at once. */
	reading_pause(rd);
	rc = write_opts.follow ? out_flush(err) : 0;
out:
	s->lines.rd = NULL;
	reading_close(&rd);
	return rc;
}

static void
add_counts(struct storing *s, const struct batch_counts *c)
{
	s->total.added += c->added;
	s->total.changed += c->changed;
	s->total.unchanged += c->unchanged;
	if (c->companies && c->made.n) {
		buf_addz(&s->total.made, s->total.companies ? ", " : "");
		buf_adds(&s->total.made, buf_str(&c->made));
	}
	s->total.companies += c->companies;
}

static int
commit(struct storing *s, struct err *err)
{
	struct batch_counts c;
	int rc;

	if (s->refused && !write_opts.keep_going)
		return 1;
	rc = batch_commit(s->batch, &c, err);
	if (rc < 0)
		return -1;
	if (refuse_late(s, err) < 0)
		return -1;
	if (rc > 0) {
		s->status = err->status ? err->status : STATUS_DATA;
		err_clear(err);
		return 1;
	}
	add_counts(s, &c);
	if (write_opts.dry_run)
		return 0;
	return print_stored(s, err);
}

/* ---- lines in ---- */

static int
take(struct storing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct err why = ERR_INIT;
	size_t before = batch_size(s->batch);

	s->taken++;
	if (s->take(s, rec, handle, &why) == 0)
		return keep_raw(
		    s, rec, batch_size(s->batch) - before, err);
	if (why.status == STATUS_IO || why.status == STATUS_BUG) {
		*err = why;
		return -1;
	}
	return refuse_line(s, rec, &why, err);
}

/* Input has paused, or enough has come together. */
static bool
follow_due(struct storing *s)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	if (!write_opts.follow || batch_size(s->batch) == 0)
		return false;
	if (batch_size(s->batch) >= FOLLOW_LINES)
		return true;
	if (reader_ready(s->reader))
		return false;
	return poll(&p, 1, FOLLOW_PAUSE_MS) == 0;
}

static int
follow_commit(struct storing *s, struct err *err)
{
	/* What was refused so far was told; the good lines are stored. */
	size_t refused = s->refused;
	int rc;

	s->refused = 0;
	rc = commit(s, err);
	s->refused += refused;
	batch_clear(s->batch);
	spool_clear(&s->raw);
	vec_clear(&s->raws);
	return rc < 0 ? -1 : 0;
}

int
storing_stdin(struct storing *s, struct err *err)
{
	if (session_reader(
		s->ses, &s->reader, STDIN_FILENO, &s->reader_opts, err) < 0)
		return -1;
	for (;;) {
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;
		enum read_state st;

		if (follow_due(s) && follow_commit(s, err) < 0)
			return -1;
		arena_clear(&s->arena);
		st = reader_next(s->reader, &s->arena, &rec, &why);
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s",
			    write_opts.follow ?
				_("interrupted") :
				_("interrupted; nothing stored"));
		if (st == READ_END)
			return 0;
		if (st == READ_ERR) {
			*err = why;
			if (rec.line && why.status != STATUS_IO)
				err_prefix(err, "stdin:%zu", rec.line);
			return -1;
		}
		if (st == READ_BAD) {
			s->taken++;
			if (refuse_line(s, &rec, &why, err) < 0)
				return -1;
		} else if (take(s, &rec, st == READ_HANDLE, err) < 0) {
			return -1;
		}
		progress_show(_("standard input"), s->taken, 0, _("lines"));
	}
}

int
storing_one(struct storing *s, const struct rec *rec, struct err *err)
{
	s->taken++;
	return s->take(s, rec, false, err);
}

/* ---- the end ---- */

static void
note_counts(const struct storing *s)
{
	const struct batch_counts *c = &s->total;

	if (c->companies)
		msg_note(cmd_text_n("made %zu company: %s%s",
			     "made %zu companies: %s%s", c->companies),
		    c->companies, c->made.p, c->companies > 5 ? ", ..." : "");
	if (write_opts.dry_run)
		msg_note(cmd_text_n("would change %zu record; nothing stored",
			     "would change %zu records; nothing stored",
			     s->nchanges),
		    s->nchanges);
	else if (c->changed || c->unchanged || s->opts.nkeys)
		msg_note(_("added %zu, changed %zu, unchanged %zu"), c->added,
		    c->changed, c->unchanged);
	else if (c->added != 1)
		msg_note(_("added %zu"), c->added);
}

static int
nothing_stored(struct storing *s, struct err *err)
{
	size_t good = s->taken - s->refused;

	msg_refused_end();
	/* Of operands the refusal itself says it all. */
	if (!s->reader) {
		err->status = s->status;
		return -1;
	}
	if (good == 0)
		return err_set(err, s->status,
		    cmd_text_n("nothing stored, %zu of %zu lines refused",
			"nothing stored, %zu of %zu lines refused",
			s->refused),
		    s->refused, s->taken);
	return err_set(err, s->status,
	    cmd_text_n(
		"nothing stored, %zu of %zu lines refused; --keep-going "
		"stores the other %zu",
		"nothing stored, %zu of %zu lines refused; --keep-going "
		"stores the other %zu",
		s->refused),
	    s->refused, s->taken, good);
}

int
storing_end(struct storing *s, struct err *err)
{
	int rc = commit(s, err);

	progress_done();
	if (rc < 0)
		return -1;
	if (rc > 0 || (s->refused && !write_opts.keep_going &&
			  !write_opts.follow))
		return nothing_stored(s, err);
	msg_refused_end();
	if (write_opts.dry_run && !com.quiet) {
		buf_adds(out_buf(), buf_str(&s->changes));
		if (writer_end(s->change_writer, 0, out_buf(), err) < 0 ||
		    out_flush(err) < 0)
			return -1;
	} else if (!com.quiet &&
	    lines_end(&s->lines, NULL, 0, err) < 0) {
		return -1;
	}
	note_counts(s);
	if (s->reject_fd >= 0 && fsync(s->reject_fd) < 0 && errno != EINVAL &&
	    errno != EROFS)
		return err_sys(err, STATUS_IO, errno, "--reject: %s",
		    write_opts.reject);
	return s->refused ? STATUS_NO : STATUS_OK;
}

int
storing_argument(struct err *err, char *const *words, size_t n)
{
	struct str msg = str_of(err->msg);
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < n; i++) {
		struct pair p;

		if (!pair_looks(str_of(words[i])) ||
		    !pair_parse(str_of(words[i]), &a, &p))
			continue;
		if (str_starts(msg, p.label) && msg.p[p.label.n] == ':') {
			err_prefix(err, "argument %zu", i + 1);
			break;
		}
	}
	arena_release(&a);
	return -1;
}
