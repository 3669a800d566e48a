/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: whatever bytes stand in a store, reading them stays inside of
 * them. The first byte picks the reader; half of the inputs get a right
 * checksum, so that what lies behind it is reached.
 */
#include <stdint.h>
#include <stdlib.h>

#include "store/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char id[] = "0123456789abcdef";

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
inside(struct str part, struct str whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

/* What is read once must be read again from what it is written to. */
static void
again(const struct row *row, struct arena *a)
{
	struct buf out = BUF_INIT;
	struct rowview v;
	struct row got;
	struct err err = ERR_INIT;
	struct str key = str_n(row->id.b, ID_BYTES);

	row_encode(row, T_CONTACT, NULL, &out);
	must(rowview_open(&v, schema_builtin(), T_CONTACT, key, buf_str(&out),
		 &err) == 1);
	must(row_decode(&v, a, &got, NULL, NULL, &err) == 0);
	must(got.n == row->n && got.rev == row->rev && got.lsn == row->lsn &&
	     got.seq == row->seq && got.kind == row->kind);
	for (size_t i = 0; i < got.n; i++)
		must(str_eq(got.v[i].v, row->v[i].v) &&
		     got.v[i].no == row->v[i].no);
	buf_release(&out);
}

static void
record(struct str value)
{
	struct arena a = ARENA_INIT;
	struct buf key = BUF_INIT;
	struct rowview v;
	struct rowview_pos pos = { 0, 0, 0 };
	struct row row;
	struct err err = ERR_INIT;
	struct str s;
	size_t n;
	bool blob;

	if (rowview_open(&v, schema_builtin(), T_CONTACT, str_n(id, ID_BYTES),
		value, &err) < 0) {
		must(err.status == STATUS_IO);
		return;
	}
	(void)rowview_places(&v); /* any number will do */
	for (unsigned no = 1; no < 20; no++) {
		pos = (struct rowview_pos){ 0, 0, 0 };
		while (rowview_next(&v, no, &pos, &s, &blob))
			must(s.n > 0 && inside(s, value));
	}
	must(row_decode(&v, &a, &row, NULL, &n, &err) == 0);
	must(row.n == v.n && n <= row.n);
	for (size_t i = 0; i < row.n; i++) {
		must(inside(row.v[i].v, value));
		if (row.v[i].f != NULL)
			(void)key_value(&key, row.v[i].f, row.v[i].v,
			    rowview_places(&v), &a); /* the same */
	}
	again(&row, &a);
	buf_release(&key);
	arena_release(&a);
}

static void
timeline(struct str bytes)
{
	struct tl_row row;
	struct buf b = BUF_INIT;
	struct id rec;
	int64_t ms;
	struct str key = str_sub(bytes, 0, TL_KEY);

	buf_adds(&b, str_sub(bytes, TL_KEY, 16));
	crc_add(T_TL, key, &b);
	(void)tl_decode(key, buf_str(&b), &row, &ms, &rec); /* no crash */
	(void)tl_decode(key, str_sub(bytes, TL_KEY, bytes.n), &row, &ms, &rec);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_n(data, size);
	struct buf b = BUF_INIT;

	if (size < 1)
		return 0;
	in = str_sub(in, 1, size);
	switch (data[0] & 3) {
	case 0:
		record(in);
		break;
	case 1:
		timeline(in);
		break;
	default:
		buf_adds(&b, in);
		crc_add(T_CONTACT, str_n(id, ID_BYTES), &b);
		record(buf_str(&b));
		break;
	}
	buf_release(&b);
	return 0;
}
