/* SPDX-License-Identifier: MIT */
/* Rows that an operation makes itself, without a line of input. */
#include "crm/intake_int.h"

#include "base/ids.h"
#include "record/value.h"

const struct kind *
intake_kind(const struct intaking *x, const char *name)
{
	return schema_kind(db_schema(x->o->db), str_of(name));
}

int
intake_set(struct intaking *x, struct row *row, const char *label,
    struct str text, struct err *err)
{
	const struct field *f = kind_field(row->kind, str_of(label));
	struct value_env env = { .schema = db_schema(x->o->db),
		.clock = x->o->env->clock,
		.places = -1 };
	struct str canon;
	unsigned no;

	if (!f || f->type == TYPE_MONEY)
		return 0;
	no = f->role == ROLE_STORED ? f->no : 0;
	if (str_starts(str_of(label), STR("x.")))
		no = op_label(x->op, str_of(label));
	if (!no)
		return 0;
	if (value_canon(f, str_of(label), text, &env, &x->a, &canon, err) < 0)
		return -1;
	if (!f->multi)
		row_drop(row, no);
	if (!canon.n)
		return 0;
	row_add(row, &x->a, f, no, value_encode(f, canon, -1, &x->a));
	db_slot_settle(x->o->db, row, row->n - 1);
	return 0;
}

int
intake_set_id(struct intaking *x, struct row *row, const char *label,
    const struct id *id, struct err *err)
{
	return intake_set(x, row, label, id_text(id, &x->a), err);
}

int
intake_set_time(struct intaking *x, struct row *row, const char *label,
    int64_t ms, struct err *err)
{
	char *text = arena_alloc(&x->a, DATETIME_TEXT);
	size_t n = datetime_format(ms, text);

	return intake_set(x, row, label, str_n(text, n), err);
}

struct str
intake_get(const struct row *row, const char *label)
{
	const struct field *f = kind_field(row->kind, str_of(label));

	return f && f->role == ROLE_STORED ? row_get(row, f->no) : STR_NONE;
}

bool
intake_get_id(const struct row *row, const char *label, struct id *id)
{
	struct str v = intake_get(row, label);

	if (v.n != ID_BYTES)
		return false;
	memcpy(id->b, v.p, ID_BYTES);
	return true;
}

int
intake_store(struct intaking *x, const struct row *before, struct row *row,
    struct err *err)
{
	struct row after;
	bool changed = true;

	if ((before ? op_put(x->op, row, &changed, err)
		    : op_add(x->op, row, err)) < 0)
		return -1;
	if (!changed || !x->o->changed)
		return 0;
	/* As the store has it, with what it took over. */
	if (op_get(x->op, &row->id, &x->a, &after, err) < 0)
		return -1;
	return x->o->changed(x->o->arg, before, &after, err);
}

int
intake_unique(struct intaking *x, const char *kind, const char *label,
    struct str canon, struct id *id, struct err *err)
{
	const struct kind *k = intake_kind(x, kind);
	const struct field *f = k ? kind_field(k, str_of(label)) : NULL;

	if (!f || !f->unique || !canon.n)
		return 0;
	return op_unique(x->op, k, f, canon, id, err);
}
