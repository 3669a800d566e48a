/* SPDX-License-Identifier: MIT */
/* Refused records: messages, --reject (FORMAT.md section 12). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/store.h"
#include "base/io.h"
#include "base/mem.h"

enum { QUOTED_MAX = 60 };

/* ---- the file ---- */

int
storing_open_reject(struct storing *s, struct err *err)
{
	s->reject_fd = s->ses->reject_fd;
	s->ses->reject_fd = -1;
	/* A pipe or a terminal has nothing to cut. */
	if (s->reject_fd >= 0 && ftruncate(s->reject_fd, 0) < 0 &&
	    errno != EINVAL)
		return err_sys(
		    err, STATUS_IO, errno, "--reject: %s", write_opts.reject);
	return 0;
}

int
storing_end_reject(struct storing *s, struct err *err)
{
	int fd = s->reject_fd;

	s->reject_fd = -1;
	if (fd < 0)
		return 0;
	/* A pipe or a terminal has nothing to sync. */
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS) {
		err_sys(
		    err, STATUS_IO, errno, "--reject: %s", write_opts.reject);
		close(fd);
		return -1;
	}
	if (close(fd) < 0)
		return err_sys(
		    err, STATUS_IO, errno, "--reject: %s", write_opts.reject);
	return 0;
}

static int
write_reject(struct storing *s, const struct rec *rec, size_t at,
    const struct err *why, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc = 0;

	if (s->reject_fd < 0 || (!s->reader && !s->reject))
		return 0;
	if (s->reject)
		s->reject(s, rec, at, why, &out);
	else
		reader_reject(s->reader, rec, why, &out);
	if (io_write(s->reject_fd, out.p, out.n) < 0)
		rc = err_sys(
		    err, STATUS_IO, errno, "--reject: %s", write_opts.reject);
	buf_release(&out);
	return rc;
}

int
storing_keep_raw(
    struct storing *s, const struct rec *rec, size_t lines, struct err *err)
{
	struct raw_at at = {
		.at = spool_at(&s->raw), .n = rec->raw.n, .line = rec->line
	};

	if (s->reject_fd < 0)
		return 0;
	if (spool_add(&s->raw, rec->raw.p, rec->raw.n, err) < 0)
		return -1;
	while (lines-- > 0)
		vec_push(&s->raws, at);
	return 0;
}

/* ---- which operand was it ---- */

/* The label with which a message begins: `email: got`, `unknown field 'x'`,
 * `tag-: ...`. */
static struct str
blamed_label(struct str msg)
{
	static const struct str unknown = STR_INIT("unknown field '");
	struct str label;

	if (str_starts(msg, unknown)) {
		msg = str_sub(msg, unknown.n, msg.n);
		return str_sub(msg, 0, str_find(msg, '\''));
	}
	label = str_sub(msg, 0, str_find(msg, ':'));
	if (label.n &&
	    (label.p[label.n - 1] == '+' || label.p[label.n - 1] == '-'))
		label.n--;
	return label;
}

static bool
is_quoted(struct str msg, struct str value)
{
	struct buf quoted = BUF_INIT;
	bool found;

	buf_addc(&quoted, '\'');
	buf_add_visible(&quoted, str_sub(value, 0, QUOTED_MAX));
	found = str_search(msg, buf_str(&quoted)) < msg.n;
	buf_release(&quoted);
	return found;
}

int
storing_argument(const struct storing *s, struct err *err)
{
	struct str msg = str_of(err->msg), label = blamed_label(msg);
	struct arena a = ARENA_INIT;
	size_t at = 0;

	for (size_t i = 0; label.n && i < s->nwords; i++) {
		struct str word = str_of(s->words[i]);
		struct pair p;

		if (!pair_looks(word) || !pair_parse(word, &a, &p) ||
		    !str_eq(p.label, label))
			continue;
		/* Of several the one whose value is told, else the last. */
		at = i + 1;
		if (is_quoted(msg, p.value))
			break;
	}
	arena_release(&a);
	if (at)
		err_prefix(err, "argument %zu", at);
	return -1;
}

bool
storing_is_operand(int status)
{
	return status == STATUS_USAGE || status == STATUS_NOINPUT;
}

/* ---- inputs ---- */

void
storing_begin_input(struct storing *s, const char *name)
{
	struct storing_input in = { name, batch_size(s->batch) };

	vec_push(&s->inputs, in);
	batch_where(s->batch, name);
}

size_t
storing_input_of(const struct storing *s, size_t at)
{
	size_t from = 0, to = s->inputs.n;

	/* The last one that begins there or before. */
	while (to - from > 1) {
		size_t mid = from + (to - from) / 2;

		if (s->inputs.v[mid].first <= at)
			from = mid;
		else
			to = mid;
	}
	return from;
}

const char *
storing_name(const struct storing *s, size_t at)
{
	return s->inputs.n ? s->inputs.v[storing_input_of(s, at)].name
			   : "stdin";
}

/* ---- refusing ---- */

int
storing_refuse(struct storing *s, const struct rec *rec, size_t at,
    struct err *why, struct err *err)
{
	bool told = false;

	if (write_reject(s, rec, at, why, err) < 0)
		return -1;
	if (s->place)
		told = s->place(s, rec, at, why);
	else if (rec->line)
		err_prefix(why, "%s:%zu", storing_name(s, at), rec->line);
	else if (s->inputs.n)
		err_prefix(why, "%s", storing_name(s, at));
	else
		storing_argument(s, why);
	s->refused++;
	if (!s->status || why->status == STATUS_BUSY)
		s->status = why->status;
	if (!told)
		msg_refused(why);
	return 0;
}

void
storing_on_refused(void *arg, size_t line, size_t number, const struct err *err)
{
	struct storing *s = arg;
	struct refusal r = { .line = line,
		.number = number,
		.msg = mem_dup(err->msg),
		.status = err->status };

	vec_push(&s->late, r);
}

void
storing_forget_late(struct storing *s)
{
	for (size_t i = 0; i < s->late.n; i++)
		mem_free(s->late.v[i].msg);
	vec_clear(&s->late);
}

static int
by_line(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* Of several refusals of one input record, or of one operand, one is told: an
 * entry and its task come from one line; a reference that finds nothing is
 * wrong for each record that crm-edit lays it over.  Else these are records by
 * themselves. */
static bool
is_repeat(const struct storing *s, size_t i)
{
	const struct refusal *r = &s->late.v[i];
	const struct refusal *last = r - 1;

	if (i == 0 || last->number != r->number ||
	    storing_input_of(s, last->line) != storing_input_of(s, r->line))
		return false;
	if (r->number)
		return true;
	return strcmp(last->msg, r->msg) == 0 &&
	       (s->opts.mode != BATCH_EDIT || storing_is_operand(r->status));
}

int
storing_refuse_late(struct storing *s, struct err *err)
{
	if (s->late.n)
		qsort(s->late.v, s->late.n, sizeof(*s->late.v), by_line);
	for (size_t i = 0; i < s->late.n; i++) {
		const struct refusal *r = &s->late.v[i];
		struct err why = ERR_INIT;
		struct rec rec = REC_INIT;

		if (is_repeat(s, i))
			continue;
		err_set(&why, r->status, "%s", r->msg);
		rec.line = r->number;
		if (r->line < s->raws.n &&
		    spool_get(&s->raw, s->raws.v[r->line].at,
			s->raws.v[r->line].n, &rec.raw, err) < 0)
			return -1;
		if (storing_refuse(s, &rec, r->line, &why, err) < 0)
			return -1;
	}
	storing_forget_late(s);
	return 0;
}

int
storing_nothing(struct storing *s, struct err *err)
{
	size_t good = s->taken - s->refused;

	msg_refused_end();
	/* Of operands the refusal itself says it all. */
	if (!s->reader && !s->records) {
		err->status = s->status;
		return -1;
	}
	err_set(err, s->status,
	    s->records
		? cmd_text_n("nothing stored, %zu of %zu record refused",
		      "nothing stored, %zu of %zu records refused", s->taken)
		: cmd_text_n("nothing stored, %zu of %zu line refused",
		      "nothing stored, %zu of %zu lines refused", s->taken),
	    s->refused, s->taken);
	if (good && !write_opts.follow)
		err_add(err,
		    cmd_text_n("; --keep-going stores the other %zu",
			"; --keep-going stores the other %zu", good),
		    good);
	return -1;
}
