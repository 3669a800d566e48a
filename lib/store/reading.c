/* SPDX-License-Identifier: MIT */
/* Readers: one snapshot at a time, and names to show for ids. */
#include "store/db_internal.h"

#include "base/hash.h"
#include "base/mem.h"
#include "record/value.h"
#include "store/meta.h"

enum { DISPLAY_FIRST = 64 };

struct display_entry {
	struct id id;
	struct str name; /* none: it has none */
	bool used;
};
struct display_cache {
	struct display_entry *v;
	size_t n, size; /* size: a power of two */
};

void
reading_init(struct reading *r, struct db *db, struct tx *tx, bool own)
{
	int i;

	*r = (struct reading){ 0 };
	r->db = db;
	r->tx = tx;
	r->own = own;
	arena_init(&r->arena);
	for (i = 0; i < DBREC_SLOTS; i++) {
		buf_init(&r->rec[i].bytes);
		buf_init(&r->rec[i].text);
	}
}

static void
display_clear(struct reading *r)
{
	if (r->display == NULL)
		return;
	mem_free(r->display->v);
	mem_free(r->display);
	r->display = NULL;
}

/* What was read from the snapshot that is given up. */
static void
reading_forget(struct reading *r)
{
	r->generation++;
	display_clear(r);
	arena_clear(&r->arena);
	if (!r->op_counts) {
		mem_free(r->counts);
		r->counts = NULL;
	}
}

void
reading_release(struct reading *r)
{
	int i;

	tl_suspend(r);
	reading_forget(r);
	arena_release(&r->arena);
	for (i = 0; i < DBREC_SLOTS; i++) {
		buf_release(&r->rec[i].bytes);
		buf_release(&r->rec[i].text);
	}
}

static int
reading_begin(struct reading *r, struct err *err)
{
	struct db *db = r->db;

	/* Another process, or this one, may have made the store meanwhile. */
	if (db->store == NULL)
		return 0;
	if (db->driver->begin_read(db->store, &r->tx, &r->err) != 0) {
		if (err != NULL && err->status == 0)
			*err = r->err;
		err_clear(&r->err);
		r->tx = NULL;
		return -1;
	}
	return db_load(db, r->tx, false, err);
}

int
db_read(struct db *db, struct reading **out, struct err *err)
{
	struct reading *r = mem_alloc(sizeof(*r));

	*out = NULL;
	reading_init(r, db, NULL, true);
	if (reading_begin(r, err) != 0) {
		reading_close(&r);
		return -1;
	}
	*out = r;
	return 0;
}

void
reading_pause(struct reading *r)
{
	if (!r->own)
		return;
	tl_suspend(r);
	reading_forget(r);
	if (r->tx != NULL)
		(void)r->db->driver->drop(r->tx); /* nothing to lose */
}

int
reading_renew(struct reading *r, struct err *err)
{
	if (!r->own)
		return 0;
	tl_suspend(r);
	reading_forget(r);
	if (r->tx == NULL)
		return reading_begin(r, err);
	if (r->db->driver->renew(r->tx) != 0)
		return tx_fail(r->tx, err);
	return db_load(r->db, r->tx, false, err);
}

int
db_read_again(struct db *db, struct reading **r, struct err *err)
{
	return *r != NULL ? reading_renew(*r, err) : db_read(db, r, err);
}

void
reading_close(struct reading **pr)
{
	struct reading *r = *pr;

	if (r == NULL)
		return;
	reading_release(r);
	if (r->own && r->tx != NULL)
		r->db->driver->end_read(&r->tx);
	mem_free(r);
	*pr = NULL;
}

struct db *
reading_db(struct reading *r)
{
	return r->db;
}

uint64_t
db_count(struct reading *r, const struct kind *k, struct err *err)
{
	uint64_t all = 0;
	unsigned i;

	if (r->tx == NULL)
		return 0;
	if (r->counts == NULL) {
		r->counts = mem_zero(1, sizeof(*r->counts));
		if (counts_load(r->db, r->tx, r->counts, err) != 0) {
			mem_free(r->counts);
			r->counts = NULL;
			return 0;
		}
	}
	if (k != NULL)
		return r->counts->live[k->no];
	for (i = 0; i < KINDS_MAX; i++)
		all += r->counts->live[i];
	return all;
}

/* ---- names ---- */

static struct display_entry *
display_slot(struct display_cache *c, const struct id *id)
{
	size_t at = (size_t)hash_bytes(id->b, ID_BYTES, 0);

	for (at &= c->size - 1; c->v[at].used; at = (at + 1) & (c->size - 1))
		if (id_cmp(&c->v[at].id, id) == 0)
			break;
	return &c->v[at];
}

static void
display_grow(struct display_cache *c)
{
	struct display_entry *old = c->v;
	size_t n = c->size, i;

	c->size = n == 0 ? DISPLAY_FIRST : n * 2;
	c->v = mem_zero(c->size, sizeof(*c->v));
	for (i = 0; i < n; i++)
		if (old[i].used)
			*display_slot(c, &old[i].id) = old[i];
	mem_free(old);
}

static int
display_find(
    struct reading *r, const struct id *id, struct str *out, struct err *err)
{
	const struct field *f;
	struct buf text = BUF_INIT;
	struct dbrec *rec;
	struct str v;
	size_t state = 0;
	int rc;

	*out = STR_NONE;
	/* The last slot: nested look-ups of others begin below. */
	rc = dbrec_get(r, id, DBREC_SLOTS - 1, &rec, err);
	if (rc <= 0)
		return rc;
	if (rec->view.kind->display == NULL)
		return 0;
	f = kind_field(rec->view.kind, str_of(rec->view.kind->display));
	if (f == NULL)
		return 0;
	rc = dbrec_value(rec, f->no, &state, &v, err);
	if (rc <= 0)
		return rc;
	if (value_text(f, v, dbrec_places(rec), &text))
		*out = arena_str(&r->arena, buf_str(&text));
	buf_release(&text);
	return 0;
}

int
reading_display(
    struct reading *r, const struct id *id, struct str *out, struct err *err)
{
	struct display_cache *c = r->display;
	struct display_entry *e;

	/* Inside an operation names may change between two questions. */
	if (!r->own)
		return display_find(r, id, out, err);
	if (c == NULL)
		c = r->display = mem_zero(1, sizeof(*c));
	if (c->n * 2 >= c->size)
		display_grow(c);
	e = display_slot(c, id);
	if (!e->used) {
		if (display_find(r, id, &e->name, err) != 0)
			return -1;
		e->id = *id;
		e->used = true;
		c->n++;
	}
	*out = e->name;
	return 0;
}
