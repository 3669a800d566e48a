/* SPDX-License-Identifier: MIT */
/* Lines of crm-score stored as scores, or told as changes. */
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "app/changes.h"
#include "app/internal.h"
#include "app/score_int.h"
#include "base/num.h"
#include "crm/changes.h"
#include "record/labels.h"
#include "store/agg.h"

enum {
	VALUES_MAX = 16, /* stored of one customer */
	HEAD = ID_BYTES + 8,
};

/* ---- what is stored waits, with its line, for the transaction ---- */

int
score_keep_line(struct score_run *s, const struct id *id,
    const struct rec *line, struct err *err)
{
	struct score_value v[VALUES_MAX];
	size_t n = scoring_saved(s->scoring, line, v, VALUES_MAX, &s->arena);
	unsigned char head[HEAD];
	struct buf *b = &s->keeping;
	size_t values;

	buf_clear(b);
	for (size_t i = 0; i < n; i++) {
		unsigned char sizes[4] = { (unsigned char)v[i].type,
			(unsigned char)v[i].label.n };

		num_put_be16(sizes + 2, (uint16_t)v[i].text.n);
		buf_add(b, sizes, sizeof(sizes));
		buf_adds(b, v[i].label);
		buf_add(b, v[i].text.p, (uint16_t)v[i].text.n);
	}
	values = b->n;
	if (!com.quiet && !write_opts.dry_run)
		score_line_text(line, b);
	memcpy(head, id->b, ID_BYTES);
	num_put_be32(head + ID_BYTES, (uint32_t)values);
	num_put_be32(head + ID_BYTES + 4, (uint32_t)(b->n - values));
	if (spool_add(&s->kept, head, sizeof(head), err) < 0)
		return -1;
	return spool_add(&s->kept, b->p, b->n, err);
}

/* The next of them after *at: 1, 0, -1. */
static int
next_kept(struct score_run *s, uint64_t *at, struct id *id, struct str *values,
    struct str *line, struct err *err)
{
	struct str head, body;
	size_t nvalues, nline;

	if (*at >= spool_at(&s->kept))
		return 0;
	if (spool_get(&s->kept, *at, HEAD, &head, err) < 0)
		return -1;
	memcpy(id->b, head.p, ID_BYTES);
	nvalues = num_get_be32((const unsigned char *)head.p + ID_BYTES);
	nline = num_get_be32((const unsigned char *)head.p + ID_BYTES + 4);
	if (spool_get(&s->kept, *at + HEAD, nvalues + nline, &body, err) < 0)
		return -1;
	*at += HEAD + nvalues + nline;
	*values = str_sub(body, 0, nvalues);
	*line = str_sub(body, nvalues, nline);
	return 1;
}

static size_t
read_values(struct str from, struct score_value *v)
{
	size_t n = 0, label, text;

	while (from.n > 0 && n < VALUES_MAX) {
		const unsigned char *p = (const unsigned char *)from.p;

		label = p[1];
		text = num_get_be16(p + 2);
		v[n++] = (struct score_value){ str_sub(from, 4, label),
			(enum type)p[0], str_sub(from, 4 + label, text) };
		from = str_sub(from, 4 + label + text, from.n);
	}
	return n;
}

/* ---- rehearsal: the change lines ---- */

static int
tell_changes(struct score_run *s, struct op *op, const struct id *id,
    const struct score_value *v, size_t n, struct err *err)
{
	const struct passwd *pw = getpwuid(getuid());
	char at[DATETIME_TEXT];
	struct change_meta meta = {
		.at = str_n(at, datetime_format(s->ses->clock.now, at)),
		.by = str_of(pw ? pw->pw_name : ""),
		.prog = str_of(cmd_name()),
	};
	const struct agg_score *old;
	struct history_score c;
	struct dbrec *rec;
	struct rec line;
	struct row row;
	int rc;

	arena_clear(&s->arena);
	rc = dbrec_get(op_reading(op), id, SCORE_SLOT, &rec, err);
	if (rc <= 0)
		return rc;
	if (op_get(op, id, &s->arena, &row, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		rc = dbrec_score(rec, v[i].label, &old, err);
		if (rc < 0)
			return -1;
		c = (struct history_score){ .label = v[i].label,
			.new = v[i].text,
			.new_type = v[i].type };
		if (rc > 0) {
			c.old = old->value;
			c.old_type = old->type;
		}
		if (str_eq(c.old, c.new))
			continue;
		change_score(id, &row, &c, &meta, &s->arena, &line);
		s->nchanges++;
		if (writer_put(s->lines.writer, &line, &s->changes, err) < 0)
			return -1;
	}
	return 0;
}

static int
save_all(struct op *op, void *arg)
{
	struct score_run *s = arg;
	struct score_value v[VALUES_MAX];
	struct str values, line;
	uint64_t at = 0;
	struct id id;
	bool changed;
	size_t n;
	int rc;

	buf_clear(&s->changes);
	s->nchanges = s->nchanged = 0;
	while ((rc = next_kept(s, &at, &id, &values, &line, s->err)) > 0) {
		n = read_values(values, v);
		if (write_opts.dry_run &&
		    tell_changes(s, op, &id, v, n, s->err) < 0)
			return -1;
		if (op_scores(op, &id, v, n, &changed, s->err) < 0)
			return -1;
		s->nchanged += changed;
	}
	return rc;
}

static int
print_kept(struct score_run *s, struct err *err)
{
	struct str values, text;
	struct rec line;
	uint64_t at = 0;
	struct id id;
	int rc = 0;

	while (!com.quiet &&
	       (rc = next_kept(s, &at, &id, &values, &text, err)) > 0) {
		line = (struct rec)REC_INIT;
		arena_clear(&s->arena);
		score_text_line(text, &s->arena, &line);
		if (score_put_line(s, &line, err) < 0)
			return -1;
	}
	return rc;
}

int
score_save(struct score_run *s, struct err *err)
{
	/* The snapshot is given up: a writer waits for no reader. */
	s->lines.rd = NULL;
	scoring_close(&s->scoring);
	customers_close(&s->base);
	reading_close(&s->rd);
	s->err = err;
	if (db_write(s->ses->db, write_opts.dry_run ? OP_DRY : 0, NULL,
		save_all, s, err) < 0)
		return -1;
	if (!write_opts.dry_run) {
		msg_note(cmd_text_n("scored %zu customer, %zu changed; "
				    "crm-undo takes it back",
			     "scored %zu customers, %zu changed; crm-undo "
			     "takes it back",
			     s->scored),
		    s->scored, s->nchanged);
		return print_kept(s, err);
	}
	if (!com.quiet)
		buf_adds(out_buf(), buf_str(&s->changes));
	msg_note(cmd_text_n("would change %zu customer; nothing stored",
		     "would change %zu customers; nothing stored", s->nchanged),
	    s->nchanged);
	return 0;
}
