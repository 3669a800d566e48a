/* SPDX-License-Identifier: MIT */
/*
 * Calendars: whatever comes in, what is written of it reads as the same again,
 * and a file that says what the record says stays byte for byte.
 */
#include "format_fuzz.h"

#include "format/ical_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct clock noon = { 1772442000000, NULL };

/* The first record of a calendar; false: none. */
static bool
read_one(struct str text, struct arena *a, struct rec *out)
{
	struct reader_opts o = { .format = "ical", .schema = schema_builtin() };
	struct fuzz_feed f = { (const uint8_t *)text.p, text.n, 4096 };
	struct reader *r = NULL;
	struct err err = ERR_INIT;
	struct rec rec;
	enum read_state st;

	if (reader_open(&r, &o, fuzz_input, &f, &err) < 0)
		abort();
	do {
		err_clear(&err);
		st = reader_next(r, a, &rec, &err);
	} while (st == READ_BAD);
	if (st == READ_REC)
		rec_copy(out, &rec, a);
	reader_close(&r);
	return st == READ_REC;
}

static void
put_into(struct buf *out, const struct rec *rec, struct str was)
{
	struct err err = ERR_INIT;

	if (ical_put(out, rec, schema_builtin(), &noon, was, &err) < 0 &&
	    was.n == 0)
		abort(); /* a file may be broken, a new one is not */
}

/* Whether a store would take all of it: no text of one has control characters,
 * which are dropped on output. */
static bool
is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] < ' ' && p[i] != '\n' && p[i] != '\r') ||
		    p[i] >= 0x7F)
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct rec rec = REC_INIT, again = REC_INIT;
	struct buf first = BUF_INIT, second = BUF_INIT;

	fuzz_reader("ical", data, size);
	if (size > 0 && read_one(str_n(data + 1, size - 1), &a, &rec)) {
		put_into(&second, &rec, str_n(data + 1, size - 1));
		buf_clear(&second);
		put_into(&first, &rec, STR_NONE);
		if (!read_one(buf_str(&first), &a, &again))
			abort();
		put_into(&second, &again, STR_NONE);
		if (is_text(data + 1, size - 1) &&
		    !str_eq(buf_str(&first), buf_str(&second)))
			abort();
		buf_clear(&second);
		put_into(&second, &again, buf_str(&first));
		if (is_text(data + 1, size - 1) &&
		    !str_eq(buf_str(&first), buf_str(&second)))
			abort();
	}
	buf_release(&first);
	buf_release(&second);
	arena_release(&a);
	return 0;
}
