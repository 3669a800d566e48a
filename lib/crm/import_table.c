/* SPDX-License-Identifier: MIT */
/*
 * CSV and TSV: where the header stands and how it is cut, then rows by its
 * width.
 */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "crm/import_source_int.h"

/* As many as the widest spreadsheet has. */
enum { COLUMNS_MAX = 16384, FIRST_LOOK = 1024 * 1024 };

static const char table_width_1[] =
    ERR_N("got %zu cell, wanted %zu as the header");
static const char table_width[] =
    ERR_N("got %zu cells, wanted %zu as the header");

static bool
is_blank(const struct csv_form *f, struct str row)
{
	return str_trim(row).n == 0 && str_find(row, f->delim) == row.n;
}

/* ---- where the header is ---- */

struct header {
	bool found;
	char delim;
	size_t at; /* in the text at hand */
	size_t line;
	size_t known, cells;
	bool even; /* the row behind it has as many cells */
};

struct look {
	struct source *s;
	struct csv_form form;
	struct str text;
	struct str *cell;
	bool open; /* a row was met whose quote is never closed */
	struct header best;
};

/* Whether a is more of a header than what was found before. */
static bool
is_better(const struct header *a, const struct header *b)
{
	if (!b->found)
		return true;
	if (a->known != b->known)
		return a->known > b->known;
	if (a->known > 0)
		return a->line < b->line;
	/* Nobody knows any: a table is where rows are alike. */
	if ((a->even && a->cells > 1) != (b->even && b->cells > 1))
		return a->even && a->cells > 1;
	if (a->delim == b->delim)
		return b->cells < 2 && a->cells > 1;
	return a->cells > b->cells;
}

/* The cells of a row; 0: it cannot be cut. */
static size_t
cut(struct look *l, struct str row, size_t *known)
{
	const struct source_opts *o = &l->s->o;
	struct arena a = ARENA_INIT;
	size_t i, n;

	if (!csv_split_row(&l->form, row, &a, l->cell, COLUMNS_MAX, &n, NULL))
		n = 0;
	*known = 0;
	if (n != 0 && n <= COLUMNS_MAX && o->known != NULL) {
		for (i = 0; i < n; i++)
			l->cell[i] = str_trim(l->cell[i]);
		*known = o->known(o->arg, l->cell, n);
	}
	arena_release(&a);
	return n;
}

static void
settle(struct look *l, const struct header *h)
{
	if (h->found && is_better(h, &l->best))
		l->best = *h;
}

/* Bytes of the line end that stands at `at`. */
static size_t
eol_length(struct str text, size_t at)
{
	return text.p[at] == '\r' && at + 1 < text.n && text.p[at + 1] == '\n'
		   ? 2
		   : 1;
}

/* Tries the first rows, cut at a delimiter. */
static void
look_at(struct look *l, char delim, bool ended)
{
	struct header h = { .found = false }, last = h;
	size_t pos = 0, line = 1;

	l->form.delim = delim;
	while (pos < l->text.n && h.line <= SOURCE_PREAMBLE_MAX + 1) {
		struct str rest = str_sub(l->text, pos, l->text.n);
		struct csv_scan scan = CSV_SCAN_INIT;
		struct str row;

		if (csv_scan_row(&l->form, &scan, rest)) {
			scan.at += eol_length(rest, scan.at);
		} else if (!ended || scan.state == AT_QUOTED) {
			l->open = l->open || ended;
			break;
		}
		h = (struct header){ true, delim, pos, line, 0, 0, false };
		row = str_sub(rest, 0, scan.at);
		while (row.n > 0 &&
		       (row.p[row.n - 1] == '\n' || row.p[row.n - 1] == '\r'))
			row.n--;
		pos += scan.at;
		line += import_text_lines(str_sub(rest, 0, scan.at));
		if (is_blank(&l->form, row))
			continue;
		h.cells = cut(l, row, &h.known);
		last.even = last.cells == h.cells;
		settle(l, &last);
		last = h;
		last.found = h.cells != 0 && h.line <= SOURCE_PREAMBLE_MAX + 1;
	}
	settle(l, &last);
}

/* Settles the delimiter and which row is the header; *found. */
static int
find_header(struct source *s, struct header *best, struct err *err)
{
	static const char delims[] = { ',', ';', '\t', '|' };
	struct look l = { .s = s, .form = s->form };
	size_t i, want = FIRST_LOOK;

	l.cell = mem_alloc(COLUMNS_MAX * sizeof(*l.cell));
	for (;;) {
		bool ended;

		if (source_fetch(s, want, err) < 0)
			break;
		l.text = import_text_rest(&s->text);
		ended = s->text.eof;
		if (s->form.delim != '\0')
			look_at(&l, s->form.delim, ended);
		for (i = 0; s->form.delim == '\0' && i < sizeof(delims); i++)
			look_at(&l, delims[i], ended);
		if (l.best.found || ended || want > SOURCE_ROW_MAX)
			break;
		want = SOURCE_ROW_MAX + 1;
	}
	mem_free(l.cell);
	*best = l.best;
	if (err->status != 0 || best->found)
		return err->status != 0 ? -1 : 0;
	if (l.open)
		err_set(err, STATUS_DATA,
		    "a quote that opens in the header is never closed");
	else if (!s->text.eof)
		err_set(err, STATUS_DATA, "the header is longer than 10 MiB");
	else
		err_set(err, STATUS_DATA, "no header: the file is empty");
	return err_prefix(err, "%s", s->o.name);
}

/* ---- the header ---- */

/* Whether the last two columns are those of an earlier reject. */
static bool
is_mended(const struct source *s)
{
	size_t n = s->column.n;

	return n > 2 && str_eq(s->column.v[n - 2], STR("_line")) &&
	       str_eq(s->column.v[n - 1], STR("_error"));
}

static int
read_names(struct source *s, struct str row, struct err *err)
{
	struct str *cell = mem_alloc(COLUMNS_MAX * sizeof(*cell));
	size_t i, n;
	int rc = -1;

	if (!csv_split_row(&s->form, row, &s->own, cell, COLUMNS_MAX, &n, err))
		goto out;
	if (n > COLUMNS_MAX) {
		err_set(err, STATUS_DATA, "%zu columns, at most %d are read", n,
		    COLUMNS_MAX);
		goto out;
	}
	for (i = 0; i < n; i++)
		vec_push(&s->column, arena_str(&s->own, str_trim(cell[i])));
	s->ncells = n;
	s->mended = is_mended(s);
	if (s->mended)
		s->column.n -= 2;
	s->cell = mem_zero(n, sizeof(*s->cell));
	rc = 0;
out:
	mem_free(cell);
	return rc;
}

/* Bytes of a row before the columns of an earlier reject. */
static size_t own_length(const struct source *, struct str row);

static int
take_header(struct source *s, const struct header *h, struct err *err)
{
	struct csv_scan scan = CSV_SCAN_INIT;
	struct entry e = { .state = ENTRY_ROW };
	struct str rest, row, raw;
	size_t eol = 0;
	int rc;

	(void)import_text_take(&s->text, h->at);
	s->form.delim = h->delim;
	e.line = s->text.line;
	s->header_line = (size_t)e.line;
	rest = import_text_rest(&s->text);
	if (csv_scan_row(&s->form, &scan, rest))
		eol = eol_length(rest, scan.at);
	row = str_sub(rest, 0, scan.at);
	s->eol = eol == 0 ? STR("\n")
			  : arena_str(&s->own, str_sub(rest, scan.at, eol));
	rc = read_names(s, row, err);
	if (rc == 0) {
		row.n = own_length(s, row);
		raw = source_take_row(s, row.n, &e);
		s->header = arena_str(&s->own, raw);
		if (e.state == ENTRY_NO_TEXT)
			rc = source_no_text(s, &e, raw, err);
	}
	if (rc < 0)
		return err_prefix(err, "%s:%zu", s->o.name, (size_t)e.line);
	(void)import_text_take(&s->text, scan.at - row.n);
	(void)import_text_take(&s->text, eol);
	return 0;
}

/* ---- rows ---- */

/* Whether the row ends in what an earlier reject said of it, though it has not
 * as many cells as the header. */
static bool
has_complaint(const struct source *s, struct str row, size_t n)
{
	struct str tail, number, said = str_of(err_text(table_width));
	size_t at;

	if (n < 3)
		return false;
	at = csv_cells_length(&s->form, row, n - 2);
	tail = str_sub(row, at + 1, row.n);
	number = str_cut(&tail, s->form.delim);
	if (number.n == 0 || tail.p == NULL)
		return false;
	for (at = 0; at < number.n; at++)
		if (!ascii_digit((unsigned char)number.p[at]))
			return false;
	if (tail.n != 0 && tail.p[0] == '"')
		tail = str_sub(tail, 1, tail.n);
	said.n = str_find(said, '%');
	return str_starts(tail, said);
}

static size_t
own_length(const struct source *s, struct str row)
{
	size_t n;

	if (!s->mended)
		return row.n;
	n = csv_cells_count(&s->form, row);
	if (n == s->ncells || has_complaint(s, row, n))
		return csv_cells_length(&s->form, row, n - 2);
	return row.n;
}

/* Goes on to the end of a row of which enough was seen. */
static int
skip_row(struct source *s, struct csv_scan *scan, struct err *err)
{
	for (;;) {
		int got;

		scan->at = 0;
		if (csv_scan_row(&s->form, scan, import_text_rest(&s->text))) {
			(void)import_text_take(&s->text, scan->at);
			return 1;
		}
		(void)import_text_take(&s->text, scan->at);
		got = import_text_fill(&s->text, err);
		if (got <= 0)
			return got;
	}
}

/* Keeps what was seen of a row that is too long, or all that is left where it
 * has no end. */
static int
keep_alone(
    struct source *s, struct csv_scan *scan, struct entry *e, struct err *err)
{
	struct str rest = import_text_rest(&s->text);
	struct str raw = import_text_take(&s->text, rest.n);
	uint64_t at = spool_at(&s->rows);
	int more = 0;

	raw = str_sub(raw, 0, SOURCE_ROW_MAX);
	vec_push(&s->alone, (size_t)e->line);
	if (source_keep(s, e, STR_NONE, raw, err) < 0)
		return -1;
	if (e->state == ENTRY_LONG)
		more = skip_row(s, scan, err);
	if (more == 0 && scan->state == AT_QUOTED)
		s->open = at;
	return more;
}

/* The row at the front, with more fetched as it wants; then its line end. */
static int
read_row(struct source *s, struct err *err)
{
	struct csv_scan scan = CSV_SCAN_INIT;
	struct entry e = { .state = ENTRY_ROW, .line = s->text.line };
	struct str row, raw, rest = import_text_rest(&s->text);
	size_t own;

	while (!csv_scan_row(&s->form, &scan, rest)) {
		int got = 1;

		if (rest.n > SOURCE_ROW_MAX)
			e.state = ENTRY_LONG;
		else
			got = import_text_fill(&s->text, err);
		if (got < 0)
			return -1;
		if (got == 0 && scan.state == AT_QUOTED)
			e.state = ENTRY_OPEN;
		if (e.state != ENTRY_ROW)
			return keep_alone(s, &scan, &e, err);
		if (got == 0)
			break;
		rest = import_text_rest(&s->text);
	}
	row = str_sub(rest, 0, scan.at);
	if (row.n == 0 || is_blank(&s->form, row)) {
		(void)import_text_take(&s->text, row.n);
		return 1;
	}
	own = own_length(s, row);
	raw = source_take_row(s, own, &e);
	if (e.state == ENTRY_ROW &&
	    source_keep(s, &e, str_sub(row, 0, own), raw, err) < 0)
		return -1;
	if (e.state != ENTRY_ROW && source_keep(s, &e, STR_NONE, raw, err) < 0)
		return -1;
	(void)import_text_take(&s->text, row.n - own);
	return 1;
}

/* Takes a line end, which may come in two pieces: 1; 0: nothing follows. */
static int
read_eol(struct source *s, struct err *err)
{
	struct str rest = import_text_rest(&s->text);
	int got = 1;

	while (got > 0 && rest.n < 2) {
		got = import_text_fill(&s->text, err);
		rest = import_text_rest(&s->text);
	}
	if (got < 0)
		return -1;
	if (rest.n == 0)
		return 0;
	(void)import_text_take(&s->text, eol_length(rest, 0));
	return 1;
}

int
table_open(struct source *s, struct err *err)
{
	struct header h;
	int rc = 1;

	if (find_header(s, &h, err) < 0 || take_header(s, &h, err) < 0)
		return -1;
	/* The header's line end is gone; each row takes its own. */
	while (rc > 0 && source_fetch(s, 1, err) == 0 &&
	       import_text_rest(&s->text).n > 0) {
		rc = read_row(s, err);
		if (rc > 0)
			rc = read_eol(s, err);
	}
	return err->status != 0 ? -1 : 0;
}

enum source_state
table_cells(struct source *s, struct arena *a, struct str text,
    struct source_row *row, struct err *err)
{
	size_t i, n;

	if (!csv_split_row(&s->form, text, a, s->cell, s->column.n, &n, err))
		return SOURCE_BAD;
	if (n != s->column.n) {
		err_set(err, STATUS_DATA, n == 1 ? table_width_1 : table_width,
		    n, s->column.n);
		return SOURCE_BAD;
	}
	for (i = 0; i < n; i++)
		if (s->cell[i].n > SOURCE_CELL_MAX) {
			err_set(err, STATUS_DATA,
			    "column %zu: the cell is longer than 1 MiB", i + 1);
			return SOURCE_BAD;
		}
	row->cell = s->cell;
	row->n = n;
	return SOURCE_ROW;
}
