/* SPDX-License-Identifier: MIT */
/*
 * A data file may rightly end before the last page that LMDB has given out:
 * pages that one transaction took and freed again are never written.  So a
 * short file is damaged only where a page beyond its end is in use, and that
 * is what the list of free pages tells.  Writers lengthen the file after such
 * a commit, so that few ever have to ask.
 */
#include "store/lmdb_env.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "store/lmdb_disk.h"

enum {
	TRIES = 100,
	AGAIN = 1,
};

struct tail {
	size_t last, page; /* number of the last page; size of one */
	size_t from;       /* the first that the file has not whole */
};

/* What the environment and its file say of each other. */
static int
tail_look(MDB_env *env, struct tail *t, size_t *txnid)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	int fd = -1;
	int rc;

	if ((rc = mdb_env_info(env, &info)) != 0 ||
	    (rc = mdb_env_stat(env, &stat)) != 0 ||
	    (rc = mdb_env_get_fd(env, &fd)) != 0)
		return rc;
	if (fstat(fd, &st) < 0)
		return errno;
	t->last = info.me_last_pgno;
	t->page = stat.ms_psize;
	t->from = (size_t)st.st_size / t->page;
	*txnid = info.me_last_txnid;
	return 0;
}

/*
 * The tree of free pages, read from the file and not from the map, where a
 * page beyond the end would be a SIGBUS: pages of the tree itself may lie
 * there, and then the file is damaged.
 */
struct free_walk {
	int fd;
	const struct tail *t;
	size_t n;    /* free pages that the file lacks */
	size_t left; /* pages to look at: a circle ends */
};

static int
read_page(struct free_walk *w, size_t page, unsigned char *b, size_t size)
{
	size_t at = page * w->t->page;
	ssize_t n;

	if (page < 2 || page + (size - 1) / w->t->page >= w->t->from ||
	    w->left-- == 0)
		return MDB_CORRUPTED;
	n = io_pread(w->fd, b, size, (off_t)at);
	if (n < 0)
		return errno;
	return (size_t)n == size && memcmp(b, &page, sizeof(page)) == 0
		   ? 0
		   : MDB_CORRUPTED;
}

static int
take_list(struct free_walk *w, const unsigned char *b, size_t size)
{
	size_t n;

	if (!disk_list(b, size, &n))
		return MDB_CORRUPTED;
	for (size_t i = 1; i <= n; i++)
		w->n += disk_listed(b, i) >= w->t->from &&
			disk_listed(b, i) <= w->t->last;
	return 0;
}

static int
take_big(struct free_walk *w, const unsigned char *b, size_t size)
{
	enum { HEAD = sizeof(struct disk_page) };
	unsigned char *all;
	size_t no;
	int rc;

	memcpy(&no, b, sizeof(no));
	if (size > w->t->from * w->t->page)
		return MDB_CORRUPTED;
	all = mem_alloc(HEAD + size);
	rc = read_page(w, no, all, HEAD + size);
	if (rc == 0 &&
	    disk_big_held(all, no) < disk_big_pages(size, w->t->page))
		rc = MDB_CORRUPTED;
	if (rc == 0)
		rc = take_list(w, all + HEAD, size);
	mem_free(all);
	return rc;
}

static int walk_page(struct free_walk *, size_t no, int depth);

/* One node of a page: a child, or a list of free pages. */
static int
take_node(struct free_walk *w, const unsigned char *page, size_t at, bool leaf,
    int depth)
{
	struct disk_node n;
	const unsigned char *value;

	if (disk_node_at(page, w->t->page, at, leaf, &n) == 0)
		return MDB_CORRUPTED;
	if (!leaf)
		return walk_page(w, disk_child(&n), depth + 1);
	value = page + at + sizeof(n) + n.key_size;
	return (n.flags & NODE_BIG) != 0 ? take_big(w, value, disk_value(&n))
					 : take_list(w, value, disk_value(&n));
}

static int
walk_page(struct free_walk *w, size_t no, int depth)
{
	struct disk_page head = { .pgno = 0 };
	unsigned char *b;
	uint16_t at;
	int rc;

	if (depth > DEPTH_MAX)
		return MDB_CORRUPTED;
	b = mem_alloc(w->t->page);
	rc = read_page(w, no, b, w->t->page);
	if (rc == 0 &&
	    disk_page_fault(b, no, w->t->page, PAGE_BRANCH | PAGE_LEAF) != NULL)
		rc = MDB_CORRUPTED;
	if (rc == 0)
		memcpy(&head, b, sizeof(head));
	for (size_t i = sizeof(head); rc == 0 && i < head.lower; i += 2) {
		memcpy(&at, b + i, sizeof(at));
		rc = take_node(w, b, at, head.flags == PAGE_LEAF, depth);
	}
	mem_free(b);
	return rc;
}

/* 0 all that the file lacks is free; 1 again, a commit came between; else an
 * error of LMDB's. */
static int
tail_free(MDB_env *env)
{
	MDB_txn *txn = NULL;
	size_t newest = 0, root = 0;
	struct tail t = { 0, 1, 0 };
	struct free_walk w = { .fd = -1, .t = &t };
	int rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);

	if (rc != 0)
		return rc;
	rc = tail_look(env, &t, &newest);
	if (rc == 0)
		rc = mdb_env_get_fd(env, &w.fd);
	w.left = t.from;
	if (rc == 0 && newest != mdb_txn_id(txn))
		rc = AGAIN;
	else if (rc == 0 && t.from <= t.last &&
		 (rc = lmdb_free_root(w.fd, t.page, newest, &root)) == 0) {
		rc = root == SIZE_MAX ? 0 : walk_page(&w, root, 1);
		if (rc == 0 && w.n < t.last + 1 - t.from)
			rc = MDB_CORRUPTED;
	}
	mdb_txn_abort(txn);
	return rc;
}

int
lmdb_tail_check(const struct store *s, struct err *err)
{
	int rc = AGAIN;

	fault_enter();
	for (int i = 0; i < TRIES && rc == AGAIN; i++)
		rc = tail_free(s->env);
	fault_leave();
	if (rc == AGAIN)
		return err_set(err, STATUS_BUSY,
		    "%s: it is being written without a pause; try again",
		    s->path);
	if (rc == MDB_CORRUPTED)
		return lmdb_damaged(s, "the file is cut short", err);
	return rc == 0 ? 0 : lmdb_fail(s, rc, "cannot read it", err);
}

void
lmdb_tail_fill(const struct store *s)
{
	struct tail t = { 0, 1, 0 };
	size_t newest;
	int fd = -1;

	if (tail_look(s->env, &t, &newest) != 0 || t.from > t.last ||
	    mdb_env_get_fd(s->env, &fd) != 0)
		return;
	/* What cannot be done costs the next opening a look. */
	(void)!ftruncate(fd, (off_t)((t.last + 1) * t.page));
}
