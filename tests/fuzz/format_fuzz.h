/* SPDX-License-Identifier: MIT */
/* What the targets of the readers share: bytes go in in small pieces, each
 * record goes out in every format, each refused one to a reject file. */
#ifndef TESTS_FUZZ_FORMAT_FUZZ_H
#define TESTS_FUZZ_FORMAT_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"

struct fuzz_feed {
	const uint8_t *p;
	size_t n, step;
};

static long
fuzz_input(void *arg, char *p, size_t n, struct err *err)
{
	struct fuzz_feed *f = arg;

	(void)err;
	if (n > f->step)
		n = f->step;
	if (n > f->n)
		n = f->n;
	if (n != 0)
		memcpy(p, f->p, n);
	f->p += n;
	f->n -= n;
	return (long)n;
}

static void
fuzz_writers(const struct rec *rec, const struct reader_opts *o)
{
	static const char *const formats[] = { "ltsv", "json", "csv", "tsv",
		"yaml", "table", "template={{#name}}{{.}}{{/name}}" };
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct writer_opts wo = { .format = formats[i],
			.schema = o->schema,
			.all_fields = true,
			.width = 40,
			.utf8 = true };
		struct writer *w = NULL;
		struct err err = ERR_INIT;

		if (writer_open(&w, &wo, &err) < 0)
			abort();
		if (writer_put(w, rec, &out, &err) == 0 &&
		    writer_end(w, 0, &out, &err) < 0)
			abort();
		writer_close(&w);
	}
	buf_release(&out);
}

/* The first byte chooses options, the rest is the stream. */
static void
fuzz_reader(const char *format, const uint8_t *data, size_t size)
{
	struct reader_opts o = { .format = format, .max_line = 4096 };
	struct fuzz_feed f = { data, size, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct buf rejects = BUF_INIT;
	struct err err = ERR_INIT;
	struct rec rec;
	enum read_state st;
	size_t records = 0;
	uint8_t how = 0;

	if (size > 0) {
		how = *f.p++;
		f.n--;
	}
	o.schema = schema_builtin();
	o.strict = (how & 1) != 0;
	o.edit = (how & 2) != 0;
	o.null_records = (how & 4) != 0;
	o.ids_allowed = (how & 8) != 0;
	o.clear_empty = (how & 16) != 0;
	f.step = (how & 32) != 0 ? 3 : 4096;
	if (reader_open(&r, &o, fuzz_input, &f, &err) < 0)
		abort();
	do {
		err_clear(&err);
		arena_clear(&a);
		(void)reader_ready(r);
		st = reader_next(r, &a, &rec, &err);
		if ((st == READ_BAD || st == READ_ERR) != (err.status != 0))
			abort(); /* a refusal says why, nothing else does */
		if (st == READ_BAD)
			reader_reject(r, &rec, &err, &rejects);
		if (st == READ_REC && records++ < 8)
			fuzz_writers(&rec, &o);
	} while (st != READ_END && st != READ_ERR);
	reader_close(&r);
	buf_release(&rejects);
	arena_release(&a);
}

#endif
