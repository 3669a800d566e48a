/* SPDX-License-Identifier: MIT */
/* Opening and closing, and what a transaction finds in meta. */
#include "store/db.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/db_internal.h"
#include "store/meta.h"

enum { FORMAT_BYTES = 4 };

const struct schema *
db_schema(const struct db *db)
{
	return &db->schema;
}

int64_t
db_now(const struct db *db)
{
	return db->clock->now;
}

const char *
db_url(const struct db *db)
{
	return db->url;
}

unsigned
db_label_no(const struct db *db, struct str label)
{
	unsigned no = label_no(label);

	return no != 0 ? no : dict_no(&db->dict, DICT_LABEL, label);
}

struct str
db_label(const struct db *db, unsigned no)
{
	const char *builtin = label_name(no);

	if (builtin != NULL)
		return str_of(builtin);
	return dict_name(&db->dict, DICT_LABEL, no);
}

static unsigned
place_of(const struct slot *s)
{
	if (s->no == LABEL_CREATED)
		return UINT16_MAX + 1U;
	return s->f != NULL ? s->f->pos : UINT16_MAX;
}

bool
db_slot_before(const struct db *db, const struct slot *a, const struct slot *b)
{
	unsigned pa = place_of(a);
	unsigned pb = place_of(b);

	if (pa != pb)
		return pa < pb;
	/* Values of one label, which is most of them, ask no dictionary. */
	return a->no != b->no &&
	       str_cmp(db_label(db, a->no), db_label(db, b->no)) < 0;
}

void
db_slot_settle(const struct db *db, struct row *row, size_t at)
{
	struct slot s = row->v[at];

	for (; at > 0 && db_slot_before(db, &s, &row->v[at - 1]); at--)
		row->v[at] = row->v[at - 1];
	row->v[at] = s;
}

int
db_writable(const struct db *db, const char *name, struct err *err)
{
	if (!db->newer)
		return 0;
	return err_set(err, STATUS_CONFIG,
	    "%s: made by a newer crm-utils: it can be read, not written", name);
}

/* ---- meta ---- */

/* 1; 0: nothing was ever written; -1. */
static int
format_load(struct db *db, struct tx *tx, struct err *err)
{
	const unsigned char *p;
	unsigned major, minor;
	struct str v;

	if (meta_get(db->driver, tx, "format", &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	p = (const unsigned char *)v.p;
	if (v.n != FORMAT_BYTES)
		return err_set(err, STATUS_IO, "meta format: damaged");
	major = num_get_be16(p);
	minor = num_get_be16(p + 2);
	if (major != FORMAT_MAJOR)
		return err_set(err, STATUS_CONFIG,
		    "%s: the store has format %u.%u, this program reads %d.%d"
		    "\nA newer crm-utils reads it.",
		    db->url, major, minor, FORMAT_MAJOR, FORMAT_MINOR);
	db->newer = minor > FORMAT_MINOR;
	return 1;
}

static int
catalogue_fetch(struct db *db, struct tx *tx, bool force, struct err *err)
{
	struct str v;

	if (meta_get(db->driver, tx, "catalogue", &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return err_set(err, STATUS_IO, "meta catalogue: it is gone");
	/* The same bytes: whoever holds an index goes on holding it. */
	if (!force && str_eq(v, buf_str(&db->cat_bytes)))
		return 0;
	buf_clear(&db->cat_bytes);
	buf_adds(&db->cat_bytes, v);
	return catalogue_load(&db->cat, &db->schema, v, err);
}

/* Nothing there yet: the built-in schema, and indexes all ready, as there is
 * nothing to build. */
static void
load_empty(struct db *db)
{
	db->head = (struct head){ 0 };
	db_take_schema(db, schema_builtin(), NULL);
	catalogue_release(&db->cat);
	(void)catalogue_want(&db->cat, &db->schema, INDEX_READY);
}

int
db_load(struct db *db, struct tx *tx, bool again, struct err *err)
{
	struct head h;
	bool other;
	int rc;

	rc = format_load(db, tx, err);
	if (rc == 0 && db->base == NULL)
		load_empty(db);
	if (rc <= 0)
		return rc;
	rc = head_load(db, tx, &h, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, STATUS_IO, "meta head: it is gone");
	if (db->loaded && h.lsn == db->head.lsn &&
	    h.log_from == db->head.log_from && h.node == db->head.node &&
	    memcmp(h.schema, db->head.schema, HASH_BYTES) == 0)
		return 0;
	if (dict_load(&db->dict, db->driver, tx, err) != 0)
		return -1;
	other =
	    !db->loaded || memcmp(h.schema, db->head.schema, HASH_BYTES) != 0;
	if (other && db->loaded && !again)
		return err_set(err, STATUS_BUSY,
		    "the schema was changed meanwhile; try again");
	memcpy(db->currency, h.currency, 3);
	if (other && schema_fetch(db, tx, &h, err) != 0)
		return -1;
	if (!other && memcmp(h.currency, db->head.currency, 3) != 0)
		db_take_currency(db, h.currency);
	if (catalogue_fetch(db, tx, other, err) != 0)
		return -1;
	db->head = h;
	db->loaded = true;
	return 0;
}

int
db_found(struct db *db, struct tx *tx, struct err *err)
{
	unsigned char b[FORMAT_BYTES];
	struct buf scratch = BUF_INIT;
	struct head h = { 0 };
	int rc;

	num_put_be16(b, FORMAT_MAJOR);
	num_put_be16(b + 2, FORMAT_MINOR);
	rc = meta_put(
	    db->driver, tx, "format", str_n(b, sizeof(b)), &scratch, err);
	buf_release(&scratch);
	if (rc != 0)
		return -1;
	hash_random(&h.node, sizeof(h.node));
	h.log_from = 1;
	if (schema_store(db, tx, schema_builtin(),
		str_n(schema_builtin_text, schema_builtin_text_len), h.schema,
		err) != 0)
		return -1;
	load_empty(db);
	if (catalogue_store(db, tx, err) != 0)
		return -1;
	return head_save(db, tx, &h, err);
}

/* ---- open ---- */

static int
load_first(struct db *db, struct err *err)
{
	struct tx *tx = NULL;
	int rc;

	if (db->driver->begin_read(db->store, &tx, err) != 0)
		return -1;
	rc = db_load(db, tx, true, err);
	db->driver->end_read(&tx);
	return rc;
}

static int
found_fn(struct tx *tx, void *arg)
{
	return db_found(arg, tx, tx_err(tx));
}

int
db_create(struct db *db, struct err *err)
{
	if (db->store != NULL)
		return 0;
	return db->driver->open(&db->store, db->url,
	    (db->flags | OPEN_WRITE | OPEN_CREATE) & ~(unsigned)OPEN_NEW,
	    db->lock_ms, err);
}

/* crm-db init: the store is made at once and must not be there. */
static int
open_new(struct db *db, struct err *err)
{
	if (db->driver->open(
		&db->store, db->url, db->flags, db->lock_ms, err) != 0)
		return -1;
	return db->driver->run(db->store, TX_WRITE, found_fn, db, err);
}

/* A missing store that may be made is empty until something is written: a
 * program that finds nothing to write leaves no trace, and a bulk load makes
 * the directory by renaming. */
static int
open_there(struct db *db, struct err *err)
{
	struct err first = ERR_INIT;

	if (db->driver->open(&db->store, db->url,
		db->flags & ~(unsigned)OPEN_CREATE, db->lock_ms, &first) == 0)
		return 0;
	db->store = NULL;
	if (first.status == STATUS_NOINPUT && (db->flags & OPEN_CREATE))
		return 0;
	*err = first;
	return -1;
}

struct db *
db_new(const struct db_opts *o)
{
	struct db *db = mem_zero(1, sizeof(*db));

	dict_init(&db->dict);
	catalogue_init(&db->cat);
	buf_init(&db->cat_bytes);
	db->url = mem_dup(o->url);
	db->prog = mem_dup(o->prog != NULL ? o->prog : "crm");
	db->flags = o->flags;
	db->lock_ms = o->lock_ms;
	db->clock = o->clock;
	return db;
}

int
db_open(struct db **out, const struct db_opts *o, struct err *err)
{
	struct db *db = db_new(o);
	int rc = -1;

	*out = NULL;
	db->driver = driver_for(o->url, err);
	if (db->driver == NULL)
		goto out;
	if (((o->flags & OPEN_NEW) ? open_new(db, err) : open_there(db, err)) !=
	    0)
		goto out;
	if (db->store == NULL)
		load_empty(db);
	else if (load_first(db, err) != 0)
		goto out;
	*out = db;
	db = NULL;
	rc = 0;
out:
	db_close(&db);
	return rc;
}

int
db_reopen(struct db *db, struct err *err)
{
	if (db->store != NULL)
		db->driver->close(&db->store);
	db->loaded = false;
	if (open_there(db, err) != 0)
		return -1;
	if (db->store != NULL)
		return load_first(db, err);
	load_empty(db);
	return 0;
}

void
db_close(struct db **pdb)
{
	struct db *db = *pdb;

	if (db == NULL)
		return;
	if (db->driver != NULL && db->store != NULL)
		db->driver->close(&db->store);
	reading_close(&db->under);
	overdue_free(&db->overdue);
	agg_rules_free(&db->rules);
	dict_release(&db->dict);
	catalogue_release(&db->cat);
	buf_release(&db->cat_bytes);
	kept_free(&db->kept);
	mem_free(db->url);
	mem_free(db->prog);
	mem_free(db);
	*pdb = NULL;
}
