/* SPDX-License-Identifier: MIT */
/* What a schema must hold once all of it is read (SCHEMA.md, Refused). */
#include <string.h>

#include "record/labels.h"
#include "record/rec.h"
#include "record/schema_int.h"
#include "record/value.h"

static const char *const reserved[] = { "id", "kind", "rev", "created",
	"updated", "has", "no", "any", "count", "sum", "http", "https",
	"mailto", "tel", NULL };

/* One kind being checked and where it stands. */
struct where {
	struct reading *rd;
	struct kind *k;
	const struct yaml *key;
	const struct yaml *map;
};

static const struct yaml *
key_of(const struct yaml *map, struct str name)
{
	size_t i;

	for (i = 0; map != NULL && map->type == YAML_MAP && i < map->n; i++)
		if (str_eq(map->key[i]->s, name))
			return map->key[i];
	return NULL;
}

static const struct yaml *
field_key(const struct where *w, const struct field *f)
{
	const struct yaml *key;

	key = key_of(yaml_get(w->map, "fields"), str_of(f->name));
	return key != NULL ? key : w->key;
}

static const struct yaml *
field_map(const struct where *w, const struct field *f)
{
	const struct yaml *map = yaml_get(yaml_get(w->map, "fields"), f->name);

	return map != NULL ? map : w->key;
}

/* --- names --- */

static const char *
what_is(const struct field *f)
{
	switch (f->role) {
	case ROLE_STORE:
		return err_text("a reserved word");
	case ROLE_LINK:
		return err_text("the link label of another field");
	case ROLE_DERIVED:
		return err_text("a derived field");
	case ROLE_STORED:
		break;
	}
	return err_text("a field");
}

/* An own field, and the link label that it brings. */
static void
check_field_name(struct where *w, const struct field *f)
{
	const struct kind *k = w->k;
	const struct yaml *at =
	    field_key(w, f->role == ROLE_LINK ? f->link : f);
	const struct field *g;
	size_t i;

	for (i = 0; reserved[i] != NULL; i++)
		if (strcmp(f->name, reserved[i]) == 0)
			fault(
			    w->rd, at, "field '%s': a reserved word", f->name);
	for (i = 0; i < k->n; i++) {
		g = &k->v[i];
		if (g == f || g->role == ROLE_STORE)
			continue;
		if (g->was != NULL && strcmp(g->was, f->name) == 0)
			fault(w->rd, at, "field '%s': the old name of '%s'",
			    f->name, g->name);
		/* A field and a link meet once, at the link. */
		if (strcmp(g->name, f->name) == 0 && g->role != f->role &&
		    !(f->role == ROLE_STORED && g->role == ROLE_LINK &&
			!g->builtin))
			fault(w->rd, at, "field '%s': %s has this name",
			    f->name, what_is(g));
	}
	for (i = 0; i < k->nalias; i++)
		if (strcmp(k->alias[i].name, f->name) == 0)
			fault(w->rd, at, "field '%s': an alias has this name",
			    f->name);
}

static void
check_was(struct where *w, const struct field *f)
{
	const struct field *g;
	size_t i;

	/* One of base is in the way of a new field: told there. */
	if (field_key(w, f)->line == 0)
		return;
	for (i = 0; i < w->k->n; i++) {
		g = &w->k->v[i];
		if (g != f && field_declared(g) &&
		    (strcmp(g->name, f->was) == 0 ||
			(g->was != NULL && strcmp(g->was, f->was) == 0)))
			fault(w->rd, field_key(w, f),
			    "field '%s': was '%s', but '%s' has that name",
			    f->name, f->was, g->name);
	}
}

static void
check_alias(struct where *w)
{
	const struct yaml *map = yaml_get(w->map, "alias"), *at;
	const struct kind *k = w->k;
	const struct field *f;
	struct str name, target;
	size_t i, j;

	for (i = 0; i < k->nalias; i++) {
		name = str_of(k->alias[i].name);
		target = str_of(k->alias[i].target);
		at = key_of(map, name);
		/* One of base is in the way of a field: told there. */
		if (at == NULL || at->line == 0)
			continue;
		if (!label_valid(name))
			fault(w->rd, at, "alias '%s': no label",
			    k->alias[i].name);
		for (j = 0; j < k->n; j++)
			if (str_eqz(name, k->v[j].name))
				fault(w->rd, at, "alias '%s': %s has this name",
				    k->alias[i].name, what_is(&k->v[j]));
		f = kind_field(k, target);
		if (f == NULL || kind_is_old_name(k, target))
			fault(w->rd, at, "alias '%s': no field '%s'",
			    k->alias[i].name, k->alias[i].target);
	}
}

/* --- what names fields --- */

/* The field that a list names: old names are brought up to date. */
static const struct field *
named_field(
    struct where *w, const struct yaml *at, const char *what, const char **name)
{
	const struct field *f = kind_field(w->k, str_of(*name));
	const char *names[600], *near;
	size_t n;

	if (f != NULL) {
		if (!f->family && kind_is_old_name(w->k, str_of(*name)) &&
		    kind_unalias(w->k, str_of(*name)).p == *name)
			*name = f->name;
		return f;
	}
	n = kind_labels(w->k, names, sizeof(names) / sizeof(names[0]));
	near = str_suggest(str_of(*name), names, n);
	if (near != NULL)
		fault(w->rd, at, "%s: no field '%s'; did you mean '%s'?", what,
		    *name, near);
	else
		fault(w->rd, at, "%s: kind '%s' has no field '%s'", what,
		    w->k->name, *name);
	return NULL;
}

static void
check_lists(struct where *w)
{
	const struct yaml *y = yaml_get(w->map, "display");
	const struct field *f;
	struct kind *k = w->k;
	size_t i, j;

	if (yaml_is_unset(y))
		y = w->key;
	f = named_field(w, y, "display", &k->display);
	if (f != NULL && (f->role == ROLE_LINK || f->role == ROLE_DERIVED))
		fault(
		    w->rd, y, "display: wanted a field, got '%s'", k->display);
	y = yaml_get(w->map, "table");
	for (i = 0; i < k->table.n; i++)
		(void)named_field(
		    w, y->v[i < y->n ? i : 0], "table", &k->table.v[i]);
	y = yaml_get(w->map, "needs");
	for (i = 0; i < k->needs.n; i++) {
		f = named_field(
		    w, y->v[i < y->n ? i : 0], "needs", &k->needs.v[i]);
		if (f != NULL &&
		    (f->role == ROLE_DERIVED || f->role == ROLE_STORE))
			fault(w->rd, y, "needs: wanted fields, got '%s'",
			    k->needs.v[i]);
	}
	y = yaml_get(w->map, "unique");
	for (i = 0; i < k->nunique; i++) {
		if (k->unique[i].n < 2)
			fault(w->rd, y, "unique: wanted two fields or more");
		for (j = 0; j < k->unique[i].n; j++) {
			f = named_field(w, y, "unique", &k->unique[i].v[j]);
			if (f != NULL && (!field_declared(f) || f->multi))
				fault(w->rd, y,
				    "unique: wanted fields of one value, got "
				    "'%s'",
				    k->unique[i].v[j]);
		}
	}
}

static void
check_timeline(struct where *w)
{
	const struct field *f = w->k->timeline;

	if (f == NULL)
		return;
	if (f >= w->k->v && f < w->k->v + w->k->n)
		return;
	fault(w->rd, yaml_get(w->map, "timeline"),
	    "timeline: '%s' is no datetime of kind '%s'", f->name, w->k->name);
}

/* --- types --- */

static void
check_ref(struct where *w, struct field *f)
{
	const struct kind *target = schema_kind(w->rd->s, str_of(f->ref));
	const char *names[255], *near;
	size_t i;

	if (target != NULL) {
		f->ref = target->name;
		if (f->link != NULL)
			w->k->v[f->link->pos].ref = target->name;
		return;
	}
	for (i = 0; i < w->rd->s->nkinds; i++)
		names[i] = w->rd->s->kinds[i].name;
	near = str_suggest(str_of(f->ref), names, w->rd->s->nkinds);
	fault(w->rd, field_map(w, f), "unknown kind '%s'%s%s%s", f->ref,
	    near != NULL ? err_text("; did you mean '") : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

static void
check_enum(struct where *w, const struct field *f)
{
	const char *names[1000], *near;
	size_t i, n = 0;

	if (f->enum_name == NULL || f->values != NULL ||
	    strcmp(f->enum_name, "iso3166") == 0 ||
	    strcmp(f->enum_name, "iso4217") == 0)
		return;
	for (i = 0; i < w->rd->s->nenums && n < 1000; i++)
		names[n++] = w->rd->s->enums[i].name;
	near = str_suggest(str_of(f->enum_name), names, n);
	fault(w->rd, field_map(w, f), "unknown enum '%s'%s%s%s", f->enum_name,
	    near != NULL ? err_text("; did you mean '") : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* `now`, or a value of the type, kept in its canonical form. */
static void
check_default(struct where *w, struct field *f)
{
	struct value_env env = { .schema = w->rd->s, .places = 4 };
	const struct yaml *at = yaml_get(field_map(w, f), "default");
	bool dated = f->type == TYPE_DATE || f->type == TYPE_DATETIME;
	struct err err = ERR_INIT;
	struct str in, out;

	if (f->fallback == NULL)
		return;
	if (dated && strcmp(f->fallback, "now") == 0) {
		f->default_now = true;
		f->fallback = NULL;
		return;
	}
	in = str_of(f->fallback);
	if (value_canon(f, STR("default"), in, &env, w->rd->tmp, &out, &err) <
	    0) {
		fault(w->rd, at, "%.*s",
		    STR_ARG(str_n(err.msg, str_find(str_of(err.msg), '\n'))));
		return;
	}
	/* Money is settled per record: its currency is not known here. */
	if (f->type != TYPE_MONEY)
		f->fallback = schema_str(w->rd, out);
}

/* --- what stays --- */

static const char *
changed_key(const struct field *a, const struct field *b)
{
	if (a->multi != b->multi)
		return "multi";
	if (a->unique != b->unique)
		return "unique";
	if (a->owner != b->owner)
		return "owner";
	if (a->text != b->text)
		return "text";
	if (a->ordered != b->ordered)
		return "ordered";
	if (a->yearless != b->yearless)
		return "yearless";
	if (a->check != b->check)
		return "check";
	return same_text(a->was, b->was) ? NULL : "was";
}

static bool
same_type(const struct where *w, const struct field *a, const struct field *b)
{
	const struct kind *ka, *kb;

	if (a->type != b->type || a->alt != b->alt)
		return false;
	if (a->type == TYPE_REF) {
		ka = schema_kind(w->rd->base, str_of(a->ref));
		kb = schema_kind(w->rd->s, str_of(a->ref));
		return ka != NULL && kb != NULL &&
		       strcmp(kb->name, b->ref) == 0;
	}
	/* An enum of its own follows the names of kind and field. */
	if (a->type == TYPE_ENUM && strchr(a->enum_name, '.') != NULL)
		return strchr(b->enum_name, '.') != NULL;
	return a->type != TYPE_ENUM || same_text(a->enum_name, b->enum_name);
}

static void
check_against_base(struct where *w, const struct kind *old)
{
	const struct field *a, *b;
	const char *key;
	size_t i;

	for (i = 0; i < old->n; i++) {
		a = &old->v[i];
		if (!field_declared(a))
			continue;
		b = kind_field(w->k, str_of(a->name));
		if (b != NULL && !field_declared(b))
			b = NULL;
		if (b == NULL && !a->builtin)
			continue;
		if (b == NULL ||
		    (a->builtin && strcmp(a->name, b->name) != 0)) {
			fault(w->rd, w->key,
			    "field '%s' of kind '%s' is built in and keeps "
			    "its name",
			    a->name, old->name);
			continue;
		}
		if (!same_type(w, a, b) &&
		    (a->builtin || a->type != TYPE_ENUM ||
			b->type != TYPE_TEXT || b->alt != TYPE_NONE))
			fault(w->rd, field_key(w, b),
			    a->builtin
				? ERR_N("field '%s': its type is built in and "
					"stays; add a field and copy by a pipe")
				: ERR_N("field '%s': its type stays, but for "
					"enum to text; add a field and copy by "
					"a pipe"),
			    b->name);
		key = a->builtin ? changed_key(a, b) : NULL;
		if (key != NULL)
			fault(w->rd, field_key(w, b),
			    "field '%s' is built in: '%s' stays as it is",
			    b->name, key);
	}
	if (!old->builtin)
		return;
	for (i = 0; i < old->nalias; i++)
		if (!str_eqz(kind_unalias(w->k, str_of(old->alias[i].name)),
			old->alias[i].target))
			fault(w->rd, w->key,
			    "alias '%s' of kind '%s' is built in",
			    old->alias[i].name, old->name);
	if ((old->timeline == NULL) != (w->k->timeline == NULL) ||
	    (old->timeline != NULL &&
		strcmp(old->timeline->name, w->k->timeline->name) != 0))
		fault(w->rd, w->key,
		    "kind '%s' is built in: 'timeline' stays as it is",
		    old->name);
	if (w->k->nunique < old->nunique)
		fault(w->rd, w->key,
		    "kind '%s' is built in: 'unique' stays as it is",
		    old->name);
}

/* --- all of it --- */

static void
check_one_text(struct where *w)
{
	const struct field *first = NULL, *f;
	size_t i;

	for (i = 0; i < w->k->n; i++) {
		f = &w->k->v[i];
		if (!f->text)
			continue;
		if (first != NULL)
			fault(w->rd, field_key(w, f),
			    "text: '%s' is the text of kind '%s' already",
			    first->name, w->k->name);
		first = f;
	}
}

static void
check_kind(struct where *w)
{
	struct schema *s = w->rd->s;
	const struct kind *old = NULL, *other;
	struct field *f;
	size_t i;

	if (schema_activity(s, str_of(w->k->name)) != NULL)
		fault(w->rd, w->key,
		    "kind '%s': an activity type has this name", w->k->name);
	for (i = 0; i < s->nkinds && w->k->was != NULL; i++) {
		other = &s->kinds[i];
		if (other != w->k && strcmp(other->name, w->k->was) == 0)
			fault(w->rd, w->key,
			    "kind '%s': was '%s', which is a kind still",
			    w->k->name, w->k->was);
	}
	for (i = 0; i < w->k->n; i++) {
		f = &w->k->v[i];
		if (!f->builtin)
			check_field_name(w, f);
		if (!field_declared(f))
			continue;
		if (f->was != NULL)
			check_was(w, f);
		if (f->type == TYPE_REF)
			check_ref(w, f);
		if (f->type == TYPE_ENUM)
			check_enum(w, f);
		check_default(w, f);
	}
	check_alias(w);
	check_lists(w);
	check_timeline(w);
	check_one_text(w);
	if (w->rd->base == NULL)
		return;
	old = schema_kind(w->rd->base, str_of(w->k->name));
	if (old == NULL && w->k->was != NULL)
		old = schema_kind(w->rd->base, str_of(w->k->was));
	if (old != NULL)
		check_against_base(w, old);
}

void
check_kinds(struct reading *rd, const struct yaml *root)
{
	const struct yaml *map = yaml_get(root, "kinds");
	const struct kind *now;
	struct where w = { .rd = rd };
	size_t i;

	for (i = 0; i < rd->s->nkinds; i++) {
		w.k = &rd->s->kinds[i];
		w.key = key_of(map, str_of(w.k->name));
		w.map = yaml_get(map, w.k->name);
		check_kind(&w);
	}
	for (i = 0; rd->base != NULL && i < rd->base->nkinds; i++) {
		if (!rd->base->kinds[i].builtin)
			continue;
		now = schema_kind(rd->s, str_of(rd->base->kinds[i].name));
		if (now == NULL || !now->builtin)
			fault(rd, map,
			    "kind '%s' is built in and keeps its name",
			    rd->base->kinds[i].name);
	}
}
