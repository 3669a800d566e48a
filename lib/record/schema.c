/* SPDX-License-Identifier: MIT */
#include "record/schema.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "record/labels.h"
#include "record/rec.h"
#include "record/schema_int.h"

static const char *const type_names[] = {
	[TYPE_NONE] = "none",
	[TYPE_TEXT] = "text",
	[TYPE_ID] = "id",
	[TYPE_REF] = "ref",
	[TYPE_INT] = "int",
	[TYPE_DECIMAL] = "decimal",
	[TYPE_MONEY] = "money",
	[TYPE_DATE] = "date",
	[TYPE_DATETIME] = "datetime",
	[TYPE_BOOL] = "bool",
	[TYPE_ENUM] = "enum",
	[TYPE_EMAIL] = "email",
	[TYPE_PHONE] = "phone",
	[TYPE_URL] = "url",
	[TYPE_TAG] = "tag",
	[TYPE_DURATION] = "duration",
	[TYPE_LINEITEM] = "lineitem",
};

const char *
type_name(enum type t)
{
	return type_names[t];
}

struct schema *
schema_new(void)
{
	struct schema *s = mem_zero(1, sizeof(*s));

	arena_init(&s->arena);
	return s;
}

void
schema_free(struct schema **s)
{
	if (*s == NULL)
		return;
	arena_release(&(*s)->arena);
	mem_free(*s);
	*s = NULL;
}

const struct kind *
schema_kind(const struct schema *s, struct str name)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		if (str_eqz(name, s->kinds[i].name))
			return &s->kinds[i];
	for (i = 0; i < s->nkinds; i++)
		if (s->kinds[i].was != NULL && str_eqz(name, s->kinds[i].was))
			return &s->kinds[i];
	return NULL;
}

const struct kind *
schema_kind_no(const struct schema *s, unsigned no)
{
	size_t i;

	/* Built-in kinds stand in the order of their numbers. */
	if (no > 0 && no <= s->nkinds && s->kinds[no - 1].no == no)
		return &s->kinds[no - 1];
	for (i = 0; i < s->nkinds && no != 0; i++)
		if (s->kinds[i].no == no)
			return &s->kinds[i];
	return NULL;
}

const struct enum_def *
schema_enum(const struct schema *s, struct str name)
{
	size_t i;

	for (i = 0; i < s->nenums; i++)
		if (str_eqz(name, s->enums[i].name))
			return &s->enums[i];
	return NULL;
}

const struct enum_value *
enum_value(const struct enum_def *e, struct str name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (str_eqz(name, e->v[i].name))
			return &e->v[i];
	for (i = 0; i < e->n; i++)
		if (e->v[i].was != NULL && str_eqz(name, e->v[i].was))
			return &e->v[i];
	return NULL;
}

const struct pipeline *
schema_pipeline(const struct schema *s, struct str name)
{
	size_t i;

	for (i = 0; i < s->npipelines; i++)
		if (str_eqz(name, s->pipelines[i].name))
			return &s->pipelines[i];
	return NULL;
}

const struct stage *
pipeline_stage(const struct pipeline *p, struct str name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (str_eqz(name, p->v[i].name) ||
		    (p->v[i].was != NULL && str_eqz(name, p->v[i].was)))
			return &p->v[i];
	return NULL;
}

const struct enum_value *
schema_activity(const struct schema *s, struct str name)
{
	const struct enum_def *e = schema_enum(s, STR("activity-type"));

	return e != NULL ? enum_value(e, name) : NULL;
}

static const struct field *
hash_find(const struct kind *k, struct str label)
{
	size_t i, mask = k->hash_n - 1;
	const struct field *f;

	if (k->hash_n == 0 || label.n == 0)
		return NULL;
	i = (size_t)hash_bytes(label.p, label.n, 0) & mask;
	for (; k->hash[i] != 0; i = (i + 1) & mask) {
		f = &k->v[k->hash[i] - 1];
		if (str_eq(label, str_n(f->name, f->len)))
			return f;
	}
	return NULL;
}

/* score.MODEL, score.MODEL.LABEL, revenue.CUR, x.NAME. */
static const struct field *
find_family(const struct kind *k, struct str label)
{
	static const struct {
		const char *end;
		int type; /* place in k->score */
	} ends[] = {
		{ ".at", 0 },
		{ ".segment", 1 },
		{ ".state", 1 },
		{ ".grade", 1 },
		{ ".flag", 1 },
		{ ".family", 1 },
		{ ".model", 1 },
	};
	const struct field *f;
	struct str rest;
	size_t dot = str_find(label, '.'), i;

	if (dot + 1 >= label.n)
		return NULL;
	f = hash_find(k, str_sub(label, 0, dot + 1));
	if (f == NULL || !f->family || k->score == NULL)
		return f;
	rest = str_sub(label, dot + 1, label.n - dot - 1);
	if (!str_eqz(str_n(f->name, strlen(f->name)), "score."))
		return f;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(rest, str_of(ends[i].end)) &&
		    rest.n > strlen(ends[i].end))
			return &k->score[ends[i].type];
	return f;
}

static const struct field *
find_plain(const struct kind *k, struct str label)
{
	const struct field *f = hash_find(k, label);

	/* "score." itself is the name of no label. */
	if (f != NULL)
		return f->family ? NULL : f;
	return find_family(k, label);
}

static const struct field *
find_old(const struct kind *k, struct str label)
{
	const struct field *f;
	size_t i;

	for (i = 0; i < k->n; i++) {
		f = &k->v[i];
		if (f->was == NULL)
			continue;
		if (str_eqz(label, f->was))
			return f;
		/* A renamed reference: its old link label too. */
		if (f->link != NULL && label.n + 3 == strlen(f->was) &&
		    str_starts(str_of(f->was), label) &&
		    str_ends(str_of(f->was), STR("_id")))
			return f->link;
	}
	return NULL;
}

const struct field *
kind_field(const struct kind *k, struct str label)
{
	const struct field *f = find_plain(k, label);
	struct str full;

	if (f != NULL)
		return f;
	full = kind_unalias(k, label);
	if (full.p != label.p)
		return find_plain(k, full);
	return find_old(k, label);
}

struct str
kind_unalias(const struct kind *k, struct str label)
{
	size_t i;

	for (i = 0; i < k->nalias; i++)
		if (str_eqz(label, k->alias[i].name))
			return str_of(k->alias[i].target);
	return label;
}

bool
kind_is_old_name(const struct kind *k, struct str label)
{
	return find_plain(k, label) == NULL && kind_field(k, label) != NULL;
}

const struct field *
kind_field_no(const struct kind *k, unsigned no)
{
	size_t i, mask = k->hash_no_n - 1;

	if (no == 0 || k->hash_no_n == 0)
		return NULL;
	for (i = no & mask; k->hash_no[i] != 0; i = (i + 1) & mask)
		if (k->v[k->hash_no[i] - 1].no == no)
			return &k->v[k->hash_no[i] - 1];
	return NULL;
}

const struct field *
kind_ref_to(const struct kind *k, const struct kind *target, bool *many)
{
	const struct field *f, *only = NULL;
	size_t i, n = 0;

	*many = false;
	for (i = 0; i < k->first_derived; i++) {
		f = &k->v[i];
		if (f->role != ROLE_STORED || f->type != TYPE_REF ||
		    strcmp(f->ref, target->name) != 0)
			continue;
		if (f->owner)
			return f;
		only = f;
		n++;
	}
	*many = n > 1;
	return n == 1 ? only : NULL;
}

size_t
kind_labels(const struct kind *k, const char **out, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < k->n && n < max; i++)
		if (!k->v[i].family)
			out[n++] = k->v[i].name;
	for (i = 0; i < k->nalias && n < max; i++)
		out[n++] = k->alias[i].name;
	return n;
}
