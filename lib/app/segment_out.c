/* SPDX-License-Identifier: MIT */
/* What crm-segment prints: members, and lines about sets. */
#include "app/segment.h"

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
	if (out_flush(err) < 0)
		return -1;
	return reading_renew(s->rd, err);
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
	if (!m->extra)
		return lines_put(&s->lines, s->rd, rec, err) < 0 ? -1 : 1;
	if (segment_record(s, s->rd, rec, &line, err) < 0)
		return -1;
	m->extra(m->arg, id, &s->line_arena, &line);
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
	size_t n = 0;
	int rc;

	if (com.quiet)
		return m->ids->n ? STATUS_OK : STATUS_NO;
	out_opts.ordered = true;
	if (lines_open(&s->lines, s->ses, m->kinds, m->nkinds, err) < 0)
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
