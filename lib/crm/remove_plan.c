/* SPDX-License-Identifier: MIT */
/* What a removal takes along, and what stands in its way. */
#include <string.h>

#include "base/num.h"
#include "crm/batch.h"
#include "crm/remove_int.h"
#include "record/labels.h"

static bool
goes(const struct removal *r, struct str id)
{
	return id.n == ID_BYTES && names_find(&r->set, id) != NULL;
}

static void
take(struct removal *r, const struct id *id, const struct kind *kind,
    size_t item)
{
	struct victim v = { *id, kind, item };
	bool fresh;

	(void)names_at(&r->set, id_str(id), &fresh);
	if (fresh)
		vec_push(&r->victims, v);
}

/* ---- what refers to it ---- */

static bool
is_customer(const struct kind *k)
{
	return k->builtin && (strcmp(k->name, "contact") == 0 ||
				 strcmp(k->name, "company") == 0);
}

/* Whether it is part of another contact's history too. */
static bool
names_another(const struct removal *r, const struct row *row)
{
	struct str id;
	size_t i = 0;

	while (row_next_ref(row, "contact", &i, &id))
		if (!goes(r, id))
			return true;
	return false;
}

struct referring {
	struct removal *r;
	struct op *op;
	struct victim to;
};

static int
on_referrer(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	const struct referring *ref = arg;
	struct removal *r = ref->r;
	struct tie tie = { *id, kind, ref->to.item, ref->to.id, false };
	struct arena a = ARENA_INIT;
	struct row row = { 0 };
	int rc = 1;

	(void)f;
	if (goes(r, id_str(id)))
		return 0;
	/* A campaign that forgets whom it wrote to would write again. */
	if (r->opts.cascade && kind->timeline != NULL &&
	    (kind->no != KIND_MESSAGE || is_customer(ref->to.kind))) {
		rc = op_get(ref->op, id, &a, &row, err);
		if (rc == 1 &&
		    !(is_customer(ref->to.kind) && names_another(r, &row))) {
			take(r, id, kind, ref->to.item);
			rc = 0;
		}
		arena_release(&a);
	}
	if (rc == 1)
		vec_push(&r->ties, tie);
	return rc < 0 ? -1 : 0;
}

static int
collect(struct removal *r, struct op *op, struct err *err)
{
	struct referring ref = { .r = r, .op = op };
	const struct removal_item *it;
	struct dbrec *rec;
	size_t i;
	int rc;

	names_release(&r->set);
	vec_clear(&r->victims);
	vec_clear(&r->ties);
	for (i = 0; i < r->items.n; i++) {
		it = &r->items.v[i];
		if (it->refused || it->repeated)
			continue;
		rc = dbrec_get(op_reading(op), &it->id, 4, &rec, err);
		if (rc < 0)
			return -1;
		if (rc == 1)
			take(r, &it->id, dbrec_kind(rec), i);
	}
	for (i = 0; i < r->victims.n; i++) {
		ref.to = r->victims.v[i];
		if (db_referrers(op_reading(op), &ref.to.id, true, on_referrer,
			&ref, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- what stays ---- */

/* The row without its references to what goes, in the arena. */
static void
untie(const struct removal *r, const struct row *row, struct row *out,
    struct arena *a)
{
	const struct slot *s;
	size_t i;

	*out = *row;
	out->v = arena_array(a, row->n + 1, sizeof(*out->v));
	out->n = 0;
	for (i = 0; i < row->n; i++) {
		s = &row->v[i];
		if (s->f == NULL || s->f->type != TYPE_REF || !goes(r, s->v))
			out->v[out->n++] = *s;
	}
	out->cap = out->n;
}

/* Ties to what goes after all are no ties; one record, one tie. */
static int
settle_ties(struct removal *r, struct op *op, struct err *err)
{
	struct names seen = NAMES_INIT;
	struct arena a = ARENA_INIT;
	struct err why = ERR_INIT;
	struct row row, after;
	size_t n = 0, i;
	bool fresh;
	int rc = 0;

	for (i = 0; rc == 0 && i < r->ties.n; i++) {
		struct tie *t = &r->ties.v[i];
		unsigned char key[8 + ID_BYTES];

		num_put_be64(key, t->item);
		memcpy(key + 8, t->id.b, ID_BYTES);
		(void)names_at(&seen, str_n(key, sizeof(key)), &fresh);
		if (!fresh || goes(r, id_str(&t->id)))
			continue;
		arena_clear(&a);
		row = (struct row){ 0 };
		if (op_get(op, &t->id, &a, &row, err) < 0) {
			rc = -1;
			break;
		}
		untie(r, &row, &after, &a);
		t->needs = batch_check_needs(&after, &why) != 0;
		err_clear(&why);
		r->ties.v[n++] = *t;
	}
	r->ties.n = n;
	names_release(&seen);
	arena_release(&a);
	return rc;
}

/* "2 deals and 1 task refer to 3K7BV Marta Gil; --cascade takes ...". */
static void
refuse_tied(struct removal *r, struct op *op, size_t item,
    const struct removal_kinds *kinds, const struct id *target, bool needs)
{
	struct err why = ERR_INIT;
	struct buf who = BUF_INIT;
	bool one = kinds->n == 1 && kinds->v[0].n == 1;
	const char *name = removal_name(r, op, target);

	removal_say_kinds(kinds, 0, &who);
	if (needs)
		err_set(&why, STATUS_DATA,
		    one ? ERR_N("%s needs %s") : ERR_N("%s need %s"), who.p,
		    name);
	else
		err_set(&why, STATUS_DATA,
		    one ? ERR_N("%s refers to %s") : ERR_N("%s refer to %s"),
		    who.p, name);
	if (!r->opts.cascade && needs)
		err_add(&why, "; --cascade takes timeline records along");
	else if (!r->opts.cascade)
		err_add(&why, "; --cascade takes timeline records along, "
			      "--detach clears the links");
	else if (!needs)
		err_add(&why, "; --detach clears the links");
	buf_release(&who);
	removal_refuse(r, item, &why);
}

/* Refuses the items that something is in the way of; *some. */
static void
refuse_all_tied(struct removal *r, struct op *op, bool *some)
{
	struct removal_kinds kinds = VEC_INIT;
	const struct tie *t, *first;
	size_t i, j;

	for (i = 0; i < r->ties.n; i++) {
		first = &r->ties.v[i];
		if (r->items.v[first->item].refused ||
		    (r->opts.detach && !first->needs))
			continue;
		vec_clear(&kinds);
		for (j = i; j < r->ties.n; j++) {
			t = &r->ties.v[j];
			if (t->item == first->item &&
			    (!r->opts.detach || t->needs))
				removal_count(&kinds, t->kind);
		}
		refuse_tied(
		    r, op, first->item, &kinds, &first->target, r->opts.detach);
		*some = true;
	}
	vec_release(&kinds);
}

int
removal_plan(struct removal *r, struct op *op, struct err *err)
{
	bool again;

	/* What is refused stays, and may refer to what would go. */
	do {
		again = false;
		if (collect(r, op, err) != 0 || settle_ties(r, op, err) != 0)
			return -1;
		refuse_all_tied(r, op, &again);
	} while (again);
	return 0;
}

/* ---- doing it ---- */

static int
tell_leaving(struct removal *r, struct op *op, struct err *err)
{
	size_t i;

	for (i = 0; r->opts.leaving != NULL && i < r->victims.n; i++)
		if (r->opts.leaving(r->opts.arg, op_reading(op),
			&r->victims.v[i].id, err) != 0)
			return -1;
	return 0;
}

static int
clear_links(struct removal *r, struct op *op, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct row row, after;
	bool changed;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < r->ties.n; i++) {
		arena_clear(&a);
		row = (struct row){ 0 };
		if (op_get(op, &r->ties.v[i].id, &a, &row, err) < 0) {
			rc = -1;
			break;
		}
		untie(r, &row, &after, &a);
		rc = op_put(op, &after, &changed, err);
		/* It refers to two that go. */
		if (rc != 0 || !changed)
			continue;
		r->result.untied++;
		if (r->opts.changed != NULL)
			rc = r->opts.changed(r->opts.arg, &row, &after, err);
	}
	arena_release(&a);
	return rc;
}

static int
remove_one(
    struct removal *r, struct op *op, const struct victim *v, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct row row = { 0 };
	int rc = 0;

	if (r->opts.changed != NULL) {
		rc = op_get(op, &v->id, &a, &row, err) < 0
			 ? -1
			 : r->opts.changed(r->opts.arg, &row, NULL, err);
		arena_release(&a);
	}
	return rc == 0 ? op_remove(op, &v->id, err) : -1;
}

int
removal_do(struct removal *r, struct op *op, struct err *err)
{
	size_t i;

	if (tell_leaving(r, op, err) != 0 || clear_links(r, op, err) != 0)
		return -1;
	for (i = 0; i < r->victims.n; i++)
		removal_count(&r->result.gone, r->victims.v[i].kind);
	/* Whoever takes it back finds what a record refers to first. */
	for (i = r->victims.n; i > 0; i--)
		if (remove_one(r, op, &r->victims.v[i - 1], err) != 0)
			return -1;
	return 0;
}
