/* SPDX-License-Identifier: MIT */
/* The life of a write operation: stamps, ids, flush, commit, or nothing. */
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/meta.h"
#include "store/op_int.h"

enum {
	/* Dirty pages of a store built aside, before they are committed. */
	CHECKPOINT_BYTES = 24 << 20,
	NOTHING_DONE = 1, /* run: give up without error */
	DRY_DONE = 2,
};

const struct driver *
op_driver(const struct op *op)
{
	return op->db->driver;
}

struct reading *
op_reading(struct op *op)
{
	return &op->reading;
}

uint64_t
op_lsn(const struct op *op)
{
	return op->log.lsn;
}

void
op_undoes(struct op *op, bool redo, const struct id *undone)
{
	op->undoes = redo ? LOG_REDO : LOG_UNDO;
	op->undone = *undone;
}

void
op_merges(struct op *op)
{
	op->undoes = LOG_MERGE;
}

int
op_check_kind(const struct op *op, const struct row *row, struct err *err)
{
	if (schema_kind_no(&op->db->schema, row->kind->no) == row->kind)
		return 0;
	return err_set(
	    err, STATUS_BUSY, "the schema was changed meanwhile; try again");
}

int
op_get(struct op *op, const struct id *id, struct arena *arena, struct row *row,
    struct err *err)
{
	struct dbrec *rec;
	int rc = dbrec_get(&op->reading, id, DBREC_SLOTS - 2, &rec, err);

	if (rc <= 0)
		return rc;
	return dbrec_row(rec, arena, row, err) == 0 ? 1 : -1;
}

/* ---- ids and places ---- */

static void
id_step(struct id *id)
{
	int i;

	for (i = ID_BYTES - 1; i >= 0 && ++id->b[i] == 0; i--)
		;
}

struct id
op_next_id(struct op *op)
{
	id_step(&op->head.last_id);
	return op->head.last_id;
}

/* The run of ids begins above the clock and above what was given before. */
static void
begin_ids(struct op *op)
{
	struct id id;

	id_make(op->db->clock->now, &id);
	if (id_cmp(&id, &op->head.last_id) > 0)
		op->head.last_id = id;
}

static void
begin_stamp(struct op *op)
{
	struct stamp *c = &op->head.clock;
	uint64_t now =
	    op->db->clock->now < 0 ? 0 : (uint64_t)op->db->clock->now;

	if (now > c->ms) {
		c->ms = now;
		c->counter = 0;
	} else if (++c->counter == 0) {
		c->ms++;
	}
	c->node = op->head.node;
	op->stamp = *c;
	num_put_be16(op->op_id.b, (uint16_t)(c->ms >> 32 & 0xffff));
	num_put_be32(op->op_id.b + 2, (uint32_t)c->ms);
	num_put_be16(op->op_id.b + 6, c->counter);
	num_put_be32(op->op_id.b + 8, c->node);
	hash_random(op->op_id.b + 12, 4);
}

int
op_last(struct op *op, enum tree tree, const struct id *id, unsigned *flags,
    struct err *err)
{
	const struct driver *d = op_driver(op);
	unsigned char lo[1] = { 0 }, hi[ID_BYTES + 1];
	struct cur *cur = NULL;
	struct kv kv;
	int n = 0;

	if (!op->know_last[tree]) {
		memset(hi, 0xff, sizeof(hi));
		if (d->range(op->tx, tree, str_n(lo, 1), str_n(hi, sizeof(hi)),
			RANGE_REVERSE, &cur) != 0 ||
		    (n = d->next(cur, &kv, 1)) < 0) {
			d->end(&cur);
			return tx_fail(op->tx, err);
		}
		if (n == 1 && kv.k.n >= ID_BYTES) {
			memcpy(op->last[tree].b, kv.k.p, ID_BYTES);
			op->has_last[tree] = true;
		}
		d->end(&cur);
		op->know_last[tree] = true;
	}
	if (!op->has_last[tree] || id_cmp(id, &op->last[tree]) > 0)
		*flags |= PUT_APPEND;
	return 0;
}

int
op_append(struct op *op, enum tree tree, const struct id *id, unsigned *flags,
    struct err *err)
{
	if (op_last(op, tree, id, flags, err) != 0)
		return -1;
	if (*flags & PUT_APPEND) {
		op->last[tree] = *id;
		op->has_last[tree] = true;
	}
	return 0;
}

int
op_put_bytes(struct op *op, enum tree tree, struct str key, struct str value,
    unsigned flags, struct err *err)
{
	op->written += key.n + value.n;
	return tree_put_raw(
	    op_driver(op), op->tx, tree, key, value, flags, err);
}

int
op_breathe(struct op *op, struct err *err)
{
	const struct driver *d = op_driver(op);

	if (!(op->db->flags & OPEN_NOSYNC) || d->checkpoint == NULL ||
	    op->written < CHECKPOINT_BYTES)
		return 0;
	op->written = 0;
	return d->checkpoint(op->tx) == 0 ? 0 : tx_fail(op->tx, err);
}

/* ---- small changes of meta ---- */

unsigned
op_label(struct op *op, struct str label)
{
	unsigned no = db_label_no(op->db, label);

	if (no != 0)
		return no;
	return dict_add(&op->db->dict, DICT_LABEL, label, op_driver(op), op->tx,
	    tx_err(op->tx));
}

int
op_currency(struct op *op, struct str code, struct err *err)
{
	if (op->db->schema.currency != NULL)
		return 0;
	if (money_places(code) < 0)
		return err_set(err, STATUS_DATA,
		    "currency: got '%.*s', wanted a code of ISO 4217",
		    STR_ARG(code));
	memcpy(op->head.currency, code.p, 3);
	op->head.currency[3] = '\0';
	db_take_currency(op->db, op->head.currency);
	return 0;
}

/* ---- begin and end ---- */

static const char *
store_dir(const struct db *db)
{
	return db->driver == &driver_lmdb ? db->url : NULL;
}

static int
op_begin(struct op *op, struct tx *tx, struct err *err)
{
	struct db *db = op->db;
	int rc;

	op->tx = tx;
	if (db_load(db, tx, true, err) != 0)
		return -1;
	if (db_writable(db, db->url, err) != 0)
		return -1;
	op->mark = dict_mark(&db->dict);
	op->old_base = db->base;
	memcpy(op->old_currency, db->currency, sizeof(op->old_currency));
	op->begun = true;
	rc = head_load(db, tx, &op->head, err);
	if (rc == 0) {
		op->founded = true;
		rc = db_found(db, tx, err) == 0
			 ? head_load(db, tx, &op->head, err)
			 : -1;
	}
	if (rc < 0 || counts_load(db, tx, &op->counts, err) != 0)
		return -1;
	buf_adds(&op->old_catalogue, buf_str(&db->cat_bytes));
	op->empty = op->head.lsn == 0;
	reading_init(&op->reading, db, tx, false);
	op->reading.counts = &op->counts;
	op->reading.op_counts = true;
	begin_stamp(op);
	begin_ids(op);
	log_begin(&op->log, db->driver, tx, op->head.lsn + 1);
	op->x = sorter_new(store_dir(db), 0);
	op->tl = sorter_new(store_dir(db), 0);
	if (op->flags & OP_BULK)
		op->pending = pending_new();
	return 0;
}

static void
op_release(struct op *op)
{
	if (op->begun) {
		reading_release(&op->reading);
		log_release(&op->log);
	}
	sorter_free(&op->x);
	sorter_free(&op->tl);
	pending_free(&op->pending);
	vec_release(&op->gone);
	mem_free(op->companies);
	op->companies = NULL;
	arena_release(&op->arena);
	index_maker_release(&op->maker);
	buf_release(&op->rec);
	buf_release(&op->scratch);
	buf_release(&op->keys);
	buf_release(&op->old_catalogue);
}

/* What the operation changed in memory is taken back. */
static void
op_rollback(struct op *op)
{
	struct db *db = op->db;

	if (!op->begun)
		return;
	dict_rewind(&db->dict, op->mark);
	if (memcmp(db->currency, op->old_currency, 3) != 0)
		db_take_currency(db, op->old_currency);
	if (op->new_schema || op->founded)
		db_take_schema(db, op->old_base, NULL);
	if (op->founded) {
		db->loaded = false;
		db->head = (struct head){ 0 };
		buf_clear(&db->cat_bytes);
		catalogue_release(&db->cat);
		(void)catalogue_want(&db->cat, &db->schema, INDEX_READY);
	} else if (op->new_schema || op->new_indexes) {
		buf_clear(&db->cat_bytes);
		buf_adds(&db->cat_bytes, buf_str(&op->old_catalogue));
		if (catalogue_load(&db->cat, &db->schema,
			buf_str(&op->old_catalogue), NULL) != 0)
			bug("a catalogue that was read once");
	}
}

static int
write_header(struct op *op, struct err *err)
{
	struct log_header h = { 0 };

	buf_clear(&op->scratch);
	if (op->summary != NULL)
		buf_addz(&op->scratch, op->summary);
	else
		op_summary(op, &op->scratch);
	h.flags = (op->flags & OP_BULK ? (unsigned)LOG_BULK : 0) | op->undoes;
	h.op = op->op_id;
	h.undone = op->undone;
	h.uid = (uint32_t)getuid();
	h.prog = str_of(op->db->prog);
	h.summary = buf_str(&op->scratch);
	return log_end(&op->log, &h, op->head.chain, err);
}

static int
op_finish(struct op *op, struct err *err)
{
	if (op->log.seq == 0 && !op->founded && !op->unlogged)
		return NOTHING_DONE;
	if (op_flush_all(op, err) != 0)
		return -1;
	if (op->log.seq > 0) {
		if (write_header(op, err) != 0)
			return -1;
		op->head.lsn = op->log.lsn;
	}
	if (counts_save(op->db, op->tx, &op->counts, err) != 0 ||
	    head_save(op->db, op->tx, &op->head, err) != 0)
		return -1;
	return op->flags & OP_DRY ? DRY_DONE : 0;
}

struct run {
	struct op *op;
	struct db *db;
	unsigned flags;
	const char *summary;
	int (*fn)(struct op *, void *);
	void *arg;
	int answer; /* of fn */
};

static void
op_new(struct run *r)
{
	struct op *op = mem_zero(1, sizeof(*op));

	op->db = r->db;
	op->flags = r->flags;
	op->summary = r->summary;
	arena_init(&op->arena);
	index_maker_init(&op->maker);
	buf_init(&op->rec);
	buf_init(&op->scratch);
	buf_init(&op->keys);
	buf_init(&op->old_catalogue);
	r->op = op;
}

static void
op_free(struct run *r)
{
	if (r->op == NULL)
		return;
	op_release(r->op);
	mem_free(r->op);
	r->op = NULL;
}

/* May run again after a conflict or where the map had to grow. */
static int
run_fn(struct tx *tx, void *arg)
{
	struct run *r = arg;
	struct err *err = tx_err(tx);

	if (r->op != NULL) {
		op_rollback(r->op);
		op_free(r);
	}
	op_new(r);
	if (op_begin(r->op, tx, err) != 0)
		return -1;
	r->answer = r->fn(r->op, r->arg);
	if (r->answer != 0)
		return r->answer < 0 ? -1 : NOTHING_DONE;
	return op_finish(r->op, err);
}

int
op_run(struct db *db, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *err)
{
	struct run r = { NULL, db, flags, summary, fn, arg, 0 };
	int rc = db->driver->run(db->store, TX_WRITE, run_fn, &r, err);

	if (rc == 0) {
		db->head = r.op->head;
		db->loaded = true;
	} else if (r.op != NULL) {
		op_rollback(r.op);
	}
	op_free(&r);
	/* The answer of fn, if it gave one; nothing to write is no error. */
	if (rc == NOTHING_DONE)
		return r.answer;
	return rc == DRY_DONE ? 0 : rc;
}

/* A try without commit on a store that is not there: in memory. */
static int
run_nowhere(struct db *db, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *err)
{
	const struct driver *was = db->driver;
	int rc;

	db->driver = &driver_mem;
	rc = db->driver->open(
	    &db->store, "mem:", OPEN_WRITE | OPEN_CREATE, 0, err);
	if (rc == 0) {
		rc = op_run(db, flags, summary, fn, arg, err);
		db->driver->close(&db->store);
	}
	db->store = NULL;
	db->driver = was;
	return rc;
}

int
db_write(struct db *db, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *err)
{
	int rc;

	if (!(db->flags & OPEN_WRITE))
		bug("a write of a store that was opened for reading");
	if (db->store == NULL && (flags & OP_DRY))
		return run_nowhere(db, flags, summary, fn, arg, err);
	if (db->store == NULL && (flags & OP_BULK)) {
		rc = bulk_write(db, flags, summary, fn, arg, err);
		if (rc <= 0)
			return rc;
	}
	if (db_create(db, err) != 0)
		return -1;
	return op_run(db, flags, summary, fn, arg, err);
}
