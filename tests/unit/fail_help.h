/* SPDX-License-Identifier: MIT */
/*
 * A store in memory whose driver fails at its nth call, and a print of all
 * that stands in it. Each test file that includes this header uses both.
 */
#ifndef TESTS_UNIT_FAIL_HELP_H
#define TESTS_UNIT_FAIL_HELP_H

#include "store_help.h"
#include "base/hash.h"
#include "store/db_internal.h"

/* ---- a driver that fails at its nth call ---- */

static struct driver failing; /* driver_mem, but for the calls below */
static long calls, fail_at;
static bool fired;

static inline bool
fails(struct tx *tx)
{
	if (++calls != fail_at)
		return false;
	fired = true;
	(void)err_set(tx_err(tx), STATUS_IO, "call %ld failed", fail_at);
	return true;
}

static inline int
fail_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	return fails(tx) ? -1 : driver_mem.get(tx, t, n, k, v);
}

static inline int
fail_put(struct tx *tx, enum tree t, size_t n, const struct kv *kv,
    unsigned flags, size_t *clash)
{
	return fails(tx) ? -1 : driver_mem.put(tx, t, n, kv, flags, clash);
}

static inline int
fail_del(struct tx *tx, enum tree t, size_t n, const struct str *k)
{
	return fails(tx) ? -1 : driver_mem.del(tx, t, n, k);
}

static inline int
fail_del_range(struct tx *tx, enum tree t, struct str lo, struct str hi)
{
	return fails(tx) ? -1 : driver_mem.del_range(tx, t, lo, hi);
}

static inline int
fail_range(struct tx *tx, enum tree t, struct str lo, struct str hi,
    unsigned flags, struct cur **cur)
{
	*cur = NULL;
	return fails(tx) ? -1 : driver_mem.range(tx, t, lo, hi, flags, cur);
}

/* A cursor does not tell its transaction: there is one at a time. */
static struct tx *cursor_tx;

static inline int
fail_next(struct cur *cur, struct kv *kv, size_t max)
{
	if (cursor_tx != NULL && fails(cursor_tx))
		return -1;
	return driver_mem.next(cur, kv, max);
}

static inline void
arm(struct help *h, long at)
{
	if (failing.get == NULL) {
		failing = driver_mem;
		failing.get = fail_get;
		failing.put = fail_put;
		failing.del = fail_del;
		failing.del_range = fail_del_range;
		failing.range = fail_range;
		failing.next = fail_next;
	}
	h->db->driver = &failing;
	calls = 0;
	fail_at = at;
	fired = false;
	cursor_tx = NULL;
}

static inline void
disarm(struct help *h)
{
	h->db->driver = &driver_mem;
	cursor_tx = NULL;
}

/* ---- all that stands in the store ---- */

static inline int
print_fn(struct tx *tx, void *arg)
{
	struct cur *cur = NULL;
	uint64_t *sum = arg;
	struct kv kv[16];
	int t, i, n;

	*sum = 1;
	for (t = 0; t < TREES; t++) {
		ck_assert_int_eq(driver_mem.range(tx, (enum tree)t, STR("\0"),
				     STR_NONE, 0, &cur),
		    0);
		while ((n = driver_mem.next(cur, kv, 16)) > 0)
			for (i = 0; i < n; i++) {
				*sum = hash_bytes(kv[i].k.p, kv[i].k.n, *sum);
				*sum = hash_bytes(kv[i].v.p, kv[i].v.n, *sum);
			}
		ck_assert_int_eq(n, 0);
		driver_mem.end(&cur);
	}
	return 0;
}

static inline uint64_t
print_of(struct help *h)
{
	uint64_t sum;

	ok(driver_mem.run(h->db->store, TX_READ, print_fn, &sum, &err));
	return sum;
}

#endif
