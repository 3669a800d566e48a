/* SPDX-License-Identifier: MIT */
/*
 * CSV as RFC 4180 has it, with LF or CRLF, and TSV with the escapes of the
 * record line (FORMAT.md 11).  The header names labels; cells of fields of
 * several values hold them with `;` between.
 */
#include "format/internal.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "format/csv_row.h"

struct csv_column {
	struct str label;
	enum pair_op op;
	bool ours;  /* `_line` or `_error`: an earlier reject added it */
	bool known; /* field is that of `kind` */
	const struct field *field;
};

struct csv {
	struct csv_form form;
	bool begun; /* the header was read */
	struct csv_column *col;
	size_t ncols, kind_col;
	struct str kind; /* that the columns are bound to (in text) */
	struct buf text;
	struct buf spare;  /* the first bytes of a row that is too long */
	struct str header; /* as it came */
	struct str *cell;
};

static int
open_as(struct reader *r, bool quotes)
{
	struct csv *c = mem_zero(1, sizeof(*c));

	c->form.quotes = quotes;
	c->form.delim = r->o.delim != '\0' ? r->o.delim : quotes ? ',' : '\t';
	buf_init(&c->text);
	buf_init(&c->spare);
	/* A row ends at LF, whatever -z says of records elsewhere. */
	r->in.eol = '\n';
	r->state = c;
	return 0;
}

static int
csv_open(struct reader *r, struct err *err)
{
	(void)err;
	return open_as(r, true);
}

static int
tsv_open(struct reader *r, struct err *err)
{
	(void)err;
	return open_as(r, false);
}

static void
csv_release(struct reader *r)
{
	struct csv *c = r->state;

	buf_release(&c->text);
	buf_release(&c->spare);
	mem_free(c->col);
	mem_free(c->cell);
	mem_free(c);
	r->state = NULL;
}

/* ---- rows ---- */

/* Drops the rest of a row that is over the limit. */
static int
skip_row(struct reader *r, struct csv_scan *s, struct err *err)
{
	const struct csv *c = r->state;

	for (;;) {
		int got;

		if (csv_scan_row(&c->form, s, input_rest(&r->in))) {
			input_skip(&r->in, s->at + 1);
			return 0;
		}
		input_skip(&r->in, s->at);
		s->at = 0;
		got = input_fill(&r->in, err);
		if (got <= 0)
			return got;
	}
}

/* Refuses a row of which `first` are the bytes up to the limit. */
static enum read_state
too_long(const struct reader *r, struct str first, struct err *err)
{
	const struct csv *c = r->state;
	struct csv_scan s = CSV_SCAN_INIT;

	(void)reader_too_long(r, err);
	(void)csv_scan_row(&c->form, &s, first);
	if (s.state == AT_QUOTED)
		err_add(err, "; is a quote never closed?");
	return READ_BAD;
}

/*
 * The next row that is not blank, whole, without its LF.  READ_BAD where it
 * has no end or is too long: raw has its first bytes.
 */
static enum read_state
next_row(struct reader *r, struct str *row, struct rec *rec, struct err *err)
{
	struct csv *c = r->state;
	struct csv_scan s;
	struct str rest;

again:
	rec->line = r->in.line;
	s = (struct csv_scan)CSV_SCAN_INIT;
	while (!csv_scan_row(&c->form, &s, input_rest(&r->in))) {
		int got;

		rest = input_rest(&r->in);
		if (rest.n > r->in.limit) {
			buf_clear(&c->spare);
			buf_add(&c->spare, rest.p, r->in.limit);
			rec->raw = buf_str(&c->spare);
			if (skip_row(r, &s, err) < 0)
				return READ_ERR;
			return too_long(r, rec->raw, err);
		}
		got = input_fill(&r->in, err);
		if (got < 0)
			return READ_ERR;
		if (got > 0)
			continue;
		rest = input_rest(&r->in);
		if (rest.n == 0)
			return READ_END;
		input_skip(&r->in, rest.n);
		rec->raw = rest;
		if (s.state == AT_QUOTED)
			return reader_bad(err,
			    "a quote that opens in this row is never closed");
		*row = rest;
		goto found;
	}
	*row = str_sub(input_rest(&r->in), 0, s.at);
	input_skip(&r->in, s.at + 1);
	rec->raw = *row;
	if (row->n > r->in.limit)
		return too_long(r, str_sub(*row, 0, r->in.limit), err);
found:
	if (row->n > 0 && row->p[row->n - 1] == '\r')
		row->n--;
	if (str_trim(*row).n == 0 && str_find(*row, c->form.delim) == row->n)
		goto again;
	return reader_text(*row, err) ? READ_REC : READ_BAD;
}

/* ---- the header ---- */

/* A label that a foreign name could become: 'First Name' first_name. */
static struct str
like_label(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t i, n = 0;

	for (i = 0; i < s.n && n < LABEL_MAX; i++) {
		char ch = ascii_tolower(s.p[i]);

		if (ascii_lower((unsigned char)ch) ||
		    (n > 0 && ascii_digit((unsigned char)ch)))
			p[n++] = ch;
		else if (n > 0 && p[n - 1] != '_')
			p[n++] = '_';
	}
	while (n > 0 && p[n - 1] == '_')
		n--;
	return str_n(p, n);
}

/* A delimiter that the header would be better cut at; NUL: none. */
static char
other_delim(const struct csv *c, struct str name)
{
	static const char delims[] = ",;\t|";
	size_t i;

	for (i = 0; delims[i] != '\0'; i++)
		if (delims[i] != c->form.delim &&
		    str_find(name, delims[i]) < name.n)
			return delims[i];
	return '\0';
}

static bool
header_name(struct reader *r, size_t i, struct str name, struct err *err)
{
	struct csv *c = r->state;
	struct csv_column *col = &c->col[i];
	struct str like;
	char d;

	name = str_trim(name);
	if (reader_label(r, &r->own, name, &col->label, &col->op, err)) {
		col->label = arena_str(&r->own, col->label);
		col->ours = str_eq(col->label, STR("_line")) ||
			    str_eq(col->label, STR("_error"));
		return true;
	}
	like = like_label(name, &r->own);
	if (like.n != 0 && like.n + 1 >= name.n &&
	    str_ieq(like, str_sub(name, 0, like.n)))
		goto out; /* an edit form, say: what was said stands */
	err_clear(err);
	d = other_delim(c, name);
	if (c->ncols == 1 && d != '\0') {
		reader_bad(err,
		    "got '%.*s', wanted labels with '%c' between; "
		    "%s%c%s cuts it otherwise",
		    STR_ARG(reader_clip(name)), c->form.delim,
		    d == '\t' ? "-i tsv" : "--delim '", d == '\t' ? ' ' : d,
		    d == '\t' ? "" : "'");
		goto out;
	}
	reader_bad(
	    err, "got '%.*s', wanted a label", STR_ARG(reader_clip(name)));
	if (like.n > 0)
		err_add(err, " such as %.*s", STR_ARG(like));
out:
	err_prefix(err, "column %zu", i + 1);
	return false;
}

static enum read_state
read_header(struct reader *r, struct rec *rec, struct err *err)
{
	struct csv *c = r->state;
	struct str row = STR_NONE;
	size_t i, n;
	enum read_state st = next_row(r, &row, rec, err);

	if (st != READ_REC)
		return st == READ_BAD ? READ_ERR : st;
	c->header = arena_str(&r->own, row);
	c->cell = mem_zero(REC_FIELDS_MAX, sizeof(*c->cell));
	c->col = mem_zero(REC_FIELDS_MAX, sizeof(*c->col));
	if (!csv_split_row(
		&c->form, c->header, &r->own, c->cell, REC_FIELDS_MAX, &n, err))
		return READ_ERR;
	if (n > REC_FIELDS_MAX) {
		(void)reader_too_many(err);
		return READ_ERR;
	}
	c->ncols = n;
	c->kind_col = n;
	for (i = 0; i < n; i++) {
		if (!header_name(r, i, c->cell[i], err))
			return READ_ERR;
		if (str_eq(c->col[i].label, STR("kind")))
			c->kind_col = i;
	}
	c->begun = true;
	return READ_REC;
}

/* ---- records ---- */

static bool
is_multi(struct reader *r, struct csv_column *col)
{
	struct csv *c = r->state;

	if (!col->known) {
		col->field = reader_field(r, c->kind, col->label);
		col->known = true;
	}
	return col->field != NULL && col->field->multi;
}

/* The values of a cell: `;` between, `\;` and `\\` within. */
static bool
split_values(struct reader *r, const struct csv_column *col, struct str cell,
    struct arena *a)
{
	size_t i = 0;

	while (i <= cell.n) {
		size_t from = i;
		bool escaped = false;
		struct str v;

		for (; i < cell.n && cell.p[i] != ';'; i++)
			if (cell.p[i] == '\\' && i + 1 < cell.n &&
			    (cell.p[i + 1] == ';' || cell.p[i + 1] == '\\')) {
				escaped = true;
				i++;
			}
		v = str_sub(cell, from, i - from);
		i++;
		if (escaped) {
			char *p = arena_alloc(a, v.n);
			size_t k, n = 0;

			for (k = 0; k < v.n; k++) {
				if (v.p[k] == '\\' && k + 1 < v.n &&
				    (v.p[k + 1] == ';' || v.p[k + 1] == '\\'))
					k++;
				p[n++] = v.p[k];
			}
			v = str_n(p, n);
		}
		if (v.n != 0 && !reader_pair(r, col->label, v, col->op, true))
			return false;
	}
	return true;
}

/* Binds the columns to the kind of this row. */
static void
bind_kind(struct csv *c)
{
	struct str kind =
	    c->kind_col < c->ncols ? c->cell[c->kind_col] : STR_NONE;
	size_t i;

	if (str_eq(kind, c->kind))
		return;
	buf_clear(&c->text);
	buf_adds(&c->text, kind);
	c->kind = buf_str(&c->text);
	for (i = 0; i < c->ncols; i++)
		c->col[i].known = false;
}

static enum read_state
csv_next(struct reader *r, struct arena *a, struct rec *rec, struct err *err)
{
	struct csv *c = r->state;
	struct str row = STR_NONE;
	enum read_state st;
	size_t i, n;

	if (!c->begun) {
		st = read_header(r, rec, err);
		if (st != READ_REC)
			return st;
	}
	st = next_row(r, &row, rec, err);
	if (st != READ_REC)
		return st;
	if (!csv_split_row(&c->form, row, a, c->cell, c->ncols, &n, err))
		return READ_BAD;
	if (n != c->ncols)
		return reader_bad(err,
		    n == 1 ? ERR_N("got %zu cell, wanted %zu as the header")
			   : ERR_N("got %zu cells, wanted %zu as the header"),
		    n, c->ncols);
	bind_kind(c);
	for (i = 0; i < n; i++) {
		struct csv_column *col = &c->col[i];
		bool fits;

		if (c->cell[i].n == 0) {
			/* "" leaves the field alone. */
			if (!r->o.clear_empty || col->op != PAIR_SET)
				continue;
			fits = reader_pair(
			    r, col->label, c->cell[i], col->op, true);
		} else if (is_multi(r, col)) {
			fits = split_values(r, col, c->cell[i], a);
		} else {
			fits = reader_pair(
			    r, col->label, c->cell[i], col->op, true);
		}
		if (!fits)
			return reader_too_many(err);
	}
	return reader_done(r, rec, err);
}

static bool
csv_ready(const struct reader *r)
{
	const struct csv *c = r->state;
	struct csv_scan s = CSV_SCAN_INIT;

	return c->begun && r->in.pos < r->in.complete &&
	       csv_scan_row(&c->form, &s, input_rest(&r->in));
}

/* ---- rejects ---- */

static void
csv_reject(
    struct reader *r, const struct rec *rec, struct str why, struct buf *out)
{
	struct csv *c = r->state;
	struct str raw = rec->raw;
	size_t own = c->ncols; /* columns that are not ours */
	bool text;

	while (own > 0 && c->col[own - 1].ours)
		own--;
	if (!r->rejected && c->begun) {
		buf_add(out, c->header.p,
		    csv_cells_length(&c->form, c->header, own));
		buf_addf(
		    out, "%c_line%c_error\n", c->form.delim, c->form.delim);
	}
	text = raw.n < r->in.limit && utf8_check(raw) == raw.n;
	if (text) {
		struct csv_scan s = CSV_SCAN_INIT;

		(void)csv_scan_row(&c->form, &s, raw);
		/* A quote that is open would swallow what follows. */
		text = s.state != AT_QUOTED;
	}
	if (text) {
		if (raw.n > 0 && raw.p[raw.n - 1] == '\r')
			raw.n--;
		if (own < c->ncols)
			raw.n = csv_cells_length(&c->form, raw, own);
		buf_adds(out, raw);
		buf_addf(
		    out, "%c%zu%c", c->form.delim, rec->line, c->form.delim);
		csv_put_cell(&c->form, why, out);
	} else {
		buf_adds(out, raw);
	}
	buf_addc(out, '\n');
}

const struct format_in csv_in = {
	.open = csv_open,
	.next = csv_next,
	.ready = csv_ready,
	.reject = csv_reject,
	.release = csv_release,
};

const struct format_in tsv_in = {
	.open = tsv_open,
	.next = csv_next,
	.ready = csv_ready,
	.reject = csv_reject,
	.release = csv_release,
};
