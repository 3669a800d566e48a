/* SPDX-License-Identifier: MIT */
/* meta suppressed/HEX: time 8, reason; meta suppressed.key: its mark. */
#include "store/suppressed.h"

#include <string.h>

#include "base/num.h"
#include "store/check_int.h"
#include "store/meta.h"

static const char prefix[] = "suppressed/";
enum {
	PREFIX = sizeof(prefix) - 1,
	HEX = 2 * PRINT_BYTES,
	KEY_MAX = PREFIX + HEX + 1,
	TIME = 8,
	REASON_MAX = 64,
};
static const char mark_key[] = "suppressed.key";
static const char erased_reason[] = SUPPRESSED_ERASED;

static void
print_key(const struct print *p, char out[KEY_MAX])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	memcpy(out, prefix, PREFIX);
	for (i = 0; i < PRINT_BYTES; i++) {
		out[PREFIX + 2 * i] = digits[p->b[i] >> 4];
		out[PREFIX + 2 * i + 1] = digits[p->b[i] & 15];
	}
	out[PREFIX + HEX] = '\0';
}

static int
fetch(const struct db *db, struct tx *tx, const struct print *p, struct str *v,
    struct err *err)
{
	char key[KEY_MAX];

	print_key(p, key);
	if (meta_get(db->driver, tx, key, v, err) != 0)
		return -1;
	if (v->p != NULL && v->n < TIME)
		return err_set(err, STATUS_IO, "meta %s: damaged", key);
	return v->p != NULL;
}

int
op_suppress(struct op *op, const struct print *p, int64_t at,
    const char *reason, struct err *err)
{
	char key[KEY_MAX];
	unsigned char time[TIME];
	struct buf value = BUF_INIT;
	struct str had, was;
	int rc = fetch(op->db, op->tx, p, &had, err);

	if (rc < 0)
		return -1;
	num_put_be64(time, (uint64_t)at);
	if (rc == 1) {
		was = str_sub(had, TIME, had.n - TIME);
		if (str_eqz(was, erased_reason) || str_eqz(was, reason))
			return 0;
		memcpy(time, had.p, TIME);
	}
	op->unlogged = true;
	print_key(p, key);
	buf_add(&value, time, TIME);
	buf_adds(&value, str_sub(str_of(reason), 0, REASON_MAX));
	rc = meta_put(
	    op_driver(op), op->tx, key, buf_str(&value), &op->scratch, err);
	buf_release(&value);
	return rc;
}

int
db_suppressed(struct reading *r, const struct print *p, int64_t *at,
    struct buf *reason, struct err *err)
{
	struct str v;
	int rc;

	if (r->tx == NULL)
		return 0;
	rc = fetch(r->db, r->tx, p, &v, err);
	if (rc <= 0)
		return rc;
	*at = (int64_t)num_get_be64((const unsigned char *)v.p);
	if (reason != NULL)
		buf_adds(reason, str_sub(v, TIME, v.n - TIME));
	return 1;
}

/* Calls fn for each row of them until it gives non-zero. */
static int
each_row(const struct db *db, struct tx *tx,
    void (*fn)(void *arg, const struct kv *), void *arg, struct err *err)
{
	const struct driver *d = db->driver;
	struct cur *cur = NULL;
	struct kv kv[16];
	int n = 0, i;
	int rc = -1;

	/* '0' follows '/'. */
	if (d->range(tx, T_META, STR("suppressed/"), STR("suppressed0"), 0,
		&cur) != 0)
		goto out;
	while ((n = d->next(cur, kv, 16)) > 0)
		for (i = 0; i < n; i++)
			fn(arg, &kv[i]);
	rc = n;
out:
	d->end(&cur);
	return rc == 0 ? 0 : tx_fail(tx, err);
}

static void
count_row(void *arg, const struct kv *kv)
{
	(void)kv;
	++*(uint64_t *)arg;
}

int
db_suppressed_count(struct reading *r, uint64_t *n, struct err *err)
{
	*n = 0;
	if (r->tx == NULL)
		return 0;
	return each_row(r->db, r->tx, count_row, n, err);
}

int
op_unsuppress(struct op *op, const struct print *p, struct err *err)
{
	char key[KEY_MAX];
	struct str had;
	int rc = fetch(op->db, op->tx, p, &had, err);

	if (rc <= 0)
		return rc;
	if (str_eqz(str_sub(had, TIME, had.n - TIME), erased_reason))
		return err_set(err, STATUS_NOPERM,
		    "an erased person's: it stays suppressed");
	op->unlogged = true;
	print_key(p, key);
	return tree_del(op_driver(op), op->tx, T_META, str_of(key), err) == 0
		   ? 1
		   : -1;
}

/* 1: noted, and this one; 0: none is noted; -1. */
static int
compare_mark(const struct db *db, struct tx *tx, const struct print *mark,
    struct err *err)
{
	struct str v;

	if (meta_get(db->driver, tx, mark_key, &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	if (str_eq(v, str_n(mark->b, PRINT_BYTES)))
		return 1;
	return err_set(err, STATUS_CONFIG,
	    "%s.key: not the key under which addresses were suppressed here",
	    db->url);
}

int
op_suppress_mark(struct op *op, const struct print *mark, struct err *err)
{
	int rc = compare_mark(op->db, op->tx, mark, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return meta_put(op_driver(op), op->tx, mark_key,
	    str_n(mark->b, PRINT_BYTES), &op->scratch, err);
}

int
db_suppress_mark(struct reading *r, const struct print *mark, struct err *err)
{
	if (r->tx == NULL)
		return 0;
	return compare_mark(r->db, r->tx, mark, err) < 0 ? -1 : 0;
}

/* ---- check ---- */

static void
check_row(void *arg, const struct kv *kv)
{
	struct audit *c = arg;
	struct str v;

	check_step(c);
	if (kv->k.n != PREFIX + HEX || !crc_take(T_META, kv->k, kv->v, &v) ||
	    v.n < TIME)
		check_fault(
		    c, T_META, kv->k, false, "a damaged suppressed address");
}

int
check_suppressed(struct audit *c, struct err *err)
{
	return each_row(c->db, c->tx, check_row, c, err);
}
