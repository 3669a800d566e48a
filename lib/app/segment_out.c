/* SPDX-License-Identifier: MIT */
/* What crm-segment prints: members, and lines about sets. */
#include "app/segment.h"

#include <string.h>

#include "record/labels.h"

/* Nothing stays pinned behind a reader that sleeps. */
static void
let_go(void *arg)
{
	struct segmenting *s = arg;

	reading_pause(s->rd);
}

static int
flush_full(struct segmenting *s, struct err *err)
{
	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (!out_is_full())
		return 0;
	let_go(s);
	if (out_flush(err) < 0 || reading_renew(s->rd, err) < 0)
		return -1;
	return s->gate ? gate_renew(s->gate, err) : 0;
}

static bool
enough(size_t n)
{
	return out_opts.limit >= 0 && n >= (size_t)out_opts.limit;
}

/* ---- members ---- */

int
segment_record(struct segmenting *s, struct reading *rd, struct dbrec *rec,
    struct rec *line, struct err *err)
{
	s->lines.rd = rd;
	arena_clear(&s->line_arena);
	return line_make(rd, rec, &s->lines.opts, &s->line_arena, line, err);
}

static const struct field *
until_field(struct str label)
{
	static const struct field until = {
		.name = "_until", .role = ROLE_STORE, .type = TYPE_DATETIME
	};

	return str_eqz(label, until.name) ? &until : NULL;
}

static int
open_gate(struct segmenting *s, struct err *err)
{
	struct gate_opts o = { .channel = str_of(s->channel) };

	if (gate_new(&s->gate, s->rd, s->ses->url, &s->ses->env, &o, err) < 0)
		return err->status == STATUS_USAGE ? err_prefix(err, "--gate")
						   : -1;
	return 0;
}

/* _reason and _until of who would be held back; another kind of record is
 * judged by its contact. */
static int
add_gate(struct segmenting *s, const struct id *id, struct dbrec *rec,
    struct rec *line, struct err *err)
{
	struct gate_answer answer;
	char text[DATETIME_TEXT];
	struct id contact = *id;
	size_t state = 0;
	struct str v;
	int rc = 0;

	if (dbrec_kind(rec)->no != KIND_CONTACT)
		rc = dbrec_value(rec, LABEL_CONTACT_ID, &state, &v, err);
	if (rc < 0)
		return -1;
	if (rc > 0 && v.n == ID_BYTES)
		memcpy(contact.b, v.p, ID_BYTES);
	if (gate_ask(s->gate, &contact, &s->line_arena, &answer, err) < 0)
		return -1;
	if (answer.why == GATE_PASS)
		return 0;
	rec_add(line, &s->line_arena, STR("_reason"),
	    str_of(gate_reason_name(answer.why)));
	if (answer.has_until)
		rec_add(line, &s->line_arena, STR("_until"),
		    arena_str(&s->line_arena,
			str_n(text, datetime_format(answer.until, text))));
	return 0;
}

/* 1 printed, 0 it is not there any more, -1. */
static int
put_one(struct segmenting *s, const struct members_out *m, const struct id *id,
    struct err *err)
{
	struct rec line = REC_INIT;
	struct dbrec *rec;
	int rc;

	if (s->lines.ids_only)
		return lines_put_id(&s->lines, id, err) < 0 ? -1 : 1;
	rc = dbrec_get(s->rd, id, 0, &rec, err);
	if (rc <= 0)
		return rc;
	if (!m->extra && !s->gate)
		return lines_put(&s->lines, s->rd, rec, err) < 0 ? -1 : 1;
	if (segment_record(s, s->rd, rec, &line, err) < 0)
		return -1;
	if (m->extra)
		m->extra(m->arg, id, &s->line_arena, &line);
	if (s->gate && add_gate(s, id, rec, &line, err) < 0)
		return -1;
	return lines_put_rec(&s->lines, &line, err) < 0 ? -1 : 1;
}

static int
put_sorted(struct segmenting *s, const struct members_out *m, size_t *n,
    struct err *err)
{
	size_t limit = out_opts.limit > 0 ? (size_t)out_opts.limit : 0;
	struct dbrec *rec;
	struct str none;
	struct id id;
	int rc;

	for (size_t i = 0; i < m->ids->n; i++) {
		rc = dbrec_get(s->rd, &m->ids->v[i], 0, &rec, err);
		if (rc < 0 || (rc > 0 && lines_sort(&s->lines, s->rd, rec,
					     limit, err) < 0))
			return -1;
	}
	sort_run(s->lines.sort);
	while (!enough(*n) && sort_next(s->lines.sort, &id, &none)) {
		rc = put_one(s, m, &id, err);
		if (rc < 0 || flush_full(s, err) < 0)
			return -1;
		*n += (size_t)rc;
	}
	return 0;
}

int
segment_put(struct segmenting *s, const struct members_out *m, struct err *err)
{
	static const char *const gated[] = { "id", "name", "company", "stage",
		"_reason", "_until", NULL };
	size_t n = 0;
	int rc;

	if (com.quiet)
		return m->ids->n ? STATUS_OK : STATUS_NO;
	out_opts.ordered = true;
	if (s->channel) {
		out_opts.field = until_field;
		lines_columns(gated, NULL);
	}
	if (lines_open(&s->lines, s->ses, m->kinds, m->nkinds, err) < 0)
		return -1;
	if (s->channel && open_gate(s, err) < 0)
		return -1;
	out_before_write(let_go, s);
	if (s->lines.sort && put_sorted(s, m, &n, err) < 0)
		return -1;
	for (size_t i = 0; !s->lines.sort && i < m->ids->n && !enough(n); i++) {
		rc = put_one(s, m, &m->ids->v[i], err);
		if (rc < 0 || flush_full(s, err) < 0)
			return -1;
		n += (size_t)rc;
	}
	return lines_end(&s->lines, s->rd, m->ids->n, err);
}

/* ---- other lines ---- */

int
segment_lines(struct segmenting *s, const char *noun, const char *const *table,
    const char *const *cells, struct err *err)
{
	if (out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--sort: these lines are no records; crm-find -s KEY - "
		      "sorts them"));
	out_opts.ordered = true;
	out_opts.noun = noun;
	lines_columns(table, cells);
	return lines_open(&s->lines, s->ses, NULL, 0, err);
}

int
segment_line(struct segmenting *s, const struct rec *rec, struct err *err)
{
	if (lines_put_rec(&s->lines, rec, err) < 0)
		return -1;
	return flush_full(s, err);
}

/* Four decimals, without zeros at the end. */
struct str
segment_share(struct arena *a, size_t part, size_t whole)
{
	unsigned long long n =
	    whole ? (part * 10000ULL + whole / 2) / whole : 0;
	struct str s =
	    arena_printf(a, "%llu.%04llu", n / 10000ULL, n % 10000ULL);

	while (s.p[s.n - 1] == '0')
		s.n--;
	if (s.p[s.n - 1] == '.')
		s.n--;
	return s;
}
