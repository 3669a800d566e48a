/* SPDX-License-Identifier: MIT */
/* Rows in, items out: which rows make one record, and what was left out. */
#include "crm/import_map_int.h"

enum { ITEM_ROWS_MAX = 10000 };

struct gathering {
	struct import_item *item;
	size_t cap;
	struct str group; /* what its rows share; none */
};

static void
add_raw(struct import *im, struct gathering *g, const struct source_row *row)
{
	struct import_item *it = g->item;

	if (it->nraw == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 1;
		it->raw = arena_more(
		    im->out, it->raw, it->nraw, g->cap, sizeof(*it->raw));
		it->raw_line = arena_more(im->out, it->raw_line, it->nraw,
		    g->cap, sizeof(*it->raw_line));
	}
	it->raw[it->nraw] = im->ahead ? arena_str(im->out, row->raw) : row->raw;
	it->raw_line[it->nraw++] = row->line;
}

static struct str
group_of(const struct import *im, const struct source_row *row)
{
	return im->group_col < row->n ? import_plain(row->cell[im->group_col])
				      : STR("");
}

static bool
goes_on(const struct import *im, const struct gathering *g,
    const struct source_row *row)
{
	struct str group;

	if (row->same)
		return true;
	group = group_of(im, row);
	return group.n && str_eq(group, g->group);
}

static void
count_unmapped(struct import *im, const struct source_row *row)
{
	for (size_t i = 0; i < im->ncolumns && i < row->n; i++)
		if (!im->known[i] && str_trim(row->cell[i]).n)
			im->unmapped[i]++;
}

static enum source_state
take_next(struct import *im, struct source_row *row, struct err *err)
{
	enum source_state st = im->next_state;

	if (st == SOURCE_END) {
		arena_clear(&im->rows);
		return source_next(im->source, &im->rows, row, err);
	}
	*row = im->next;
	im->next_state = SOURCE_END;
	if (st != SOURCE_ROW)
		err_set(err, im->next_err.status, "%s", im->next_err.msg);
	return st;
}

/* Rows that go on the item; the first that does not waits for the next call. */
static int
gather(struct import *im, struct gathering *g, struct err *err)
{
	struct err bad = ERR_INIT;
	int rc = 0;

	while (g->item->nraw < ITEM_ROWS_MAX) {
		arena_clear(&im->rows);
		err_clear(&im->next_err);
		im->next_state = source_next(
		    im->source, &im->rows, &im->next, &im->next_err);
		if (im->next_state != SOURCE_ROW || !goes_on(im, g, &im->next))
			return rc;
		im->next_state = SOURCE_END;
		add_raw(im, g, &im->next);
		count_unmapped(im, &im->next);
		if (rc == 0 && import_item_row(im, &im->next, &bad) < 0)
			rc = err_set(err, bad.status, "%s", bad.msg);
	}
	return err_set(
	    err, STATUS_DATA, "more than %d rows in one record", ITEM_ROWS_MAX);
}

static void
count_skip(struct import *im, const struct import_item *item)
{
	struct import_skip none = { .rows = 0 }, *s;
	size_t i = 0;

	while (i < im->skips.n && !str_eqz(im->skips.v[i].why, item->skipped))
		i++;
	if (i == im->skips.n) {
		none.why = str_of(arena_dup(&im->arena, item->skipped));
		vec_push(&im->skips, none);
	}
	s = &im->skips.v[i];
	s->rows += item->nraw;
	for (i = 0; i < item->nraw && s->at.n < IMPORT_WHERE; i++)
		s->at.line[s->at.n++] = item->raw_line[i];
}

static enum source_state
make_item(struct import *im, struct gathering *g, const struct source_row *row,
    struct err *err)
{
	struct err later = ERR_INIT;
	int rc = import_item_row(im, row, err);

	if (im->ahead) {
		g->group = arena_str(im->out, group_of(im, row));
		if (gather(im, g, rc < 0 ? &later : err) < 0)
			rc = -1;
	}
	if (rc == 0)
		rc = import_item_end(im, g->item, err);
	if (rc < 0)
		return SOURCE_BAD;
	if (g->item->skipped)
		count_skip(im, g->item);
	return SOURCE_ROW;
}

enum source_state
import_next(struct import *im, struct arena *a, struct import_item *item,
    struct err *err)
{
	struct gathering g = { item, 0, STR_NONE };
	struct source_row row;
	enum source_state st;

	memset(item, 0, sizeof(*item));
	import_item_begin(im, a);
	st = take_next(im, &row, err);
	if (st != SOURCE_ROW && st != SOURCE_BAD)
		return st;
	item->number = row.line;
	add_raw(im, &g, &row);
	if (st == SOURCE_BAD)
		return st;
	count_unmapped(im, &row);
	return make_item(im, &g, &row, err);
}

void
import_unmapped(const struct import *im,
    void (*fn)(void *arg, struct str column, size_t values), void *arg)
{
	for (size_t i = 0; i < im->ncolumns; i++)
		if (!im->known[i] && im->unmapped[i])
			fn(arg, im->column[i], im->unmapped[i]);
}

void
import_skipped(const struct import *im,
    void (*fn)(
	void *arg, const char *why, size_t rows, const struct import_where *),
    void *arg)
{
	for (size_t i = 0; i < im->skips.n; i++)
		fn(arg, im->skips.v[i].why.p, im->skips.v[i].rows,
		    &im->skips.v[i].at);
}
