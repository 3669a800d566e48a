/* SPDX-License-Identifier: MIT */
/* Foreign tables: the first byte chooses options, the rest is the file. */
#include <stdint.h>
#include <string.h>

#include "crm/import_guess.h"
#include "crm/import_source.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
	struct str text;
	size_t step;
};

static long
feed_input(void *arg, char *p, size_t n, struct err *err)
{
	struct feed *f = arg;

	(void)err;
	if (n > f->step)
		n = f->step;
	if (n > f->text.n)
		n = f->text.n;
	if (n != 0)
		memcpy(p, f->text.p, n);
	f->text = str_sub(f->text, n, f->text.n);
	return (long)n;
}

static size_t
known(void *arg, const struct str *cell, size_t n)
{
	size_t i, count = 0;

	(void)arg;
	for (i = 0; i < n; i++)
		count += str_ieq(cell[i], STR("name")) ||
			 str_ieq(cell[i], STR("email"));
	return count;
}

/* Reads a cell as all that it could be. */
static void
guess_all(struct guess *g, struct str cell, size_t line, struct arena *a)
{
	struct str out, currency;
	struct err err = ERR_INIT;

	guess_see_date(g, cell, line);
	guess_see_number(g, cell, line);
	must((guess_date(g, cell, NULL, a, &out, &err) < 0) ==
	     (err.status != 0));
	err_clear(&err);
	must((guess_number(g, cell, a, &out, &err) < 0) == (err.status != 0));
	err_clear(&err);
	must((guess_money(g, cell, NULL, a, &out, &currency, &err) < 0) ==
	     (err.status != 0));
	(void)guess_country(cell);
}

static void
settle(struct guess *g)
{
	struct buf note = BUF_INIT;
	struct err err = ERR_INIT;

	must(
	    (guess_settle_dates(g, "x", &note, &err) < 0) == (err.status != 0));
	err_clear(&err);
	must((guess_settle_numbers(g, "x", &err) < 0) == (err.status != 0));
	buf_release(&note);
}

/* Appends the rows as text; their rejects where asked. Whether all are good. */
static bool
read_rows(struct str text, size_t step, struct source_opts *o, struct buf *out,
    struct buf *rejects)
{
	struct feed f = { text, step };
	struct source *s = NULL;
	struct source_row row;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct guess g;
	enum source_state st;
	bool good = true;
	size_t i, n, rows = 0;

	memset(&g, 0, sizeof(g));
	if (source_open(&s, o, feed_input, &f, &err) < 0) {
		must(err.status != 0 && s == NULL);
		buf_addz(out, err.msg);
		return false;
	}
	must(err.status == 0);
	(void)source_columns(s, &n);
	while ((st = source_next(s, &a, &row, &err)) != SOURCE_END) {
		must(st != SOURCE_ERR);
		must((st == SOURCE_BAD) == (err.status != 0));
		good = good && st == SOURCE_ROW;
		rows += !row.same;
		if (rejects != NULL)
			source_reject(
			    s, row.raw, row.line, STR("no \"good\""), rejects);
		buf_addf(out, "\n%d %s", st, row.same ? "same" : "");
		must(st == SOURCE_BAD || row.n == n);
		for (i = 0; st == SOURCE_ROW && i < n; i++) {
			must(row.cell[i].n <= SOURCE_CELL_MAX * 3);
			buf_addc(out, '|');
			buf_adds(out, row.cell[i]);
			if (rejects != NULL)
				guess_all(&g, row.cell[i], row.line, &a);
		}
		err_clear(&err);
		arena_clear(&a);
	}
	must(rows == source_rows(s));
	/* A preamble, which a reject has not, told it from JSON. */
	o->format = source_format(s);
	settle(&g);
	source_close(&s);
	arena_release(&a);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const encodings[] = { NULL, "windows-1252",
		"UTF-16LE", "SHIFT_JIS" };
	static const char *const formats[] = { NULL, "csv", "tsv", "json" };
	struct source_opts o = { .name = "f" }, cuts;
	struct buf whole = BUF_INIT, cut = BUF_INIT, rejects = BUF_INIT;
	struct str text;
	uint8_t how;
	bool good;

	if (size == 0)
		return 0;
	how = *data;
	text = str_n(data + 1, size - 1);
	o.format = formats[how & 3];
	o.encoding = encodings[how >> 2 & 3];
	o.delim = (how & 16) != 0 ? ';' : '\0';
	o.known = (how & 32) != 0 ? known : NULL;
	cuts = o;
	good = read_rows(text, 1 << 20, &o, &whole, &rejects);
	(void)read_rows(text, 1 + (size_t)(how >> 6) * 2, &cuts, &cut, NULL);
	must(str_eq(buf_str(&whole), buf_str(&cut)));
	/* What is refused for reasons of others is a source again. */
	if (good && rejects.n != 0 && o.delim != '\0' && o.encoding == NULL) {
		buf_clear(&cut);
		o.known = NULL;
		must(read_rows(buf_str(&rejects), 7, &o, &cut, NULL));
		must(str_eq(buf_str(&whole), buf_str(&cut)));
	}
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&rejects);
	return 0;
}
