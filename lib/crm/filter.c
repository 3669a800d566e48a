/* SPDX-License-Identifier: MIT */
#include "crm/filter.h"

#include "crm/sort.h"

enum { SLOT_LINE = 0 };

void
filter_set(struct filter_line *l, const struct rec *rec)
{
	struct str kind = rec_get(rec, STR("kind"));

	l->rec = rec;
	/* A line without kind is a contact (FORMAT.md section 9). */
	if (!kind.n)
		kind = STR("contact");
	if (!l->kind || !str_eqz(kind, l->kind->name))
		l->kind = schema_kind(l->schema, kind);
}

static int
line_value(void *arg, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	const struct filter_line *l = arg;

	(void)err;
	if (!label.p)
		label = str_of(f->name);
	while (*state < l->rec->n) {
		const struct pair *p = &l->rec->v[(*state)++];

		if (p->value.n && str_eq(p->label, label)) {
			out->type = TYPE_NONE;
			out->s = p->value;
			return 1;
		}
	}
	return 0;
}

static const struct kind *
line_kind(void *arg)
{
	return ((const struct filter_line *)arg)->kind;
}

static bool
line_id(void *arg, struct id *id)
{
	const struct filter_line *l = arg;

	return id_parse(rec_get(l->rec, STR("id")), id);
}

/* The stored record of the line: 1, 0 (no id, or not in the store), -1. */
static int
stored(struct filter_line *l, struct dbrec **rec, struct err *err)
{
	struct reading *rd;
	struct id id;

	if (l->reading(l->arg, &rd, err) < 0)
		return -1;
	if (!line_id(l, &id))
		return 0;
	return dbrec_get(rd, &id, SLOT_LINE, rec, err);
}

static int
line_related(void *arg, const struct qscope *scope, const struct period *when,
    int (*fn)(void *, const struct qsource *, void *, struct err *),
    void *fn_arg, struct err *err)
{
	struct dbrec *rec;
	int rc = stored(arg, &rec, err);

	if (rc <= 0)
		return rc;
	return db_source.related(rec, scope, when, fn, fn_arg, err);
}

static int
line_follow(void *arg, const struct field *ref,
    int (*fn)(void *, const struct qsource *, void *, struct err *),
    void *fn_arg, struct err *err)
{
	struct dbrec *rec;
	int rc = stored(arg, &rec, err);

	if (rc <= 0)
		return rc;
	return db_source.follow(rec, ref, fn, fn_arg, err);
}

const struct qsource filter_source = {
	.value = line_value,
	.kind = line_kind,
	.id = line_id,
	.related = line_related,
	.follow = line_follow,
};

int
filter_scalar(const struct filter_line *l, struct str label, bool greatest,
    struct scalar *out)
{
	const struct field *f = l->kind ? kind_field(l->kind, label) : NULL;
	struct str v;
	size_t i = 0;
	bool any = false;

	if (l->kind)
		label = kind_unalias(l->kind, label);
	while (rec_next(l->rec, label, &i, &v)) {
		struct scalar s = { .type = TYPE_TEXT, .s = v };
		struct decimal d;

		if (f && !scalar_text(f, v, -1, &s))
			continue;
		/* A label that nobody declared: a number if it is one. */
		if (!f && decimal_parse(v, false, &d, NULL) == DECIMAL_OK) {
			s.type = TYPE_DECIMAL;
			s.d = d;
		}
		if (f)
			sort_scalar(f, &s);
		if (!any || (scalar_cmp(&s, out) > 0) == greatest)
			*out = s;
		any = true;
	}
	return any;
}
