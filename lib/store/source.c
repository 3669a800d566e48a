/* SPDX-License-Identifier: MIT */
/* Stored records as the evaluator of queries sees them. */
#include <stdlib.h>

#include "base/vec.h"
#include "record/labels.h"
#include "record/value.h"
#include "store/db_internal.h"

enum { CALLER_SLOTS = 8 };

static int
value_own(
    struct dbrec *rec, const struct field *f, size_t *state, struct scalar *out)
{
	if ((*state)++ != 0)
		return 0;
	out->type = f->type;
	switch (f->no) {
	case LABEL_ID:
		out->s = id_str(&rec->view.id);
		return 1;
	case LABEL_KIND:
		out->s = str_of(rec->view.kind->name);
		return 1;
	case LABEL_REV:
		out->i = (int64_t)rec->view.rev;
		return 1;
	case LABEL_CREATED:
		out->i = dbrec_created(rec);
		return 1;
	case LABEL_UPDATED:
		out->i = dbrec_updated(rec);
		return 1;
	default:
		return 0;
	}
}

/* A link shows the name of the record that its reference means. */
static int
value_link(struct dbrec *rec, const struct field *f, size_t *state,
    struct scalar *out, struct err *err)
{
	struct str v;
	struct id id;
	int rc;

	if (f->link == NULL)
		return 0;
	while ((rc = dbrec_value(rec, f->link->no, state, &v, err)) == 1) {
		if (v.n != ID_BYTES)
			continue;
		memcpy(id.b, v.p, ID_BYTES);
		if (reading_display(rec->r, &id, &out->s, err) != 0)
			return -1;
		if (out->s.p == NULL)
			continue;
		out->type = TYPE_TEXT;
		return 1;
	}
	return rc;
}

static int
value_stored(struct dbrec *rec, const struct field *f, unsigned no,
    size_t *state, struct scalar *out, struct err *err)
{
	struct str v;
	int rc;

	/* A value that is damaged within its checksum reads as none. */
	while ((rc = dbrec_value(rec, no, state, &v, err)) == 1)
		if (scalar_stored(f, v,
			f->type == TYPE_MONEY ? dbrec_places(rec) : 0, out))
			return 1;
	return rc;
}

static int
source_value(void *arg, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	struct dbrec *rec = arg;
	unsigned no;

	*out = (struct scalar){ 0 };
	if (f == NULL)
		return 0;
	switch (f->role) {
	case ROLE_STORE:
		return value_own(rec, f, state, out);
	case ROLE_LINK:
		return value_link(rec, f, state, out, err);
	case ROLE_DERIVED:
		if ((*state)++ != 0)
			return 0;
		return dbrec_derived(rec, f, label, out, err);
	case ROLE_STORED:
	default:
		break;
	}
	no = f->no;
	if (f->family) {
		no = db_label_no(rec->r->db, label);
		if (no == 0)
			return 0;
	}
	return value_stored(rec, f, no, state, out, err);
}

static const struct kind *
source_kind(void *arg)
{
	return ((struct dbrec *)arg)->view.kind;
}

static bool
source_id(void *arg, struct id *id)
{
	*id = ((struct dbrec *)arg)->view.id;
	return true;
}

/* The slot for a look-up from this record; -1: too deep. */
static int
inner_slot(const struct dbrec *rec, struct err *err)
{
	int slot = (int)(rec - rec->r->rec) + 1;

	if (slot < CALLER_SLOTS)
		return slot;
	return err_set(
	    err, STATUS_USAGE, "query: too many records within records");
}

struct related {
	struct dbrec *outer;
	const struct qscope *scope;
	const struct period *when;
	int slot;
	int (*fn)(void *, const struct qsource *, void *, struct err *);
	void *arg;
};

static bool
refers(struct dbrec *rec, const struct field *via, const struct id *to,
    struct err *err, int *rc)
{
	size_t state = 0;
	struct str v;

	while ((*rc = dbrec_value(rec, via->no, &state, &v, err)) == 1)
		if (v.n == ID_BYTES && memcmp(v.p, to->b, ID_BYTES) == 0)
			return true;
	return false;
}

/* One candidate: fn's answer, 0 where it is none of them. */
static int
related_one(struct related *q, const struct id *id, struct err *err)
{
	struct dbrec *rec;
	size_t state = 0;
	struct str v;
	int rc;

	rc = dbrec_get(q->outer->r, id, (unsigned)q->slot, &rec, err);
	if (rc <= 0)
		return rc;
	if (rec->view.kind != q->scope->kind)
		return 0;
	if (!refers(rec, q->scope->via, &q->outer->view.id, err, &rc))
		return rc;
	if (q->scope->activity.p != NULL) {
		rc = dbrec_value(rec, LABEL_TYPE, &state, &v, err);
		if (rc <= 0)
			return rc;
		if (!str_eq(v, q->scope->activity))
			return 0;
	}
	return q->fn(q->arg, &db_source, rec, err);
}

/* Whether the outer record's timeline has a row for each record that refers
 * to it through this field (STORE.md, Timeline). */
static bool
on_timeline(const struct related *q)
{
	const struct kind *outer = q->outer->view.kind;
	bool many;

	if (outer->no != KIND_CONTACT && outer->no != KIND_COMPANY &&
	    outer->no != KIND_DEAL && outer->no != KIND_CASE)
		return false;
	return q->scope->kind->timeline != NULL &&
	       kind_ref_to(q->scope->kind, outer, &many) == q->scope->via;
}

static int
related_timeline(struct related *q, struct err *err)
{
	struct tl_cursor *tl = NULL;
	unsigned kind_no;
	struct id id;
	int64_t ms;
	int rc;

	if (tl_open(q->outer->r, &q->outer->view.id, q->when, &tl, err) != 0)
		return -1;
	while ((rc = tl_next(tl, &id, &ms, &kind_no, err)) == 1) {
		rc = 0;
		if (kind_no == q->scope->kind->no)
			rc = related_one(q, &id, err);
		if (rc != 0)
			break;
	}
	tl_close(&tl);
	return rc;
}

static int
take_referrer(void *arg, const struct kind *k, const struct field *f,
    const struct id *id, struct err *err)
{
	struct ids *l = arg;

	(void)k;
	(void)f;
	(void)err;
	vec_push(l, *id);
	return 0;
}

static int
cmp_newest(const void *pa, const void *pb)
{
	return id_cmp(pb, pa);
}

/* Records off the timeline, newest id first. */
static int
related_index(struct related *q, struct err *err)
{
	struct ids ids = VEC_INIT;
	size_t i;
	int rc;

	rc = field_referrers(q->outer->r, &q->outer->view.id, q->scope->kind,
	    q->scope->via, take_referrer, &ids, err);
	if (rc == 0 && ids.n > 1)
		qsort(ids.v, ids.n, sizeof(*ids.v), cmp_newest);
	for (i = 0; rc == 0 && i < ids.n; i++)
		rc = related_one(q, &ids.v[i], err);
	vec_release(&ids);
	return rc;
}

static int
source_related(void *arg, const struct qscope *scope, const struct period *when,
    int (*fn)(void *, const struct qsource *, void *, struct err *),
    void *fn_arg, struct err *err)
{
	struct related q = { arg, scope, when, 0, fn, fn_arg };

	q.slot = inner_slot(q.outer, err);
	if (q.slot < 0)
		return -1;
	return on_timeline(&q) ? related_timeline(&q, err)
			       : related_index(&q, err);
}

static int
source_follow(void *arg, const struct field *ref,
    int (*fn)(void *, const struct qsource *, void *, struct err *),
    void *fn_arg, struct err *err)
{
	struct dbrec *rec = arg;
	struct dbrec *other;
	int slot = inner_slot(rec, err);
	size_t state = 0;
	struct str v;
	struct id id;
	int rc;

	if (slot < 0)
		return -1;
	if (ref == NULL)
		return fn(fn_arg, &db_source, rec, err);
	while ((rc = dbrec_value(rec, ref->no, &state, &v, err)) == 1) {
		if (v.n != ID_BYTES)
			continue;
		memcpy(id.b, v.p, ID_BYTES);
		rc = dbrec_get(rec->r, &id, (unsigned)slot, &other, err);
		if (rc == 1)
			rc = fn(fn_arg, &db_source, other, err);
		if (rc != 0)
			break;
	}
	return rc;
}

const struct qsource db_source = {
	.value = source_value,
	.kind = source_kind,
	.id = source_id,
	.related = source_related,
	.follow = source_follow,
};
