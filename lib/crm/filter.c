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

/* Lines of crm-score say clv where those of the store say score.clv. */
static struct str
by_alias(const struct filter_line *l, struct str label)
{
	for (size_t i = 0; l->kind && i < l->kind->nalias; i++)
		if (str_eqz(label, l->kind->alias[i].target))
			return rec_get(l->rec, str_of(l->kind->alias[i].name));
	return STR_NONE;
}

static int
line_value(void *arg, const struct field *f, struct str label, size_t *state,
    struct scalar *out, struct err *err)
{
	const struct filter_line *l = arg;
	bool first = *state == 0;

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
	out->type = TYPE_NONE;
	out->s = first ? by_alias(l, label) : STR_NONE;
	return out->s.n > 0;
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

/* A value as it is sorted; false: it cannot be read. */
static bool
sort_value(const struct field *f, struct str v, struct scalar *out)
{
	struct decimal d;

	*out = (struct scalar){ .type = TYPE_TEXT, .s = v };
	if (f && !scalar_text(f, v, -1, out))
		return false;
	/* A label that nobody declared: a number if it is one. */
	if (!f && decimal_parse(v, false, &d, NULL) == DECIMAL_OK) {
		out->type = TYPE_DECIMAL;
		out->d = d;
	}
	if (f)
		sort_scalar(f, out);
	return true;
}

int
filter_scalar(const struct filter_line *l, struct str label, bool greatest,
    struct scalar *out)
{
	const struct field *f = l->kind ? kind_field(l->kind, label) : NULL;
	struct scalar s;
	struct str v;
	size_t i = 0;
	bool any = false;

	if (l->kind)
		label = kind_unalias(l->kind, label);
	while (rec_next(l->rec, label, &i, &v)) {
		if (!sort_value(f, v, &s))
			continue;
		if (!any || (scalar_cmp(&s, out) > 0) == greatest)
			*out = s;
		any = true;
	}
	if (!any)
		v = by_alias(l, label);
	return any || (v.n > 0 && sort_value(f, v, out));
}
