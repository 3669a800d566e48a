/* SPDX-License-Identifier: MIT */
/* Postings in the order of ids: each finds its first id from one on. */
#include "store/plan_int.h"

#include "base/mem.h"
#include "base/vec.h"
#include "store/meta.h"

enum {
	NEAR_FIRST = 8, /* entries read behind a leap */
	NEAR_MAX = PLAN_TURN,
	ENTRY_MAX = STORE_KEY_MAX + ID_BYTES,
};

/* ---- ids ---- */

void
pid_put(struct pid id, unsigned char out[ID_BYTES])
{
	for (int i = 7; i >= 0; i--) {
		out[i] = (unsigned char)(id.hi & 0xff);
		out[i + 8] = (unsigned char)(id.lo & 0xff);
		id.hi >>= 8;
		id.lo >>= 8;
	}
}

bool
pid_next(struct pid *id)
{
	if (++id->lo == 0 && ++id->hi == 0)
		return false;
	return true;
}

void
pids_add(struct pids *l, struct pid id)
{
	vec_push(l, id);
}

void
pids_release(struct pids *l)
{
	vec_release(l);
}

/* The end of the run in order that begins at `from`. */
static size_t
run_end(const struct pid *v, size_t from, size_t n)
{
	size_t i = from + 1;

	while (i < n && !pid_less(v[i], v[i - 1]))
		i++;
	return i < n ? i : n;
}

static void
merge_runs(const struct pid *a, size_t na, const struct pid *b, size_t nb,
    struct pid *out)
{
	size_t i = 0, j = 0;

	while (i < na && j < nb)
		*out++ = pid_less(b[j], a[i]) ? b[j++] : a[i++];
	while (i < na)
		*out++ = a[i++];
	while (j < nb)
		*out++ = b[j++];
}

/* Merges neighbours from v to out; returns how many runs there were. */
static size_t
merge_pass(const struct pid *v, size_t n, struct pid *out)
{
	size_t from = 0, middle, to, runs = 0;

	while (from < n) {
		middle = run_end(v, from, n);
		to = middle < n ? run_end(v, middle, n) : n;
		merge_runs(v + from, middle - from, v + middle, to - middle,
		    out + from);
		runs += middle < to ? 2 : 1;
		from = to;
	}
	return runs;
}

/* What is collected are runs in order, one a value: a merge sort that begins
 * with those needs few passes. */
void
pids_sort(struct pids *l)
{
	struct pid *other = NULL, *swap;
	size_t kept = 0;

	if (l->n == 0)
		return;
	if (run_end(l->v, 0, l->n) < l->n) {
		other = mem_resize(NULL, l->cap, sizeof(*other));
		while (merge_pass(l->v, l->n, other) > 2) {
			swap = l->v;
			l->v = other;
			other = swap;
		}
		swap = l->v;
		l->v = other;
		mem_free(swap);
	}
	for (size_t i = 0; i < l->n; i++)
		if (kept == 0 || !pid_eq(l->v[i], l->v[kept - 1]))
			l->v[kept++] = l->v[i];
	l->n = kept;
}

/* ---- lists ---- */

static bool
list_seek(struct post *p, struct pid from, struct pid *out)
{
	const struct pid *v = p->ids.v;
	size_t lo = p->pos, hi, step = 1;

	if (lo >= p->ids.n)
		return false;
	/* Most often it is the next one: leaps that double. */
	for (hi = lo; hi < p->ids.n && pid_less(v[hi], from); hi += step) {
		lo = hi + 1;
		step *= 2;
	}
	if (hi > p->ids.n)
		hi = p->ids.n;
	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (pid_less(v[middle], from))
			lo = middle + 1;
		else
			hi = middle;
	}
	p->pos = lo;
	if (lo >= p->ids.n)
		return false;
	*out = v[lo];
	return true;
}

/* ---- entries of one value ---- */

/* Opens the cursor of a range at `from` (none: its beginning). */
int
post_open_cur(
    struct answer *a, struct post *p, struct str from, struct err *err)
{
	const struct driver *d = a->r->db->driver;

	if (from.p == NULL)
		from = p->range.lo;
	if (d->range(a->r->tx, T_X, from, p->range.hi, 0, &p->cur) != 0)
		return tx_fail(a->r->tx, err);
	return 0;
}

/* The next entries into `near`: their number, 0 at the end, -1. */
static int
range_read(struct answer *a, struct post *p, struct err *err)
{
	struct kv kv[NEAR_MAX];
	size_t max = p->batch;
	struct id id;
	int n;

	if (max == 0 || max > NEAR_MAX)
		max = p->batch = NEAR_FIRST;
	n = a->r->db->driver->next(p->cur, kv, max);
	if (n < 0)
		return tx_fail(a->r->tx, err);
	/* Grown by its own need: most ranges of a union stay short. */
	p->near = mem_resize(p->near, max, sizeof(*p->near));
	for (int i = 0; i < n; i++) {
		if (!index_entry_id(p->range.x, kv[i].k, kv[i].v, &id))
			return crc_error(T_X, kv[i].k, err);
		p->near[i] = pid_of(id.b);
	}
	p->nnear = (size_t)n;
	p->pos = 0;
	p->ended = n == 0;
	return n;
}

/* Places the cursor at the entry of an id or behind it. */
static int
range_leap(struct answer *a, struct post *p, struct pid from, struct err *err)
{
	char key[ENTRY_MAX];
	struct str k = p->range.lo;

	if (k.n > STORE_KEY_MAX)
		return err_set(err, STATUS_BUG, "a key of %zu bytes", k.n);
	memcpy(key, k.p, k.n);
	pid_put(from, (unsigned char *)key + k.n);
	k = str_n(key, k.n + ID_BYTES);
	p->batch = NEAR_FIRST;
	if (p->cur == NULL)
		return post_open_cur(a, p, k, err);
	if (a->r->db->driver->seek(p->cur, k) != 0)
		return tx_fail(a->r->tx, err);
	return 0;
}

static int
range_seek(struct answer *a, struct post *p, struct pid from, struct pid *out,
    struct err *err)
{
	bool leapt = false;

	for (;;) {
		while (p->pos < p->nnear && pid_less(p->near[p->pos], from))
			p->pos++;
		if (p->pos < p->nnear) {
			*out = p->near[p->pos];
			return 1;
		}
		if (p->ended)
			return 0;
		/* The next few first, if it was read in turn; then a leap. */
		if (p->cur == NULL || leapt || p->nnear == 0) {
			if (range_leap(a, p, from, err) < 0)
				return -1;
		} else {
			p->batch =
			    p->batch < NEAR_MAX ? p->batch * 2 : NEAR_MAX;
		}
		leapt = true;
		if (range_read(a, p, err) < 0)
			return -1;
	}
}

/* ---- unions ---- */

static void
heap_down(struct post *p, size_t i)
{
	struct post **h = p->heap, *top = h[i];
	size_t child;

	while ((child = 2 * i + 1) < p->nheap) {
		if (child + 1 < p->nheap &&
		    pid_less(h[child + 1]->head, h[child]->head))
			child++;
		if (!pid_less(h[child]->head, top->head))
			break;
		h[i] = h[child];
		i = child;
	}
	h[i] = top;
}

static int
heap_make(struct answer *a, struct post *p, struct pid from, struct err *err)
{
	int rc;

	p->heap = arena_array(&a->arena, p->n, sizeof(struct post *));
	p->nheap = 0;
	for (size_t i = 0; i < p->n; i++) {
		rc = post_seek(a, p->v[i], from, &p->v[i]->head, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			p->heap[p->nheap++] = p->v[i];
	}
	for (size_t i = p->nheap / 2; i-- > 0;)
		heap_down(p, i);
	return 0;
}

static int
union_seek(struct answer *a, struct post *p, struct pid from, struct pid *out,
    struct err *err)
{
	int rc;

	if (p->heap == NULL && heap_make(a, p, from, err) < 0)
		return -1;
	while (p->nheap > 0 && pid_less(p->heap[0]->head, from)) {
		rc = post_seek(a, p->heap[0], from, &p->heap[0]->head, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			p->heap[0] = p->heap[--p->nheap];
		if (p->nheap > 0)
			heap_down(p, 0);
	}
	if (p->nheap == 0)
		return 0;
	*out = p->heap[0]->head;
	return 1;
}

/* ---- intersections ---- */

/* Each in turn is asked for the id at hand until all have it. */
static int
isect_seek(struct answer *a, struct post *p, struct pid from, struct pid *out,
    struct err *err)
{
	size_t agreed = 0, i = 0;
	struct pid got = from;
	int rc;

	while (agreed < p->nused) {
		rc = post_seek(a, p->used[i], from, &got, err);
		if (rc <= 0)
			return rc;
		if (pid_less(from, got)) {
			from = got;
			agreed = 1;
		} else {
			agreed++;
		}
		i = i + 1 < p->nused ? i + 1 : 0;
	}
	*out = from;
	return 1;
}

int
post_seek(struct answer *a, struct post *p, struct pid from, struct pid *out,
    struct err *err)
{
	if (p->is_list)
		return list_seek(p, from, out);
	switch (p->op) {
	case POST_RANGE:
		return range_seek(a, p, from, out, err);
	case POST_UNION:
	case POST_REFER:
		return union_seek(a, p, from, out, err);
	case POST_ISECT:
		return isect_seek(a, p, from, out, err);
	case POST_IDS:
	case POST_RELATED:
		break; /* always lists */
	}
	return err_set(err, STATUS_BUG, "a list of ids that is none");
}

void
post_pause(struct answer *a, struct post *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		post_pause(a, p->v[i]);
	if (p->cur != NULL)
		a->r->db->driver->end(&p->cur);
}

void
post_rewind(struct answer *a, struct post *p)
{
	for (size_t i = 0; i < p->n; i++)
		post_rewind(a, p->v[i]);
	if (p->cur != NULL)
		a->r->db->driver->end(&p->cur);
	p->pos = p->nnear = 0;
	p->ended = false;
	p->heap = NULL;
}
