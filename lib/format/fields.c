/* SPDX-License-Identifier: MIT */
/* -F: which labels are written, and in which order (FORMAT.md 11). */
#include "format/internal.h"

#include <string.h>

#include "base/vec.h"

void
columns_init(struct columns *c, const struct writer_opts *o, struct arena *a)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	c->given = o->nfields != 0;
	c->rest = !c->given;
	if (!c->given)
		return;
	c->v = arena_zero(a, o->nfields, sizeof(*c->v));
	for (i = 0; i < o->nfields; i++) {
		struct column *col = &c->v[c->n++];
		struct str name = str_trim(o->fields[i]);

		if (str_eq(name, STR("*"))) {
			col->what = COLUMN_REST;
			c->rest = true;
		} else if (name.n > 1 && name.p[0] == '-') {
			col->what = COLUMN_DROP;
			name = str_sub(name, 1, name.n);
		}
		col->name = arena_lower(a, name);
		col->label = col->name;
	}
}

const struct field *
field_of(const struct schema *s, const struct kind *k, struct str label)
{
	const struct field *f = kind_field(k, label);
	size_t dot;

	if (f != NULL || s == NULL)
		return f;
	dot = str_find(label, '.');
	f = dot < label.n ? kind_field(k, str_sub(label, 0, dot)) : NULL;
	if (f == NULL || f->ref == NULL)
		return NULL;
	k = schema_kind(s, str_of(f->ref));
	label = str_sub(label, dot + 1, label.n);
	return k != NULL ? kind_field(k, kind_unalias(k, label)) : NULL;
}

/* The label that lines of the kind have for a name: aliases and names of
 * old are resolved. */
static struct str
resolve(const struct schema *s, const struct kind *k, struct str name,
    const struct field **f)
{
	struct str full = kind_unalias(k, name);
	const struct field *own = kind_field(k, full);

	*f = own != NULL ? own : field_of(s, k, full);
	return own != NULL && !own->family ? str_of(own->name) : full;
}

void
columns_bind(struct columns *c, const struct schema *s, const struct kind *k)
{
	size_t i;

	if (c->kind == k && k != NULL)
		return;
	c->kind = k;
	for (i = 0; i < c->n; i++) {
		struct column *col = &c->v[i];

		col->label = col->name;
		col->f = NULL;
		if (k != NULL && col->what != COLUMN_REST)
			col->label = resolve(s, k, col->name, &col->f);
	}
}

bool
field_stands(const struct schema *s, struct str name, struct str label)
{
	size_t i;

	if (str_eq(name, label))
		return true;
	for (i = 0; s != NULL && i < s->nkinds; i++) {
		const struct field *f;

		if (str_eq(resolve(s, &s->kinds[i], name, &f), label))
			return true;
	}
	return false;
}

bool
columns_named(const struct columns *c, const struct schema *s, struct str label)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->v[i].what == COLUMN_LABEL &&
		    field_stands(s, c->v[i].name, label))
			return true;
	return false;
}

bool
columns_rest(const struct columns *c, struct str label)
{
	size_t i;

	if (!c->rest)
		return false;
	for (i = 0; i < c->n; i++)
		if (c->v[i].what != COLUMN_REST && str_eq(c->v[i].label, label))
			return false;
	return true;
}

/* ---- names against the schema ---- */

/* Whether records of the kind can carry the label; dotted names go over one
 * reference. */
static bool
kind_knows(const struct schema *s, const struct kind *k, struct str name)
{
	const struct field *f = field_of(s, k, kind_unalias(k, name));

	if (f == NULL)
		return false;
	/* A family is its members; its bare name with the dot is none. */
	return !f->family || name.p[name.n - 1] != '.';
}

static bool
known(const struct schema *s, const struct str *kinds, size_t nkinds,
    struct str name)
{
	size_t i;

	if (name.n > 0 && name.p[0] == '_')
		return true; /* transport: whoever made it knows it */
	if (nkinds == 0) {
		for (i = 0; i < s->nkinds; i++)
			if (kind_knows(s, &s->kinds[i], name))
				return true;
		return false;
	}
	for (i = 0; i < nkinds; i++) {
		const struct kind *k = schema_kind(s, kinds[i]);

		if (k != NULL && kind_knows(s, k, name))
			return true;
	}
	return false;
}

int
field_check(const struct schema *s, const struct str *kinds, size_t nkinds,
    struct str given, struct err *err)
{
	enum { LABELS_MAX = 512 };
	VEC(const char *) names = VEC_INIT;
	const char *labels[LABELS_MAX];
	const char *near;
	struct arena a = ARENA_INIT;
	struct str name = arena_lower(&a, str_trim(given));
	size_t i, k, n;
	int rc = 0;

	if (known(s, kinds, nkinds, name))
		goto out;
	for (i = 0; i < (nkinds != 0 ? nkinds : s->nkinds); i++) {
		const struct kind *kind =
		    nkinds != 0 ? schema_kind(s, kinds[i]) : &s->kinds[i];

		n = kind != NULL ? kind_labels(kind, labels, LABELS_MAX) : 0;
		for (k = 0; k < n; k++) {
			size_t j = 0;

			/* A name that two kinds have is one suggestion. */
			while (
			    j < names.n && strcmp(names.v[j], labels[k]) != 0)
				j++;
			if (j == names.n)
				vec_push(&names, labels[k]);
		}
	}
	near = str_suggest(name, names.v, names.n);
	if (nkinds == 1)
		err_set(err, STATUS_USAGE, "unknown field '%.*s' of %.*s",
		    STR_ARG(given), STR_ARG(kinds[0]));
	else
		err_set(
		    err, STATUS_USAGE, "unknown field '%.*s'", STR_ARG(given));
	if (near != NULL)
		err_add(err, "; did you mean '%s'?", near);
	rc = -1;
out:
	vec_release(&names);
	arena_release(&a);
	return rc;
}

int
fields_check(const struct schema *s, const struct str *kinds, size_t nkinds,
    const struct str *fields, size_t nfields, struct err *err)
{
	size_t i;

	for (i = 0; i < nfields; i++) {
		struct str name = str_trim(fields[i]);

		if (str_eq(name, STR("*")))
			continue;
		if (name.n > 1 && name.p[0] == '-')
			name = str_sub(name, 1, name.n);
		if (field_check(s, kinds, nkinds, name, err) < 0)
			return -1;
	}
	return 0;
}
