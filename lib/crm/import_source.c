/* SPDX-License-Identifier: MIT */
#include "crm/import_source.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "crm/import_source_int.h"

/* ---- keeping ---- */

int
source_fetch(struct source *s, size_t n, struct err *err)
{
	int got = 1;

	while (got > 0 && s->text.text.end - s->text.text.pos < n)
		got = import_text_fill(&s->text, err);
	return got < 0 ? -1 : 0;
}

struct str
source_take_row(struct source *s, size_t n, struct entry *e)
{
	struct str text = str_sub(import_text_rest(&s->text), 0, n);
	size_t at = utf8_check(text);
	const char *nul;
	struct str raw, rest;

	nul = n != 0 ? memchr(text.p, '\0', at) : NULL;
	if (nul != NULL)
		at = (size_t)(nul - text.p);
	raw = import_text_take(&s->text, at);
	if (at == n)
		return raw;
	e->state = ENTRY_NO_TEXT;
	e->bad = raw.n + 1;
	rest = import_text_take(&s->text, n - at);
	return str_n(raw.p, raw.n + rest.n);
}

int
source_keep(struct source *s, const struct entry *from, struct str text,
    struct str raw, struct err *err)
{
	struct entry e = *from;
	bool whole = text.p != NULL && s->text.converts;

	e.text_n = text.p != NULL ? text.n : raw.n;
	e.raw_n = whole ? raw.n : 0;
	s->nrows++;
	if (spool_add(&s->rows, &e, sizeof(e), err) < 0)
		return -1;
	if (!whole)
		return spool_add(&s->rows, raw.p, raw.n, err);
	buf_clear(&s->entry);
	buf_adds(&s->entry, text);
	buf_adds(&s->entry, raw);
	return spool_add(&s->rows, s->entry.p, s->entry.n, err);
}

int
source_no_text(const struct source *s, const struct entry *e, struct str raw,
    struct err *err)
{
	size_t at = (size_t)e->bad;
	unsigned byte = (unsigned char)raw.p[at - 1];

	if (s->text.encoding != NULL)
		return err_set(err, STATUS_DATA, "byte %zu: \\x%02x is no %s",
		    at, byte, s->text.encoding);
	if (byte == 0)
		return err_set(err, STATUS_DATA,
		    "byte %zu: a NUL stands in no text; "
		    "try --encoding=utf-16le",
		    at);
	return err_set(err, STATUS_DATA,
	    "byte %zu: \\x%02x is no UTF-8; try --encoding=windows-1252", at,
	    byte);
}

/* ---- opening ---- */

/* JSON by its first bytes that are no blanks. */
static int
find_format(struct source *s, struct err *err)
{
	struct str rest;
	const char *format = s->o.format;
	size_t want = 1;

	s->form = (struct csv_form){ s->o.delim, true, true };
	if (format != NULL) {
		s->json = strcmp(format, "json") == 0;
		s->form.quotes = strcmp(format, "tsv") != 0;
		if (!s->form.quotes && s->form.delim == '\0')
			s->form.delim = '\t';
		return 0;
	}
	do {
		if (source_fetch(s, want, err) < 0)
			return -1;
		rest = str_trim(import_text_rest(&s->text));
		want = s->text.text.end - s->text.text.pos + 1;
	} while (rest.n == 0 && !s->text.eof && want < SOURCE_CELL_MAX);
	s->json = rest.n != 0 && (rest.p[0] == '{' || rest.p[0] == '[');
	return 0;
}

int
source_open(struct source **out, const struct source_opts *o,
    source_read_fn *fn, void *arg, struct err *err)
{
	struct source *s = mem_zero(1, sizeof(*s));
	int rc;

	s->o = *o;
	s->open = NO_PLACE;
	s->to = NO_ICONV;
	arena_init(&s->own);
	buf_init(&s->entry);
	spool_init(&s->rows, o->spool_dir);
	rc = import_text_open(&s->text, o->encoding, fn, arg, err);
	if (rc == 0)
		rc = find_format(s, err);
	if (rc == 0)
		rc = s->json ? source_json_open(s, err) : table_open(s, err);
	if (rc < 0)
		source_close(&s);
	*out = s;
	return rc;
}

void
source_close(struct source **sp)
{
	struct source *s = *sp;

	if (s == NULL)
		return;
	source_json_close(s);
	import_text_close(&s->text);
	if (s->to != NO_ICONV)
		(void)iconv_close(s->to); /* nothing is lost with it */
	spool_release(&s->rows);
	buf_release(&s->entry);
	arena_release(&s->own);
	vec_release(&s->column);
	vec_release(&s->alone);
	mem_free(s->cell);
	mem_free(s);
	*sp = NULL;
}

const struct str *
source_columns(const struct source *s, size_t *n)
{
	*n = s->column.n;
	return s->column.v;
}

size_t
source_header_line(const struct source *s)
{
	return s->header_line;
}

const char *
source_format(const struct source *s)
{
	return s->json ? "json" : s->form.quotes ? "csv" : "tsv";
}

size_t
source_rows(const struct source *s)
{
	return s->nrows;
}

/* ---- reading ---- */

void
source_rewind(struct source *s)
{
	s->at = 0;
	if (s->j != NULL)
		source_json_rewind(s);
}

static enum source_state
refuse(const struct source *s, const struct entry *e, uint64_t at,
    struct str raw, struct err *err)
{
	if (at == s->open)
		err_set(err, STATUS_DATA, "%s",
		    s->json ? err_text("from here on this is no JSON")
			    : err_text("a quote that opens in this row is "
				       "never closed"));
	if (at == s->open && e->state == ENTRY_LONG)
		err_add(err, "; its first 10 MiB are kept");
	else if (e->state == ENTRY_LONG)
		err_set(err, STATUS_DATA, "the row is longer than 10 MiB");
	else if (e->state == ENTRY_NO_TEXT)
		(void)source_no_text(s, e, raw, err);
	return SOURCE_BAD;
}

enum source_state
source_next(
    struct source *s, struct arena *a, struct source_row *row, struct err *err)
{
	uint64_t at = s->at;
	struct entry e;
	struct str v;

	memset(row, 0, sizeof(*row));
	if (s->j != NULL && source_json_more(s, row))
		return SOURCE_ROW;
	if (at == spool_at(&s->rows))
		return SOURCE_END;
	if (spool_get(&s->rows, at, sizeof(e), &v, err) < 0)
		return SOURCE_ERR;
	memcpy(&e, v.p, sizeof(e));
	at += sizeof(e);
	if (spool_get(&s->rows, at, (size_t)(e.text_n + e.raw_n), &v, err) < 0)
		return SOURCE_ERR;
	at += e.text_n + e.raw_n;
	row->line = (size_t)e.line;
	row->raw = e.raw_n != 0 ? str_sub(v, (size_t)e.text_n, v.n) : v;
	v.n = (size_t)e.text_n;
	if (e.state != ENTRY_ROW)
		(void)refuse(s, &e, s->at, row->raw, err);
	s->at = at;
	if (e.state != ENTRY_ROW)
		return SOURCE_BAD;
	return s->json ? source_json_cells(s, v, row, err)
		       : table_cells(s, a, v, row, err);
}
