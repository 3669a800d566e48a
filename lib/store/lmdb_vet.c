/* SPDX-License-Identifier: MIT */
/*
 * Pages that are looked at before what they lack is believed.  A value has its
 * checksum; that a key is not there has none: one bit of a key, of a separator
 * or of the head of a page, and what is sought is passed over.  So the pages
 * from the root down to where a key would stand are looked at, each once a
 * snapshot: nothing is lost between their bounds, their keys ascend, and lie
 * where the page above says.  The rows beside that place are left to whoever
 * knows their checksums: a key that was changed and still ascends is one of
 * them.
 *
 * A writer looks at what was committed before it: LMDB writes past the end of
 * a page whose head lies.
 */
#include "store/lmdb_env.h"

#include <string.h>

#include "base/mem.h"
#include "store/lmdb_disk.h"

enum { HEAD = sizeof(struct disk_page), NODE = sizeof(struct disk_node) };

/* Keys from lo to below hi (none: no bound) lie on pages that were seen. */
struct reach {
	bool known, beside; /* their siblings too, which a delete may touch */
	struct str lo, hi;
};
struct vet {
	size_t txnid; /* of the snapshot that all this is about */
	const unsigned char *base;
	size_t size, last; /* of a page; number of the last one */
	bool writer;
	unsigned char *seen; /* a bit a page: it is sound in itself */
	struct disk_db db[TREES];
	bool have[TREES];
	struct reach reach[TREES];
};

/* A page on the way, and which of its entries the way goes on by. */
struct step {
	const unsigned char *page;
	size_t n, at;
	struct str lo, hi; /* what the pages above say of its keys */
};
struct way {
	struct step v[DEPTH_MAX];
	size_t n; /* 0: an empty tree */
	bool exact;
};

/* ---- one page ---- */

static const unsigned char *
node_at(const unsigned char *page, size_t i)
{
	return page + disk_get16(page + HEAD + 2 * i);
}

static struct str
node_key(const unsigned char *page, size_t i)
{
	const unsigned char *p = node_at(page, i);

	return str_n(
	    p + NODE, disk_get16(p + offsetof(struct disk_node, key_size)));
}

/* The pages of a long value: by their head a writer gives them back. */
static bool
big_is_sound(
    const struct vet *v, const unsigned char *at, const struct disk_node *n)
{
	size_t no, pages = disk_big_pages(disk_value(n), v->size), held;

	memcpy(&no, at + NODE + n->key_size, sizeof(no));
	if (no < 2 || no > v->last || pages > v->last - no + 1)
		return false;
	if (!v->writer)
		return true;
	held = disk_big_held(v->base + no * v->size, no);
	return held >= pages && held <= v->last - no + 1;
}

/* Its bounds, that its entries fill it, and that their keys ascend.  The
 * first key of a branch says nothing. */
static bool
page_is_sound(
    const struct vet *v, const unsigned char *page, size_t no, bool leaf)
{
	struct str before = STR_NONE, key;
	struct disk_page head;
	struct disk_node n;
	size_t used = 0, size;

	if (disk_page_fault(
		page, no, v->size, leaf ? PAGE_LEAF : PAGE_BRANCH) != NULL)
		return false;
	memcpy(&head, page, HEAD);
	for (size_t i = HEAD; i < head.lower; i += 2) {
		uint16_t at = disk_get16(page + i);

		size = disk_node_at(page, v->size, at, leaf, &n);
		used += size;
		if (size == 0 || (leaf && (n.flags & ~NODE_BIG) != 0))
			return false;
		if (leaf && n.flags != 0 && !big_is_sound(v, page + at, &n))
			return false;
		if (!leaf && i == HEAD)
			continue;
		key = str_n(page + at + NODE, n.key_size);
		if (before.p != NULL && str_cmp(before, key) >= 0)
			return false;
		before = key;
	}
	return head.lower > HEAD && used == v->size - head.upper;
}

/* Looks at page no, which should have keys from lo to below hi. */
static bool
step_to(struct vet *v, struct step *s, size_t no, bool leaf, struct str lo,
    struct str hi)
{
	size_t first = leaf ? 0 : 1;
	unsigned char bit;

	if (no < 2 || no > v->last)
		return false;
	*s = (struct step){ v->base + no * v->size, 0, 0, lo, hi };
	bit = (unsigned char)(1U << no % 8);
	if ((v->seen[no / 8] & bit) == 0) {
		if (!page_is_sound(v, s->page, no, leaf))
			return false;
		v->seen[no / 8] |= bit;
	} else if (disk_get16(s->page + offsetof(struct disk_page, flags)) !=
		   (leaf ? PAGE_LEAF : PAGE_BRANCH)) {
		return false;
	}
	s->n =
	    (size_t)(disk_get16(s->page + offsetof(struct disk_page, lower)) -
		     HEAD) /
	    2;
	return s->n <= first ||
	       ((lo.p == NULL || str_cmp(node_key(s->page, first), lo) >= 0) &&
		   (hi.p == NULL ||
		       str_cmp(node_key(s->page, s->n - 1), hi) < 0));
}

/* The page under entry i of a branch. */
static bool
step_down(
    struct vet *v, const struct step *s, size_t i, bool leaf, struct step *to)
{
	struct disk_node n;

	memcpy(&n, node_at(s->page, i), NODE);
	return step_to(v, to, disk_child(&n), leaf,
	    i > 0 ? node_key(s->page, i) : s->lo,
	    i + 1 < s->n ? node_key(s->page, i + 1) : s->hi);
}

/* ---- ways ---- */

/* The first entry from `from` on whose key is above k, or k itself too. */
static size_t
step_above(const struct step *s, size_t from, struct str k, bool itself)
{
	size_t lo = from, hi = s->n, mid;
	int cmp;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		cmp = str_cmp(node_key(s->page, mid), k);
		if (cmp > 0 || (cmp == 0 && itself))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* From the root to the leaf where k stands or would stand; false: damaged. */
static bool
way_find(struct vet *v, const struct disk_db *db, struct str k, struct way *way)
{
	struct step *s = way->v;

	way->n = 0;
	way->exact = false;
	if (db->root == SIZE_MAX && db->depth == 0)
		return true;
	if (db->depth == 0 || db->depth > DEPTH_MAX ||
	    !step_to(v, s, db->root, db->depth == 1, STR_NONE, STR_NONE))
		return false;
	for (way->n = 1; way->n < db->depth; way->n++, s++) {
		s->at = step_above(s, 1, k, false) - 1;
		if (!step_down(v, s, s->at, way->n + 1 == db->depth, s + 1))
			return false;
	}
	s->at = step_above(s, 0, k, true);
	way->exact = s->at < s->n && str_eq(node_key(s->page, s->at), k);
	return true;
}

/* The row of a leaf; a long value has been seen to lie in the file. */
static void
leaf_row(const struct vet *v, const struct step *s, size_t i, struct kv *kv)
{
	const unsigned char *p = node_at(s->page, i), *data;
	struct disk_node n;
	size_t no;

	memcpy(&n, p, NODE);
	data = p + NODE + n.key_size;
	if ((n.flags & NODE_BIG) != 0) {
		memcpy(&no, data, sizeof(no));
		data = v->base + no * v->size + HEAD;
	}
	kv->k = node_key(s->page, i);
	kv->v = str_n(data, disk_value(&n));
}

/* The row before the leaf of the way, or behind it; none at either end. */
static bool
leaf_beside(struct vet *v, const struct way *way, bool behind, struct kv *kv)
{
	size_t level = way->n - 1, at;
	struct step s, to;

	*kv = (struct kv){ STR_NONE, STR_NONE };
	while (level > 0) {
		s = way->v[--level];
		if (behind ? s.at + 1 < s.n : s.at > 0)
			break;
		if (level == 0)
			return true;
	}
	if (way->n == 1)
		return true;
	at = behind ? s.at + 1 : s.at - 1;
	while (++level < way->n) {
		if (!step_down(v, &s, at, level + 1 == way->n, &to))
			return false;
		s = to;
		at = behind ? 0 : s.n - 1;
	}
	leaf_row(v, &s, at, kv);
	return true;
}

/* What a delete may merge with: the pages beside each of the way. */
static bool
siblings_sound(struct vet *v, const struct way *way)
{
	struct step to;

	for (size_t i = 0; i + 1 < way->n; i++) {
		const struct step *s = &way->v[i];
		bool leaf = i + 2 == way->n;

		if (s->at > 0 && !step_down(v, s, s->at - 1, leaf, &to))
			return false;
		if (s->at + 1 < s->n && !step_down(v, s, s->at + 1, leaf, &to))
			return false;
	}
	return true;
}

/* ---- of a transaction ---- */

void
lmdb_vet_free(struct tx *tx)
{
	if (tx->vet != NULL)
		mem_free(tx->vet->seen);
	mem_free(tx->vet);
	tx->vet = NULL;
}

/* Ready for this snapshot; NULL where the map's place is not known, or there
 * are no trees. */
static struct vet *
vet_of(struct tx *tx)
{
	size_t id = tx->txn != NULL ? mdb_txn_id(tx->txn) : 0;
	struct vet *v = tx->vet;
	MDB_envinfo info;
	MDB_stat st;

	if (tx->store->base == NULL || !tx->trees)
		return NULL;
	if (v != NULL && v->txnid == id)
		return v;
	if (mdb_env_info(tx->store->env, &info) != 0 ||
	    mdb_env_stat(tx->store->env, &st) != 0)
		return NULL;
	lmdb_vet_free(tx);
	v = mem_zero(1, sizeof(*v));
	v->txnid = id;
	v->base = tx->store->base;
	v->size = st.ms_psize;
	v->last = info.me_last_pgno;
	v->writer = tx->mode == TX_WRITE;
	v->seen = mem_zero(v->last / 8 + 1, 1);
	tx->vet = v;
	return v;
}

/* The root of a tree, as its name says; of a writer: before it wrote. */
static int
vet_tree(struct tx *tx, struct vet *v, enum tree t)
{
	MDB_val key, val;
	MDB_dbi names;
	int rc;

	if (v->have[t])
		return 0;
	key.mv_data = (void *)(uintptr_t)tree_names[t]; /* only read */
	key.mv_size = strlen(tree_names[t]);
	if ((rc = mdb_dbi_open(tx->txn, NULL, 0, &names)) != 0 ||
	    (rc = mdb_get(tx->txn, names, &key, &val)) != 0)
		return rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc;
	if (val.mv_data == NULL || val.mv_size != sizeof(v->db[t]))
		return MDB_CORRUPTED;
	memcpy(&v->db[t], val.mv_data, sizeof(v->db[t]));
	v->have[t] = true;
	return 0;
}

/* The rows beside the place of k, on the pages of the way and of the leaves
 * next to it. */
static bool
way_near(struct vet *v, const struct way *way, struct kv near[2])
{
	const struct step *leaf;

	if (way->exact || way->n == 0)
		return true;
	leaf = &way->v[way->n - 1];
	if (leaf->at > 0)
		leaf_row(v, leaf, leaf->at - 1, &near[0]);
	else if (!leaf_beside(v, way, false, &near[0]))
		return false;
	if (leaf->at < leaf->n)
		leaf_row(v, leaf, leaf->at, &near[1]);
	else if (!leaf_beside(v, way, true, &near[1]))
		return false;
	return true;
}

int
lmdb_vet_near(struct tx *tx, enum tree t, struct str k, struct kv near[2])
{
	struct vet *v = vet_of(tx);
	struct way way;
	int rc;

	near[0] = near[1] = (struct kv){ STR_NONE, STR_NONE };
	if (v == NULL)
		return 0;
	if ((rc = vet_tree(tx, v, t)) != 0)
		return rc;
	return way_find(v, &v->db[t], k, &way) && way_near(v, &way, near)
		   ? 0
		   : MDB_CORRUPTED;
}

int
lmdb_vet_row(struct tx *tx, enum tree t, struct str k, struct str *leaf)
{
	struct vet *v = vet_of(tx);
	const struct step *end;
	struct way way;
	int rc;

	*leaf = STR_NONE;
	if (v == NULL)
		return 0;
	if ((rc = vet_tree(tx, v, t)) != 0)
		return rc;
	if (!way_find(v, &v->db[t], k, &way))
		return MDB_CORRUPTED;
	/* What a writer has changed lies elsewhere by now. */
	if (v->writer) {
		*leaf = str_n(k.p - (uintptr_t)k.p % v->size, v->size);
		return 0;
	}
	end = &way.v[way.n - (way.n > 0)];
	if (!way.exact || node_key(end->page, end->at).p != k.p)
		return MDB_CORRUPTED;
	*leaf = str_n(end->page, v->size);
	return 0;
}

int
lmdb_vet_write(struct tx *tx, enum tree t, struct str k, bool beside)
{
	struct vet *v = vet_of(tx);
	struct reach *r;
	struct way way;
	int rc;

	if (v == NULL)
		return 0;
	r = &v->reach[t];
	if (r->known && r->beside >= beside &&
	    (r->lo.p == NULL || str_cmp(k, r->lo) >= 0) &&
	    (r->hi.p == NULL || str_cmp(k, r->hi) < 0))
		return 0;
	if ((rc = vet_tree(tx, v, t)) != 0)
		return rc;
	if (!way_find(v, &v->db[t], k, &way) ||
	    (beside && !siblings_sound(v, &way)))
		return MDB_CORRUPTED;
	r->known = true;
	r->beside = beside;
	r->lo = way.n > 0 ? way.v[way.n - 1].lo : STR_NONE;
	r->hi = way.n > 0 ? way.v[way.n - 1].hi : STR_NONE;
	return 0;
}
