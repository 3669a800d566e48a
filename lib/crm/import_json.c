/* SPDX-License-Identifier: MIT */
/*
 * JSON objects as rows: a column for each path that occurs (`billing.email`),
 * an array of scalars in one cell, an array of objects (`line_items[].sku`) as
 * a row for each of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "crm/import_json_int.h"

enum {
	VALUES_MAX = 256 * 1024, /* of one object */
	PATH_SHOWN = 60,         /* bytes of one in a message */
};

struct parse {
	struct source *s;
	struct json_lex x;
};

/* ---- columns ---- */

/* The column of the path at hand; made where it is new. */
static bool
find_column(struct parse *p, uint32_t *column)
{
	struct source *s = p->s;
	struct str path = buf_str(&s->j->path);
	uint32_t *slot;
	size_t i = (size_t)hash_bytes(path.p, path.n, 0);

	for (;; i++) {
		slot = &s->j->slot[i & (SLOTS - 1)];
		if (*slot == 0)
			break;
		*column = *slot - 1;
		if (str_eq(s->column.v[*column], path))
			return true;
	}
	if (s->column.n == PATHS_MAX) {
		err_set(p->x.err, STATUS_DATA,
		    "more than %d paths in the objects of one file", PATHS_MAX);
		p->x.refused = true;
		return false;
	}
	vec_push(&s->column, arena_str(&s->own, path));
	*slot = (uint32_t)s->column.n;
	*column = *slot - 1;
	return true;
}

static bool
add(struct parse *p, size_t row, bool listed, struct str text)
{
	struct source_json *j = p->s->j;
	struct value v = { (uint32_t)row, 0, (uint32_t)j->value.n, listed,
		text };

	if (!find_column(p, &v.column))
		return false;
	if (text.n == 0)
		return true;
	if (j->value.n == VALUES_MAX) {
		err_set(p->x.err, STATUS_DATA,
		    "more than %d values in one object", VALUES_MAX);
		p->x.refused = true;
		return false;
	}
	vec_push(&j->value, v);
	return true;
}

/* ---- values ---- */

struct place {
	size_t row;
	bool listed; /* within an array */
	bool rowed;  /* within an array of objects, which gave the row */
};

static bool value(struct parse *, struct place);

static bool
is_ours(const struct source_json *j)
{
	struct str path = buf_str(&j->path);

	return str_eq(path, STR("_line")) || str_eq(path, STR("_error"));
}

static bool
members(struct parse *p, struct place at)
{
	struct buf *path = &p->s->j->path;
	size_t n = path->n;
	struct str key;
	bool another = true;

	p->x.p++;
	if (json_peek(&p->x) == '}') {
		p->x.p++;
		return true;
	}
	while (another) {
		if (!json_string(&p->x, &key) ||
		    !json_expect(&p->x, ':', "':'"))
			return false;
		if (n != 0)
			buf_addc(path, '.');
		buf_adds(path, key);
		if (!(is_ours(p->s->j) ? json_skip(&p->x) : value(p, at)))
			return false;
		buf_cut(path, n);
		if (!json_more(&p->x, '}', &another))
			return false;
	}
	return true;
}

static bool
elements(struct parse *p, struct place at)
{
	struct buf *path = &p->s->j->path;
	size_t n = path->n, row;
	bool another = true;

	p->x.p++;
	at.listed = true;
	if (json_peek(&p->x) == ']') {
		p->x.p++;
		return true;
	}
	for (row = 0; another; row++) {
		struct place in = at;

		if (json_peek(&p->x) == '{') {
			buf_addz(path, "[]");
			in.rowed = true;
			in.listed = at.rowed;
			in.row = at.rowed ? at.row : row;
		}
		if (!value(p, in))
			return false;
		buf_cut(path, n);
		if (!json_more(&p->x, ']', &another))
			return false;
	}
	return true;
}

static bool
value(struct parse *p, struct place at)
{
	struct str v;
	bool quoted;
	char c = json_peek(&p->x);

	if (c != '{' && c != '[')
		return json_scalar(&p->x, &v, &quoted) &&
		       add(p, at.row, at.listed, v);
	if (!json_deeper(&p->x))
		return false;
	if (!(c == '{' ? members(p, at) : elements(p, at)))
		return false;
	p->x.depth--;
	return true;
}

static int
by_cell(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Values from i on that share its cell. */
static size_t
same_cell(const struct source_json *j, size_t i)
{
	const struct value *v = &j->value.v[i];
	size_t n;

	for (n = 1; i + n < j->value.n && v[n].row == v->row &&
		    v[n].column == v->column;
	     n++)
		;
	return n;
}

static bool
check_cells(const struct source *s, struct err *err)
{
	const struct source_json *j = s->j;
	size_t i = 0, n, size;

	while (i < j->value.n) {
		struct str path = s->column.v[j->value.v[i].column];

		size = 0;
		for (n = same_cell(j, i); n > 0; n--)
			size += j->value.v[i++].text.n;
		if (size <= SOURCE_CELL_MAX)
			continue;
		err_set(err, STATUS_DATA, "%.*s: longer than 1 MiB",
		    STR_ARG(str_sub(path, 0, PATH_SHOWN)));
		return false;
	}
	return true;
}

bool
json_row_parse(struct source *s, struct str text, struct err *err)
{
	struct source_json *j = s->j;
	struct parse p = { s,
		{ &j->arena, text.p, text.p, text.p + text.n, 0, false, err } };

	arena_clear(&j->arena);
	buf_clear(&j->path);
	vec_clear(&j->value);
	j->at = j->set = j->nset = 0;
	j->broken = true;
	if (json_peek(&p.x) != '{')
		return json_fail(&p.x, "a JSON object");
	if (!value(&p, (struct place){ 0, false, false })) {
		j->broken = !p.x.refused;
		return false;
	}
	json_blanks(&p.x);
	if (p.x.p != p.x.end)
		return json_fail(&p.x, "nothing after the object");
	j->broken = false;
	if (j->value.n != 0)
		qsort(j->value.v, j->value.n, sizeof(*j->value.v), by_cell);
	return check_cells(s, err);
}

/* ---- cells ---- */

static bool
is_special(char c)
{
	return c == ';' || c == '\\';
}

/* Values n of one cell as one: `;` between, `;` and `\` with a backslash
 * before (FORMAT.md 11). */
static struct str
join(struct source_json *j, const struct value *v, size_t n)
{
	size_t i, k, room = n;
	char *p, *w;

	if (n == 1 && !v->listed)
		return v->text;
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].text.n; k++)
			room += is_special(v[i].text.p[k]) ? 2 : 1;
	p = w = arena_alloc(&j->arena, room);
	for (i = 0; i < n; i++) {
		if (i > 0)
			*w++ = ';';
		for (k = 0; k < v[i].text.n; k++) {
			if (is_special(v[i].text.p[k]))
				*w++ = '\\';
			*w++ = v[i].text.p[k];
		}
	}
	return str_n(p, (size_t)(w - p));
}

/* Fills the cells with the values of one row, from j->at on. */
static void
fill_cells(struct source *s, struct source_row *row)
{
	struct source_json *j = s->j;
	const struct value *v = j->value.v;
	size_t i, n;

	/* Only those that were filled: an object may have many rows. */
	for (i = 0; i < j->nset; i++)
		s->cell[v[j->set + i].column] = str_n("", 0);
	j->set = j->at;
	for (i = j->at; i < j->value.n && v[i].row == v[j->set].row; i += n) {
		n = same_cell(j, i);
		s->cell[v[i].column] = join(j, &v[i], n);
	}
	j->nset = i - j->set;
	j->at = i;
	row->line = j->line;
	row->cell = s->cell;
	row->n = s->column.n;
}

void
source_json_rewind(struct source *s)
{
	struct source_json *j = s->j;
	size_t i;

	for (i = 0; i < s->column.n; i++)
		s->cell[i] = str_n("", 0);
	vec_clear(&j->value);
	j->at = j->set = j->nset = 0;
}

bool
source_json_more(struct source *s, struct source_row *row)
{
	if (s->j->at == s->j->value.n)
		return false;
	fill_cells(s, row);
	row->same = true;
	return true;
}

enum source_state
source_json_cells(
    struct source *s, struct str text, struct source_row *row, struct err *err)
{
	source_json_rewind(s);
	s->j->line = row->line;
	if (!json_row_parse(s, text, err)) {
		vec_clear(&s->j->value);
		s->j->at = 0;
		return SOURCE_BAD;
	}
	fill_cells(s, row);
	return SOURCE_ROW;
}
