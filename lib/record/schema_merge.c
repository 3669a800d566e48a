/* SPDX-License-Identifier: MIT */
/* Laying one schema file over another, as trees (SCHEMA.md). */
#include <string.h>

#include "base/num.h"
#include "record/schema_int.h"

/* --- trees --- */

static struct yaml *
new_node(struct reading *rd, enum yaml_type type, const struct yaml *at)
{
	struct yaml *node = arena_zero(rd->tmp, 1, sizeof(*node));

	node->type = type;
	node->line = at->line;
	node->col = at->col;
	return node;
}

static void
tree_add(struct reading *rd, struct yaml *map, struct yaml *key, struct yaml *v)
{
	struct yaml **keys = arena_array(rd->tmp, map->n + 1, sizeof(*keys));
	struct yaml **vals = arena_array(rd->tmp, map->n + 1, sizeof(*vals));

	if (map->n > 0) {
		memcpy(keys, map->key, map->n * sizeof(*keys));
		memcpy(vals, map->v, map->n * sizeof(*vals));
	}
	keys[map->n] = key;
	vals[map->n++] = v;
	map->key = keys;
	map->v = vals;
}

static size_t
tree_index(const struct yaml *map, struct str key)
{
	size_t i;

	for (i = 0; i < map->n; i++)
		if (str_eq(map->key[i]->s, key))
			break;
	return i;
}

static void
tree_drop(struct yaml *map, size_t i)
{
	size_t rest = map->n - i - 1;

	memmove(map->key + i, map->key + i + 1, rest * sizeof(*map->key));
	memmove(map->v + i, map->v + i + 1, rest * sizeof(*map->v));
	map->n--;
}

struct yaml *
tree_get(struct yaml *map, const char *key)
{
	size_t i;

	if (map == NULL || map->type != YAML_MAP)
		return NULL;
	i = tree_index(map, str_of(key));
	return i < map->n ? map->v[i] : NULL;
}

/* --- one spelling --- */

/* `values: [a, b]` to `values: {a: {}, b: {}}`; a name that stands twice is a
 * fault here, since a map could not show it. */
static void
list_to_map(struct reading *rd, struct yaml *parent, const char *key)
{
	struct yaml *v = tree_get(parent, key), *map;
	size_t i;

	if (v == NULL || v->type == YAML_SCALAR)
		return;
	if (v->type == YAML_MAP) {
		for (i = 0; i < v->n; i++)
			if (yaml_is_unset(v->v[i]))
				v->v[i] = new_node(rd, YAML_MAP, v->key[i]);
		return;
	}
	map = new_node(rd, YAML_MAP, v);
	for (i = 0; i < v->n; i++) {
		if (!want_type(rd, v->v[i], YAML_SCALAR, "a name"))
			continue;
		if (tree_index(map, v->v[i]->s) < map->n)
			fault(rd, v->v[i], "'%.*s' stands twice",
			    STR_ARG(v->v[i]->s));
		else
			tree_add(
			    rd, map, v->v[i], new_node(rd, YAML_MAP, v->v[i]));
	}
	parent->v[tree_index(parent, str_of(key))] = map;
}

/* A scalar in place of a map is short for a map with this one key. */
static void
scalar_to_map(
    struct reading *rd, struct yaml *parent, size_t i, const char *key)
{
	struct yaml *v = parent->v[i], *map, *name;

	if (v->type != YAML_SCALAR)
		return;
	map = new_node(rd, YAML_MAP, v);
	name = new_node(rd, YAML_SCALAR, v);
	name->s = str_of(key);
	tree_add(rd, map, name, v);
	parent->v[i] = map;
}

static void
normalise_kind(struct reading *rd, struct yaml *kind)
{
	struct yaml *fields = tree_get(kind, "fields");
	size_t i;

	if (fields == NULL || fields->type != YAML_MAP)
		return;
	for (i = 0; i < fields->n; i++) {
		scalar_to_map(rd, fields, i, "type");
		list_to_map(rd, fields->v[i], "values");
	}
}

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun" };

static int
day_of(struct str s)
{
	int i;

	for (i = 0; i < 7; i++)
		if (str_eqz(s, day_names[i]))
			return i;
	return -1;
}

/* `mon-fri` stands for five keys; what is no day stays and is refused when
 * the calendar is read. */
static void
normalise_hours(struct reading *rd, struct yaml *calendar)
{
	struct yaml *hours = tree_get(calendar, "hours"), *map, *name;
	struct str first, last;
	size_t i;
	int day, end;

	if (hours == NULL || hours->type != YAML_MAP)
		return;
	map = new_node(rd, YAML_MAP, hours);
	for (i = 0; i < hours->n; i++) {
		last = hours->key[i]->s;
		first = str_cut(&last, '-');
		day = day_of(first);
		end = last.p != NULL ? day_of(last) : day;
		if (day < 0 || end < 0) {
			tree_add(rd, map, hours->key[i], hours->v[i]);
			continue;
		}
		for (;; day = (day + 1) % 7) {
			name = new_node(rd, YAML_SCALAR, hours->key[i]);
			name->s = str_of(day_names[day]);
			if (tree_index(map, name->s) < map->n)
				fault(rd, hours->key[i],
				    "hours: %s has hours already",
				    day_names[day]);
			else
				tree_add(rd, map, name, hours->v[i]);
			if (day == end)
				break;
		}
	}
	calendar->v[tree_index(calendar, STR("hours"))] = map;
}

void
tree_normalise(struct reading *rd, struct yaml *root)
{
	struct yaml *part, *stages;
	size_t i, j;

	part = tree_get(root, "enums");
	for (i = 0; part != NULL && part->type == YAML_MAP && i < part->n; i++)
		list_to_map(rd, part->v[i], "values");
	part = tree_get(root, "kinds");
	for (i = 0; part != NULL && part->type == YAML_MAP && i < part->n; i++)
		normalise_kind(rd, part->v[i]);
	part = tree_get(root, "pipelines");
	for (i = 0; part != NULL && part->type == YAML_MAP && i < part->n;
	     i++) {
		stages = tree_get(part->v[i], "stages");
		if (stages == NULL || stages->type != YAML_MAP)
			continue;
		for (j = 0; j < stages->n; j++)
			scalar_to_map(rd, stages, j, "percent");
	}
	part = tree_get(root, "calendars");
	for (i = 0; part != NULL && part->type == YAML_MAP && i < part->n; i++)
		normalise_hours(rd, part->v[i]);
}

/* --- laying over --- */

/* What `was` of an entry names in base, or base->n. */
static size_t
old_index(const struct yaml *base, const struct yaml *entry)
{
	const struct yaml *was = yaml_get(entry, "was");

	if (was == NULL || was->type != YAML_SCALAR)
		return base->n;
	return tree_index(base, was->s);
}

static bool
holds_renames(struct str key)
{
	return str_eqz(key, "kinds") || str_eqz(key, "fields") ||
	       str_eqz(key, "values") || str_eqz(key, "stages");
}

/* over names all of base: its order counts. */
static void
reorder(struct yaml *base, const struct yaml *over)
{
	size_t i, j;
	struct yaml *swap;

	for (i = 0; i < over->n; i++) {
		j = tree_index(base, over->key[i]->s);
		swap = base->key[i];
		base->key[i] = base->key[j];
		base->key[j] = swap;
		swap = base->v[i];
		base->v[i] = base->v[j];
		base->v[j] = swap;
	}
}

static void
merge_map(
    struct reading *rd, struct yaml *base, struct yaml *over, struct str name)
{
	bool renames = holds_renames(name);
	struct yaml *v;
	size_t i, j;

	base->line = over->line;
	base->col = over->col;
	for (i = 0; i < over->n; i++) {
		v = over->v[i];
		j = tree_index(base, over->key[i]->s);
		if (j == base->n && renames)
			j = old_index(base, v);
		if (j == base->n) {
			tree_add(rd, base, over->key[i], v);
			continue;
		}
		base->key[j] = over->key[i];
		if (v->type == YAML_MAP && base->v[j]->type == YAML_MAP)
			merge_map(rd, base->v[j], v, over->key[i]->s);
		else
			base->v[j] = v;
	}
	if ((str_eqz(name, "values") || str_eqz(name, "stages")) &&
	    base->n == over->n)
		reorder(base, over);
}

/* --- remove --- */

/* Takes one entry out of a map of `what`s, unless it is built in. */
static void
take_out(struct reading *rd, const struct yaml *at, struct yaml *map,
    struct str name, const char *what, bool builtin)
{
	const char *near = NULL, **names;
	size_t i, n = map != NULL && map->type == YAML_MAP ? map->n : 0;

	i = n > 0 ? tree_index(map, name) : 0;
	if (i < n && !builtin) {
		tree_drop(map, i);
		return;
	}
	if (i < n) {
		fault(rd, at, "remove: %s '%.*s' is built in", what,
		    STR_ARG(name));
		return;
	}
	names = arena_array(rd->tmp, n + 1, sizeof(*names));
	for (i = 0; i < n; i++)
		names[i] = map->key[i]->s.p;
	near = str_suggest(name, names, n);
	/* What is gone already is no fault: a file may be applied twice. */
	if (near != NULL)
		fault(rd, at, "remove: no %s '%.*s'; did you mean '%s'?", what,
		    STR_ARG(name), near);
}

/* enums.E.VALUE; E of a field's own values has a dot: enums.KIND.FIELD.VALUE */
static void
remove_value(
    struct reading *rd, const struct yaml *at, struct yaml *root, struct str s)
{
	const struct enum_value *value = NULL;
	const struct enum_def *def = NULL;
	struct yaml *map;
	struct str e, kind;
	size_t dot = s.n;

	while (dot > 0 && s.p[dot - 1] != '.')
		dot--;
	if (dot == 0) {
		if (rd->base != NULL)
			def = schema_enum(rd->base, s);
		take_out(rd, at, tree_get(root, "enums"), s, "enum",
		    def != NULL && def->n > 0 && def->v[0].builtin);
		return;
	}
	e = arena_str(rd->tmp, str_n(s.p, dot - 1));
	s = str_n(s.p + dot, s.n - dot);
	map = tree_get(tree_get(root, "enums"), e.p);
	if (map == NULL) {
		kind = arena_str(rd->tmp, str_cut(&e, '.'));
		map = tree_get(tree_get(root, "kinds"), kind.p);
		map =
		    e.p != NULL ? tree_get(tree_get(map, "fields"), e.p) : NULL;
		e = kind;
	}
	if (rd->base != NULL)
		def = schema_enum(rd->base, e);
	if (def != NULL)
		value = enum_value(def, s);
	take_out(rd, at, tree_get(map, "values"), s, "value",
	    value != NULL && value->builtin);
}

static void
remove_stage(
    struct reading *rd, const struct yaml *at, struct yaml *root, struct str s)
{
	const struct enum_def *def = NULL;
	const struct enum_value *v = NULL;
	struct yaml *all = tree_get(root, "pipelines");
	struct str name = arena_str(rd->tmp, str_cut(&s, '.'));

	if (rd->base != NULL)
		def = schema_enum(rd->base,
		    s.p == NULL ? STR("pipeline") : STR("deal-stage"));
	if (def != NULL)
		v = enum_value(def, s.p == NULL ? name : s);
	if (s.p == NULL) {
		take_out(
		    rd, at, all, name, "pipeline", v != NULL && v->builtin);
		return;
	}
	take_out(rd, at, tree_get(tree_get(all, name.p), "stages"), s, "stage",
	    v != NULL && v->builtin && str_eqz(name, "sales"));
}

static void
remove_kind(
    struct reading *rd, const struct yaml *at, struct yaml *root, struct str s)
{
	const struct kind *k = NULL;
	const struct field *f = NULL;
	struct yaml *kinds = tree_get(root, "kinds");
	struct str name = arena_str(rd->tmp, str_cut(&s, '.'));

	if (rd->base != NULL)
		k = schema_kind(rd->base, name);
	if (s.p == NULL) {
		take_out(rd, at, kinds, name, "kind", k != NULL && k->builtin);
		return;
	}
	if (tree_get(kinds, name.p) == NULL) {
		take_out(rd, at, kinds, name, "kind", false);
		return;
	}
	if (k != NULL)
		f = kind_field(k, s);
	take_out(rd, at, tree_get(tree_get(kinds, name.p), "fields"), s,
	    "field", f != NULL && f->builtin && !f->family);
}

static void
remove_one(
    struct reading *rd, const struct yaml *at, struct yaml *root, struct str s)
{
	struct str rest = s, head = str_cut(&rest, '.');
	struct yaml *consent = tree_get(root, "consent");
	bool builtin = rd->base == NULL;
	size_t i;

	if (rest.p != NULL && str_eqz(head, "enums")) {
		remove_value(rd, at, root, rest);
	} else if (rest.p != NULL && str_eqz(head, "pipelines")) {
		remove_stage(rd, at, root, rest);
	} else if (rest.p != NULL && str_eqz(head, "calendars")) {
		take_out(rd, at, tree_get(root, "calendars"), rest, "calendar",
		    builtin);
	} else if (str_starts(s, STR("consent.purposes."))) {
		static const char *const kept[] = { "marketing", "service",
			"transactional", NULL };

		rest = str_n(s.p + 17, s.n - 17);
		for (i = 0; kept[i] != NULL; i++)
			builtin = builtin || str_eqz(rest, kept[i]);
		take_out(rd, at, tree_get(consent, "purposes"), rest, "purpose",
		    builtin);
	} else if (str_starts(s, STR("consent.channels."))) {
		rest = str_n(s.p + 17, s.n - 17);
		for (i = 0; rd->base != NULL && i < rd->base->nchannels; i++)
			if (str_eqz(rest, rd->base->channels[i].name))
				builtin = rd->base->channels[i].builtin;
		take_out(rd, at, tree_get(consent, "channels"), rest, "channel",
		    builtin);
	} else {
		remove_kind(rd, at, root, s);
	}
}

void
tree_merge(struct reading *rd, struct yaml *base, struct yaml *over)
{
	struct yaml *list = tree_get(over, "remove");
	size_t i;

	if (list != NULL)
		tree_drop(over, tree_index(over, STR("remove")));
	merge_map(rd, base, over, STR(""));
	if (list == NULL || yaml_is_unset(list) ||
	    !want_type(rd, list, YAML_LIST, "a list of names"))
		return;
	for (i = 0; i < list->n; i++)
		if (want_type(rd, list->v[i], YAML_SCALAR, "a name"))
			remove_one(rd, list->v[i], base, list->v[i]->s);
}
