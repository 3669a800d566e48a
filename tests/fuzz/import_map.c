/* SPDX-License-Identifier: MIT */
/*
 * A map, a line `%%`, a table: the map is read and, where it is one, applied;
 * the table drafts a map, which must read back.  Where there is no `%%` the
 * bytes are a table for the preset that their number picks.
 */
#include <stdint.h>

#include "crm/import_map.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
	struct str left;
};

static long
take(void *arg, char *p, size_t n, struct err *err)
{
	struct feed *f = arg;

	(void)err;
	n = n < f->left.n ? n : f->left.n;
	n = n < 61 ? n : 61;
	if (n)
		memcpy(p, f->left.p, n);
	f->left = str_sub(f->left, n, f->left.n);
	return (long)n;
}

static void
ignore(void *arg, const char *text)
{
	size_t *told = arg;

	*told += strlen(text);
}

static struct source *
open_table(struct import_map *m, struct str table, struct feed *f)
{
	struct source_opts so = { .name = "fuzz" };
	struct source *src = NULL;
	struct err err = ERR_INIT;

	f->left = table;
	if (m) {
		so.encoding = import_map_encoding(m);
		so.delim = import_map_delim(m);
		so.known = import_map_known;
		so.arg = m;
	}
	if (source_open(&src, &so, take, f, &err) < 0)
		source_close(&src);
	return src;
}

/* Every item has lines, or says why not; a refused one has its rows. */
static void
look_at(const struct import_item *item, enum source_state st)
{
	must(item->nraw > 0);
	if (st == SOURCE_BAD)
		return;
	must((item->n == 0) == (item->skipped != NULL));
	for (size_t i = 0; i < item->n; i++) {
		const struct import_line *l = &item->line[i];

		must(l->how.absent == (i + 1 < item->n));
		must(str_eqz(l->rec.v[0].label, "kind"));
		for (size_t k = 0; k < l->rec.n; k++)
			must(label_valid(l->rec.v[k].label));
	}
}

static void
apply(struct import_map *m, struct str table)
{
	size_t told = 0;
	struct import_opts opts = { .warn = ignore,
		.note = ignore,
		.arg = &told,
		.name = "fuzz",
		.consent = "yes",
		.keep_unknown = table.n % 2 };
	struct arena a = ARENA_INIT;
	struct import_item item;
	struct import *im = NULL;
	struct err err = ERR_INIT;
	struct feed f;
	struct source *src = open_table(m, table, &f);
	enum source_state st = SOURCE_ROW;

	if (!src || import_open(&im, m, src, &opts, &err) < 0)
		st = SOURCE_END;
	while (st == SOURCE_ROW || st == SOURCE_BAD) {
		arena_clear(&a);
		err_clear(&err);
		st = import_next(im, &a, &item, &err);
		if (st == SOURCE_ROW || st == SOURCE_BAD)
			look_at(&item, st);
	}
	import_close(&im);
	source_close(&src);
	arena_release(&a);
}

static void
draft(const char *kind, struct str table)
{
	struct buf out = BUF_INIT;
	struct import_map *m = NULL;
	struct err err = ERR_INIT;
	struct feed f;
	struct source *src = open_table(NULL, table, &f);

	if (src &&
	    import_map_draft(src, schema_builtin(), kind, &out, &err) == 0 &&
	    strstr(out.p, "columns:\n  ")) {
		must(import_map_read(&m, buf_str(&out), "draft",
			 schema_builtin(), &err) == 0);
		import_map_free(&m);
	}
	source_close(&src);
	buf_release(&out);
}

static void
try_map(struct str text, struct str table)
{
	struct import_map *m = NULL;
	struct err err = ERR_INIT;

	if (import_map_read(&m, text, "fuzz", schema_builtin(), &err) == 0)
		apply(m, table);
	import_map_free(&m);
}

static const struct preset *
preset_by(size_t n)
{
	size_t all = 0;

	while (presets[all].name)
		all++;
	return &presets[n % all];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = str_n(data, size), table;
	struct import_map *m;
	struct err err = ERR_INIT;
	size_t at = str_search(all, STR("\n%%\n"));

	table = at < all.n ? str_sub(all, at + 4, all.n) : all;
	if (at < all.n)
		try_map(str_sub(all, 0, at + 1), table);
	else
		try_map(str_of(preset_by(size)->text), table);
	if (import_map_fields(&m, schema_builtin(), NULL, &err) == 0)
		apply(m, table);
	import_map_free(&m);
	draft(NULL, table);
	draft("order", table);
	return 0;
}
