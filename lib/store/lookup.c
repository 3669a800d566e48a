/* SPDX-License-Identifier: MIT */
/* Finding records by a value, by the end of their id, by what they name. */
#include "store/db_internal.h"

#include "base/num.h"
#include "base/utf8.h"
#include "record/labels.h"
#include "record/value.h"
#include "base/vec.h"
#include "store/meta.h"

enum { ROWS = 64, SUFFIX_KEY = 10, SUFFIX_LEAST = 4 };

/* ---- ranges ---- */

/* The range of all keys of an index that begin with the bytes of key; hi is
 * made in the arena. */
static struct krange
prefix_range(const struct index *x, struct str key, struct arena *arena)
{
	struct krange r = { x, arena_str(arena, key), STR_NONE };
	char *hi = arena_alloc(arena, key.n);
	size_t n = key.n;

	memcpy(hi, key.p, n);
	while (n > 0 && (unsigned char)hi[n - 1] == 0xff)
		n--;
	if (n > 0)
		hi[n - 1]++;
	r.hi = str_n(hi, n);
	return r;
}

/* fn for each entry's id: non-zero stops and is returned. */
static int
range_each(struct reading *r, const struct krange *k,
    int (*fn)(void *, const struct id *, struct err *), void *arg,
    struct err *err)
{
	const struct driver *d = r->db->driver;
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	struct id id;
	int n, i;
	int rc = 0;

	if (r->tx == NULL)
		return 0;
	if (d->range(r->tx, T_X, k->lo, k->hi, 0, &cur) != 0)
		return tx_fail(r->tx, err);
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) != 0) {
		if (n < 0)
			rc = tx_fail(r->tx, err);
		for (i = 0; rc == 0 && i < n; i++)
			rc = index_entry_id(k->x, kv[i].k, kv[i].v, &id)
				 ? fn(arg, &id, err)
				 : crc_error(T_X, kv[i].k, err);
	}
	d->end(&cur);
	/* A value whose key was changed may stand just outside. */
	if (rc == 0 && k->x->form == INDEX_UNIQUE &&
	    (tree_absent(d, r->tx, T_X, k->lo, err) != 0 ||
		(k->hi.p != NULL &&
		    tree_absent(d, r->tx, T_X, k->hi, err) != 0)))
		rc = -1;
	return rc;
}

struct id_list {
	struct id *v;
	size_t n, max;
};

static int
take_id(void *arg, const struct id *id, struct err *err)
{
	struct id_list *l = arg;

	(void)err;
	if (l->n == l->max)
		return 1;
	l->v[l->n++] = *id;
	return 0;
}

int
krange_ids(struct reading *r, const struct krange *k, struct id *out,
    size_t max, size_t *n, struct err *err)
{
	struct id_list l = { out, *n, max };
	int rc = range_each(r, k, take_id, &l, err);

	*n = l.n;
	return rc < 0 ? -1 : 0;
}

int
kind_scan(struct reading *r, const struct kind *k,
    int (*fn)(void *, struct dbrec *, struct err *), void *arg, struct err *err)
{
	const struct driver *d = r->db->driver;
	struct id zero = { { 0 } };
	enum tree tree = kind_tree(k);
	struct cur *cur = NULL;
	struct dbrec *rec;
	struct kv kv[ROWS];
	int rc = 0;
	int n, i;

	if (r->tx == NULL)
		return 0;
	if (d->range(r->tx, tree, str_n(zero.b, 1), STR_NONE, 0, &cur) != 0)
		return tx_fail(r->tx, err);
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) != 0) {
		if (n < 0)
			rc = tx_fail(r->tx, err);
		for (i = 0; rc == 0 && i < n; i++) {
			rc = dbrec_at(r, DBREC_SLOTS - 2, tree, kv[i].k,
			    kv[i].v, &rec, err);
			if (rc == 1)
				rc =
				    rec->view.kind == k ? fn(arg, rec, err) : 0;
		}
	}
	d->end(&cur);
	return rc;
}

/* ---- a unique value ---- */

int
db_unique(struct reading *r, const struct kind *k, const struct field *f,
    struct str canon, struct id *id, struct err *err)
{
	const struct index *x = index_find(&r->db->cat, k, f, INDEX_UNIQUE);
	struct arena_mark mark = arena_mark(&r->arena);
	struct buf key = BUF_INIT;
	struct str v;
	int rc = -1;

	if (r->tx == NULL)
		return 0;
	if (x == NULL)
		return db_whole(r, k, f, canon, id, 1, err);
	if (!index_unique_key(x, canon, &r->arena, &key)) {
		rc = 0;
		goto out;
	}
	if (tree_get_raw(r->db->driver, r->tx, T_X, buf_str(&key), &v, err) !=
	    0)
		goto out;
	rc = v.p != NULL;
	if (rc == 1 && !index_entry_id(x, buf_str(&key), v, id))
		rc = crc_error(T_X, buf_str(&key), err);
out:
	arena_rewind(&r->arena, mark);
	buf_release(&key);
	return rc;
}

/* ---- the end of an id ---- */

enum { MERGED_MAX = 64 };

struct suffix {
	struct reading *r;
	struct str text; /* canonical */
	struct id_list *list;
	struct id_list merged; /* where those went that were merged */
};

static bool
ends_so(const struct suffix *s, const struct id *id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return str_ends(str_n(text, ID_TEXT), s->text);
}

static bool
listed(const struct id_list *l, const struct id *id)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (id_cmp(&l->v[i], id) == 0)
			return true;
	return false;
}

/* Entries of the index: live records, and such as were merged. */
static int
take_suffix(void *arg, const struct id *id, struct err *err)
{
	struct suffix *s = arg;
	struct id live;
	int rc;

	if (!ends_so(s, id))
		return 0;
	rc = db_survivor(s->r, id, &live, err);
	if (rc < 0)
		return -1;
	if (id_cmp(&live, id) == 0)
		return take_id(s->list, id, err);
	if (rc == 1 && !listed(&s->merged, &live) &&
	    s->merged.n < s->merged.max)
		(void)take_id(&s->merged, &live, err);
	return 0;
}

static int
suffix_kind(
    struct reading *r, const struct kind *k, struct suffix *s, struct err *err)
{
	const struct index *x = index_find(&r->db->cat, k, NULL, INDEX_SUFFIX);
	unsigned char key[2 + SUFFIX_KEY];
	struct krange range;
	size_t n = 2, i;

	if (x == NULL)
		return 0;
	num_put_be16(key, x->no);
	for (i = s->text.n; i > 0 && n < sizeof(key); i--)
		key[n++] = (unsigned char)s->text.p[i - 1];
	range = prefix_range(x, str_n(key, n), &r->arena);
	return range_each(r, &range, take_suffix, s, err);
}

/* Activities have no such index: they are looked through, newest first. */
static int
suffix_activities(struct reading *r, struct suffix *s, struct err *err)
{
	const struct driver *d = r->db->driver;
	unsigned char lo[1] = { 0 }, hi[ID_BYTES];
	struct cur *cur = NULL;
	struct dbrec *rec;
	struct kv kv[ROWS];
	size_t before;
	struct id id;
	int rc = 0;
	int n, i;

	memset(hi, 0xff, sizeof(hi));
	if (d->range(r->tx, T_EV, str_n(lo, 1), str_n(hi, sizeof(hi)),
		RANGE_REVERSE, &cur) != 0)
		return tx_fail(r->tx, err);
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) != 0) {
		if (n < 0)
			rc = tx_fail(r->tx, err);
		for (i = 0; rc == 0 && i < n; i++) {
			if (kv[i].k.n != ID_BYTES)
				continue;
			memcpy(id.b, kv[i].k.p, ID_BYTES);
			before = s->list->n;
			rc = ends_so(s, &id) ? take_id(s->list, &id, err) : 0;
			if (rc != 0 || s->list->n == before)
				continue;
			rc = dbrec_at(r, DBREC_SLOTS - 2, T_EV, kv[i].k,
			    kv[i].v, &rec, err);
			if (rc == 0)
				s->list->n = before; /* a tombstone */
			rc = rc < 0 ? -1 : 0;
		}
	}
	d->end(&cur);
	return rc;
}

int
db_suffix(struct reading *r, const struct kind *kind, struct str suffix,
    struct id *out, size_t max, struct err *err)
{
	struct arena_mark mark = arena_mark(&r->arena);
	const struct schema *schema = &r->db->schema;
	struct id_list list = { out, 0, max };
	struct id merged[MERGED_MAX];
	char canon[ID_TEXT];
	struct suffix s;
	size_t i;
	int rc = 0;

	if (r->tx == NULL || suffix.n == 0 || suffix.n >= ID_TEXT)
		return 0;
	id_suffix_canon(suffix, canon);
	s.text = str_n(canon, suffix.n);
	s.r = r;
	s.list = &list;
	s.merged = (struct id_list){ merged, 0, MERGED_MAX };
	for (i = 0; rc == 0 && i < schema->nkinds; i++)
		if (kind == NULL || kind == &schema->kinds[i])
			rc = suffix_kind(r, &schema->kinds[i], &s, err);
	if (rc == 0 && list.n == 0 && (kind == NULL || kind_tree(kind) == T_EV))
		rc = suffix_activities(r, &s, err);
	for (i = 0; rc == 0 && list.n == i && i < s.merged.n; i++)
		rc = take_id(&list, &merged[i], err);
	arena_rewind(&r->arena, mark);
	return rc < 0 ? -1 : (int)list.n;
}

static size_t
common(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

/* How many characters the nearest other id on one side has in common. */
static int
suffix_neighbour(struct reading *r, const struct index *x, struct str key,
    const struct id *id, bool above, size_t *most, struct err *err)
{
	const struct driver *d = r->db->driver;
	unsigned char ends[2][2];
	struct cur *cur = NULL;
	struct str lo, hi;
	struct kv kv;
	struct id other;
	size_t n;
	int rc;

	num_put_be16(ends[0], x->no);
	num_put_be16(ends[1], (uint16_t)(x->no + 1));
	lo = above ? key : str_n(ends[0], 2);
	hi = above ? str_n(ends[1], 2) : key;
	if (d->range(r->tx, T_X, lo, hi, above ? 0 : RANGE_REVERSE, &cur) != 0)
		return tx_fail(r->tx, err);
	while ((rc = d->next(cur, &kv, 1)) == 1) {
		if (!index_entry_id(x, kv.k, kv.v, &other)) {
			rc = crc_error(T_X, kv.k, err);
			break;
		}
		if (id_cmp(&other, id) == 0)
			continue;
		n = common(
		    str_sub(kv.k, 2, SUFFIX_KEY), str_sub(key, 2, SUFFIX_KEY));
		if (n > *most)
			*most = n;
		rc = 0;
		break;
	}
	d->end(&cur);
	return rc < 0 ? tx_fail(r->tx, err) : 0;
}

int
db_suffix_len(struct reading *r, const struct id *id, struct err *err)
{
	const struct schema *schema = &r->db->schema;
	unsigned char key[2 + SUFFIX_KEY + ID_BYTES];
	const struct index *x;
	struct buf chars = BUF_INIT;
	size_t most = 0, i;
	int rc = 0;

	key_suffix(&chars, id);
	memcpy(key + 2, chars.p, SUFFIX_KEY);
	memcpy(key + 2 + SUFFIX_KEY, id->b, ID_BYTES);
	buf_release(&chars);
	for (i = 0; rc == 0 && r->tx != NULL && i < schema->nkinds; i++) {
		x = index_find(
		    &r->db->cat, &schema->kinds[i], NULL, INDEX_SUFFIX);
		if (x == NULL)
			continue;
		num_put_be16(key, x->no);
		rc = suffix_neighbour(
		    r, x, str_n(key, sizeof(key)), id, false, &most, err);
		if (rc == 0)
			rc = suffix_neighbour(r, x, str_n(key, sizeof(key)), id,
			    true, &most, err);
	}
	if (rc != 0)
		return -1;
	/* Alike as far as the index goes: the whole id tells. */
	if (most >= SUFFIX_KEY)
		return ID_TEXT;
	return most < SUFFIX_LEAST ? SUFFIX_LEAST : (int)most + 1;
}

/* ---- a value that several may have ---- */

struct whole {
	struct reading *r;
	const struct kind *kind;
	const struct field *f;
	struct str folded;
	struct id_list *list;
};

/* Whether one of the record's values folds to what is sought. */
static int
whole_has(struct whole *w, struct dbrec *rec, struct err *err)
{
	struct arena_mark mark = arena_mark(&w->r->arena);
	struct buf text = BUF_INIT;
	size_t state = 0;
	bool same = false;
	struct str v;
	int rc;

	while (
	    !same && (rc = dbrec_value(rec, w->f->no, &state, &v, err)) == 1) {
		buf_clear(&text);
		same =
		    value_text(w->f, v, dbrec_places(rec), &text) &&
		    str_eq(utf8_fold(buf_str(&text), &w->r->arena), w->folded);
		arena_rewind(&w->r->arena, mark);
	}
	buf_release(&text);
	return same ? 1 : rc;
}

static int
whole_record(void *arg, struct dbrec *rec, struct err *err)
{
	struct whole *w = arg;
	int rc = whole_has(w, rec, err);

	return rc == 1 ? take_id(w->list, dbrec_id(rec), err) : rc;
}

static int
whole_id(void *arg, const struct id *id, struct err *err)
{
	struct whole *w = arg;
	struct dbrec *rec;
	int rc = dbrec_get(w->r, id, DBREC_SLOTS - 2, &rec, err);

	return rc == 1 ? whole_record(w, rec, err) : rc;
}

/* By the longest of its words; which is none: 0 and not *done. */
static int
whole_by_word(
    struct whole *w, const struct index *x, bool *done, struct err *err)
{
	struct str word, longest = STR_NONE;
	struct buf key = BUF_INIT;
	unsigned char no[2];
	struct krange range;
	size_t pos = 0;
	int rc;

	while (utf8_word(w->folded, &pos, &word))
		if (longest.p == NULL || word.n > longest.n)
			longest = word;
	if (longest.p == NULL || longest.n > WORD_MAX)
		return 0;
	*done = true;
	num_put_be16(no, x->no);
	buf_add(&key, no, 2);
	buf_adds(&key, longest);
	buf_addc(&key, '\0');
	range = prefix_range(x, buf_str(&key), &w->r->arena);
	buf_release(&key);
	rc = range_each(w->r, &range, whole_id, w, err);
	return rc;
}

static int
whole_by_key(
    struct whole *w, const struct index *x, struct str canon, struct err *err)
{
	struct arena *arena = &w->r->arena;
	struct buf key = BUF_INIT;
	unsigned char no[2];
	struct krange range;
	int rc = 0;

	num_put_be16(no, x->no);
	buf_add(&key, no, 2);
	if (x->form == INDEX_DOMAIN) {
		key_text(&key, utf8_fold(email_domain(canon), arena));
	} else if (w->f->type == TYPE_PHONE) {
		key_phone(&key, canon);
		buf_cut(&key, key.n - 1); /* any beginning of the number */
	} else if (!key_value(&key, w->f, value_encode(w->f, canon, 0, arena),
		       0, arena)) {
		goto out;
	}
	range = prefix_range(x, buf_str(&key), arena);
	rc = x->form == INDEX_DOMAIN || key.n >= KEY_VALUE_MAX
		 ? range_each(w->r, &range, whole_id, w, err)
		 : range_each(w->r, &range, take_id, w->list, err);
out:
	buf_release(&key);
	return rc;
}

int
db_whole(struct reading *r, const struct kind *k, const struct field *f,
    struct str canon, struct id *out, size_t max, struct err *err)
{
	const struct catalogue *c = &r->db->cat;
	struct id_list list = { out, 0, max };
	struct whole w = { r, k, f, STR_NONE, &list };
	struct arena_mark mark = arena_mark(&r->arena);
	const struct index *x;
	bool done = false;
	int rc = 0;

	if (r->tx == NULL)
		return 0;
	w.folded = utf8_fold(canon, &r->arena);
	if ((x = index_find(c, k, f, INDEX_WHOLE)) != NULL ||
	    (x = index_find(c, k, f, INDEX_UNIQUE)) != NULL ||
	    (x = index_find(c, k, f, INDEX_DOMAIN)) != NULL) {
		done = true;
		rc = whole_by_key(&w, x, canon, err);
	} else if ((x = index_find(c, k, f, INDEX_WORD)) != NULL) {
		rc = whole_by_word(&w, x, &done, err);
	}
	if (!done && rc == 0)
		rc = kind_scan(r, k, whole_record, &w, err);
	arena_rewind(&r->arena, mark);
	return rc < 0 ? -1 : (int)list.n;
}

/* ---- who refers to a record ---- */

static int
push_id(void *arg, const struct id *id, struct err *err)
{
	struct ids *l = arg;

	(void)err;
	vec_push(l, *id);
	return 0;
}

int
field_referrers(struct reading *r, const struct id *target,
    const struct kind *k, const struct field *f, referrer_fn *fn, void *arg,
    struct err *err)
{
	const struct index *x = index_find(&r->db->cat, k, f, INDEX_WHOLE);
	struct arena_mark mark = arena_mark(&r->arena);
	struct ids ids = VEC_INIT;
	unsigned char key[2 + ID_BYTES];
	struct krange range;
	size_t i;
	int rc;

	if (x == NULL)
		return 0;
	num_put_be16(key, x->no);
	memcpy(key + 2, target->b, ID_BYTES);
	range = prefix_range(x, str_n(key, sizeof(key)), &r->arena);
	/* All of them first: fn may write. */
	rc = range_each(r, &range, push_id, &ids, err);
	arena_rewind(&r->arena, mark);
	for (i = 0; rc == 0 && i < ids.n; i++)
		rc = fn(arg, k, f, &ids.v[i], err);
	vec_release(&ids);
	return rc;
}

int
db_referrers(struct reading *r, const struct id *target, bool with_timeline,
    referrer_fn *fn, void *arg, struct err *err)
{
	const struct schema *schema = &r->db->schema;
	const struct kind *k;
	size_t i, j;
	int rc = 0;

	for (i = 0; rc == 0 && i < schema->nkinds; i++) {
		k = &schema->kinds[i];
		if (k->timeline != NULL && !with_timeline)
			continue;
		for (j = 0; rc == 0 && j < k->n; j++)
			if (k->v[j].type == TYPE_REF)
				rc = field_referrers(
				    r, target, k, &k->v[j], fn, arg, err);
	}
	return rc;
}
