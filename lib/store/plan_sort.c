/* SPDX-License-Identifier: MIT */
/*
 * `-s FIELD -l N` on an indexed field: its entries in their order, until N
 * records match.  What has no value comes last, in the order of ids.
 *
 * The answer is sought when it is opened: whether the walk pays is known only
 * at its end, and N ids are few.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "record/value.h"
#include "store/meta.h"
#include "store/plan_int.h"

enum {
	WALK_MAX = 10000, /* records wanted: above, all are sorted */
	WALK_ROWS = 32,
	LIST_SHORT = 256, /* candidates that are sorted sooner than walked to */
	NO_BYTES = 2,
};

/* A match, and the value that it stands at. */
struct stand {
	struct pid id;
	struct scalar value;
	bool down;
};

struct walk {
	struct answer *a;
	const struct index *x;
	const struct field *f;
	struct str label; /* of a saved score */
	bool down, text;
	uint64_t left;      /* records that it may still try */
	bool spent;         /* it has tried so many */
	struct cur *finder; /* descending: finds the next value below */
	struct cur *cur;
	struct kv kv[WALK_ROWS];
	int n, i;
	struct buf value; /* of the group at hand, index number included */
	VEC(struct stand) group;
	struct arena arena; /* of the group's values */
};

/* ---- entries, value by value ---- */

static struct str
entry_prefix(const struct walk *w, struct str key)
{
	struct str v = index_entry_value(w->x, key);

	return v.p != NULL ? str_n(key.p, NO_BYTES + v.n) : STR_NONE;
}

static int
open_cur(struct walk *w, unsigned flags, struct cur **out, struct err *err)
{
	struct reading *r = w->a->r;
	unsigned char lo[NO_BYTES], hi[NO_BYTES];

	num_put_be16(lo, w->x->no);
	num_put_be16(hi, (uint16_t)(w->x->no + 1));
	if (r->db->driver->range(r->tx, T_X, str_n(lo, NO_BYTES),
		str_n(hi, NO_BYTES), flags, out) != 0)
		return tx_fail(r->tx, err);
	return 0;
}

/* The entry under the cursor: 1, 0 at the end, -1. */
static int
peek(struct walk *w, struct kv **out, struct err *err)
{
	if (w->i == w->n) {
		w->i = 0;
		w->n = w->a->r->db->driver->next(
		    w->cur, w->kv, w->a->r->own ? WALK_ROWS : 1);
		if (w->n < 0) {
			w->n = 0;
			(void)tx_fail(w->a->r->tx, err); /* always -1 */
			return -1;
		}
		if (w->n == 0)
			return 0;
	}
	*out = &w->kv[w->i];
	return 1;
}

/* Puts the cursor before the entries of the next value: 1, 0, -1. */
static int
next_value(struct walk *w, struct err *err)
{
	const struct driver *d = w->a->r->db->driver;
	struct kv *kv, one;
	int rc;

	if (!w->down) {
		rc = peek(w, &kv, err);
		if (rc <= 0)
			return rc;
		one = *kv;
	} else {
		/* Keys of a value begin with it, so they are above it; a
		 * unique one is it, and was the last that was given. */
		if (w->value.n > 0 && w->x->form != INDEX_UNIQUE &&
		    d->seek(w->finder, buf_str(&w->value)) != 0)
			return tx_fail(w->a->r->tx, err);
		rc = d->next(w->finder, &one, 1);
		if (rc < 0)
			return tx_fail(w->a->r->tx, err);
		if (rc == 0)
			return 0;
	}
	buf_clear(&w->value);
	buf_adds(&w->value, entry_prefix(w, one.k));
	if (w->value.n == 0)
		return crc_error(T_X, one.k, err);
	if (w->down) {
		if (d->seek(w->cur, buf_str(&w->value)) != 0)
			return tx_fail(w->a->r->tx, err);
		w->n = w->i = 0;
	}
	return 1;
}

/* The next id of the value at hand: 1, 0, -1. */
static int
next_entry(struct walk *w, struct pid *out, struct err *err)
{
	struct kv *kv;
	struct id id;
	int rc = peek(w, &kv, err);

	if (rc <= 0)
		return rc;
	if (!str_eq(entry_prefix(w, kv->k), buf_str(&w->value)))
		return 0;
	if (!index_entry_id(w->x, kv->k, kv->v, &id))
		return crc_error(T_X, kv->k, err);
	w->i++;
	*out = pid_of(id.b);
	return 1;
}

/* ---- records ---- */

static bool
before(const struct walk *w, const struct scalar *a, const struct scalar *b)
{
	int c = scalar_cmp(a, b);

	return w->down ? c > 0 : c < 0;
}

/* A saved score is not in the record, and there is one at most: 1, 0, -1. */
static int
score_value(struct walk *w, struct dbrec *rec, struct str *v, struct scalar *sc,
    struct err *err)
{
	char text[DECIMAL_TEXT];
	int rc = dbrec_derived(rec, w->f, w->label, sc, err);

	if (rc <= 0)
		return rc;
	if (sc->type == TYPE_DECIMAL)
		*v = arena_str(
		    &w->arena, str_n(text, decimal_format(sc->d, text)));
	else
		*v = arena_str(&w->arena, sc->s);
	return 1;
}

/* The next value of the field: 1; 0 no more, or none that is one; -1. */
static int
next_stored(struct walk *w, struct dbrec *rec, size_t *state, struct str *v,
    struct scalar *sc, struct err *err)
{
	int rc;

	if (w->label.n > 0)
		return (*state)++ == 0 ? score_value(w, rec, v, sc, err) : 0;
	do
		rc = dbrec_value(rec, w->f->no, state, v, err);
	while (rc == 1 && !scalar_stored(w->f, *v, dbrec_places(rec), sc));
	return rc;
}

/*
 * The value that the record stands at, the least or the greatest: 1; 0 where
 * the walk has been past it, at a value nearer to its beginning; -1.
 * *keyed: some value is in the index.
 */
static int
stands_here(struct walk *w, struct dbrec *rec, struct scalar *out, bool *keyed,
    struct err *err)
{
	struct buf key = BUF_INIT;
	struct str here = buf_str(&w->value), v;
	size_t state = 0;
	bool first = true, past = false;
	struct scalar sc;
	int places = dbrec_places(rec);
	int rc, c;

	*keyed = false;
	while ((rc = next_stored(w, rec, &state, &v, &sc, err)) == 1) {
		buf_clear(&key);
		buf_add(&key, here.p, here.n < NO_BYTES ? 0U : NO_BYTES);
		if (!key_value(&key, w->f, v, places, &w->arena))
			continue;
		*keyed = true;
		c = str_cmp(buf_str(&key), here);
		past = past || (w->down ? c > 0 : c < 0);
		if (first || before(w, &sc, out)) {
			*out = sc;
			out->s = arena_str(&w->arena, sc.s);
		}
		first = false;
	}
	buf_release(&key);
	return rc < 0 ? -1 : !past && !first;
}

static int
cmp_stand(const void *pa, const void *pb)
{
	const struct stand *a = pa, *b = pb;
	int c = scalar_cmp(&a->value, &b->value);

	if (c != 0)
		return a->down ? -c : c;
	return pid_less(a->id, b->id) ? -1 : 1;
}

/* Texts that fold to the same stand by their bytes. */
static void
take_group(struct walk *w)
{
	if (w->text && w->group.n > 1)
		qsort(w->group.v, w->group.n, sizeof(*w->group.v), cmp_stand);
	for (size_t i = 0; i < w->group.n; i++)
		if (w->a->walk.n < w->a->opts.limit)
			pids_add(&w->a->walk, w->group.v[i].id);
	vec_clear(&w->group);
	arena_clear(&w->arena);
}

/* The matches among the entries of one value: 1, 0 none may be tried more,
 * -1. */
static int
walk_value(struct walk *w, struct err *err)
{
	struct stand s = { { 0, 0 }, { 0 }, w->down };
	struct dbrec *rec;
	bool keyed;
	int rc;

	while ((rc = next_entry(w, &s.id, err)) == 1) {
		if (w->left-- == 0) {
			w->spent = true;
			return 0;
		}
		rc = answer_try(w->a, s.id, &rec, err);
		if (rc == 1)
			rc = stands_here(w, rec, &s.value, &keyed, err);
		if (rc < 0)
			return -1;
		if (rc == 1)
			vec_push(&w->group, s);
		/* Others of this value may stand before it only in texts. */
		if (!w->text && w->a->walk.n + w->group.n == w->a->opts.limit)
			break;
	}
	take_group(w);
	return rc < 0 ? -1 : 1;
}

/* What has no value, in the order of ids: 1; 0 where something has one that
 * no index knows, -1. */
static int
walk_absent(struct walk *w, struct err *err)
{
	struct answer *a = w->a;
	struct scalar sc;
	struct dbrec *rec;
	struct pid id;
	size_t state;
	struct str v;
	bool keyed;
	int rc;

	while (a->walk.n < a->opts.limit) {
		rc = answer_step(a, &id, &rec, err);
		if (rc <= 0)
			return rc < 0 ? -1 : 1;
		state = 0;
		rc = w->label.n > 0
			 ? dbrec_derived(rec, w->f, w->label, &sc, err)
			 : dbrec_value(rec, w->f->no, &state, &v, err);
		if (rc == 0) {
			pids_add(&a->walk, id);
			continue;
		}
		if (rc < 0 || stands_here(w, rec, &sc, &keyed, err) < 0)
			return -1;
		arena_clear(&w->arena);
		if (!keyed)
			return 0;
	}
	return 1;
}

/* ---- whether ---- */

static const struct index *
walk_index(const struct answer *a)
{
	const struct field *f = a->opts.sort;
	const struct kind *kind = NULL;
	const struct schema *s = a->q->schema;

	for (size_t i = 0; i < s->nkinds; i++) {
		if (!a->kinds[s->kinds[i].no])
			continue;
		if (kind != NULL)
			return NULL; /* the ids of one index are of one kind */
		kind = &s->kinds[i];
	}
	if (kind != NULL && f->no == LABEL_SCORE_FAMILY && f->pos < kind->n &&
	    kind->v[f->pos].no == f->no)
		return index_score(&a->r->db->cat, kind,
		    db_label_no(a->r->db, a->opts.sort_label), INDEX_WHOLE);
	if (kind == NULL || f->role != ROLE_STORED || f->family ||
	    f->alt != TYPE_NONE || f->pos >= kind->n || f != &kind->v[f->pos])
		return NULL;
	switch (f->type) {
	case TYPE_TEXT:
	case TYPE_TAG:
	case TYPE_EMAIL:
	case TYPE_URL:
	case TYPE_REF:
	case TYPE_INT:
	case TYPE_DECIMAL:
	case TYPE_DATE:
	case TYPE_DATETIME:
	case TYPE_BOOL:
		return index_ordered(&a->r->db->cat, kind, f);
	default:
		return NULL;
	}
}

/* Back to the answer without the walk. */
static void
give_up(struct answer *a)
{
	pids_release(&a->walk);
	a->next = (struct pid){ 0, 0 };
	a->done = false;
	if (a->mode == ANSWER_LIST) {
		post_rewind(a, a->root);
	} else {
		scan_pause(a);
		scan_begin(a, a->next);
	}
}

int
sort_walk(struct answer *a, struct err *err)
{
	const struct driver *d = a->r->db->driver;
	bool no_fetch = a->no_fetch;
	struct walk w = { 0 };
	int rc = 0;

	w.x = walk_index(a);
	if (w.x == NULL || a->opts.limit > WALK_MAX ||
	    (a->mode == ANSWER_LIST && a->root->read < LIST_SHORT))
		return 0;
	w.a = a;
	w.f = a->opts.sort;
	if (w.f->no == LABEL_SCORE_FAMILY)
		w.label = a->opts.sort_label;
	w.down = a->opts.descending;
	w.text = w.f->type == TYPE_TEXT || w.f->type == TYPE_TAG ||
		 w.f->type == TYPE_EMAIL || w.f->type == TYPE_URL;
	w.left = a->mode == ANSWER_LIST ? a->root->read / 2 : a->budget;
	buf_init(&w.value);
	arena_init(&w.arena);
	a->no_fetch = false;
	if (open_cur(&w, 0, &w.cur, err) < 0 ||
	    (w.down && open_cur(&w, RANGE_REVERSE, &w.finder, err) < 0)) {
		rc = -1;
		goto out;
	}
	while (a->walk.n < a->opts.limit && (rc = next_value(&w, err)) == 1)
		if ((rc = walk_value(&w, err)) != 1)
			break;
	if (a->walk.n == a->opts.limit)
		rc = 1;
	else if (rc == 0 && !w.spent)
		rc = walk_absent(&w, err);
	if (rc == 1) {
		a->mode = ANSWER_WALK;
		a->done = false;
	} else if (rc == 0) {
		give_up(a);
	}
out:
	a->no_fetch = no_fetch;
	if (w.cur != NULL)
		d->end(&w.cur);
	if (w.finder != NULL)
		d->end(&w.finder);
	vec_release(&w.group);
	buf_release(&w.value);
	arena_release(&w.arena);
	return rc < 0 ? -1 : 0;
}
