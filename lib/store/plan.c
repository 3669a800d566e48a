/* SPDX-License-Identifier: MIT */
/*
 * Answers: the choice between an index and a scan, and the matches one by one
 * (QUERY.md 10, STORE.md Planner).
 */
#include "store/plan_int.h"

#include "base/mem.h"
#include "store/meta.h"

enum {
	FIRST_TURNS = 4, /* of the race, where few matches are wanted */
	FIRST_READ = FIRST_TURNS * PLAN_TURN,
	FEW_SHARE = 4,   /* of what may be fetched before a scan is better */
	LIMIT_SHARE = 8, /* see limit_budget */
	ANSWER_SLOT = 0,
};

/* ---- what the query is about ---- */

static void
add_tree(struct answer *a, enum tree t)
{
	unsigned i;

	for (i = 0; i < a->ntrees; i++)
		if (a->trees[i] == t)
			return;
	a->trees[a->ntrees++] = t;
}

/* Kinds and trees in scope, and how many records a scan of them reads. */
static int
find_scope(struct answer *a, struct err *err)
{
	const struct schema *s = a->q->schema;
	struct err why = ERR_INIT;

	for (size_t i = 0; i < s->nkinds; i++)
		if (a->q->in_scope == NULL || a->q->in_scope[i]) {
			a->kinds[s->kinds[i].no] = true;
			add_tree(a, kind_tree(&s->kinds[i]));
		}
	for (size_t i = 0; i < s->nkinds; i++)
		for (unsigned t = 0; t < a->ntrees; t++)
			if (kind_tree(&s->kinds[i]) == a->trees[t])
				a->records +=
				    db_count(a->r, &s->kinds[i], &why);
	if (why.status != 0) {
		*err = why;
		return -1;
	}
	return 0;
}

/* Whether the record's own derived fields are asked for. */
static bool
asks_derived(const struct qnode *n)
{
	for (size_t i = 0; i < n->nbinds; i++)
		if (n->binds[i].f != NULL && n->binds[i].ref == NULL &&
		    n->binds[i].f->role == ROLE_DERIVED)
			return true;
	if (n->op == Q_RELATED || n->op == Q_MEASURE)
		return false;
	for (size_t i = 0; i < n->n; i++)
		if (asks_derived(n->v[i]))
			return true;
	return false;
}

/* ---- the choice ---- */

static uint64_t
root_of(uint64_t v)
{
	uint64_t lo = 0, hi = UINT32_MAX;

	while (lo < hi) {
		uint64_t middle = lo + (hi - lo + 1) / 2;

		if (middle <= v / middle)
			lo = middle;
		else
			hi = middle - 1;
	}
	return lo;
}

/*
 * Where L matches are wanted of R records, N entries cost N * 27 ns, and a
 * scan that finds as many among the records R / N * L * 200 ns: beyond
 * N = sqrt(8 R L) the scan is at its end first.
 */
static uint64_t
limit_budget(const struct answer *a)
{
	uint64_t l = a->opts.limit, n;

	if (l > UINT32_MAX || a->records > UINT64_MAX / LIMIT_SHARE / l)
		return a->budget;
	n = root_of(LIMIT_SHARE * a->records * l);
	if (n < FIRST_READ)
		n = FIRST_READ;
	return n < a->budget ? n : a->budget;
}

static void
use_list(struct answer *a)
{
	a->mode = ANSWER_LIST;
	a->no_fetch = a->opts.ids_only && a->exact && a->root->whole;
	a->fetch = a->budget;
}

static void
use_scan(struct answer *a)
{
	a->mode = ANSWER_SCAN;
	scan_begin(a, a->next);
}

/* Few matches are wanted: a short race, then whatever comes in the order of
 * ids, then what is left of the race. */
static int
choose_few(struct answer *a, struct err *err)
{
	struct post *p = a->root;
	uint64_t whole = a->budget;
	int rc = 0;

	if (post_race(a, p, FIRST_TURNS, err) < 0)
		return -1;
	if (p->state != POST_DONE && a->opts.limit <= whole / FEW_SHARE) {
		rc = post_stream(a, p, err);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			a->streams = true;
			use_list(a);
			return 0;
		}
	}
	if (p->state == POST_MORE) {
		a->budget = limit_budget(a);
		rc = post_race(a, p, UINT32_MAX, err);
		a->budget = whole;
	}
	return rc < 0 ? -1 : 0;
}

static int
choose(struct answer *a, struct err *err)
{
	struct post *p = a->root;
	int rc = 0;

	if (p == NULL) {
		use_scan(a);
		return 0;
	}
	if (a->opts.limit != 0 && a->opts.sort == NULL)
		rc = choose_few(a, err);
	else
		rc = post_race(a, p, UINT32_MAX, err);
	if (rc < 0 || a->streams)
		return rc;
	if (p->state == POST_DONE) {
		if (post_settle(a, p, err) < 0)
			return -1;
		use_list(a);
		return 0;
	}
	/* All entries cost less than the records, where these need not be
	 * read. */
	if (a->opts.ids_only && a->exact) {
		a->budget = UINT64_MAX;
		rc = post_complete(a, p, err);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			use_list(a);
			return 0;
		}
	}
	post_release(a, p);
	use_scan(a);
	return 0;
}

int
answer_open(struct answer **out, struct reading *r, const struct query *q,
    const struct plan_opts *opts, struct err *err)
{
	struct answer *a = mem_zero(1, sizeof(*a));
	int rc = -1;

	*out = NULL;
	a->r = r;
	a->q = q;
	a->opts = *opts;
	arena_init(&a->arena);
	if (r->tx == NULL) {
		a->empty = a->done = true;
		*out = a;
		return 0;
	}
	if (find_scope(a, err) < 0)
		goto out;
	a->derived = opts->derived || asks_derived(q->root);
	a->budget = a->records / PLAN_SHARE;
	if (a->budget < PLAN_TURN)
		a->budget = PLAN_TURN;
	if (a->budget > PLAN_IDS_MAX)
		a->budget = PLAN_IDS_MAX;
	if (!opts->force_scan)
		a->root = post_build(a, q->root, a->kinds, &a->exact);
	if (choose(a, err) < 0)
		goto out;
	if (opts->sort != NULL && opts->limit != 0 && !opts->force_scan &&
	    sort_walk(a, err) < 0)
		goto out;
	*out = a;
	a = NULL;
	rc = 0;
out:
	answer_close(&a);
	return rc;
}

/* ---- matches ---- */

/* The record of an id, wherever kinds in scope stand: 1, 0, -1. */
static int
fetch(struct answer *a, struct pid id, struct dbrec **out, struct err *err)
{
	const struct driver *d = a->r->db->driver;
	unsigned char key[ID_BYTES];
	struct str k = str_n(key, ID_BYTES), v;
	int rc;

	pid_put(id, key);
	for (unsigned i = 0; i < a->ntrees; i++) {
		if (d->get(a->r->tx, a->trees[i], 1, &k, &v) != 0)
			return tx_fail(a->r->tx, err);
		if (v.p == NULL)
			continue;
		if (!a->r->own) {
			struct buf *copy = &a->r->rec[ANSWER_SLOT].bytes;

			buf_clear(copy);
			buf_adds(copy, v);
			v = buf_str(copy);
		}
		rc = dbrec_at(a->r, ANSWER_SLOT, a->trees[i], k, v, out, err);
		if (rc <= 0)
			return rc;
		return a->kinds[dbrec_kind(*out)->no];
	}
	for (unsigned i = 0; i < a->ntrees; i++)
		if (tree_absent(d, a->r->tx, a->trees[i], k, err) != 0)
			return -1;
	return 0;
}

int
answer_try(struct answer *a, struct pid id, struct dbrec **rec, struct err *err)
{
	int rc = fetch(a, id, rec, err);

	return rc == 1 ? query_eval(a->q, &db_source, *rec, err) : rc;
}

static int
step_scan(struct answer *a, struct pid *id, struct dbrec **rec, struct err *err)
{
	int rc;

	while ((rc = scan_next(a, rec, err)) == 1) {
		rc = query_eval(a->q, &db_source, *rec, err);
		if (rc == 0)
			continue;
		if (rc > 0)
			*id = pid_of(dbrec_id(*rec)->b);
		break;
	}
	a->next = a->scan.from;
	return rc;
}

static int
step_list(struct answer *a, struct pid *id, struct dbrec **rec, struct err *err)
{
	int rc;

	while ((rc = post_seek(a, a->root, a->next, id, err)) == 1) {
		/* Longer than it seemed: what is left is read in order. */
		if (!a->no_fetch && a->fetch-- == 0) {
			post_release(a, a->root);
			use_scan(a);
			return step_scan(a, id, rec, err);
		}
		a->next = *id;
		if (!pid_next(&a->next))
			a->done = true;
		*rec = NULL;
		rc = a->no_fetch ? 1 : answer_try(a, *id, rec, err);
		if (rc != 0 || a->done)
			break;
	}
	return rc;
}

/* The walk has found them; what changed since is asked again. */
static int
step_walk(struct answer *a, struct pid *id, struct dbrec **rec, struct err *err)
{
	int rc;

	while (a->walk_at < a->walk.n) {
		*id = a->walk.v[a->walk_at++];
		rc = answer_try(a, *id, rec, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
answer_step(
    struct answer *a, struct pid *id, struct dbrec **rec, struct err *err)
{
	if (a->done)
		return 0;
	switch (a->mode) {
	case ANSWER_LIST:
		return step_list(a, id, rec, err);
	case ANSWER_WALK:
		return step_walk(a, id, rec, err);
	case ANSWER_SCAN:
		break;
	}
	return step_scan(a, id, rec, err);
}

int
answer_next(
    struct answer *a, struct id *id, struct dbrec **rec, struct err *err)
{
	struct pid at = { 0, 0 };
	int rc;

	*rec = NULL;
	/* A sort that the caller does needs all of them. */
	if (a->opts.limit != 0 && a->given == a->opts.limit &&
	    (a->opts.sort == NULL || a->mode == ANSWER_WALK))
		return 0;
	rc = answer_step(a, &at, rec, err);
	if (rc <= 0) {
		a->done = rc == 0;
		*rec = NULL;
		return rc;
	}
	a->given++;
	pid_put(at, id->b);
	if (a->opts.ids_only)
		*rec = NULL;
	return 1;
}

void
answer_pause(struct answer *a)
{
	post_pause(a, a->root);
	scan_pause(a);
}

bool
answer_sorted(const struct answer *a)
{
	return a->mode == ANSWER_WALK;
}

void
answer_close(struct answer **pa)
{
	struct answer *a = *pa;

	if (a == NULL)
		return;
	post_release(a, a->root);
	scan_release(a);
	pids_release(&a->walk);
	arena_release(&a->arena);
	mem_free(a);
	*pa = NULL;
}

int
answer_each(struct reading *r, struct str text, const struct query_env *env,
    const struct plan_opts *opts, answer_fn *fn, void *arg, struct err *err)
{
	struct query *q = NULL;
	struct answer *a = NULL;
	struct dbrec *rec;
	struct id id;
	int rc = -1;

	if (query_parse(&q, text, err) < 0 || query_bind(q, env, err) < 0 ||
	    answer_open(&a, r, q, opts, err) < 0)
		goto out;
	while ((rc = answer_next(a, &id, &rec, err)) > 0)
		if (fn(arg, &id, rec, err) < 0) {
			rc = -1;
			break;
		}
out:
	answer_close(&a);
	query_free(&q);
	return rc;
}
