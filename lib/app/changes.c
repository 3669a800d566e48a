/* SPDX-License-Identifier: MIT */
#include "app/changes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/find.h"
#include "app/internal.h"
#include "app/lines.h"
#include "base/num.h"
#include "base/os_watch.h"
#include "crm/feed.h"
#include "crm/filter.h"
#include "crm/handle.h"
#include "crm/ops.h"
#include "store/history.h"

enum {
	/* A look at the store where nothing told of a write: some writes
	 * (another machine's) tell nobody. */
	IDLE_MS = 1000,
	STOPPED = 1, /* by -l, -q or a signal */
	AGAIN = 2,   /* the store is to be opened anew first */
	NODE_AT = 8, /* in an operation's id */
	NODE_BYTES = 4,
	LABELS_MAX = 256,
};

struct following {
	struct session *ses;
	const struct changes_args *args;
	struct find_opts find;
	struct query *q; /* NULL: every line */
	struct query_store qs;
	struct filter_line line;
	struct reading *rd;
	struct feed *feed;
	struct lines lines;
	struct os_watch watch;
	/* The next operation, from behind entry `after`; of the entry behind
	 * that `skip` lines were given already. */
	uint64_t next, last; /* last: of --op, else 0 */
	uint32_t after;
	size_t skip, given; /* lines of the entry at hand */
	uint32_t seq;       /* its number */
	size_t matched;
	/* The newest operation that was passed: whether the log goes on from
	 * it is seen by its id. */
	uint64_t passed;
	struct id passed_id;
};

/* ---- the filter ---- */

static int
get_reading(void *arg, struct reading **out, struct err *err)
{
	struct following *f = arg;

	(void)err;
	*out = f->rd;
	return 0;
}

/* Bound to the schema of the store as it is now. */
static int
bind_filter(struct following *f, struct err *err)
{
	struct query_env env = { .stdin_mode = true };

	query_free(&f->q);
	f->line = (struct filter_line){
		.schema = session_schema(f->ses),
		.reading = get_reading,
		.arg = f,
	};
	if (!f->args->nwords && !f->args->exprs.n)
		return 0;
	if (find_parse(&f->find, &f->q, err) < 0)
		return -1;
	f->qs = (struct query_store){ .reading = f->rd, .env = &f->ses->env };
	query_env_fill(&env, &f->qs);
	return query_bind(f->q, &env, err);
}

static bool
is_known(const struct schema *s, struct str label)
{
	if (str_find(label, '.') < label.n)
		return true; /* the user's own, or of a linked record */
	for (size_t i = 0; i < s->nkinds; i++)
		if (kind_field(&s->kinds[i], label))
			return true;
	return false;
}

/* Change lines have these labels of their own and no others.  Another one may
 * be of a field that the schema had once: that is a doubt only. */
static int
judge_label(const struct schema *s, struct str label, struct err *err)
{
	const struct kind *kind = schema_kind(s, STR("contact"));
	const char *names[LABELS_MAX], *near = NULL;
	size_t n = 0;

	while (changes_cells[n])
		n++;
	if (label.n && label.p[0] == '_') {
		for (size_t i = 0; i < n; i++)
			if (str_eqz(label, changes_cells[i]))
				return 0;
		near = str_suggest(label, changes_cells, n);
		err_set(err, STATUS_USAGE, _("query: unknown field '%.*s'"),
		    STR_ARG(label));
		return near ? err_add(err, _("; did you mean '%s'?"), near)
			    : -1;
	}
	if (is_known(s, label))
		return 0;
	if (kind)
		near = str_suggest(
		    label, names, kind_labels(kind, names, LABELS_MAX));
	if (near)
		msg_warn(_("query: unknown field '%.*s'; did you mean '%s'?"),
		    STR_ARG(label), near);
	else
		msg_warn(_("query: unknown field '%.*s'"), STR_ARG(label));
	return 0;
}

static int
judge_query(const struct following *f, struct err *err)
{
	for (size_t i = 0; f->q && i < f->q->nmarks; i++)
		if (judge_label(session_schema(f->ses), f->q->marks[i], err) <
		    0)
			return -1;
	return 0;
}

static int
matches(struct following *f, const struct rec *rec, struct err *err)
{
	if (!f->q)
		return 1;
	filter_set(&f->line, rec);
	return query_eval(f->q, &filter_source, &f->line, err);
}

/* ---- output ---- */

static bool
enough(const struct following *f)
{
	if (com.quiet)
		return f->matched > 0;
	return out_opts.limit >= 0 && f->matched >= (size_t)out_opts.limit;
}

/* What is full goes out without a snapshot held. */
static int
let_out(struct following *f, struct err *err)
{
	if (cmd_interrupted())
		return STOPPED;
	if (!out_is_full())
		return 0;
	reading_pause(f->rd);
	if (out_flush(err) < 0)
		return -1;
	if (reading_renew(f->rd, err) == 0)
		return 0;
	if (err->status != STATUS_BUSY)
		return -1;
	/* Another schema: what is left is read with that. */
	err_clear(err);
	return AGAIN;
}

static int
take_line(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	struct following *f = arg;
	int rc;

	if (f->next != lsn || f->seq != seq) {
		f->next = lsn;
		f->seq = seq;
		f->given = 0;
	}
	f->after = seq - 1;
	if (f->given++ < f->skip)
		return 0;
	f->skip = 0;
	rc = matches(f, rec, err);
	if (rc <= 0)
		return rc;
	f->matched++;
	if (!com.quiet && lines_put_rec(&f->lines, rec, err) < 0)
		return -1;
	return enough(f) ? STOPPED : let_out(f, err);
}

/* ---- where it begins ---- */

static int
no_longer(struct following *f, uint64_t from, struct err *err)
{
	return err_set(err, STATUS_NOINPUT,
	    "--since: got %s, but the change log begins at %llu",
	    f->args->since, (unsigned long long)from);
}

/* `42` is behind all of operation 42, `42.1` behind its first entry. */
static int
since_number(
    struct following *f, struct str lsn, struct str seq, struct err *err)
{
	uint64_t n = 0, entry = 0, from, to;

	if (!num_u64(lsn, &n) || n == UINT64_MAX ||
	    (seq.p && (!num_u64(seq, &entry) || entry > UINT32_MAX)))
		return err_set(err, STATUS_USAGE,
		    "--since: got '%s', wanted a number as of _seq, or a date",
		    f->args->since);
	f->next = seq.p ? n : n + 1;
	f->after = (uint32_t)entry;
	if (history_range(f->rd, &from, &to, err) < 0)
		return -1;
	return from > 1 && f->next < from ? no_longer(f, from, err) : 0;
}

static bool
is_number(struct str s)
{
	size_t i = 0;

	while (i < s.n && ascii_digit((unsigned char)s.p[i]))
		i++;
	return s.n && i == s.n;
}

static int
since_time(struct following *f, struct err *err)
{
	struct err why = ERR_INIT;
	struct period p;
	uint64_t lsn;

	if (period_parse(str_of(f->args->since), &f->ses->clock, &p, &why) < 0)
		return err_set(err, STATUS_USAGE, "--since: %s", why.msg);
	if (history_at(f->rd, p.from - 1, &lsn, err) < 0)
		return err_prefix(err, "--since");
	f->next = lsn + 1;
	return 0;
}

static int
find_begin(struct following *f, struct err *err)
{
	struct str rest = str_of(f->args->since), lsn;
	struct ops *ops = NULL;
	int rc;

	f->next = 1;
	if (f->args->op) {
		rc = ops_open(f->rd, &ops, err);
		if (rc == 0)
			rc = ops_find(ops, str_of(f->args->op), &f->next, err);
		if (rc < 0)
			err_prefix(err, "--op");
		ops_close(&ops);
		f->last = f->next;
		return rc;
	}
	if (!f->args->since)
		return 0;
	lsn = str_cut(&rest, '.');
	if (is_number(lsn) && (!rest.p || is_number(rest)))
		return since_number(f, lsn, rest, err);
	return since_time(f, err);
}

/* ---- reading what is there ---- */

static int
pass(struct following *f, uint64_t lsn, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct history_op op;
	int rc = history_op(f->rd, lsn, &a, &op, err);

	if (rc > 0) {
		f->passed = lsn;
		f->passed_id = op.op;
	}
	arena_release(&a);
	return rc < 0 ? -1 : 0;
}

static int
read_ops(struct following *f, struct err *err)
{
	uint64_t from, to;

	if (history_range(f->rd, &from, &to, err) < 0)
		return -1;
	if (f->last && to > f->last)
		to = f->last;
	if (f->next < from) {
		f->next = from;
		f->after = 0;
		f->skip = 0;
	}
	while (to && f->next <= to) {
		int rc = feed_op(f->feed, f->next, f->after, take_line, f, err);

		if (rc == AGAIN)
			f->skip = f->given;
		if (rc != 0)
			return rc;
		if (f->args->follow && pass(f, f->next, err) < 0)
			return -1;
		f->next++;
		f->after = 0;
		f->seq = 0;
		f->skip = 0;
	}
	return 0;
}

/* What is not asked for is passed. */
static int
pass_begin(struct following *f, struct err *err)
{
	uint64_t from, to;

	if (history_range(f->rd, &from, &to, err) < 0)
		return -1;
	if (to > f->next - 1)
		to = f->next - 1;
	return to ? pass(f, to, err) : 0;
}

/* Four bytes of an operation's id tell the store that made it. */
static bool
same_node(const struct id *a, const struct id *b)
{
	return memcmp(a->b + NODE_AT, b->b + NODE_AT, NODE_BYTES) == 0;
}

/*
 * A backup that was restored is another log from some operation on, with a
 * node of its own: what that node has written since is new to us.
 */
static int
find_place(struct following *f, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct history_op op = { 0 };
	uint64_t from, to;
	int rc = history_range(f->rd, &from, &to, err);

	if (rc == 0 && f->passed)
		rc = history_op(f->rd, f->passed, &a, &op, err);
	if (rc < 0 || !f->passed ||
	    (rc > 0 && id_cmp(&op.op, &f->passed_id) == 0))
		goto out;
	for (rc = 1; to > 0 && to >= from && rc > 0; to--) {
		arena_clear(&a);
		rc = history_op(f->rd, to, &a, &op, err);
		if (rc > 0 && (same_node(&op.op, &f->passed_id) ||
				  id_ms(&op.op) < id_ms(&f->passed_id)))
			break;
	}
	f->next = to + 1;
	f->after = 0;
	f->skip = 0;
out:
	arena_release(&a);
	return rc < 0 ? -1 : 0;
}

/* Opens the store anew: it was exchanged, or its schema. */
static int
open_again(struct following *f, struct err *err)
{
	reading_close(&f->rd);
	if (db_reopen(f->ses->db, err) < 0 ||
	    db_read(f->ses->db, &f->rd, err) < 0)
		return -1;
	feed_use(f->feed, f->rd);
	return bind_filter(f, err) < 0 ? -1 : find_place(f, err);
}

static int
read_all(struct following *f, struct err *err)
{
	for (;;) {
		int rc = read_ops(f, err);

		if (rc != AGAIN)
			return rc;
		if (open_again(f, err) < 0)
			return -1;
	}
}

/* ---- following ---- */

/* 0 look again, STOPPED, or -1 where who reads us is gone. */
static int
wait(struct following *f, struct err *err)
{
	if (cmd_interrupted())
		return STOPPED;
	if (!os_watch_wait(&f->watch, STDOUT_FILENO, IDLE_MS))
		return err_sys(
		    err, STATUS_IO, EPIPE, "%s", _("standard output"));
	return cmd_interrupted() ? STOPPED : 0;
}

/* A store that is just being made is none yet. */
static int
try_open(struct session *ses, struct err *err)
{
	if (session_again(ses, err) == 0)
		return 0;
	if (err->status == STATUS_NOPERM || err->status == STATUS_CONFIG)
		return -1;
	err_clear(err);
	ses->missing = true;
	return 0;
}

static int
wait_for_store(struct following *f, struct err *err)
{
	int rc = 0;

	while (f->ses->missing && (rc = wait(f, err)) == 0)
		if ((os_watch_other(&f->watch) || !f->ses->db) &&
		    try_open(f->ses, err) < 0)
			return -1;
	return rc;
}

static int
follow(struct following *f, struct err *err)
{
	int rc;

	for (;;) {
		rc = read_all(f, err);
		if (rc != 0)
			return rc;
		reading_pause(f->rd);
		writer_settle(f->lines.writer, out_buf());
		if (out_flush(err) < 0)
			return -1;
		rc = wait(f, err);
		if (rc != 0)
			return rc;
		if (os_watch_other(&f->watch)) {
			os_watch_begin(&f->watch);
			rc = AGAIN;
		} else if (reading_renew(f->rd, err) < 0) {
			if (err->status != STATUS_BUSY)
				return -1;
			err_clear(err);
			rc = AGAIN;
		}
		if (rc == AGAIN && open_again(f, err) < 0)
			return -1;
	}
}

/* ---- the run ---- */

static int
judge(struct following *f, struct err *err)
{
	const struct changes_args *args = f->args;

	if (args->op && args->since)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--op and --since do not go together"));
	if (args->op && args->follow)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--op and --follow do not go together"));
	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--sort: change lines come in the order of the log; "
		      "crm-find -s KEY - sorts them"));
	return 0;
}

const char *const changes_cells[] = { "id", "kind", "rev", "name", "_do",
	"_field", "_old", "_new", "_op", "_seq", "_at", "_by", "_prog", NULL };

/* When, who, which record, what. */
void
changes_columns(void)
{
	static const char *const columns[] = { "_at", "_by", "_do", "id",
		"name", "_field", "_old", "_new", NULL };

	lines_columns(columns, changes_cells);
}

void
changes_rehearsed(void)
{
	static const char *const columns[] = { "id", "name", "kind", "_do",
		"_field", "_old", "_new", NULL };

	lines_columns(columns, changes_cells);
	out_opts.noun = "change";
}

static int
open_lines(struct following *f, struct err *err)
{
	changes_columns();
	out_opts.ordered = true;
	out_opts.noun = "change";
	if (lines_open(&f->lines, f->ses, NULL, 0, err) < 0)
		return -1;
	f->lines.rd = NULL;
	return writer_check(f->lines.writer, NULL, 0, err);
}

static int
run(struct following *f, struct err *err)
{
	int rc;

	session_note_missing(f->ses);
	if (f->args->follow) {
		os_watch_begin(&f->watch);
		(void)os_watch_other(&f->watch); /* as it is now */
		rc = wait_for_store(f, err);
		if (rc != 0)
			return rc;
		os_watch_begin(&f->watch);
	}
	if (db_read(f->ses->db, &f->rd, err) < 0)
		return -1;
	f->feed = feed_new(f->rd);
	if (bind_filter(f, err) < 0 || judge_query(f, err) < 0 ||
	    open_lines(f, err) < 0 || find_begin(f, err) < 0 ||
	    (f->args->follow && pass_begin(f, err) < 0))
		return -1;
	if (out_opts.limit == 0)
		return 0;
	return f->args->follow ? follow(f, err) : read_all(f, err);
}

int
changes_run(
    struct session *ses, const struct changes_args *args, struct err *err)
{
	struct following f = {
		.ses = ses,
		.args = args,
		.find = { .exprs = args->exprs,
		    .words = args->words,
		    .nwords = args->nwords },
	};
	int rc = -1;

	os_watch_init(&f.watch, ses->url ? ses->url : ".", "data.mdb");
	if (judge(&f, err) < 0)
		goto out;
	rc = run(&f, err);
	if (rc >= 0 && com.quiet)
		rc = f.matched ? STATUS_OK : STATUS_NO;
	else if (rc >= 0 && f.lines.writer)
		rc = lines_end(&f.lines, NULL, 0, err);
	else if (rc > 0)
		rc = 0; /* a signal before there was a store */
out:
	lines_close(&f.lines);
	query_free(&f.q);
	feed_free(&f.feed);
	reading_close(&f.rd);
	os_watch_release(&f.watch);
	return rc;
}
