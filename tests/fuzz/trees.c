/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a store whose rows are not as we write them, their checksums
 * right or not. Reading, checking and mending it ends with an answer or with
 * a refusal. The input is a list of changes, each: what is done to which tree
 * (a byte each), to which row (2), from which byte on (1), with how many bytes
 * (1), and those.
 */
#include "fuzz_store.h"

#include "store/codec.h"
#include "store/db_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 4096, HEAD = 6, CRC = 4, PATCHES_MAX = 16 };
enum { REPLACE, REPLACE_BAD, CUT, INSERT, REMOVE, KEY, ACTIONS };

struct raw_row {
	enum tree tree;
	struct str k, v;
};

/* The good store, made once. */
static struct raw_row good[ROWS_MAX];
static size_t ngood, first_of[TREES + 1];
static struct arena kept;

static const struct db_opts opts = { .url = "mem:",
	.flags = OPEN_WRITE | OPEN_CREATE,
	.lock_ms = 100,
	.clock = &fuzz_clock,
	.prog = "fuzz" };

static int
take_rows(struct tx *tx, void *arg)
{
	const struct driver *d = &driver_mem;
	struct cur *c = NULL;
	struct kv kv;

	(void)arg;
	for (int t = 0; t < TREES; t++) {
		first_of[t] = ngood;
		must(d->range(tx, (enum tree)t, STR(""), STR_NONE, 0, &c) == 0);
		while (d->next(c, &kv, 1) == 1) {
			must(ngood < ROWS_MAX);
			good[ngood].tree = (enum tree)t;
			good[ngood].k = arena_str(&kept, kv.k);
			good[ngood++].v = arena_str(&kept, kv.v);
		}
		d->end(&c);
	}
	first_of[TREES] = ngood;
	return 0;
}

static void
make_good(void)
{
	struct err err = ERR_INIT;
	struct db *db = NULL;

	fuzz_clock.zone = zone_get("UTC");
	must(db_open(&db, &opts, &err) == 0);
	fuzz_fill(db);
	must(driver_mem.run(db->store, TX_READ, take_rows, NULL, &err) == 0);
	db_close(&db);
}

/* ---- changes ---- */

struct patch {
	unsigned action;
	size_t at;
	struct str bytes;
};

static struct str
with_checksum(const struct raw_row *row, struct str value, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str out;

	buf_adds(&b, value);
	crc_add(row->tree, row->k, &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static struct str
spliced(struct str s, size_t from, size_t to, struct str bytes, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str out;

	buf_adds(&b, str_sub(s, 0, from));
	buf_adds(&b, bytes);
	buf_adds(&b, str_sub(s, to, s.n));
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void
apply(struct raw_row *row, const struct patch *c, struct arena *a)
{
	struct str body =
	    str_sub(row->v, 0, row->v.n > CRC ? row->v.n - CRC : row->v.n);
	size_t at = c->at > body.n ? body.n : c->at;
	size_t end = at + c->bytes.n > body.n ? body.n : at + c->bytes.n;

	switch (c->action) {
	case REPLACE:
		row->v =
		    with_checksum(row, spliced(body, at, end, c->bytes, a), a);
		break;
	case REPLACE_BAD:
		row->v = spliced(row->v, at, end, c->bytes, a);
		break;
	case CUT:
		row->v = with_checksum(row, str_sub(body, 0, at), a);
		break;
	case INSERT:
		row->v =
		    with_checksum(row, spliced(body, at, at, c->bytes, a), a);
		break;
	case REMOVE:
		row->k = STR_NONE;
		break;
	case KEY:
		at = c->at % (row->k.n + 1);
		end = at + c->bytes.n > row->k.n ? row->k.n : at + c->bytes.n;
		row->k = spliced(row->k, at, end, c->bytes, a);
		row->k = str_sub(row->k, 0, STORE_KEY_MAX);
		row->v = with_checksum(row, body, a);
		break;
	}
}

static struct str
apply_next(struct raw_row *rows, struct str in, struct arena *a)
{
	const unsigned char *p = (const unsigned char *)in.p;
	unsigned t = p[1] % TREES;
	size_t n = first_of[t + 1] - first_of[t];
	struct patch c = { p[0] % ACTIONS, p[4],
		str_sub(in, HEAD, HEAD + p[5]) };

	if (n != 0) {
		struct raw_row *row =
		    &rows[first_of[t] + ((size_t)p[2] << 8 | p[3]) % n];

		if (row->k.n > 0)
			apply(row, &c, a);
	}
	return str_sub(in, HEAD + p[5], in.n);
}

static int
put_rows(struct tx *tx, void *arg)
{
	const struct raw_row *rows = arg;
	size_t clash;

	for (size_t i = 0; i < ngood; i++) {
		struct kv kv = { rows[i].k, rows[i].v };

		if (kv.k.n > 0)
			must(driver_mem.put(
				 tx, rows[i].tree, 1, &kv, 0, &clash) == 0);
	}
	return 0;
}

/* ---- */

/* A write into a damaged store, and its mending, end too. */
static void
write_to(struct db *db)
{
	struct err err = ERR_INIT;
	size_t faults = 0;

	fuzz_judge(fuzz_add(db,
		       STR("kind:contact\temail:ana@acme.es\tname:Ana"
			   "\tphone:+34600000000\tcompany:Acme SL"),
		       "email", &err),
	    &err);
	err_clear(&err);
	fuzz_judge(db_check(db, true, true, fuzz_fault, fuzz_progress, &faults,
		       &err) < 0
		       ? -1
		       : 0,
	    &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct raw_row rows[ROWS_MAX];
	struct str in = str_n(data, size);
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct db *db = NULL;

	if (ngood == 0)
		make_good();
	memcpy(rows, good, sizeof(*rows) * ngood);
	for (int i = 0; i < PATCHES_MAX && in.n >= HEAD; i++)
		in = apply_next(rows, in, &a);
	must(db_open(&db, &opts, &err) == 0);
	must(driver_mem.run(db->store, TX_WRITE, put_rows, rows, &err) == 0);
	fuzz_read(db);
	write_to(db);
	fuzz_read(db);
	db_close(&db);
	arena_release(&a);
	return 0;
}
