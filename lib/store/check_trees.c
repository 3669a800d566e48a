/* SPDX-License-Identifier: MIT */
/* Records against themselves, and what stands in x, tl and agg against what
 * the records say. */
#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/check_int.h"
#include "store/meta.h"

enum { CREATE_DIGEST = 16, INDEX_NO = 2, X_VALUE = ID_BYTES + 4 };

/* ---- records ---- */

static void
check_damaged(struct audit *c, enum tree tree, struct str key, const char *what)
{
	unsigned char k[1 + ID_BYTES];

	check_fault(c, tree, key, key.n == ID_BYTES, "%s", what);
	if (key.n != ID_BYTES)
		return;
	k[0] = (unsigned char)tree;
	memcpy(k + 1, key.p, ID_BYTES);
	if (c->damaged.n == c->damaged.cap) {
		c->damaged.cap = vec_room(c->damaged.n, c->damaged.cap);
		c->damaged.v = mem_resize(
		    c->damaged.v, c->damaged.cap, sizeof(*c->damaged.v));
	}
	memcpy(c->damaged.v[c->damaged.n++], k, sizeof(k));
}

int
check_want(void *arg, const struct index *x, struct str key, struct err *err)
{
	struct audit *c = arg;
	struct str id = str_n(c->rows.p, ID_BYTES);

	if (x->form != INDEX_UNIQUE)
		return sorter_add(c->x, key, ID_BYTES, STR(""), false, err);
	/* With its owner behind, so that two of them are both seen. */
	buf_clear(&c->scratch);
	buf_adds(&c->scratch, key);
	buf_adds(&c->scratch, id);
	return sorter_add(c->x, buf_str(&c->scratch), ID_BYTES, id, false, err);
}

/* A tombstone, without reading the rest: version, then flags. */
static bool
is_dead(struct str value)
{
	return value.n > 1 && ((unsigned char)value.p[1] & ROW_DELETED) != 0;
}

static int
check_refs(
    struct audit *c, const struct row *row, enum tree tree, struct err *err)
{
	struct str key = id_str(&row->id);
	const struct slot *s;
	struct str value;
	struct id id;
	enum tree at;
	size_t i;
	int rc;

	for (i = 0; i < row->n; i++) {
		s = &row->v[i];
		if (s->v.n == 0)
			continue;
		if (s->f == NULL && label_name(s->no) == NULL &&
		    dict_name(&c->db->dict, DICT_LABEL, s->no).p == NULL)
			check_fault(c, tree, key, false,
			    "label number %u is not in the dictionary", s->no);
		if (s->f == NULL || s->f->type != TYPE_REF ||
		    s->f->role != ROLE_STORED || s->v.n != ID_BYTES)
			continue;
		memcpy(id.b, s->v.p, ID_BYTES);
		rc = record_find(c->tx, c->db, &id, &at, &value, err);
		if (rc < 0)
			return -1;
		if (rc == 0 || is_dead(value))
			check_fault(c, tree, key, false,
			    rc == 0
				? "%s: it refers to a record that is not there"
				: "%s: it refers to a record that was removed",
			    s->f->name);
	}
	return 0;
}

/* The log's newest entry about it is about it; of one that was never edited
 * the log has a digest. */
static int
check_in_log(struct audit *c, const struct row *row, enum tree tree,
    struct str record, struct err *err)
{
	struct str key = id_str(&row->id);
	unsigned char k[LOG_KEY], digest[CREATE_DIGEST];
	struct log_entry e;
	struct str raw, v;

	if (row->lsn < c->db->head.log_from)
		return 0;
	log_key(row->lsn, row->seq, k);
	if (tree_get_any(
		c->db->driver, c->tx, T_LOG, str_n(k, LOG_KEY), &raw, err) != 0)
		return -1;
	if (raw.p == NULL || !crc_take(T_LOG, str_n(k, LOG_KEY), raw, &v) ||
	    !log_entry_read(v, &e) || id_cmp(&e.id, &row->id) != 0) {
		check_fault(c, tree, key, false,
		    "the log has no entry about its last change");
		return 0;
	}
	if (e.type != LOG_CREATE || e.rest.n != CREATE_DIGEST)
		return 0;
	hash_blake2b(digest, sizeof(digest), e.salt, LOG_SALT, record.p,
	    record.n, NULL, 0);
	if (memcmp(digest, e.rest.p, sizeof(digest)) != 0)
		check_fault(c, tree, key, false,
		    "it is not what the log says was stored");
	return 0;
}

static int
check_live(
    struct audit *c, const struct row *row, enum tree tree, struct err *err)
{
	size_t i;

	c->counts.live[row->kind->no]++;
	if (kind_tree(row->kind) != tree)
		check_fault(c, tree, id_str(&row->id), false,
		    "a %s stands in the wrong tree", row->kind->name);
	if (check_refs(c, row, tree, err) != 0)
		return -1;
	buf_clear(&c->rows);
	buf_add(&c->rows, row->id.b, ID_BYTES);
	if (index_entries(
		&c->db->cat, &c->maker, ~0U, row, check_want, c, err) != 0)
		return -1;
	timeline_rows(c->db, row, &c->scratch, &c->rows);
	for (i = 0; i < c->rows.n; i += TL_ITEM)
		if (sorter_add(c->tl, str_n(c->rows.p + i, TL_KEY), ID_BYTES,
			str_n(c->rows.p + i + TL_KEY, TL_VALUE + 1), false,
			err) != 0)
			return -1;
	return 0;
}

/* Of a tombstone: one of a record that was merged leads somewhere. */
static int
check_dead(
    struct audit *c, const struct row *row, enum tree tree, struct err *err)
{
	struct str into = row_get(row, LABEL_MERGED_INTO);
	struct str key = id_str(&row->id);
	struct str value;
	struct id id;
	enum tree at;
	int rc = 1;

	c->counts.dead[tree]++;
	if (into.n == ID_BYTES) {
		memcpy(id.b, into.p, ID_BYTES);
		rc = record_find(c->tx, c->db, &id, &at, &value, err);
	}
	if (rc < 0)
		return -1;
	if (rc == 0)
		check_fault(c, tree, key, false,
		    "it was merged into a record that is not there");
	buf_clear(&c->rows);
	buf_add(&c->rows, row->id.b, ID_BYTES);
	return index_entries(
	    &c->db->cat, &c->maker, ~0U, row, check_want, c, err);
}

static int
check_record(struct audit *c, enum tree tree, struct kv *kv, struct err *err)
{
	struct err bad = ERR_INIT;
	struct rowview_pos pos = { 0 };
	struct rowview view;
	struct row row = { 0 };
	struct str v;
	unsigned no;
	bool blob;

	arena_clear(&c->arena);
	if (kv->k.n != ID_BYTES ||
	    rowview_open(&view, &c->db->schema, tree, kv->k, kv->v, &bad) < 0 ||
	    row_whole(c->tx, c->db, &view, &c->arena, &row, &bad) != 0) {
		check_damaged(c, tree, kv->k,
		    bad.status != 0 ? bad.msg : "a key of no record");
		return 0;
	}
	while (rowview_each(&view, &pos, &no, &v, &blob))
		if (blob)
			c->blob_parts += blob_parts(v);
	if (check_in_log(c, &row, tree, str_sub(kv->v, 0, kv->v.n - 4), err) !=
	    0)
		return -1;
	if (view.flags & ROW_DELETED)
		return check_dead(c, &row, tree, err);
	return check_live(c, &row, tree, err);
}

static int
check_blobs(struct audit *c, struct err *err)
{
	uint64_t n = 0;
	struct walk w;
	struct kv kv;
	int rc;

	if (walk_begin(&w, c->db, c->tx, T_BLOB, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1) {
		n++;
		check_step(c);
	}
	walk_end(&w);
	if (rc == 0 && n != c->blob_parts && c->damaged.n == 0)
		check_fault(c, T_BLOB, STR_NONE, false,
		    "%llu pieces of texts, records have %llu",
		    (unsigned long long)n, (unsigned long long)c->blob_parts);
	return rc;
}

static void
compare_counts(struct audit *c, const struct counts *said)
{
	const struct kind *k;
	unsigned i;

	for (i = 0; i < KINDS_MAX; i++) {
		if (c->counts.live[i] == said->live[i])
			continue;
		k = schema_kind_no(&c->db->schema, i);
		check_fault(c, T_META, STR("counts"), true,
		    "%s: %llu are counted, %llu are there",
		    k == NULL ? "?" : k->name,
		    (unsigned long long)said->live[i],
		    (unsigned long long)c->counts.live[i]);
	}
	for (i = T_CONTACT; i <= T_LED; i++)
		if (c->counts.dead[i] != said->dead[i])
			check_fault(c, T_META, STR("counts"), true,
			    "%s: %llu removed ones are counted, %llu are there",
			    tree_name((enum tree)i),
			    (unsigned long long)said->dead[i],
			    (unsigned long long)c->counts.dead[i]);
}

int
check_records(struct audit *c, struct err *err)
{
	struct counts said = c->counts;
	struct walk w;
	struct kv kv;
	int rc = 0;
	int t;

	c->counts = (struct counts){ 0 };
	for (t = T_CONTACT; rc == 0 && t <= T_LED; t++) {
		if (walk_begin(&w, c->db, c->tx, (enum tree)t, err) != 0)
			return -1;
		while ((rc = walk_next(&w, &kv, err)) == 1) {
			check_step(c);
			if (check_record(c, (enum tree)t, &kv, err) != 0) {
				rc = -1;
				break;
			}
		}
		walk_end(&w);
	}
	if (rc == 0)
		rc = check_blobs(c, err);
	if (rc == 0)
		rc = check_scores(c, err);
	if (rc == 0)
		compare_counts(c, &said);
	return rc;
}

/* ---- index entries ---- */

static const struct index *
index_no(const struct catalogue *cat, struct str key)
{
	unsigned no;
	size_t i;

	if (key.n < INDEX_NO)
		return NULL;
	no = num_get_be16((const unsigned char *)key.p);
	for (i = 0; i < cat->n; i++)
		if (cat->v[i].no == no && cat->v[i].kind != NULL)
			return &cat->v[i];
	return NULL;
}

/* An entry as the sorter has it: a unique one with its owner behind. */
static bool
found_entry(struct audit *c, const struct kv *kv, const struct index **x,
    struct buf *key)
{
	struct id id;

	buf_clear(key);
	buf_adds(key, kv->k);
	if (*x == NULL ||
	    (*x)->no != num_get_be16((const unsigned char *)kv->k.p))
		*x = index_no(&c->db->cat, kv->k);
	if (*x == NULL || (*x)->form != INDEX_UNIQUE)
		return *x == NULL || kv->v.n == 0;
	if (!index_entry_id(*x, kv->k, kv->v, &id))
		return false;
	buf_add(key, id.b, ID_BYTES);
	return true;
}

static const char *
field_name(const struct audit *c, const struct index *x)
{
	if (x == NULL)
		return "?";
	/* Names of the dictionary end in a NUL, as all in an arena do. */
	if (x->label != 0)
		return db_label(c->db, x->label).p;
	return x->f == NULL ? "id" : x->f->name;
}

static void
entry_missing(struct audit *c, struct str key)
{
	const struct index *x = index_no(&c->db->cat, key);

	if (x != NULL && x->state == INDEX_BUILDING)
		return;
	check_fault(c, T_X, str_sub(key, key.n - ID_BYTES, ID_BYTES), true,
	    "an entry of %s.%s is missing", x == NULL ? "?" : x->kind->name,
	    field_name(c, x));
}

static void
entry_surplus(struct audit *c, struct str key)
{
	const struct index *x = index_no(&c->db->cat, key);

	check_fault(c, T_X, key, true, "an entry of %s.%s that no record has",
	    x == NULL ? "?" : x->kind->name, field_name(c, x));
}

int
check_index(struct audit *c, struct err *err)
{
	const struct index *x = NULL;
	struct str want = STR_NONE, value;
	struct buf have = BUF_INIT;
	struct walk w;
	struct kv kv;
	bool del;
	int more, d;
	int rc = 0;

	if (sorter_sort(c->x, err) != 0 ||
	    walk_begin(&w, c->db, c->tx, T_X, err) != 0)
		return -1;
	more = sorter_next(c->x, &want, &value, &del, err);
	while (more >= 0 && (rc = walk_next(&w, &kv, err)) == 1) {
		check_step(c);
		if (!found_entry(c, &kv, &x, &have)) {
			check_fault(c, T_X, kv.k, true, "a damaged entry");
			continue;
		}
		d = 1;
		while (more == 1 && (d = str_cmp(want, buf_str(&have))) < 0) {
			entry_missing(c, want);
			more = sorter_next(c->x, &want, &value, &del, err);
		}
		if (more == 1 && d == 0)
			more = sorter_next(c->x, &want, &value, &del, err);
		else
			entry_surplus(c, kv.k);
	}
	if (more >= 0 && rc == 0)
		for (; more == 1;
		     more = sorter_next(c->x, &want, &value, &del, err))
			entry_missing(c, want);
	walk_end(&w);
	buf_release(&have);
	return more < 0 || rc < 0 ? -1 : 0;
}

/* ---- timelines and derived fields ---- */

struct aggs {
	struct audit *c;
	struct walk w;
	struct kv kv;
	int more; /* a row of tree agg is in kv */
	bool any, has_agg;
	struct id id;
	struct recount count;
	struct arena arena;
	struct buf bytes;
};

/* Nothing is kept of a customer who was removed; events that still name one
 * are faults of their own. */
static bool
is_removed(struct audit *c, const struct id *id)
{
	struct err bad = ERR_INIT;
	struct str value;
	enum tree at;

	return record_find(c->tx, c->db, id, &at, &value, &bad) == 1 &&
	       is_dead(value);
}

/* The kept fields of a subject, of which the scores come from nowhere else. */
static void
compare_agg(struct aggs *a, const struct id *id, bool kept)
{
	struct audit *c = a->c;
	struct err bad = ERR_INIT;
	struct agg old;

	if (kept) {
		if (agg_decode(&old, id, a->kv.v, &a->arena, &bad) < 0) {
			check_fault(c, T_AGG, id_str(id), true,
			    "damaged derived fields");
			return;
		}
		agg_keep_scores(&a->count.agg, &old);
	}
	if (!kept && (agg_empty(&a->count.agg) || is_removed(c, id)))
		return;
	agg_encode(&a->count.agg, id, &a->bytes);
	if (!kept || !str_eq(buf_str(&a->bytes), a->kv.v))
		check_fault(c, T_AGG, id_str(id), true, "%s",
		    kept ? "derived fields are not those of its events"
			 : "derived fields are missing");
}

/* Kept fields of subjects without events: scores alone may stand there. */
static int
aggs_until(struct aggs *a, const struct id *id, struct err *err)
{
	struct recount of_events = a->count;
	struct id at;

	while (
	    a->more == 1 && (id == NULL || str_cmp(a->kv.k, id_str(id)) < 0)) {
		check_step(a->c);
		if (a->kv.k.n == ID_BYTES) {
			memcpy(at.b, a->kv.k.p, ID_BYTES);
			recount_begin(&a->count, a->c->db, &a->arena);
			compare_agg(a, &at, true);
		} else {
			check_fault(
			    a->c, T_AGG, a->kv.k, true, "a key of no subject");
		}
		a->more = walk_next(&a->w, &a->kv, err);
	}
	a->count = of_events;
	return a->more < 0 ? -1 : 0;
}

static int
aggs_end(struct aggs *a, struct err *err)
{
	bool kept;

	if (!a->any)
		return 0;
	a->any = false;
	if (recount_end(&a->count, a->c->tx, err) != 0)
		return -1;
	if (!a->has_agg) {
		arena_clear(&a->arena);
		return 0;
	}
	if (aggs_until(a, &a->id, err) != 0)
		return -1;
	kept = a->more == 1 && str_eq(a->kv.k, id_str(&a->id));
	compare_agg(a, &a->id, kept);
	if (kept)
		a->more = walk_next(&a->w, &a->kv, err);
	arena_clear(&a->arena);
	return a->more < 0 ? -1 : 0;
}

/* One row that the records have, in order of subject and time. */
static int
aggs_row(struct aggs *a, struct str key, struct str value, struct err *err)
{
	unsigned flags = (unsigned char)value.p[value.n - 1];
	struct tl_row row;
	struct id rec;
	int64_t ms;

	if (a->any && memcmp(a->id.b, key.p, ID_BYTES) != 0 &&
	    aggs_end(a, err) != 0)
		return -1;
	if (!a->any) {
		memcpy(a->id.b, key.p, ID_BYTES);
		recount_begin(&a->count, a->c->db, &a->arena);
		a->any = true;
		a->has_agg = (flags & TL_HAS_AGG) != 0;
	}
	value.n--;
	if (!tl_decode(key, value, &row, &ms, &rec))
		bug("a timeline row that cannot be read back");
	recount_row(&a->count, &row, ms, &rec);
	return 0;
}

static int
compare_timeline(struct audit *c, struct aggs *a, struct err *err)
{
	struct str key = STR_NONE, value = STR_NONE;
	struct walk w;
	struct kv kv = { { NULL, 0 }, { NULL, 0 } };
	bool del;
	int have, want, d;

	if (walk_begin(&w, c->db, c->tx, T_TL, err) != 0)
		return -1;
	have = walk_next(&w, &kv, err);
	while ((want = sorter_next(c->tl, &key, &value, &del, err)) == 1) {
		if (aggs_row(a, key, value, err) != 0)
			break;
		d = 1;
		while (have == 1 && (d = str_cmp(kv.k, key)) < 0) {
			check_fault(c, T_TL, kv.k, true,
			    "a timeline row that no record has");
			have = walk_next(&w, &kv, err);
		}
		if (have < 0)
			break;
		check_step(c);
		value.n--;
		if (have == 0 || d != 0)
			check_fault(
			    c, T_TL, key, true, "a timeline row is missing");
		else if (!str_eq(kv.v, value))
			check_fault(c, T_TL, key, true,
			    "a timeline row is not what its record says");
		if (have == 1 && d == 0)
			have = walk_next(&w, &kv, err);
	}
	while (want == 0 && have == 1) {
		check_fault(
		    c, T_TL, kv.k, true, "a timeline row that no record has");
		have = walk_next(&w, &kv, err);
	}
	walk_end(&w);
	return want == 0 && have == 0 ? 0 : -1;
}

int
check_timeline(struct audit *c, struct err *err)
{
	struct aggs a = { 0 };
	int rc = -1;

	a.c = c;
	arena_init(&a.arena);
	buf_init(&a.bytes);
	if (sorter_sort(c->tl, err) != 0 ||
	    walk_begin(&a.w, c->db, c->tx, T_AGG, err) != 0)
		goto out;
	a.more = walk_next(&a.w, &a.kv, err);
	if (a.more < 0 || compare_timeline(c, &a, err) != 0 ||
	    aggs_end(&a, err) != 0 || aggs_until(&a, NULL, err) != 0)
		goto out;
	rc = 0;
out:
	vec_release(&a.count.consents);
	walk_end(&a.w);
	arena_release(&a.arena);
	buf_release(&a.bytes);
	return rc;
}
