/* SPDX-License-Identifier: MIT */
/* crm-consent gate: lines of those who may be contacted pass. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/consent.h"
#include "app/internal.h"
#include "app/withheld.h"
#include "base/ids.h"
#include "base/io.h"
#include "crm/handle.h"
#include "format/format.h"
#include "record/labels.h"

enum { BLOCK = 64 * 1024 };

struct gating {
	struct consenting *c;
	struct gate *gate;
	struct reader *reader;
	struct withheld count;
	bool raw;    /* what passes goes out byte for byte */
	bool paused; /* the reading is given up */
	size_t read, bad, shown;
	struct buf held;       /* of --blocked */
	struct writer *writer; /* of it, where lines are none of ours */
};

/* ---- whom a line is about ---- */

/* Its id as written, or what it names otherwise: 1, 0, -1. */
static int
find_contact(struct gating *g, struct str word, struct id *id, struct err *err)
{
	const struct schema *s = session_schema(g->c->ses);
	const struct kind *kind = schema_kind(s, STR("contact"));
	struct handle_scope scope = { .kinds = &kind, .n = 1 };
	struct id found[2];
	size_t n;

	if (word.n == ID_TEXT && id_parse(word, id))
		return db_survivor(g->c->rd, id, id, err) < 0 ? -1 : 1;
	if (!handle_looks(word))
		return 0;
	if (handle_all(g->c->rd, &scope, word, found, 2, &n, err) < 0)
		return -1;
	*id = found[0];
	return n == 1;
}

static int
ask(struct gating *g, struct str word, struct gate_answer *a, struct err *err)
{
	struct id id = { { 0 } };

	if (find_contact(g, word, &id, err) < 0)
		return -1;
	/* Nobody has an id of zeros. */
	return gate_ask(g->gate, &id, &g->c->line_arena, a, err);
}

/* A line of another kind is about its contacts: all of them must pass. */
static int
ask_line(struct gating *g, const struct rec *rec, struct gate_answer *a,
    struct err *err)
{
	struct str kind = rec_get(rec, STR("kind"));
	struct str word;
	size_t i = 0;

	if (!kind.n || str_eq(kind, STR("contact")))
		return ask(g, rec_get(rec, STR("id")), a, err);
	if (!rec_next(rec, STR("contact_id"), &i, &word))
		word = STR_NONE;
	do {
		if (ask(g, word, a, err) < 0)
			return -1;
	} while (
	    a->why == GATE_PASS && rec_next(rec, STR("contact_id"), &i, &word));
	return 0;
}

/* The record that a line names; a whole id, as most are, by one look-up. */
static int
find_named(
    struct gating *g, struct str word, struct dbrec **out, struct err *err)
{
	struct handle_scope all = { .n = 0 };
	struct id id;
	int rc = 0;

	if (id_parse(word, &id))
		rc = dbrec_get(g->c->rd, &id, 0, out, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (handle_find(g->c->rd, &g->c->ses->env, &all, word, true, &id, err) <
	    0)
		return -1;
	rc = dbrec_get(g->c->rd, &id, 0, out, err);
	if (rc == 0)
		rc = err_set(
		    err, STATUS_DATA, _("no record '%.*s'"), STR_ARG(word));
	return rc < 0 ? -1 : 0;
}

/* A line that is a handle is the record that it names. */
static int
ask_handle(
    struct gating *g, struct rec *rec, struct gate_answer *a, struct err *err)
{
	struct arena *arena = &g->c->line_arena;
	struct dbrec *stored = NULL;
	const struct field *of;
	struct str v;
	struct id id;
	size_t state = 0;
	int rc = 0;

	if (find_named(g, rec->raw, &stored, err) < 0)
		return -1;
	of = kind_field(dbrec_kind(stored), STR("contact_id"));
	rec_add(rec, arena, STR("id"), id_text(dbrec_id(stored), arena));
	if (dbrec_kind(stored)->no == KIND_CONTACT)
		return gate_ask_record(g->gate, stored, arena, a, err);
	rec_add(rec, arena, STR("kind"), str_of(dbrec_kind(stored)->name));
	while (of != NULL &&
	       (rc = dbrec_value(stored, of->no, &state, &v, err)) == 1) {
		memcpy(id.b, v.p, ID_BYTES);
		rec_add(rec, arena, STR("contact_id"), id_text(&id, arena));
	}
	return rc < 0 ? -1 : ask_line(g, rec, a, err);
}

/* ---- what passes ---- */

static int
put_pass(struct gating *g, const struct rec *rec, struct err *err)
{
	if (com.quiet ||
	    (out_opts.limit >= 0 && g->shown >= (size_t)out_opts.limit))
		return 0;
	g->shown++;
	if (g->raw) {
		buf_adds(out_buf(), rec->raw);
		buf_addc(out_buf(), out_opts.null ? '\0' : '\n');
	} else if (lines_put_rec(&g->c->lines, rec, err) < 0) {
		return -1;
	}
	return out_record(err);
}

/* ---- what is held ---- */

int
consent_open_blocked(struct consenting *c, struct err *err)
{
	if (!c->blocked)
		return 0;
	c->blocked_fd = open(c->blocked, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (c->blocked_fd < 0)
		return err_sys(
		    err, STATUS_CANTCREAT, errno, "--blocked: %s", c->blocked);
	return 0;
}

static int
write_held(struct gating *g, size_t limit, struct err *err)
{
	if (g->c->blocked_fd < 0 || g->held.n <= limit)
		return 0;
	if (io_write(g->c->blocked_fd, g->held.p, g->held.n) < 0)
		return err_sys(
		    err, STATUS_IO, errno, "--blocked: %s", g->c->blocked);
	buf_clear(&g->held);
	return 0;
}

static int
close_held(struct gating *g, struct err *err)
{
	int fd = g->c->blocked_fd;

	if (g->writer && writer_end(g->writer, 0, &g->held, err) < 0)
		return -1;
	if (write_held(g, 0, err) < 0)
		return -1;
	g->c->blocked_fd = -1;
	if (fd >= 0 && close(fd) < 0)
		return err_sys(
		    err, STATUS_IO, errno, "--blocked: %s", g->c->blocked);
	return 0;
}

/* The line as it came, without what an earlier gate said. */
static void
put_plain(struct gating *g, struct str raw)
{
	struct str rest = raw, field;
	size_t first = g->held.n;

	if (raw.n > 0 && raw.p[raw.n - 1] == '\r')
		rest.n--;
	while (rest.p) {
		field = str_cut(&rest, '\t');
		if (str_starts(field, STR("_reason:")) ||
		    str_starts(field, STR("_until:")))
			continue;
		if (g->held.n > first)
			buf_addc(&g->held, '\t');
		buf_adds(&g->held, field);
	}
}

static int
put_other(struct gating *g, const struct rec *rec, struct str why,
    struct str until, struct err *err)
{
	struct writer_opts opts = {
		.format = "ltsv",
		.ordered = true,
		.schema = session_schema(g->c->ses),
	};
	struct arena *a = &g->c->line_arena;
	struct rec line = REC_INIT;

	if (!g->writer) {
		if (strcmp(reader_format(g->reader), "json") == 0)
			opts.format = "json";
		if (writer_open(&g->writer, &opts, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < rec->n; i++)
		if (!str_eq(rec->v[i].label, STR("_reason")) &&
		    !str_eq(rec->v[i].label, STR("_until"))) {
			rec_add_op(&line, a, rec->v[i].label, rec->v[i].value,
			    rec->v[i].op);
			line.v[line.n - 1].quoted = rec->v[i].quoted;
		}
	rec_add(&line, a, STR("_reason"), why);
	if (until.n)
		rec_add(&line, a, STR("_until"), until);
	return writer_put(g->writer, &line, &g->held, err);
}

static int
put_held(struct gating *g, const struct rec *rec, const struct gate_answer *a,
    struct err *err)
{
	struct str why = str_of(gate_reason_name(a->why));
	struct str until = STR_NONE;
	char time[DATETIME_TEXT];

	if (g->c->blocked_fd < 0)
		return 0;
	if (a->has_until)
		until = str_n(time, datetime_format(a->until, time));
	if (rec->n > 0 && rec->raw.n > 0 &&
	    strcmp(reader_format(g->reader), "ltsv") == 0) {
		put_plain(g, rec->raw);
		buf_addz(&g->held, "\t_reason:");
		buf_adds(&g->held, why);
		if (until.n) {
			buf_addz(&g->held, "\t_until:");
			buf_adds(&g->held, until);
		}
		buf_addc(&g->held, in_opts.null ? '\0' : '\n');
	} else if (put_other(g, rec, why, until, err) < 0) {
		return -1;
	}
	return write_held(g, BLOCK, err);
}

/* ---- the course ---- */

/* A snapshot is held while lines are at hand, never while we wait. */
static int
renew(struct gating *g, struct err *err)
{
	if (!g->paused)
		return 0;
	g->paused = false;
	if (reading_renew(g->c->rd, err) < 0)
		return -1;
	return gate_renew(g->gate, err);
}

static void
let_go(void *arg)
{
	struct gating *g = arg;

	reading_pause(g->c->rd);
	g->paused = true;
}

static bool
enough(const struct gating *g)
{
	return com.quiet && g->count.held > 0 && g->c->blocked_fd < 0;
}

static int
judge(struct gating *g, struct rec *rec, bool handle, struct err *err)
{
	struct gate_answer a;
	int rc;

	g->read++;
	if (renew(g, err) < 0)
		return -1;
	rc = handle ? ask_handle(g, rec, &a, err) : ask_line(g, rec, &a, err);
	if (rc < 0)
		return -1;
	withheld_add(&g->count, &a, &g->c->ses->clock);
	return a.why == GATE_PASS ? put_pass(g, rec, err)
				  : put_held(g, rec, &a, err);
}

/* CSV has a header, YAML its marks: what is no stream line by line is made
 * lines of ours. */
static bool
passes_raw(const struct gating *g)
{
	static const char *const plain[] = { "ltsv", "json", "id" };
	const char *format = reader_format(g->reader);

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(format, plain[i]) == 0)
			return g->raw;
	return false;
}

static int
read_all(struct gating *g, struct err *err)
{
	enum read_state st;

	while (!enough(g)) {
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;

		if (!reader_ready(g->reader))
			let_go(g);
		arena_clear(&g->c->line_arena);
		st = reader_next(g->reader, &g->c->line_arena, &rec, &why);
		if (st == READ_END)
			return 0;
		if (g->read == 0 && (st == READ_REC || st == READ_HANDLE))
			g->raw = passes_raw(g);
		if (st == READ_REC || st == READ_HANDLE)
			(void)!judge(g, &rec, st == READ_HANDLE, &why);
		if (why.status != 0 &&
		    consent_refuse(&rec, st, &why, &g->bad, err) < 0)
			return -1;
	}
	return 0;
}

static int
finish(struct gating *g, struct err *err)
{
	struct buf words = BUF_INIT;

	msg_refused_end();
	if (close_held(g, err) < 0)
		return -1;
	if (!com.quiet && !g->raw && lines_end(&g->c->lines, NULL, 0, err) < 0)
		return -1;
	if (out_flush(err) < 0)
		return -1;
	if (g->count.held > 0) {
		withheld_words(&g->count, &words);
		msg_note(_("%zu pass, %s"), g->count.pass, words.p);
	} else {
		msg_note(_("%zu pass"), g->count.pass);
	}
	buf_release(&words);
	if (com.quiet && g->count.held > 0)
		return STATUS_NO;
	return g->bad ? STATUS_NO : STATUS_OK;
}

int
consent_gate_opts(struct consenting *c, struct gate_opts *o, struct err *err)
{
	const struct schema *s = session_schema(c->ses);
	struct cap *caps = arena_zero(&c->arena, c->caps.n + 1, sizeof(*caps));
	struct gate_quiet *quiet =
	    arena_zero(&c->arena, c->quiet.n + 1, sizeof(*quiet));

	for (size_t i = 0; i < c->caps.n; i++)
		if (gate_cap_parse(
			s, str_of(c->caps.v[i]), &c->arena, &caps[i], err) < 0)
			return err_prefix(err, "--cap");
	for (size_t i = 0; i < c->quiet.n; i++)
		if (gate_quiet_parse(str_of(c->quiet.v[i]), &quiet[i], err) < 0)
			return err_prefix(err, "--quiet-hours");
	o->purpose = str_of(c->purpose);
	o->caps = caps;
	o->ncaps = c->caps.n;
	o->quiet = quiet;
	o->nquiet = c->quiet.n;
	return 0;
}

static int
open_gate(struct gating *g, struct err *err)
{
	struct consenting *c = g->c;
	struct gate_opts o = { .channel = str_of(c->words[1]) };
	struct reader_opts ro = { .filter = true, .ids_allowed = true };

	if (db_read(c->ses->db, &c->rd, err) < 0 ||
	    consent_gate_opts(c, &o, err) < 0 ||
	    gate_new(&g->gate, c->rd, c->ses->url, &c->ses->env, &o, err) < 0 ||
	    lines_open(&c->lines, c->ses, NULL, 0, err) < 0 ||
	    session_reader(c->ses, &g->reader, STDIN_FILENO, &ro, err) < 0)
		return -1;
	/* A pipe or a terminal has nothing to cut. */
	if (c->blocked_fd >= 0 && ftruncate(c->blocked_fd, 0) < 0 &&
	    errno != EINVAL)
		return err_sys(
		    err, STATUS_IO, errno, "--blocked: %s", c->blocked);
	return 0;
}

int
consent_gate(struct consenting *c, struct err *err)
{
	struct gating g = { .c = c };
	int rc = -1;

	buf_init(&g.held);
	g.raw = !out_opts.format && !out_opts.fields.n && !out_opts.stored &&
		!term_stdout();
	out_opts.ordered = true;
	if (open_gate(&g, err) < 0)
		goto out;
	out_before_write(let_go, &g);
	if (read_all(&g, err) == 0)
		rc = finish(&g, err);
out:
	out_before_write(NULL, NULL);
	writer_close(&g.writer);
	reader_close(&g.reader);
	gate_free(&g.gate);
	buf_release(&g.held);
	return rc;
}
