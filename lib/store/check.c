/* SPDX-License-Identifier: MIT */
/* Checking a store: the course of it, and meta. */
#include "store/check_int.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/num.h"
#include "store/meta.h"

enum { WALK_ROWS = 64, STEP = 1024 };

int
walk_begin(struct walk *w, const struct db *db, struct tx *tx, enum tree tree,
    struct err *err)
{
	static const unsigned char lo[1] = { 0 };

	*w = (struct walk){ 0 };
	w->driver = db->driver;
	w->tx = tx;
	w->stop = &db->stop;
	if (w->driver->range(tx, tree, str_n(lo, 1), STR_NONE, 0, &w->cur) != 0)
		return tx_fail(tx, err);
	return 0;
}

int
walk_next(struct walk *w, struct kv *kv, struct err *err)
{
	if (*w->stop)
		return err_set(err, STATUS_IO, "interrupted");
	if (w->i >= w->n) {
		w->i = 0;
		w->n = w->driver->next(w->cur, w->kv, WALK_ROWS);
		if (w->n < 0)
			return tx_fail(w->tx, err);
		if (w->n == 0)
			return 0;
	}
	*kv = w->kv[w->i++];
	return 1;
}

void
walk_end(struct walk *w)
{
	if (w->cur != NULL)
		w->driver->end(&w->cur);
}

void
check_step(struct audit *c)
{
	if (++c->done % STEP == 0 && c->progress != NULL)
		c->db->stop = !c->progress(
		    c->arg, c->done, c->of > c->done ? c->of : c->done);
}

/* A key as people read it: an id where it begins with one. */
static void
show_key(enum tree tree, struct str key, struct buf *out)
{
	char text[ID_TEXT];
	struct id id;
	size_t i;

	if (tree == T_META) {
		buf_adds(out, key);
	} else if (tree == T_LOG && key.n == LOG_KEY) {
		buf_addf(out, "%llu.%lu",
		    (unsigned long long)num_get_be64(
			(const unsigned char *)key.p),
		    (unsigned long)num_get_be32(
			(const unsigned char *)key.p + 8));
	} else if (tree != T_X && key.n >= ID_BYTES) {
		memcpy(id.b, key.p, ID_BYTES);
		id_format(&id, text);
		buf_add(out, text, ID_TEXT);
	} else {
		for (i = 0; i < key.n && i < 32; i++)
			buf_addf(out, "%02x", (unsigned char)key.p[i]);
	}
}

void
check_fault(struct audit *c, enum tree tree, struct str key, bool mend,
    const char *fmt, ...)
{
	struct buf id = BUF_INIT;
	struct buf what = BUF_INIT;
	struct fault f;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	if (key.p != NULL)
		show_key(tree, key, &id);
	f.tree = tree_name(tree);
	f.id = buf_str(&id);
	f.what = buf_str(&what);
	f.mended = mend && c->repair;
	c->faults++;
	if (f.mended)
		c->mended++;
	if (mend)
		c->trees = true;
	if (c->tell != NULL)
		c->tell(c->arg, &f);
	buf_release(&id);
	buf_release(&what);
}

/* ---- meta, counts, chain head ---- */

/* Whether the snapshot is still the newest one: 1, 0, -1. */
static int
is_latest(struct audit *c, struct err *err)
{
	const struct driver *d = c->db->driver;
	struct tx *tx = NULL;
	struct head now, then;
	int rc = -1;

	if (d->begin_read(c->db->store, &tx, err) != 0)
		return -1;
	if (head_load(c->db, tx, &now, err) >= 0 &&
	    head_load(c->db, c->tx, &then, err) >= 0)
		rc = now.lsn == then.lsn;
	d->end_read(&tx);
	return rc;
}

static int
check_counts(struct audit *c, struct err *err)
{
	const struct schema *s = &c->db->schema;
	uint64_t want[TREES] = { 0 };
	struct store_stat st = { 0 };
	unsigned i;
	int rc;

	if (counts_load(c->db, c->tx, &c->counts, err) != 0)
		return -1;
	if (c->db->driver->stat(c->db->store, &st, err) != 0)
		return -1;
	/* That looked for itself: what was written in between is no fault. */
	if (c->x == NULL && (rc = is_latest(c, err)) <= 0)
		return rc;
	for (i = 0; i < s->nkinds; i++)
		want[kind_tree(&s->kinds[i])] += c->counts.live[s->kinds[i].no];
	for (i = T_CONTACT; i <= T_LED; i++) {
		want[i] += c->counts.dead[i];
		/* The full check counts for itself. */
		if (want[i] != st.entries[i] && c->x == NULL)
			check_fault(c, (enum tree)i, STR_NONE, true,
			    "%llu records are counted, %llu are there",
			    (unsigned long long)want[i],
			    (unsigned long long)st.entries[i]);
	}
	for (i = 0; i < TREES; i++)
		c->of += st.entries[i];
	return 0;
}

/* All operations were cut off: the chain stands where they ended. */
static int
check_chain_base(struct audit *c, const struct head *h, struct err *err)
{
	struct str v;

	if (meta_get(c->db->driver, c->tx, "chain.base", &v, err) != 0)
		return -1;
	if (!str_eq(v, str_n(h->chain, LOG_DIGEST)))
		check_fault(c, T_META, STR("chain.base"), false,
		    "the head of the audit chain is another one");
	return 0;
}

static void
tell_page(void *arg, const char *what)
{
	check_fault(arg, T_META, STR_NONE, false, "%s", what);
}

/* What is kept beside the records: the schema, the dictionary, the rest. */
static int
check_meta(struct audit *c, struct err *err)
{
	struct walk w;
	struct kv kv = { STR_NONE, STR_NONE };
	struct str v;
	int rc;

	if (walk_begin(&w, c->db, c->tx, T_META, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) > 0)
		if (!crc_take(T_META, kv.k, kv.v, &v))
			check_fault(c, T_META, kv.k, false, "damaged");
	walk_end(&w);
	return rc;
}

/* The newest operation's header ends in the chain's head. */
static int
check_chain_head(struct audit *c, const struct head *h, struct err *err)
{
	unsigned char key[LOG_KEY];
	struct log_header header;
	struct str raw, v;

	if (h->lsn == 0)
		return 0;
	if (h->log_from > h->lsn)
		return check_chain_base(c, h, err);
	log_key(h->lsn, 0, key);
	if (tree_get_any(c->db->driver, c->tx, T_LOG, str_n(key, LOG_KEY), &raw,
		err) != 0)
		return -1;
	if (raw.p == NULL || !crc_take(T_LOG, str_n(key, LOG_KEY), raw, &v) ||
	    !log_header_read(v, &header))
		check_fault(c, T_LOG, str_n(key, LOG_KEY), false,
		    "the newest operation is missing or damaged");
	else if (memcmp(header.chain, h->chain, LOG_DIGEST) != 0)
		check_fault(c, T_LOG, str_n(key, LOG_KEY), false,
		    "the head of the audit chain is another one");
	return 0;
}

int
check_head(struct audit *c, struct err *err)
{
	struct head h;
	int rc = head_load(c->db, c->tx, &h, err);

	if (rc <= 0)
		return rc;
	if (check_chain_head(c, &h, err) != 0 || check_erased(c, err) != 0)
		return -1;
	return check_counts(c, err);
}

/* ---- the course ---- */

static int
check_all(struct audit *c, struct err *err)
{
	const char *dir = c->db->driver == &driver_lmdb ? c->db->url : NULL;

	c->x = sorter_new(dir, 0);
	c->tl = sorter_new(dir, 0);
	if (c->db->driver->verify != NULL &&
	    c->db->driver->verify(c->tx, tell_page, c) != 0)
		return tx_fail(c->tx, err);
	if (check_head(c, err) != 0 || check_meta(c, err) != 0 ||
	    check_records(c, err) != 0 || check_index(c, err) != 0 ||
	    check_timeline(c, err) != 0 || check_log(c, err) != 0 ||
	    check_suppressed(c, err) != 0)
		return -1;
	return 0;
}

static int
check_run(struct tx *tx, void *arg)
{
	struct audit *c = arg;
	struct err *err = tx_err(tx);

	c->tx = tx;
	sorter_free(&c->x);
	sorter_free(&c->tl);
	c->faults = c->mended = 0;
	c->done = c->of = c->blob_parts = 0;
	c->damaged.n = 0;
	c->trees = false;
	if (check_all(c, err) != 0)
		return -1;
	if (!c->trees)
		return 1; /* nothing to write */
	return repair_trees(c, err);
}

/* Reading alone, in a snapshot of its own. */
static int
check_read(struct audit *c, bool full, struct err *err)
{
	struct tx *tx = NULL;
	int rc;

	if (c->db->driver->begin_read(c->db->store, &tx, err) != 0)
		return -1;
	c->tx = tx;
	rc = db_load(c->db, tx, false, err);
	if (rc == 0)
		rc = full ? check_all(c, err) : check_head(c, err);
	c->db->driver->end_read(&tx);
	return rc;
}

long
db_check(struct db *db, bool full, bool repair, fault_fn *tell,
    progress_fn *progress, void *arg, struct err *err)
{
	struct audit *c;
	long left;
	int rc;

	if (db->store == NULL)
		return 0;
	c = mem_zero(1, sizeof(*c));
	c->db = db;
	c->repair = repair;
	c->tell = tell;
	c->progress = progress;
	c->arg = arg;
	db->stop = false;
	index_maker_init(&c->maker);
	arena_init(&c->arena);
	buf_init(&c->scratch);
	buf_init(&c->rows);
	if (repair)
		rc = db->driver->run(db->store, TX_WRITE, check_run, c, err);
	else
		rc = check_read(c, full, err);
	db->stop = false;
	left = rc < 0 ? -1 : c->faults - c->mended;
	sorter_free(&c->x);
	sorter_free(&c->tl);
	index_maker_release(&c->maker);
	arena_release(&c->arena);
	buf_release(&c->scratch);
	buf_release(&c->rows);
	mem_free(c->damaged.v);
	mem_free(c);
	return left;
}

int
db_info(struct reading *r, struct db_info *out, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	struct store_stat st = { 0 };
	struct head *h = &r->db->head;
	size_t i;

	*out = (struct db_info){ 0 };
	out->format = "1.0";
	if (r->db->store == NULL)
		return 0;
	if (r->db->driver->stat(r->db->store, &st, err) != 0)
		return -1;
	out->size = st.size;
	out->free = st.free;
	out->ops = h->lsn;
	out->log_from = h->log_from;
	(void)snprintf(
	    out->node, sizeof(out->node), "%08lx", (unsigned long)h->node);
	for (i = 0; i < HASH_BYTES; i++) {
		out->chain[2 * i] = digits[h->chain[i] >> 4];
		out->chain[2 * i + 1] = digits[h->chain[i] & 15];
		out->schema[2 * i] = digits[h->schema[i] >> 4];
		out->schema[2 * i + 1] = digits[h->schema[i] & 15];
	}
	return 0;
}
