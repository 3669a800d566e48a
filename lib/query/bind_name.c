/* SPDX-License-Identifier: MIT */
/* What labels and names mean to a schema (QUERY.md 4), and what was meant. */
#include "query/internal.h"

enum { NAMES_MAX = 1024 };

size_t
kind_place(const struct schema *s, const struct kind *k)
{
	return (size_t)(k - s->kinds);
}

/* `company.city`, `company_id.city`: one step through a reference. */
static bool
resolve_step(const struct schema *s, const struct kind *k, struct str label,
    struct resolved *r)
{
	struct str rest = label, first = str_cut(&rest, '.');
	const struct field *f;

	if (rest.n == 0)
		return false;
	f = kind_field(k, first);
	if (f != NULL && f->role == ROLE_LINK)
		f = f->link;
	if (f == NULL || f->type != TYPE_REF || f->ref == NULL)
		return false;
	r->ref = f;
	r->ref_kind = schema_kind(s, str_of(f->ref));
	if (r->ref_kind == NULL)
		return false;
	r->f = kind_field(r->ref_kind, rest);
	return r->f != NULL && r->f->role != ROLE_LINK;
}

bool
name_resolve(const struct schema *s, const struct kind *k, struct str label,
    struct arena *a, struct resolved *r)
{
	struct str rest = label;

	memset(r, 0, sizeof(*r));
	r->f = kind_field(k, label);
	if (r->f != NULL) {
		r->label = kind_unalias(k, label);
		/* An old name reads the field's own. */
		if (!r->f->family && kind_unalias(k, label).p == label.p &&
		    r->f->role != ROLE_DERIVED)
			r->label = str_of(r->f->name);
		return true;
	}
	if (!resolve_step(s, k, label, r))
		return false;
	(void)str_cut(&rest, '.');
	rest = kind_unalias(r->ref_kind, rest);
	r->label = arena_printf(a, "%.*s.%.*s", (int)(str_find(label, '.')),
	    label.p, STR_ARG(rest));
	return true;
}

bool
name_scope(const struct schema *s, struct str name, const struct kind **kind,
    struct str *activity)
{
	*activity = STR_NONE;
	*kind = schema_kind(s, name);
	if (*kind != NULL)
		return true;
	if (schema_activity(s, name) == NULL)
		return false;
	*kind = schema_kind(s, STR("activity"));
	*activity = str_of(schema_activity(s, name)->name);
	return *kind != NULL;
}

bool
name_known(const struct schema *s, struct str label)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		if (kind_field(&s->kinds[i], label) != NULL)
			return true;
	return str_eqz(label, "any") || str_eqz(label, "has") ||
	       str_eqz(label, "no");
}

/* Adds names that are not there yet. */
static size_t
add_names(const char **v, size_t n, const char *const *more, size_t nmore)
{
	size_t i, j;

	for (i = 0; i < nmore && n < NAMES_MAX; i++) {
		for (j = 0; j < n && strcmp(v[j], more[i]) != 0;)
			j++;
		if (j == n)
			v[n++] = more[i];
	}
	return n;
}

static const char *
suggest_label(const struct kind *const *kinds, size_t nkinds, struct str label)
{
	static const char *const own[] = { "kind", "id", "any", "has", "no" };
	const char *all[NAMES_MAX], *some[NAMES_MAX];
	size_t n, i, k;

	n = add_names(all, 0, own, sizeof(own) / sizeof(own[0]));
	for (i = 0; i < nkinds; i++) {
		k = kind_labels(kinds[i], some, NAMES_MAX);
		n = add_names(all, n, some, k);
	}
	return str_suggest(label, all, n);
}

/* What stands before the dot is right: the nearest behind it. */
static const char *
suggest_step(const struct schema *s, const struct kind *const *kinds,
    size_t nkinds, struct str label, struct arena *a)
{
	struct str rest = label, first = str_cut(&rest, '.');
	const struct kind *inner = NULL;
	const struct field *f;
	const char *near;
	struct str activity;
	size_t i;

	for (i = 0; i < nkinds && inner == NULL; i++) {
		f = kind_field(kinds[i], first);
		if (f != NULL && f->ref != NULL)
			inner = schema_kind(s, str_of(f->ref));
	}
	if (inner == NULL && !name_scope(s, first, &inner, &activity))
		return NULL;
	near = suggest_label(&inner, 1, rest);
	if (near == NULL)
		return NULL;
	return arena_printf(a, "%.*s.%s", STR_ARG(first), near).p;
}

const char *
name_suggest(const struct schema *s, const struct kind *const *kinds,
    size_t nkinds, struct str label, struct arena *a)
{
	const char *near = NULL;

	if (str_find(label, '.') + 1 < label.n)
		near = suggest_step(s, kinds, nkinds, label, a);
	return near != NULL ? near : suggest_label(kinds, nkinds, label);
}

const char *
name_suggest_kind(const struct schema *s, struct str name, bool activities)
{
	const struct enum_def *types = schema_enum(s, STR("activity-type"));
	const char *all[NAMES_MAX];
	size_t n = 0, i;

	for (i = 0; i < s->nkinds && n < NAMES_MAX; i++)
		all[n++] = s->kinds[i].name;
	for (i = 0;
	     activities && types != NULL && i < types->n && n < NAMES_MAX; i++)
		n = add_names(all, n, &types->v[i].name, 1);
	return str_suggest(name, all, n);
}
