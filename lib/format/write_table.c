/* SPDX-License-Identifier: MIT */
/*
 * The table of a terminal (CLI.md 7).  The first rows are held back: their
 * cells say how wide the columns are; later rows are fitted into them.
 */
#include "format/internal.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "format/cell.h"

enum {
	DO_MIN = 6, /* schema */
	ROWS_HELD = 1000,
	GAP = 2,      /* blanks between columns */
	TEXT_MIN = 8, /* columns that are left to a cut text */
	NAME_MIN = 12,
};

struct tcol {
	struct str label;
	/* From 1: the column of -F; its alias may stand for another label in
	 * a record of another kind. */
	size_t named;
	bool number, fixed, id, name, shown, occurs;
	int natural, min, width;
};

struct table {
	struct cell_env env;
	struct rec *rows;
	size_t nrows, rows_cap;
	struct tcol *col;
	size_t ncols, cap;
	size_t base; /* columns that were asked for or are the kind's */
	size_t hidden;
	const struct kind *kind; /* the only one so far; NULL: several */
	bool mixed, laid, headed;
	struct buf text, line;
};

#define N_(s) (s)

static int
table_open(struct writer *w, struct err *err)
{
	struct table *t = mem_zero(1, sizeof(*t));

	(void)err;
	t->env.clock = w->o.clock;
	t->env.wide = w->o.wide;
	t->env.utf8 = w->o.utf8;
	t->env.color = w->o.color;
	t->env.id_suffix = w->o.id_suffix;
	t->env.translate = w->o.translate;
	t->env.arg = w->o.arg;
	buf_init(&t->text);
	buf_init(&t->line);
	w->state = t;
	return 0;
}

static void
table_release(struct writer *w)
{
	struct table *t = w->state;

	if (t == NULL)
		return;
	mem_free(t->rows);
	mem_free(t->col);
	buf_release(&t->text);
	buf_release(&t->line);
	mem_free(t);
	w->state = NULL;
}

/* ---- which columns ---- */

static struct tcol *
find_col(struct table *t, struct str label)
{
	size_t i;

	for (i = 0; i < t->ncols; i++)
		if (str_eq(t->col[i].label, label))
			return &t->col[i];
	return NULL;
}

static void
add_col(struct table *t, struct str label, size_t named)
{
	if (t->ncols == t->cap) {
		t->cap = t->cap == 0 ? 32 : t->cap * 2;
		t->col = mem_resize(t->col, t->cap, sizeof(*t->col));
	}
	t->col[t->ncols] = (struct tcol){ .label = label, .named = named };
	t->ncols++;
}

/* The `table` lists of the kinds that occur, KIND where they are several. */
static void
add_listed(struct writer *w)
{
	struct table *t = w->state;
	size_t i, k;

	for (i = 0; i < t->nrows; i++) {
		const struct kind *before = w->kind;

		writer_kind(w, &t->rows[i]);
		if (w->kind == NULL || (i != 0 && w->kind == before))
			continue;
		for (k = 0; k < w->kind->table.n; k++) {
			struct str label = str_of(w->kind->table.v[k]);

			if (str_eq(label, STR("kind")) ||
			    find_col(t, label) != NULL)
				continue;
			add_col(t, label, 0);
			if (t->mixed && t->ncols == 1)
				add_col(t, STR("kind"), 0);
		}
	}
}

/* What else the held rows have, in canonical order. */
static void
add_occurring(struct writer *w)
{
	struct table *t = w->state;
	struct rec all = REC_INIT;
	struct columns cols;
	bool ordered = w->o.ordered;
	size_t i, k;

	for (i = 0; i < t->nrows; i++) {
		writer_kind(w, &t->rows[i]);
		for (k = 0; k < t->rows[i].n; k++) {
			const struct pair *p = &t->rows[i].v[k];

			if (p->value.n == 0 || find_col(t, p->label) != NULL ||
			    (w->cols.given &&
				!columns_rest(&w->cols, p->label)) ||
			    (!t->mixed && str_eq(p->label, STR("kind"))) ||
			    rec_get(&all, p->label).p != NULL)
				continue;
			rec_add(&all, &w->own, p->label, p->value);
		}
	}
	if (t->nrows != 0)
		writer_kind(w, &t->rows[0]);
	cols = w->cols;
	w->cols = (struct columns){ .rest = true, .kind = w->kind };
	/* Computed lines have an order of their own. */
	w->o.ordered = ordered && w->o.kind != NULL && w->o.kind[0] == '\0';
	writer_groups(w, &all);
	for (i = 0; i < w->ngroups; i++)
		add_col(t, w->group[i].label, 0);
	w->cols = cols;
	w->o.ordered = ordered;
}

static void
choose_columns(struct writer *w)
{
	struct table *t = w->state;
	size_t i;

	if (!w->cols.given) {
		add_listed(w);
		t->base = t->ncols;
		add_occurring(w);
		/* Lines of no kind that is known: what they have. */
		if (t->base == 0)
			t->base = t->ncols;
		return;
	}
	if (t->nrows != 0)
		writer_kind(w, &t->rows[0]);
	for (i = 0; i < w->cols.n; i++) {
		const struct column *col = &w->cols.v[i];

		if (col->what == COLUMN_LABEL)
			add_col(t, col->label, i + 1);
		else if (col->what == COLUMN_REST)
			add_occurring(w);
	}
	t->base = t->ncols;
}

/* ---- cells ---- */

static const struct group *
find_group(const struct writer *w, const struct tcol *col)
{
	return writer_group(
	    w, col->named != 0 ? w->cols.v[col->named - 1].label : col->label);
}

/* The text of a cell into t->text; its tail, of several values, behind it:
 * where that begins. */
static size_t
cell_text(struct table *t, const struct group *g)
{
	size_t n;

	buf_clear(&t->text);
	cell_value(&t->text, g->f, g->value[0], &t->env);
	n = t->text.n;
	if (g->n > 1)
		buf_addf(&t->text, " +%zu", g->n - 1);
	return n;
}

static bool
is_number(const struct group *g)
{
	if (g->f != NULL)
		return g->f->type == TYPE_INT || g->f->type == TYPE_DECIMAL ||
		       g->f->type == TYPE_MONEY;
	/* Computed by a program: as it looks. */
	return json_is_number(g->value[0]);
}

/* Types that a cut would spoil. */
static bool
is_fixed(const struct field *f)
{
	if (f == NULL || f->role == ROLE_LINK)
		return false;
	switch (f->type) {
	case TYPE_ID:
	case TYPE_REF:
	case TYPE_INT:
	case TYPE_DECIMAL:
	case TYPE_MONEY:
	case TYPE_DATE:
	case TYPE_DATETIME:
	case TYPE_BOOL:
	case TYPE_ENUM:
		return true;
	default:
		return false;
	}
}

static void
measure_row(struct writer *w, const struct rec *rec)
{
	struct table *t = w->state;
	size_t i;

	writer_kind(w, rec);
	writer_groups(w, rec);
	for (i = 0; i < t->ncols; i++) {
		struct tcol *col = &t->col[i];
		const struct group *g = find_group(w, col);
		int width;

		if (w->kind != NULL && w->kind->display != NULL &&
		    str_eqz(col->label, w->kind->display))
			col->name = true;
		if (g == NULL)
			continue;
		cell_text(t, g);
		width = cell_width(buf_str(&t->text));
		if (width > col->natural)
			col->natural = width;
		if (!col->occurs) {
			col->number = is_number(g);
			col->fixed = is_fixed(g->f) || col->number ||
				     str_eq(col->label, STR("kind"));
		}
		col->number = col->number && is_number(g);
		col->occurs = true;
	}
}

static void
measure(struct writer *w)
{
	struct table *t = w->state;
	size_t i;

	for (i = 0; i < t->nrows; i++)
		measure_row(w, &t->rows[i]);
	for (i = 0; i < t->ncols; i++) {
		struct tcol *col = &t->col[i];
		int head = cell_width(col->label);

		if (head > col->natural)
			col->natural = head;
		/* Lines that come later do other things to a record. */
		if (str_eq(col->label, STR("_do"))) {
			col->fixed = true;
			if (col->natural < DO_MIN)
				col->natural = DO_MIN;
		}
		col->id = str_eq(col->label, STR("id"));
		col->min = col->natural;
		/* A display label may be a date, of an order say. */
		if (!col->fixed && !col->id) {
			int least = col->name ? NAME_MIN : TEXT_MIN;

			if (col->min > least)
				col->min = least;
		}
		col->width = col->natural;
	}
}

/* ---- fitting ---- */

static int
sum(const struct table *t, bool natural)
{
	int n = -GAP;
	size_t i;

	for (i = 0; i < t->ncols; i++)
		if (t->col[i].shown)
			n +=
			    GAP + (natural ? t->col[i].natural : t->col[i].min);
	return n;
}

/* Columns leave from the right until the rest fits; id and name stay. */
static void
drop_columns(struct table *t, int width)
{
	size_t i = t->base;

	while (i > 0 && sum(t, false) > width) {
		i--;
		if (!t->col[i].id && !t->col[i].name)
			t->col[i].shown = false;
	}
	/* Narrower than id and name: names give way, the last first. */
	for (i = t->base; i > 0 && sum(t, false) > width; i--) {
		struct tcol *col = &t->col[i - 1];
		int over = sum(t, false) - width;

		if (!col->shown || col->id)
			continue;
		if (col->min - over >= 1)
			col->min -= over;
		else
			col->shown = false;
	}
}

/* Space that is left goes to the columns in turn, from the left, up to what
 * is natural. */
static void
widen(struct table *t, int left)
{
	bool grew = true;
	size_t i;

	for (i = 0; i < t->base; i++)
		t->col[i].width = t->col[i].min;
	while (grew && left > 0) {
		grew = false;
		for (i = 0; i < t->base && left > 0; i++) {
			struct tcol *col = &t->col[i];

			if (!col->shown || col->width >= col->natural)
				continue;
			col->width++;
			left--;
			grew = true;
		}
	}
}

static void
fit(struct writer *w)
{
	struct table *t = w->state;
	bool unlimited = w->o.wide || w->o.width <= 0;
	size_t i;

	for (i = 0; i < t->ncols; i++)
		t->col[i].shown = i < t->base || unlimited;
	if (unlimited)
		return;
	drop_columns(t, w->o.width);
	widen(t, w->o.width - sum(t, false));
	/* The other fields only where nothing had to give way for them; rev
	 * and the ids behind links say little to people. */
	if (sum(t, true) > w->o.width)
		return;
	for (i = 0; i < t->base; i++)
		if (!t->col[i].shown)
			return;
	for (i = t->base; i < t->ncols; i++) {
		struct tcol *col = &t->col[i];
		const struct field *f =
		    w->kind != NULL ? kind_field(w->kind, col->label) : NULL;

		if (str_eq(col->label, STR("rev")) ||
		    (f != NULL && f->role == ROLE_STORED &&
			f->type == TYPE_REF))
			continue;
		col->shown = true;
		if (sum(t, true) > w->o.width) {
			col->shown = false;
			return;
		}
	}
}

/* ---- rows ---- */

static void
put_header(struct writer *w, struct buf *out)
{
	struct table *t = w->state;
	int owed = 0;
	size_t i, k;

	for (i = 0; i < t->ncols; i++) {
		struct tcol *col = &t->col[i];
		int width;

		if (!col->shown)
			continue;
		buf_clear(&t->text);
		for (k = 0; k < col->label.n; k++) {
			char c = col->label.p[k];

			buf_addc(&t->text,
			    ascii_lower((unsigned char)c) ? (char)(c - 32) : c);
		}
		buf_clear(&t->line);
		width = cell_fit(
		    &t->line, buf_str(&t->text), STR_NONE, col->width, &t->env);
		cell_blanks(out, owed + (col->number ? col->width - width : 0));
		cell_underline(out, buf_str(&t->line), &t->env);
		owed = GAP + (col->number ? 0 : col->width - width);
	}
	buf_addc(out, '\n');
}

static void
put_row(struct writer *w, const struct rec *rec, struct buf *out)
{
	struct table *t = w->state;
	bool unlimited = w->o.wide || w->o.width <= 0;
	int owed = 0;
	size_t i;

	writer_kind(w, rec);
	writer_groups(w, rec);
	for (i = 0; i < t->ncols; i++) {
		struct tcol *col = &t->col[i];
		const struct group *g = find_group(w, col);
		struct str all;
		size_t n;
		int width, pad;

		if (!col->shown)
			continue;
		if (g == NULL) {
			owed += col->width + GAP;
			continue;
		}
		n = cell_text(t, g);
		all = buf_str(&t->text);
		buf_clear(&t->line);
		if (unlimited) {
			buf_adds(&t->line, all);
			width = cell_width(all);
		} else {
			width = cell_fit(&t->line, str_sub(all, 0, n),
			    str_sub(all, n, all.n), col->width, &t->env);
		}
		pad = width < col->width ? col->width - width : 0;
		cell_blanks(out, owed + (col->number ? pad : 0));
		cell_put(out, buf_str(&t->line),
		    cell_look(g->label, g->f, g->value[0], rec, &t->env),
		    &t->env);
		owed = GAP + (col->number ? 0 : pad);
	}
	buf_addc(out, '\n');
}

static void
lay_out(struct writer *w, struct buf *out)
{
	struct table *t = w->state;
	size_t i;

	t->laid = true;
	if (t->nrows == 0)
		return;
	choose_columns(w);
	measure(w);
	fit(w);
	for (i = 0; i < t->ncols; i++)
		t->hidden += !t->col[i].shown;
	if (!w->o.no_header)
		put_header(w, out);
	for (i = 0; i < t->nrows; i++)
		put_row(w, &t->rows[i], out);
	t->nrows = 0;
}

static int
table_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct table *t = w->state;
	struct rec *row;

	(void)err;
	writer_kind(w, rec);
	if (w->count == 1)
		t->kind = w->kind;
	else if (t->kind != w->kind)
		t->mixed = true;
	if (t->laid) {
		put_row(w, rec, out);
		return 0;
	}
	if (t->nrows == t->rows_cap) {
		t->rows_cap = t->rows_cap == 0 ? 64 : t->rows_cap * 2;
		t->rows = mem_resize(t->rows, t->rows_cap, sizeof(*t->rows));
	}
	row = &t->rows[t->nrows++];
	*row = (struct rec)REC_INIT;
	rec_copy(row, rec, &w->own);
	if (t->nrows == ROWS_HELD)
		lay_out(w, out);
	return 0;
}

static void
put_footer(struct writer *w, size_t total, struct buf *out)
{
	struct table *t = w->state;
	struct buf kind = BUF_INIT, n = BUF_INIT, all = BUF_INIT;
	bool more = total > w->count;
	size_t hint, from = out->n;

	cell_kind(&kind, more ? total : w->count,
	    w->o.noun != NULL              ? w->o.noun
	    : !t->mixed && t->kind != NULL ? t->kind->name
					   : NULL,
	    &t->env);
	buf_addf(&n, "%zu", w->count);
	buf_addf(&all, "%zu", total);
	if (more)
		cell_say(out, &t->env, N_("%1 of %2 %3"), buf_str(&n),
		    buf_str(&all), buf_str(&kind));
	else
		cell_say(out, &t->env, N_("%1 %2"), buf_str(&n), buf_str(&kind),
		    STR_NONE);
	hint = out->n;
	if (t->hidden != 0) {
		buf_addz(out, t->env.utf8 ? " \xC2\xB7 " : " - ");
		buf_clear(&n);
		buf_addf(&n, "%zu", t->hidden);
		cell_say(out, &t->env,
		    t->hidden == 1 ? N_("+%1 field: --wide")
				   : N_("+%1 fields: --wide"),
		    buf_str(&n), STR_NONE, STR_NONE);
	}
	/* Nothing wraps: on a narrow terminal the number alone. */
	if (w->o.width > 0 &&
	    utf8_width(str_n(out->p + from, out->n - from)) > w->o.width)
		buf_cut(out, hint);
	buf_addc(out, '\n');
	buf_release(&kind);
	buf_release(&n);
	buf_release(&all);
}

static int
table_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	struct table *t = w->state;

	(void)err;
	if (!t->laid)
		lay_out(w, out);
	if (w->o.tty && w->count != 0)
		put_footer(w, total, out);
	return 0;
}

/* Of no rows nothing can be told. */
static void
table_settle(struct writer *w, struct buf *out)
{
	struct table *t = w->state;

	if (!t->laid && t->nrows != 0)
		lay_out(w, out);
}

static bool
table_holds(const struct writer *w)
{
	const struct table *t = w->state;

	return !t->laid;
}

/* Without -F the lists of the schema name columns. */
static int
table_wants(const struct writer *w, struct str label)
{
	const struct schema *s = w->o.schema;
	size_t i, k;

	if (w->cols.given || s == NULL)
		return -1;
	for (i = 0; i < s->nkinds; i++)
		for (k = 0; k < s->kinds[i].table.n; k++)
			if (str_eqz(label, s->kinds[i].table.v[k]))
				return 1;
	return -1;
}

const struct format_out table_out = {
	.open = table_open,
	.put = table_put,
	.end = table_end,
	.release = table_release,
	.holds = table_holds,
	.settle = table_settle,
	.wants = table_wants,
	.raw = true,
};
