/* SPDX-License-Identifier: MIT */
/* vCards: read, written, read and written again; and laid over themselves,
 * which changes nothing. */
#include "format_fuzz.h"

#include "base/utf8.h"
#include "format/vcard.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first record of a stream; false: there is none. */
static bool
first_record(struct str text, struct arena *a, struct rec *rec)
{
	struct reader_opts o = { .format = "vcard",
		.schema = schema_builtin() };
	struct fuzz_feed f = { (const uint8_t *)text.p, text.n, 4096 };
	struct reader *r = NULL;
	struct err err = ERR_INIT;
	struct rec got;
	enum read_state st;

	must(reader_open(&r, &o, fuzz_input, &f, &err) == 0);
	do {
		err_clear(&err);
		st = reader_next(r, a, &got, &err);
	} while (st == READ_BAD);
	if (st == READ_REC)
		rec_copy(rec, &got, a);
	reader_close(&r);
	return st == READ_REC;
}

/* Control characters are in no card that we write. */
static bool
is_text(const struct rec *rec)
{
	size_t i;

	for (i = 0; i < rec->n; i++)
		if (utf8_control(rec->v[i].value) < rec->v[i].value.n)
			return false;
	return true;
}

static void
round_trip(struct str text)
{
	struct arena a = ARENA_INIT;
	struct buf once = BUF_INIT, twice = BUF_INIT, file = BUF_INIT;
	struct err err = ERR_INIT;
	struct rec one, two;

	if (first_record(text, &a, &one) && is_text(&one)) {
		must(vcard_put(&once, &one, schema_builtin(), VCARD_4, STR_NONE,
			 &err) == 0);
		must(first_record(buf_str(&once), &a, &two));
		must(vcard_put(&twice, &two, schema_builtin(), VCARD_4,
			 STR_NONE, &err) == 0);
		/* Whether it is the same card the unit tests ask, of cards
		 * that name nobody twice. */
		must(vcard_put(&file, &one, schema_builtin(), VCARD_AS_IS, text,
			 &err) == 0);
	}
	buf_release(&once);
	buf_release(&twice);
	buf_release(&file);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reader("vcard", data, size);
	if (size > 0)
		round_trip(str_n(data + 1, size - 1));
	return 0;
}
