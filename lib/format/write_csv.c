/* SPDX-License-Identifier: MIT */
/*
 * CSV (RFC 4180 with LF) and TSV (FORMAT.md 11).  A header says what the
 * columns are, so it must be known before the first row: -F, the stored fields
 * of the kind, or with --all-fields what occurs, for which rows are kept.
 */
#include "format/internal.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

struct head {
	struct str label;
	/* From 1: the column of -F, whose alias may stand for another label in
	 * a record of another kind.  0: it came by `*`. */
	size_t named;
};

struct csv {
	bool quotes;
	char delim;
	bool begun;
	struct head *col;
	size_t ncols, cap;
	struct rec *rows; /* --all-fields */
	size_t nrows, rows_cap;
	struct buf cell;
};

static int
open_as(struct writer *w, bool quotes)
{
	struct csv *c = mem_zero(1, sizeof(*c));

	c->quotes = quotes;
	c->delim = w->o.delim != '\0' ? w->o.delim : quotes ? ',' : '\t';
	buf_init(&c->cell);
	w->state = c;
	return 0;
}

static int
csv_open(struct writer *w, struct err *err)
{
	(void)err;
	return open_as(w, true);
}

static int
tsv_open(struct writer *w, struct err *err)
{
	(void)err;
	return open_as(w, false);
}

static void
csv_release(struct writer *w)
{
	struct csv *c = w->state;

	if (c == NULL)
		return;
	mem_free(c->col);
	mem_free(c->rows);
	buf_release(&c->cell);
	mem_free(c);
	w->state = NULL;
}

static void
add_col(struct csv *c, struct str label, size_t named)
{
	if (c->ncols == c->cap) {
		c->cap = c->cap == 0 ? 32 : c->cap * 2;
		c->col = mem_resize(c->col, c->cap, sizeof(*c->col));
	}
	c->col[c->ncols++] = (struct head){ label, named };
}

/* ---- cells ---- */

/* Spreadsheets take a cell that begins so for a formula (CWE-1236). */
static bool
is_formula(struct str s)
{
	static const char *const wide[] = { "\xEF\xBC\x9D", "\xEF\xBC\x8B",
		"\xEF\xBC\x8D", "\xEF\xBC\xA0" }; /* full-width = + - @ */
	size_t i = 0, k;

	/* TAB and CR are blanks too, but betray themselves. */
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n'))
		i++;
	if (i == s.n)
		return false;
	if (s.p[i] != '\0' && strchr("=+-@\t\r", s.p[i]) != NULL)
		return true;
	for (k = 0; k < 4; k++)
		if (str_starts(str_sub(s, i, s.n), str_of(wide[k])))
			return true;
	return false;
}

bool
csv_is_formula(const struct field *f, struct str s)
{
	bool number =
	    f != NULL && (f->type == TYPE_INT || f->type == TYPE_DECIMAL ||
			     f->type == TYPE_MONEY || f->type == TYPE_PHONE);

	return !number && is_formula(s);
}

void
csv_put_value(struct buf *out, struct str s, char delim, bool disarm)
{
	bool quote = false;
	size_t i;

	for (i = 0; i < s.n && !quote; i++)
		quote = s.p[i] == delim || s.p[i] == '"' || s.p[i] == '\n' ||
			s.p[i] == '\r';
	if (quote)
		buf_addc(out, '"');
	buf_addz(out, disarm ? "'" : "");
	if (!quote) {
		buf_adds(out, s);
		return;
	}
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

static void
put_cell(struct writer *w, const struct field *f, struct str s, struct buf *out)
{
	struct csv *c = w->state;
	bool disarm = w->o.safe && csv_is_formula(f, s);

	if (!c->quotes) {
		buf_addz(out, disarm ? "'" : "");
		escape_into(s, out);
	} else if (c->ncols == 1 && !disarm && str_trim(s).n == 0) {
		/* Blanks alone would be a blank line. */
		buf_addc(out, '"');
		buf_adds(out, s);
		buf_addc(out, '"');
	} else {
		csv_put_value(out, s, c->delim, disarm);
	}
}

/* The values of a group in one cell. */
static struct str
join(struct csv *c, const struct group *g)
{
	size_t i, k;

	/* A field of one value is not taken apart again when it is read. */
	if (g->n == 1 && (g->f == NULL || !g->f->multi))
		return g->value[0];
	buf_clear(&c->cell);
	for (k = 0; k < g->n; k++) {
		if (k != 0)
			buf_addc(&c->cell, ';');
		for (i = 0; i < g->value[k].n; i++) {
			char b = g->value[k].p[i];

			if (b == ';' || b == '\\')
				buf_addc(&c->cell, '\\');
			buf_addc(&c->cell, b);
		}
	}
	return buf_str(&c->cell);
}

static void
end_row(const struct writer *w, struct buf *out)
{
	if (w->o.crlf)
		buf_addc(out, '\r');
	buf_addc(out, '\n');
}

/* ---- header and rows ---- */

static void
put_header(struct writer *w, struct buf *out)
{
	struct csv *c = w->state;
	size_t i;

	c->begun = true;
	if (w->o.bom)
		buf_addz(out, "\xEF\xBB\xBF");
	if (w->o.no_header || c->ncols == 0)
		return;
	for (i = 0; i < c->ncols; i++) {
		if (i != 0)
			buf_addc(out, c->delim);
		buf_adds(out, c->col[i].label);
	}
	end_row(w, out);
}

/* Columns for `*`: the stored fields of the kind. */
static void
add_stored(struct writer *w, const struct kind *k)
{
	size_t i;

	for (i = 0; k != NULL && i < k->n; i++) {
		const struct field *f = &k->v[i];

		if (!f->family && writer_carries(k, f) &&
		    columns_rest(&w->cols, str_of(f->name)))
			add_col(w->state, str_of(f->name), 0);
	}
}

/* Columns for `*` with --all-fields: what the rows have, in the canonical
 * order of all of them together. */
static void
add_occurring(struct writer *w)
{
	struct csv *c = w->state;
	struct rec all = REC_INIT;
	size_t ncols = w->cols.n;
	bool given = w->cols.given, ordered = w->o.ordered;
	size_t i, k;

	for (i = 0; i < c->nrows; i++)
		for (k = 0; k < c->rows[i].n; k++) {
			const struct pair *p = &c->rows[i].v[k];
			struct str seen = rec_get(&all, p->label);

			if (seen.p == NULL && p->value.n != 0 &&
			    columns_rest(&w->cols, p->label))
				rec_add(&all, &w->own, p->label, p->value);
		}
	/* Grouped as one record without -F, whose fields are the columns. */
	w->cols.n = 0;
	w->cols.given = false;
	w->o.ordered = false;
	writer_groups(w, &all);
	w->cols.n = ncols;
	w->cols.given = given;
	w->o.ordered = ordered;
	for (i = 0; i < w->ngroups; i++)
		add_col(c, w->group[i].label, 0);
}

static void
make_columns(struct writer *w)
{
	size_t i;

	if (!w->cols.given) {
		if (w->o.all_fields)
			add_occurring(w);
		else
			add_stored(w, w->kind);
	}
	for (i = 0; i < w->cols.n; i++) {
		const struct column *col = &w->cols.v[i];

		if (col->what == COLUMN_LABEL)
			add_col(w->state, col->label, i + 1);
		else if (col->what == COLUMN_REST && w->o.all_fields)
			add_occurring(w);
		else if (col->what == COLUMN_REST)
			add_stored(w, w->kind);
	}
}

static void
put_row(struct writer *w, struct buf *out)
{
	struct csv *c = w->state;
	size_t i;

	for (i = 0; i < c->ncols; i++) {
		const struct head *col = &c->col[i];
		const struct group *g = writer_group(
		    w, col->named != 0 ? w->cols.v[col->named - 1].label
				       : col->label);

		if (i != 0)
			buf_addc(out, c->delim);
		if (g != NULL)
			put_cell(w, g->f, join(c, g), out);
		else if (c->ncols == 1 && c->quotes)
			buf_addz(out, "\"\""); /* an empty line is no row */
	}
	end_row(w, out);
}

static bool
csv_holds(const struct writer *w)
{
	return w->o.all_fields && w->cols.rest;
}

static int
csv_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct csv *c = w->state;
	const struct kind *before = w->kind;

	writer_kind(w, rec);
	/* One kind a file, unless -F says what the columns are. */
	if (w->cols.rest && w->kind == NULL)
		return err_set(err, STATUS_DATA,
		    "the columns of kind '%.*s' are not known; name them with "
		    "-F",
		    STR_ARG(rec_get(rec, STR("kind"))));
	if (w->cols.rest && w->count > 1 && before != w->kind)
		return err_set(err, STATUS_DATA,
		    "%s and %s in one table; name the columns with -F, or ask "
		    "for one kind",
		    before->name, w->kind->name);
	if (csv_holds(w)) {
		struct rec *row;

		if (c->nrows == c->rows_cap) {
			c->rows_cap = c->rows_cap == 0 ? 64 : c->rows_cap * 2;
			c->rows =
			    mem_resize(c->rows, c->rows_cap, sizeof(*c->rows));
		}
		row = &c->rows[c->nrows++];
		*row = (struct rec)REC_INIT;
		rec_copy(row, rec, &w->own);
		return 0;
	}
	if (!c->begun) {
		make_columns(w);
		put_header(w, out);
	}
	writer_groups(w, rec);
	put_row(w, out);
	return 0;
}

static int
csv_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	struct csv *c = w->state;
	size_t i;

	(void)total;
	(void)err;
	if (c->begun)
		return 0;
	if (w->count == 0) {
		struct rec none = REC_INIT;

		/* No row, but a table all the same. */
		writer_kind(w, &none);
	}
	make_columns(w);
	put_header(w, out);
	for (i = 0; i < c->nrows; i++) {
		writer_groups(w, &c->rows[i]);
		put_row(w, out);
	}
	return 0;
}

const struct format_out csv_out = {
	.open = csv_open,
	.put = csv_put,
	.end = csv_end,
	.release = csv_release,
	.holds = csv_holds,
	.raw = true,
};

const struct format_out tsv_out = {
	.open = tsv_open,
	.put = csv_put,
	.end = csv_end,
	.release = csv_release,
	.holds = csv_holds,
	.raw = true,
};
