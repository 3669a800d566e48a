/* SPDX-License-Identifier: MIT */
/* From hits of one kind to records of another, along references. */
#include "store/plan_int.h"

#include "base/num.h"
#include "record/labels.h"

enum {
	JOIN_SLOT = 1, /* slot 0 is the answer's */
	NO_BYTES = 2,
	TIDY_AT = PLAN_IDS_MAX, /* ids with repeats before they are sorted */
};

/* Whether the record at hand is one that has() asks for: 1, 0, -1. */
static int
inner_matches(
    struct answer *a, const struct post *p, struct dbrec *rec, struct err *err)
{
	const struct qscope *s = p->node->scopes;
	size_t state = 0;
	struct str type;
	int rc;

	if (rec->view.kind != s->kind)
		return 0;
	if (s->activity.p != NULL) {
		rc = dbrec_value(rec, LABEL_TYPE, &state, &type, err);
		if (rc <= 0 || !str_eq(type, s->activity))
			return rc < 0 ? -1 : 0;
	}
	if (p->node->n == 0)
		return 1;
	return qnode_eval(a->q, p->node->v[0], &db_source, rec, err);
}

static int
take_refs(
    struct post *p, struct dbrec *rec, const struct field *via, struct err *err)
{
	size_t state = 0;
	struct str v;
	int rc;

	while ((rc = dbrec_value(rec, via->no, &state, &v, err)) == 1)
		if (v.n == ID_BYTES)
			pids_add(&p->ids, pid_of(v.p));
	return rc;
}

/* The references by which records of the kinds wanted are meant; each field
 * once, whichever kinds it leads to. */
static int
take_all_refs(struct post *p, struct dbrec *rec, struct err *err)
{
	const struct qnode *n = p->node;
	size_t j;

	for (size_t i = 0; i < n->nscopes; i++) {
		if (!p->outer[n->scopes[i].outer->no])
			continue;
		for (j = 0; j < i; j++)
			if (n->scopes[j].via == n->scopes[i].via &&
			    p->outer[n->scopes[j].outer->no])
				break;
		if (j == i && take_refs(p, rec, n->scopes[i].via, err) < 0)
			return -1;
	}
	return 0;
}

int
post_related(struct answer *a, struct post *p, struct err *err)
{
	struct post *inner = p->v[0];
	struct pid at = { 0, 0 };
	size_t tidy_at = TIDY_AT;
	struct dbrec *rec;
	struct id id;
	int rc;

	while ((rc = post_seek(a, inner, at, &at, err)) == 1) {
		pid_put(at, id.b);
		rc = dbrec_get(a->r, &id, JOIN_SLOT, &rec, err);
		if (rc == 1)
			rc = inner_matches(a, p, rec, err);
		if (rc == 1)
			rc = take_all_refs(p, rec, err);
		if (rc < 0)
			return -1;
		if (p->ids.n >= tidy_at) {
			pids_sort(&p->ids);
			tidy_at = p->ids.n + TIDY_AT;
		}
		if (!pid_next(&at))
			break;
	}
	pids_sort(&p->ids);
	post_release(a, inner);
	return rc < 0 ? -1 : 0;
}

/* The entries of one reference, in the order of ids. */
static struct post *
referring(struct answer *a, const struct post *p, struct pid to)
{
	struct post *c = post_new(a, POST_RANGE, 0);
	unsigned char key[NO_BYTES + 2 * ID_BYTES];

	num_put_be16(key, p->by_ref->no);
	pid_put(to, key + NO_BYTES);
	memset(key + NO_BYTES + ID_BYTES, 0xff, ID_BYTES);
	c->bind = p->bind;
	c->test = p->test;
	c->range.x = p->by_ref;
	c->range.lo = arena_str(&a->arena, str_n(key, NO_BYTES + ID_BYTES));
	c->range.hi = arena_str(&a->arena, str_n(key, sizeof(key)));
	c->in_order = c->dropped = true;
	c->state = POST_DONE;
	return c;
}

int
post_refer(struct answer *a, struct post *p, struct err *err)
{
	struct pids to = { NULL, 0, 0 };
	struct pid at = { 0, 0 };
	int rc;

	while ((rc = post_seek(a, p->from, at, &at, err)) == 1) {
		pids_add(&to, at);
		if (!pid_next(&at))
			break;
	}
	post_release(a, p->from);
	p->v = arena_array(&a->arena, to.n + 1, sizeof(struct post *));
	p->n = 0;
	for (size_t i = 0; rc >= 0 && i < to.n; i++) {
		p->v[p->n] = referring(a, p, to.v[i]);
		rc = post_settle(a, p->v[p->n++], err);
	}
	pids_release(&to);
	p->ready = true;
	return rc < 0 ? -1 : 0;
}
