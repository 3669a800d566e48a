/* SPDX-License-Identifier: MIT */
/* Enums from a tree, and those that follow from other parts (SCHEMA.md). */
#include <string.h>

#include "record/schema_int.h"

/* dir, person, channel of activity types; counts of order states. */
static void
read_marks(struct reading *rd, const struct enum_def *e, struct enum_value *v,
    const struct yaml *map)
{
	static const char *const plain[] = { "was", NULL };
	static const char *const activity[] = { "was", "dir", "person",
		"channel", NULL };
	static const char *const order[] = { "was", "counts", NULL };
	const struct yaml *dir = yaml_get(map, "dir");
	bool is_activity = strcmp(e->name, "activity-type") == 0;
	bool is_order = strcmp(e->name, "order-status") == 0;

	fault_unknown_keys(rd, map,
	    is_activity ? activity
	    : is_order  ? order
			: plain);
	v->was = read_text(rd, map, "was");
	if (is_order)
		v->counts = read_bool(rd, map, "counts", false);
	if (!is_activity)
		return;
	v->person = read_bool(rd, map, "person", false);
	v->channel = read_text(rd, map, "channel");
	if (yaml_is_unset(dir))
		return;
	if (dir->type == YAML_SCALAR && str_eqz(dir->s, "in"))
		v->dir = 1;
	else if (dir->type == YAML_SCALAR && str_eqz(dir->s, "out"))
		v->dir = 2;
	else
		fault(rd, dir, "dir: wanted in or out");
}

static const struct enum_value *
old_value(const struct enum_def *old, const struct enum_value *v)
{
	const struct enum_value *found = NULL;

	if (old == NULL)
		return NULL;
	found = enum_value(old, str_of(v->name));
	if (found == NULL && v->was != NULL)
		found = enum_value(old, str_of(v->was));
	return found;
}

/* Numbers and marks of what base has, or of the built-in file itself. */
static void
inherit_value(struct reading *rd, const struct enum_def *old,
    struct enum_value *v, size_t i)
{
	const struct enum_value *o = old_value(old, v);

	if (rd->base == NULL) {
		v->builtin = true;
		v->no = (uint16_t)(i + 1);
	} else if (o != NULL) {
		v->builtin = o->builtin && strcmp(o->name, v->name) == 0;
		v->no = o->no;
	}
}

static const struct enum_def *
base_enum(const struct reading *rd, const char *name)
{
	return rd->base != NULL ? schema_enum(rd->base, str_of(name)) : NULL;
}

static void
check_values(
    struct reading *rd, const struct enum_def *e, const struct yaml *map)
{
	const struct enum_def *old = base_enum(rd, e->name);
	const struct enum_value *v, *o;
	size_t i, j;

	for (i = 0; i < e->n; i++) {
		v = &e->v[i];
		for (j = 0; v->was != NULL && j < e->n; j++)
			if (j != i && strcmp(v->was, e->v[j].name) == 0)
				fault(rd, map->key[i],
				    "value '%s': was '%s', which is a value "
				    "still",
				    v->name, v->was);
	}
	for (i = 0; old != NULL && i < old->n; i++) {
		o = &old->v[i];
		v = o->builtin ? enum_value(e, str_of(o->name)) : NULL;
		if (!o->builtin)
			continue;
		if (v == NULL || strcmp(v->name, o->name) != 0)
			fault(rd, map,
			    "enum '%s': '%s' is built in and keeps its name",
			    e->name, o->name);
		else if (v->dir != o->dir || v->person != o->person ||
			 v->counts != o->counts ||
			 (v->channel == NULL) != (o->channel == NULL) ||
			 (v->channel != NULL &&
			     strcmp(v->channel, o->channel) != 0))
			fault(rd, map,
			    "enum '%s': '%s' is built in and keeps its marks",
			    e->name, o->name);
	}
}

struct enum_def *
add_enum(struct reading *rd, const char *name)
{
	struct schema *s = rd->s;
	struct enum_def *v;

	v = arena_zero(&s->arena, s->nenums + 1, sizeof(*v));
	if (s->nenums > 0)
		memcpy(v, s->enums, s->nenums * sizeof(*v));
	s->enums = v;
	v[s->nenums].name = name;
	return &v[s->nenums++];
}

void
read_values(struct reading *rd, struct enum_def *e, const struct yaml *map)
{
	const struct enum_def *old = base_enum(rd, e->name);
	size_t i;

	e->v = arena_zero(&rd->s->arena, map->n + 1, sizeof(*e->v));
	for (i = 0; i < map->n; i++) {
		e->v[i].name = schema_str(rd, map->key[i]->s);
		(void)read_name(rd, map->key[i], "value");
		if (want_type(rd, map->v[i], YAML_MAP, "the marks of a value"))
			read_marks(rd, e, &e->v[i], map->v[i]);
		inherit_value(rd, old, &e->v[i], i);
	}
	e->n = map->n;
	check_values(rd, e, map);
}

void
read_enums(struct reading *rd, const struct yaml *root)
{
	static const char *const keys[] = { "ordered", "values", NULL };
	static const char *const taken[] = { "iso3166", "iso4217", "kind",
		"pipeline", "deal-stage", "purpose", "consent-channel", NULL };
	const struct yaml *map = yaml_get(root, "enums"), *values;
	struct enum_def *e;
	size_t i, j;

	if (yaml_is_unset(map) || !want_type(rd, map, YAML_MAP, "a map"))
		return;
	for (i = 0; i < map->n; i++) {
		if (!read_name(rd, map->key[i], "enum"))
			continue;
		for (j = 0; taken[j] != NULL; j++)
			if (str_eqz(map->key[i]->s, taken[j]))
				fault(rd, map->key[i],
				    "enum '%s': this name is taken", taken[j]);
		if (!want_type(rd, map->v[i], YAML_MAP, "{values: [...]}"))
			continue;
		fault_unknown_keys(rd, map->v[i], keys);
		e = add_enum(rd, schema_str(rd, map->key[i]->s));
		e->ordered = read_bool(rd, map->v[i], "ordered", false);
		values = yaml_get(map->v[i], "values");
		if (yaml_is_unset(values) || values->type != YAML_MAP ||
		    values->n == 0)
			fault(rd, map->key[i], "enum '%s': it has no values",
			    e->name);
		else
			read_values(rd, e, values);
	}
}

/* --- enums that follow from other parts --- */

static void
add_value(
    struct reading *rd, struct enum_def *e, const char *name, const char *was)
{
	struct enum_value *v;

	if (enum_value(e, str_of(name)) != NULL)
		return;
	v = arena_zero(&rd->s->arena, e->n + 1, sizeof(*v));
	if (e->n > 0)
		memcpy(v, e->v, e->n * sizeof(*v));
	v[e->n].name = name;
	v[e->n].was = was;
	e->v = v;
	inherit_value(rd, base_enum(rd, e->name), &v[e->n], e->n);
	e->n++;
}

static struct enum_def *
find_enum(struct schema *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nenums; i++)
		if (strcmp(s->enums[i].name, name) == 0)
			return &s->enums[i];
	return NULL;
}

void
read_derived_enums(struct reading *rd)
{
	struct schema *s = rd->s;
	struct enum_def *e;
	size_t i, j;

	e = find_enum(s, "channel");
	for (i = 0; e != NULL && i < s->nchannels; i++)
		add_value(rd, e, s->channels[i].name, NULL);
	e = add_enum(rd, "kind");
	e->derived = true;
	for (i = 0; i < s->nkinds; i++)
		add_value(rd, e, s->kinds[i].name, s->kinds[i].was);
	e = add_enum(rd, "pipeline");
	e->derived = true;
	for (i = 0; i < s->npipelines; i++)
		add_value(rd, e, s->pipelines[i].name, NULL);
	e = add_enum(rd, "deal-stage");
	e->derived = true;
	for (i = 0; i < s->npipelines; i++)
		for (j = 0; j < s->pipelines[i].n; j++)
			add_value(rd, e, s->pipelines[i].v[j].name,
			    s->pipelines[i].v[j].was);
	e = add_enum(rd, "purpose");
	e->derived = true;
	for (i = 0; i < s->npurposes; i++)
		add_value(rd, e, s->purposes[i].name, NULL);
	e = add_enum(rd, "consent-channel");
	e->derived = true;
	for (i = 0; i < s->nchannels; i++)
		add_value(rd, e, s->channels[i].name, NULL);
	add_value(rd, e, "any", NULL);
}
