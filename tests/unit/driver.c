/* SPDX-License-Identifier: MIT */
/*
 * The conformance suite of drivers (STORE.md, Driver interface): random
 * operations put to every driver and to a simple model must give the same
 * transcript, byte for byte.  The model is a driver too: one sorted array,
 * copied whole at each begin.
 */
#include "store/driver.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/overlay.h"

#include "main.h"

/* ---- the model ---- */

struct row {
	enum tree t;
	size_t kn, vn;
	char k[512];
	char v[64];
};

struct rows {
	struct row *v;
	size_t n;
};

struct store {
	struct rows rows;
};

struct tx {
	struct err *err; /* first, as tx_err wants it */
	struct store *store;
	struct rows rows;
};

struct cur {
	struct tx *tx;
	enum tree t;
	unsigned flags;
	struct buf lo, hi, at;
	bool has_hi, start, after, done;
};

static struct str
key_of(const struct row *r)
{
	return str_n(r->k, r->kn);
}

static void
rows_copy(struct rows *to, const struct rows *from)
{
	to->n = from->n;
	to->v = mem_resize(NULL, from->n + 1, sizeof(*to->v));
	memcpy(to->v, from->v, from->n * sizeof(*to->v));
}

/* Where (t, k) is, or belongs. */
static size_t
rows_place(const struct rows *r, enum tree t, struct str k, bool *there)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		int c = r->v[i].t != t ? (r->v[i].t < t ? -1 : 1)
				       : str_cmp(key_of(&r->v[i]), k);

		if (c >= 0) {
			*there = c == 0;
			return i;
		}
	}
	*there = false;
	return i;
}

static void
rows_cut(struct rows *r, size_t i)
{
	r->n--;
	memmove(&r->v[i], &r->v[i + 1], (r->n - i) * sizeof(*r->v));
}

static int
model_open(struct store **s, const char *url, unsigned flags, unsigned lock_ms,
    struct err *err)
{
	(void)url;
	(void)flags;
	(void)lock_ms;
	(void)err;
	*s = mem_zero(1, sizeof(**s));
	(*s)->rows.v = mem_alloc(1);
	return 0;
}

static void
model_close(struct store **s)
{
	mem_free((*s)->rows.v);
	mem_free(*s);
	*s = NULL;
}

static int
model_run(struct store *s, enum tx_mode mode, int (*fn)(struct tx *, void *),
    void *arg, struct err *err)
{
	struct tx tx = { err, s, { NULL, 0 } };
	int rc;

	rows_copy(&tx.rows, &s->rows);
	rc = fn(&tx, arg);
	if (rc == 0 && mode == TX_WRITE) {
		mem_free(s->rows.v);
		s->rows = tx.rows;
	} else {
		mem_free(tx.rows.v);
	}
	return rc;
}

static int
model_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	for (size_t i = 0; i < n; i++) {
		bool there;
		size_t at = rows_place(&tx->rows, t, k[i], &there);

		v[i] = there ? str_n(tx->rows.v[at].v, tx->rows.v[at].vn)
			     : STR_NONE;
	}
	return 0;
}

static int
model_put(struct tx *tx, enum tree t, size_t n, const struct kv *kv,
    unsigned flags, size_t *clash)
{
	struct rows *r = &tx->rows;

	for (size_t i = 0; i < n; i++) {
		bool there;
		size_t at = rows_place(r, t, kv[i].k, &there);

		if (there && (flags & PUT_NEW) != 0) {
			*clash = i;
			return 1;
		}
		if (!there) {
			r->v = mem_resize(r->v, r->n + 1, sizeof(*r->v));
			memmove(&r->v[at + 1], &r->v[at],
			    (r->n - at) * sizeof(*r->v));
			r->n++;
			r->v[at].t = t;
			r->v[at].kn = kv[i].k.n;
			memcpy(r->v[at].k, kv[i].k.p, kv[i].k.n);
		}
		r->v[at].vn = kv[i].v.n;
		memcpy(r->v[at].v, kv[i].v.p, kv[i].v.n);
	}
	return 0;
}

static int
model_del(struct tx *tx, enum tree t, size_t n, const struct str *k)
{
	for (size_t i = 0; i < n; i++) {
		bool there;
		size_t at = rows_place(&tx->rows, t, k[i], &there);

		if (there)
			rows_cut(&tx->rows, at);
	}
	return 0;
}

static int
model_del_range(struct tx *tx, enum tree t, struct str lo, struct str hi)
{
	for (size_t i = tx->rows.n; i-- > 0;) {
		struct row *r = &tx->rows.v[i];

		if (r->t == t && str_cmp(key_of(r), lo) >= 0 &&
		    (hi.p == NULL || str_cmp(key_of(r), hi) < 0))
			rows_cut(&tx->rows, i);
	}
	return 0;
}

static int
model_range(struct tx *tx, enum tree t, struct str lo, struct str hi,
    unsigned flags, struct cur **out)
{
	struct cur *c = mem_zero(1, sizeof(*c));

	c->tx = tx;
	c->t = t;
	c->flags = flags;
	buf_init(&c->lo);
	buf_init(&c->hi);
	buf_init(&c->at);
	buf_adds(&c->lo, lo);
	c->has_hi = hi.p != NULL;
	buf_adds(&c->hi, hi);
	c->start = true;
	*out = c;
	return 0;
}

static bool
model_wants(const struct cur *c, struct str k)
{
	int at = str_cmp(k, buf_str(&c->at));

	if (str_cmp(k, buf_str(&c->lo)) < 0 ||
	    (c->has_hi && str_cmp(k, buf_str(&c->hi)) >= 0))
		return false;
	if (c->start)
		return true;
	if (at == 0)
		return !c->after;
	return (c->flags & RANGE_REVERSE) != 0 ? at < 0 : at > 0;
}

static int
model_next(struct cur *c, struct kv *kv, size_t max)
{
	struct rows *r = &c->tx->rows;
	size_t n = 0;

	while (n < max && !c->done) {
		struct row *hit = NULL;

		for (size_t i = 0; i < r->n; i++) {
			if (r->v[i].t != c->t ||
			    !model_wants(c, key_of(&r->v[i])))
				continue;
			hit = &r->v[i];
			if ((c->flags & RANGE_REVERSE) == 0)
				break;
		}
		if (hit == NULL) {
			c->done = true;
			break;
		}
		kv[n].k = key_of(hit);
		kv[n].v = str_n(hit->v, hit->vn);
		n++;
		buf_clear(&c->at);
		buf_adds(&c->at, key_of(hit));
		c->start = false;
		c->after = true;
	}
	return (int)n;
}

static int
model_seek(struct cur *c, struct str k)
{
	buf_clear(&c->at);
	buf_adds(&c->at, k);
	c->start = c->done = c->after = false;
	return 0;
}

static void
model_end(struct cur **c)
{
	buf_release(&(*c)->lo);
	buf_release(&(*c)->hi);
	buf_release(&(*c)->at);
	mem_free(*c);
	*c = NULL;
}

static int
model_drop(struct tx *tx)
{
	mem_free(tx->rows.v);
	tx->rows.v = NULL;
	tx->rows.n = 0;
	return 0;
}

static int
model_renew(struct tx *tx)
{
	(void)model_drop(tx); /* always 0 */
	rows_copy(&tx->rows, &tx->store->rows);
	return 0;
}

static int
model_begin_read(struct store *s, struct tx **out, struct err *err)
{
	struct tx *tx = mem_zero(1, sizeof(*tx));

	tx->err = err;
	tx->store = s;
	rows_copy(&tx->rows, &s->rows);
	*out = tx;
	return 0;
}

static void
model_end_read(struct tx **tx)
{
	(void)model_drop(*tx); /* always 0 */
	mem_free(*tx);
	*tx = NULL;
}

static int
model_stat(struct store *s, struct store_stat *st, struct err *err)
{
	(void)err;
	memset(st, 0, sizeof(*st));
	for (size_t i = 0; i < s->rows.n; i++)
		st->entries[s->rows.v[i].t]++;
	return 0;
}

static const struct driver model = {
	.abi = STORE_DRIVER_ABI,
	.name = "model",
	.open = model_open,
	.close = model_close,
	.run = model_run,
	.get = model_get,
	.put = model_put,
	.del = model_del,
	.del_range = model_del_range,
	.range = model_range,
	.next = model_next,
	.seek = model_seek,
	.end = model_end,
	.drop = model_drop,
	.renew = model_renew,
	.begin_read = model_begin_read,
	.end_read = model_end_read,
	.stat = model_stat,
};

/* ---- the script ---- */

static char dir[64];

static void
dir_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.40s/crm-driver-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
dir_remove(void)
{
	char name[96];

	snprintf(name, sizeof(name), "%s/s/data.mdb", dir);
	(void)unlink(name); /* may be missing */
	snprintf(name, sizeof(name), "%s/s/lock.mdb", dir);
	(void)unlink(name);
	snprintf(name, sizeof(name), "%s/s", dir);
	(void)rmdir(name);
	(void)rmdir(dir);
}

struct script {
	const struct driver *d;
	struct store *store;
	uint64_t rnd;
	struct buf *out;
	char keys[8][512]; /* of the operation at hand */
	char values[8][64];
};

static unsigned
pick(struct script *x, unsigned n)
{
	x->rnd = x->rnd * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(x->rnd >> 33) % n;
}

/* Few and short, so that they meet; now and then as long as they get. */
static struct str
pick_key(struct script *x, int slot)
{
	static const char bytes[] = { 0, 'a', 'b', (char)0xFF };
	size_t n = 1 + pick(x, 4);

	if (pick(x, 40) == 0)
		n = STORE_KEY_MAX - pick(x, 2);
	for (size_t i = 0; i < n; i++)
		x->keys[slot][i] =
		    n > 8 ? (i < 2 ? bytes[i + 1] : 'b') : bytes[pick(x, 4)];
	return str_n(x->keys[slot], n);
}

static struct str
pick_value(struct script *x, int slot)
{
	size_t n = pick(x, 5) == 0 ? 0 : pick(x, 60);

	memset(x->values[slot], 'A' + (int)pick(x, 26), 64);
	return str_n(x->values[slot], n);
}

static enum tree
pick_tree(struct script *x)
{
	static const enum tree some[] = { T_META, T_X, T_BLOB };

	return some[pick(x, 3)];
}

static void
say_bytes(struct script *x, struct str s)
{
	if (s.p == NULL)
		buf_addz(x->out, "none");
	for (size_t i = 0; i < s.n && i < 12; i++)
		buf_addf(x->out, "%02x", (unsigned)(unsigned char)s.p[i]);
	buf_addf(x->out, "/%zu ", s.n);
}

/* Rows in batches; between them a writer may change the tree. */
static void
do_range(struct script *x, struct tx *tx, bool write)
{
	enum tree t = pick_tree(x);
	struct str lo = pick(x, 3) ? pick_key(x, 0) : STR("");
	struct str hi = pick(x, 3) ? pick_key(x, 1) : STR_NONE;
	unsigned flags = pick(x, 2) ? RANGE_REVERSE : 0;
	struct cur *c = NULL;
	struct kv kv[7];
	int n = 1;

	buf_addf(x->out, "range %d %u: ", (int)t, flags);
	ck_assert_int_eq(x->d->range(tx, t, lo, hi, flags, &c), 0);
	for (int i = 0; i < 12 && n > 0; i++) {
		n = x->d->next(c, kv, 1 + pick(x, 7));
		for (int k = 0; k < n; k++) {
			say_bytes(x, kv[k].k);
			say_bytes(x, kv[k].v);
		}
		buf_addf(x->out, "(%d) ", n);
		if (pick(x, 6) == 0) {
			ck_assert_int_eq(x->d->seek(c, pick_key(x, 2)), 0);
			n = 1;
		}
		if (write && pick(x, 4) == 0) {
			struct kv one = { pick_key(x, 3), pick_value(x, 3) };

			ck_assert_int_eq(x->d->put(tx, t, 1, &one, 0, NULL), 0);
		}
		if (write && pick(x, 4) == 0) {
			struct str gone = pick_key(x, 3);

			ck_assert_int_eq(x->d->del(tx, t, 1, &gone), 0);
		}
	}
	x->d->end(&c);
	ck_assert_ptr_null(c);
	buf_addz(x->out, "\n");
}

static void
do_get(struct script *x, struct tx *tx)
{
	enum tree t = pick_tree(x);
	struct str k[5] = { { NULL, 0 } }, v[5];
	size_t n = pick(x, 6);

	for (size_t i = 0; i < n; i++)
		k[i] = pick_key(x, (int)i);
	ck_assert_int_eq(x->d->get(tx, t, n, k, v), 0);
	buf_addf(x->out, "get %d: ", (int)t);
	for (size_t i = 0; i < n; i++)
		say_bytes(x, v[i]);
	buf_addz(x->out, "\n");
}

static void
do_put(struct script *x, struct tx *tx)
{
	enum tree t = pick_tree(x);
	unsigned flags = pick(x, 4);
	struct kv kv[5];
	size_t n = pick(x, 6);
	size_t clash = 99;
	int rc;

	for (size_t i = 0; i < n; i++)
		kv[i] =
		    (struct kv){ pick_key(x, (int)i), pick_value(x, (int)i) };
	rc = x->d->put(tx, t, n, kv, flags, &clash);
	buf_addf(x->out, "put %d %u: %d %zu\n", (int)t, flags, rc, clash);
}

static void
do_del(struct script *x, struct tx *tx)
{
	enum tree t = pick_tree(x);
	struct str k[5];
	size_t n = pick(x, 6);

	if (pick(x, 8) == 0) {
		k[0] = pick(x, 4) ? pick_key(x, 0) : STR("");
		k[1] = pick(x, 4) ? pick_key(x, 1) : STR_NONE;
		ck_assert_int_eq(x->d->del_range(tx, t, k[0], k[1]), 0);
		return;
	}
	for (size_t i = 0; i < n; i++)
		k[i] = pick_key(x, (int)i);
	ck_assert_int_eq(x->d->del(tx, t, n, k), 0);
}

static int
one_tx(struct tx *tx, void *arg)
{
	struct script *x = arg;
	unsigned n = pick(x, 25);

	for (unsigned i = 0; i < n; i++) {
		switch (pick(x, 5)) {
		case 0:
			do_range(x, tx, true);
			break;
		case 1:
			do_get(x, tx);
			break;
		case 2:
			do_del(x, tx);
			break;
		default:
			do_put(x, tx);
			break;
		}
	}
	switch (pick(x, 6)) {
	case 0:
		return 7;
	case 1:
		return err_set(tx_err(tx), STATUS_DATA, "refused");
	default:
		return 0;
	}
}

static int
read_tx(struct tx *tx, void *arg)
{
	struct script *x = arg;

	for (int i = 0; i < 4; i++) {
		do_range(x, tx, false);
		do_get(x, tx);
	}
	return (int)pick(x, 2) * 3;
}

static void
reader_step(struct script *x, struct tx **tx, struct err *err)
{
	if (*tx == NULL) {
		ck_assert_int_eq(x->d->begin_read(x->store, tx, err), 0);
		return;
	}
	switch (pick(x, 4)) {
	case 0:
		ck_assert_int_eq(x->d->drop(*tx), 0);
		ck_assert_int_eq(x->d->renew(*tx), 0);
		break;
	case 1:
		ck_assert_int_eq(x->d->renew(*tx), 0);
		break;
	case 2:
		x->d->end_read(tx);
		ck_assert_ptr_null(*tx);
		break;
	default:
		(void)read_tx(*tx, x); /* says what it saw */
		break;
	}
}

/* What the base of an overlay holds; others get it as a first operation. */
static int
fill_tx(struct tx *tx, void *arg)
{
	struct script *x = arg;

	for (int i = 0; i < 40; i++) {
		struct kv kv = { pick_key(x, 0), pick_value(x, 0) };

		ck_assert_int_eq(
		    x->d->put(tx, pick_tree(x), 1, &kv, 0, NULL), 0);
	}
	return 0;
}

static void
fill(const struct driver *d, struct store *store, uint64_t seed)
{
	struct buf none = BUF_INIT;
	struct script x = { .d = d, .store = store, .rnd = seed, .out = &none };
	struct err err = ERR_INIT;

	ck_assert_int_eq(d->run(store, TX_WRITE, fill_tx, &x, &err), 0);
	buf_release(&none);
}

/* An overlay as a driver that opens: the URL says which base; one at a time.
 */
static struct {
	const struct driver *d;
	struct store *store;
	struct tx *tx;
	struct err err;
} under;
static bool filled; /* scripts begin with rows there */

static int
over_open(struct store **s, const char *url, unsigned flags, unsigned lock_ms,
    struct err *err)
{
	under.d = strcmp(url, "mem:") == 0 ? &driver_mem : &driver_lmdb;
	if (under.d->open(&under.store, url, flags, lock_ms, err) != 0)
		return -1;
	if (filled)
		fill(under.d, under.store, 77);
	ck_assert_int_eq(
	    under.d->begin_read(under.store, &under.tx, &under.err), 0);
	overlay_open(s, under.d, under.store, under.tx);
	/* What the base gets from now on is not seen. */
	fill(under.d, under.store, 78);
	return 0;
}

static void
over_close(struct store **s)
{
	driver_overlay.close(s);
	under.d->end_read(&under.tx);
	under.d->close(&under.store);
}

static struct driver
over_driver(void)
{
	struct driver d = driver_overlay;

	d.open = over_open;
	d.close = over_close;
	return d;
}

static void
play(const struct driver *d, const char *url, uint64_t seed, struct buf *out)
{
	struct script x = { .d = d, .rnd = seed, .out = out };
	struct err err = ERR_INIT;
	struct tx *reader[2] = { NULL, NULL };
	struct store_stat st;

	ck_assert_msg(
	    d->open(&x.store, url, OPEN_CREATE | OPEN_WRITE, 1000, &err) == 0,
	    "%s", err.msg);
	if (filled && d->open != over_open)
		fill(d, x.store, 77);
	for (int i = 0; i < 60; i++) {
		bool write = pick(&x, 4) != 0;
		int rc = d->run(x.store, write ? TX_WRITE : TX_READ,
		    write ? one_tx : read_tx, &x, &err);

		buf_addf(out, "tx %d: %d %s\n", i, rc, err.msg);
		err_clear(&err);
		reader_step(&x, &reader[pick(&x, 2)], &err);
	}
	for (int i = 0; i < 2; i++)
		if (reader[i] != NULL)
			d->end_read(&reader[i]);
	ck_assert_int_eq(d->stat(x.store, &st, &err), 0);
	for (int t = 0; t < TREES; t++)
		buf_addf(out, "%d: %d\n", t, (int)st.entries[t]);
	d->close(&x.store);
	ck_assert_ptr_null(x.store);
}

static void
all_agree(void)
{
	struct buf want = BUF_INIT, got = BUF_INIT;
	const struct driver over = over_driver();
	char path[96];
	const struct {
		const struct driver *d;
		const char *url;
	} all[] = {
		{ &driver_mem, "mem:" },
		{ &driver_lmdb, path },
		{ &over, "mem:" },
		{ &over, path },
	};

	dir_make();
	snprintf(path, sizeof(path), "%s/s", dir);
	for (uint64_t seed = 1; seed <= 12; seed++) {
		buf_clear(&want);
		play(&model, "", seed, &want);
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			buf_clear(&got);
			play(all[i].d, all[i].url, seed, &got);
			ck_assert_msg(strcmp(want.p, got.p) == 0,
			    "%s, %s, seed %d", all[i].d->name, all[i].url,
			    (int)seed);
			dir_remove();
			ck_assert_int_eq(mkdir(dir, 0700), 0);
		}
	}
	dir_remove();
	buf_release(&want);
	buf_release(&got);
}

START_TEST(every_driver_agrees_with_the_model)
{
	filled = false;
	all_agree();
}
END_TEST

START_TEST(every_driver_agrees_over_what_was_there_before)
{
	filled = true;
	all_agree();
}
END_TEST

static int
see_nothing(struct tx *tx, void *arg)
{
	struct str k = STR("a"), v = STR("x");
	struct kv kv = { k, v };

	(void)arg;
	ck_assert_int_eq(driver_overlay.get(tx, T_X, 1, &k, &v), 0);
	ck_assert_ptr_null(v.p);
	ck_assert_int_eq(driver_overlay.put(tx, T_X, 1, &kv, 0, NULL), 0);
	ck_assert_int_eq(
	    driver_overlay.del_range(tx, T_X, STR(""), STR_NONE), 0);
	return 0;
}

START_TEST(an_overlay_over_nothing_is_empty)
{
	struct err err = ERR_INIT;
	struct store_stat st;
	struct store *s;

	overlay_open(&s, &driver_mem, NULL, NULL);
	driver_overlay.will_scan(s);
	ck_assert_int_eq(
	    driver_overlay.run(s, TX_WRITE, see_nothing, NULL, &err), 0);
	ck_assert_int_eq(driver_overlay.stat(s, &st, &err), 0);
	ck_assert_uint_eq(st.entries[T_X], 0);
	ck_assert_int_eq(driver_overlay.sync(s, &err), 0);
	driver_overlay.close(&s);
	ck_assert_ptr_null(s);
	driver_overlay.close(&s);
}
END_TEST

static int
write_in_a_reader(struct tx *tx, void *arg)
{
	struct kv kv = { STR("a"), STR("b") };

	(void)arg;
	return driver_overlay.put(tx, T_X, 1, &kv, 0, NULL);
}

START_TEST(a_reader_of_an_overlay_cannot_write)
{
	struct err err = ERR_INIT;
	struct store *s;

	overlay_open(&s, &driver_mem, NULL, NULL);
	ck_assert_int_eq(
	    driver_overlay.run(s, TX_READ, write_in_a_reader, NULL, &err), -1);
	ck_assert_int_eq(err.status, STATUS_BUG);
	driver_overlay.close(&s);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("driver");
	TCase *t = tcase_create("conformance");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_driver_agrees_with_the_model);
	tcase_add_test(t, every_driver_agrees_over_what_was_there_before);
	tcase_add_test(t, an_overlay_over_nothing_is_empty);
	tcase_add_test(t, a_reader_of_an_overlay_cannot_write);
	suite_add_tcase(s, t);
	return s;
}
