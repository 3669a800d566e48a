/* SPDX-License-Identifier: MIT */
/*
 * For tests of readers and writers: text goes in a few bytes at a time, what
 * was read comes out as text that a test can compare.
 */
#ifndef TESTS_UNIT_FORMAT_HELP_H
#define TESTS_UNIT_FORMAT_HELP_H

#include <stdio.h>
#include <string.h>

#include "format/format.h"

struct feed {
	struct str text;
	size_t step; /* bytes at most a call */
	size_t calls;
	size_t fail_at; /* call that fails; 0 none */
};

static long
feed_input(void *arg, char *p, size_t n, struct err *err)
{
	struct feed *f = arg;

	if (++f->calls == f->fail_at)
		return err_set(err, STATUS_IO, "cannot read");
	if (n > f->step)
		n = f->step;
	if (n > f->text.n)
		n = f->text.n;
	if (n != 0)
		memcpy(p, f->text.p, n);
	f->text = str_sub(f->text, n, f->text.n);
	return (long)n;
}

/* `LINE label=value|label+=value`, `LINE bad: why`, `LINE end: why`,
 * `LINE handle: it`; a line each. */
static inline void
dump_state(enum read_state st, const struct rec *rec, const struct err *err,
    struct buf *out)
{
	static const char *const op[] = { "=", "+=", "-=" };
	size_t i;

	buf_addf(out, "%zu", rec->line);
	if (st == READ_BAD)
		buf_addf(out, " bad: %s", err->msg);
	else if (st == READ_ERR)
		buf_addf(out, " end: %s", err->msg);
	else if (st == READ_HANDLE)
		buf_addf(out, " handle: %.*s", STR_ARG(rec->raw));
	else
		for (i = 0; i < rec->n; i++) {
			buf_addc(out, i == 0 ? ' ' : '|');
			buf_adds(out, rec->v[i].label);
			buf_addz(out, op[rec->v[i].op]);
			buf_adds(out, rec->v[i].value);
		}
	buf_addc(out, '\n');
}

/* Reads text, `step` bytes at a time, into out; rejects go to `rejects`. */
static inline void
dump_step(struct str text, const struct reader_opts *o, size_t step,
    struct buf *out, struct buf *rejects)
{
	struct feed f = { text, step, 0, 0 };
	struct reader *r = NULL;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct rec rec;
	enum read_state st;

	ck_assert_int_eq(reader_open(&r, o, feed_input, &f, &err), 0);
	do {
		err_clear(&err);
		arena_clear(&a);
		st = reader_next(r, &a, &rec, &err);
		if (st != READ_END)
			dump_state(st, &rec, &err, out);
		if (st == READ_BAD || st == READ_ERR)
			ck_assert_int_eq(err.status, STATUS_DATA);
		if (st == READ_BAD && rejects != NULL)
			reader_reject(r, &rec, &err, rejects);
	} while (st != READ_END && st != READ_ERR);
	reader_close(&r);
	ck_assert_ptr_null(r);
	arena_release(&a);
}

/* The same for every size of step: what is read depends on none. */
static inline void
dump(struct str text, const struct reader_opts *o, struct buf *out,
    struct buf *rejects)
{
	static const size_t steps[] = { 1, 2, 7, 64 };
	struct buf again = BUF_INIT;
	size_t i;

	dump_step(text, o, text.n + 1, out, rejects);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (text.n > 100000 && steps[i] < 64)
			continue;
		buf_clear(&again);
		dump_step(text, o, steps[i], &again, NULL);
		ck_assert_str_eq(again.p, out->p);
	}
	buf_release(&again);
}

/* Reads text and compares what comes with want. */
static inline void
expect_read(const char *text, const struct reader_opts *o, const char *want)
{
	struct buf out = BUF_INIT;

	dump(str_of(text), o, &out, NULL);
	ck_assert_str_eq(out.p, want);
	buf_release(&out);
}

#endif
