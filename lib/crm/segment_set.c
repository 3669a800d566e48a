/* SPDX-License-Identifier: MIT */
/* Lists of ids, and the members of a query as one. */
#include "base/ids.h"
#include "crm/handle.h"
#include "crm/segment.h"
#include "store/plan.h"

void
id_list_sort(struct id_list *l)
{
	l->n = ids_sort_once(l->v, l->n);
}

/* The first place from `from` on that is not below id: a gallop, as one list
 * may be much shorter than the other. */
static size_t
seek(const struct id_list *l, size_t from, const struct id *id)
{
	size_t step = 1, hi, lo = from;

	while (lo < l->n && id_cmp(&l->v[lo], id) < 0) {
		from = lo + 1;
		lo = step < l->n - lo ? lo + step : l->n;
		step *= 2;
	}
	for (hi = lo; from < hi;) {
		size_t mid = from + (hi - from) / 2;

		if (id_cmp(&l->v[mid], id) < 0)
			from = mid + 1;
		else
			hi = mid;
	}
	return from;
}

bool
id_list_has(const struct id_list *l, const struct id *id)
{
	size_t at = seek(l, 0, id);

	return at < l->n && id_cmp(&l->v[at], id) == 0;
}

/* Keeps of a what b has, or has not. */
static size_t
sift(struct id_list *a, const struct id_list *b, bool has, bool change)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < a->n; i++) {
		at = seek(b, at, &a->v[i]);
		if ((at < b->n && id_cmp(&b->v[at], &a->v[i]) == 0) != has)
			continue;
		if (change)
			a->v[n] = a->v[i];
		n++;
	}
	if (change)
		a->n = n;
	return n;
}

void
id_list_intersect(struct id_list *a, const struct id_list *b)
{
	(void)sift(a, b, true, true);
}

void
id_list_minus(struct id_list *a, const struct id_list *b)
{
	if (b->n)
		(void)sift(a, b, false, true);
}

size_t
id_list_both(const struct id_list *a, const struct id_list *b)
{
	struct id_list view = *a;

	return sift(&view, b, true, false);
}

void
id_list_union(struct id_list *a, const struct id_list *b)
{
	struct id_list out = { .n = 0 };
	size_t i = 0, k = 0;

	while (i < a->n || k < b->n) {
		int c = i == a->n   ? 1
			: k == b->n ? -1
				    : id_cmp(&a->v[i], &b->v[k]);

		vec_push(&out, c <= 0 ? a->v[i] : b->v[k]);
		i += c <= 0;
		k += c >= 0;
	}
	vec_release(a);
	*a = out;
}

int
segment_answer(struct reading *rd, const struct query *q, struct id_list *out,
    struct err *err)
{
	struct plan_opts po = { .ids_only = true };
	struct answer *answer = NULL;
	struct dbrec *rec;
	struct id id;
	int rc = answer_open(&answer, rd, q, &po, err);

	if (rc == 0)
		while ((rc = answer_next(answer, &id, &rec, err)) > 0)
			vec_push(out, id);
	answer_close(&answer);
	return rc;
}

/* Few, and found by their index: so that no record is read for a list of
 * ids. */
int
segment_restricted(struct reading *rd, const struct crm_env *env,
    struct id_list *out, struct err *err)
{
	struct query *q = NULL;
	int rc = -1;

	if (segment_bind(rd, env, STR("restricted:true"), &q, err) == 0)
		rc = segment_answer(rd, q, out, err);
	query_free(&q);
	return rc;
}
