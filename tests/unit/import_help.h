/* SPDX-License-Identifier: MIT */
/* Tables out of memory, and the lines that a map makes of them as text. */
#ifndef TESTS_UNIT_IMPORT_HELP_H
#define TESTS_UNIT_IMPORT_HELP_H

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "crm/import_map.h"

struct import_bytes {
	struct str left;
};

static long
import_feed(void *arg, char *p, size_t n, struct err *err)
{
	struct import_bytes *b = arg;

	(void)err;
	n = n < b->left.n ? n : b->left.n;
	if (n)
		memcpy(p, b->left.p, n);
	b->left = str_sub(b->left, n, b->left.n);
	return (long)n;
}

static void
import_put_line(struct buf *out, const struct import_line *l)
{
	buf_addf(out, "%zu%s ", l->rec.line, l->how.absent ? "+" : "");
	for (size_t i = 0; i < l->rec.n; i++) {
		buf_addz(out, i ? "|" : "");
		buf_adds(out, l->rec.v[i].label);
		buf_addc(out, ':');
		escape_into(l->rec.v[i].value, out);
	}
	for (size_t i = 0; i < l->nconsents; i++) {
		const struct batch_consent *c = &l->consent[i];

		buf_addf(out, " <%s %s %s %s>", c->channel, c->state,
		    c->wording ? c->wording : "-", c->source);
	}
	buf_addc(out, '\n');
}

static void
import_put_warning(void *arg, const char *text)
{
	buf_addf(arg, "warning %s\n", text);
}

static void
import_put_unmapped(void *arg, struct str column, size_t values)
{
	struct buf *out = arg;

	buf_addz(out, "unmapped ");
	buf_adds(out, column);
	buf_addf(out, " %zu\n", values);
}

static void
import_put_skipped(
    void *arg, const char *why, size_t rows, const struct import_where *at)
{
	ck_assert_uint_gt(at->n, 0);
	ck_assert_uint_le(at->n, rows);
	buf_addf(arg, "skipped %s %zu\n", why, rows);
}

/* A line for each line that the table gives: number, `+` where it only makes
 * a record, fields; then what was left out. */
static void
import_dump(const struct import_map *m, struct str table,
    const struct import_opts *said, struct buf *out)
{
	struct import_bytes bytes = { table };
	struct source_opts so = { .encoding = import_map_encoding(m),
		.delim = import_map_delim(m),
		.known = import_map_known,
		.name = "t" };
	struct import_opts opts = *said;
	struct arena a = ARENA_INIT;
	struct import_item item;
	struct import *im = NULL;
	struct source *src = NULL;
	struct err err = ERR_INIT;
	enum source_state st = SOURCE_ROW;
	const void *map = m;

	/* The map is only read. */
	memcpy(&so.arg, &map, sizeof(map));
	opts.name = "t";
	opts.zone = opts.zone ? opts.zone : zone_get("UTC");
	opts.warn = opts.note = import_put_warning;
	opts.arg = out;
	if (source_open(&src, &so, import_feed, &bytes, &err) < 0 ||
	    import_open(&im, m, src, &opts, &err) < 0)
		st = SOURCE_ERR;
	while (st != SOURCE_END && st != SOURCE_ERR) {
		arena_clear(&a);
		err_clear(&err);
		st = import_next(im, &a, &item, &err);
		if (st == SOURCE_BAD)
			buf_addf(out, "bad %zu (%zu): %s\n", item.number,
			    item.nraw, err.msg);
		for (size_t i = 0; st == SOURCE_ROW && i < item.n; i++)
			import_put_line(out, &item.line[i]);
	}
	if (st == SOURCE_ERR) {
		buf_addf(out, "error %d %s\n", err.status, err.msg);
	} else {
		import_unmapped(im, import_put_unmapped, out);
		import_skipped(im, import_put_skipped, out);
	}
	import_close(&im);
	source_close(&src);
	arena_release(&a);
}

#endif
