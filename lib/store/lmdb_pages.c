/* SPDX-License-Identifier: MIT */
/*
 * Every page of a snapshot, as it lies in the file.  A checksum says that a
 * value is whole; that its page stands where it belongs, that nothing of a
 * page is lost between its bounds, and that no page in use is listed as free,
 * where the next commit would write over it, is seen only here.
 */
#include "store/lmdb_env.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/lmdb_disk.h"

enum { HEAD = sizeof(struct disk_page), NODE = sizeof(struct disk_node) };
enum use { UNSEEN, IN_USE, FREE };

struct pages {
	const unsigned char *base;
	size_t size, last; /* of a page; number of the last one */
	unsigned char *use;
	void (*tell)(void *arg, const char *what);
	void *arg;
	/* of the tree that is walked */
	const char *tree;
	bool numbers; /* its keys are numbers of this machine */
	size_t entries;
	struct str before; /* the key before, of all its leaves */
};

static int walk(struct pages *, size_t no, unsigned depth);

static void
say(struct pages *p, size_t no, const char *what)
{
	char text[160];

	(void)snprintf(
	    text, sizeof(text), "page %zu of %.20s: %s", no, p->tree, what);
	p->tell(p->arg, text);
}

/* Takes n pages for this tree; false: told. */
static bool
take(struct pages *p, size_t no, size_t n, enum use use)
{
	const char *what = NULL;

	if (no < 2 || no > p->last || n > p->last - no + 1)
		what = "is outside of the file";
	for (size_t i = no; what == NULL && i < no + n; i++) {
		if (p->use[i] == IN_USE)
			what = "is in use twice";
		else if (p->use[i] == FREE)
			what = "is listed as free";
		p->use[i] = (unsigned char)use;
	}
	if (what != NULL)
		say(p, no, what);
	return what == NULL;
}

/* The pages of a long value; its bytes are the checksum's. */
static void
walk_big(struct pages *p, const unsigned char *data, size_t size)
{
	size_t no, n = disk_big_pages(size, p->size), held;

	memcpy(&no, data, sizeof(no));
	if (!take(p, no, n, IN_USE))
		return;
	held = disk_big_held(p->base + no * p->size, no);
	if (held < n)
		say(p, no, "its head is wrong");
	else if (held > n)
		(void)take(p, no + n, held - n, IN_USE); /* told */
}

/* The order of keys over all leaves. */
static bool
follows(struct pages *p, struct str key)
{
	size_t a, b;
	bool ok = true;

	if (p->before.p != NULL && p->numbers && key.n == sizeof(a)) {
		memcpy(&a, p->before.p, sizeof(a));
		memcpy(&b, key.p, sizeof(b));
		ok = a < b;
	} else if (p->before.p != NULL) {
		ok = !p->numbers && str_cmp(p->before, key) < 0;
	}
	p->before = key;
	return ok;
}

static const char *
walk_leaf_node(struct pages *p, const unsigned char *at,
    const struct disk_node *n, bool names)
{
	struct disk_db db;
	size_t size = disk_value(n);

	p->entries++;
	if ((n->flags & ~NODE_BIG) != (names ? NODE_TREE : 0))
		return "the flags of an entry are wrong";
	if (!follows(p, str_n(at + NODE, n->key_size)))
		return "its keys are out of order";
	if (names && size != sizeof(db))
		return "an entry is too short";
	if ((n->flags & NODE_BIG) != 0)
		walk_big(p, at + NODE + n->key_size, size);
	return NULL;
}

/* The first key of a branch says nothing; the others are not above the first
 * that is found below them. */
static const char *
walk_branch_node(struct pages *p, const unsigned char *at,
    const struct disk_node *n, bool first, unsigned depth)
{
	struct str key = str_n(at + NODE, n->key_size), had = p->before;

	if (!first && had.p != NULL && !follows(p, key))
		return "its keys are out of order";
	/* The first key below may be the same one. */
	p->before = had;
	(void)walk(p, disk_child(n), depth - 1); /* told */
	return NULL;
}

static const char *
walk_nodes(struct pages *p, const unsigned char *page, unsigned depth)
{
	const struct disk_page *head = (const void *)page;
	bool leaf = depth == 1;
	bool names = p->tree[0] == '\0';
	const char *what = NULL;
	size_t used = 0, size;

	for (size_t i = HEAD; what == NULL && i < head->lower; i += 2) {
		struct disk_node n;
		uint16_t at;

		memcpy(&at, page + i, sizeof(at));
		size = disk_node_at(page, p->size, at, leaf, &n);
		used += size;
		if (size == 0)
			what = "an entry leaves it";
		else if (leaf)
			what = walk_leaf_node(p, page + at, &n, names);
		else
			what = walk_branch_node(
			    p, page + at, &n, i == HEAD, depth);
	}
	if (what == NULL && used != p->size - head->upper)
		what = "its entries leave gaps";
	return what;
}

/* A page and what hangs below it; depth 1: a leaf.  -1: told. */
static int
walk(struct pages *p, size_t no, unsigned depth)
{
	const unsigned char *page;
	const char *what;

	if (!take(p, no, 1, IN_USE))
		return -1;
	page = p->base + no * p->size;
	what = disk_page_fault(
	    page, no, p->size, depth == 1 ? PAGE_LEAF : PAGE_BRANCH);
	if (what == NULL)
		what = walk_nodes(p, page, depth);
	if (what != NULL)
		say(p, no, what);
	return what == NULL ? 0 : -1;
}

static void
walk_tree(struct pages *p, const char *name, const struct disk_db *db)
{
	p->tree = name;
	p->numbers = (db->flags & FREE_FLAGS) != 0;
	p->entries = 0;
	p->before = STR_NONE;
	if (db->root == SIZE_MAX && db->depth == 0 && db->entries == 0)
		return;
	if (db->depth == 0 || db->depth > DEPTH_MAX)
		say(p, db->root, "the depth of the tree is wrong");
	else if (walk(p, db->root, db->depth) == 0 && p->entries != db->entries)
		say(p, db->root, "the tree has another number of entries");
}

/* The meta page of this snapshot; false: two commits went by meanwhile. */
static bool
find_meta(const struct pages *p, size_t txnid, struct disk_meta *m)
{
	struct disk_meta again;

	for (size_t i = 0; i < 2; i++) {
		memcpy(m, p->base + i * p->size, sizeof(*m));
		/* One that is just being written is none. */
		memcpy(&again, p->base + i * p->size, sizeof(again));
		if (m->txnid == txnid && memcmp(m, &again, sizeof(again)) == 0)
			return true;
	}
	return false;
}

/* Each named tree is an entry of the tree of names. */
static int
walk_named(struct pages *p, MDB_txn *txn, MDB_dbi names)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	char name[24];
	int rc;

	if ((rc = mdb_cursor_open(txn, names, &c)) != 0)
		return rc;
	while ((rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		struct disk_db db;

		if (v.mv_size != sizeof(db))
			continue; /* told with its page */
		memcpy(&db, v.mv_data, sizeof(db));
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(k.mv_size < 20 ? k.mv_size : 20),
		    (const char *)k.mv_data);
		walk_tree(p, name, &db);
	}
	mdb_cursor_close(c);
	p->tree = ""; /* the name ends here */
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* What the list of free pages names is in no tree. */
static int
walk_free(struct pages *p, MDB_txn *txn)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	size_t n;
	int rc;

	p->tree = "free pages";
	if ((rc = mdb_cursor_open(txn, 0, &c)) != 0)
		return rc;
	while ((rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		if (!disk_list(v.mv_data, v.mv_size, &n))
			p->tell(p->arg,
			    "free pages: a list says more than it holds");
		for (size_t i = 1; i <= n; i++)
			(void)take(
			    p, disk_listed(v.mv_data, i), 1, FREE); /* told */
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int
lmdb_verify(struct tx *tx, void (*tell)(void *arg, const char *what), void *arg)
{
	struct store *s = tx->store;
	struct pages p = { .base = s->base, .tell = tell, .arg = arg };
	struct disk_meta m;
	MDB_envinfo info;
	MDB_dbi names;
	MDB_stat st;
	int rc = 0;

	if (s->base == NULL)
		return 0; /* an empty file */
	fault_enter();
	if ((rc = mdb_env_stat(s->env, &st)) == 0 &&
	    (rc = mdb_env_info(s->env, &info)) == 0 &&
	    (rc = mdb_dbi_open(tx->txn, NULL, 0, &names)) == 0) {
		p.size = st.ms_psize;
		if (find_meta(&p, mdb_txn_id(tx->txn), &m)) {
			p.last = m.last_page;
			p.use = mem_zero(p.last + 1, 1);
			walk_tree(&p, "free pages", &m.db[0]);
			walk_tree(&p, "", &m.db[1]);
			if ((rc = walk_named(&p, tx->txn, names)) == 0)
				rc = walk_free(&p, tx->txn);
			mem_free(p.use);
		}
	}
	fault_leave();
	return rc == 0 ? 0 : lmdb_tx_fail(tx, rc, "cannot read it");
}

bool
lmdb_roots_stand(const struct store *s, MDB_txn *txn, MDB_dbi names)
{
	size_t roots[TREES];
	MDB_val k, v;
	MDB_stat st;

	if (s->base == NULL || mdb_env_stat(s->env, &st) != 0)
		return true;
	for (int t = 0; t < TREES; t++) {
		struct disk_page head;
		struct disk_db db;

		roots[t] = SIZE_MAX;
		k.mv_data = (void *)(uintptr_t)tree_names[t]; /* only read */
		k.mv_size = strlen(tree_names[t]);
		if (mdb_get(txn, names, &k, &v) != 0 || v.mv_size != sizeof(db))
			continue; /* opening it will tell */
		memcpy(&db, v.mv_data, sizeof(db));
		/* Another order of keys, say. */
		if (db.flags != 0)
			return false;
		roots[t] = db.root;
		for (int i = 0; i < t && db.root != SIZE_MAX; i++)
			if (roots[i] == db.root)
				return false;
		if (db.root == SIZE_MAX || db.root >= s->map_size / st.ms_psize)
			continue;
		memcpy(&head, (const char *)s->base + db.root * st.ms_psize,
		    sizeof(head));
		if (head.pgno != db.root ||
		    head.flags != (db.depth == 1 ? PAGE_LEAF : PAGE_BRANCH))
			return false;
	}
	return true;
}
