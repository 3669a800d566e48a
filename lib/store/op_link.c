/* SPDX-License-Identifier: MIT */
/* What an event takes over from what it names (MODEL.md, Links). */
#include "base/hash.h"
#include "base/mem.h"
#include "record/labels.h"
#include "store/meta.h"
#include "store/op_int.h"

static const struct field *
stored_field(const struct kind *k, unsigned no)
{
	const struct field *f = kind_field_no(k, no);

	return f != NULL && f->role == ROLE_STORED && f->type == TYPE_REF
		   ? f
		   : NULL;
}

static struct company_of *
company_slot(struct op *op, const struct id *contact)
{
	size_t at = (size_t)hash_bytes(contact->b, ID_BYTES, 0) % COMPANIES;

	if (op->companies == NULL)
		op->companies = mem_zero(COMPANIES, sizeof(*op->companies));
	return &op->companies[at];
}

void
op_forget_company(struct op *op, const struct id *contact)
{
	struct company_of *c;

	if (op->companies == NULL)
		return;
	c = company_slot(op, contact);
	c->used = false;
}

/* A value of another record, copied: 1, 0 none, -1. nth from 0. */
static int
value_of(struct op *op, enum tree tree, const struct id *id, unsigned no,
    size_t nth, struct id *out, struct err *err)
{
	struct rowview_pos pos = { 0 };
	struct rowview view;
	struct str value, v;
	struct str key = id_str(id);
	bool blob;

	if (tree_get_raw(op_driver(op), op->tx, tree, key, &value, err) != 0)
		return -1;
	if (value.p == NULL)
		return 0;
	if (rowview_open(&view, &op->db->schema, tree, key, value, err) < 0)
		return -1;
	do {
		if (!rowview_next(&view, no, &pos, &v, &blob) ||
		    v.n != ID_BYTES)
			return 0;
	} while (nth-- > 0);
	memcpy(out->b, v.p, ID_BYTES);
	return 1;
}

/* The company of a contact now: 1, 0, -1. */
static int
contact_company(
    struct op *op, const struct id *contact, struct id *out, struct err *err)
{
	struct company_of *c = company_slot(op, contact);
	int rc;

	if (!c->used || id_cmp(&c->contact, contact) != 0) {
		rc = value_of(op, T_CONTACT, contact, LABEL_COMPANY_ID, 0,
		    &c->company, err);
		if (rc < 0)
			return -1;
		c->contact = *contact;
		c->none = rc == 0;
		c->used = true;
	}
	*out = c->company;
	return !c->none;
}

/* A reference put at its place in canonical order. */
static void
add_ref(
    struct op *op, struct row *row, const struct field *f, const struct id *id)
{
	struct str v = arena_str(&op->arena, id_str(id));
	struct slot x;
	size_t i;

	row_add(row, &op->arena, f, f->no, v);
	x = row->v[row->n - 1];
	for (i = row->n - 1;
	     i > 0 && row->v[i - 1].f != NULL && row->v[i - 1].f->pos > f->pos;
	     i--)
		row->v[i] = row->v[i - 1];
	row->v[i] = x;
}

/* The deal or case that the row names: 1, 0. */
static bool
row_source(const struct row *row, struct id *out)
{
	struct str v = row_get(row, LABEL_DEAL_ID);

	if (v.n != ID_BYTES)
		v = row_get(row, LABEL_CASE_ID);
	if (v.n != ID_BYTES)
		return false;
	memcpy(out->b, v.p, ID_BYTES);
	return true;
}

static int
inherit_contacts(struct op *op, struct row *row, const struct field *f,
    const struct id *source, struct err *err)
{
	struct id id;
	size_t n;
	int rc = 1;

	for (n = 0; rc == 1 && (n == 0 || f->multi); n++) {
		rc = value_of(op, T_REC, source, LABEL_CONTACT_ID, n, &id, err);
		if (rc == 1)
			add_ref(op, row, f, &id);
	}
	return rc < 0 ? -1 : 0;
}

static int
inherit_company(struct op *op, struct row *row, const struct field *f,
    const struct id *source, struct err *err)
{
	struct str v = row_get(row, LABEL_CONTACT_ID);
	struct id contact, company;
	int rc = 0;

	if (v.n == ID_BYTES) {
		memcpy(contact.b, v.p, ID_BYTES);
		rc = contact_company(op, &contact, &company, err);
	}
	if (rc == 0 && source != NULL)
		rc = value_of(
		    op, T_REC, source, LABEL_COMPANY_ID, 0, &company, err);
	if (rc == 1)
		add_ref(op, row, f, &company);
	return rc < 0 ? -1 : 0;
}

int
op_inherit(struct op *op, struct row *row, struct err *err)
{
	const struct field *contact = stored_field(row->kind, LABEL_CONTACT_ID);
	const struct field *company = stored_field(row->kind, LABEL_COMPANY_ID);
	struct slot *own = row->v;
	struct id source;
	bool has_source;

	if (row->kind->timeline == NULL || contact == NULL || company == NULL ||
	    row_get(row, LABEL_COMPANY_ID).p != NULL)
		return 0;
	has_source = row_source(row, &source);
	/* The caller's slots are not ours to move. */
	row->v = arena_array(&op->arena, row->n + 8, sizeof(*row->v));
	if (row->n > 0)
		memcpy(row->v, own, row->n * sizeof(*row->v));
	row->cap = row->n + 8;
	if (has_source && row_get(row, LABEL_CONTACT_ID).p == NULL &&
	    inherit_contacts(op, row, contact, &source, err) != 0)
		return -1;
	return inherit_company(
	    op, row, company, has_source ? &source : NULL, err);
}
