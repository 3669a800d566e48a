/* SPDX-License-Identifier: MIT */
/* Items that name records: ids, their suffixes, handles. */
#include "query/internal.h"

#include "base/ids.h"

int
test_ids(struct binder *b, const struct kind *kind, struct str v,
    struct qtest *t, struct err *err)
{
	struct id id;
	/* A whole id on a line is compared as it stands: no store is asked. */
	bool as_it_stands = b->lines && id_parse(v, &id);

	t->how = TEST_IDSET;
	t->exact = v;
	t->ids = NULL;
	t->nids = 0;
	if (b->env->handle != NULL && !as_it_stands &&
	    b->env->handle(
		b->env->arg, kind, v, &t->ids, &t->nids, &b->q->arena, err) < 0)
		return -1;
	if (t->nids == 0 && id_parse(v, &id)) {
		t->how = TEST_ID;
		t->ids = arena_alloc(&b->q->arena, sizeof(id));
		t->ids[0] = id;
		t->nids = 1;
	}
	ids_sort(t->ids, t->nids);
	return 0;
}

/* A suffix where no store could resolve it. */
static void
test_suffix(struct binder *b, struct str v, struct qtest *t)
{
	char *p = arena_zero(&b->q->arena, 1, ID_TEXT + 1);

	id_suffix_canon(v, p);
	t->how = TEST_IDSUFFIX;
	t->s = str_of(p);
	t->exact = v;
}

int
test_ref(const struct making *m, struct qtest *t)
{
	struct binder *b = m->b;
	const struct kind *other = NULL;
	struct str v = m->it->lo;

	if (m->f->ref != NULL)
		other = schema_kind(b->env->schema, str_of(m->f->ref));
	if (m->f->type == TYPE_ID && b->lines && !id_is_suffix(v)) {
		struct id id;

		if (!id_parse(v, &id))
			return making_refuse(m, "wanted an id");
	}
	/* A line's own id, by its suffix: no store is asked. */
	if (id_is_suffix(v) &&
	    (b->env->handle == NULL || (m->f->type == TYPE_ID && b->lines))) {
		test_suffix(b, v, t);
		return 0;
	}
	if (test_ids(b, other, v, t, b->err) < 0)
		return -1;
	if (t->nids == 0 && m->f->type == TYPE_ID && !id_is_suffix(v) &&
	    b->env->handle == NULL)
		return making_refuse(m,
		    "wanted an id or its last 4 characters or "
		    "more");
	return 0;
}

/* A list of ids is one set. */
size_t
merge_ids(struct query *q, struct qtest *v, size_t n)
{
	size_t i, total = 0;
	struct id *ids;

	for (i = 0; i < n; i++) {
		if ((v[i].how != TEST_ID && v[i].how != TEST_IDSET) ||
		    v[i].negated)
			return n;
		total += v[i].nids;
	}
	if (n < 2)
		return n;
	ids = arena_array(&q->arena, total + 1, sizeof(*ids));
	total = 0;
	for (i = 0; i < n; i++) {
		if (v[i].nids > 0)
			memcpy(ids + total, v[i].ids, v[i].nids * sizeof(*ids));
		total += v[i].nids;
	}
	ids_sort(ids, total);
	v[0].how = TEST_IDSET;
	v[0].ids = ids;
	v[0].nids = total;
	return 1;
}
